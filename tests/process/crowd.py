"""Many callers at once, each with a sound or a key of their own, and what became of each."""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from sim.sip import Call, Caller
from sim.voices import sound

from .centre import TRUNK, Centre

LOOK_S = 0.2
NOTHING = ("", "", "", "", "")


@dataclass(frozen=True)
class Teller:
    """Somebody who calls, and what is heard of them so long after the call was answered."""

    label: str
    kind: str = ""  # of `sim.voices`
    seed: int = 0
    keys: str = ""
    in_band: bool = False
    after_s: float = 0.5
    over_and_over: bool = False  # a sound that is there all the time, or somebody who speaks once
    sends: bool = True
    leaves_s: float | None = None  # hangs up by themselves after the answer

    @property
    def gives_sign(self) -> bool:
        """Whether somebody speaks or presses a key, so that this call must not be set aside."""
        return bool(self.keys or (self.kind and not self.over_and_over))


@dataclass(frozen=True)
class Became:
    """What the database has of a call once it is over. Empty where it knows of none."""

    teller: Teller
    answered: bool
    gate: str  # as it was when the caller hung up
    reason: str
    state: str
    call_class: str


class Crowd:
    """Calls by these people, so many a second and never more than so many at once."""

    def __init__(self, centre: Centre, *, per_second: float, at_once: int, most_s: float = 90):
        self.centre, self._per_second, self._most_s = centre, per_second, most_s
        self._room = asyncio.Semaphore(at_once)
        self._known: dict[str, tuple[str, str, str, str, str]] = {}

    async def call(self, tellers: Sequence[Teller]) -> list[Became]:
        """All of them; what became of each, in this order."""
        looking = asyncio.create_task(self._look())
        calls: list[asyncio.Task[tuple[bool, str, str]]] = []
        try:
            loop = asyncio.get_running_loop()
            due = loop.time()
            for n, teller in enumerate(tellers):
                await asyncio.sleep(due - loop.time())
                await self._room.acquire()
                due = max(due + 1 / self._per_second, loop.time())
                calls.append(asyncio.create_task(self._one(number(n), teller)))
            heard = await asyncio.gather(*calls)
            await self._until(self._is_all_over, 30)
        finally:
            for task in (looking, *calls):
                task.cancel()
        found = []
        for n, (teller, (answered, gate, reason)) in enumerate(zip(tellers, heard, strict=True)):
            _gate, _reason, state, call_class, _ended = self._of(number(n))
            found.append(Became(teller, answered, gate, reason, state, call_class))
        return found

    async def _one(self, number: str, teller: Teller) -> tuple[bool, str, str]:
        """One call; whether it was answered, and the gate's word and reason at the end."""
        try:
            caller = Caller(self.centre.sip, number, local=TRUNK)
            async with caller:
                call = await caller.dial("112", sends=teller.sends, events=not teller.in_band)
                try:
                    async with asyncio.timeout(self._most_s):
                        await call.answered()
                        await self._tell(call, number, teller)
                except TimeoutError:
                    pass
                answered = bool(call.codes) and 200 in call.codes
                gate, reason, *_rest = self._of(number)
                await call.hang_up()
            return answered, gate, reason
        finally:
            self._room.release()

    async def _tell(self, call: Call, number: str, teller: Teller) -> None:
        if teller.over_and_over:
            call.media.background(sound(teller.kind, teller.seed))
        if teller.leaves_s is not None:
            await asyncio.sleep(teller.leaves_s)
            return
        if not teller.gives_sign:
            await self._until(lambda: self._of(number)[0])
            return
        await asyncio.sleep(teller.after_s)
        if teller.keys:
            await call.dtmf(teller.keys, in_band=teller.in_band)
        else:
            await call.play(sound(teller.kind, teller.seed))
        # Who was set aside already is heard nevertheless.
        await self._until(lambda: self._of(number)[0] not in ("", "silent"), 45)

    async def _until(self, done: Callable[[], object], seconds: float = 1e6) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not done() and loop.time() < end:
            await asyncio.sleep(LOOK_S)

    def _of(self, number: str) -> tuple[str, str, str, str, str]:
        return self._known.get(number[-9:], NOTHING)

    def _is_all_over(self) -> bool:
        return all(row[4] for row in self._known.values())

    async def _look(self) -> None:
        """Keep what the database knows of the calls, read past the product."""
        question = (
            "SELECT number, gate, gate_reason, state, call_class, coalesce(ended_at, '') "
            "FROM calls_call JOIN core_contact ON core_contact.id = contact_id"
        )
        while True:
            rows = await asyncio.to_thread(self.centre.city.ask, question)
            self._known = {row[0][-9:]: tuple(map(str, row[1:])) for row in rows}  # type: ignore[misc]
            await asyncio.sleep(LOOK_S)


def number(n: int) -> str:
    """A number of nobody else's."""
    return f"0812{77_000_000 + n}"


def shuffled(tellers: Sequence[Teller], seed: int = 1) -> list[Teller]:
    """In an order that has nothing to do with what they say; the same each time."""
    return Random(seed).sample(tellers, len(tellers))


def at_times(tellers: Sequence[Teller], first_s: float, last_s: float) -> list[Teller]:
    """Each begins at another time after the answer, spread evenly."""
    step = (last_s - first_s) / max(len(tellers) - 1, 1)
    return [dataclasses.replace(t, after_s=first_s + n * step) for n, t in enumerate(tellers)]


def short_calls(count: int) -> list[Teller]:
    """A third says something that is heard for sure, a third presses 0, a third is silent."""
    kinds = (Teller("speech", "fire", 500), Teller("key", keys="0"), Teller("silent"))
    return [kinds[n % 3] for n in range(count)]


def right(became: Became) -> bool:
    """Whether one of these calls was decided and ended as it should."""
    ends = {"silent": ("closed", "silent")}.get(became.teller.label, ("callback_due", "abandoned"))
    gate_is_right = became.gate == became.teller.label
    return became.answered and gate_is_right and (became.state, became.call_class) == ends
