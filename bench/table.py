"""What a bench found, and how all of it is printed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One number, and what it should be: `at_most` or `at_least`, or neither."""

    what: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """The target in words."""
        if self.at_most is not None:
            return f"<= {number(self.at_most)}"
        return f">= {number(self.at_least)}" if self.at_least is not None else ""

    @property
    def verdict(self) -> str:
        """Whether the target was reached."""
        if not self.target:
            return ""
        low = self.at_least is not None and not self.value >= self.at_least
        high = self.at_most is not None and not self.value <= self.at_most
        return "MISSED" if low or high else "ok"


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest rank; not a number where there are no values."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def number(value: float) -> str:
    """Three digits that count, and no more; a dash for what could not be measured."""
    if math.isnan(value):
        return "-"
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def line(bench: str, found: Measure) -> str:
    """One row of the table."""
    return (
        f"{bench:<11}{found.what:<51}{number(found.value):>10} {found.unit:<5}"
        f"{found.target:>10}  {found.verdict}".rstrip()
    )
