"""Which telephones ring for who waits longest, and the order of those who wait. No network here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .gate import RANKS, Numbers

# Names of our own for how a telephone did not take a call (Q.850 causes).
CAUSES = {
    1: "absent",
    16: "declined",
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    20: "absent",
    21: "declined",
    28: "absent",
}


@dataclass(frozen=True)
class Person:
    """Somebody with a telephone, as the control room last told it."""

    operator: str
    phone: str
    role: str
    free: bool


@dataclass(frozen=True)
class Waiting:
    """A caller who waits: since when by the monotonic clock, and how the gate let them in."""

    call: str
    since: float
    gate: str
    later: bool = False  # often silent before: behind others like it

    def place(self) -> tuple[int, bool, float]:
        """By what those who wait are put in order."""
        return RANKS.get(self.gate, 1), self.later, self.since


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Those who wait, the one to be answered first in front."""
    return sorted(waiting, key=Waiting.place)


def who_rings(
    waited_s: float, people: Sequence[Person], numbers: Numbers, *, is_room_there: bool
) -> list[Person]:
    """Whose telephones ring for a caller who has waited so long. A call rings on the screens
    first; without the control room's screens every telephone rings at once."""
    if not is_room_there:
        return list(people)
    wanted: set[str] = set()
    if waited_s >= numbers.value("calls.phones_ring_s"):
        wanted.add("call_taker")
    if waited_s >= numbers.value("calls.supervisors_ring_s"):
        wanted.add("supervisor")
    return [person for person in people if person.free and person.role in wanted]


def is_beyond(waited_s: float, numbers: Numbers) -> bool:
    """Whether the second centre is to be rung as well."""
    return waited_s >= numbers.value("calls.overflow_s")
