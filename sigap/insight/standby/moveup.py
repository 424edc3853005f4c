"""Coverage that has just broken, and the unit that could wait elsewhere for now. It only proposes:
a dispatcher accepts or declines, and both are kept (`fleet.MoveUp`)."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from sigap.core import clock
from sigap.core.parameters import value
from sigap.dispatch.queries import unit_facts
from sigap.dispatch.recommend import UnitFacts, is_usable
from sigap.fleet.models import MoveUp
from sigap.places.queries import closures

from .choosing import Floats, move_up
from .ground import Ground, Place
from .travel import Travel, part_of, travel
from .trips import FEWEST, Past, past
from .waiting import Kind, kinds, weigh

# What was declined is not proposed again so soon.
DECLINED = timedelta(minutes=30)
# The past does not change while one looks.
_FRESH_S = 300.0


@dataclass(frozen=True)
class Suggestion:
    """One unit that could wait elsewhere, and why: which areas nobody reaches in time any more, by
    whose absence, and what share of the demand would be reached again (percent)."""

    kind: Kind
    unit: str
    place: Place
    areas: list[str]  # names, the most asked for first
    gain_percent: float
    left_percent: float
    busy: list[str]  # units of the kind that have a job
    incidents: list[int]
    seconds: float  # to the place
    straight: bool
    stale: bool  # where the unit is was last heard long ago


@dataclass(frozen=True)
class _Known:
    read_at: float
    key: object
    ground: Ground
    past: Past
    to_areas: Travel


_known: _Known | None = None


def _city() -> _Known:
    """The city and its past, read anew at most every five minutes, or when a road is closed."""
    global _known  # noqa: PLW0603 - a cache of this process
    known, key = _known, closures()
    if known is None or known.key != key or time.monotonic() - known.read_at > _FRESH_S:
        ground = Ground()
        known = _known = _Known(time.monotonic(), key, ground, past(), ground.to_areas())
    return known


def forget() -> None:
    """Read the city anew at the next question."""
    global _known  # noqa: PLW0603 - a cache of this process
    _known = None


def suggestions() -> list[Suggestion]:
    """What to propose now: at most one move for each kind of unit, and one for each unit, the one
    that brings back most first. Nothing while no unit is at work, or too few cases say what is
    asked for where."""
    answered = MoveUp.objects.order_by("pk")
    held = answered.filter(state="accepted").values_list("unit__call_sign", "lat", "lng")
    moved = {sign: (lat, lng) for sign, lat, lng in held}
    units = [_settled(u, moved) for u in unit_facts({}) if is_usable(u) and u.lat is not None]
    if not any(unit.jobs for unit in units):
        return []
    city = _city()
    lately = answered.filter(state="declined", answered_at__gt=clock.now() - DECLINED)
    declined = set(lately.values_list("unit__call_sign", "place"))
    found = [
        one
        for kind in kinds(city.past, city.ground)
        if kind.cases >= FEWEST and (one := _of(kind, units, city))
        if (one.unit, one.place.code) not in declined
    ]
    found.sort(key=lambda one: (-one.gain_percent, one.kind.code))
    return [one for n, one in enumerate(found) if one.unit not in {o.unit for o in found[:n]}]


def _settled(unit: UnitFacts, moved: Mapping[str, tuple[float, float]]) -> UnitFacts:
    """One that was moved up counts as there, though it may still be on its way."""
    if unit.jobs or unit.call_sign not in moved:
        return unit
    lat, lng = moved[unit.call_sign]
    return replace(unit, lat=lat, lng=lng)


def _of(kind: Kind, units: Sequence[UnitFacts], city: _Known) -> Suggestion | None:
    mine = [u for u in units if u.agency == kind.agency and kind.capability in u.capabilities]
    busy = [unit for unit in mine if unit.jobs]
    free = [unit for unit in mine if not unit.jobs]
    if not busy or not free:
        return None
    ground = city.ground
    part = part_of(clock.now())
    now = travel([(u.lat or 0.0, u.lng or 0.0) for u in free], _middles(ground))
    seconds = city.to_areas.at(part)
    homes = {m.facts.call_sign: ground.number[m.home] for m in ground.fleet}
    usual = seconds[[homes[u.call_sign] for u in mine if u.call_sign in homes]]
    candidates = ground.candidates(kind.agency)
    weights = weigh(ground, kind, part, city.past.cases)
    best = move_up(
        now.at(part),
        usual,
        seconds[candidates],
        weights,
        within_s=value("insight.reach_s"),
        least=value("insight.move_up_percent") / 100,
    )
    if best is None:
        return None
    place, unit = candidates[best.place], free[best.vehicle]
    way = travel([(unit.lat or 0.0, unit.lng or 0.0)], [ground.points[place]])
    return Suggestion(
        kind=kind,
        unit=unit.call_sign,
        place=ground.places[place],
        areas=_named(best.regained, weights, ground),
        gain_percent=round(100 * best.gain, 1),
        left_percent=round(100 * best.left, 1),
        busy=[one.call_sign for one in busy],
        incidents=sorted({job.incident for one in busy for job in one.jobs}),
        seconds=float(way.at(part)[0, 0]),
        straight=not bool(way.by_road.all()),
        stale=(unit.position_age_s or 0) > value("dispatch.position_age_s"),
    )


def _middles(ground: Ground) -> list[tuple[float, float]]:
    return [(area.lat, area.lng) for area in ground.areas]


def _named(areas: Collection[int], weights: Floats, ground: Ground) -> list[str]:
    order = sorted(areas, key=lambda n: (-weights[n], n))
    return [ground.areas[n].name for n in np.array(order, int)]
