"""The city as what is reckoned here sees it: places where units may wait, areas, and its fleet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sigap.dispatch.recommend import UnitFacts
from sigap.fleet.models import Post, Unit
from sigap.fleet.queries import in_order
from sigap.incidents.models import Incident
from sigap.places.geo import distance_m
from sigap.places.models import Area

from .simulate import Case, Vehicle
from .travel import Point, Travel, travel
from .trips import Past, PastCase, middle

# Two places so near to each other are one to choose from.
_SAME_M = 60.0
_MOST_STAGING = 10
# How long a unit works on scene where the city's record has no single example.
USUAL_WORK_S = 1800.0
USUAL_TURNOUT_S = 60.0


@dataclass(frozen=True)
class Place:
    """Where a unit may wait: a post, the middle of a kelurahan, a staging place of a past case, or
    the station that only a unit's own record knows. `code` names it in addresses and records."""

    code: str
    name: str
    sort: str  # post, area, staging, station
    point: Point
    agency: str = ""


@dataclass(frozen=True)
class Member:
    """A unit of the fleet with the place that is its own."""

    facts: UnitFacts  # free, at its place
    kind: str
    home: str  # a place's code


class Ground:
    """All places and areas of the city and how long it takes between them, with its fleet of today.
    Units of which no place is known are in `placeless`: nobody can say when they would arrive."""

    def __init__(self) -> None:
        self.areas = list(Area.objects.order_by("code"))
        self.area_number = {area.code: n for n, area in enumerate(self.areas)}
        places = [*_posts(), *_areas(self.areas), *_staging()]
        self.fleet, self.placeless, stations = _fleet(places)
        self.places: list[Place] = [*places, *stations]
        self.number = {place.code: n for n, place in enumerate(self.places)}
        self.points = [place.point for place in self.places]

    def to_areas(self) -> Travel:
        """From each place to each area's middle."""
        return travel(self.points, [(area.lat, area.lng) for area in self.areas])

    def candidates(self, agency: str) -> list[int]:
        """The places at which its vehicles might wait: its own posts and stations first, of several
        that are as good as one the first."""
        order = {"post": 1, "area": 2, "staging": 3, "station": 4}
        numbers = sorted(
            range(len(self.places)),
            key=lambda n: (self.places[n].agency != agency, order[self.places[n].sort], n),
        )
        kept: list[int] = []
        for n in numbers:
            if self.places[n].sort == "station" and self.places[n].agency != agency:
                continue
            if all(distance_m(*self.points[n], *self.points[k]) > _SAME_M for k in kept):
                kept.append(n)
        return kept

    def vehicle(self, member: Member) -> Vehicle:
        """A unit that waits at its own place all day."""
        return Vehicle(member.facts, {"": self.number[member.home]})

    def replayed(self, cases: Sequence[PastCase], known: Past) -> tuple[list[Case], Travel]:
        """The cases as they are replayed, with the matrix that this needs. What is unknown of one
        is the middle of what is known of the others."""
        turnout = middle((case.turnout_s for case in known.cases), USUAL_TURNOUT_S)
        work = middle((case.work_s for case in known.cases), USUAL_WORK_S)
        processing = middle((case.processing_s for case in known.cases), 0.0)
        rows = {
            place.code.removeprefix("area."): n
            for n, place in enumerate(self.places)
            if place.sort == "area"
        }
        found = [
            Case(
                id=case.id,
                at=case.at,
                goal=n,
                place=rows[case.area] if case.area in rows else self._nearest(case),
                priority=case.priority,
                needs=case.needs,
                point=(case.lat, case.lng),
                before_s=_or(case.processing_s, processing),
                turnout_s=_or(case.turnout_s, turnout),
                work_s=_or(case.work_s, work),
            )
            for n, case in enumerate(cases)
        ]
        goals = [(case.lat, case.lng) for case in cases]
        return found, travel(self.points, [*goals, *self.points])

    def _nearest(self, case: PastCase) -> int:
        return int(np.argmin([distance_m(case.lat, case.lng, *point) for point in self.points]))


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _posts() -> list[Place]:
    rows = Post.objects.select_related("agency").filter(active=True).order_by("code")
    return [
        Place(f"post.{p.code}", p.name, "post", (p.lat, p.lng), p.agency.code)
        for p in rows
        if p.lat is not None and p.lng is not None
    ]


def _areas(areas: Sequence[Area]) -> list[Place]:
    return [Place(f"area.{a.code}", a.name, "area", (a.lat, a.lng)) for a in areas]


def _staging() -> list[Place]:
    rows = Incident.objects.exclude(staging_lat=None).order_by("-opened_at")[:_MOST_STAGING]
    return [
        Place(f"staging.{row.pk}", f"#{row.pk}", "staging", (row.staging_lat, row.staging_lng))
        for row in rows
        if row.staging_lat is not None and row.staging_lng is not None
    ]


def _fleet(places: Sequence[Place]) -> tuple[list[Member], list[str], list[Place]]:
    """The units in use, those without a place, and the places that only they know."""
    known = {place.code for place in places}
    carries = in_order()
    fleet: list[Member] = []
    placeless: list[str] = []
    stations: list[Place] = []
    rows = Unit.objects.select_related("agency", "post").filter(active=True)
    for unit in rows.order_by("agency__rank", "call_sign"):
        home = f"post.{unit.post.code}" if unit.post else ""
        if home not in known:
            if unit.station_lat is None or unit.station_lng is None:
                placeless.append(unit.call_sign)
                continue
            home = f"unit.{unit.call_sign}"
            at = (unit.station_lat, unit.station_lng)
            name = unit.station or unit.call_sign
            stations.append(Place(home, name, "station", at, unit.agency.code))
        facts = UnitFacts(
            call_sign=unit.call_sign,
            agency=unit.agency.code,
            capabilities=frozenset(unit.capabilities),
            lat=None,
            lng=None,
            position_age_s=None,
            crew=unit.crew,
            equipment=carries.get(unit.call_sign, frozenset()),
        )
        fleet.append(Member(facts, unit.kind, home))
    return fleet, placeless, stations


def twin(member: Member, call_sign: str, home: str) -> Member:
    """One more of the same, at a place."""
    return Member(replace(member.facts, call_sign=call_sign), member.kind, home)
