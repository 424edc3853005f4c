"""The coming week's operators: from the forecast and the city's own handling times. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .outlook import Outlook, planned
from .staffing import Pattern, Plan, Waiting, cover, erlang_a, erlang_c, needed

LEAST = 30  # calls in hand, below which no handling time is believed
GAVE_UP = 10  # callers, below which no patience is


@dataclass(frozen=True)
class Wish:
    """What is to be reached: so many percent answered within so many seconds, in hours with no
    more calls than so many percent of such hours have."""

    percent: float
    within_s: float
    load_percent: float


@dataclass(frozen=True)
class Case:
    """What callers would meet in one situation: over the whole week, each caller counting alike,
    and in its busiest hour. `usual` is at the expected calls, `full` at what is planned for."""

    gate: bool | None  # None: none was measured
    more: int  # operators beside those of the plan
    usual: Waiting
    full: Waiting
    busiest_usual: Waiting
    busiest_full: Waiting


@dataclass(frozen=True)
class Roster:
    """Operators for each hour, the shifts that cover them, and what would change."""

    handle_s: float
    patience_s: float | None
    load: list[float]  # calls at the desks that each hour is planned for
    need: list[int]
    plan: Plan | None
    fault: str  # why there is no plan
    cases: list[Case]
    busiest: int


def roster(outlook: Outlook, wish: Wish, patterns: Sequence[Pattern]) -> Roster | None:
    """None where too little is known of the calls or of how long they are in hand."""
    if not outlook.hours or not outlook.handled or outlook.handled[0].n < LEAST:
        return None
    handle_s = max(outlook.handled[0].mean_s, 1.0)
    through = 1 - outlook.gated.share if outlook.gated else 1.0
    most = planned(outlook, wish.load_percent)
    usual = [hour.mean for hour in outlook.hours]
    load = [calls * through for calls in most]
    fault = ""
    plan: Plan | None = None
    try:
        need = [_needed(calls, handle_s, wish) for calls in load]
        plan = _cover(tuple(need), tuple(patterns))
    except ValueError as error:
        need, fault = [], str(error)
    patience = outlook.patience
    patience_s = patience.mean_s if patience.gave_up >= GAVE_UP else None
    cases = []
    if plan:
        for gate, part, seconds in _situations(outlook, handle_s, through):
            for more in (0, 1):
                there = [int(n) + more for n in plan.there]
                waits = [
                    [
                        _waiting(calls * part, seconds, n, patience_s, wish.within_s)
                        for calls, n in zip(calls_of, there, strict=True)
                    ]
                    for calls_of in (usual, most)
                ]
                at = _busiest(usual)
                cases.append(
                    Case(
                        gate,
                        more,
                        _together(waits[0], usual),
                        _together(waits[1], most),
                        waits[0][at],
                        waits[1][at],
                    )
                )
    return Roster(handle_s, patience_s, load, need, plan, fault, cases, _busiest(usual))


def _situations(
    outlook: Outlook, handle_s: float, through: float
) -> list[tuple[bool | None, float, float]]:
    """With and without the gate: the part of the calls that reach the desks, and how long they
    take. Those that it keeps off would be ghosts like those that operators have in hand."""
    if outlook.gated is None:
        return [(None, 1.0, handle_s)]
    ghost_s = outlook.ghosts.mean_s if outlook.ghosts else handle_s
    return [(True, through, handle_s), (False, 1.0, through * handle_s + (1 - through) * ghost_s)]


@lru_cache(maxsize=4096)
def _needed(per_hour: float, handle_s: float, wish: Wish) -> int:
    return needed(per_hour, handle_s, wish.percent, wish.within_s)


@lru_cache(maxsize=8)
def _cover(need: tuple[int, ...], patterns: tuple[Pattern, ...]) -> Plan:
    return cover(need, patterns)


def _waiting(
    per_hour: float, handle_s: float, operators: int, patience_s: float | None, within_s: float
) -> Waiting:
    if patience_s is None:
        return erlang_c(per_hour, handle_s, operators, within_s)
    return erlang_a(per_hour, handle_s, operators, patience_s, within_s)


def _together(waits: Sequence[Waiting], calls: Sequence[float]) -> Waiting:
    """The mean over all callers of the week."""
    total = sum(calls) or 1.0

    def mean(name: str) -> float:
        return sum(n * float(getattr(w, name)) for w, n in zip(waits, calls, strict=True)) / total

    return Waiting(*(mean(name) for name in Waiting.__dataclass_fields__))


def _busiest(calls: Sequence[float]) -> int:
    return max(range(len(calls)), key=calls.__getitem__)
