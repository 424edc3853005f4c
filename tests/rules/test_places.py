"""Where a point lies and which place a caller's words name."""

import math
from pathlib import Path
from typing import Any

import pytest

from sigap.packs.read import read_pack
from sigap.packs.schema import Pack
from sigap.places.gazetteer import Gazetteer, Match, entries_from, normalise
from sigap.places.geo import Cells, distance_m

KEDIRI = Path(__file__).parents[2] / "sigap" / "packs" / "kediri"


@pytest.fixture(scope="module")
def kediri() -> Pack:
    return read_pack(KEDIRI)


@pytest.fixture(scope="module")
def cells(kediri: Pack) -> Cells:
    return Cells.from_points((area.code, area.lat, area.lng) for area in kediri.areas)


@pytest.fixture(scope="module")
def gazetteer(kediri: Pack) -> Gazetteer:
    return Gazetteer(entries_from(kediri.areas, kediri.landmarks, kediri.city.names_also_outside))


# Distances


def test_a_degree_of_latitude_is_about_111_kilometres() -> None:
    assert distance_m(-7, 112, -8, 112) == pytest.approx(111_195, abs=1)


def test_the_station_is_about_two_kilometres_from_the_hospital() -> None:
    assert distance_m(-7.81723, 112.01555, -7.8266, 112.0305) == pytest.approx(1951, abs=5)


def test_a_distance_to_itself_is_zero_and_to_the_antipode_is_finite() -> None:
    assert distance_m(-7.8, 112, -7.8, 112) == 0
    assert distance_m(0, 0, 0, 180) == pytest.approx(math.pi * 6_371_008.8)


# Cells


def test_each_label_point_falls_into_its_own_cell(kediri: Pack, cells: Cells) -> None:
    found = {area.code: cells.area_at(area.lat, area.lng, tolerance_m=250) for area in kediri.areas}
    assert found == {area.code: area.code for area in kediri.areas}


def test_cells_from_points_say_that_they_are_approximate(cells: Cells) -> None:
    assert cells.approximate
    features = cells.to_geojson()["features"]
    assert len(features) == 46
    assert all(feature["properties"]["approximate"] for feature in features)


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        (-7.8158, 112.0627),  # Simpang Lima Gumul, in the Kabupaten
        (-7.25, 112.75),  # Surabaya
        (-7.90, 112.02),
        (0.0, 0.0),
        (float("nan"), 112.0),
        (-7.8, float("inf")),
    ],
)
def test_a_point_outside_the_city_is_in_no_area(cells: Cells, lat: float, lng: float) -> None:
    assert cells.area_at(lat, lng, tolerance_m=250) is None


def test_cells_survive_a_round_trip_through_geojson(kediri: Pack, cells: Cells) -> None:
    again = Cells.from_geojson(cells.to_geojson())
    assert again.codes == cells.codes
    assert not again.approximate
    assert all(
        again.area_at(area.lat, area.lng, tolerance_m=250) == area.code for area in kediri.areas
    )


def test_properties_given_by_code_are_added_to_the_features(cells: Cells) -> None:
    data = cells.to_geojson({"35.71.01.1001": {"name": "Bandar Lor"}})
    assert data["features"][0]["properties"]["name"] == "Bandar Lor"
    assert data["features"][0]["properties"]["code"] == "35.71.01.1001"


