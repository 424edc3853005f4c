"""The loop that both imports share: read, check, compare with what is here, write."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.errors import Busy, Invalid, SigapError
from sigap.core.models import JobRun
from sigap.core.queries import deployment
from sigap.core.transaction import savepoint, transaction

from .cells import Clockwork
from .mapping import CadMap, CallMap, place_columns
from .outcome import Outcome
from .table import Table

BATCH = 500
# Beside a city that is served the batches are small, and each is followed by as long a rest:
# while one is written, everybody else's commands wait.
BATCH_BESIDE = 25
SERVED_S = 60


class Keyed(Protocol):
    """A row that was understood: its line and its key in the older system."""

    @property
    def line(self) -> int:
        """The line it begins on."""

    @property
    def key(self) -> str:
        """What the older system knows it by."""


R = TypeVar("R", bound=Keyed)


class Importer(Protocol[R]):
    """What differs between the two imports."""

    noun: str

    def read(self, line: int, cells: Mapping[str, str]) -> R:
        """Understand a row, without the database; Invalid says why not."""

    def remark(self, row: R, cells: Mapping[str, str]) -> None:
        """Flag what is odd about a row that will be taken as it is."""

    def known(self, rows: Sequence[R]) -> set[str]:
        """The keys of those rows that are here already; finds what else they refer to."""

    def prepare(self, row: R) -> None:
        """Make the records that the row refers to; in a trial run only name them."""

    def write(self, row: R) -> None:
        """Bring in one row through an action."""


@dataclass
class Run(Generic[R]):
    """One import of one file."""

    table: Table
    places: dict[str, int]
    importer: Importer[R]
    outcome: Outcome
    empty: frozenset[str]
    beside: bool = False  # a city that is being served

    def run(self, progress: Callable[[int], object] = lambda _bytes: None) -> Outcome:
        """Go through the file; each batch is one transaction. Safe to repeat after a stop."""
        batch: list[R] = []
        most = BATCH_BESIDE if self.beside else BATCH
        seen: dict[str, int] = {}
        for line, cells in self.table.rows():
            self.outcome.read += 1
            try:
                batch.append(self._read(line, cells, seen))
            except SigapError as error:
                self.outcome.refuse(line, error.code, str(error))
            if len(batch) >= most:
                self._take(batch)
                batch = []
                progress(self.table.position)
        self._take(batch)
        progress(self.table.position)
        return self.outcome

    def _read(self, line: int, cells: list[str] | Invalid, seen: dict[str, int]) -> R:
        if isinstance(cells, Invalid):
            raise cells
        named = {field: cells[place].strip() for field, place in self.places.items()}
        named = {field: "" if text in self.empty else text for field, text in named.items()}
        row = self.importer.read(line, named)
        if row.key in seen:
            raise Invalid(
                _("The same key as on line %(line)d.") % {"line": seen[row.key]}, code="duplicate"
            )
        self.importer.remark(row, named)
        seen[row.key] = line
        return row

    def _take(self, batch: list[R]) -> None:
        known = self.importer.known(batch)
        self.outcome.known[self.importer.noun] += sum(row.key in known for row in batch)
        fresh = [row for row in batch if row.key not in known]
        if self.outcome.dry_run:
            for row in fresh:
                self._bring(row)
        elif fresh:
            began = time.monotonic()
            with transaction():
                for row in fresh:
                    self._bring(row)
            if self.beside:
                time.sleep(time.monotonic() - began)

    def _bring(self, row: R) -> None:
        try:
            self.importer.prepare(row)
            if not self.outcome.dry_run:
                with savepoint():
                    self.importer.write(row)
        except Busy:
            raise
        except SigapError as error:
            self.outcome.refuse(row.line, error.code, str(error))
        except (DataError, IntegrityError):
            why = _("The database does not take these values.")
            self.outcome.refuse(row.line, "database", why)
        else:
            self.outcome.new[self.importer.noun] += 1


def clockwork(used: CallMap | CadMap) -> Clockwork:
    """How the file writes times: the map's zone and forms, else the city's zone."""
    served = deployment()
    zone = used.time_zone or (served.pack.get("timezone") if served else "") or settings.TIME_ZONE
    return Clockwork(ZoneInfo(zone), tuple(used.time_formats), clock.now())


def start(
    table: Table,
    used: CallMap | CadMap,
    importer: Importer[R],
    outcome: Outcome,
    required: Sequence[str],
) -> Run[R]:
    """Find the columns and make ready; Invalid when a needed column is not there."""
    columns = {str(field): spelled for field, spelled in used.columns.items()}
    places = place_columns(columns, table.header, required)
    taken = set(places.values())
    outcome.unused_columns = [n for i, n in enumerate(table.header) if i not in taken]
    lately = clock.now() - timedelta(seconds=SERVED_S)
    beside = JobRun.objects.filter(ended_at__gte=lately).exists()
    return Run(table, places, importer, outcome, frozenset(used.empty), beside)


def flag_intervals(
    outcome: Outcome, line: int, pairs: Sequence[tuple[str, str]], times: Mapping[str, datetime]
) -> None:
    """Name the intervals that run backwards or take no time at all; they are kept."""
    for start_, end in pairs:
        if start_ in times and end in times and times[end] <= times[start_]:
            what = "zero" if times[end] == times[start_] else "negative"
            between = f"{what}.{start_}-{end}"
            outcome.flag(line, between, _("%(what)s interval") % {"what": between})


def clock_change() -> tuple[str, str]:
    """The flag of a local time that is there twice or not at all."""
    return "clock_change", _("The clocks were changed then; the earlier meaning is taken.")
