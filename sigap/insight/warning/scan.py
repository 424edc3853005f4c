"""Where and since when more happens than usual: a scan in space and time. Pure.

A cylinder is a neighbourhood of areas times the last 1 to 14 days. For each the cases are compared
with what was to be expected there (expectation-based Poisson scan, Neill 2009): the higher the
log-likelihood ratio, the less it looks like chance. The expectation is the category's level in the
whole city times each area's share of it. At two cases a day nearly every area has none on most
days, so both are drawn towards what is known of more cases: the level towards that of the year, the
share towards that of all categories together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WINDOW = 14  # days of the longest cylinder
RECENT, YEAR = 112, 364  # days from which the level and the shares are taken
LONG_COUNTS = 28  # the year's level counts as so many days of the recent one
SHARE_COUNTS = 30.0  # what all categories say of an area counts as so many cases
WEEKDAY_COUNTS = 70.0  # and that all days of the week are alike as so many
LEAST_LEVEL = 0.5  # cases: what is expected in all of the past where there was none


@dataclass(frozen=True)
class Zones:
    """The neighbourhoods of a city: each area with its nearest ones."""

    members: tuple[tuple[int, ...], ...]
    areas: int

    @cached_property
    def matrix(self) -> Floats:
        """Which area is in which neighbourhood: areas by neighbourhoods."""
        found = np.zeros((self.areas, len(self.members)))
        for n, zone in enumerate(self.members):
            found[list(zone), n] = 1.0
        return found


def zones_of(metres: Floats, *, most: int, radius_m: float) -> Zones:
    """The neighbourhoods of areas with these distances between them: of each the nearest 1, 2, …
    up to `most`, none further away than `radius_m`. The smaller ones come first."""
    found: dict[tuple[int, ...], None] = {}
    near = np.argsort(metres, axis=1, kind="stable")
    for size in range(1, most + 1):
        for order, row in zip(near, metres, strict=True):
            if size <= len(order) and row[order[size - 1]] <= radius_m:
                found.setdefault(tuple(sorted(int(n) for n in order[:size])))
    return Zones(tuple(found), len(metres))


@dataclass(frozen=True)
class Cylinder:
    """The most unusual of all: which areas, how many days, what was seen and expected there."""

    score: float
    areas: tuple[int, ...]
    days: int
    seen: int
    expected: float


def scores(
    counts: npt.NDArray[np.int_], zones: Zones, prior: Floats, *, least: int, last: int
) -> Floats:
    """The score of the most unusual cylinder that ends on each of the `last` days; 0 where none
    has as many as `least` cases. `counts` is days by areas; `prior` what share each area has of
    all categories together."""
    best = np.zeros(last)
    for _days, seen, expected in _cylinders(counts, zones, prior, last):
        rows, columns = np.nonzero((seen >= least) & (seen > expected))
        if len(rows):
            c, b = seen[rows, columns], expected[rows, columns]
            np.maximum.at(best, rows, _ratio(c, b))
    return best


def most_unusual(
    counts: npt.NDArray[np.int_], zones: Zones, prior: Floats, *, least: int
) -> Cylinder | None:
    """The most unusual cylinder that ends with the last day; None where none has `least` cases.
    Of two that are as unusual it is the shorter and smaller one."""
    best: Cylinder | None = None
    for days, seen, expected in _cylinders(counts, zones, prior, 1):
        c, b = seen[0], expected[0]
        score = np.where((c >= least) & (c > b), _ratio(np.maximum(c, 1), b), 0.0)
        n = int(np.argmax(score))
        if score[n] > (best.score if best else 0.0):
            members = zones.members[n]
            best = Cylinder(float(score[n]), members, days, int(c[n]), float(b[n]))
    return best


def _ratio(seen: Floats, expected: Floats) -> Floats:
    return np.asarray(seen * np.log(seen / expected) + expected - seen)


def _cylinders(
    counts: npt.NDArray[np.int_], zones: Zones, prior: Floats, last: int
) -> "list[tuple[int, Floats, Floats]]":
    """For each length of the window: cases and expected cases, of the last days by zones."""
    ends = np.arange(len(counts) - last, len(counts))
    total = _running(counts @ zones.matrix)
    level, share = expected_of(counts, prior, ends)
    zone_share = share @ zones.matrix
    found = []
    for days in range(1, WINDOW + 1):
        seen = total[ends + 1] - total[np.maximum(ends + 1 - days, 0)]
        found.append((days, seen, level[:, days - 1, None] * zone_share))
    return found


def expected_of(
    counts: npt.NDArray[np.int_], prior: Floats, ends: npt.NDArray[np.int_]
) -> tuple[Floats, Floats]:
    """What was to be expected at the end of each of these days, as known before the longest window
    began: cases in the city in the last 1 to 14 days, and the share of each area."""
    before = np.maximum(ends + 1 - WINDOW, 0)  # so many days are the past
    city = _running(counts.sum(axis=1))
    year_from, recent_from = np.maximum(before - YEAR, 0), np.maximum(before - RECENT, 0)
    in_year = city[before] - city[year_from] + LEAST_LEVEL
    year = in_year / np.maximum(before - year_from, 1)
    in_recent = city[before] - city[recent_from]
    level = (in_recent + LONG_COUNTS * year) / (before - recent_from + LONG_COUNTS)

    areas = _running(counts)
    of_area = areas[before] - areas[year_from]
    share = of_area + SHARE_COUNTS * prior
    share /= share.sum(axis=1, keepdims=True)

    # Days of the week by where they stand in the row of days; which is Monday does not matter.
    weekday = np.arange(len(counts)) % 7
    by_weekday = _running(counts.sum(axis=1)[:, None] * (weekday[:, None] == np.arange(7)))
    of_weekday = by_weekday[before] - by_weekday[year_from] + WEEKDAY_COUNTS / 7
    factor = of_weekday * 7 / of_weekday.sum(axis=1, keepdims=True)
    back = (ends[:, None] - np.arange(WINDOW)) % 7
    window = np.cumsum(np.take_along_axis(factor, back, axis=1), axis=1)
    return level[:, None] * window, share


def prior_of(all_counts: Sequence[npt.NDArray[np.int_]], areas: int) -> Floats:
    """The share of each area of all categories together, drawn towards equal shares: an area
    without any case is one where something may happen all the same."""
    total = np.ones(areas) + sum(counts.sum(axis=0) for counts in all_counts)
    return np.asarray(total / total.sum())


def _running(values: npt.NDArray[np.int_] | Floats) -> Floats:
    """Sums up to before each day, with one more row for after the last."""
    start = np.zeros((1, *values.shape[1:]))
    return np.concatenate([start, np.cumsum(values, axis=0, dtype=np.float64)])
