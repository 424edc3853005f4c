"""Crews: which unit goes, how it drives, and what the crew presses, late or never."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sigap.packs.schema import Pack, PlanStep, Unit
from sigap.places.geo import distance_m

from .events import Event, Position, Step, Timers
from .scenes import Scene

DETOUR = 1.35  # road length over straight line
# Partners that work by radio: the dispatcher notes their times for them.
BY_RADIO = ("polres", "pln", "pupr", "dlhkp", "dishub")
HOSPITALS = ("RS Baptis Kediri", "RSUD Gambiran", "RSUD Kilisuci", "RS Bhayangkara Kediri")
ACKNOWLEDGE_S = 60.0
POSITION_EVERY_S = 60
JOB = timedelta(hours=4)  # before the workshop nothing is begun that may last so long
ON_SCENE_MIN = {"medical": 14, "traffic": 24, "fire": 55, "animal": 28, "social": 40}

Point = tuple[float, float]


@dataclass
class Vehicle:
    """A unit of the example fleet as the simulation moves it."""

    unit: Unit
    at: Point
    free_at: datetime
    home_at: datetime
    away: list[tuple[datetime, datetime]] = field(default_factory=list)  # in the workshop

    def free(self, now: datetime) -> bool:
        """Whether it can be sent."""
        return self.free_at <= now and not any(a - JOB <= now <= b for a, b in self.away)

    @property
    def station(self) -> Point:
        """Where it stands by."""
        return self.unit.lat, self.unit.lng

    def place(self, now: datetime) -> Point:
        """Where it is, near enough to choose by."""
        return self.station if now >= self.home_at else self.at


class Fleet:
    """All vehicles: chosen by response plan and distance, as a dispatcher would."""

    def __init__(self, pack: Pack, start: datetime) -> None:
        self.vehicles = {
            u.call_sign: Vehicle(u, (u.lat, u.lng), start, start) for u in pack.fleet.unit
        }
        self._plans = {(p.type, p.priority): p.step for p in pack.plans}
        centres = {a.code: (a.lat, a.lng) for a in pack.areas}
        self.hospitals = [
            (m.lat, m.lng) if m.lat is not None and m.lng is not None else centres[m.area_code]
            for m in pack.landmarks
            if m.name in HOSPITALS
        ]

    def hospital_near(self, point: Point) -> Point:
        """Where patients from here are taken."""
        return min(self.hospitals, key=lambda h: distance_m(h[0], h[1], point[0], point[1]))

    def needs(self, scene: Scene) -> Sequence[PlanStep]:
        """The steps of the response plan for a scene."""
        code = scene.type.code
        return self._plans.get((code, scene.priority)) or self._plans.get((code, 0), ())

    def choose(self, scene: Scene, now: datetime) -> list[Vehicle]:
        """The nearest free units for each need; fewer where there are none."""
        chosen: list[Vehicle] = []
        for need in self.needs(scene):
            able = [
                v
                for v in self.vehicles.values()
                if v.unit.agency == need.agency
                and need.capability in v.unit.capabilities
                and v.free(now)
                and v not in chosen
            ]
            able.sort(key=lambda v: distance_m(*v.place(now), scene.lat, scene.lng))
            chosen += able[: need.count]
        return chosen

    def other(self, than: Vehicle, scene: Scene, now: datetime) -> Vehicle | None:
        """A free unit that can do the same work."""
        able = [
            v
            for v in self.vehicles.values()
            if v.unit.agency == than.unit.agency
            and set(v.unit.capabilities) & set(than.unit.capabilities)
            and v.free(now)
            and v is not than
        ]
        return min(
            able, key=lambda v: distance_m(*v.place(now), scene.lat, scene.lng), default=None
        )


def drive_s(rng: random.Random, start: Point, end: Point, *, siren: bool) -> float:
    """Seconds by road: straight line times a detour, at a speed that traffic decides."""
    speed = max(12.0, rng.gauss(42 if siren else 32, 7)) / 3.6
    return distance_m(*start, *end) * DETOUR / speed + rng.uniform(10, 40)


def positions(
    rng: random.Random, unit: str, start: Point, end: Point, begin: datetime, seconds: float
) -> Iterator[Position]:
    """What the crew's telephone reports on the way and at the end of it."""
    legs = max(1, int(seconds // POSITION_EVERY_S))
    for i in range(1, legs + 1):
        share = i / legs
        lat = start[0] + (end[0] - start[0]) * share
        lng = start[1] + (end[1] - start[1]) * share
        wobble = 0.0006 * math.sin(math.pi * share)
        yield Position(
            begin + timedelta(seconds=round(seconds * share)),
            unit,
            round(lat + rng.uniform(-wobble, wobble), 6),
            round(lng + rng.uniform(-wobble, wobble), 6),
            rng.randint(4, 30),
        )


class Job:
    """One unit's work for one incident: what truly happens, and what is pressed when."""

    def __init__(
        self,
        rng: random.Random,
        fleet: Fleet,
        vehicle: Vehicle,
        scene: Scene,
        incident: str,
        dispatcher: str,
        notified: datetime,
    ) -> None:
        self._rng, self._fleet, self._vehicle, self._scene = rng, fleet, vehicle, scene
        self._incident, self._dispatcher = incident, dispatcher
        self._radio = vehicle.unit.agency in BY_RADIO
        self._last_press = notified
        self.notified = notified

    def declines(self) -> list[Event]:
        """The crew cannot come, and says so."""
        at = self._after(self.notified, self._rng.uniform(10, 45))
        reason = self._rng.choice(("no_crew", "vehicle_fault", "equipment"))
        return [self._step(at, "decline", reason=reason)]

    def works(self) -> list[Event]:
        """Everything from the acknowledgement to being back at the station."""
        rng, scene, vehicle = self._rng, self._scene, self._vehicle
        unit, there = vehicle.unit.call_sign, (scene.lat, scene.lng)
        carries = self._carries()
        begin, arrive_known = vehicle.place(self.notified), rng.random() > 0.06
        events: list[Event] = []

        acknowledged = self._after(self.notified, rng.lognormvariate(math.log(19), 0.6))
        departed = self._after(acknowledged, rng.lognormvariate(math.log(38), 0.5))
        travel = drive_s(rng, begin, there, siren=scene.type.siren)
        arrived = self._after(departed, travel)
        minutes = ON_SCENE_MIN.get(scene.type.group, 30)
        left = self._after(arrived, 60 * max(4.0, rng.gauss(minutes, minutes / 3)))

        press = None
        if rng.random() > 0.06:
            press = self._press(events, "acknowledge", acknowledged, late=0.04)
        if press is None or (press - self.notified).total_seconds() > ACKNOWLEDGE_S:
            late = self.notified + timedelta(seconds=ACKNOWLEDGE_S + 0.5)
            events.append(Timers(late))
        depart_known = rng.random() > 0.07 or not arrive_known
        if depart_known:
            self._press(events, "depart", departed, late=0.1)
        events += positions(rng, unit, begin, there, departed, travel) if not self._radio else ()
        if arrive_known:
            self._press(events, "arrive", arrived, late=0.12)
        end, place = left, there
        if carries:
            place = self._fleet.hospital_near(there)
            ride = drive_s(rng, there, place, siren=False)
            end = self._after(left, ride)
            if arrive_known:
                self._press(events, "transport", left, late=0.1)
                events += positions(rng, unit, there, place, left, ride)
                self._press(events, "reach", end, late=0.1)
            end = self._after(end, rng.uniform(480, 1500))
        self._press(events, "complete", end, late=0.15)

        back = drive_s(rng, place, vehicle.station, siren=False)
        vehicle.at, vehicle.free_at = place, self._last_press + timedelta(seconds=1)
        vehicle.home_at = vehicle.free_at + timedelta(seconds=back)
        if not self._radio:
            events += positions(rng, unit, place, vehicle.station, vehicle.free_at, back)
        return events

    @property
    def done_at(self) -> datetime:
        """When the last step was pressed."""
        return self._last_press

    def _carries(self) -> bool:
        bed = "bls" in self._vehicle.unit.capabilities
        return bed and self._rng.random() < 0.65

    def _press(self, events: list[Event], command: str, true: datetime, *, late: float) -> datetime:
        """Press at the true time, or late; some of the late set the time right."""
        at, occurred = true, None
        if self._radio:
            # By radio a time is told to the minute and noted a little later.
            at = self._after(true, self._rng.uniform(5, 60))
            occurred = max(true.replace(second=0, microsecond=0), self.notified)
        elif self._rng.random() < late:
            at = self._after(true, self._rng.uniform(60, 480))
            occurred = true if self._rng.random() < 0.5 else None
        at = max(at, self._last_press + timedelta(seconds=1))
        self._last_press = at
        events.append(self._step(at, command, occurred=occurred))
        return at

    def _step(
        self, at: datetime, command: str, *, occurred: datetime | None = None, reason: str = ""
    ) -> Step:
        by = self._dispatcher if self._radio else ""
        return Step(at, self._incident, self._vehicle.unit.call_sign, command, by, occurred, reason)

    @staticmethod
    def _after(at: datetime, seconds: float) -> datetime:
        return at + timedelta(seconds=round(seconds, 3))
