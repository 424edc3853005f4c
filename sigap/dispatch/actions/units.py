"""A unit is not taken out of use or off duty while an incident counts on it."""

from typing import Any

from django.utils.translation import gettext as _

from sigap.core.actions.configuration import define
from sigap.core.actors import Actor
from sigap.core.errors import Invalid, Refused
from sigap.core.transaction import transaction
from sigap.fleet import actions as fleet
from sigap.fleet.models import Unit

from ..queries import open_jobs


def set_availability(call_sign: str, command: str, *, actor: Actor, **more: Any) -> Unit:
    """Reserve, release, withdraw (with a reason code) or return a unit. One that has a job
    is not withdrawn before it is called back or done."""
    with transaction():
        unit = fleet.set_availability(call_sign, command, actor=actor, **more)
        if command == "withdraw" and (jobs := _jobs_of(unit)):
            raise Refused(jobs, code="working")
        return unit


def set_duty(call_sign: str, *, actor: Actor, on_duty: bool | None = None, **more: Any) -> Unit:
    """Set duty and readiness, as the fleet's `set_duty` does. One that has a job does not go
    off duty before it is called back or done."""
    with transaction():
        unit = fleet.set_duty(call_sign, actor=actor, on_duty=on_duty, **more)
        if on_duty is False and (jobs := _jobs_of(unit)):
            raise Refused(jobs, code="working")
        return unit


def define_unit(model: type[Unit], *, key: dict[str, Any], actor: Actor, **fields: Any) -> Unit:
    """Make a unit or change it, as `define` does, with what such units carry; one that has a job
    stays in use."""
    with transaction():
        unit = define(model, key=key, actor=actor, **fields)
        fleet.equip(actor=actor, only=unit)
        if not unit.active and (jobs := _jobs_of(unit)):
            raise Invalid(jobs, code="fields", fields={"active": [jobs]})
        return unit


def _jobs_of(unit: Unit) -> str:
    """What the unit is still working on, in words; "" when it has no job."""
    incidents = [f"#{job.incident_id}" for job in open_jobs([unit.pk]).get(unit.pk, ())]
    if not incidents:
        return ""
    text = _("%(unit)s is at work on %(incidents)s. Call it back, or end its job first.")
    return text % {"unit": unit.call_sign, "incidents": ", ".join(incidents)}
