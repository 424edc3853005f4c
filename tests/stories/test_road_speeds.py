"""The city learns from its own trips how fast its units drive."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from django.conf import settings

from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Journal
from sigap.dispatch.actions import send_units, step
from sigap.dispatch.cli import calibrate
from sigap.dispatch.models import AssignmentTime
from sigap.dispatch.trips import trips
from sigap.fleet.models import Unit
from sigap.fleet.positions.models import Device, TrackPoint
from sigap.incidents.actions import open_incident
from sigap.places.models import RoadSpeeds
from sigap.places.queries import speeds
from sigap.places.roads import kept
from sigap.places.roads.graph import Roads

SETUP = system("setup")
START, GOAL = (-7.82, 111.99), (-7.82, 112.02)
METRES, SECONDS = 3000.0, 600


@pytest.fixture(autouse=True)
def roads(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Roads]:
    """A data folder of its own with one straight main road."""
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"data_dir": tmp_path}))
    monkeypatch.setattr(kept, "_kept", None)
    made = Roads(
        tail=np.array([0]),
        head=np.array([1]),
        metres=np.array([METRES]),
        kind=np.array([2]),
        both=np.array([True]),
        first=np.array([0, 2]),
        shape=np.array([START, GOAL]),
        name=np.array([0]),
        junctions=2,
    )
    kept.keep(made)
    kept.read_now()
    yield made


@pytest.fixture
def drive(actor: Callable[[str], Actor], time: clock.Frozen) -> Callable[[], None]:
    """AMB-01 drives the whole road once, and its device says from where."""
    boss = actor("dispatcher")
    unit = Unit.objects.get(call_sign="AMB-01")
    device = Device.objects.create(unit=unit, kind="json")

    def once() -> None:
        incident = open_incident(
            "kecelakaan_lalin", lat=GOAL[0], lng=GOAL[1], location_source="map", actor=SETUP
        )
        [job] = send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio", confirmed=True)
        TrackPoint.objects.create(
            unit=unit, device=device, at=clock.now(), lat=START[0], lng=START[1]
        )
        time.forward(5)
        step(job.pk, "depart", actor=boss, source="crew")
        time.forward(SECONDS)
        step(job.pk, "arrive", actor=boss, source="crew")
        step(job.pk, "complete", actor=boss, source="crew")

    return once


def told(*arguments: str) -> str:
    return CliRunner().invoke(calibrate, arguments).output


def test_a_trip_is_what_was_driven_between_two_told_times(
    drive: Callable[[], None], roads: Roads
) -> None:
    drive()
    [trip] = trips(roads)
    assert trip.metres.sum() == pytest.approx(METRES, rel=0.01)
    assert trip.seconds == SECONDS


def test_derived_times_and_unknown_starts_are_no_trips(
    drive: Callable[[], None], roads: Roads
) -> None:
    drive()
    AssignmentTime.objects.filter(state="on_scene").update(source="derived")
    assert trips(roads) == []
    AssignmentTime.objects.update(source="crew")
    TrackPoint.objects.all().delete()
    assert trips(roads) == []


def test_an_old_place_is_not_where_it_set_out_from(drive: Callable[[], None], roads: Roads) -> None:
    drive()
    before = TrackPoint.objects.get()
    before.at -= timedelta(minutes=10)
    before.save()
    assert trips(roads) == []


def test_few_trips_change_nothing(drive: Callable[[], None]) -> None:
    drive()
    assert "1 trips of 30" in told("--keep") and not RoadSpeeds.objects.exists()


def test_what_the_trips_say_is_shown_first_and_kept_when_it_is_wanted(
    drive: Callable[[], None],
) -> None:
    for _trip in range(30):
        drive()
    assert "30 trips" in told() and not RoadSpeeds.objects.exists()
    assert "Kept." in told("--keep")
    row = RoadSpeeds.objects.get()
    assert row.error_after < row.error_before
    # 3 km in ten minutes are 18 km/h, at whatever the hour does to it.
    assert speeds().kinds["primary"] < 30  # noqa: PLR2004
    assert Journal.objects.get(kind="roads.measured").body["trips"] == 30  # noqa: PLR2004


def test_without_roads_it_says_what_is_missing(tmp_path: Path) -> None:
    kept.file().unlink()
    assert "sigap roads import" in told()
