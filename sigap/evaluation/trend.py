"""A period in stretches: by week, by month or by year, whichever gives a picture."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils.formats import date_format

from .period import Period

MOST_WEEKS, MOST_MONTHS = 9, 36


def stretches(period: Period) -> list[tuple[str, Period]]:
    """The stretches of a period with their names, the first and the last as far as it goes."""
    if period.days <= MOST_WEEKS * 7:
        return [(_week(one), one) for one in _cut(period, _next_week)]
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month
    if months < MOST_MONTHS:
        return [(date_format(one.first, "M Y"), one) for one in _cut(period, _next_month)]
    return [(str(one.first.year), one) for one in _cut(period, _next_year)]


def _cut(period: Period, following: Callable[[date], date]) -> list[Period]:
    found, first = [], period.first
    while first <= period.last:
        begins = following(first)
        last = min(begins - timedelta(days=1), period.last)
        found.append(Period(first, last, period.zone))
        first = begins
    return found


def _week(one: Period) -> str:
    return f"{date_format(one.first, 'j M')} – {date_format(one.last, 'j M')}"


def _next_week(day: date) -> date:
    return day + timedelta(days=8 - day.isoweekday())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _next_year(day: date) -> date:
    return date(day.year + 1, 1, 1)
