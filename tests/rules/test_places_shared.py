"""Real boundaries, read from the reference data that lies beside the project."""

import json
from pathlib import Path

import pytest

from sigap.packs.read import read_pack
from sigap.packs.schema import Pack
from sigap.places.geo import Cells

pytestmark = pytest.mark.shared

ROOT = Path(__file__).parents[2]
BOUNDARIES = ROOT.parent / "shared" / "data" / "kediri_kelurahan.geojson"


@pytest.fixture(scope="module")
def kediri() -> Pack:
    return read_pack(ROOT / "sigap" / "packs" / "kediri")


@pytest.fixture(scope="module")
def real() -> Cells:
    return Cells.from_geojson(json.loads(BOUNDARIES.read_text(encoding="utf-8")))


def test_the_boundaries_are_those_of_the_pack(kediri: Pack, real: Cells) -> None:
    assert real.codes == tuple(area.code for area in kediri.areas)
    assert not real.approximate


def test_every_label_point_lies_in_its_own_polygon(kediri: Pack, real: Cells) -> None:
    found = {area.code: real.area_at(area.lat, area.lng, tolerance_m=0) for area in kediri.areas}
    assert found == {area.code: area.code for area in kediri.areas}


def test_every_exact_landmark_lies_in_the_kelurahan_the_pack_says(
    kediri: Pack, real: Cells
) -> None:
    for mark in kediri.landmarks:
        if mark.lat is not None and mark.lng is not None:
            assert real.area_at(mark.lat, mark.lng, tolerance_m=0) == mark.area_code, mark.name


def test_the_tolerance_closes_the_gaps_between_simplified_polygons(
    kediri: Pack, real: Cells
) -> None:
    south, west, north, east = kediri.city.bbox
    steps = 60
    grid = [
        (south + (north - south) * i / steps, west + (east - west) * j / steps)
        for i in range(steps + 1)
        for j in range(steps + 1)
    ]
    strict = {point for point in grid if real.area_at(*point, tolerance_m=0)}
    near = {point for point in grid if real.area_at(*point, tolerance_m=250)}
    assert strict < near
    assert len(near) / len(strict) < 1.25


def test_derived_cells_agree_with_the_boundaries_for_most_of_the_city(
    kediri: Pack, real: Cells
) -> None:
    derived = Cells.from_points((area.code, area.lat, area.lng) for area in kediri.areas)
    south, west, north, east = kediri.city.bbox
    steps = 60
    same = covered = total = 0
    for i in range(steps + 1):
        for j in range(steps + 1):
            lat = south + (north - south) * i / steps
            lng = west + (east - west) * j / steps
            code = real.area_at(lat, lng, tolerance_m=0)
            if code is None:
                continue
            guess = derived.area_at(lat, lng, tolerance_m=250)
            total += 1
            covered += guess is not None
            same += guess == code
    assert covered / total > 0.9
    assert same / total > 0.65


def test_simpang_lima_gumul_lies_outside_the_city(real: Cells) -> None:
    assert real.area_at(-7.8158, 112.0627, tolerance_m=250) is None
