"""Units that do not come."""

from typing import Any

from sigap.core import clock
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actors import Actor
from sigap.core.journal import subject_of
from sigap.core.transaction import transaction
from sigap.incidents.queries import carrier

from ..models import Assignment
from .parts import propose_next


def alarm_unacknowledged(*, actor: Actor) -> int:
    """Raise an alarm for each unit that did not acknowledge in time, and propose the next
    one for a person to send. Returns how many."""
    now = clock.now()
    with transaction():
        due = list(
            Assignment.objects.select_related(
                "incident", "incident__type", "unit", "unit__agency"
            ).filter(acknowledge_due_at__lte=now)
        )
        for assignment in due:
            late = round((now - (assignment.acknowledge_due_at or now)).total_seconds())
            Assignment.objects.filter(pk=assignment.pk).update(acknowledge_due_at=None)
            ask_for_another("unacknowledged", assignment, actor=actor, late_s=late)
        return len(due)


def ask_for_another(code: str, assignment: Assignment, *, actor: Actor, **details: Any) -> None:
    """Alarm the dispatcher about a unit that does not come, and propose the next one. Part
    of an action, inside its transaction."""
    proposal = propose_next(assignment, actor)
    raise_alarm(
        code,
        assignment,
        owner="dispatcher",
        urgency=min(carrier(assignment.incident).priority, 3),
        case=subject_of(assignment.incident),
        actor=actor,
        unit=assignment.unit.call_sign,
        next=proposal.unit.call_sign if proposal else "",
        **details,
    )
