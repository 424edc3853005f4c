"""How long callers wait for an operator: the city's own calls once more, in the order in which they
came, with as many operators as one likes, and with or without the gate."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from sigap.calls.models import INCOMING, Call
from sigap.core.parameters import value
from sigap.core.queries import city_zone

from .travel import DAY_PARTS, part_of
from .trips import middle

# Whose answer somebody at a desk gave.
AT_A_DESK = ("operator", "exchange")
GHOST = "silent"  # whom the gate is there for
MOST_CALLS = 60_000
# Longer than this nobody has a call in hand: its close was forgotten.
LONGEST_S = 3600.0
_FEW = 100


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call as it is replayed. `gate_s` is how long the gate had it, None where it did not;
    `patience_s` how long the caller waited who hung up; `in_hand_s` how long it took a person."""

    at: datetime
    incident: int | None
    ghost: bool
    gate_s: float | None
    patience_s: float
    in_hand_s: float | None
    operator: int | None
    took_s: float | None  # queued, to answered


@dataclass(frozen=True)
class Desks:
    """How many operators answer in each part of the day, and whether the gate is on."""

    operators: Mapping[str, int]
    gate: bool


def past_calls(since: datetime, until: datetime) -> list[PastCall]:
    """The calls that came in between two moments, the oldest first."""
    rows = Call.objects.filter(INCOMING, presented_at__gte=since, presented_at__lte=until)
    found = []
    for (
        at,
        queued,
        answered,
        ended,
        closed,
        gate,
        kind,
        source,
        incident,
        operator,
    ) in rows.order_by("-presented_at", "-pk").values_list(
        *("presented_at", "queued_at", "answered_at", "ended_at", "closed_at", "gate"),
        *("call_class", "answered_source", "incident_id", "operator_id"),
    )[:MOST_CALLS]:
        desk = answered if source in AT_A_DESK else None
        left = ended if answered is None else None
        found.append(
            PastCall(
                at=at,
                incident=incident,
                ghost=(gate == GHOST and answered is None) or kind == GHOST,
                gate_s=_between(at, queued) if gate and gate != GHOST else None,
                patience_s=_between(queued, left) or np.inf if left else np.inf,
                in_hand_s=_between(desk, closed),
                operator=operator if desk else None,
                took_s=_between(queued, desk),
            )
        )
    return found[::-1]


def _between(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None or end < start:
        return None
    seconds = (end - start).total_seconds()
    return seconds if seconds < LONGEST_S else None


def usual(calls: Sequence[PastCall]) -> Desks | None:
    """How it is today: as many operators as had calls within one hour, three hours in four, and
    whether the gate has kept callers off. None where too few calls say anything."""
    by_hour: dict[datetime, set[int]] = defaultdict(set)
    zone = city_zone()
    for call in calls:
        if call.operator is not None:
            local = call.at.astimezone(zone)
            by_hour[local.replace(minute=0, second=0, microsecond=0)].add(call.operator)
    counts: dict[str, list[int]] = {part: [] for part in DAY_PARTS}
    for hour, operators in by_hour.items():
        counts[part_of(hour)].append(len(operators))
    if sum(len(known) for known in counts.values()) < _FEW:
        return None
    known = {part: int(np.percentile(n, 75)) for part, n in counts.items() if n}
    gate = value("gate.on") > 0 and any(call.gate_s is not None for call in calls)
    return Desks({part: known.get(part, min(known.values())) for part in DAY_PARTS}, gate)


def answers(calls: Sequence[PastCall], desks: Desks) -> dict[int, float]:
    """Seconds from the first ring to the answer, by incident, for the first of its calls that is
    answered. Whoever has waited longest is answered first; who hung up then is gone after as long
    a wait here. Unknown times are the middle of the known."""
    in_hand = middle((c.in_hand_s for c in calls), 30.0)
    ghost_hand = middle((c.in_hand_s for c in calls if c.ghost), in_hand)
    gate = middle((c.gate_s for c in calls), value("gate.first_s"))
    pick_up = middle((c.took_s for c in calls), 0.0)
    start = calls[0].at if calls else None
    waiting: list[tuple[float, int, PastCall]] = []
    for number, call in enumerate(calls):
        if desks.gate and call.ghost:
            continue
        through = (gate if call.gate_s is None else call.gate_s) if desks.gate else 0.0
        at = (call.at - start).total_seconds() if start else 0.0
        waiting.append((at + through, number, call))
    heapq.heapify(waiting)
    found: dict[int, float] = {}
    free: list[float] = []
    while waiting:
        at, _number, call = heapq.heappop(waiting)
        _staff(free, max(1, desks.operators[part_of(call.at)]), at)
        begun = max(at, free[0])
        if begun - at > call.patience_s:
            continue
        hand = (
            call.in_hand_s
            if call.in_hand_s is not None
            else (ghost_hand if call.ghost else in_hand)
        )
        heapq.heapreplace(free, begun + pick_up + hand)
        if call.incident is not None and call.incident not in found:
            rang = (call.at - start).total_seconds() if start else 0.0
            found[call.incident] = begun + pick_up - rang
    return found


def _staff(free: list[float], count: int, now: float) -> None:
    """As many operators as work now: those who come are free, of those who go the free ones go."""
    while len(free) < count:
        heapq.heappush(free, now)
    while len(free) > count:
        heapq.heappop(free)
