"""Which units to send, and why: pure functions over plain facts.

Capability first, then the shortest time to arrive, to which is added what sending this unit would
cost: an old position may be wrong, a crew needs its rest, a part of the city is left without one.
Every cost is a reason with its seconds, and every shortfall says why nobody else could go, since a
person decides and both are kept.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf, isnan

import numpy as np
import numpy.typing as npt

from sigap.places.geo import METRES_PER_DEGREE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

# So many are listed beside the plan's; whoever wants another names it.
MOST_OTHERS = 20
# So many more are looked at closely: what sending one costs may put it behind them.
_BEHIND = 10
# A unit that has not arrived may still be turned to something more urgent.
TURNABLE = frozenset({"notified", "acknowledged", "en_route"})
CRITICAL = 1


@dataclass(frozen=True)
class Held:
    """A job that a unit has now."""

    incident: int
    priority: int = 4
    state: str = "on_scene"


@dataclass(frozen=True)
class UnitFacts:
    """What is known of a unit at the moment of asking."""

    call_sign: str
    agency: str
    capabilities: frozenset[str]
    lat: float | None
    lng: float | None
    position_age_s: float | None  # None: at its station
    state: str = "available"
    on_duty: bool = True
    readiness: str = "ready"
    jobs: tuple[Held, ...] = ()
    asked: str = ""  # for this incident, before: proposed or declined
    crew: int = 2
    equipment: frozenset[str] = frozenset()  # what it carries and is in order
    blocked: tuple[str, ...] = ()  # must-have equipment that failed its check
    rested_s: float | None = None  # since its last job ended; None: long ago


@dataclass(frozen=True)
class Need:
    """One step of a response plan."""

    agency: str
    capability: str
    count: int
    crew: int = 0  # at least so many people
    equipment: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shortfall:
    """What of a need could not be met. `why` counts the units that could do it but for one thing,
    by that thing; nothing at all: no such unit exists."""

    need: Need
    count: int
    why: Mapping[str, int]


@dataclass(frozen=True)
class Rules:
    """The city's numbers. Costs are seconds that are added to the time to arrive."""

    speed_kmh: float = 30
    detour: float = 1.35
    stale_s: float = 300
    stale_costs_s: float = 0
    rest_s: float = 0
    rest_costs_s: float = 0
    coverage_m: float = 3000
    coverage_costs_s: float = 0
    divert_gain_s: float = 180


@dataclass(frozen=True)
class Pick:
    """A unit for a need, with seconds to arrive (None: no position) and the reasons as codes.
    `costs` are those of the reasons that put it behind others; `leaves` what it would drop."""

    call_sign: str
    need: Need
    eta_s: int | None
    metres: int | None
    reasons: tuple[str, ...]
    busy: bool
    by_road: bool = False  # else the time is of the straight line, and rougher
    costs: tuple[tuple[str, int], ...] = ()
    leaves: tuple[Held, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether it may be picked without a person's choice."""
        return not self.busy and "declined" not in self.reasons


@dataclass
class Recommendation:
    """The picks for a plan in order of need, what could not be met, units on the way to
    something less urgent that would be there much sooner, and the others that could serve."""

    picks: list[Pick] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)
    diversions: list[Pick] = field(default_factory=list)
    others: list[Pick] = field(default_factory=list)

    def passed_over(self, chosen: Collection[str]) -> list[Pick]:
        """The picks in whose place a person would send another unit that serves the same need."""
        own = {p.call_sign for p in self.picks}
        instead = Counter(
            p.need for p in self.all() if p.call_sign in chosen and p.call_sign not in own
        )
        left_out = [p for p in self.picks if p.call_sign not in chosen]
        return [p for p in left_out if instead[p.need]]

    def all(self) -> Iterator[Pick]:
        """Everything that is listed, each unit once."""
        yield from self.picks
        yield from self.others


def eta_seconds(metres: float, *, speed_kmh: float, detour: float) -> int:
    """Straight-line travel time: distance times detour at an average speed."""
    return round(metres * detour / (speed_kmh / 3.6))


