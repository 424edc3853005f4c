"""The city's past cases once more, with vehicles, plans and places as one likes: a simulation of
discrete events in which the dispatcher's own recommendation chooses the units.

What it simplifies: the advice is always followed, no unit is turned round on its way, and who is
free drives home and may be called from there. Base and variant are both simulated, so that what
both have wrong does not look like a difference.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from sigap.core.queries import city_zone
from sigap.dispatch.recommend import Held, Need, Rules, UnitFacts, recommend
from sigap.places.roads.speeds import PERIODS, period_of

from .travel import Point, Travel
from .trips import FEWEST

DRAWS, SEED = 2000, 112
# A case for which no unit is free for so long is one for which none came.
MOST_WAIT_S = 6 * 3600.0


@dataclass(frozen=True)
class Case:
    """A case as it is replayed: `goal` is its column in the matrix of travel times, `place` the
    row of the place at which its units are when they are free again."""

    id: int
    at: datetime
    goal: int
    place: int
    priority: int
    needs: tuple[Need, ...]
    point: Point
    before_s: float  # first ring, to the units notified
    turnout_s: float
    work_s: float  # on scene


@dataclass(frozen=True)
class Vehicle:
    """A unit, and in each part of the day the row of the place where it waits."""

    facts: UnitFacts
    homes: Mapping[str, int]

    def home(self, part: str) -> int:
        """Where it waits in a part of the day."""
        return self.homes[part] if part in self.homes else next(iter(self.homes.values()))


@dataclass(frozen=True)
class Outcome:
    """What became of a case. `total_s` is from its first ring to the first unit on scene; None:
    none ever came, which is no time at all."""

    case: int
    day: int  # the day's number, of the city's calendar
    total_s: float | None
    travel_s: float | None = None
    waited_s: float = 0.0  # until a unit was free
    unit: str = ""


@dataclass
class _State:
    """A vehicle on its way through the replay, in seconds since the first case."""

    vehicle: Vehicle
    here: int  # the row of the place where it was when it left
    goal: int  # that of the place where it waits, or to which it drives
    left: float = 0.0
    there: float = 0.0
    job: Held | None = None
    ended: float | None = None

    def way(self, now: float) -> float:
        """How much of its way it has driven, from 0 to 1."""
        return 1.0 if now >= self.there else (now - self.left) / (self.there - self.left)


@dataclass
class _Open:
    """A case that still lacks units."""

    case: Case
    asked_at: float
    units: set[str] = field(default_factory=set)
    first: float = np.inf
    over: float = np.inf
    outcome: Outcome | None = None


def replay(
    cases: Sequence[Case],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    points: Sequence[Point],
    rules: Rules,
) -> list[Outcome]:
    """Let the cases happen again with these vehicles. `points` are those of the places, the rows of
    `travel`, whose columns are first the cases' goals and then the places once more."""
    if not cases:
        return []
    return _Replay(cases, vehicles, travel, points, rules).run()


