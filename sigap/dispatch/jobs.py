"""A job as those who do it see it: what happened, where, how far they are, what comes next.

The caller's number and name are not part of it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from sigap.core.names import named
from sigap.fleet.hospitals import HEALTH, Destination, known_now
from sigap.fleet.models import Unit
from sigap.fleet.queries import destinations
from sigap.incidents.models import Incident
from sigap.incidents.queries import answered
from sigap.incidents.triage import is_met

from .machine import ASSIGNMENT, MOVING_OR_THERE, OPEN, WAITING
from .models import Assignment

COMMANDS: dict[str, str | Promise] = {
    "acknowledge": lazy("Accept"),
    "depart": lazy("En route"),
    "arrive": lazy("On scene"),
    "transport": lazy("To the destination"),
    "reach": lazy("At the destination"),
    "complete": lazy("Done"),
    "decline": lazy("Decline"),
}
GRAVE = 2  # rules that make an incident P1 or P2 warn of something
# To whoever does it a job is not "notified" but new.
STATES = {**ASSIGNMENT.names, "notified": lazy("New job"), "acknowledged": lazy("Accepted")}

# When a hospital may be chosen.
# A phone without a network must know the hospitals before it is there.
CARRYING = ("notified", "acknowledged", "en_route", "on_scene", "to_destination")


@dataclass(frozen=True)
class Command:
    """A step that the machine allows now."""

    code: str
    name: str


@dataclass(frozen=True)
class Job:
    """One open assignment with the facts of its incident."""

    id: int
    version: int
    unit: str
    state: str
    state_name: str
    at: datetime
    incident: int
    priority: int
    siren: bool
    type: str
    address: str
    landmark: str
    area: str
    lat: float | None
    lng: float | None
    rough: bool  # the point is only the middle of the area
    victims: int | None
    hazards: tuple[str, ...]  # what the answers warn of, in the words of the city's rules
    answers: tuple[tuple[str, str], ...]
    next: Command | None
    further: tuple[Command, ...]
    may_decline: bool
    seen_near: datetime | None  # since when positions show it there, while it is on the way
    seen_leaving: datetime | None  # or gone from where it was told, before it is
    has_story: bool
    destination: Destination | None = None  # the hospital to which it drives
    destinations: tuple[Destination, ...] = ()  # those to choose from, the best first


def jobs_of(unit_ids: Iterable[int]) -> list[Job]:
    """The open jobs of these units: those under way first, then the most urgent."""
    rows = list(
        Assignment.objects.select_related(
            "unit",
            "unit__agency",
            "incident",
            "incident__type",
            "incident__address",
            "incident__landmark",
            "incident__area",
            "destination",
            "destination__status",
        )
        .prefetch_related("incident__type__questions", "incident__type__rules", "destination__beds")
        .filter(unit_id__in=list(unit_ids), state__in=OPEN)
    )
    rows.sort(key=lambda a: (a.state not in MOVING_OR_THERE, a.incident.priority, a.pk))
    return [_job(row) for row in rows]


def revision(jobs: Sequence[Job], units: Iterable[Unit]) -> str:
    """A mark that changes when anything of this does."""
    seen = [repr(job) for job in jobs] + [f"{u.call_sign}:{u.version}" for u in units]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Way:
    """Where a job stands in a state, and which steps lead on from there."""

    name: str
    next: str | None
    further: tuple[str, ...]
    may_decline: bool


def ways_of(unit: Unit) -> dict[str, Way]:
    """The ways of a unit's job from every state: for a phone that must go on without us."""
    return {state: _way(state, unit) for state in ASSIGNMENT.states if state != "proposed"}


def _way(state: str, unit: Unit) -> Way:
    following = _next(state, unit)
    allowed = [c for c in COMMANDS if c != "decline" and ASSIGNMENT.allows(state, c)]
    return Way(
        name=str(STATES[state]),
        next=following,
        further=tuple(c for c in allowed if c != following),
        may_decline=ASSIGNMENT.allows(state, "decline"),
    )


def _job(row: Assignment) -> Job:
    incident, way = row.incident, _way(row.state, row.unit)
    return Job(
        id=row.pk,
        version=row.version,
        unit=row.unit.call_sign,
        state=row.state,
        state_name=way.name,
        at=row.state_at,
        incident=incident.pk,
        priority=incident.priority,
        siren=incident.siren,
        type=named(incident.type),
        address=incident.address.body if incident.address else "",
        landmark=incident.landmark.name if incident.landmark else "",
        area=incident.area.name if incident.area else "",
        lat=incident.lat,
        lng=incident.lng,
        rough=incident.location_source == "area",
        victims=incident.victims,
        hazards=tuple(_hazards(incident)),
        answers=tuple(answered(incident)),
        next=_command(way.next) if way.next else None,
        further=tuple(_command(c) for c in way.further),
        may_decline=way.may_decline,
        seen_near=row.seen_near_at if row.state == "en_route" else None,
        seen_leaving=row.seen_leaving_at if row.state in WAITING else None,
        has_story=incident.chronology_id is not None,
        destination=known_now([row.destination])[0] if row.destination else None,
        destinations=_destinations(row),
    )


def _destinations(row: Assignment) -> tuple[Destination, ...]:
    """Where an ambulance may take its patient, until it has arrived there."""
    if row.unit.agency.kind != HEALTH or row.state not in CARRYING:
        return ()
    return tuple(destinations(row.incident.lat, row.incident.lng))


def _hazards(incident: Incident) -> list[str]:
    """The grave rules of its type that the answers meet; an answer "not sure" meets them too."""
    rules = incident.type.rules.all()
    return [named(r) for r in rules if r.priority <= GRAVE and is_met(r, incident.answers)]


def _command(code: str) -> Command:
    return Command(code, str(COMMANDS[code]))


def _next(state: str, unit: Unit) -> str | None:
    """The step that most probably comes next: an ambulance brings its patient somewhere."""
    if state == "on_scene":
        return "transport" if unit.agency.kind == "medical" else "complete"
    usual = {
        "notified": "acknowledge",
        "acknowledged": "depart",
        "en_route": "arrive",
        "to_destination": "reach",
        "at_destination": "complete",
    }
    return usual.get(state)
