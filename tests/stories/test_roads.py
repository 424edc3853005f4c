"""The roads of the city in its recommendations, and what happens without them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from sigap.core import clock
from sigap.core.actors import system
from sigap.core.queries import city_zone
from sigap.dispatch.queries import recommend_for
from sigap.fleet.models import Unit
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident
from sigap.places.queries import speeds
from sigap.places.roads import kept
from sigap.places.roads.graph import Roads

SETUP = system("setup")
HERE = (-7.8185, 112.0155)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A data folder of its own, in which no roads lie yet."""
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"data_dir": tmp_path}))
    monkeypatch.setattr(kept, "_kept", None)
    yield


def road(*ends: tuple[float, float], metres: float) -> Roads:
    """One road between two places, longer than it looks."""
    return Roads(
        tail=np.array([0]),
        head=np.array([1]),
        metres=np.array([metres]),
        kind=np.array([2]),
        both=np.array([True]),
        first=np.array([0, 2]),
        shape=np.array(ends),
        name=np.array([0]),
        junctions=2,
        source="uji",
    )


@pytest.fixture
def fire(db: None) -> Incident:
    """A fire, with a unit far off."""
    return open_incident("kebakaran_lahan", lat=HERE[0], lng=HERE[1], actor=SETUP)


def first(incident: Incident) -> tuple[int | None, bool]:
    """The time of the first unit that is proposed, and whether it is by road."""
    [pick, *_more] = recommend_for(incident).picks
    return pick.eta_s, pick.by_road


def test_without_roads_the_time_is_of_the_straight_line(fire: Incident) -> None:
    assert first(fire)[1] is False


def test_with_roads_the_way_round_counts(fire: Incident) -> None:
    [pick, *_more] = recommend_for(fire).picks
    unit = Unit.objects.get(call_sign=pick.call_sign)
    assert unit.station_lat is not None and unit.station_lng is not None
    kept.keep(road((unit.station_lat, unit.station_lng), HERE, metres=42_000))
    kept.read_now()
    kmh = speeds().at(clock.now().astimezone(city_zone()).time())["primary"]
    picks = {p.call_sign: p for p in (*recommend_for(fire).picks, *recommend_for(fire).others)}
    assert picks[unit.call_sign].by_road
    assert picks[unit.call_sign].eta_s == pytest.approx(42_000 / (kmh / 3.6), rel=0.01)


def test_a_broken_file_of_roads_stops_nothing(fire: Incident) -> None:
    kept.file().write_bytes(b"no roads")
    assert kept.read_now() is None
    assert first(fire)[1] is False
