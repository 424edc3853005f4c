"""A low mark is looked into by somebody, who says what came of it."""

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.complaints import Rated
from sigap.core.machine import expect, move
from sigap.core.parameters import value
from sigap.core.queries import check_reason, fetch
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction

from ..models import FollowUp

ALARM = "low_mark"


def follow_low_mark(subject: str, score: int | None, *, actor: Actor) -> FollowUp | None:
    """Part of what notes a mark: a low one asks the supervisor to look into it, where nobody is
    doing so already."""
    if score is None or score > value("survey.low_score"):
        return None
    with transaction():
        if row(FollowUp, subject=subject, state="open"):
            return None
        task = FollowUp(subject=subject, score=score, opened_at=clock.now())
        insert(task)
        record(
            "follow_up.open",
            subject=subject_of(task),
            case=subject,
            actor=actor,
            after=task.state,
            body=Rated(score=score),
        )
        raise_alarm(ALARM, task, owner="supervisor", urgency=3, case=subject, actor=actor)
        return task


def close_follow_up(
    follow_up_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> FollowUp:
    """Say what came of it, by one of the city's reasons."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        task = fetch(FollowUp, pk=follow_up_id)
        expect(task, version)
        check_reason("follow_up", reason)
        text = keep(task.subject, "follow_up", note, actor=actor)
        move(
            task,
            "close",
            actor=actor,
            case=task.subject,
            body=Reason(reason=reason, text_id=text.pk if text else None),
            reason=reason,
            note=text,
            closed_at=clock.now(),
            closed_by_id=actor.user_id,
        )
        finish_alarm(ALARM, task, actor=actor, reason=reason)
        return task
