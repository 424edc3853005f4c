"""What the rows of the journal say of incidents, jobs and units, one after the other. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sigap.core.models import Journal
from sigap.incidents.machine import UNFINISHED


@dataclass
class PastJob:
    """A unit's work for an incident."""

    id: int
    incident: int
    unit: str = ""
    state: str = ""
    at: datetime | None = None
    eta_s: int | None = None
    reason: str = ""


@dataclass
class PastIncident:
    """An incident as the journal tells of it; without a state it was not there yet."""

    id: int
    state: str = ""
    type: str = ""
    priority: int | None = None
    level: int = 1
    siren: bool = False
    area: str | None = None
    resolved_at: datetime | None = None
    parked_at: datetime | None = None
    disposition: str | None = None
    merged_into: int | None = None
    calls: set[int] = field(default_factory=set)
    jobs: dict[int, PastJob] = field(default_factory=dict)


@dataclass
class PastUnit:
    """What the journal says of a unit beside its jobs; None: nothing was said yet."""

    state: str | None = None
    reason: str = ""
    since: datetime | None = None
    on_duty: bool | None = None
    readiness: str | None = None
    readiness_reason: str = ""
    blocked: list[str] | None = None


@dataclass
class Touched:
    """Whose rows have changed."""

    incidents: set[int] = field(default_factory=set)
    units: set[int] = field(default_factory=set)
    signs: set[str] = field(default_factory=set)


class Past:
    """The board at the moment of the last row that it was told of."""

    def __init__(self) -> None:
        self.incidents: dict[int, PastIncident] = {}
        self.units: dict[int, PastUnit] = {}

    def apply(self, row: Journal, touched: Touched | None = None) -> None:
        """Go on by one row; `touched` is told what it changed."""
        noun, _colon, key = row.subject.partition(":")
        told = touched or Touched()
        if noun == "unit" and key.isdigit():
            _unit(self.units.setdefault(int(key), PastUnit()), row)
            told.units.add(int(key))
            return
        about, _colon, number = row.case.partition(":")
        if about != "incident" or not number.isdigit():
            return
        incident = self.incidents.setdefault(int(number), PastIncident(int(number)))
        told.incidents.add(incident.id)
        if incident.merged_into:
            told.incidents.add(self.carrier(incident.id))
        if noun == "incident":
            _incident(incident, row)
            told.incidents.add(row.body.get("other") or incident.id)
        elif noun == "assignment" and key.isdigit():
            job = incident.jobs.setdefault(int(key), PastJob(int(key), incident.id))
            _job(job, row)
            told.signs.add(job.unit)
        elif noun == "call" and key.isdigit():
            incident.calls.add(int(key))

    def carrier(self, pk: int) -> int:
        """The incident that carries on for this one."""
        seen: set[int] = set()
        while (one := self.incidents.get(pk)) and one.merged_into and pk not in seen:
            seen.add(pk)
            pk = one.merged_into
        return pk

    def families(self) -> dict[int, list[PastIncident]]:
        """Each incident that carries on, with itself and all that was merged into it."""
        found: dict[int, list[PastIncident]] = {}
        for incident in self.incidents.values():
            found.setdefault(self.carrier(incident.id), []).append(incident)
        return found

    def open_incidents(self) -> list[int]:
        """Those that the board shows."""
        return [i.id for i in self.incidents.values() if i.state in UNFINISHED]


def _incident(incident: PastIncident, row: Journal) -> None:
    body: dict[str, Any] = row.body
    if row.after:
        incident.state = row.after
    if act := _INCIDENT.get(row.kind):
        act(incident, row, body)


def _opened(incident: PastIncident, _row: Journal, body: dict[str, Any]) -> None:
    incident.type, incident.priority = body["type"], body["priority"]
    incident.area = body.get("area") or None
    if call := body.get("call"):
        incident.calls.add(call)


def _changed(incident: PastIncident, _row: Journal, body: dict[str, Any]) -> None:
    incident.type = body.get("type") or incident.type
    if "area" in body["fields"] or body.get("area"):
        incident.area = body.get("area") or None


def _priority(incident: PastIncident, _row: Journal, body: dict[str, Any]) -> None:
    incident.priority, incident.siren = body["chosen"], body.get("siren", False)


def _level(incident: PastIncident, _row: Journal, body: dict[str, Any]) -> None:
    incident.level = body["level"]


def _start(incident: PastIncident, _row: Journal, _body: dict[str, Any]) -> None:
    incident.parked_at = None


def _park(incident: PastIncident, row: Journal, _body: dict[str, Any]) -> None:
    incident.parked_at = row.at if row.kind == "incident.parked" else None


def _resolve(incident: PastIncident, row: Journal, body: dict[str, Any]) -> None:
    incident.resolved_at = row.at
    incident.disposition = body.get("disposition") or None


def _reopen(incident: PastIncident, _row: Journal, _body: dict[str, Any]) -> None:
    incident.resolved_at = incident.disposition = None


def _merge(incident: PastIncident, row: Journal, body: dict[str, Any]) -> None:
    incident.merged_into = body["other"] if row.kind == "incident.merge" else None


_INCIDENT: dict[str, Callable[[PastIncident, Journal, dict[str, Any]], None]] = {
    "incident.opened": _opened,
    "incident.changed": _changed,
    "incident.priority": _priority,
    "incident.level": _level,
    "incident.start": _start,
    "incident.parked": _park,
    "incident.unparked": _park,
    "incident.resolve": _resolve,
    "incident.reopen": _reopen,
    "incident.merge": _merge,
    "incident.unmerge": _merge,
}


def _job(job: PastJob, row: Journal) -> None:
    body: dict[str, Any] = row.body
    job.unit = body.get("unit") or job.unit
    if row.kind in ("assignment.made", "assignment.proposed"):
        job.eta_s, job.reason = body.get("eta_s"), body.get("reason", "")
    if row.after:
        job.state, job.at = row.after, row.occurred_at or row.at
        if row.before:
            job.reason = body.get("reason") or job.reason
    elif row.kind == "assignment.corrected" and body["state"] == job.state:
        job.at = row.occurred_at


def _unit(unit: PastUnit, row: Journal) -> None:
    body: dict[str, Any] = row.body
    if row.after:
        unit.state, unit.reason = row.after, body.get("reason", "")
        unit.since = row.occurred_at or row.at
    elif row.kind == "unit.changed":
        if "on_duty" in body:
            unit.on_duty = body["on_duty"]
        if "readiness" in body:
            unit.readiness = body["readiness"]
            ready = unit.readiness == "ready"
            unit.readiness_reason = "" if ready else body.get("reason", "")
    elif row.kind in ("unit.blocked", "unit.unblocked"):
        unit.blocked = body.get("items", [])
