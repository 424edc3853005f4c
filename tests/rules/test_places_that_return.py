"""Which cases are at one place, in a city with very many of them."""

from datetime import UTC, datetime

from sigap.insight.warning.events import Case
from sigap.insight.warning.returns import groups
from sigap.places.geo import METRES_PER_DEGREE, distance_m

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
METRE = 1 / METRES_PER_DEGREE  # degrees of latitude, and nearly of longitude here
LAT, LNG = -7.8185, 112.0155


def test_twenty_thousand_at_one_spot_are_one_place() -> None:
    many = [Case(f"complaint:{n}", "category:pju", AT, point=(LAT, LNG)) for n in range(20_000)]
    [place] = groups(many, 50)
    assert len(place) == 20_000


def test_a_city_full_of_reports_is_not_one_place() -> None:
    everywhere = [
        Case(f"complaint:{n}", "category:pju", AT, point=(LAT + x * METRE, LNG + y * METRE))
        for n, (x, y) in enumerate((30 * x, 30 * y) for x in range(60) for y in range(60))
    ]
    places = groups(everywhere, 50)
    assert sorted(case.ref for place in places for case in place) == sorted(
        case.ref for case in everywhere
    )
    assert len(places) > 300
    for place in places:
        points = [case.point for case in place if case.point]
        assert max(distance_m(*one, *other) for one in points for other in points) <= 101
