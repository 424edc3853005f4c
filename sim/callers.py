"""Who rings, and when: numbers that come back, days and hours that differ."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from .presets import Preset

WIB = ZoneInfo("Asia/Jakarta")
# Calls per hour of the day, midnight first.
AWAKE = (3, 2, 1.5, 1.5, 2, 4, 6, 7, 8, 8, 8, 8, 7, 7, 8, 9, 9, 9, 9, 9, 8, 7, 6, 4)
CHILDREN = (2, 1, 1, 1, 1, 2, 4, 4, 4, 5, 6, 8, 11, 14, 15, 14, 12, 10, 10, 11, 10, 8, 5, 3)
OFFICE = (1, 0.5, 0.5, 0.5, 1, 2, 4, 8, 12, 12, 11, 9, 7, 9, 10, 8, 6, 5, 5, 5, 4, 3, 2, 1)
HOURS = {"prank": CHILDREN, "noise": CHILDREN, "information": OFFICE, "complaint": OFFICE}
# Monday first: children ring at weekends, questions come on working days.
WEEK = {
    "prank": (0.9, 0.9, 0.9, 0.9, 1, 1.3, 1.4),
    "information": (1.3, 1.2, 1.1, 1.1, 0.9, 0.7, 0.6),
    "complaint": (1.3, 1.1, 1.1, 1, 1, 0.8, 0.7),
}
TRUNKS = ("trunk-a", "trunk-a", "trunk-a", "trunk-b")
# No carrier in Indonesia has 084: a made-up number rings nobody.
PREFIX = "084"


@dataclass(frozen=True, slots=True)
class Caller:
    """One call as the exchange sees it, and what will prove to be its class."""

    at: datetime
    call_class: str
    number: str | None
    trunk: str
    incident: str = ""  # what an emergency opens and a repeat is about


class Numbers:
    """Numbers that return: each class has its own callers, a few of whom make most calls."""

    # Of the calls of a class, how many come from a number that never rang before, and how
    # steep the tail of those that did is.
    FRESH: Mapping[str, float] = {"prank": 0.10, "silent": 0.16, "misdial": 0.3, "noise": 0.2}

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._known: dict[str, list[str]] = {}
        self._given: set[str] = set()

    def one(self, call_class: str) -> str:
        """A number for a call of this class: preferably one that rang often already."""
        known = self._known.setdefault(call_class, [])
        if not known or self._rng.random() < self.FRESH.get(call_class, 0.85):
            known.append(self._new())
            return known[-1]
        # Whoever rang, rings again: drawing from past calls, not from callers, makes the tail.
        number = self._rng.choice(known)
        known.append(number)
        return number

    def _new(self) -> str:
        while (number := f"{PREFIX}{self._rng.randrange(10**8, 10**9)}") in self._given:
            pass
        self._given.add(number)
        return number


def callers(preset: Preset, rng: random.Random) -> list[Caller]:
    """All calls of a preset in order of time; no two ring in the same millisecond.

    A repeat rings within minutes of the emergency that it is about.
    """
    days = [preset.first + timedelta(days=i) for i in range((preset.last - preset.first).days + 1)]
    lively = {day: rng.gauss(1, 0.12) for day in days}
    drawn: list[tuple[datetime, str, str]] = []
    for call_class, count in sorted(preset.calls.items()):
        if call_class != "repeat":
            times = _times(rng, days, lively, call_class, count)
            opens = call_class == "emergency"
            drawn += [(at, call_class, f"event-{i}" if opens else "") for i, at in enumerate(times)]
    drawn += _repeats(rng, [d for d in drawn if d[2]], preset.calls.get("repeat", 0))
    drawn.sort()
    numbers, found = Numbers(rng), []
    last = datetime.min.replace(tzinfo=WIB)
    for at, call_class, incident in drawn:
        last = max(at, last + timedelta(milliseconds=1))
        found.append(
            caller(rng, numbers, last, call_class, withheld=preset.withheld, incident=incident)
        )
    return found


def _repeats(
    rng: random.Random, emergencies: list[tuple[datetime, str, str]], count: int
) -> list[tuple[datetime, str, str]]:
    """Further callers: a few events are seen by many people, most by one."""
    if not emergencies:
        return []
    seen = rng.sample(emergencies, max(1, min(len(emergencies), round(count * 0.6))))
    first = {incident: at for at, _class, incident in seen}
    chosen = [seen[i % len(seen)][2] for i in range(count)]
    return [
        (first[i] + timedelta(milliseconds=rng.randrange(45_000, 900_000)), "repeat", i)
        for i in chosen
    ]


def caller(
    rng: random.Random,
    numbers: Numbers,
    at: datetime,
    call_class: str,
    *,
    withheld: Mapping[str, float],
    incident: str = "",
) -> Caller:
    """A call of this class at this time."""
    # Whoever hangs up before the answer would have been anybody, mostly a ghost.
    like = rng.choice(("silent", "misdial", "prank")) if call_class == "abandoned" else call_class
    hidden = rng.random() < withheld.get(like, 0.03)
    number = None if hidden else numbers.one(like)
    return Caller(at, call_class, number, rng.choice(TRUNKS), incident)


def _times(
    rng: random.Random,
    days: list[date],
    lively: Mapping[date, float],
    call_class: str,
    count: int,
) -> list[datetime]:
    week, hours = WEEK.get(call_class, (1,) * 7), HOURS.get(call_class, AWAKE)
    by_day = list(accumulate(max(0.3, lively[d]) * week[d.weekday()] for d in days))
    by_hour = list(accumulate(hours))
    return [
        datetime.combine(
            rng.choices(days, cum_weights=by_day)[0],
            time(rng.choices(range(24), cum_weights=by_hour)[0]),
            WIB,
        )
        + timedelta(milliseconds=rng.randrange(3_600_000))
        for _ in range(count)
    ]