def square(code: str, west: float, east: float, **properties: Any) -> dict[str, Any]:
    ring = [[west, -7.81], [east, -7.81], [east, -7.80], [west, -7.80], [west, -7.81]]
    return {
        "type": "Feature",
        "id": code,
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def city(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def test_a_point_in_a_gap_belongs_to_the_nearest_area_within_the_tolerance() -> None:
    cells = Cells.from_geojson(city(square("1", 112.000, 112.010), square("2", 112.013, 112.02)))
    assert cells.area_at(-7.805, 112.0110, tolerance_m=250) == "1"  # 110 m from 1, 220 m from 2
    assert cells.area_at(-7.805, 112.0125, tolerance_m=250) == "2"
    assert cells.area_at(-7.805, 112.0110, tolerance_m=50) is None


def test_where_areas_overlap_the_smaller_one_wins() -> None:
    cells = Cells.from_geojson(city(square("big", 112.0, 112.1), square("small", 112.04, 112.05)))
    assert cells.area_at(-7.805, 112.045, tolerance_m=250) == "small"
    assert cells.area_at(-7.805, 112.020, tolerance_m=250) == "big"


def test_a_polygon_that_crosses_itself_is_repaired() -> None:
    bow = square("bow", 112.0, 112.01)
    ring = bow["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    cells = Cells.from_geojson(city(bow))
    assert cells.area_at(-7.805, 112.001, tolerance_m=0) == "bow"


def test_parts_with_one_code_are_joined_and_the_code_may_be_a_property() -> None:
    data = city(
        square("x", 112.00, 112.01, KDEPUM="35.71.01.1001"),
        square("y", 112.05, 112.06, KDEPUM="35.71.01.1001"),
    )
    cells = Cells.from_geojson(data)
    assert cells.codes == ("35.71.01.1001",)
    assert cells.area_at(-7.805, 112.055, tolerance_m=250) == "35.71.01.1001"
    with pytest.raises(ValueError, match="no area code"):
        Cells.from_geojson(data, code_property="nomor")


def test_an_area_without_a_boundary_gets_the_ground_nobody_claims() -> None:
    cells = Cells.from_geojson(
        city(square("1", 112.00, 112.01)),
        points=[("1", -7.805, 112.005), ("2", -7.805, 112.012)],
    )
    assert cells.codes == ("1", "2")
    assert cells.approximate
    assert (
        cells.area_at(-7.805, 112.0095, tolerance_m=250) == "1"
    )  # nearer to the point of 2, but inside 1
    assert cells.area_at(-7.805, 112.0120, tolerance_m=250) == "2"


def test_one_or_two_points_make_cells_too() -> None:
    one = Cells.from_points([("1", -7.8, 112.0)])
    assert one.area_at(-7.802, 112.0, tolerance_m=250) == "1"
    two = Cells.from_points([("1", -7.8, 112.0), ("2", -7.8, 112.01)])
    assert (
        two.area_at(-7.8, 112.004, tolerance_m=250),
        two.area_at(-7.8, 112.006, tolerance_m=250),
    ) == ("1", "2")


@pytest.mark.parametrize(
    "points",
    [[], [("1", -7.8, 112.0), ("1", -7.9, 112.0)], [("1", -7.8, 112.0), ("2", -7.8, 112.0)]],
)
def test_points_that_cannot_make_cells_are_refused(points: list[tuple[str, float, float]]) -> None:
    with pytest.raises(ValueError, match="point"):
        Cells.from_points(points)


@pytest.mark.parametrize(
    "data",
    [{}, city(), city({"type": "Feature", "id": "1", "properties": None, "geometry": None})],
)
def test_a_file_without_polygons_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no features|no polygon"):
        Cells.from_geojson(data)


# Gazetteer


def best(gazetteer: Gazetteer, text: str) -> Match:
    found = gazetteer.search(text)
    assert found, text
    return found[0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Setonopande", "Setonopande"),
        ("Setono Pande", "Setonopande"),
        ("kel. setono-pande", "Setonopande"),
        ("SETONO GEDONG", "Setonogedong"),
        ("Ringin Anom", "Ringinanom"),
        ("Kampungdalem", "Kampung Dalem"),
        ("Kelurahan Kampung Dalem", "Kampung Dalem"),
        ("Jl. Brawijaya 41 depan BRI, Kampungdalem", "Kampung Dalem"),
        ("gg 3 RT 02 RW 05 banjarmelati dekat masjid", "Banjarmlati"),
        ("Lirboio", "Lirboyo"),
        ("Burengam", "Burengan"),
        ("Singonegoran gang 2", "Singonegaran"),
        ("Semampir", "Semampir"),
        ("Jl. Semampir 41, Bandar Lor", "Bandar Lor"),
        ("Banjaran", "Banjaran"),
        ("Banaran, Kec. Pesantren", "Banaran"),
        ("depan Klenteng Tjoe Hwie Kiong", "Kelenteng Tjoe Hwie Kiong"),
        ("klenteng Cu Hwie Kiong", "Kelenteng Tjoe Hwie Kiong"),
        ("rumah sakit baptis", "RS Baptis Kediri"),
        ("kecelakaan di depan rs babtis", "RS Baptis Kediri"),
        ("alun2 kediri", "Alun-Alun Kota Kediri"),
        ("alun alun", "Alun-Alun Kota Kediri"),
        ("pondok pesantren lirboyo", "Pondok Pesantren Lirboyo"),
        ("gua selomangleng", "Goa Selomangleng"),
        ("Pasar Campurejo", "Pasar Campurejo"),
    ],
)
def test_a_name_is_found_however_it_is_written(gazetteer: Gazetteer, text: str, name: str) -> None:
    assert best(gazetteer, text).name == name


def test_a_written_out_name_hides_names_that_are_only_like_it(gazetteer: Gazetteer) -> None:
    assert [match.name for match in gazetteer.search("Banjaran")] == ["Banjaran"]
    assert [match.name for match in gazetteer.search("kel Banaran")] == ["Banaran"]


def test_a_landmark_wins_over_the_kelurahan_in_its_name(gazetteer: Gazetteer) -> None:
    market, area = gazetteer.search("Pasar Campurejo")
    assert (market.kind, market.precision, market.lat) == ("landmark", "exact", -7.82717)
    assert (area.kind, area.name) == ("area", "Campurejo")
    assert area.score < market.score


def test_a_landmark_without_a_point_stands_in_its_kelurahan(
    gazetteer: Gazetteer, kediri: Pack
) -> None:
    match = best(gazetteer, "Stadion Brawijaya")
    home = next(area for area in kediri.areas if area.name == "Banjaran")
    assert match.precision == "area"
    assert (match.area_code, match.lat, match.lng) == (home.code, home.lat, home.lng)


def test_a_bare_mojoroto_may_be_the_kelurahan_or_the_kecamatan(gazetteer: Gazetteer) -> None:
    kelurahan, kecamatan = gazetteer.search("Mojoroto")
    assert (kelurahan.kind, kelurahan.ambiguous) == ("area", True)
    assert (kecamatan.kind, kecamatan.ambiguous) == ("district", True)
    assert kecamatan.area_code is None


def test_the_word_before_says_whether_mojoroto_is_a_kelurahan(gazetteer: Gazetteer) -> None:
    (kelurahan,) = gazetteer.search("Kel. Mojoroto")
    assert (kelurahan.kind, kelurahan.ambiguous) == ("area", False)
    (kecamatan,) = gazetteer.search("Kec. Mojoroto")
    assert (kecamatan.kind, kecamatan.ambiguous) == ("district", False)


def test_after_another_kelurahan_pesantren_is_the_kecamatan(gazetteer: Gazetteer) -> None:
    found = gazetteer.search("Jl. Panglima Polim, Betet, Pesantren")
    assert (found[0].name, found[0].ambiguous) == ("Betet", False)
    assert [match.kind for match in found[1:]] == ["area", "district"]
    assert all(match.score <= 50 for match in found[1:])


@pytest.mark.parametrize(
    "name",
    ["Blabak", "Rejomulyo", "Ngletih", "Pojok", "Tempurejo", "Gayam", "Ngampel", "Banaran"],
)
def test_a_name_that_the_kabupaten_has_too_is_ambiguous(gazetteer: Gazetteer, name: str) -> None:
    assert best(gazetteer, f"Jl. Raya 3, {name}").ambiguous


@pytest.mark.parametrize(
    "text",
    ["Blabak, Kec. Pesantren", "Blabak Pesantren", "Blabak, Kota Kediri", "Rejomulyo kec kota"],
)
def test_the_kecamatan_or_the_city_settles_such_a_name(gazetteer: Gazetteer, text: str) -> None:
    assert not best(gazetteer, text).ambiguous


def test_the_wrong_kecamatan_settles_nothing(gazetteer: Gazetteer) -> None:
    assert best(gazetteer, "Blabak, Kec. Mojoroto").ambiguous
    assert best(gazetteer, "Rejomulyo, dekat kota").ambiguous


def test_a_village_or_the_kabupaten_makes_a_kelurahan_doubtful(gazetteer: Gazetteer) -> None:
    for text in ("Desa Semampir", "Semampir, Kab. Kediri"):
        match = best(gazetteer, text)
        assert match.ambiguous
        assert match.score < 70


def test_a_street_called_after_a_kelurahan_is_doubtful(gazetteer: Gazetteer) -> None:
    match = best(gazetteer, "Jl. Semampir 41")
    assert (match.name, match.ambiguous) == ("Semampir", True)
    assert match.score < best(gazetteer, "Semampir").score


def test_the_beginning_of_a_name_is_completed_while_typing(gazetteer: Gazetteer) -> None:
    assert {match.name for match in gazetteer.search("setono", 3)} == {
        "Setonogedong",
        "Setonopande",
        "Pasar Setono Betek",
    }
    found = gazetteer.search("di bandar")
    assert {match.name for match in found} == {"Bandar Lor", "Bandar Kidul"}
    assert all(match.ambiguous for match in found)


@pytest.mark.parametrize("text", ["", "   ", "???", "Jl.", "rumah saya dekat sekolah", "tolong"])
def test_words_that_name_no_place_find_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.search(text) == []


def test_the_limit_holds_and_the_best_come_first(gazetteer: Gazetteer) -> None:
    found = gazetteer.search("Kampungdalem, Pakelan, Jagalan, Kemasan", 3)
    assert len(found) == 3
    assert [match.score for match in found] == sorted(
        (match.score for match in found), reverse=True
    )
    assert gazetteer.search("Pakelan", 0) == []


def test_very_long_text_is_cut(gazetteer: Gazetteer) -> None:
    assert gazetteer.search("Pakelan " + "x" * 100_000)[0].name == "Pakelan"


def test_names_are_compared_without_marks_spaces_or_old_spelling() -> None:
    assert normalise("Kel. Setono-Pande") == normalise("setonopandhe") == "setonopande"
    assert normalise("Jl. Dhoho") == normalise("doho")
