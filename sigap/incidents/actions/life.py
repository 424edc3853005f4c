"""The life of an incident, to its end and back."""

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.journal import subject_of
from sigap.core.kinds import (
    Outcome,
)
from sigap.core.machine import expect, move
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction

from ..machine import ACTIVE
from ..models import Incident
from ..queries import get
from .checks import (
    dispatch_due,
    disposition_of,
)


def start_incident(incident: Incident, *, actor: Actor) -> None:
    """Note that the first unit was notified: part of sending units, inside its transaction."""
    if incident.MACHINE.allows(incident.state, "start"):
        move(
            incident,
            "start",
            actor=actor,
            case=subject_of(incident),
            dispatch_due_at=None,
            parked_at=None,
            parked_until=None,
        )
        finish_alarm("parked", incident, actor=actor)
        finish_alarm("undispatched", incident, actor=actor)


def wait_incident(incident: Incident, *, actor: Actor) -> None:
    """Note that its units are gone before their work was done: part of what made them go,
    inside its transaction."""
    if incident.MACHINE.allows(incident.state, "wait"):
        due = dispatch_due(incident.priority, afterwards=incident.afterwards)
        move(incident, "wait", actor=actor, case=subject_of(incident), dispatch_due_at=due)


def resolve_incident(
    incident_id: int, *, actor: Actor, disposition: str = "", version: int | None = None
) -> Incident:
    """Say that nothing more is expected of the field. How it ended may follow at the close."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        outcome = disposition_of(disposition) if disposition else None
        move(
            incident,
            "resolve",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(disposition=disposition),
            disposition=outcome,
            resolved_at=clock.now(),
            dispatch_due_at=None,
        )
        finish_alarm("undispatched", incident, actor=actor)
        return incident


def close_incident(
    incident_id: int, *, disposition: str, actor: Actor, version: int | None = None
) -> Incident:
    """Close the file with how it ended. An active incident is resolved on the way."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        outcome = disposition_of(disposition)
        if incident.state in ACTIVE:
            incident = resolve_incident(incident_id, actor=actor)
        move(
            incident,
            "close",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(disposition=disposition),
            disposition=outcome,
            closed_at=clock.now(),
        )
        return incident


def cancel_incident(
    incident_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> Incident:
    """End an incident that needs nobody, with the reason."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        check_reason("cancel", reason)
        text = keep(subject_of(incident), "note", note, actor=actor)
        move(
            incident,
            "cancel",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(reason=reason, text_id=text.pk if text else None),
            closed_at=clock.now(),
            dispatch_due_at=None,
        )
        finish_alarm("undispatched", incident, actor=actor)
        return incident


def reopen_incident(
    incident_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> Incident:
    """Take up a resolved, closed or cancelled incident again, with the reason."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        check_reason("reopen", reason)
        text = keep(subject_of(incident), "note", note, actor=actor)
        move(
            incident,
            "reopen",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(reason=reason, text_id=text.pk if text else None),
            resolved_at=None,
            closed_at=None,
            disposition=None,
            afterwards=False,  # it is what units are being sent to now
            dispatch_due_at=dispatch_due(incident.priority),
        )
        return incident


def alarm_undispatched(*, actor: Actor) -> int:
    """Raise an alarm for each incident that should have had a unit by now."""
    now = clock.now()
    with transaction():
        due = list(Incident.objects.filter(dispatch_due_at__lte=now))
        for incident in due:
            late = round((now - (incident.dispatch_due_at or now)).total_seconds())
            Incident.objects.filter(pk=incident.pk).update(dispatch_due_at=None)
            raise_alarm(
                "undispatched",
                incident,
                owner="dispatcher",
                urgency=incident.priority,
                case=subject_of(incident),
                actor=actor,
                late_s=late,
            )
        return len(due)
