"""Travel by road: extracts are read, places find their road, one search reaches all units."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmium
import pytest
from osmium.osm.mutable import Node, Way

from sigap.places.roads.graph import OFF_ROAD_KMH, SPEEDS, Roads, Router
from sigap.places.roads.pbf import NotRoads, read_pbf

# A street of three corners by a river, and a bridge from the middle one to the other bank.
WEST, MIDDLE, EAST, BANK = (-7.82, 112.00), (-7.82, 112.01), (-7.82, 112.02), (-7.83, 112.01)
CORNERS = {1: WEST, 2: MIDDLE, 3: EAST, 4: BANK}
STREET = {"highway": "residential"}
Town = Callable[..., Roads]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """The roads of an extract in which these ways are."""

    def made(*ways: tuple[list[int], dict[str, str]]) -> Roads:
        file = tmp_path / "town.osm.pbf"
        file.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(file)) as out:
            for ref, (lat, lng) in CORNERS.items():
                out.add_node(Node(id=ref, location=(lng, lat)))
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
    roads = town(([1, 2, 3], STREET), ([2, 4], STREET))
    bridge = roads.near(-7.825, 112.01, 30)
    assert len(bridge) == 1
    assert np.isinf(Router(roads, closed=bridge).times_to(*BANK, [WEST])[0])
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
    assert np.isinf(far)


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
