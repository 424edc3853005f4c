"""Figures of today and of months that are not public yet: rounded, and counted once in a while.

However many people look, the database is asked no more than every few minutes, by one of them;
the others read what there is. The page says as at when.
"""

import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sigap.complaints.models import Complaint
from sigap.core import clock
from sigap.core.parameters import value
from sigap.evaluation.calls import call_table
from sigap.evaluation.complaints import APART, IMPORT
from sigap.evaluation.disclosure import rounded
from sigap.evaluation.open_month import call_lines, first_month, month_of
from sigap.evaluation.period import Period, period_of

from .editions import months, today

MOST_OPEN = 2  # months that are shown before they are public: this one, and the one before


@dataclass(frozen=True)
class Counts:
    """Calls by line, and complaints, of some days; None is fewer than are told."""

    first: date
    last: date
    total: int | None
    lines: dict[str, int | None]
    complaints: int | None


@dataclass(frozen=True)
class SoFar:
    """What is told of the time that no edition is about."""

    as_at: datetime
    day: date
    least: int
    today: Counts
    months: list[Counts]  # each until its end, or until yesterday; the newest first
    begun: bool  # anything at all is recorded


_lock = threading.Lock()
_held: SoFar | None = None


def so_far() -> SoFar:
    """The figures, no older than the city wants them. Of yesterday's day they are never."""
    held = _held
    if held and _is_fresh(held):
        return held
    of_today = held if held and held.day == today() else None
    if not _lock.acquire(blocking=of_today is None):
        assert of_today is not None
        return of_today  # somebody counts already
    try:
        return _held if _held and _is_fresh(_held) else _count()
    finally:
        _lock.release()


def forget() -> None:
    """Count anew at the next question."""
    global _held  # noqa: PLW0603 - one memory in one process
    _held = None


def _is_fresh(held: SoFar) -> bool:
    age = clock.now() - held.as_at
    return timedelta(0) <= age < timedelta(minutes=value("transparency.fresh_min")) and (
        held.day == today()
    )


def _count() -> SoFar:
    global _held  # noqa: PLW0603 - one memory in one process
    now, day, least = clock.now(), today(), round(value("transparency.least"))
    _held = SoFar(
        as_at=now,
        day=day,
        least=least,
        today=_counts(period_of(day, day), least),
        months=[_counts(period, least) for period in _open_months(day)],
        begun=first_month() is not None,
    )
    return _held


def _open_months(day: date) -> list[Period]:
    """Without today: whoever reads again learns nothing new of a month until midnight."""
    found, first = [], day.replace(day=1)
    newest = next(iter(months()), None)
    for _ in range(MOST_OPEN):
        if newest is not None and first <= newest:
            break
        last = min(month_of(first).last, day - timedelta(days=1))
        if last >= first:
            found.append(period_of(first, last))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _counts(period: Period, least: int) -> Counts:
    table = call_table(period)
    filed = Complaint.objects.filter(filed_at__gte=period.start, filed_at__lt=period.end)
    counted = filed.exclude(channel=IMPORT).exclude(state__in=APART)
    return Counts(
        first=period.first,
        last=period.last,
        total=rounded(table.all, least),
        lines={line: rounded(n, least) for line, n in call_lines(table).items()},
        complaints=rounded(counted.count(), least),
    )
