"""Several cases of one kind close together within three hours, as one cause makes them. Pure.

A lamp that fails is one report; five in neighbouring kelurahan in two hours are a feeder that has
tripped. For this no past need be played again: how improbable it is that a neighbourhood has so
many in so short a time is added up over all neighbourhoods and hours of a day, which is more than
chance can do, so that the threshold errs towards silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson  # type: ignore[import-untyped]

from .scan import Floats, Zones

HOURS = 3  # of the longest window
RAREST = 3650.0  # days; what is rarer is not told apart
HOUR_COUNTS = 48.0  # that all hours are alike counts as so many cases


@dataclass(frozen=True)
class Burst:
    """Which areas, how many hours, what was seen and expected there, and in how many days chance
    would do the same once, at most."""

    areas: tuple[int, ...]
    hours: int
    seen: int
    expected: float
    once_in: float


def hours_of_day(hours: Sequence[int]) -> Floats:
    """How much more than in the mean hour happens in each hour of the day, from the hours of
    past cases."""
    counts = np.bincount(np.asarray(hours, dtype=np.int_), minlength=24) + HOUR_COUNTS / 24
    return np.asarray(counts * 24 / counts.sum())


def find_burst(
    ages_h: Floats, areas: npt.NDArray[np.int_], hourly: Floats, zones: Zones, *, least: int
) -> Burst | None:
    """The most unusual of the last hours: of cases so many hours old in these areas, where `hourly`
    is what was to be expected in the last, the one before, … hours by areas."""
    looks = len(zones.members) * HOURS * 24
    best: Burst | None = None
    for hours in range(1, HOURS + 1):
        recent = np.bincount(areas[ages_h < hours], minlength=zones.areas) @ zones.matrix
        expected = hourly[:hours].sum(axis=0) @ zones.matrix
        tail = np.where(recent >= least, poisson.sf(recent - 1, expected), 1.0)
        n = int(np.argmin(tail))
        once_in = 1 / max(float(tail[n]) * looks, 1 / RAREST)
        if recent[n] >= least and (best is None or once_in > best.once_in):
            members = zones.members[n]
            best = Burst(members, hours, int(recent[n]), float(expected[n]), once_in)
    return best
