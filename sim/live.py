"""The drill's city, in real time: calls ring, colleagues answer what the trainee leaves,
crews drive. It knows nothing but what the boards show, so it goes on after a restart."""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event

from sigap.packs.schema import Pack

from .browser import Answer, Browser, Exchange, HttpBrowser, Unhappy, drill_password
from .drivers import Drivers
from .lines import Lines
from .slow import World

log = logging.getLogger("sigap.drill")

TICK_S = 2.0
HEARTBEAT_S = 15.0
# Simulated colleagues, apart from the people whom a trainee can be.
CALL_TAKERS = ("rekan-1", "rekan-2")
DISPATCHER = "rekan-dispatcher"
UNDISPATCHED_S = 45.0  # so long an incident is left to the trainee
PROPOSED_S = 30.0
DONE_S = 40.0
ACTIVE = ("open", "in_progress", "reopened")
OPEN_JOBS = (
    "notified",
    "acknowledged",
    "en_route",
    "on_scene",
    "to_destination",
    "at_destination",
)


class HttpWorld:
    """The product at an address, as the exchange, the colleagues and the crews reach it."""

    def __init__(self, base_url: str, hook_token: str, secret: str) -> None:
        self._base, self._secret = base_url, secret
        self._exchange = Exchange(base_url, hook_token)
        self._browsers: dict[str, Browser] = {}

    def at(self, time: datetime) -> None:
        """Real time passes by itself."""

    def browser(self, username: str) -> Browser:
        """The browser of this person; signs in at its first request."""
        if username not in self._browsers:
            password = drill_password(self._secret, username)
            self._browsers[username] = HttpBrowser(self._base, username, password)
        return self._browsers[username]

    def exchange(self, event: Answer) -> None:
        """Report a call event."""
        self._exchange.report(event)

    def timers(self) -> None:
        """The server's own worker looks at its deadlines."""


def run(base_url: str, hook_token: str, secret: str, pack: Pack, stop: Event) -> None:
    """Drive the drill until `stop` is set; `secret` is what the crews' passwords are made of."""
    drill = Drill(HttpWorld(base_url, hook_token, secret), pack, random.Random())
    while not stop.is_set():
        began = time.monotonic()
        try:
            drill.tick(datetime.now(UTC))
        except Unhappy as refusal:
            log.warning("drill: %s %s", refusal.status, refusal.code)
            stop.wait(3)  # the server starts, or is busy
        except Exception:  # a fault in the simulation must not end the drill
            log.exception("drill")
            stop.wait(10)
        stop.wait(max(0.0, TICK_S - (time.monotonic() - began)))


class Drill:
    """One drill; `tick` looks at the boards and does what is due."""

    def __init__(self, world: World, pack: Pack, rng: random.Random) -> None:
        self._world, self._rng = world, rng
        self._lines = Lines(world, pack, rng, CALL_TAKERS, self._tried)
        self._drivers = Drivers(world, pack, rng, self._tried, self._lines.hurried)
        self._heartbeat: datetime | None = None
        self._since: dict[tuple[int, str], datetime] = {}

    def tick(self, now: datetime) -> None:
        """Do what is due now. Raises Unhappy when not even the board can be had."""
        self._world.at(now)
        self._be_there(now)
        board = self._world.browser(DISPATCHER).get("/console/state?view=console")
        active = [i for i in board["incidents"] if i["state"] in ACTIVE]
        self._lines.tick(board, active, now)
        for incident in board["incidents"]:
            with self._tried():
                self._dispatch(incident, now)
        self._drivers.tick(board, now)

    @contextmanager
    def _tried(self) -> Iterator[None]:
        """A refusal is no reason to stop: somebody was quicker, and the next board shows it."""
        try:
            yield
        except Unhappy as refusal:
            log.debug("drill: %s", refusal)

    def _be_there(self, now: datetime) -> None:
        """Shifts begin once; after that the consoles report that they are alive."""
        if self._heartbeat and (now - self._heartbeat).total_seconds() < HEARTBEAT_S:
            return
        people = [*((name, "call_taker") for name in CALL_TAKERS), (DISPATCHER, "dispatcher")]
        for name, role in people:
            browser = self._world.browser(name)
            if self._heartbeat is None:
                browser.post("/start", {"role": role, "desk": name})
            browser.post("/console/heartbeat", {})
        self._heartbeat = now

    def _dispatch(self, incident: Answer, now: datetime) -> None:
        jobs = incident["jobs"]
        open_jobs = [j for j in jobs if j["state"] in OPEN_JOBS]
        proposed = [j for j in jobs if j["state"] == "proposed"]
        if incident["state"] == "resolved" or (
            not open_jobs and any(j["state"] == "completed" for j in jobs)
        ):
            if self._for(incident, "done", DONE_S, now):
                self._close(incident)
        elif proposed and self._for(incident, "proposed", PROPOSED_S, now):
            self._send(incident, [proposed[0]["unit"]])
        elif not open_jobs and not proposed and incident["state"] in ACTIVE:
            patience = 0.0 if incident["id"] in self._lines.hurried else UNDISPATCHED_S
            if self._for(incident, "waiting", patience, now):
                advice = self._world.browser(DISPATCHER).get(
                    f"/dispatch/incidents/{incident['id']}/advice"
                )
                picks = advice["picks"] or [p for p in advice["others"] if not p["busy"]][:1]
                if picks:
                    self._send(incident, [p["unit"] for p in picks])

    def _for(self, incident: Answer, what: str, seconds: float, now: datetime) -> bool:
        """Whether the incident has been so for that long, as far as this drill saw."""
        key = (incident["id"], what)
        for other in [k for k in self._since if k[0] == key[0] and k != key]:
            del self._since[other]
        return (now - self._since.setdefault(key, now)).total_seconds() >= seconds

    def _send(self, incident: Answer, units: list[str]) -> None:
        path = f"/dispatch/incidents/{incident['id']}/send"
        self._world.browser(DISPATCHER).post(path, {"units": units, "choice": "radio"})

    def _close(self, incident: Answer) -> None:
        path = f"/incidents/{incident['id']}/close"
        self._world.browser(DISPATCHER).post(path, {"disposition": "handled"})
