"""Travel by road: extracts are read, places find their road, one search reaches all units."""

from collections.abc import Callable
from datetime import time
from pathlib import Path

import numpy as np
import osmium
import pytest
from osmium.osm.mutable import Node, Way

from sigap.places.roads.graph import OFF_ROAD_KMH, Roads, Router
from sigap.places.roads.pbf import NotRoads, read_pbf
from sigap.places.roads.speeds import KINDS, PERIODS, SPEEDS, Speeds, Trip, measure, period_of

# A street of three corners by a river, and a bridge from the middle one to the other bank.
WEST, MIDDLE, EAST, BANK = (-7.82, 112.00), (-7.82, 112.01), (-7.82, 112.02), (-7.83, 112.01)
INLAND = (-7.84, 112.01)
CORNERS = {1: WEST, 2: MIDDLE, 3: EAST, 4: BANK, 5: INLAND}
STREET = {"highway": "residential"}
Town = Callable[..., Roads]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """The roads of an extract in which these ways are."""

    def made(
        *ways: tuple[list[int], dict[str, str]], nodes: dict[int, dict[str, str]] | None = None
    ) -> Roads:
        file = tmp_path / "town.osm.pbf"
        file.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(file)) as out:
            for ref, (lat, lng) in CORNERS.items():
                out.add_node(Node(id=ref, location=(lng, lat), tags=(nodes or {}).get(ref)))
            for n, (refs, tags) in enumerate(ways, 1):
                out.add_way(Way(id=n, nodes=refs, tags=tags))
        return read_pbf(file)

    return made


def seconds(metres: float, kind: str = "residential") -> float:
    """How long so much of such a road takes."""
    return metres / (SPEEDS[kind] / 3.6)


def metres(roads: Roads) -> float:
    """The length of the first piece."""
    return float(roads.metres[0])


def test_a_road_is_cut_where_another_meets_it(town: Town) -> None:
    roads = town(([1, 2, 3], STREET), ([2, 4], {"highway": "primary"}))
    assert len(roads.tail) == 3 and roads.junctions == 4
    assert metres(roads) == pytest.approx(1102, abs=3)


def test_the_time_is_the_length_at_the_speed_of_its_kind(town: Town) -> None:
    router = Router(town(([1, 2, 3], STREET)))
    [time] = router.times_to(*EAST, [WEST])
    assert time == pytest.approx(2 * seconds(1102), rel=0.01)
    [half] = router.times_to(-7.82, 112.005, [WEST])
    assert half == pytest.approx(seconds(551), rel=0.03)


def test_one_way_is_one_way(town: Town) -> None:
    router = Router(town(([1, 2, 3], STREET | {"oneway": "yes"})))
    there, back = router.times_to(*EAST, [WEST])[0], router.times_to(*WEST, [EAST])[0]
    assert np.isfinite(there) and np.isinf(back)
    against = Router(town(([1, 2, 3], STREET | {"oneway": "-1"})))
    assert np.isfinite(against.times_to(*WEST, [EAST])[0])


def test_on_the_same_piece_nobody_drives_round(town: Town) -> None:
    router = Router(town(([1, 3], STREET)))
    [near] = router.times_to(-7.82, 112.012, [(-7.82, 112.010)])
    assert near == pytest.approx(seconds(220), rel=0.2)


def test_a_closed_bridge_leaves_no_way_or_the_long_one(town: Town) -> None:
    roads = town(([1, 2, 3], STREET), ([2, 4], STREET), ([4, 5], STREET))
    bridge = roads.near(-7.825, 112.01, 30)
    assert len(bridge) == 1
    assert np.isinf(Router(roads, closed=bridge).times_to(*INLAND, [WEST])[0])
    ring = town(([1, 2, 3], STREET), ([2, 4], STREET), ([1, 4], STREET))
    shut = ring.near(-7.825, 112.01, 30)
    long = Router(ring, closed=shut).times_to(*BANK, [MIDDLE])[0]
    assert long > Router(ring).times_to(*BANK, [MIDDLE])[0]


