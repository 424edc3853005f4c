"""`sigap import cad`: the dispatch log of an older system, one line per unit and incident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.dispatch.actions import import_assignment
from sigap.dispatch.models import AssignmentTime
from sigap.incidents.actions import import_incident
from sigap.incidents.models import PRIORITIES, Incident

from .cells import Clockwork, possible_point, read_point, required
from .mapping import CAD_TIMES, CadMap
from .outcome import Outcome
from .records import Records
from .run import Run, clock_change, clockwork, flag_intervals, start
from .table import Table

KNOWN_PRIORITIES = {str(number) for number, _name in PRIORITIES}
REQUIRED = ("incident", "unit", "type", "received")
ALL_TIMES = ("received", "answered", *CAD_TIMES)
# Acknowledgement is left out of the chain: few systems record it.
CHAIN = ("answered", *(t for t in CAD_TIMES if t != "acknowledged"))
PAIRS = tuple(zip(CHAIN, CHAIN[1:], strict=False))


@dataclass(frozen=True)
class Facts:
    """What a line says of the incident; all lines of an incident should agree."""

    external_id: str
    type: str
    priority: int | None
    received: datetime
    answered: datetime | None
    lat: float | None
    lng: float | None
    area: str
    address: str
    chronology: str
    disposition: str


@dataclass(frozen=True)
class CadRow:
    """One unit's work for one incident, as the older system has it."""

    line: int
    key: str
    incident: Facts
    unit: str
    unit_kind: str
    agency: str
    times: dict[str, datetime]


