"""The journal's days: closed after midnight, published, and what shows that rows belong to them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.db import transaction as django

from sigap.core import check_case, clock
from sigap.core.actions.days import close_days
from sigap.core.actors import system
from sigap.core.days import fill, root, verify_days
from sigap.core.journal import record
from sigap.core.kinds import CallFact
from sigap.core.models import Journal, JournalDay
from sigap.core.transaction import transaction

TESTER = system("test")


def write(subject: str = "call:1", case: str = "") -> int:
    with transaction():
        return record(
            "call.fact", subject=subject, case=case, actor=TESTER, body=CallFact(source="test")
        )


def to_midnight(time: clock.Frozen, seconds: float = 0) -> None:
    """To the end of the city's day (WIB is seven hours ahead), and so many seconds on."""
    local = time.at + timedelta(hours=7)
    end = datetime(local.year, local.month, local.day, tzinfo=UTC) + timedelta(days=1)
    time.at = end - timedelta(hours=7) + timedelta(seconds=seconds)


def test_a_day_is_closed_once_it_is_over_in_the_city(time: clock.Frozen) -> None:
    last = write()
    to_midnight(time, -1)
    assert close_days(actor=TESTER) == 0
    to_midnight(time)
    assert close_days(actor=TESTER) == 1
    assert close_days(actor=TESTER) == 0
    (day,) = JournalDay.objects.all()
    assert (day.day, day.first_seq, day.last_seq) == (date(2026, 11, 2), 1, last)
    assert day.head == Journal.objects.get(pk=last).hash
    closed = Journal.objects.latest("seq")
    assert (closed.kind, closed.subject) == ("journal.closed", "journalday:2026-11-02")
    assert closed.body["root"] == day.root


def test_days_follow_without_a_gap_over_empty_days_and_the_turn_of_the_year(
    time: clock.Frozen,
) -> None:
    time.at = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)  # a second to midnight
    old = write()
    time.forward(1)
    new = write()
    time.forward(3 * 86_400)
    assert close_days(actor=TESTER) == 3  # of the set-up, too
    days = [
        (d.day.isoformat(), d.first_seq, d.last_seq) for d in JournalDay.objects.order_by("day")
    ]
    assert days[1:] == [("2026-12-31", days[0][2] + 1, old), ("2027-01-01", new, new)]
    assert verify_days().rows == 3


def test_a_row_that_comes_by_a_clock_set_back_over_midnight_counts_to_the_next_day(
    time: clock.Frozen,
) -> None:
    write()
    to_midnight(time)
    with clock.frozen(time.at):
        assert close_days(actor=TESTER) == 1
    time.forward(-30)
    late = write()
    to_midnight(time)
    time.forward(86_400)
    assert close_days(actor=TESTER) == 1
    assert JournalDay.objects.latest("day").last_seq == late
    assert verify_days().broken_seq is None


FORBIDDEN = [
    "UPDATE core_journalday SET root = head",
    "DELETE FROM core_journalday",
    *(
        ["REPLACE INTO core_journalday SELECT * FROM core_journalday"]
        if connection.vendor == "sqlite"
        else ["TRUNCATE core_journalday"]
    ),
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses_to_change_a_published_day(time: clock.Frozen, statement: str) -> None:
    to_midnight(time)
    close_days(actor=TESTER)
    with pytest.raises(DatabaseError), django.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def unguarded() -> Iterator[Callable[..., None]]:
    """Raw SQL on what is append-only, with the triggers gone until the test's rollback."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in ("journal_no_update", "day_no_update", "day_no_delete"):
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP TRIGGER journal_no_change ON core_journal")
            cursor.execute("DROP TRIGGER day_no_change ON core_journalday")
        yield cursor.execute


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE core_journalday SET root = head",
        "UPDATE core_journalday SET cases_root = head",
        "UPDATE core_journalday SET last_seq = last_seq - 1",
        "UPDATE core_journal SET subject = 'call:2' WHERE subject = 'call:1'",
    ],
)
def test_the_verification_names_a_day_that_is_not_as_it_was_published(
    time: clock.Frozen, unguarded: Callable[..., None], change: str
) -> None:
    write()
    to_midnight(time)
    close_days(actor=TESTER)
    assert verify_days().broken_seq is None
    unguarded(change)
    found = verify_days()
    assert found.broken_seq == 1
    assert "2026-11-02 is not as it was published" in found.why


def test_the_verification_names_a_day_that_is_missing(
    time: clock.Frozen, unguarded: Callable[..., None]
) -> None:
    write()
    to_midnight(time)
    close_days(actor=TESTER)
    to_midnight(time)
    close_days(actor=TESTER)
    unguarded("DELETE FROM core_journalday WHERE first_seq = 1")
    assert "the day before 2026-11-03 is missing" in verify_days().why


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 13])
def test_any_leaves_of_a_tree_are_shown_by_the_hashes_of_the_rest(size: int) -> None:
    leaves = [check_case.leaf(bytes([n])) for n in range(size)]
    for shown in range(1, 2**size):
        known = {n: leaves[n] for n in range(size) if shown >> n & 1}
        given = fill(leaves, known)
        assert check_case.rebuild(known, given, size) == root(leaves)
