"""The plan of waiting places for a kind of unit, by part of the day, and what it is worth: weighed
with the city's cases, and checked on the later of them by a plan of the earlier."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sigap.core.parameters import value
from sigap.dispatch.queries import rules
from sigap.dispatch.recommend import Need, UnitFacts

from .choosing import Chosen, Floats, demand, mean_seconds, mexclp, p_median, who_goes
from .ground import Ground, Place
from .simulate import Interval, Outcome, Vehicle, difference, replay
from .travel import DAY_PARTS, Travel, part_of
from .trips import FEWEST, Past, PastCase

METHODS = ("p_median", "mexclp")
# Of the located cases, the first part makes the weights and the rest checks them.
LEARNED = 0.6
# So many cases are replayed at most, the newest.
MOST_CHECKED = 500
_BUSIEST = 0.95


@dataclass(frozen=True)
class Kind:
    """A kind of unit: what an agency can do; how many of its units, and past cases that asked."""

    agency: str
    capability: str
    units: int = 0
    cases: int = 0

    @property
    def code(self) -> str:
        """As it stands in an address."""
        return f"{self.agency}/{self.capability}"


@dataclass(frozen=True)
class Wait:
    """Where one unit waits in a part of the day, and where it waits today."""

    unit: str
    today: Place
    then: Place

    @property
    def moves(self) -> bool:
        """Whether it waits elsewhere than today."""
        return self.today.code != self.then.code


@dataclass(frozen=True)
class Part:
    """One part of the day: the plan, the weighted mean seconds to arrive with all free, today and
    by the plan, and the share of the demand that nobody reaches, which has no time."""

    part: str
    cases: int
    waits: list[Wait]
    today_s: float
    then_s: float
    today_left: float
    then_left: float
    proven: bool
    gap: float


@dataclass(frozen=True)
class Check:
    """Later cases replayed with today's places and with those that the earlier cases give."""

    learned: int
    tested: int
    seconds: Interval | None
    today: Counter[str]
    then: Counter[str]


@dataclass(frozen=True)
class Plan:
    """What is proposed for a kind of unit, and everything that one must know to judge it."""

    kind: Kind
    method: str
    parts: list[Part]
    check: Check | None
    cases: int
    busy: float | None
    unreachable: list[str]  # areas' names
    straight: bool  # some times are of the straight line
    placeless: list[str]
    nowhere: int


def kinds(known: Past, ground: Ground) -> list[Kind]:
    """What the fleet can do, most asked for first."""
    units = Counter(
        (m.facts.agency, capability) for m in ground.fleet for capability in m.facts.capabilities
    )
    asked = Counter(
        key for case in known.cases for key in {(n.agency, n.capability) for n in case.needs}
    )
    found = [Kind(*key, count, asked[key]) for key, count in units.items()]
    return sorted(found, key=lambda kind: (-kind.cases, kind.code))


def plan_for(kind: Kind, method: str, known: Past, ground: Ground) -> Plan:
    """Where the units of a kind should wait. Without units, or without enough located cases, the
    plan has no parts."""
    asks = [case for case in known.cases if _asks(case, kind)]
    vehicles = [ground.vehicle(m) for m in ground.fleet if _is(m.facts, kind)]
    to_areas = ground.to_areas()
    candidates = ground.candidates(kind.agency)
    reached = np.isfinite(to_areas.seconds[candidates]).sum(axis=0)
    plan = Plan(
        kind=kind,
        method=method,
        parts=[],
        check=None,
        cases=len(asks),
        busy=_busy(asks, kind, len(vehicles)),
        unreachable=[a.name for a, there in zip(ground.areas, reached, strict=True) if not there],
        straight=not to_areas.by_road[candidates].all(),
        placeless=list(ground.placeless),
        nowhere=known.nowhere,
    )
    if not vehicles or len(asks) < FEWEST or not ground.areas:
        return plan
    maker = _Maker(ground, to_areas, kind, method, vehicles, plan.busy or 0.0)
    parts = [maker.part(name, known.cases) for name in DAY_PARTS]
    return replace(plan, parts=parts, check=maker.check(known, asks))


