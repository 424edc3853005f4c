"""Which part of the incidents falls to each area and each type. Pure.

Never by hour: at two valid calls a day nearly all cells of hour, area and type are empty, and a
number in them would be made up. Small counts are drawn towards an equal share, as far as the city's
own counts say that areas are alike (empirical Bayes).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]
from scipy.special import gammaln  # type: ignore[import-untyped]
from scipy.stats import beta  # type: ignore[import-untyped]

from .calendar import Numbers

LEAST = 30  # incidents, below which no shares are shown


@dataclass(frozen=True)
class Share:
    """The share of one code with the ends of its intervals, from 0 to 1, and its count."""

    code: str
    n: int
    share: float
    low80: float
    high80: float
    low95: float
    high95: float


def shares(counts: Sequence[tuple[str, int]]) -> list[Share]:
    """The greatest first; none where all together are too few."""
    n = np.array([count for _code, count in counts], dtype=float)
    total, kinds = float(n.sum()), len(n)
    if total < LEAST or kinds < 2:
        return []
    each = alike(n)
    drawn, whole = n + each, total + each * kinds
    ends = {q: beta.ppf(q, drawn, whole - drawn) for q in (0.025, 0.1, 0.9, 0.975)}
    found = [
        Share(
            code,
            count,
            float(drawn[i] / whole),
            *(float(ends[q][i]) for q in (0.1, 0.9, 0.025, 0.975)),
        )
        for i, (code, count) in enumerate(counts)
    ]
    return sorted(found, key=lambda s: (-s.share, s.code))


def alike(counts: Numbers) -> float:
    """For how many incidents it counts that all are alike, each: the most likely concentration of
    a symmetric Dirichlet distribution that such counts come from."""
    total, kinds = counts.sum(), len(counts)

    def unlikely(log_each: float) -> float:
        each = np.exp(log_each)
        found = gammaln(kinds * each) - gammaln(kinds * each + total)
        found += np.sum(gammaln(counts + each) - gammaln(each))
        return -float(found)

    best = minimize_scalar(unlikely, bounds=(np.log(1e-2), np.log(1e4)), method="bounded")
    return float(np.exp(best.x))