def test_a_place_off_the_road_pays_for_the_way_to_it_and_one_far_away_has_none(
    town: Town,
) -> None:
    router = Router(town(([1, 2, 3], STREET)))
    on, beside, far = router.times_to(*EAST, [WEST, (-7.8182, 112.00), (-7.70, 112.00)])
    assert beside - on == pytest.approx(200 / (OFF_ROAD_KMH / 3.6), rel=0.05)
    assert np.isnan(far), "nothing is known of it"


def test_the_citys_own_speeds_count(town: Town) -> None:
    roads = town(([1, 2, 3], STREET))
    slow = Router(roads, {"residential": SPEEDS["residential"] / 2})
    assert slow.times_to(*EAST, [WEST])[0] == pytest.approx(
        2 * Router(roads).times_to(*EAST, [WEST])[0]
    )


def test_paths_and_private_roads_are_none_unless_units_may_use_them(town: Town) -> None:
    private = STREET | {"access": "private"}
    with pytest.raises(NotRoads):
        town(([1, 2], {"highway": "footway"}), ([2, 3], private))
    assert len(town(([2, 3], private | {"emergency": "yes"})).tail) == 1


def test_an_alley_for_motorcycles_is_no_way_for_a_car(town: Town) -> None:
    alley = STREET | {"motorcar": "no", "motorcycle": "yes"}
    with pytest.raises(NotRoads):
        town(([2, 3], alley))


def test_nobody_drives_through_a_bollard_but_through_a_gate(town: Town) -> None:
    crossing = ([1, 2, 3], STREET), ([4, 2, 5], STREET)
    ways = {}
    for stands in ("gate", "bollard"):
        router = Router(town(*crossing, nodes={2: {"barrier": stands}}))
        ways[stands] = router.times_to(*EAST, [WEST, BANK])
    assert np.isfinite(ways["gate"]).all() and np.isinf(ways["bollard"]).all()
    sunk = {2: {"barrier": "bollard", "emergency": "yes"}}
    assert np.isfinite(Router(town(*crossing, nodes=sunk)).times_to(*EAST, [WEST])[0])


def test_what_is_no_extract_says_so(tmp_path: Path) -> None:
    for content in (b"", b"<html>", b"\x00" * 4096):
        file = tmp_path / "wrong.osm.pbf"
        file.write_bytes(content)
        with pytest.raises(NotRoads, match=r"wrong\.osm\.pbf"):
            read_pbf(file)


def test_roads_are_the_same_after_they_were_kept(town: Town, tmp_path: Path) -> None:
    roads = town(([1, 2, 3], STREET), ([2, 4], {"highway": "primary"}))
    roads.write(tmp_path / "roads.npz")
    again = Roads.read(tmp_path / "roads.npz")
    assert again.source == "town.osm.pbf"
    places = [WEST, EAST]
    assert list(Router(again).times_to(*BANK, places)) == list(
        Router(roads).times_to(*BANK, places)
    )


def test_what_stands_on_a_closed_road_has_no_known_time(town: Town) -> None:
    roads = town(([1, 2, 3], STREET), ([2, 4], STREET))
    router = Router(roads, closed=roads.near(*WEST, 30))
    assert np.isnan(router.times_to(*BANK, [WEST])[0])
    assert np.isnan(router.times_to(*WEST, [BANK])[0])
    assert np.isfinite(router.times_to(*BANK, [EAST])[0])


def test_islands_are_left_out(town: Town) -> None:
    lane = STREET | {"oneway": "yes"}
    roads = town(([1, 2], STREET), ([2, 3], STREET), ([2, 4], lane)).connected()
    assert (len(roads.tail), roads.junctions) == (2, 3)
    assert np.isfinite(Router(roads).times_to(*WEST, [EAST])[0])


def test_roads_keep_their_names(town: Town, tmp_path: Path) -> None:
    made = town(([1, 2, 3], STREET | {"name": "Jalan Dhoho"}), ([2, 4], STREET))
    made.write(tmp_path / "roads.npz")
    roads = Roads.read(tmp_path / "roads.npz")
    [piece] = roads.near(-7.82, 112.005, 10)
    assert roads.names[roads.name[piece]] == "Jalan Dhoho"
    [bridge] = roads.near(-7.825, 112.01, 10)
    assert roads.names[roads.name[bridge]] == ""


