"""How many operators it takes, how long callers then wait, and which shifts cover it. Pure.

Operators are reckoned by Erlang C, in which nobody hangs up: a plan must not count on callers who
give up. What then happens is reckoned by Erlang A, in which they do, each after a patience of their
own (exponential with the measured mean; Mandelbaum and Zeltyn's formulas for M/M/n+M).
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
from scipy.sparse import lil_matrix  # type: ignore[import-untyped]

from .calendar import Numbers

HOUR_S = 3600
DAY = 24
MOST = 500  # operators
SOLVE_S = 0.8  # the best plan found in this time is taken


@dataclass(frozen=True)
class Waiting:
    """What callers meet, as shares from 0 to 1 of all who call. Where more ring than can ever be
    answered and nobody gives up, the queue grows without end: `mean_s` is infinite."""

    waits: float  # do not speak with somebody at once
    over: float  # wait longer than the target
    within: float  # answered within the target
    gives_up: float
    mean_s: float  # the mean wait of all
    busy: float  # part of their time that operators are busy


def erlang_b(load: float, operators: int) -> float:
    """The share of calls that would find everybody busy and be turned away. `load` in Erlang."""
    lost = 1.0
    for n in range(1, operators + 1):
        lost = load * lost / (n + load * lost)
    return lost


def erlang_c(per_hour: float, handle_s: float, operators: int, within_s: float) -> Waiting:
    """Everybody waits until they are answered."""
    load = per_hour * handle_s / HOUR_S
    if load <= 0:
        return _IDLE
    if load >= operators:
        return Waiting(1.0, 1.0, 0.0, 0.0, math.inf, 1.0)
    lost = erlang_b(load, operators)
    waits = operators * lost / (operators - load * (1 - lost))
    over = waits * math.exp(-(operators - load) * within_s / handle_s)
    mean = waits * handle_s / (operators - load)
    return Waiting(waits, over, 1 - over, 0.0, mean, load / operators)


@lru_cache(maxsize=4096)
def erlang_a(
    per_hour: float, handle_s: float, operators: int, patience_s: float, within_s: float
) -> Waiting:
    """Callers hang up when their patience ends, whose mean is `patience_s`."""
    if per_hour <= 0 or handle_s <= 0:
        return _IDLE
    rate, serve, leave = per_hour / HOUR_S, 1 / handle_s, 1 / patience_s
    lost = erlang_b(rate / serve, operators - 1)
    if lost < 1e-200:
        return Waiting(0.0, 0.0, 1.0, 0.0, 0.0, rate / serve / operators)
    # The density of the wait of somebody who would wait for ever, past 0: exp(f(x)), unscaled. It
    # is cut where it has fallen by e^40 from its peak; what lies behind is nothing.
    peak = max(0.0, math.log(max(rate / (operators * serve), 1e-300)) / leave)

    def f(x: Numbers) -> Numbers:
        found: Numbers = rate * -np.expm1(-leave * x) / leave - operators * serve * x
        return found

    top = float(f(np.array(peak)))
    end = peak + 1 / (operators * serve)
    while float(f(np.array(end))) > top - 40:
        end += end - peak + 1
    x = np.unique(np.r_[np.linspace(0, end, 4001), within_s if within_s < end else 0.0])
    y = np.exp(f(x) - top)
    late = x >= within_s
    whole = float(np.trapezoid(y, x))
    behind = float(np.trapezoid(y[late], x[late]))
    stays = y * np.exp(-leave * x)
    stays_late = float(np.trapezoid(stays[late], x[late]))
    scale = math.exp(-top) / lost + rate * whole if top < 700 else rate * whole
    waits = rate * whole / scale
    gives_up = max(0.0, waits - rate * float(np.trapezoid(stays, x)) / scale)
    over = rate * behind / scale * math.exp(-leave * within_s)
    answered_late = rate * stays_late / scale
    return Waiting(
        waits,
        over,
        max(0.0, 1 - gives_up - answered_late),
        gives_up,
        gives_up / leave,
        min(1.0, rate / serve * (1 - gives_up) / operators),
    )


_IDLE = Waiting(0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


def needed(per_hour: float, handle_s: float, percent: float, within_s: float) -> int:
    """The fewest operators by whom so many percent are answered within so many seconds; one at
    least. Raises ValueError where MOST would not do."""
    start = max(1, math.floor(per_hour * handle_s / HOUR_S))
    for n in range(start, MOST + 1):
        if 100 * erlang_c(per_hour, handle_s, n, within_s).within >= percent:
            return n
    raise ValueError("more operators than can be reckoned with")


@dataclass(frozen=True)
class Pattern:
    """A shift: the hour at which it begins, how many hours it lasts, after how many of them there
    is a break, and for how much of an hour (0: none)."""

    start: int
    length: int
    break_after: int = 0
    break_h: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 1 <= self.length <= DAY):
            raise ValueError("a shift begins from 0 to 23 and lasts from 1 to 24 hours")
        if not (0 <= self.break_h <= 1 and 0 <= self.break_after < self.length):
            raise ValueError("a break lies within its shift and lasts an hour at most")

    def there(self) -> list[tuple[int, float]]:
        """The hours since the midnight of its day, and how much of each somebody is there."""
        hours = range(self.start, self.start + self.length)
        pause = self.start + self.break_after if self.break_h else -1
        return [(hour, 1 - self.break_h if hour == pause else 1.0) for hour in hours]


# Three watches and what lies between them; a city has its own in `shifts.csv`.
PATTERNS = (
    *(Pattern(start, 8, 4, 0.5) for start in (6, 7, 9, 11, 13, 14, 16)),
    *(Pattern(start, 10, 5, 0.5) for start in (21, 22)),
    *(Pattern(start, 12, 6, 1.0) for start in (7, 19)),
)


def read_patterns(path: Path) -> tuple[Pattern, ...]:
    """The city's shifts from a CSV file with the columns start, length, break_after, break_min (in
    hours, the break in minutes); the usual ones where there is none. Raises ValueError naming the
    line."""
    if not path.exists():
        return PATTERNS
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := {"start", "length"} - set(rows.fieldnames or ()):
            raise ValueError(f"{path.name}: no column {' and '.join(sorted(missing))}")
        for row in rows:
            try:
                rest = int(row.get("break_after") or 0), float(row.get("break_min") or 0) / 60
                found.append(Pattern(int(row["start"]), int(row["length"]), *rest))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {rows.line_num}: {error}") from None
    if not found:
        raise ValueError(f"{path.name}: no shift")
    return tuple(found)


@dataclass(frozen=True)
class Plan:
    """Who begins when: (day, pattern, people). `best` where nothing shorter is possible."""

    shifts: list[tuple[int, Pattern, int]]
    there: list[float]  # people at each hour
    person_hours: float
    best: bool


def cover(need: Sequence[int], patterns: Sequence[Pattern], least: int = 1) -> Plan:
    """The shifts with the fewest person-hours by which nobody is missing at any hour (HiGHS). The
    week goes round: who begins on its last evening is there on its first morning. Raises
    ValueError where no shift reaches an hour."""
    hours = len(need)
    days = hours // DAY
    choices = [(day, pattern) for day in range(days) for pattern in patterns]
    there = lil_matrix((hours, len(choices)))
    for column, (day, pattern) in enumerate(choices):
        for hour, part in pattern.there():
            there[(day * DAY + hour) % hours, column] += part
    wanted = np.maximum(np.asarray(need, dtype=float), least)
    matrix = there.tocsr()
    reached = np.asarray(matrix.sum(axis=1)).ravel()
    if (reached == 0).any():
        raise ValueError(f"no shift reaches {int(np.argmax(reached == 0)) % DAY:02d}:00")
    cost = np.array([pattern.length for _day, pattern in choices], dtype=float)
    found = milp(
        # Of equal plans the one with the fewest people.
        cost + 1e-4,
        constraints=LinearConstraint(matrix, lb=wanted),
        integrality=np.ones(len(choices)),
        bounds=Bounds(0, np.inf),
        options={"time_limit": SOLVE_S, "mip_rel_gap": 1e-4},
    )
    if found.x is None:
        raise ValueError("no plan was found in time")
    people = np.rint(found.x)
    shifts = [
        (day, pattern, int(n)) for (day, pattern), n in zip(choices, people, strict=True) if n
    ]
    return Plan(
        shifts, [float(n) for n in matrix @ people], float(cost @ people), found.status == 0
    )
