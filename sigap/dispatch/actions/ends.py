"""An incident ends, is taken up again, or leaves a merge: what becomes of its units."""

from typing import Literal

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor, Permission
from sigap.core.errors import NeedsConfirmation, Refused
from sigap.core.transaction import transaction
from sigap.incidents import actions as incidents
from sigap.incidents.models import Incident
from sigap.incidents.queries import family_ids
from sigap.incidents.queries import get as get_incident

from ..machine import OPEN
from ..models import Assignment
from .parts import advance, settle

End = Literal["resolve", "close", "cancel"]
# Why a unit is called back where nobody gave a reason of the city's list.
OVER = "incident_over"


def end_incident(
    incident_id: int,
    how: End,
    *,
    actor: Actor,
    confirmed: bool = False,
    disposition: str = "",
    reason: str = "",
    note: str = "",
    version: int | None = None,
) -> Incident:
    """Resolve, close or cancel an incident, and with it the work of its units.

    While units are at work there `confirmed=True`, a second key press, is needed: else
    NeedsConfirmation names them. Units on their way are called back. Those that are there
    already are done with it too, except at a resolve, which leaves them to finish.
    Proposals are dropped.
    """
    with transaction():
        jobs = list(
            Assignment.objects.select_related("incident", "unit").filter(
                incident_id__in=family_ids(get_incident(incident_id)),
                state__in=("proposed", "declined", *OPEN),
            )
        )
        if not confirmed:
            _ask_about([job.unit.call_sign for job in jobs if job.state in OPEN])
        if how == "cancel":
            incident = incidents.cancel_incident(
                incident_id, reason=reason, note=note, actor=actor, version=version
            )
        elif how == "close":
            incident = incidents.close_incident(
                incident_id, disposition=disposition, actor=actor, version=version
            )
        else:
            incident = incidents.resolve_incident(
                incident_id, disposition=disposition, actor=actor, version=version
            )
        for job in jobs:
            if job.state == "declined":
                finish_alarm("declined", job, actor=actor)
            elif job.MACHINE.allows(job.state, "cancel"):
                _stop(job, "cancel", actor, source="dispatcher", reason=reason or OVER)
            elif how != "resolve":
                # Nobody said when it was done.
                _stop(job, "complete", actor, source="derived")
        return incident


def reopen_incident(
    incident_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> Incident:
    """Take up a finished incident again; units that are still there are at work for it."""
    with transaction():
        incident = incidents.reopen_incident(
            incident_id, reason=reason, actor=actor, note=note, version=version
        )
        settle(incident, actor)
        return get_incident(incident_id)


def unmerge_incident(incident_id: int, *, actor: Actor, version: int | None = None) -> Incident:
    """Take a merge back. Each of the two has its own units again, or waits for one."""
    with transaction():
        into = get_incident(incident_id).merged_into
        incident = incidents.unmerge_incident(incident_id, actor=actor, version=version)
        settle(incident, actor)
        if into:
            settle(get_incident(into.pk), actor)
        return incident


def _ask_about(units: list[str]) -> None:
    if units:
        raise NeedsConfirmation(
            _("%(units)s is still at work there. Go on all the same?")
            % {"units": ", ".join(units)},
            units=units,
        )


def _stop(job: Assignment, command: str, actor: Actor, *, source: str, reason: str = "") -> None:
    if job.state in OPEN and not actor.may(Permission.DISPATCH):
        raise Refused(
            _("%(unit)s is at work there. Ask the dispatcher to end it.")
            % {"unit": job.unit.call_sign},
            code="units",
        )
    advance(job, command, actor=actor, at=clock.now(), source=source, reason=reason)
