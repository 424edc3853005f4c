"""Whether a unit may be sent, whether it is ready, and where it is."""

from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import UnitChanged
from sigap.core.machine import change, expect, move
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction

from ..models import Unit
from .parts import allowed


def set_availability(
    call_sign: str,
    command: str,
    *,
    actor: Actor,
    reason: str = "",
    version: int | None = None,
    occurred_at: datetime | None = None,
) -> Unit:
    """Reserve, release, withdraw (with a reason code) or return a unit."""
    with transaction():
        unit = allowed(call_sign, actor)
        expect(unit, version)
        if command == "withdraw":
            check_reason("unavailable", reason)
        else:
            reason = ""
        move(
            unit,
            command,
            actor=actor,
            body=UnitChanged(unit=unit.call_sign, reason=reason),
            occurred_at=occurred_at,
            reason=reason,
            state_since=occurred_at or clock.now(),
        )
        return unit


def set_duty(
    call_sign: str,
    *,
    actor: Actor,
    on_duty: bool | None = None,
    readiness: str | None = None,
    reason: str = "",
    version: int | None = None,
    occurred_at: datetime | None = None,
) -> Unit:
    """Say whether the unit is on duty, and whether vehicle and crew are ready for work."""
    with transaction():
        unit = allowed(call_sign, actor)
        expect(unit, version)
        if readiness is not None and readiness not in dict(Unit.READINESS):
            raise Invalid(_("Unknown readiness."), code="readiness")
        if reason or readiness not in (None, "ready"):
            check_reason("unavailable", reason)
        wanted: dict[str, bool | str | None] = {"on_duty": on_duty}
        if readiness is not None:
            why = "" if readiness == "ready" else reason
            wanted |= {"readiness": readiness, "readiness_reason": why}
        fields = {n: v for n, v in wanted.items() if v is not None and getattr(unit, n) != v}
        if not fields:
            return unit
        change(unit, **fields)
        record(
            "unit.changed",
            subject=subject_of(unit),
            actor=actor,
            occurred_at=occurred_at,
            body=UnitChanged(
                unit=unit.call_sign, reason=reason, on_duty=on_duty, readiness=readiness
            ),
        )
        return unit
