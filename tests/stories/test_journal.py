"""The record: append-only, chained, in the transaction of the change."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, connection
from django.db import transaction as django

from sigap.calls.actions import close_call, take_call
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Refused
from sigap.core.journal import is_unguarded, record, tip_seq, verify
from sigap.core.kinds import CallFact, CallLinked, Reason
from sigap.core.models import Journal, Text
from sigap.core.transaction import on_journal, savepoint, transaction

TESTER = system("test")


def write(subject: str = "call:1") -> int:
    return record("call.fact", subject=subject, actor=TESTER, body=CallFact(source="test"))


@pytest.fixture
def unguarded() -> Iterator[Callable[..., None]]:
    """Raw SQL on the journal with its triggers gone, until the test's rollback."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER journal_no_update")
            cursor.execute("DROP TRIGGER journal_no_delete")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP TRIGGER journal_no_change ON core_journal")
        yield cursor.execute


FORBIDDEN = [
    "UPDATE core_journal SET actor = 'nobody' WHERE seq = 1",
    "UPDATE core_journal SET body = body",
    "DELETE FROM core_journal WHERE seq = 1",
    "DELETE FROM core_journal",
    # SQLite knows no TRUNCATE, PostgreSQL no REPLACE.
    *(["REPLACE INTO core_journal SELECT * FROM core_journal"] * (connection.vendor == "sqlite")),
    *(
        [
            "INSERT OR REPLACE INTO core_journal (rowid, seq, at, actor, kind, subject, hash, "
            '"case", "before", "after", body) SELECT rowid, 999999, at, actor, kind, subject, '
            'hash, "case", "before", "after", body FROM core_journal WHERE seq = 2'
        ]
        * (connection.vendor == "sqlite")
    ),
    *(["TRUNCATE core_journal"] if connection.vendor == "postgresql" else []),
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_itself_refuses_to_change_or_remove_a_row(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        django.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_orm_is_refused_as_well() -> None:
    row = Journal.objects.get(seq=1)
    row.actor = "nobody"
    with pytest.raises(DatabaseError), django.atomic():
        row.save()
    with pytest.raises(DatabaseError), django.atomic():
        row.delete()


def test_the_first_row_says_which_city_this_is() -> None:
    first = Journal.objects.get(seq=1)
    assert (first.kind, first.body) == ("deployment.created", {"city": "kediri", "drill": False})


def test_a_sound_journal_is_called_sound(answered: Callable[..., Call]) -> None:
    answered()
    verdict = verify()
    assert (verdict.broken_seq, verdict.rows) == (None, tip_seq())
    assert verdict.head == Journal.objects.get(seq=tip_seq()).hash


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("actor", "user:9"),
        ("kind", "call.close"),
        ("subject", "call:9"),
        ("case", "incident:9"),
        ("before", "x"),
        ("after", "x"),
        ("body", '{"source": "9"}'),
        ("hash", "0"),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("occurred_at", "2020-01-01 00:00:00+00:00"),
    ],
)
def test_a_changed_row_is_named(unguarded: Callable[..., None], column: str, text: str) -> None:
    with transaction():
        rows = [write() for _ in range(3)]
    unguarded(f'UPDATE core_journal SET "{column}" = %s WHERE seq = %s', [text, rows[1]])
    verdict = verify()
    assert (verdict.broken_seq, verdict.rows) == (rows[1], rows[1] - 1)
    assert verdict.why == f"row {rows[1]} was changed"


def test_a_removed_row_is_named(unguarded: Callable[..., None]) -> None:
    with transaction():
        rows = [write() for _ in range(3)]
    unguarded("DELETE FROM core_journal WHERE seq = %s", [rows[1]])
    assert (verify().broken_seq, verify().why) == (rows[1], f"row {rows[1]} is missing")


def test_a_removed_row_whose_gap_was_closed_is_named(unguarded: Callable[..., None]) -> None:
    with transaction():
        rows = [write(f"call:{n}") for n in range(3)]
    unguarded("DELETE FROM core_journal WHERE seq = %s", [rows[1]])
    unguarded("UPDATE core_journal SET seq = %s WHERE seq = %s", [rows[1], rows[2]])
    assert verify().broken_seq == rows[1]


@pytest.mark.parametrize("place", [0, -5, "end"])
def test_a_row_put_in_is_named(unguarded: Callable[..., None], place: int | str) -> None:
    seq = tip_seq() + 1 if place == "end" else place
    copied = 'at, occurred_at, actor, kind, subject, "case", before, "after", body, hash'
    unguarded(
        f"INSERT INTO core_journal (seq, {copied}) "
        f"SELECT %s, {copied} FROM core_journal WHERE seq = 1",
        [seq],
    )
    assert verify().broken_seq == seq


