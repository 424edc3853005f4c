"""Many incidents and few units: who goes where, all at once."""

from typing import Any

import numpy as np

from sigap.dispatch.recommend import Held, Need, UnitFacts
from sigap.dispatch.together import Match, Wish, match

AMBULANCE = Need("psc119", "bls", 1)
PUMP = Need("damkar", "pump", 1)
INF, NAN = float("inf"), float("nan")


def unit(sign: str, **more: Any) -> UnitFacts:
    facts = {"agency": "psc119", "capabilities": frozenset({"bls"})} | more
    return UnitFacts(sign, lat=0, lng=0, position_age_s=None, **facts)


def sent(wishes: list[Wish], units: list[UnitFacts], seconds: list[list[float]]) -> list[str]:
    return [m.call_sign for m in match(wishes, units, np.array(seconds))]


def test_the_nearest_goes_elsewhere_where_that_saves_more() -> None:
    wishes = [Wish(1, 2, AMBULANCE), Wish(2, 2, AMBULANCE)]
    assert sent(wishes, [unit("A1"), unit("A2")], [[60, 90], [70, 900]]) == ["A2", "A1"]


def test_the_most_urgent_goes_first_where_units_are_few() -> None:
    wishes = [Wish(1, 4, AMBULANCE), Wish(2, 1, AMBULANCE)]
    [minor, major] = match(wishes, [unit("A1")], np.array([[60.0], [900.0]]))
    assert (minor.call_sign, major.call_sign, major.eta_s) == ("", "A1", 900)


def test_only_who_can_and_may_goes() -> None:
    wishes = [Wish(1, 1, AMBULANCE, frozenset({"A5"})), Wish(2, 1, PUMP)]
    units = [
        unit("A1", jobs=(Held(9),)),
        unit("A2", on_duty=False),
        unit("A3", blocked=("oxygen",)),
        unit("A4", state="reserved"),
        unit("A5"),
        unit("D1", agency="damkar", capabilities=frozenset({"pump"})),
    ]
    assert sent(wishes, units, [[60.0] * 6] * 2) == ["", "D1"]


def test_no_unit_is_sent_twice_and_none_where_no_road_leads() -> None:
    wishes = [Wish(n, 3, AMBULANCE) for n in range(3)]
    found = sent(wishes, [unit("A1"), unit("A2")], [[60, INF], [70, INF], [80, INF]])
    assert found == ["A1", "", ""]


def test_a_unit_whose_way_is_unknown_goes_only_where_there_is_no_other() -> None:
    wishes = [Wish(1, 1, AMBULANCE)]
    units = [unit("A1"), unit("A2")]
    assert sent(wishes, units, [[NAN, 1800]]) == ["A2"]
    assert match(wishes, units[:1], np.array([[NAN]])) == [Match(wishes[0], "A1", None)]


def test_nothing_is_asked_and_nobody_is_there() -> None:
    assert match([], [unit("A1")], np.zeros((0, 1))) == []
    assert sent([Wish(1, 1, AMBULANCE)], [], [[]]) == [""]
