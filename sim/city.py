"""The plan of a simulated city: a stream of events in order of time, the same for the same
seed. Pure: it knows the city pack, but neither the product nor the clock."""

import heapq
import math
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count

from sigap.calls.models import SPOKE
from sigap.packs.schema import Pack

from .callers import WIB, Caller, callers
from .crews import Fleet, Job
from .events import (
    Availability,
    CallBack,
    Close,
    Event,
    HangUp,
    Link,
    Open,
    Queued,
    Ring,
    Send,
    Shift,
    Take,
    Timers,
)
from .events import Finish as FinishIncident
from .presets import Preset
from .scenes import Scene, ending, scene

RING_ALARM_S = 20.0
UNDISPATCHED_S = 60.0
CALLBACK_LIMIT = 3
# Local hours at which each watch begins; the night watch goes on over midnight.
WATCHES = (("pagi", 7), ("sore", 14), ("malam", 21))
# Seconds that an operator talks before hanging up, median and spread.
TALK = {
    "silent": (9, 0.35),
    "misdial": (7, 0.4),
    "noise": (12, 0.4),
    "prank": (18, 0.6),
    "information": (95, 0.5),
    "complaint": (150, 0.4),
    "emergency": (120, 0.35),
    "repeat": (55, 0.4),
    "test": (15, 0.2),
    "out_of_area": (70, 0.4),
}


def people(preset: Preset) -> dict[str, str]:
    """User name to role of everybody whom the plan lets work; crews are named by their unit."""
    found: dict[str, str] = {}
    for watch, _hour in WATCHES:
        found |= {f"{watch}-{desk}": "call_taker" for desk in range(1, preset.desks + 1)}
        found[f"{watch}-dispatcher"] = "dispatcher"
    return found


def plan(preset: Preset, pack: Pack, seed: int = 112) -> Iterator[Event]:
    """Everything that happens in the city of a preset, in order of time, in UTC."""
    return _City(preset, pack, random.Random(seed)).events()