@pytest.mark.parametrize(
    ("column", "text"),
    [("occurred_at", "garbage"), ("at", "zzz"), ("at", "2026-13-45 00:00:00"), ("kind", b"call")],
)
def test_a_row_that_cannot_be_read_is_named(
    unguarded: Callable[..., None], column: str, text: object
) -> None:
    if connection.vendor != "sqlite":
        text = {"at": "infinity", "occurred_at": "infinity"}.get(column, "call")
    with transaction():
        rows = [write() for _ in range(3)]
    unguarded(f'UPDATE core_journal SET "{column}" = %s WHERE seq = %s', [text, rows[1]])
    assert (verify().broken_seq, verify().rows) == (rows[1], rows[1] - 1)


def test_a_record_that_was_emptied_is_not_sound(unguarded: Callable[..., None]) -> None:
    unguarded("DELETE FROM core_journal")
    assert (verify().broken_seq, verify().why) == (1, "row 1 is missing")


def test_it_is_seen_that_the_database_guards_the_journal() -> None:
    assert not is_unguarded()


def test_it_is_seen_when_it_does_so_no_longer(unguarded: Callable[..., None]) -> None:
    assert is_unguarded()


def test_nothing_is_recorded_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match=r"outside transaction\(\)"):
        write()


def test_a_kind_that_is_not_listed_or_carries_something_else_is_a_fault() -> None:
    with transaction():
        with pytest.raises(KeyError):
            record("call.sold", subject="call:1", actor=TESTER)
        with pytest.raises(TypeError, match="CallFact"):
            record("call.fact", subject="call:1", actor=TESTER, body=CallLinked(incident=1))
        with pytest.raises(TypeError):
            record("incident.start", subject="incident:1", actor=TESTER, body=CallFact())
        assert record("incident.start", subject="incident:1", actor=TESTER, body=Reason())


def test_a_command_that_fails_leaves_no_row_and_no_gap() -> None:
    before = tip_seq()
    with pytest.raises(Refused), transaction():
        write()
        Text.objects.create(subject="x", field="x", author="x", at=clock.now())
        raise Refused("no")
    assert tip_seq() == before
    assert not Text.objects.filter(subject="x").exists()
    with transaction():
        assert write() == before + 1
    assert verify().broken_seq is None


def test_a_command_inside_another_writes_once_and_together() -> None:
    before = tip_seq()
    with pytest.raises(Refused), transaction():
        with transaction():
            write()
        assert tip_seq() == before  # nothing is written before the outer command ends
        raise Refused("no")
    assert tip_seq() == before


def test_a_savepoint_that_fails_takes_its_rows_with_it() -> None:
    before = tip_seq()
    with transaction():
        write("call:1")
        with pytest.raises(Refused), savepoint(), transaction():
            write("call:2")
            Text.objects.create(subject="x", field="x", author="x", at=clock.now())
            raise Refused("no")
        with savepoint():
            write("call:3")
    rows = Journal.objects.filter(seq__gt=before).order_by("seq")
    assert [r.subject for r in rows] == ["call:1", "call:3"]
    assert not Text.objects.filter(subject="x").exists()
    assert verify().broken_seq is None


def test_a_failed_command_does_not_leave_its_rows_to_the_next() -> None:
    with pytest.raises(Refused), transaction():
        write("call:1")
        raise Refused("no")
    with transaction():
        write("call:2")
    assert Journal.objects.get(seq=tip_seq()).subject == "call:2"


def test_a_refused_action_leaves_nothing(
    ring: Callable[..., Call], actor: Callable[[str], Actor], journal: Callable[[], list[str]]
) -> None:
    call = ring()
    with pytest.raises(Refused):
        close_call(call.pk, "silent", actor=actor("call_taker"), note="catatan")
    assert journal() == ["call.presented"]
    assert not Text.objects.filter(subject=f"call:{call.pk}").exists()


def test_the_record_never_runs_backwards_when_the_machines_clock_does(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call = ring()
    time.forward(-3600)
    take_call(call.pk, actor=actor("call_taker"))
    times = list(Journal.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert verify().broken_seq is None


@pytest.mark.parametrize("hours", [0, 7, -5])
def test_a_time_of_any_zone_keeps_the_chain_sound(hours: int) -> None:
    when = datetime(2026, 11, 2, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=hours)))
    with transaction():
        seq = record("call.fact", subject="call:1", actor=TESTER, occurred_at=when)
    assert verify().broken_seq is None
    assert Journal.objects.get(seq=seq).occurred_at == when.astimezone(UTC)


def test_whoever_waits_for_the_journal_is_woken_after_the_commit(
    django_capture_on_commit_callbacks: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigap.core import transaction as module

    monkeypatch.setattr(module, "_wakers", [])
    woken: list[int] = []
    on_journal(woken.append)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        with transaction():
            seq = write()
        assert woken == []
        with transaction():
            pass  # nothing recorded, nobody woken
    assert woken == [seq]