def test_a_route_is_told_by_kinds_of_road_and_takes_the_time_that_was_said(town: Town) -> None:
    roads = town(([1, 2, 3], STREET), ([2, 4], {"highway": "primary"}))
    router = Router(roads)
    for start, goal in [(WEST, BANK), (BANK, EAST), (WEST, (-7.82, 112.004)), (EAST, WEST)]:
        route = router.route(start, goal)
        assert route is not None
        pace = np.array([3.6 / SPEEDS[kind] for kind in KINDS])
        off = route.off_m / (OFF_ROAD_KMH / 3.6)
        said = router.times_to(*goal, [start])[0]
        assert route.metres @ pace + off == pytest.approx(said, rel=1e-6)
    shut = Router(roads, closed=roads.near(-7.825, 112.01, 30))
    assert shut.route(WEST, BANK) is None and shut.route((-7.7, 112.0), WEST) is None


@pytest.mark.parametrize(
    ("hour", "period"),
    [(0, "night"), (5, "night"), (6, "morning"), (9, "day"), (16, "afternoon"), (20, "evening")],
)
def test_every_hour_has_its_period(hour: int, period: str) -> None:
    assert period_of(time(hour)) == period
    assert Speeds().at(time(hour))["primary"] == SPEEDS["primary"] * PERIODS[period][1]


def driven(truth: Speeds, count: int, noise: float) -> list[Trip]:
    """Trips through a city in which these are the speeds, as they were clocked."""
    draw = np.random.default_rng(7)
    pace = np.array([3.6 / truth.kinds[kind] for kind in KINDS])
    trips = []
    for n in range(count):
        metres = draw.gamma(1.0, 400, len(KINDS)) * [0, 0, 3, 2, 2, 1, 1, 0.1, 0, 0]
        period = list(PERIODS)[n % len(PERIODS)]
        seconds = metres @ pace / truth.periods[period] * draw.lognormal(0, noise) + 10
        trips.append(Trip(metres, 10, period, float(seconds)))
    return trips


def test_the_citys_own_trips_say_how_fast_it_goes() -> None:
    slower = {kind: speed * 0.8 for kind, speed in SPEEDS.items()} | {"primary": 25.0}
    truth = Speeds(slower, Speeds().periods | {"afternoon": 0.6})
    found = measure(driven(truth, 400, 0.1), Speeds())
    assert found is not None and found.trips == 400  # noqa: PLR2004
    assert found.error_before > 0.2 and found.error_after < 0.1  # noqa: PLR2004
    for kind in ("primary", "secondary", "tertiary"):
        assert found.speeds.kinds[kind] == pytest.approx(slower[kind], rel=0.1)
    assert found.speeds.kinds["track"] == pytest.approx(slower["track"], rel=0.2), "untouched"
    assert found.speeds.periods["afternoon"] / found.speeds.periods["day"] == pytest.approx(
        0.6, rel=0.1
    )


def test_crews_that_stopped_on_their_way_make_the_city_no_slower() -> None:
    trips = driven(Speeds(), 300, 0.05)
    stopped = [t._replace(seconds=t.seconds * 4) if n % 5 == 0 else t for n, t in enumerate(trips)]
    found = measure(stopped, Speeds())
    assert found is not None
    for kind in ("primary", "secondary", "tertiary"):
        assert found.speeds.kinds[kind] == pytest.approx(SPEEDS[kind], rel=0.12)


def test_few_trips_say_nothing_and_useless_ones_do_not_count() -> None:
    assert measure(driven(Speeds(), 29, 0.1), Speeds()) is None
    nowhere = Trip(np.zeros(len(KINDS)), 0, "day", 60)
    sooner_than_possible = Trip(np.ones(len(KINDS)), 90, "day", 60)
    assert measure([nowhere, sooner_than_possible] * 50, Speeds()) is None
