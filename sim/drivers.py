"""The drill's crews: they press the steps of their jobs and drive, all as the boards show."""

import random
from collections.abc import Callable, Container
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sigap.packs.schema import Pack
from sigap.places.geo import distance_m

from .browser import Answer, Browser
from .crews import DETOUR, Fleet, Point
from .slow import World

SPEED_KMH = (38.0, 62.0)
AT_HOME_M = 60.0
# The state that a job is in, the step that ends it, and how long that takes (None: a drive).
STEPS: dict[str, tuple[str, tuple[float, float] | None]] = {
    "notified": ("acknowledge", (5, 22)),
    "acknowledged": ("depart", (8, 35)),
    "en_route": ("arrive", None),
    "on_scene": ("complete", (100, 300)),
    "to_destination": ("reach", None),
    "at_destination": ("complete", (50, 150)),
}
# A trainee may be this unit's crew, and is left more time.
TRAINEE = "AMB-01"
MORE_TIME_S = 25.0

Tried = Callable[[], AbstractContextManager[None]]


@dataclass
class Leg:
    """A drive from here to there."""

    start: Point
    end: Point
    began: datetime
    seconds: float

    def at(self, now: datetime) -> Point:
        """Where the unit is by now: smoothly from the one to the other."""
        share = min(1.0, (now - self.began).total_seconds() / max(1.0, self.seconds))
        ease = share * share * (3 - 2 * share)  # it starts and brakes gently
        return (
            round(self.start[0] + (self.end[0] - self.start[0]) * ease, 6),
            round(self.start[1] + (self.end[1] - self.start[1]) * ease, 6),
        )

    def over(self, now: datetime) -> bool:
        """Whether it has arrived."""
        return (now - self.began).total_seconds() >= self.seconds


@dataclass
class Crew:
    """What a crew is at."""

    doing: tuple[int, str] | None = None  # job and its state
    due: datetime | None = None
    leg: Leg | None = None
    carried: set[int] = field(default_factory=set)


class Drivers:
    """All crews of the drill."""

    def __init__(
        self,
        world: World,
        pack: Pack,
        rng: random.Random,
        tried: Tried,
        hurried: Container[int],
    ) -> None:
        self._world, self._rng, self._tried = world, rng, tried
        self._hurried = hurried
        self._fleet = Fleet(pack, datetime.now(UTC))
        self._crews: dict[str, Crew] = {}

    def tick(self, board: Answer, now: datetime) -> None:
        """Move every unit and press what is due."""
        places = {i["id"]: (i["lat"], i["lng"]) for i in board["incidents"]}
        for incident in board["incidents"]:
            places |= dict.fromkeys(incident["merged"], places[incident["id"]])
        for unit in board["units"]:
            vehicle = self._fleet.vehicles.get(unit["call_sign"])
            if vehicle is None or unit["lat"] is None:
                continue
            crew = self._crews.setdefault(unit["call_sign"], Crew())
            with self._tried():
                job = _first(unit["jobs"])
                if job is None:
                    self._go_home(unit, crew, vehicle.station, now)
                else:
                    self._work(unit, crew, job, places.get(job["incident"]), now)

    def _work(
        self, unit: Answer, crew: Crew, job: Answer, scene: Point | None, now: datetime
    ) -> None:
        state = job["state"]
        if crew.doing != (job["id"], state):
            crew.doing, crew.leg = (job["id"], state), None
            crew.due = self._due(unit, job, now)
            here = (unit["lat"], unit["lng"])
            if state == "en_route" and scene and None not in scene:
                crew.leg = self._leg(here, scene, now)
            elif state == "to_destination":
                crew.leg = self._leg(here, self._fleet.hospital_near(here), now)
        if crew.leg:
            self._drive(unit["call_sign"], crew, now)
        if (crew.leg is None or crew.leg.over(now)) and crew.due and now >= crew.due:
            crew.due = _later(now, 10)  # tried again, should it be refused
            self._press(unit, crew, job)

    def _press(self, unit: Answer, crew: Crew, job: Answer) -> None:
        command = STEPS[job["state"]][0]
        given: Answer = {"command": command}
        if job["state"] == "notified" and self._rng.random() < 0.03:
            given = {"command": "decline", "reason": "vehicle_fault"}
        elif job["state"] == "on_scene" and "bls" in unit["capabilities"]:
            if job["id"] not in crew.carried and self._rng.random() < 0.6:
                given = {"command": "transport"}
            crew.carried.add(job["id"])
        self._crew(unit["call_sign"]).post(f"/crew/assignments/{job['id']}/step", given)

    def _due(self, unit: Answer, job: Answer, now: datetime) -> datetime:
        state, wait = job["state"], STEPS[job["state"]][1]
        seconds = self._rng.uniform(*wait) if wait else 0.0
        if job["incident"] in self._hurried and state in ("notified", "acknowledged"):
            return _later(now, 2)
        if state == "notified" and self._rng.random() < 0.06:
            seconds += 70  # asleep: an alarm for the dispatcher
        if unit["call_sign"] == TRAINEE:
            seconds += MORE_TIME_S
        return _later(now, seconds)

    def _go_home(self, unit: Answer, crew: Crew, station: Point, now: datetime) -> None:
        here = (unit["lat"], unit["lng"])
        if crew.doing is not None or crew.leg is None:
            crew.doing = crew.due = crew.leg = None
            if _metres(here, station) < AT_HOME_M:
                return
            crew.leg = self._leg(here, station, now)
        self._drive(unit["call_sign"], crew, now)
        if crew.leg.over(now):
            crew.leg = None

    def _drive(self, call_sign: str, crew: Crew, now: datetime) -> None:
        leg = crew.leg
        if leg is None or leg.over(_later(now, -4)):
            return  # it stands, and has said so
        lat, lng = leg.at(now)
        given = {
            "lat": lat,
            "lng": lng,
            "at": now.isoformat(),
            "accuracy_m": self._rng.randint(4, 20),
        }
        self._crew(call_sign).post("/crew/position", given)

    def _leg(self, start: Point, end: Point, now: datetime) -> Leg:
        speed = self._rng.uniform(*SPEED_KMH) / 3.6
        return Leg(start, end, now, max(4.0, _metres(start, end) * DETOUR / speed))

    def _crew(self, call_sign: str) -> Browser:
        return self._world.browser(f"crew-{call_sign.lower()}")


def _first(jobs: list[Answer]) -> Answer | None:
    """Of several jobs the one that is furthest on; the others wait."""
    order = list(STEPS)
    known = [j for j in jobs if j["state"] in STEPS]
    return max(known, key=lambda j: (order.index(j["state"]), -j["id"]), default=None)


def _metres(here: Point, there: Point) -> float:
    return distance_m(here[0], here[1], there[0], there[1])


def _later(at: datetime, seconds: float) -> datetime:
    return at + timedelta(milliseconds=round(seconds * 1000))
