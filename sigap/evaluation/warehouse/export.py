"""Writing the warehouse: what is new of the journal, and the months of facts that changed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.db import connection
from django.db.models import Max, Min
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from sigap.calls.models import Call
from sigap.complaints.models import Complaint
from sigap.core import clock
from sigap.core.errors import Invalid, Missing
from sigap.core.journal import GENESIS
from sigap.core.models import Journal
from sigap.core.queries import batched, city_zone, deployment
from sigap.incidents.models import Incident

from ..period import Period
from .manifest import Manifest, Part, alone, commit, put, read_all, read_one, sweep
from .tables import SCHEMAS, VERSION, Row, as_today, facts_of, journal_rows

# So many journal rows are held in memory at a time.
GROUP = 50_000
# Changes the places of nothing, only the size: the hashes of the journal do not compress.
CODEC = "zstd"


@dataclass(frozen=True)
class Exported:
    """What an export has done."""

    city: str
    last_seq: int
    head: str
    new_rows: int  # of the journal
    written: int  # months of facts that were new or had changed
    kept: int  # that were as before


def export(root: Path) -> Exported:
    """Bring the warehouse below `root` up to date with this database, as of one moment.

    The journal is only ever added to, and its chain is checked on the way. Facts may change
    later (a class is corrected, incidents are merged, far back): each month is computed anew
    and written when it differs. Nothing counts before the manifest is in its place."""
    served = deployment()
    if served is None:
        raise Missing(_("This database serves no city yet. Run `sigap setup` first."))
    with alone(root, served.city), _one_moment():
        before = read_one(root, served.city)
        _check_neighbours(root, served.city, served.drill)
        _check_continues(before, served.drill)
        zone = city_zone().key
        parts = list(before.tables["journal"]) if before else []
        last, head, added = _add_journal(root, served.city, before)
        tables: dict[str, list[Part]] = {"journal": parts + added}
        known = before.paths if before else set()
        for name, month, table in _facts():
            tables.setdefault(name, []).append(_put_facts(root, served.city, name, month, table))
        after = Manifest(
            city=served.city,
            time_zone=zone,
            drill=served.drill,
            first_seq=1 if last else 0,
            last_seq=last,
            head=head,
            made_at=clock.now().isoformat(timespec="seconds"),
            tables={name: tables.get(name, []) for name in SCHEMAS},
        )
        commit(root, after)
        # Whoever is reading by the manifest before may go on until the next export.
        sweep(root, served.city, after.paths | known)
    facts = after.paths - {part.path for part in after.tables["journal"]}
    return Exported(
        city=served.city,
        last_seq=last,
        head=head,
        new_rows=sum(part.rows for part in added),
        written=len(facts - known),
        kept=len(facts & known),
    )


@contextmanager
def _one_moment() -> Iterator[None]:
    """See the database as it is now, whatever is committed meanwhile, and hold nobody up: by
    hand, since Django's own transactions take SQLite's lock for writing at once."""
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN"
    if connection.vendor == "postgresql":
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _check_neighbours(root: Path, city: str, drill: bool) -> None:
    try:
        others = read_all(root)
    except Missing:
        return
    if any(other.drill != drill for other in others.values()):
        raise Invalid(
            _("A drill never lies beside real figures: choose another folder for it.")
            if drill
            else _("This folder holds a drill's figures: choose another one.")
        )


def _check_continues(before: Manifest | None, drill: bool) -> None:
    """That the folder was filled from this very journal, and that its end was not replaced."""
    if before is None or before.last_seq == 0:
        return
    row = Journal.objects.filter(seq=before.last_seq).values_list("hash", flat=True).first()
    if row != before.head or before.drill != drill:
        raise Invalid(
            _(
                "This folder was filled from another journal, or row %(seq)s of this one was "
                "changed since. Run `sigap journal verify`; export to an empty folder."
            )
            % {"seq": before.last_seq}
        )


def _add_journal(root: Path, city: str, before: Manifest | None) -> tuple[int, str, list[Part]]:
    """Write the rows that are new, a file for each month; the last number, its hash, the files."""
    seq, head = (before.last_seq, before.head) if before else (0, GENESIS)
    zone = city_zone()
    new = journal_rows(seq, head)
    added = []
    try:
        for month, rows in groupby(new, key=lambda pair: f"{pair[0].astimezone(zone):%Y-%m}"):
            path = f"journal/city={city}/month={month}/{seq + 1:012}.parquet"
            writer = _Journal(row for _at, row in rows)
            put(root / path, writer.write)
            seq, head = writer.seq, writer.head
            added.append(_part(root, path, writer.count))
    except ValueError as error:
        raise Invalid(
            _("The journal is not sound at %(row)s. Run `sigap journal verify`.") % {"row": error}
        ) from error
    return seq, head, added


class _Journal:
    """Writes one file of journal rows in bounded memory, and notes the last of them."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.rows, self.count, self.seq, self.head = rows, 0, 0, ""

    def write(self, path: Path) -> None:
        """Write all rows, a group at a time."""
        with pq.ParquetWriter(path, SCHEMAS["journal"], compression=CODEC) as file:
            for group in batched(self.rows, GROUP):
                file.write_table(pa.Table.from_pylist(group, schema=SCHEMAS["journal"]))
                self.count += len(group)
                self.seq, self.head = group[-1]["seq"], group[-1]["hash"]


def _facts() -> Iterator[tuple[str, str, pa.Table]]:
    for month in _months():
        for name, table in facts_of(month):
            if table.num_rows:
                yield name, f"{month.first:%Y-%m}", table
    for name, table in as_today():
        if table.num_rows:
            yield name, "", table


def _months() -> Iterator[Period]:
    """Every local month from the first to the last in which anything began."""
    zone = city_zone()
    times: list[datetime] = []
    began = Coalesce("received_at", "answered_at", "opened_at")
    for rows in (
        Call.objects.aggregate(a=Min("began_at"), b=Max("began_at")),
        Incident.objects.aggregate(a=Min(began), b=Max(began)),
        Complaint.objects.aggregate(a=Min("filed_at"), b=Max("filed_at")),
    ):
        times += [at for at in rows.values() if at]
    if not times:
        return
    day, last = (edge(times).astimezone(zone).date() for edge in (min, max))
    day = day.replace(day=1)
    while day <= last:
        after = (day + timedelta(days=31)).replace(day=1)
        yield Period(day, after - timedelta(days=1), zone)
        day = after


def _put_facts(root: Path, city: str, name: str, month: str, table: pa.Table) -> Part:
    """The file of this content: named by it, so that what did not change is there already."""
    folder = f"{name}/city={city}" + (f"/month={month}" if month else "")
    path = f"{folder}/{_digest(table)}.parquet"
    if not (root / path).exists():
        put(root / path, lambda to: pq.write_table(table, to, compression=CODEC))
    return _part(root, path, table.num_rows)


def _digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    seal = hashlib.sha256(f"{VERSION}:{pa.__version__}:".encode() + sink.getvalue())
    return seal.hexdigest()[:16]


def _part(root: Path, path: str, rows: int) -> Part:
    return Part(path, rows, (root / path).stat().st_size)