class _Replay:
    def __init__(
        self,
        cases: Sequence[Case],
        vehicles: Sequence[Vehicle],
        travel: Travel,
        points: Sequence[Point],
        rules: Rules,
    ) -> None:
        self._cases = sorted(cases, key=lambda case: (case.at, case.id))
        self._travel, self._points, self._rules = travel, points, rules
        self._goals = travel.seconds.shape[1] - len(points)
        self._start, self._zone = self._cases[0].at, city_zone()
        part, _began = self._part(0.0)
        self._units = {v.facts.call_sign: _State(v, v.home(part), v.home(part)) for v in vehicles}
        self._open: list[_Open] = []

    def run(self) -> list[Outcome]:
        """What became of each case, in their order."""
        known = [_Open(case, self._since(case.at) + case.before_s) for case in self._cases]
        events: list[tuple[float, int, _Open | str]] = [
            (one.asked_at, number, one) for number, one in enumerate(known)
        ]
        heapq.heapify(events)
        number = len(events)
        while events:
            now, _number, what = heapq.heappop(events)
            part, began = self._part(now)
            if isinstance(what, str):
                self._free(self._units[what], now, part)
            else:
                self._open.append(what)
            # The most urgent first, of these whoever has waited longest.
            self._open.sort(key=lambda one: (one.case.priority, one.asked_at))
            still = []
            for one in self._open:
                sent, lacks = self._send(one, now, part, began)
                for sign, until in sent:
                    number += 1
                    heapq.heappush(events, (until, number, sign))
                if lacks and now < min(one.over, one.asked_at + MOST_WAIT_S):
                    still.append(one)
            self._open = still
        return [one.outcome or Outcome(one.case.id, self._day(one.case), None) for one in known]

    def _send(
        self, one: _Open, now: float, part: str, began: float
    ) -> tuple[list[tuple[str, float]], bool]:
        """Send what the advice says of what is still lacking: the units, until when they are at
        work, and whether a unit that is busy now could still be sent."""
        case, units = one.case, self._units
        pace = self._travel.pace.get(part, 1.0)
        for unit in units.values():
            self._change_over(unit, part, began)
        seconds = {s: self._seconds(u, now, case.goal) / pace for s, u in units.items()}
        found = recommend(
            case.needs,
            [self._facts(unit, now) for unit in units.values()],
            lat=case.point[0],
            lng=case.point[1],
            rules=self._rules,
            priority=case.priority,
            already=frozenset(one.units),
            by_road=seconds,
        )
        lacks = any(short.why.get("busy") for short in found.shortfalls)
        sent = []
        for pick in found.picks:
            sign, took = pick.call_sign, seconds[pick.call_sign]
            if not np.isfinite(took):
                lacks = True  # no open road leads there from where it is
                continue
            arrives = now + case.turnout_s + took
            units[sign].job = Held(case.id, case.priority)
            units[sign].here = case.place
            one.units.add(sign)
            sent.append((sign, arrives + case.work_s))
            if arrives < one.first:
                one.first, one.over = arrives, arrives + case.work_s
                total, waited = arrives - one.asked_at + case.before_s, now - one.asked_at
                one.outcome = Outcome(case.id, self._day(case), total, took, waited, sign)
        return sent, lacks

    def _facts(self, unit: _State, now: float) -> UnitFacts:
        way = unit.way(now)
        (lat, lng), (to_lat, to_lng) = self._points[unit.here], self._points[unit.goal]
        return replace(
            unit.vehicle.facts,
            lat=lat + way * (to_lat - lat),
            lng=lng + way * (to_lng - lng),
            jobs=(unit.job,) if unit.job else (),
            rested_s=None if unit.ended is None else now - unit.ended,
        )

    def _seconds(self, unit: _State, now: float, goal: int) -> float:
        """By day; of one on its way home between what it is from either end."""
        way, of = unit.way(now), self._travel.seconds
        if way == 1 or unit.here == unit.goal:
            return float(of[unit.goal, goal])
        if way == 0:
            return float(of[unit.here, goal])
        return float((1 - way) * of[unit.here, goal] + way * of[unit.goal, goal])

    def _free(self, unit: _State, now: float, part: str) -> None:
        """Its job is done: it drives to where it waits."""
        unit.job, unit.ended = None, now
        self._drive(unit, unit.here, unit.vehicle.home(part), now, part)

    def _change_over(self, unit: _State, part: str, began: float) -> None:
        """Where it waits elsewhere by now, it left for there when this part of the day began."""
        home = unit.vehicle.home(part)
        if unit.job is None and unit.goal != home:
            self._drive(unit, unit.goal, home, max(began, unit.there), part)

    def _drive(self, unit: _State, here: int, home: int, now: float, part: str) -> None:
        took = float(self._travel.seconds[here, self._goals + home])
        unit.here, unit.goal, unit.left = here, home, now
        # Where no road leads home it stays where it is.
        unit.there = now + took / self._travel.pace.get(part, 1.0) if np.isfinite(took) else now
        if not np.isfinite(took):
            unit.goal = here

    def _since(self, at: datetime) -> float:
        return (at - self._start).total_seconds()

    def _part(self, now: float) -> tuple[str, float]:
        """The part of the day, and when it began."""
        at = (self._start + timedelta(seconds=now)).astimezone(self._zone)
        name = period_of(at.time())
        began = datetime.combine(at.date(), PERIODS[name][0], self._zone)
        if began > at:  # the night before
            began -= timedelta(days=1)
        return name, self._since(began)

    def _day(self, case: Case) -> int:
        return case.at.astimezone(self._zone).date().toordinal()


@dataclass(frozen=True)
class Interval:
    """A mean in seconds, and between what it lies with 95 % certainty; how many cases it is of, and
    on how many days they were."""

    mean: float
    low: float
    high: float
    n: int
    days: int


def difference(
    base: Sequence[Outcome], variant: Sequence[Outcome], *, cases: Collection[int] | None = None
) -> Interval | None:
    """How many seconds later the variant is than the base, in the same cases (below 0: sooner), of
    those that were served in both. None where they are too few to say anything."""
    pairs = [
        (b.day, v.total_s - b.total_s)
        for b, v in zip(base, variant, strict=True)
        if b.total_s is not None and v.total_s is not None and (cases is None or b.case in cases)
    ]
    return interval(pairs)


def interval(values: Sequence[tuple[int, float]]) -> Interval | None:
    """The mean of values by day, with its interval by drawing whole days anew: what happens on one
    day hangs together."""
    if len(values) < FEWEST:
        return None
    days, number = np.unique([day for day, _value in values], return_inverse=True)
    sums = np.bincount(number, [value for _day, value in values], len(days))
    counts = np.bincount(number, minlength=len(days))
    drawn = np.random.default_rng(SEED).integers(0, len(days), (DRAWS, len(days)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    mean = sums.sum() / counts.sum()
    return Interval(float(mean), float(low), float(high), len(values), len(days))
