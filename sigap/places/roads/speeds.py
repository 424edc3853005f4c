"""How fast units drive: by kind of road and by time of day, and what a city's own trips say of it.

The first numbers are assumptions. A city's own trips correct them: where they are few they move
little, and the error before and after is measured on trips that were not learned from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear  # type: ignore[import-untyped]

# Kinds of road (the value of `highway` in OpenStreetMap) and km/h of a unit there by day.
SPEEDS: dict[str, float] = {
    **{"motorway": 70, "trunk": 50, "primary": 42, "secondary": 38, "tertiary": 34},
    **{"unclassified": 28, "residential": 24, "service": 15, "living_street": 15, "track": 12},
}
KINDS = tuple(SPEEDS)
# By the clock of the city: from when, and how fast against the day.
PERIODS: dict[str, tuple[time, float]] = {
    "night": (time(21), 1.15),
    "morning": (time(6), 0.85),
    "day": (time(9), 1.0),
    "afternoon": (time(15), 0.85),
    "evening": (time(18), 0.95),
}
FEWEST_TRIPS = 30
_FOLDS = 5
_PRIOR = 3.0  # so many trips' worth of belief in the speeds before
_PERIOD_PRIOR = 10.0
_WIDEST = 2.5  # so many times slower or faster than before, at most
_ROUNDS = 3
_GOOD_ENOUGH = 0.05  # an error below which trips count alike

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Speeds:
    """km/h by kind of road, and how much faster or slower it goes by period."""

    kinds: Mapping[str, float] = field(default_factory=lambda: dict(SPEEDS))
    periods: Mapping[str, float] = field(
        default_factory=lambda: {name: factor for name, (_start, factor) in PERIODS.items()}
    )

    def at(self, moment: time) -> dict[str, float]:
        """km/h by kind of road at a time of day."""
        factor = self.periods.get(period_of(moment), 1.0)
        return {kind: self.kinds.get(kind, SPEEDS[kind]) * factor for kind in KINDS}


def period_of(moment: time) -> str:
    """The period that a time of day lies in."""
    begun = [name for name, (start, _factor) in PERIODS.items() if moment >= start]
    # Before the first of the day it is still the night.
    return max(begun, key=lambda name: PERIODS[name][0], default="night")


class Trip(NamedTuple):
    """What a unit drove: metres by kind of road, seconds off the road, when, and how long it
    took."""

    metres: Floats
    off_s: float
    period: str
    seconds: float


@dataclass(frozen=True)
class Measured:
    """Speeds that trips say, and the middle error (0.2 is 20 %) of what they would have foretold,
    before and after."""

    speeds: Speeds
    trips: int
    error_before: float
    error_after: float


def measure(trips: Sequence[Trip], before: Speeds) -> Measured | None:
    """What the trips say of the speeds; None where they are too few to say anything."""
    usable = [trip for trip in trips if trip.seconds > trip.off_s and trip.metres.sum() > 0]
    if len(usable) < FEWEST_TRIPS:
        return None
    unseen = [
        error for known, rest in _folds(usable) for error in _errors(rest, _fit(known, before))
    ]
    return Measured(
        speeds=_fit(usable, before),
        trips=len(usable),
        error_before=float(np.median(_errors(usable, before))),
        error_after=float(np.median(unseen)),
    )


def _folds(trips: Sequence[Trip]) -> Iterator[tuple[list[Trip], list[Trip]]]:
    for fold in range(_FOLDS):
        rest = list(trips[fold::_FOLDS])
        yield [trip for n, trip in enumerate(trips) if n % _FOLDS != fold], rest


def _errors(trips: Sequence[Trip], speeds: Speeds) -> list[float]:
    return [abs(_foretold(trip, speeds) / trip.seconds - 1) for trip in trips]


def _foretold(trip: Trip, speeds: Speeds) -> float:
    pace = 3.6 / np.array([speeds.kinds[kind] for kind in KINDS])
    return float(trip.metres @ pace) / speeds.periods[trip.period] + trip.off_s


def _fit(trips: Sequence[Trip], before: Speeds) -> Speeds:
    """Speeds of kinds by the least relative error, drawn to those before; then the periods by
    what is left; and again, since each depends on the other. Not by squares: each round a trip
    that fits badly counts less."""
    driven = np.array([trip.metres for trip in trips])
    took = np.array([trip.seconds - trip.off_s for trip in trips])
    names = np.array([trip.period for trip in trips])
    kinds, periods = dict(before.kinds), dict(before.periods)
    # The city as a whole first: what no trip touched moves with it.
    whole = _whole(driven, took, names, kinds, periods)
    start = pace = np.array([3.6 / kinds[kind] for kind in KINDS]) * whole
    for _round in range(_ROUNDS):
        factor = np.array([periods[name] for name in names])
        rows = driven / factor[:, None] / took[:, None]
        weight = _weights(rows @ pace)
        belief = np.sqrt(_PRIOR) * np.diag(1 / start)
        solved = lsq_linear(
            np.vstack([rows * weight[:, None], belief]),
            np.concatenate([weight, np.sqrt(_PRIOR) * np.ones(len(start))]),
            bounds=(start / _WIDEST, start * _WIDEST),
        )
        pace = solved.x
        faster = np.log(driven @ pace / took)  # as against the day at 0
        for name in periods:
            own = faster[names == name]
            prior = np.log(before.periods[name])
            middle = np.median(own) if len(own) else 0.0
            told = (len(own) * middle + _PERIOD_PRIOR * prior) / (len(own) + _PERIOD_PRIOR)
            periods[name] = float(np.exp(told))
    kinds = {kind: float(3.6 / pace[n]) for n, kind in enumerate(KINDS)}
    return Speeds(kinds, periods)


def _weights(foretold: Floats) -> Floats:
    """How much each trip counts, by its foretold time as a share of the true one: a crew that
    stopped on its way, or went another, must not make the whole city slow."""
    weight = 1 / np.sqrt(np.maximum(np.abs(foretold - 1), _GOOD_ENOUGH))
    return np.asarray(weight / np.sqrt(np.mean(weight**2)))


def _whole(
    driven: Floats,
    took: Floats,
    names: npt.NDArray[np.str_],
    kinds: Mapping[str, float],
    periods: Mapping[str, float],
) -> float:
    pace = np.array([3.6 / kinds[kind] for kind in KINDS])
    factor = np.array([periods[name] for name in names])
    return float(np.median(took / (driven @ pace / factor)))
