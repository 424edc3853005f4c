"""Whether the whole city had more of something in the last seven days than in weeks before. Pure.

The count is judged by a negative binomial distribution: weeks of a city differ more than chance
alone would have it (rain, holidays), so that a Poisson test would cry wolf.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import nbinom, poisson  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]

WEEK, WEEKS, FEWEST = 7, 26, 8
LEAST_MEAN = 0.05  # a week: what is expected where there never was any


@dataclass(frozen=True)
class Rise:
    """The last seven days of the whole city; `score` is -log10 of how probable that many are."""

    score: float
    seen: int
    expected: float


def rise_scores(city: npt.NDArray[np.int_], *, least: int, last: int) -> Floats:
    """The score at the end of each of the `last` days, 0 where fewer than `least` were seen or
    fewer than eight weeks are known."""
    seen, mean, spread, weeks = _weeks(city, last)
    excess = spread - mean
    wide = excess > mean * 1e-6
    size = np.where(wide, mean**2 / np.where(wide, excess, 1.0), 1.0)
    tail = np.where(
        wide,
        nbinom.sf(seen - 1, size, size / (size + mean)),
        poisson.sf(seen - 1, mean),
    )
    known = (weeks >= FEWEST) & (seen >= least) & (seen > mean)
    return np.asarray(np.where(known, -np.log10(np.maximum(tail, 1e-30)), 0.0))


def last_week(city: npt.NDArray[np.int_], *, least: int) -> Rise:
    """The last seven days beside what was to be expected."""
    seen, mean, _spread, _weeks_known = _weeks(city, 1)
    score = rise_scores(city, least=least, last=1)
    return Rise(float(score[0]), int(seen[0]), float(mean[0]))


def _weeks(city: npt.NDArray[np.int_], last: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each day: the cases of the seven days up to it; the mean of up to 26 such weeks before,
    the variance of a week yet to come, and how many weeks are known."""
    sums = np.concatenate([[0.0], np.cumsum(city, dtype=np.float64)])
    ends = np.arange(len(city) - last, len(city)) + 1
    seen = sums[ends] - sums[np.maximum(ends - WEEK, 0)]
    past = ends[:, None] - WEEK * np.arange(1, WEEKS + 1)  # where each week before ended
    known = past >= WEEK
    week = np.where(known, sums[np.maximum(past, 0)] - sums[np.maximum(past - WEEK, 0)], 0.0)
    weeks = known.sum(axis=1).astype(float)
    n = np.maximum(weeks, 1.0)
    mean = np.maximum(week.sum(axis=1) / n, LEAST_MEAN)
    around = np.where(known, (week - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(n - 1, 1.0)
    # That the mean itself is only known from so many weeks widens it once more.
    spread = np.maximum(around, mean) * (1 + 1 / n)
    return seen, mean, spread, weeks