class _Maker:
    def __init__(
        self,
        ground: Ground,
        to_areas: Travel,
        kind: Kind,
        method: str,
        vehicles: Sequence[Vehicle],
        busy: float,
    ) -> None:
        self._ground, self._kind, self._method = ground, kind, method
        self._vehicles, self._busy, self._to_areas = vehicles, busy, to_areas
        self._candidates = ground.candidates(kind.agency)
        self._apart = np.array(
            [[_metres(ground, v.home(""), n) for n in self._candidates] for v in vehicles]
        )

    def part(self, name: str, cases: Sequence[PastCase]) -> Part:
        """The plan of one part of the day, from these cases."""
        weights, chosen, homes = self._homes(name, cases)
        seconds, places = self._to_areas.at(name), self._ground.places
        today = [v.home("") for v in self._vehicles]
        today_s, today_left = mean_seconds(seconds, weights, today)
        then_s, then_left = mean_seconds(seconds, weights, homes)
        return Part(
            part=name,
            cases=sum(part_of(case.at) == name and _asks(case, self._kind) for case in cases),
            waits=[
                Wait(v.facts.call_sign, places[now], places[then])
                for v, now, then in zip(self._vehicles, today, homes, strict=True)
            ],
            today_s=today_s,
            then_s=then_s,
            today_left=today_left,
            then_left=then_left,
            proven=chosen.proven,
            gap=chosen.gap,
        )

    def check(self, known: Past, asks: Sequence[PastCase]) -> Check | None:
        """What the plan of the earlier cases would have been worth in the later ones."""
        learned = asks[: int(len(asks) * LEARNED)]
        later = asks[len(learned) :][-MOST_CHECKED:]
        before = [case for case in known.cases if case.at < later[0].at]
        cases, matrix = self._ground.replayed(later, replace(known, cases=before))
        only = [replace(case, needs=_of_kind(case.needs, self._kind)) for case in cases]
        homes = {name: self._homes(name, before)[2] for name in DAY_PARTS}
        moved = [
            replace(v, homes={name: homes[name][n] for name in DAY_PARTS})
            for n, v in enumerate(self._vehicles)
        ]
        told = [
            replay(only, vehicles, matrix, self._ground.points, rules())
            for vehicles in (self._vehicles, moved)
        ]
        return Check(len(learned), len(later), difference(*told), *(_counted(run) for run in told))

    def _homes(self, name: str, cases: Sequence[PastCase]) -> tuple[Floats, Chosen, list[int]]:
        """Weights, the choice, and the place of each vehicle."""
        weights = weigh(self._ground, self._kind, name, cases)
        seconds = self._to_areas.at(name)[self._candidates]
        if self._method == "mexclp":
            within = value("insight.reach_s")
            chosen = mexclp(seconds, weights, len(self._vehicles), within_s=within, busy=self._busy)
        else:
            chosen = p_median(seconds, weights, len(self._vehicles))
        taken = who_goes(self._apart[:, chosen.places])
        return (
            weights,
            chosen,
            [
                v.home("") if n is None else self._candidates[chosen.places[n]]
                for v, n in zip(self._vehicles, taken, strict=True)
            ],
        )


def weigh(ground: Ground, kind: Kind, part: str, cases: Sequence[PastCase]) -> Floats:
    """The share of each area in the demand for a kind of unit in a part of the day."""
    located = [case for case in cases if case.area in ground.area_number]
    return demand(
        np.array([ground.area_number[case.area] for case in located], int),
        np.array([_asks(case, kind) for case in located], bool),
        np.array([part_of(case.at) == part for case in located], bool),
        len(ground.areas),
    )


def _metres(ground: Ground, one: int, other: int) -> float:
    (lat, lng), (to_lat, to_lng) = ground.points[one], ground.points[other]
    return float(np.hypot(lat - to_lat, (lng - to_lng) * np.cos(np.radians(lat))))


def _asks(case: PastCase, kind: Kind) -> bool:
    return bool(_of_kind(case.needs, kind))


def _of_kind(needs: Sequence[Need], kind: Kind) -> tuple[Need, ...]:
    return tuple(n for n in needs if (n.agency, n.capability) == (kind.agency, kind.capability))


def _is(facts: UnitFacts, kind: Kind) -> bool:
    return facts.agency == kind.agency and kind.capability in facts.capabilities


def _busy(cases: Sequence[PastCase], kind: Kind, vehicles: int) -> float | None:
    """The share of the time that each vehicle is at work, by the times of past cases."""
    if not vehicles or len(cases) < FEWEST:
        return None
    steps = [(case.turnout_s, case.travel_s, case.work_s) for case in cases]
    each = [sum(s for s in step if s is not None) for step in steps if None not in step]
    span = (cases[-1].at - cases[0].at).total_seconds()
    if not each or span <= 0:
        return None
    asked = sum(need.count for case in cases for need in _of_kind(case.needs, kind))
    return min(_BUSIEST, asked * float(np.mean(each)) / (vehicles * span))


def _counted(run: Sequence[Outcome]) -> Counter[str]:
    return Counter("served" if one.total_s is not None else "unserved" for one in run)