def recommend(
    needs: Sequence[Need],
    units: Sequence[UnitFacts],
    *,
    lat: float | None,
    lng: float | None,
    rules: Rules,
    priority: int = CRITICAL,
    already: frozenset[str] = frozenset(),
    named: Collection[str] = (),
    by_road: Mapping[str, float] | None = None,
) -> Recommendation:
    """The units for `needs` at a point. A unit on duty, ready and available may be picked; a
    busy one, or one that has declined, is never picked by itself, only listed. Units in
    `already` work there, or have done so, and count towards the plan; `named` are listed whatever
    they are fit for. `by_road` says how many seconds a unit needs by road, infinite where no open
    road leads there; without it the time is that of the straight line."""
    at = (lat, lng) if lat is not None and lng is not None else None
    ask = _Question(at, rules, priority, by_road or {}, units)
    result = Recommendation()
    serving = [u for u in units if u.call_sign in already] if already else []
    taken = set(already)
    others: dict[str, Pick] = {}
    for need in needs:
        there = [u for u in serving if fits(u, need)][: need.count]
        for unit in there:
            serving.remove(unit)
        missing = need.count - len(there)
        found = ask.ranked(need, taken, missing + MOST_OTHERS)
        free = [p for p in found if p.is_free]
        for pick in free[:missing]:
            result.picks.append(pick)
            taken.add(pick.call_sign)
        if len(free) < missing:
            why = ask.why_not(need, taken)
            result.shortfalls.append(Shortfall(need, missing - len(free), why))
        if missing:
            result.diversions += ask.diversions(found, free[missing - 1 : missing])
        for pick in found:
            others.setdefault(pick.call_sign, pick)
    for unit in units if named else ():
        if unit.call_sign in named and unit.call_sign not in others:
            others[unit.call_sign] = ask.look_at(unit)
    result.others = sorted((p for p in others.values() if p.call_sign not in taken), key=_order)
    return result


def fits(unit: UnitFacts, need: Need) -> bool:
    """Whether it can do what is needed."""
    return (
        unit.agency == need.agency
        and need.capability in unit.capabilities
        and unit.crew >= need.crew
        and need.equipment <= unit.equipment
    )


def is_usable(unit: UnitFacts) -> bool:
    """Whether it may be sent at all, whatever it is doing now."""
    return (
        unit.on_duty
        and unit.state == "available"
        and unit.readiness != "not_ready"
        and not unit.blocked
    )


def _order(pick: Pick) -> tuple[bool, float, str]:
    seconds = float("inf") if pick.eta_s is None else pick.eta_s
    for _reason, more in pick.costs:
        seconds += more
    return not pick.is_free, seconds, pick.call_sign


def _is_known(unit: UnitFacts) -> bool:
    return unit.lat is not None and unit.lng is not None


