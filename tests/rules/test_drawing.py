"""The city's areas as SVG: in one frame, with the marks that lie beside them."""

import pytest

from sigap.places.drawing import draw
from sigap.places.geo import Cells

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[112, -8], [113, -8], [113, -7], [112, -7], [112, -8]]],
}
HOLE = [[112.4, -7.6], [112.6, -7.6], [112.6, -7.4], [112.4, -7.4], [112.4, -7.6]]


def cells(*, hole: bool = False) -> Cells:
    rings = SQUARE["coordinates"] + ([HOLE] if hole else [])
    ground = {"type": "Polygon", "coordinates": rings}
    feature = {"type": "Feature", "id": "a", "properties": {"code": "a"}, "geometry": ground}
    return Cells.from_geojson({"features": [feature]}, code_property="code")


def test_the_areas_fill_the_frame_and_a_degree_north_is_longer_than_one_east() -> None:
    drawing = draw(cells(), 100, margin=10)
    assert drawing.at(-7, 112) == (10, 10)
    assert drawing.at(-8, 113) == (90, pytest.approx(10 + 80 / 0.9914, abs=0.1))
    assert drawing.box == "0 0 100 101"
    assert drawing.of(["a", "unknown"]) == drawing.paths["a"]
    assert drawing.paths["a"].startswith("M") and drawing.paths["a"].endswith("Z")


def test_a_mark_outside_the_city_lies_in_the_frame() -> None:
    drawing = draw(cells(), 100, points=((-7.5, 114.0),))
    assert drawing.at(-7.5, 114)[0] == 100  # noqa: PLR2004
    assert drawing.at(-7.5, 113)[0] == 50  # noqa: PLR2004


def test_what_another_city_lies_in_the_middle_of_is_left_open() -> None:
    assert draw(cells(hole=True), 100).paths["a"].count("M") == 2  # noqa: PLR2004


def test_without_areas_there_are_only_marks() -> None:
    nothing = draw(None, 100)
    assert nothing.paths == {} and nothing.of(["a"]) == ""
    assert draw(None, 100, points=((-7.0, 112.0),)).at(-7, 112) == (0, 0)
