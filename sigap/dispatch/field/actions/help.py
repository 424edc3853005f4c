"""A crew in need, and a crew that wants to speak with the caller: a person in the room answers."""

from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.field import HelpAsked, HelpOver
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction
from sigap.fleet.models import Unit
from sigap.fleet.queries import may_work_for

from ...models import Assignment
from ...queries import open_jobs


def call_for_help(unit: Unit, *, actor: Actor, occurred_at: datetime | None = None) -> bool:
    """The crew itself is in need (mayday): the most urgent alarm, in the timeline of its job too.
    Whether it is new: a second press adds nothing but its line."""
    with transaction():
        _own(unit, actor)
        jobs = open_jobs([unit.pk]).get(unit.pk, [])
        case = subject_of(jobs[0].incident) if jobs else ""
        body = HelpAsked(unit=unit.call_sign)
        about = subject_of(unit)
        record(
            "unit.mayday",
            subject=about,
            case=case,
            actor=actor,
            occurred_at=occurred_at,
            body=body,
        )
        alarm = raise_alarm(
            "mayday",
            unit,
            owner="dispatcher",
            urgency=1,
            case=case,
            actor=actor,
            unit=unit.call_sign,
            late_s=_late_s(occurred_at),
        )
        return alarm is not None


def call_off_help(
    unit: Unit, *, reason: str, actor: Actor, occurred_at: datetime | None = None
) -> None:
    """The crew is safe again, or pressed by accident: the alarm ends, with the reason."""
    with transaction():
        _own(unit, actor)
        check_reason("mayday_over", reason)
        if not finish_alarm("mayday", unit, actor=actor, reason=reason):
            raise Refused(_("Your call for help is over already."), code="over")
        jobs = open_jobs([unit.pk]).get(unit.pk, [])
        record(
            "unit.mayday_over",
            subject=subject_of(unit),
            case=subject_of(jobs[0].incident) if jobs else "",
            actor=actor,
            occurred_at=occurred_at,
            body=HelpOver(unit=unit.call_sign, reason=reason),
        )


def ask_for_caller(
    assignment: Assignment, *, actor: Actor, occurred_at: datetime | None = None
) -> bool:
    """The crew wants to speak with the caller: whoever sits at the telephones connects them, so
    that no number leaves the room. Whether it is new."""
    with transaction():
        unit, case = assignment.unit, subject_of(assignment.incident)
        _own(unit, actor)
        alarm = raise_alarm(
            "wants_caller",
            assignment,
            owner="call_taker",
            urgency=2,
            case=case,
            actor=actor,
            unit=unit.call_sign,
            late_s=_late_s(occurred_at),
        )
        if alarm is None:
            return False
        record(
            "unit.wants_caller",
            subject=subject_of(unit),
            case=case,
            actor=actor,
            occurred_at=occurred_at,
            body=HelpAsked(unit=unit.call_sign),
        )
        return True


def _own(unit: Unit, actor: Actor) -> None:
    if not may_work_for(unit, actor):
        raise Forbidden(_("This unit is not yours."))


def _late_s(occurred_at: datetime | None) -> int:
    return round((clock.now() - occurred_at).total_seconds()) if occurred_at else 0
