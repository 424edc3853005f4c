"""Whether something happens more or less often than before: exact, for small numbers. Pure."""

from dataclasses import dataclass

from scipy.stats import beta  # type: ignore[import-untyped]

FEWEST, SHORTEST = 5, 30.0  # cases in both times together, days of each


@dataclass(frozen=True)
class Ratio:
    """How many in how many days before and after; the rate after over the rate before with its
    95 % interval. `few`: too few, or too short a time, to say more than the numbers."""

    before: int
    before_days: float
    after: int
    after_days: float
    ratio: float | None  # None: there was none before
    low: float
    high: float  # may be infinite
    few: bool

    @property
    def clear(self) -> bool:
        """Whether chance alone does not explain the difference."""
        return not self.few and (self.high < 1 or self.low > 1)


def rate_ratio(before: int, before_days: float, after: int, after_days: float) -> Ratio | None:
    """Compare two Poisson rates by the share of cases that fell into the second time
    (Clopper-Pearson, 95 %); None where one of the times is none at all."""
    if before_days <= 0 or after_days <= 0:
        return None
    n, scale = before + after, before_days / after_days
    low = float(beta.ppf(0.025, after, before + 1)) if after else 0.0
    high = float(beta.ppf(0.975, after + 1, before)) if before else 1.0
    few = n < FEWEST or min(before_days, after_days) < SHORTEST
    return Ratio(
        before=before,
        before_days=before_days,
        after=after,
        after_days=after_days,
        ratio=after / before * scale if before else None,
        low=_odds(low) * scale,
        high=_odds(high) * scale,
        few=few,
    )


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else float("inf")