class _Question:
    """One question with what every unit is measured by."""

    def __init__(
        self,
        at: tuple[float, float] | None,
        rules: Rules,
        priority: int,
        road_s: Mapping[str, float],
        units: Sequence[UnitFacts],
    ) -> None:
        self._at, self._rules, self._priority, self._road_s = at, rules, priority, road_s
        lat, lng = at or (0.0, 0.0)
        # In a city the ground is as good as flat: metres north and east of the incident.
        self._here = np.array([lat, lng])
        self._scale = METRES_PER_DEGREE * np.array([1.0, np.cos(np.radians(lat))])
        self._of: dict[str, list[UnitFacts]] = defaultdict(list)
        for unit in units:
            self._of[unit.agency].append(unit)

    def ranked(self, need: Need, taken: Collection[str], most: int) -> list[Pick]:
        """The best of those that could serve: free ones first, then by time and costs."""
        able = [
            u
            for u in self._of[need.agency]
            if fits(u, need) and is_usable(u) and u.call_sign not in taken
        ]
        if not able:
            return []
        north, east = self._from_here(able)
        metres = np.hypot(north, east)
        busy = np.array([bool(u.jobs) for u in able])
        chosen = np.lexsort((self._seconds(able, metres), busy))[: most + _BEHIND]
        alone = self._alone(north, east, busy, chosen)
        looked_at = zip(chosen.tolist(), metres[chosen].tolist(), alone.tolist(), strict=True)
        picks = [self._pick(able[n], need, far, alone=lone) for n, far, lone in looked_at]
        return sorted(picks, key=_order)[:most]

    def look_at(self, unit: UnitFacts) -> Pick:
        """What speaks for and against a unit that somebody named, whatever it is fit for."""
        north, east = self._from_here([unit])
        return self._pick(unit, Need(unit.agency, "", 0), float(np.hypot(north, east)[0]))

    def _from_here(self, units: Sequence[UnitFacts]) -> tuple[Floats, Floats]:
        """How many metres north and east of the incident they are; not a number: unknown."""
        at = np.array([(u.lat, u.lng) for u in units], dtype=float)
        north, east = ((at - self._here) * self._scale).T
        return north, east

    def _seconds(self, units: Sequence[UnitFacts], metres: Floats) -> Floats:
        """How long each takes, by road where that is known."""
        straight: Floats = metres * (self._rules.detour / (self._rules.speed_kmh / 3.6))
        if not self._road_s:
            return straight
        road = np.array([self._road_s.get(u.call_sign, np.nan) for u in units])
        return np.where(np.isnan(road), straight, road)

    def _alone(self, north: Floats, east: Floats, busy: Bools, chosen: Ints) -> Bools:
        """Whether these have no other free unit near: without them there is a gap."""
        free = np.flatnonzero(~busy)
        up, across = (at[chosen][:, None] - at[free][None] for at in (north, east))
        apart = up * up + across * across
        apart[chosen[:, None] == free[None]] = np.inf
        nearest = apart.min(axis=1, initial=np.inf)
        alone: Bools = ~busy[chosen] & ~(nearest <= self._rules.coverage_m**2)
        return alone

    def _pick(self, unit: UnitFacts, need: Need, far: float, *, alone: bool = False) -> Pick:
        """What speaks for and against sending this unit, `far` metres away; `alone`: no other
        free one is near."""
        rules = self._rules
        metres = None if self._at is None or isnan(far) else far
        road_s = self._road_s.get(unit.call_sign)
        reasons: list[str] = []
        costs: list[tuple[str, int]] = []
        if not _is_known(unit):
            reasons.append("no_position")
        if road_s is not None and isinf(road_s):
            reasons.append("no_way")
        if unit.position_age_s is None:
            reasons.append("at_station")
        elif unit.position_age_s > rules.stale_s:
            reasons.append("stale_position")
            costs.append(("stale_position", round(rules.stale_costs_s)))
        if unit.readiness == "limited":
            reasons.append("limited")
        if unit.jobs:
            reasons.append("busy")
        if unit.asked:
            reasons.append(unit.asked)
        if self._priority != CRITICAL:
            # At the highest priority only the time counts, and what makes it doubtful.
            if unit.rested_s is not None and unit.rested_s < rules.rest_s:
                costs.append(("unrested", round(rules.rest_costs_s)))
            if alone and _is_known(unit):
                costs.append(("leaves_gap", round(rules.coverage_costs_s)))
        if costs:
            costs = [cost for cost in costs if cost[1]]
            reasons += [code for code, _seconds in costs if code not in reasons]
        return Pick(
            call_sign=unit.call_sign,
            need=need,
            eta_s=self._eta(metres, road_s),
            metres=None if metres is None else round(metres),
            reasons=tuple(reasons),
            busy=bool(unit.jobs),
            by_road=metres is not None and road_s is not None,
            costs=tuple(costs),
            leaves=unit.jobs if self._may_leave(unit) else (),
        )

    def diversions(self, found: Sequence[Pick], last: Sequence[Pick]) -> list[Pick]:
        """Units on the way to something less urgent that would be there sooner, by as much as the
        city says, than the `last` that is picked; all of them where too few are free."""
        bound = float("inf")
        if last and last[0].eta_s is not None:
            bound = last[0].eta_s - self._rules.divert_gain_s
        return [p for p in found if p.leaves and p.eta_s is not None and p.eta_s <= bound]

    def why_not(self, need: Need, taken: Collection[str]) -> Mapping[str, int]:
        """Why those that can do it cannot go, each by the first thing that stands against it."""
        able = [u for u in self._of[need.agency] if need.capability in u.capabilities]
        reasons = [_hindrance(u, need) for u in able if u.call_sign not in taken]
        return Counter(reason for reason in reasons if reason)

    def _may_leave(self, unit: UnitFacts) -> bool:
        return bool(unit.jobs) and all(
            job.state in TURNABLE and job.priority > self._priority for job in unit.jobs
        )

    def _eta(self, metres: float | None, road_s: float | None) -> int | None:
        if metres is None:
            return None
        if road_s is not None:
            return None if isinf(road_s) else round(road_s)
        return eta_seconds(metres, speed_kmh=self._rules.speed_kmh, detour=self._rules.detour)


def _hindrance(unit: UnitFacts, need: Need) -> str:
    if not unit.on_duty:
        return "off_duty"
    if unit.state != "available":
        return "unavailable"
    if unit.readiness == "not_ready":
        return "not_ready"
    if unit.blocked:
        return "blocked"
    if unit.crew < need.crew:
        return "crew_short"
    if not need.equipment <= unit.equipment:
        return "equipment_missing"
    if unit.jobs:
        return "busy"
    return "declined" if unit.asked == "declined" else ""
