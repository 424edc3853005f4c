"""The one clock. Everything that asks what time it is asks here.

Tests freeze it, the simulated city runs it fast; the rest of the product never
calls `datetime.now` itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The current time, always aware and in UTC."""
    return _source()


def run_from(source: Callable[[], datetime] | None) -> None:
    """Replace the clock of this process (the simulated city); None restores the system's."""
    global _source  # noqa: PLW0603 - one process has one clock
    _source = source or _system


class Frozen:
    """A clock that stands still until it is moved; what `frozen` yields."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        """Move the clock by `seconds` (negative: back, as a machine's clock may step)."""
        self.at += timedelta(seconds=seconds)


@contextmanager
def frozen(at: datetime) -> Iterator[Frozen]:
    """Hold the clock at `at` for the length of the block."""
    global _source  # noqa: PLW0603 - one process has one clock
    before, still = _source, Frozen(at.astimezone(UTC))
    _source = still
    try:
        yield still
    finally:
        _source = before
