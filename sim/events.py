"""What can happen in the simulated city, in plain facts. A plan is a stream of these, in
order of time; `sim.fast` and `sim.slow` know how to make each one happen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Ring(Event):
    """A call rings at the exchange; `number` is None where it is withheld."""

    call: str
    number: str | None
    trunk: str


@dataclass(frozen=True, slots=True)
class Queued(Event):
    """The exchange found no free operator."""

    call: str


@dataclass(frozen=True, slots=True)
class Take(Event):
    """An operator answers with a key."""

    call: str
    operator: str


@dataclass(frozen=True, slots=True)
class HangUp(Event):
    """The line is cut, as the exchange reports it."""

    call: str


@dataclass(frozen=True, slots=True)
class Close(Event):
    """The operator gives the call its class."""

    call: str
    operator: str
    call_class: str
    field_action: bool = False


@dataclass(frozen=True, slots=True)
class CallBack(Event):
    """An operator rings an abandoned caller back."""

    call: str
    operator: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Open(Event):
    """The operator opens an incident from the call."""

    call: str
    operator: str
    incident: str
    type: str
    area: str
    address: str
    chronology: str
    reporter: str
    lat: float | None
    lng: float | None
    victims: int | None
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link(Event):
    """The operator says that the call is about a known incident."""

    call: str
    operator: str
    incident: str


@dataclass(frozen=True, slots=True)
class Send(Event):
    """The dispatcher notifies units."""

    incident: str
    dispatcher: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step(Event):
    """A step of one unit's work: pressed by the crew, or by the dispatcher for them.

    `occurred_at` is given where somebody sets right a late press.
    """

    incident: str
    unit: str
    command: str
    dispatcher: str = ""  # "": the crew itself
    occurred_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Position(Event):
    """A crew's telephone reports where the unit is."""

    unit: str
    lat: float
    lng: float
    accuracy_m: int


@dataclass(frozen=True, slots=True)
class Finish(Event):
    """The dispatcher drops proposals that nobody needs any more and closes the incident."""

    incident: str
    dispatcher: str
    disposition: str


@dataclass(frozen=True, slots=True)
class Availability(Event):
    """A unit is withdrawn for a reason, or returns."""

    unit: str
    dispatcher: str
    command: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shift(Event):
    """A person comes to a desk, or leaves it."""

    person: str
    role: str
    desk: str
    begins: bool


@dataclass(frozen=True, slots=True)
class Timers(Event):
    """Some deadline has passed: the product's own worker would look now."""


Plan = Iterable[Event]
