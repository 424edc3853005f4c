"""Which units are recommended, and why."""

from dataclasses import replace
from typing import Any

import pytest

from sigap.dispatch.recommend import Need, Recommendation, UnitFacts, eta_seconds, recommend

HERE = (-7.82, 112.01)
AMBULANCE = Need("psc119", "bls", 1)


def unit(sign: str, km_north: float | None = 1.0, **more: Any) -> UnitFacts:
    lat = None if km_north is None else HERE[0] + km_north / 111.2
    facts = UnitFacts(sign, "psc119", frozenset({"bls"}), lat, HERE[1], None)
    return replace(facts, **more)


def ask(
    needs: list[Need], units: list[UnitFacts], already: tuple[str, ...] = (), **more: Any
) -> Recommendation:
    lat, lng = more.pop("at", HERE)
    known = {"speed_kmh": 30, "detour": 1.35, "stale_s": 300} | more
    return recommend(needs, units, lat=lat, lng=lng, already=frozenset(already), **known)


def signs(picks: list[Any]) -> list[str]:
    return [p.call_sign for p in picks]


def test_the_nearest_that_fits_is_picked_and_the_rest_are_listed_by_time() -> None:
    found = ask([AMBULANCE], [unit("A3", 3), unit("A1", 1), unit("A2", 2)])
    assert (signs(found.picks), signs(found.others)) == (["A1"], ["A2", "A3"])


def test_travel_time_is_distance_times_detour_at_the_average_speed() -> None:
    assert eta_seconds(1000, speed_kmh=36, detour=1.5) == 150
    slow, fast = (ask([AMBULANCE], [unit("A1", 5)], speed_kmh=v).picks[0].eta_s for v in (20, 40))
    assert slow and fast and slow == pytest.approx(2 * fast, abs=1)


@pytest.mark.parametrize(
    "flaw",
    [
        {"on_duty": False},
        {"state": "unavailable"},
        {"state": "reserved"},
        {"readiness": "not_ready"},
        {"agency": "damkar"},
        {"capabilities": frozenset({"als"})},
    ],
    ids=str,
)
def test_a_unit_that_cannot_go_is_neither_picked_nor_listed(flaw: dict[str, Any]) -> None:
    found = ask([AMBULANCE], [unit("A1", 1, **flaw), unit("A2", 9)])
    assert (signs(found.picks), signs(found.others)) == (["A2"], [])


def test_a_busy_unit_is_listed_but_never_picked_by_itself() -> None:
    found = ask([AMBULANCE], [unit("A1", 1, jobs=(7,))])
    assert (found.picks, signs(found.others)) == ([], ["A1"])
    assert found.others[0].busy and "busy" in found.others[0].reasons
    assert found.shortfalls == [AMBULANCE]


def test_a_unit_that_declined_is_listed_last_but_never_picked_by_itself() -> None:
    found = ask([AMBULANCE], [unit("A1", 1, asked="declined"), unit("A2", 2), unit("A3", 3)])
    assert (signs(found.picks), signs(found.others)) == (["A2"], ["A3", "A1"])
    found = ask([AMBULANCE], [unit("A1", 1, asked="declined")])
    assert (found.picks, found.shortfalls) == ([], [AMBULANCE])
    assert "declined" in found.others[0].reasons


def test_a_proposed_unit_may_be_picked_and_says_so() -> None:
    (pick,) = ask([AMBULANCE], [unit("A1", asked="proposed")]).picks
    assert pick.reasons == ("at_station", "proposed")


def test_a_limited_unit_may_go_and_says_so() -> None:
    assert ask([AMBULANCE], [unit("A1", readiness="limited")]).picks[0].reasons == (
        "at_station",
        "limited",
    )


def test_what_cannot_be_met_is_said_with_how_many() -> None:
    found = ask([Need("psc119", "bls", 3)], [unit("A1")])
    assert found.shortfalls == [Need("psc119", "bls", 2)]


def test_one_unit_meets_one_need_only() -> None:
    als = Need("psc119", "als", 1)
    both = unit("A1", 1, capabilities=frozenset({"als", "bls"}))
    found = ask([als, AMBULANCE], [both, unit("A2", 2)])
    assert [(p.call_sign, p.need) for p in found.picks] == [("A1", als), ("A2", AMBULANCE)]


def test_units_at_work_there_count_towards_the_plan() -> None:
    found = ask([AMBULANCE], [unit("A1"), unit("A2")], already=("A1",))
    assert (found.picks, found.shortfalls, signs(found.others)) == ([], [], ["A2"])


def test_an_old_position_is_used_and_called_stale() -> None:
    fresh, stale = (
        ask([AMBULANCE], [unit("A1", position_age_s=age)]).picks[0].reasons for age in (300, 301)
    )
    assert (fresh, stale) == ((), ("stale_position",))


def test_without_a_position_the_time_is_unknown_and_the_unit_comes_last() -> None:
    found = ask([Need("psc119", "bls", 2)], [unit("A1", None), unit("A2", 20)])
    assert [(p.call_sign, p.eta_s is None) for p in found.picks] == [("A2", False), ("A1", True)]
    assert "no_position" in found.picks[1].reasons


def test_an_incident_without_a_point_still_gets_units() -> None:
    found = ask([AMBULANCE], [unit("B1"), unit("A1")], at=(None, None))
    assert signs(found.picks) == ["A1"]
    assert found.picks[0].eta_s is None
    assert found.picks[0].reasons == ("at_station",), "where the unit is, is known"


def test_without_a_plan_nothing_is_recommended() -> None:
    assert ask([], [unit("A1")]) == Recommendation()


def test_a_unit_is_listed_once_however_many_needs_it_could_meet() -> None:
    needs = [AMBULANCE, Need("psc119", "als", 1)]
    able = frozenset({"als", "bls"})
    found = ask(needs, [unit(f"A{i}", i, capabilities=able) for i in range(1, 6)])
    assert signs(found.others) == ["A3", "A4", "A5"]
