"""Where vehicles should wait: how much is asked of each area, and from which places it is reached
soonest. Pure functions over arrays; `waiting.py` brings the city's own data.

A model that is exact about wrong numbers helps nobody: the demand of areas is drawn towards that of
the whole city where cases are few, and what a plan is worth is found by replaying later cases, not
by the model that made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import (  # type: ignore[import-untyped]
    Bounds,
    LinearConstraint,
    linear_sum_assignment,
    milp,
)
from scipy.sparse import coo_array, hstack  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# What an area that nobody reaches costs, against the longest way that there is: so much that it is
# left out only where no choice of places reaches it.
_UNREACHED = 100.0
SOLVE_AT_MOST_S = 20.0


@dataclass(frozen=True)
class Chosen:
    """Places by their number, one for each vehicle; whether no other choice can be better, and by
    how much one could at most where the search was stopped (0.01 is 1 %)."""

    places: list[int]
    proven: bool
    gap: float


def shrink(counts: Floats, prior: Floats) -> Floats:
    """Shares of the demand by area: empirical Bayes, Poisson counts about a gamma (Clayton and
    Kaldor 1987). `prior` are the shares that one would expect. The fewer the cases, and the less
    they differ from it beyond chance, the more it counts; it sums to 1 as the prior does."""
    expected = counts.sum() * prior / prior.sum()
    known = expected > 0
    share: Floats = prior / prior.sum()
    if not known.any():
        return share
    # How much the areas differ beyond what chance alone does, by moments.
    spread = ((counts[known] - expected[known]) ** 2 - expected[known]).sum()
    variance = spread / (expected[known] ** 2).sum()
    if variance > 0:
        belief = 1 / variance
        share = prior * (counts + belief) / (expected + belief)
    found: Floats = share / share.sum()
    return found


def demand(
    areas: Ints, is_kind: npt.NDArray[np.bool_], in_part: npt.NDArray[np.bool_], count: int
) -> Floats:
    """The share of each of `count` areas in the demand for a kind of unit in a part of the day,
    from the area of each past case. Three tables of one dimension each, never a cell of kind, part
    and area: all cases by area; then how far those of the kind, and those of the part, differ."""
    everywhere = np.full(count, 1 / count)
    if not len(areas):
        return everywhere
    whole = shrink(np.bincount(areas, minlength=count).astype(float), everywhere)
    kind = shrink(np.bincount(areas[is_kind], minlength=count).astype(float), whole)
    part = shrink(np.bincount(areas[in_part], minlength=count).astype(float), whole)
    both = kind * part / whole
    found: Floats = both / both.sum()
    return found


def p_median(seconds: Floats, weights: Floats, vehicles: int) -> Chosen:
    """The places (rows) from which the areas (columns) are reached in the least time on the
    weighted mean, each by its nearest vehicle. What no place reaches is left out of all of them."""
    places, areas = seconds.shape
    if not places or not areas or vehicles < 1:
        return Chosen([], True, 0.0)
    vehicles = min(vehicles, places)
    reached = np.isfinite(seconds)
    longest = seconds[reached].max(initial=1.0)
    row, column = np.nonzero(reached)
    ways = len(row)
    # Variables: a place has a vehicle; a place serves an area; an area is served by nobody.
    cost = np.concatenate(
        [
            np.zeros(places),
            weights[column] * seconds[row, column],
            weights * longest * _UNREACHED,
        ]
    )
    each = np.arange(ways)
    serves = coo_array((np.ones(ways), (column, each)), shape=(areas, ways))
    nobody = coo_array((np.ones(areas), (np.arange(areas), np.arange(areas))))
    none = coo_array((areas, places))
    served = LinearConstraint(hstack([none, serves, nobody]).tocsr(), 1, 1)
    opened = coo_array((-np.ones(ways), (each, row)), shape=(ways, places))
    is_serving = coo_array((np.ones(ways), (each, each)))
    only_open = LinearConstraint(
        hstack([opened, is_serving, coo_array((ways, areas))]).tocsr(), -np.inf, 0
    )
    count = np.concatenate([np.ones(places), np.zeros(ways + areas)])
    whole = np.concatenate([np.ones(places), np.zeros(ways + areas)])
    return _solve(
        cost, [served, only_open, LinearConstraint(count, vehicles, vehicles)], whole, places, 1
    )


def mexclp(
    seconds: Floats, weights: Floats, vehicles: int, *, within_s: float, busy: float
) -> Chosen:
    """The places from which most of the demand is reached within a time, where each vehicle is
    busy for a share of the time: a second one that reaches an area counts for when the first is
    away (Daskin 1983). Several may wait at one place."""
    places, areas = seconds.shape
    if not places or not areas or vehicles < 1:
        return Chosen([], True, 0.0)
    covers = (seconds <= within_s).T.astype(float)
    gain = [(1 - busy) * busy**nth * weights for nth in range(vehicles)]
    cost = np.concatenate([np.zeros(places), *(-worth for worth in gain)])
    there = hstack([coo_array(-covers), *(coo_array(np.eye(areas)) for _nth in gain)]).tocsr()
    reached = LinearConstraint(there, -np.inf, 0)
    count = LinearConstraint(
        np.concatenate([np.ones(places), np.zeros(areas * vehicles)]), vehicles, vehicles
    )
    whole = np.concatenate([np.ones(places), np.zeros(areas * vehicles)])
    return _solve(cost, [reached, count], whole, places, vehicles)


def _solve(
    cost: Floats, rules: list[LinearConstraint], whole: Floats, places: int, most: int
) -> Chosen:
    upper = np.ones(len(cost))
    upper[:places] = most
    solved = milp(
        cost,
        constraints=rules,
        integrality=whole,
        bounds=Bounds(0, upper),
        options={"mip_rel_gap": 0.0, "time_limit": SOLVE_AT_MOST_S},
    )
    if solved.x is None:
        raise RuntimeError(f"no waiting places were found: {solved.message}")
    taken = np.rint(solved.x[:places]).astype(int)
    gap = float(solved.mip_gap or 0.0)
    return Chosen(np.repeat(np.arange(places), taken).tolist(), solved.status == 0, gap)


def mean_seconds(seconds: Floats, weights: Floats, places: Sequence[int]) -> tuple[float, float]:
    """The weighted mean to the nearest of these places, all being free, and the share of the
    demand that none of them reaches, which has no time."""
    if not len(places):
        return float("nan"), 1.0
    nearest = seconds[list(places)].min(axis=0)
    there = np.isfinite(nearest)
    share = float(weights[there].sum())
    mean = float((nearest[there] * weights[there]).sum() / share) if share else float("nan")
    return mean, max(0.0, 1 - share)


def who_goes(apart: Floats) -> list[int | None]:
    """Which place (column) each vehicle (row) takes, so that all of them drive the least; None for
    one for which there is no place left."""
    far = np.nan_to_num(apart, nan=1e7, posinf=1e7)
    rows, columns = linear_sum_assignment(far)
    found = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return [found.get(n) for n in range(len(apart))]


@dataclass(frozen=True)
class MoveUp:
    """One free vehicle that could wait elsewhere for now: which, at which place, what share of the
    demand would be reached in time again, and what share would still not be."""

    vehicle: int
    place: int
    regained: list[int]  # areas
    gain: float
    left: float


def move_up(
    now: Floats, usual: Floats, places: Floats, weights: Floats, *, within_s: float, least: float
) -> MoveUp | None:
    """The move of one free vehicle that brings back most, where areas are no longer reached within
    a time that are reached when all vehicles wait at their places. `now` are seconds from each free
    vehicle (a row) to each area, `usual` from each vehicle's place, `places` from each place where
    one may wait. None where nothing is broken, or no move brings at least `least` of the demand."""
    in_time = now <= within_s
    usually = (usual <= within_s).any(axis=0)
    broken = usually & ~in_time.any(axis=0)
    if not broken.any() or not len(now):
        return None
    best: MoveUp | None = None
    for vehicle in range(len(now)):
        others = np.delete(in_time, vehicle, axis=0).any(axis=0)
        before = others | in_time[vehicle]
        for place in np.flatnonzero((places <= within_s)[:, broken].any(axis=1)):
            after = others | (places[place] <= within_s)
            # What it gives up elsewhere counts against it.
            gain = float(weights[after & usually].sum() - weights[before & usually].sum())
            if gain >= least and (best is None or gain > best.gain + 1e-12):
                regained = np.flatnonzero(broken & after).tolist()
                left = float(weights[usually & ~after].sum())
                best = MoveUp(vehicle, int(place), regained, gain, left)
    return best
