"""How fast the city's number may speak, when a message is tried again, and what it costs.

Pure: nothing here waits. A message that must wait gets a later `due_at`, so that a restart
changes nothing, and the waiting of one person holds up no other.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from .refusals import Away, FarEnd, Outside24h, TooOften

PER_S = 80  # Meta counts what comes in, too
PAIR_S = 6.0
BURST = 5  # to one person at once; Meta lends up to 45 and wants them back in waiting
FIRST_S = 1.0
LONGEST_S = 900.0
GIVE_UP = timedelta(hours=24)  # by then the window has closed, too
KEPT = 10_000


@dataclass
class Rate:
    """So many at once, and one more after each `every_s` (a bucket that leaks)."""

    every_s: float
    burst: int
    free_at: datetime | None = None  # when all that was taken has been waited for

    def wait_s(self, now: datetime) -> float:
        """How long until one more may go."""
        owed = (self.free_at - now).total_seconds() if self.free_at else 0.0
        return max(0.0, owed - self.every_s * (self.burst - 1))

    def take(self, now: datetime, count: int = 1) -> None:
        """One more has gone."""
        start = max(now, self.free_at or now)
        self.free_at = start + timedelta(seconds=self.every_s * count)

    def hold(self, now: datetime, seconds: float) -> None:
        """None may go for so long."""
        until = now + timedelta(seconds=seconds + self.every_s * (self.burst - 1))
        self.free_at = max(until, self.free_at or until)


@dataclass
class Pace:
    """What may be sent now, in all and to one person. After a restart it knows nothing: then
    Meta's own refusals hold it back."""

    per_s: int = PER_S
    pair_s: float = PAIR_S
    burst: int = BURST
    _all: Rate = field(init=False)
    _pairs: dict[str, Rate] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        # A tenth of a second's worth at once: never more than `per_s` in any second.
        at_once = max(1, self.per_s // 10)
        self._all = Rate(1 / max(1, self.per_s - at_once), at_once)

    def ask(self, who: str, now: datetime) -> float:
        """0 when a message may go to this person now, which is then counted; else the seconds
        to wait."""
        pair = self._pair(who)
        if wait := max(self._all.wait_s(now), pair.wait_s(now)):
            return wait
        self._all.take(now)
        pair.take(now)
        self._forget(now)
        return 0.0

    def heard(self, now: datetime, count: int = 1) -> None:
        """So many came in: they take from the same 80."""
        self._all.take(now, count)

    def slow_down(self, who: str, refused: TooOften, pause_s: float, now: datetime) -> None:
        """WhatsApp said that it was too much."""
        (self._pair(who) if refused.pair else self._all).hold(now, pause_s)

    def _pair(self, who: str) -> Rate:
        return self._pairs.setdefault(who, Rate(self.pair_s, self.burst))

    def _forget(self, now: datetime) -> None:
        if len(self._pairs) > KEPT:
            busy = {w: r for w, r in self._pairs.items() if r.free_at and r.free_at > now}
            self._pairs = busy


def pause_s(
    tries: int, refused: FarEnd, chance: Callable[[], float] = random.random
) -> float | None:
    """How long until a message that was refused is tried again, for the `tries`-th time; None
    for never. Too often to one person: 1, 4, 16, 64 … seconds, as Meta asks for; else doubled
    each time. A random part keeps many messages from coming back together."""
    if not isinstance(refused, TooOften | Away):
        return None
    pair = isinstance(refused, TooOften) and refused.pair
    longest: float = min(FIRST_S * (4.0 if pair else 2.0) ** min(tries - 1, 20), LONGEST_S)
    return max(refused.after_s, longest) * (1 + chance() / 2)


Next = Literal["again", "template", "give_up"]


def after(refused: FarEnd, first_at: datetime, now: datetime) -> Next:
    """What becomes of a message that was refused: tried again, said by a template instead, or
    given up and shown to a person."""
    if isinstance(refused, Outside24h):
        return "template"
    if isinstance(refused, TooOften | Away) and now - first_at < GIVE_UP:
        return "again"
    return "give_up"
