"""The journal: one row per change, in the transaction of the change, chained by hashes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.db import DatabaseError, connection, models
from django.db.models import Q

from . import clock
from .actors import Actor
from .kinds import KINDS, Body
from .models import Deployment, Journal
from .rows import newest
from .transaction import open_command

GENESIS = "0" * 64
UNREADABLE = (DatabaseError, AttributeError, TypeError, ValueError)


def subject_of(row: models.Model) -> str:
    """How the journal names a row: `incident:12`."""
    return f"{row._meta.model_name}:{row.pk}"


def record(
    kind: str,
    *,
    subject: str,
    actor: Actor,
    case: str = "",
    before: str = "",
    after: str = "",
    occurred_at: datetime | None = None,
    body: Body | None = None,
) -> int:
    """Append one row to the journal of the open command; returns its number.

    `occurred_at` is given where the act happened before it was recorded (a late report).
    """
    if not open_command.depth:
        raise RuntimeError(f"{kind}: nothing is recorded outside transaction()")
    expected = KINDS[kind]
    body = body if body is not None else expected()
    if type(body) is not expected:
        raise TypeError(f"{kind} carries {expected.__name__}, not {type(body).__name__}")
    seq, previous, last_at = open_command.last or _tip()
    now = clock.now()
    row = Journal(
        seq=seq + 1,
        # A clock that stepped back must not make the record run backwards.
        at=max(now, cast(datetime, last_at)) if last_at else now,
        # As the database gives it back, so that the hash holds in any time zone.
        occurred_at=occurred_at.astimezone(UTC) if occurred_at else None,
        actor=actor.code,
        kind=kind,
        subject=subject,
        case=case,
        before=before,
        after=after,
        body=body.model_dump(mode="json", exclude_defaults=True),
    )
    row.hash = digest(row, previous)
    open_command.rows.append(row)
    open_command.last = (row.seq, row.hash, row.at)
    return row.seq


def _tip() -> tuple[int, str, object]:
    last = newest(Journal)
    return (last.seq, last.hash, last.at) if last else (0, GENESIS, None)


def tip_seq() -> int:
    """The number of the newest row; 0 while there is none."""
    return _tip()[0]


def canonical(row: Journal, previous: str) -> str:
    """The hash before and every column of the row as canonical JSON: what its hash is over."""
    columns: list[Any] = [
        previous,
        row.seq,
        row.at.isoformat(),
        row.occurred_at.isoformat() if row.occurred_at else None,
        row.actor,
        row.kind,
        row.subject,
        row.case,
        row.before,
        row.after,
        row.body,
    ]
    return json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(row: Journal, previous: str) -> str:
    """The hash of a row: SHA-256 over its canonical text."""
    return hashlib.sha256(canonical(row, previous).encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a verification found: how many rows are sound, and the first that is not."""

    rows: int
    head: str
    broken_seq: int | None = None
    why: str = ""


def verify() -> Verdict:
    """Walk the whole chain and name the first row that was changed, removed or put in."""
    previous, expected = GENESIS, 1
    found = _every_row()
    while True:
        try:
            if (row := next(found, None)) is None:
                break
            sound = digest(row, previous) == row.hash and row.has_time == bool(row.occurred_at)
        except UNREADABLE:
            return Verdict(expected - 1, previous, expected, f"row {expected} cannot be read")
        if row.seq < expected:
            return Verdict(expected - 1, previous, row.seq, f"row {row.seq} was put in")
        if row.seq > expected:
            return Verdict(expected - 1, previous, expected, f"row {expected} is missing")
        if not sound:
            return Verdict(expected - 1, previous, row.seq, f"row {row.seq} was changed")
        previous, expected = row.hash, expected + 1
    if expected == 1 and Deployment.objects.exists():
        return Verdict(0, previous, 1, "row 1 is missing")
    return Verdict(expected - 1, previous)


def _every_row() -> Iterator[Any]:
    """All rows in order, each with whether it has a time: one that cannot be read as a time
    comes back as none."""
    rows = Journal.objects.annotate(has_time=Q(occurred_at__isnull=False)).order_by("seq")
    last: int | None = None
    try:
        for row in rows.iterator(chunk_size=5000):
            yield row
            last = row.seq
    except UNREADABLE:
        # One of the many that were fetched at once: come to it one by one.
        rest = rows if last is None else rows.filter(seq__gt=last)
        yield from rest.iterator(chunk_size=1)


def is_unguarded() -> bool:
    """Whether the database would let somebody change the journal: its triggers are gone or off."""
    if connection.vendor == "sqlite":
        count = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        wanted = 3
    else:
        count = (
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass "
            "AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        wanted = 2
    with connection.cursor() as cursor:
        cursor.execute(count, [Journal._meta.db_table])
        return bool(cursor.fetchone() != (wanted,))