class _City:
    def __init__(self, preset: Preset, pack: Pack, rng: random.Random) -> None:
        self._preset, self._pack, self._rng = preset, pack, rng
        self._agenda: list[tuple[datetime, int, Event]] = []
        self._count = count()
        start = datetime.combine(preset.first, time(0), WIB).astimezone(UTC)
        self._fleet = Fleet(pack, start)
        self._free = dict.fromkeys(people(preset), start)
        self._opened: dict[str, datetime] = {}
        self._numbers: dict[str, str] = {}
        # Abandoned calls that are to be rung back, by number; and the attempts made.
        self._owed: dict[str, dict[str, int]] = {}

    def events(self) -> Iterator[Event]:
        self._watches()
        self._repairs()
        for number, caller in enumerate(callers(self._preset, self._rng)):
            at = caller.at.astimezone(UTC)
            yield from self._due(at)
            self._call(f"sim-{number}", caller, at)
        yield from self._due(None)

    def _due(self, until: datetime | None) -> Iterator[Event]:
        while self._agenda and (until is None or self._agenda[0][0] <= until):
            event = heapq.heappop(self._agenda)[2]
            if self._still_makes_sense(event):
                yield event

    def _put(self, *events: Event) -> None:
        for event in events:
            heapq.heappush(self._agenda, (event.at, next(self._count), event))

    def _still_makes_sense(self, event: Event) -> bool:
        """A caller who spoke with somebody, or was reached, is not rung back again."""
        if isinstance(event, Close):
            number = self._numbers.pop(event.call, "")
            if event.call_class in SPOKE:
                self._owed.pop(number, None)
        if isinstance(event, CallBack):
            number = self._numbers.get(event.call, "")
            owed = self._owed.get(number, {})
            if event.call not in owed:
                return False
            owed[event.call] += 1
            if event.reached or owed[event.call] == CALLBACK_LIMIT:
                del owed[event.call]
        return True

    # Who is there

    def _watches(self) -> None:
        """Everybody comes and goes at the hour; the night before the first day is there too."""
        length = (self._preset.last - self._preset.first).days + 1
        for day in range(length):
            date = self._preset.first + timedelta(days=day)
            for i, (watch, hour) in enumerate(WATCHES):
                begin = datetime.combine(date, time(hour), WIB).astimezone(UTC)
                end_hour = WATCHES[(i + 1) % len(WATCHES)][1]
                end = begin + timedelta(hours=(end_hour - hour) % 24)
                for name, role in people(self._preset).items():
                    if name.startswith(watch):
                        desk = name.removeprefix(f"{watch}-")
                        late = timedelta(seconds=self._rng.randint(-400, 60))
                        self._put(Shift(begin + late, name, role, desk, True))
                        self._put(Shift(end + timedelta(seconds=90), name, role, desk, False))

    def _watch(self, at: datetime) -> str:
        hour = at.astimezone(WIB).hour
        begun = [watch for watch, start in WATCHES if start <= hour]
        return begun[-1] if begun else WATCHES[-1][0]

    def _dispatcher(self, at: datetime) -> str:
        return f"{self._watch(at)}-dispatcher"

    def _operator(self, at: datetime) -> str:
        """Who on this watch is free first; by night one desk stays empty."""
        watch = self._watch(at)
        desks = self._preset.desks - (watch == "malam")
        names = [f"{watch}-{desk}" for desk in range(1, max(1, desks) + 1)]
        free = [n for n in names if self._free[n] <= at]
        return self._rng.choice(free) if free else min(names, key=lambda n: self._free[n])

    # Calls

    def _call(self, call: str, caller: Caller, at: datetime) -> None:
        self._put(Ring(at, call, caller.number, caller.trunk))
        if caller.call_class == "abandoned":
            self._abandon(call, caller, at)
            return
        operator = self._operator(at)
        wait = self._lognormal(4.6, 0.45)
        if self._free[operator] > at:
            self._put(Queued(_after(at, 0.4), call))
        answered = max(_after(at, wait), _after(self._free[operator], 1.5))
        if (answered - at).total_seconds() > RING_ALARM_S:
            self._put(Timers(_after(at, RING_ALARM_S + 0.5)))
        self._put(Take(answered, call, operator))
        if caller.number:
            self._numbers[call] = caller.number
        self._talk(call, caller, operator, answered)

    def _talk(self, call: str, caller: Caller, operator: str, answered: datetime) -> None:
        kind = caller.call_class
        ended = _after(answered, self._lognormal(*TALK[kind]))
        if kind == "emergency":
            opened = _after(answered, self._rng.uniform(20, 55))
            ended = max(ended, _after(opened, 2))
            self._emergency(call, caller.incident, operator, opened)
        elif kind == "repeat":
            linked = max(_after(answered, 25), _after(self._opened[caller.incident], 5))
            ended = max(ended, _after(linked, 1))
            self._put(Link(linked, call, operator, caller.incident))
        if kind in ("silent", "misdial") and self._rng.random() < 0.5:
            # One key closes it while the line is still open.
            closed, ended = ended, _after(ended, 0.3)
            free = closed
        else:
            free = closed = _after(ended, self._rng.uniform(1, 4 if kind != "emergency" else 20))
        self._put(HangUp(ended, call))
        self._put(Close(closed, call, operator, kind, kind == "complaint"))
        self._free[operator] = free

    def _abandon(self, call: str, caller: Caller, at: datetime) -> None:
        gone = _after(at, min(self._lognormal(5, 0.6), 45))
        if (gone - at).total_seconds() > RING_ALARM_S:
            self._put(Timers(_after(at, RING_ALARM_S + 0.5)))
        self._put(HangUp(gone, call))
        if not caller.number:
            return
        self._numbers[call] = caller.number
        self._owed.setdefault(caller.number, {})[call] = 0
        tried = gone
        for _attempt in range(CALLBACK_LIMIT):
            tried = _after(tried, self._rng.uniform(60, 400))
            reached = self._rng.random() < 0.6
            self._put(Timers(_after(gone, 121)))
            self._put(CallBack(tried, call, self._operator(tried), reached))
            if reached:
                break

    # Emergencies

    def _emergency(self, call: str, incident: str, operator: str, opened: datetime) -> None:
        here = scene(self._rng, self._pack, opened.astimezone(WIB).month)
        # Some callers point at the map through the operator, most only tell.
        pointed = self._rng.random() < 0.6
        self._opened[incident] = opened
        self._put(
            Open(
                at=opened,
                call=call,
                operator=operator,
                incident=incident,
                type=here.type.code,
                area=here.area.code,
                address=here.address,
                chronology=here.chronology,
                reporter=here.reporter,
                lat=here.lat if pointed else None,
                lng=here.lng if pointed else None,
                victims=here.victims,
                answers=here.answers,
            )
        )
        self._dispatch(incident, here, opened)

    def _dispatch(self, incident: str, here: Scene, opened: datetime) -> None:
        dispatcher = self._dispatcher(opened)
        median = {1: 14.0, 2: 22.0}.get(here.priority, 45.0)
        sent = _after(opened, self._lognormal(median, 0.6))
        while not (chosen := self._fleet.choose(here, sent)):
            sent = _after(sent, 60)
        if here.priority <= 2 and (sent - opened).total_seconds() > UNDISPATCHED_S:
            self._put(Timers(_after(opened, UNDISPATCHED_S + 0.5)))
        self._put(Send(sent, incident, dispatcher, tuple(v.unit.call_sign for v in chosen)))
        jobs = []
        for vehicle in chosen:
            job = Job(self._rng, self._fleet, vehicle, here, incident, dispatcher, sent)
            later = _after(sent, self._rng.uniform(60, 110))
            instead = self._fleet.other(vehicle, here, later)
            if instead and instead not in chosen and self._rng.random() < 0.04:
                self._put(*job.declines())
                self._put(Send(later, incident, dispatcher, (instead.unit.call_sign,)))
                job = Job(self._rng, self._fleet, instead, here, incident, dispatcher, later)
            self._put(*job.works())
            jobs.append(job)
        done = max(j.done_at for j in jobs)
        closed = _after(done, self._lognormal(300, 0.8))
        outcome = ending(self._rng, here.type.group)
        self._put(FinishIncident(closed, incident, dispatcher, outcome))

    def _repairs(self) -> None:
        """Now and then a vehicle is in the workshop for some hours."""
        length = (self._preset.last - self._preset.first).days + 1
        start = datetime.combine(self._preset.first, time(8), WIB).astimezone(UTC)
        for name, vehicle in self._fleet.vehicles.items():
            begin = _after(start, self._rng.expovariate(1 / (30 * 86_400)))
            while begin < start + timedelta(days=length):
                end = _after(begin, self._rng.uniform(3_600, 6 * 3_600))
                reason = self._rng.choice(("maintenance", "refuelling", "damaged"))
                vehicle.away.append((begin, end))
                self._put(Availability(begin, name, self._dispatcher(begin), "withdraw", reason))
                self._put(Availability(end, name, self._dispatcher(end), "return"))
                begin = _after(end, self._rng.expovariate(1 / (30 * 86_400)))

    def _lognormal(self, median: float, spread: float) -> float:
        return self._rng.lognormvariate(math.log(median), spread)


def _after(at: datetime, seconds: float) -> datetime:
    return at + timedelta(milliseconds=round(seconds * 1000))


def counted(events: Iterable[Event]) -> dict[str, int]:
    """How many calls of each class a plan holds; those never answered are abandoned."""
    found: dict[str, int] = {}
    rings = 0
    for event in events:
        rings += isinstance(event, Ring)
        if isinstance(event, Close):
            found[event.call_class] = found.get(event.call_class, 0) + 1
    found["abandoned"] = rings - sum(found.values())
    return found
