"""Deadlines follow the city's working days: a decree that gives or takes a day moves them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import DeadlinesMoved
from sigap.core.remembered import reconfigures
from sigap.core.rows import insert, write
from sigap.core.transaction import transaction

from ..calendar import Calendar
from ..machine import GONE, OPEN
from ..models import Complaint, DaysInForce, Referral
from ..queries import calendar, decided_calendar

_OF_COMPLAINT = ("forward_due_at", "solve_due_at", "reply_due_at", "due_at")
_OF_REFERRAL = ("plan_due_at", "due_at")
_ANEW = ("reminded_at", "escalated_at", "seen_at")
BATCH = 500


def follow_calendar(*, actor: Actor) -> int:
    """Move every deadline that is still to come by the days that became free or working since it
    was reckoned: as many working days are left as before. Returns how many complaints and
    agencies' parts of them were moved; what is past stays past."""
    days, old = decided_calendar(), calendar()
    known = DaysInForce.objects.exists()
    if known and days == old:
        return 0
    with transaction():
        reconfigures()
        days, old = decided_calendar(), calendar()
        own = {str(day): works for day, works in days.own.items()}
        if not known:
            insert(DaysInForce(leave_is_free=days.leave_is_free, own=own))
            return 0
        kept = DaysInForce.objects.get()
        kept.leave_is_free, kept.own = days.leave_is_free, own
        write(kept, "leave_is_free", "own")
        move = _mover(old, days)
        open_ones = Complaint.objects.filter(state__in=(*OPEN, "done"))
        parts = Referral.objects.filter(complaint__in=open_ones).exclude(state__in=GONE)
        moved = _moved(open_ones, _OF_COMPLAINT, move)
        moved += _moved(parts, _OF_REFERRAL, move, anew=_ANEW)
        body = DeadlinesMoved(count=moved)
        record("deadlines.moved", subject=subject_of(kept), actor=actor, body=body)
        return moved


def _mover(old: Calendar, new: Calendar) -> Callable[[datetime | None], datetime | None]:
    now = clock.now()
    today = now.astimezone(new.zone).date()

    def move(due: datetime | None) -> datetime | None:
        if due is None or due <= now:
            return due
        left = old.left(due, now)
        if left == 0:  # it was to be done today
            return due if new.is_working(today) else new.due(now, 1)
        return new.due(now, left)

    return move


def _moved(
    rows: Any,
    fields: tuple[str, ...],
    move: Callable[[datetime | None], datetime | None],
    anew: tuple[str, ...] = (),
) -> int:
    changed = []
    for row in rows.only(*fields, *anew):
        fresh = {name: move(getattr(row, name)) for name in fields}
        if all(getattr(row, name) == due for name, due in fresh.items()):
            continue
        for name, due in (fresh | dict.fromkeys(anew)).items():
            setattr(row, name, due)
        changed.append(row)
    if changed:
        rows.model.objects.bulk_update(changed, [*fields, *anew], batch_size=BATCH)
    return len(changed)