class CadImport:
    """Understands and writes the rows of a dispatch log."""

    noun = "assignments"

    def __init__(self, used: CadMap, outcome: Outcome, actor: Actor) -> None:
        self.used, self.outcome, self.actor = used, outcome, actor
        self.clock: Clockwork = clockwork(used)
        self.records = Records(used, outcome, actor)
        self.longest_key = 64 - len(used.source) - 1
        self.facts: dict[str, int] = {}  # by incident: a checksum of what its first line said
        self.would_be: set[str] = set()  # incidents that a trial run counted
        self.codes: dict[str, tuple[str, str]] = {}  # of new incidents: area and disposition
        self.incidents: dict[str, Incident] = {}  # those of the current batch

    def read(self, line: int, cells: Mapping[str, str]) -> CadRow:
        """A row, checked."""
        times = {f: t for f in ALL_TIMES if (t := self.clock.read(f, cells.get(f, "")))}
        unit = required("unit", cells["unit"], 64)
        facts = self._facts(cells, times)
        row = CadRow(
            line=line,
            key=required("id", cells["id"], self.longest_key)
            if cells.get("id")
            else required("incident + unit", f"{facts.external_id}-{unit}", self.longest_key),
            incident=facts,
            unit=unit,
            unit_kind=cells.get("unit_kind", ""),
            agency=cells.get("agency", ""),
            times={f: t for f, t in times.items() if f in CAD_TIMES},
        )
        if not row.times:
            raise Invalid(_("The unit has no time at all."), code="time")
        return row

    def _facts(self, cells: Mapping[str, str], times: Mapping[str, datetime]) -> Facts:
        if "received" not in times:
            raise Invalid(_("%(field)s is empty.") % {"field": "received"}, code="empty")
        lat, lng = point_of(cells) or (None, None)
        return Facts(
            external_id=required("incident", cells["incident"], 64),
            type=required("type", cells["type"], 200),
            priority=self._priority(cells.get("priority", "")),
            received=times["received"],
            answered=times.get("answered"),
            lat=lat,
            lng=lng,
            area=cells.get("area", ""),
            address=cells.get("address", ""),
            chronology=cells.get("chronology", ""),
            disposition=cells.get("disposition", ""),
        )

    def _priority(self, text: str) -> int | None:
        found = self.used.values.get("priority", {}).get(text, text)
        return int(found) if found in KNOWN_PRIORITIES else None

    def remark(self, row: CadRow, cells: Mapping[str, str]) -> None:
        """Flag missing, backward and empty intervals, and lines that contradict each other."""
        times = dict(row.times)
        times["received"] = row.incident.received
        if row.incident.answered:
            times["answered"] = row.incident.answered
        for name in ALL_TIMES:
            if name in cells and name not in times:
                self.outcome.missing[name] += 1
            if self.clock.is_unsure(cells.get(name, "")):
                self.outcome.flag(row.line, *clock_change())
        flag_intervals(self.outcome, row.line, PAIRS, times)
        if row.incident.lat is None and any(cells.get(f) for f in ("point", "lat", "lng")):
            self.outcome.flag(row.line, "no_point", _("Not a point on the map; left empty"))
        if row.incident.priority is None:
            self.outcome.flag(
                row.line, "priority_unknown", _("No known priority; that of the type is taken")
            )
        said = hash(row.incident)
        if self.facts.setdefault(row.incident.external_id, said) != said:
            self.outcome.flag(
                row.line,
                "incident_differs",
                _("Says otherwise of the incident than the first of its lines, which is taken"),
            )

    def known(self, rows: Sequence[CadRow]) -> set[str]:
        """The keys that are here already."""
        ids = {row.incident.external_id for row in rows}
        here = Incident.objects.filter(source=self.used.source, external_id__in=ids)
        self.incidents = {row.external_id: row for row in here if row.external_id}
        prefix = f"{self.used.source}:"
        keys = AssignmentTime.objects.filter(
            assignment__incident__in=[row.pk for row in self.incidents.values()],
            external_id__startswith=prefix,
        ).values_list("external_id", flat=True)
        return {key.removeprefix(prefix) for key in keys if key}

    def prepare(self, row: CadRow) -> None:
        """Make the unit, agency and type that are not here; flag what is named and unknown."""
        self.records.type(row.incident.type, row.line)
        self.records.unit(row.unit, kind=row.unit_kind, agency=row.agency, line=row.line)
        new = row.incident.external_id
        if new not in self.incidents and new not in self.codes:
            self.codes[new] = (
                self.records.area(row.line, row.incident.area),
                self.records.disposition(row.line, row.incident.disposition),
            )
        if self.outcome.dry_run and new not in self.incidents and new not in self.would_be:
            self.would_be.add(new)
            self.outcome.new["incidents"] += 1

    def write(self, row: CadRow) -> None:
        """Bring in one assignment, and its incident with the first of them."""
        kind = self.records.type(row.incident.type, row.line)
        unit = self.records.unit(row.unit, kind=row.unit_kind, agency=row.agency, line=row.line)
        if kind is None or unit is None:  # only in a trial run, which does not write
            return
        facts = row.incident
        incident = self.incidents.get(facts.external_id)
        if incident is None:
            area, disposition = self.codes[facts.external_id]
            incident = import_incident(
                kind.code,
                source=self.used.source,
                external_id=facts.external_id,
                priority=facts.priority or kind.priority,
                received_at=facts.received,
                answered_at=facts.answered,
                lat=facts.lat,
                lng=facts.lng,
                area_code=area,
                address=facts.address,
                chronology=facts.chronology,
                disposition=disposition,
                actor=self.actor,
            )
            self.outcome.new["incidents"] += 1
        import_assignment(
            incident,
            unit,
            source=self.used.source,
            external_id=row.key,
            times=row.times,
            actor=self.actor,
        )
        # Kept only now: had the assignment failed, the incident would be undone with it.
        self.incidents[facts.external_id] = incident


def point_of(cells: Mapping[str, str]) -> tuple[float, float] | None:
    """The point of a line: one cell, or latitude and longitude, also with decimal commas."""
    if text := cells.get("point", ""):
        return read_point(text)
    try:
        return possible_point(*(float(cells.get(f, "").replace(",", ".")) for f in ("lat", "lng")))
    except ValueError:
        return None


def import_cad(
    path: Path, used: CadMap, outcome: Outcome, *, encoding: str, actor: Actor
) -> Run[CadRow]:
    """Make ready to import a dispatch log; `.run()` does it."""
    return start(Table(path, encoding), used, CadImport(used, outcome, actor), outcome, REQUIRED)
