"""Statistics of intervals: pure functions over seconds, no database.

Percentiles are by nearest rank over the raw values of the whole period; they are never
averaged over days or groups. What cannot be used is counted, not hidden.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

MICROSECONDS = 1_000_000  # in a second


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened; `derived` when the time was worked out, not reported."""

    at: datetime
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One interval of one case: its seconds, or none when a time is missing."""

    seconds: float | None
    derived: bool = False
    ended: datetime | None = field(default=None, compare=False)

    def exceeds(self, limit: float) -> bool:
        """Whether it counts and is longer."""
        return self.seconds is not None and not self.derived and self.seconds > limit


MISSING = Reading(None)


def between(start: Moment | None, end: Moment | None) -> Reading:
    """The interval from `start` to `end`; missing when either is unknown."""
    if start is None or end is None:
        return MISSING
    seconds = (end.at - start.at).total_seconds()
    return Reading(seconds, start.derived or end.derived, end.at)


def nearest_rank(ordered: Sequence[float], percent: float) -> float:
    """The smallest of the ordered values that at least `percent` % do not exceed."""
    if not ordered:
        raise ValueError("no values")
    return ordered[max(math.ceil(percent * len(ordered) / 100), 1) - 1]


@dataclass(frozen=True)
class Statistics:
    """A clock over many cases. Every case is in exactly one of n, missing, derived and
    excluded; `zero` are values of 0 s, which count in n and are shown, being suspect."""

    values: tuple[float, ...]  # what counts, in order
    missing: int = 0
    derived: int = 0
    excluded: int = 0  # negative: one of the two times must be wrong
    zero: int = 0

    @property
    def n(self) -> int:
        """How many values count."""
        return len(self.values)

    @property
    def mean(self) -> float | None:
        """The mean in seconds; None without values. Times are whole microseconds, and the sum is
        taken back to them, so that whoever sums whole numbers gets the very same mean."""
        if not self.n:
            return None
        return round(math.fsum(self.values) * MICROSECONDS) / self.n / MICROSECONDS

    @property
    def p50(self) -> float | None:
        """The median in seconds, by nearest rank."""
        return nearest_rank(self.values, 50) if self.n else None

    @property
    def p90(self) -> float | None:
        """What nine in ten did not exceed, in seconds, by nearest rank."""
        return nearest_rank(self.values, 90) if self.n else None

    def share_within(self, seconds: float) -> float | None:
        """The percentage of values that are at most `seconds`; None without values."""
        return 100 * sum(v <= seconds for v in self.values) / self.n if self.n else None


def summarise(readings: Iterable[Reading]) -> Statistics:
    """Sort readings into those that count and those that do not, and say how many."""
    values: list[float] = []
    missing = derived = excluded = 0
    for reading in readings:
        if reading.seconds is None:
            missing += 1
        elif reading.derived:
            derived += 1
        elif reading.seconds < 0:
            excluded += 1
        else:
            values.append(reading.seconds)
    zero = sum(v == 0 for v in values)
    return Statistics(tuple(sorted(values)), missing, derived, excluded, zero)
