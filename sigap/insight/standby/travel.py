"""How long units drive from where they wait to where something happens, by the hour: along the
city's roads round what is closed, else along the straight line, and marked so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from sigap.core.queries import city_zone
from sigap.dispatch.queries import rules
from sigap.places.geo import METRES_PER_DEGREE
from sigap.places.queries import closures, speeds
from sigap.places.roads.graph import Roads, Router
from sigap.places.roads.kept import roads
from sigap.places.roads.speeds import PERIODS, period_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Point = tuple[float, float]
DAY_PARTS = tuple(PERIODS)
# So many points are asked of the roads at once: each costs a row as long as the city has junctions.
_AT_ONCE = 32


@dataclass(frozen=True)
class Travel:
    """Seconds from each place (a row) to each goal (a column) by day: infinite where no open road
    leads there. `by_road` says which are of the roads; the others are of the straight line. `pace`
    says how much faster it goes by part of the day."""

    seconds: Floats
    by_road: Bools
    pace: Mapping[str, float]

    def at(self, part: str) -> Floats:
        """The same in a part of the day."""
        return self.seconds / self.pace.get(part, 1.0)


def travel(places: Sequence[Point], goals: Sequence[Point]) -> Travel:
    """From each place to each goal, with the roads that are open now."""
    seconds = np.full((len(places), len(goals)), np.nan)
    own = _router()
    if own is not None and len(goals):
        for start in range(0, len(places), _AT_ONCE):
            # Turned round, the roads lead from the few places to the many goals.
            part = slice(start, start + _AT_ONCE)
            seconds[part] = own.times(places[part], goals)
    by_road = ~np.isnan(seconds)
    seconds = np.where(by_road, seconds, _straight(places, goals))
    return Travel(seconds, by_road, speeds().periods)


def part_of(moment: datetime) -> str:
    """The part of the day that a moment lies in, by the city's clock."""
    return period_of(moment.astimezone(city_zone()).time())


def _straight(places: Sequence[Point], goals: Sequence[Point]) -> Floats:
    """Straight line times detour at the city's speed, as the advice reckons without roads."""
    city = rules()
    starts, ends = (np.array(points, float).reshape(-1, 2) for points in (places, goals))
    apart = starts[:, None] - ends[None]
    apart[..., 1] *= np.cos(np.radians((starts[:, None, 0] + ends[None, :, 0]) / 2))
    metres = METRES_PER_DEGREE * np.hypot(apart[..., 0], apart[..., 1])
    found: Floats = metres * city.detour / (city.speed_kmh / 3.6)
    return found


_kept: tuple[object, Roads, Router] | None = None


def _router() -> Router | None:
    """What answers by the roads of now, kept apart from that of the dispatcher's advice."""
    global _kept  # noqa: PLW0603 - a cache of this process
    known = roads()
    if known is None:
        return None
    kinds = dict(speeds().kinds)
    key = id(known), tuple(sorted(kinds.items())), closures()
    # The roads themselves are kept too, so that none others get their number.
    if _kept is None or _kept[0] != key:
        turned = known.turned
        shut = [int(piece) for place in closures() for piece in turned.near(*place)]
        _kept = key, known, Router(turned, kinds, shut)
    return _kept[2]
