"""A plan made to happen through the product's public interfaces only: the exchange's hook,
the console and the crew page, each as the person who works there."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import singledispatchmethod
from typing import Protocol

from . import events as e
from .browser import Answer, Browser


class World(Protocol):
    """What a plan is made to happen in."""

    def at(self, time: datetime) -> None:
        """It is now this time (or: wait until it is)."""

    def browser(self, username: str) -> Browser:
        """The browser of this person; crews go by `crew-<call sign>`."""

    def exchange(self, event: Answer) -> None:
        """Report a call event; it is understood when this returns."""

    def timers(self) -> None:
        """Let the product's own worker look at its deadlines."""


def run(plan: e.Plan, world: World, *, progress: Callable[[e.Event], None] | None = None) -> None:
    """Make a plan happen, one request after the other."""
    hands = Hands(world)
    for event in plan:
        world.at(event.at)
        hands.do(event)
        if progress:
            progress(event)


def stamp(at: datetime) -> str:
    """A time as the live rows show it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Hands:
    """Does planned events over HTTP; remembers which row is which of the plan."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rings: dict[str, datetime] = {}
        self._calls: dict[str, int] = {}
        self._incidents: dict[str, int] = {}
        self._jobs: dict[tuple[str, str], int] = {}

    def do(self, event: e.Event) -> None:
        """Make one event happen."""
        self._do(event)

    @singledispatchmethod
    def _do(self, event: e.Event) -> None:
        raise TypeError(f"nothing does {type(event).__name__}")

    @_do.register
    def _(self, event: e.Ring) -> None:
        self._rings[event.call] = event.at
        self._report("presented", event, number=event.number, trunk=event.trunk)

    @_do.register
    def _(self, event: e.Queued) -> None:
        self._report("queued", event)

    @_do.register
    def _(self, event: e.HangUp) -> None:
        self._report("ended", event)

    def _report(self, kind: str, event: e.Ring | e.Queued | e.HangUp, **more: str | None) -> None:
        self._world.exchange(
            {
                "event_id": f"{event.call}:{kind}",
                "call_id": event.call,
                "kind": kind,
                "at": event.at.isoformat(),
                **{name: value for name, value in more.items() if value is not None},
            }
        )

    @_do.register
    def _(self, event: e.Take) -> None:
        self._post_call(event.operator, event.call, "take", {})

    @_do.register
    def _(self, event: e.Close) -> None:
        given = {"class": event.call_class, "field_action": event.field_action}
        self._post_call(event.operator, event.call, "close", given)

    @_do.register
    def _(self, event: e.CallBack) -> None:
        self._post_call(event.operator, event.call, "callback", {"reached": event.reached})

    @_do.register
    def _(self, event: e.Open) -> None:
        pointed = event.lat is not None
        place = (
            {"lat": event.lat, "lng": event.lng, "location_source": "map"}
            if pointed
            else {"area": event.area}
        )
        given = {
            "type": event.type,
            "address": event.address,
            "chronology": event.chronology,
            "reporter": event.reporter,
            "victims": event.victims,
            "answers": event.answers,
        }
        made = self._post_call(event.operator, event.call, "incident", given | place)
        self._incidents[event.incident] = made["incident"]

    @_do.register
    def _(self, event: e.Link) -> None:
        given = {"incident": self._incidents[event.incident]}
        self._post_call(event.operator, event.call, "link", given)

    def _post_call(self, operator: str, call: str, verb: str, given: Answer) -> Answer:
        browser = self._world.browser(operator)
        if call not in self._calls:
            self._calls[call] = self._on_screen(browser, call)
        return browser.post(f"/calls/{self._calls[call]}/{verb}", given)

    def _on_screen(self, browser: Browser, call: str) -> int:
        """The call that began when this one did: what the operator points at."""
        began, board = stamp(self._rings[call]), browser.get("/console/state?view=console")
        shown = [*board["calls"], *board["callbacks"]]
        found: int = next(row["id"] for row in shown if row["began_at"] == began)
        return found

    @_do.register
    def _(self, event: e.Send) -> None:
        sent = self._world.browser(event.dispatcher).post(
            f"/dispatch/incidents/{self._incidents[event.incident]}/send",
            {"units": list(event.units), "choice": "radio"},
        )
        for unit, job in zip(event.units, sent["jobs"], strict=True):
            self._jobs[event.incident, unit] = job

    @_do.register
    def _(self, event: e.Step) -> None:
        job = self._jobs[event.incident, event.unit]
        given: Answer = {"command": event.command, "reason": event.reason}
        if event.occurred_at:
            given["occurred_at"] = event.occurred_at.isoformat()
        if event.dispatcher:
            self._world.browser(event.dispatcher).post(f"/dispatch/jobs/{job}/step", given)
        else:
            self._crew(event.unit).post(f"/crew/assignments/{job}/step", given)

    @_do.register
    def _(self, event: e.Position) -> None:
        self._crew(event.unit).post(
            "/crew/position",
            {
                "lat": event.lat,
                "lng": event.lng,
                "accuracy_m": event.accuracy_m,
                "at": event.at.isoformat(),
            },
        )

    def _crew(self, unit: str) -> Browser:
        return self._world.browser(f"crew-{unit.lower()}")

    @_do.register
    def _(self, event: e.Finish) -> None:
        self._world.browser(event.dispatcher).post(
            f"/incidents/{self._incidents[event.incident]}/close",
            {"disposition": event.disposition},
        )

    @_do.register
    def _(self, event: e.Availability) -> None:
        self._world.browser(event.dispatcher).post(
            f"/dispatch/units/{event.unit}/availability",
            {"command": event.command, "reason": event.reason},
        )

    @_do.register
    def _(self, event: e.Shift) -> None:
        browser = self._world.browser(event.person)
        if event.begins:
            browser.post("/start", {"role": event.role, "desk": event.desk})
        else:
            browser.post("/start/end", {})

    @_do.register
    def _(self, event: e.Timers) -> None:
        self._world.timers()
