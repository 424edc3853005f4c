"""Units that do not come."""

from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actors import Actor
from sigap.core.journal import subject_of
from sigap.core.transaction import transaction
from sigap.incidents.queries import carrier

from ..models import Assignment
from ..queries import get
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


def wait_longer(assignment_id: int, seconds: int, *, actor: Actor) -> None:
    """Its crew is being asked in another way: wait for their answer before another unit is
    proposed. Part of an action, which records why."""
    with transaction():
        waiting = Assignment.objects.filter(
            pk=assignment_id, state="notified", acknowledge_due_at__isnull=False
        )
        waiting.update(acknowledge_due_at=clock.now() + timedelta(seconds=seconds))


def alarm_unreached(assignment_id: int, *, actor: Actor) -> None:
    """Nobody of a unit can be reached: alarm the dispatcher now and propose the next one."""
    with transaction():
        assignment = get(assignment_id)
        if assignment.state != "notified":
            return
        Assignment.objects.filter(pk=assignment.pk).update(acknowledge_due_at=None)
        ask_for_another("unreached", assignment, actor=actor)


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
