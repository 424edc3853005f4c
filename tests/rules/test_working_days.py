"""The days by which the law counts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sigap.complaints.calendar import Calendar

WIB = ZoneInfo("Asia/Jakarta")
PLAIN = Calendar(WIB)


def local(text: str) -> datetime:
    """A time of the city."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("filed", "days", "due"),
    [
        ("2026-11-26 09:00", 3, "2026-12-02 00:00"),  # Thursday: Friday, Monday, Tuesday
        ("2026-11-28 23:59", 1, "2026-12-01 00:00"),  # on a Saturday: Monday
        ("2026-03-17 10:00", 3, "2026-03-24 00:00"),  # the 19th, 21st and 22nd are holidays
        ("2026-12-31 12:00", 1, "2027-01-05 00:00"),  # into another year
    ],
)
def test_a_deadline_is_the_end_of_the_last_working_day(filed: str, days: int, due: str) -> None:
    assert PLAIN.due(local(filed), days) == local(due)


def test_a_day_is_the_citys_day_not_that_of_utc() -> None:
    late = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)  # Friday, half past midnight in Kediri
    assert PLAIN.due(late, 1) == local("2026-12-01 00:00")


def test_collective_leave_is_free_only_where_the_city_says_so() -> None:
    leave = date(2026, 3, 24)
    assert PLAIN.is_working(leave)
    assert not Calendar(WIB, leave_is_free=True).is_working(leave)


def test_the_citys_own_list_comes_first() -> None:
    own = {date(2026, 11, 27): False, date(2026, 11, 28): True}
    city = Calendar(WIB, own=own)
    assert city.due(local("2026-11-26 09:00"), 1) == local("2026-11-29 00:00")


@pytest.mark.parametrize(
    ("start", "end", "later"),
    [
        ("2026-11-30 08:00", "2026-11-30 17:00", "2026-12-05 00:00"),  # within a day: nothing lost
        ("2026-11-30 08:00", "2026-12-02 09:00", "2026-12-09 00:00"),  # Tuesday and Wednesday
        ("2026-11-27 08:00", "2026-11-29 20:00", "2026-12-05 00:00"),  # a weekend
    ],
)
def test_a_clock_that_stood_still_moves_the_deadline_by_the_working_days_lost(
    start: str, end: str, later: str
) -> None:
    due = local("2026-12-05 00:00")  # the end of Friday
    assert PLAIN.later(due, local(start), local(end)) == local(later)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-11-26T10:00", 3),
        ("2026-11-27T10:00", 2),
        ("2026-11-28T10:00", 2),  # Saturday
        ("2026-12-01T23:59", 0),
        ("2026-12-02T00:00", -1),
        ("2026-12-04T09:00", -3),
    ],
)
def test_the_working_days_left_are_counted_to_the_last_day_and_beyond_it(
    now: str, left: int
) -> None:
    due = PLAIN.due(datetime(2026, 11, 26, 9, tzinfo=WIB), 3)
    assert PLAIN.last_day(due) == date(2026, 12, 1)
    assert PLAIN.left(due, datetime.fromisoformat(now).replace(tzinfo=WIB)) == left


@pytest.mark.parametrize("leave_is_free", [False, True])
def test_days_that_are_reckoned_are_those_that_are_counted(leave_is_free: bool) -> None:
    """Also across the ends of the years whose holidays are known at once."""
    own = {date(2026, 11, 27): False, date(2026, 11, 28): True, date(2026, 12, 25): True}
    city = Calendar(WIB, leave_is_free=leave_is_free, own=own)
    for start in (date(2019, 12, 20), date(2026, 3, 1), date(2026, 11, 20), date(2040, 12, 20)):
        for first in range(9):
            for span in (0, 1, 6, 7, 8, 40, 500):
                begin = start + timedelta(days=first)
                days = [begin + timedelta(days=n + 1) for n in range(span)]
                counted = sum(city.is_working(day) for day in days)
                assert city.between(begin, begin + timedelta(days=span)) == counted
