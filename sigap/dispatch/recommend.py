"""Which units to send, and why: pure functions over plain facts.

Capability first, then the shortest straight-line time. Every pick and every shortfall
carries its reason, since a person decides and both are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sigap.places.geo import distance_m


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
    jobs: tuple[int, ...] = ()  # incidents that it is working on
    asked: str = ""  # for this incident, before: proposed or declined
    blocked: tuple[str, ...] = ()  # the must-have equipment that keeps it back


@dataclass(frozen=True)
class Need:
    """One step of a response plan."""

    agency: str
    capability: str
    count: int


@dataclass(frozen=True)
class Pick:
    """A unit for a need, with seconds to arrive (None: no position) and the reasons as codes."""

    call_sign: str
    need: Need
    eta_s: int | None
    metres: int | None
    reasons: tuple[str, ...]
    busy: bool
    by_road: bool = False  # else the time is of the straight line, and rougher

    @property
    def is_free(self) -> bool:
        """Whether it may be picked without a person's choice."""
        return not self.busy and "declined" not in self.reasons


@dataclass
class Recommendation:
    """The picks for a plan in order of need, what could not be met, and all other units
    that could serve, nearest first."""

    picks: list[Pick] = field(default_factory=list)
    shortfalls: list[Need] = field(default_factory=list)
    others: list[Pick] = field(default_factory=list)


def eta_seconds(metres: float, *, speed_kmh: float, detour: float) -> int:
    """Straight-line travel time: distance times detour at an average speed."""
    return round(metres * detour / (speed_kmh / 3.6))


def recommend(
    needs: Sequence[Need],
    units: Sequence[UnitFacts],
    *,
    lat: float | None,
    lng: float | None,
    already: frozenset[str] = frozenset(),
    speed_kmh: float,
    detour: float,
    stale_s: float,
    by_road: Mapping[str, float] | None = None,
) -> Recommendation:
    """The units for `needs` at a point. A unit on duty, ready and available may be picked; a
    busy one, or one that has declined, is never picked by itself, only listed. Units in
    `already` work there, or have done so, and count towards the plan. `by_road` says how many
    seconds a unit needs by road; without it the time is that of the straight line."""
    result, road_s = Recommendation(), by_road or {}
    by_sign = {u.call_sign: u for u in units}
    serving = [by_sign[s] for s in sorted(already) if s in by_sign]
    taken = set(already)
    for need in needs:
        there = [u for u in serving if _fits(u, need)][: need.count]
        for unit in there:
            serving.remove(unit)
        missing = need.count - len(there)
        able = [u for u in units if _fits(u, need) and _usable(u)]
        ranked = sorted(
            (
                _pick(u, need, lat, lng, speed_kmh, detour, stale_s, road_s.get(u.call_sign))
                for u in able
                if u.call_sign not in taken
            ),
            key=_order,
        )
        free = [p for p in ranked if p.is_free]
        for pick in free[:missing]:
            result.picks.append(pick)
            taken.add(pick.call_sign)
        if len(free) < missing:
            result.shortfalls.append(Need(need.agency, need.capability, missing - len(free)))
        result.others += [p for p in ranked if p.call_sign not in taken]
    seen: set[str] = set(taken)
    result.others = [
        p
        for p in sorted(result.others, key=_order)
        if p.call_sign not in seen and not seen.add(p.call_sign)  # type: ignore[func-returns-value]
    ]
    return result


def _fits(unit: UnitFacts, need: Need) -> bool:
    return unit.agency == need.agency and need.capability in unit.capabilities


def _usable(unit: UnitFacts) -> bool:
    ready = unit.readiness != "not_ready" and not unit.blocked
    return unit.on_duty and unit.state == "available" and ready


def _order(pick: Pick) -> tuple[bool, float, str]:
    return not pick.is_free, pick.eta_s if pick.eta_s is not None else float("inf"), pick.call_sign


def _pick(
    unit: UnitFacts,
    need: Need,
    lat: float | None,
    lng: float | None,
    speed_kmh: float,
    detour: float,
    stale_s: float,
    road_s: float | None,
) -> Pick:
    reasons = []
    metres: float | None = None
    if unit.lat is None or unit.lng is None:
        reasons.append("no_position")
    elif lat is not None and lng is not None:
        metres = distance_m(unit.lat, unit.lng, lat, lng)
    if unit.position_age_s is None:
        reasons.append("at_station")
    elif unit.position_age_s > stale_s:
        reasons.append("stale_position")
    if unit.readiness == "limited":
        reasons.append("limited")
    if unit.jobs:
        reasons.append("busy")
    if unit.asked:
        reasons.append(unit.asked)
    return Pick(
        call_sign=unit.call_sign,
        need=need,
        eta_s=_eta(metres, road_s, speed_kmh, detour),
        metres=None if metres is None else round(metres),
        reasons=tuple(reasons),
        busy=bool(unit.jobs),
        by_road=metres is not None and road_s is not None,
    )


def _eta(metres: float | None, road_s: float | None, speed_kmh: float, detour: float) -> int | None:
    if metres is None:
        return None
    if road_s is not None:
        return round(road_s)
    return eta_seconds(metres, speed_kmh=speed_kmh, detour=detour)
