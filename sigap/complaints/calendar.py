"""Working days, by which the legal deadlines of complaints are counted (SP4N-LAPOR!). No database.

A working day is Monday to Friday, but no national holiday. Collective leave (cuti bersama) counts
as the city wants. Decrees add days and take them away: those are the city's own list.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

import holidays

SATURDAY = 5
YEARS = range(2020, 2041)


@dataclass(frozen=True)
class Calendar:
    """The working days of a city. `own` says of single days whether they are one."""

    zone: ZoneInfo
    leave_is_free: bool = False
    own: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether people work on this day."""
        known = self.own.get(day)
        if known is not None:
            return known
        return day.weekday() < SATURDAY and day not in _holidays(self.leave_is_free)

    def due(self, start: datetime, days: int) -> datetime:
        """The end of the last of so many working days after the day of `start`."""
        day = start.astimezone(self.zone).date()
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return self._midnight(day + timedelta(days=1))

    def last_day(self, due: datetime) -> date:
        """The day at whose end a deadline passes: the last on which the work may be done."""
        return (due - timedelta(seconds=1)).astimezone(self.zone).date()

    def left(self, due: datetime, now: datetime) -> int:
        """How many working days there are after today, up to the last; 0 on the last day itself,
        below 0 after it: so many have gone by since."""
        today, last = now.astimezone(self.zone).date(), self.last_day(due)
        first, end, sign = (today, last, 1) if last >= today else (last, today, -1)
        return sign * self.between(first, end)

    def between(self, first: date, end: date) -> int:
        """How many working days there are after `first`, up to `end`: reckoned and not counted
        through, since a list asks of each of its rows."""
        if first.year < YEARS.start or end.year >= YEARS.stop:
            days = (first + timedelta(days=n + 1) for n in range((end - first).days))
            return sum(map(self.is_working, days))
        weeks, more = divmod((end - first).days, 7)
        found = weeks * SATURDAY
        found += sum((first.weekday() + n + 1) % 7 < SATURDAY for n in range(more))
        free, worked = self._unusual
        found -= bisect_right(free, end) - bisect_right(free, first)
        return found + bisect_right(worked, end) - bisect_right(worked, first)

    @cached_property
    def _unusual(self) -> tuple[list[date], list[date]]:
        """Weekdays on which nobody works, and weekends' days on which people do."""
        named = sorted({*_holidays(self.leave_is_free), *self.own})
        free = [day for day in named if day.weekday() < SATURDAY and not self.is_working(day)]
        worked = [day for day in named if day.weekday() >= SATURDAY and self.is_working(day)]
        return free, worked

    def later(self, due: datetime, start: datetime, end: datetime) -> datetime:
        """A deadline after a clock that stood still from `start` to `end`: by as many working
        days later as began in that time."""
        first, last = (at.astimezone(self.zone).date() for at in (start, end))
        lost = self.between(first, last) if last > first else 0
        last_day = due - timedelta(seconds=1)
        return self.due(last_day, lost) if lost else due

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


@cache
def _holidays(leave_is_free: bool) -> holidays.HolidayBase:
    """The nation's free days. These years are worked out now: a year that is asked for later is
    for a moment there without its days, for whoever asks beside."""
    kinds = ("public", "government") if leave_is_free else ("public",)
    return holidays.country_holidays("ID", categories=kinds, years=YEARS)
