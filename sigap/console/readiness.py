"""The readiness board: what each agency has ready, and what keeps the rest from it."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.timesince import timesince

from sigap.core import clock
from sigap.core.journal import subject_of
from sigap.core.models import Alarm
from sigap.core.names import named, reasons
from sigap.core.parameters import value
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.fleet.hospitals import HEALTH, Destination, known_now
from sigap.fleet.models import Agency, Equipment, Hospital, Post, Unit
from sigap.fleet.names import bed_names, item_names, receiving_names, why_names
from sigap.fleet.queries import blocks, carried, destinations, expiring, overdue
from sigap.fleet.shifts import today
from sigap.incidents.models import Incident
from sigap.incidents.queries import family_ids

from .words.readiness import destination_reasons

NO_CREW = "no_crew"
STANDINGS = ("ready", "limited", "not_ready", "blocked", "off_duty")


@dataclass(frozen=True)
class BedsOf:
    """The beds of one kind as they are shown."""

    kind: str
    name: str
    free: int | None
    total: int | None
    age: str
    stale: bool
    source: str


@dataclass(frozen=True)
class House:
    """A hospital as it is shown: what is known, in words."""

    known: Destination
    state: str
    notes: tuple[str, ...]  # why it stands where it does in a list
    refused: str
    diversion: str
    source: str
    age: str
    beds: tuple[BedsOf, ...]

    @property
    def abnormal(self) -> bool:
        """Whether it does not simply receive."""
        return self.known.state not in ("receiving", "unknown")


@dataclass(frozen=True)
class Expiring:
    """A thing that expires soon, or has."""

    unit: str
    name: str
    on: date
    over: bool


@dataclass
class Stand:
    """A unit that is not simply ready, and what is the matter."""

    unit: Unit
    standing: str
    blocked_by: list[str] = field(default_factory=list)
    late: int = 0
    unchecked: int = 0

    @property
    def short(self) -> bool:
        """Whether it lacks crew."""
        return NO_CREW in (self.unit.reason, self.unit.readiness_reason)


@dataclass
class Own:
    """How one agency stands."""

    agency: Agency
    counts: Counter[str] = field(default_factory=Counter)
    short: int = 0
    late: int = 0  # units on duty
    unchecked: int = 0
    matters: list[Stand] = field(default_factory=list)
    expiring: list[Expiring] = field(default_factory=list)
    empty_posts: list[Post] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # the codes of what it is warned of

    @property
    def units(self) -> int:
        """All its units in use."""
        return sum(self.counts.values())


def board(agency: str = "") -> dict[str, Any]:
    """All agencies that have units or posts, or one; with all hospitals, and a mark that changes
    when anything of this does. Nothing on it names a person."""
    agencies = Agency.objects.order_by("rank", "code")
    if agency:
        agencies = agencies.filter(code=agency)
    owns = {row.pk: Own(row) for row in agencies}
    _stand(owns)
    _expire(owns)
    _posts(owns)
    for own in owns.values():
        own.warnings = warnings_of(own.agency) if agency else []
    shown = [own for own in owns.values() if own.units or own.empty_posts or agency]
    shown_houses = houses(
        known_now(
            Hospital.objects.filter(active=True)
            .select_related("status")
            .prefetch_related("beds")
            .order_by("name")
        )
    )
    return {
        "owns": shown,
        "hospitals": shown_houses,
        "days": int(value("fleet.expiry_days")),
        "total": _total(shown),
        "revision": _mark(shown, shown_houses),
    }


def where_to(incident: Incident, specialty: str) -> dict[str, Any]:
    """Where the patients of an incident may be taken, the best first, and which ambulances are
    at work there."""
    found = destinations(incident.lat, incident.lng, specialty)
    jobs = Assignment.objects.select_related("unit", "destination").filter(
        incident_id__in=family_ids(incident), state__in=OPEN, agency__kind=HEALTH
    )
    known = {name for row in Hospital.objects.filter(active=True) for name in row.specialties}
    return {
        "where": houses(found),
        "choices": found,
        "driving": list(jobs.order_by("pk")),
        "specialties": sorted(known),
        "specialty": specialty,
    }


def houses(found: Iterable[Destination]) -> list[House]:
    """Hospitals in words, in the order in which they come."""
    states, kinds, notes = receiving_names(), bed_names(), destination_reasons()
    why = dict(reasons("diversion"))
    sources = dict(Agency.objects.values_list("code", "short"))
    return [
        House(
            known=one,
            state=states[one.state],
            notes=tuple(notes[code] for code in one.reasons if code in notes),
            refused=", ".join(one.refused),
            diversion=why.get(one.diversion, one.diversion),
            source=sources.get(one.source, one.source),
            age=_age(one.said_at),
            beds=tuple(
                BedsOf(
                    kind=beds.kind,
                    name=kinds[beds.kind],
                    free=beds.free,
                    total=beds.total,
                    age=_age(beds.at),
                    stale=beds.stale,
                    source=sources.get(beds.source, beds.source),
                )
                for beds in one.beds
            ),
        )
        for one in found
    ]


def _age(at: datetime | None) -> str:
    """How long ago something was said, in words."""
    return timesince(at, clock.now()) if at else ""


def warnings_of(agency: Agency) -> list[str]:
    """What an agency is warned of now, as codes of alarms."""
    mine = Alarm.objects.filter(owner="agency", subject=subject_of(agency)).exclude(state="done")
    return list(mine.order_by("code").values_list("code", flat=True))


def _stand(owns: dict[int, Own]) -> None:
    names, whys = item_names(), why_names()
    held: dict[str, list[str]] = defaultdict(list)
    for block in blocks():
        label = f" {block.label}" if block.label else ""
        name = f"{names.get(block.item, block.item)}{label}"
        held[block.unit].append(f"{name}: {whys[block.why]}")
    must = carried().filter(kind__must_have=True).order_by()
    late = Counter(must.filter(overdue()).values_list("unit_id", flat=True))
    unchecked = Counter(must.filter(checked_at=None).values_list("unit_id", flat=True))
    units = Unit.objects.filter(active=True, agency_id__in=list(owns)).order_by("call_sign")
    for unit in units:
        own, blocked = owns[unit.agency_id], held.get(unit.call_sign, [])
        standing = _standing(unit, bool(blocked))
        stand = Stand(unit, standing, blocked, late[unit.pk], unchecked[unit.pk])
        own.counts[standing] += 1
        if unit.on_duty:
            own.short += stand.short
            own.late += bool(stand.late)
            own.unchecked += bool(stand.unchecked)
        if standing not in ("ready", "off_duty") or stand.late or stand.unchecked or blocked:
            own.matters.append(stand)


def _standing(unit: Unit, blocked: bool) -> str:
    if not unit.on_duty:
        return "off_duty"
    if unit.state == "unavailable" or unit.readiness == "not_ready":
        return "not_ready"
    if blocked:
        return "blocked"
    return "limited" if unit.readiness == "limited" else "ready"


def _expire(owns: dict[int, Own]) -> None:
    day = today()
    pieces: Iterable[Equipment] = carried().filter(
        expiring(value("fleet.expiry_days")), unit__agency_id__in=list(owns)
    )
    for piece in sorted(pieces, key=lambda p: (p.expires_on or day, p.pk)):
        on = piece.expires_on or day
        label = f" {piece.label}" if piece.label else ""
        found = Expiring(piece.unit.call_sign, f"{named(piece.kind)}{label}", on, on < day)
        owns[piece.unit.agency_id].expiring.append(found)


def _posts(owns: dict[int, Own]) -> None:
    """The posts at which no unit that could drive is stationed."""
    there = Unit.objects.filter(active=True, on_duty=True, post__isnull=False)
    manned = there.exclude(Q(state="unavailable") | Q(readiness="not_ready")).values("post")
    posts = Post.objects.filter(active=True, agency_id__in=list(owns)).exclude(pk__in=manned)
    for post in posts.order_by("name"):
        owns[post.agency_id].empty_posts.append(post)


def _total(owns: Sequence[Own]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for own in owns:
        counts.update(own.counts)
    total = {standing: counts[standing] for standing in STANDINGS}
    return total | {
        "short": sum(own.short for own in owns),
        "late": sum(own.late for own in owns),
        "unchecked": sum(own.unchecked for own in owns),
        "expiring": sum(len(own.expiring) for own in owns),
        "posts": sum(len(own.empty_posts) for own in owns),
    }


def _mark(owns: Sequence[Own], shown: Sequence[House]) -> str:
    seen = [repr(house) for house in shown]
    for own in owns:
        seen += [repr(sorted(own.counts.items())), repr(own.expiring), repr(own.warnings)]
        seen += [f"{p.pk}" for p in own.empty_posts]
        for one in own.matters:
            parts = (one.unit.version, one.standing, one.blocked_by, one.late, one.unchecked)
            seen.append(f"{one.unit.call_sign} {parts}")
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
