"""Which units are recommended, and why."""

from dataclasses import fields, replace
from typing import Any

import pytest

from sigap.dispatch.recommend import (
    Held,
    Need,
    Recommendation,
    Rules,
    Shortfall,
    UnitFacts,
    eta_seconds,
    recommend,
)

HERE = (-7.82, 112.01)
AMBULANCE = Need("psc119", "bls", 1)
NUMBERS = {field.name for field in fields(Rules)}
P2 = 2


def unit(sign: str, km_north: float | None = 1.0, **more: Any) -> UnitFacts:
    lat = None if km_north is None else HERE[0] + km_north / 111.2
    facts = UnitFacts(sign, "psc119", frozenset({"bls"}), lat, HERE[1], None)
    return replace(facts, **more)


def ask(
    needs: list[Need], units: list[UnitFacts], already: tuple[str, ...] = (), **more: Any
) -> Recommendation:
    lat, lng = more.pop("at", HERE)
    rules = {name: more.pop(name) for name in list(more) if name in NUMBERS}
    known = {"lat": lat, "lng": lng, "already": frozenset(already), "rules": Rules(**rules)} | more
    return recommend(needs, units, **known)


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
    found = ask([AMBULANCE], [unit("A1", 1, jobs=(Held(7),))])
    assert (found.picks, signs(found.others)) == ([], ["A1"])
    assert found.others[0].busy and "busy" in found.others[0].reasons
    assert found.shortfalls == [Shortfall(AMBULANCE, 1, {"busy": 1})]


def test_a_unit_that_declined_is_listed_last_but_never_picked_by_itself() -> None:
    found = ask([AMBULANCE], [unit("A1", 1, asked="declined"), unit("A2", 2), unit("A3", 3)])
    assert (signs(found.picks), signs(found.others)) == (["A2"], ["A3", "A1"])
    found = ask([AMBULANCE], [unit("A1", 1, asked="declined")])
    assert (found.picks, found.shortfalls) == ([], [Shortfall(AMBULANCE, 1, {"declined": 1})])
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
    assert found.shortfalls == [Shortfall(Need("psc119", "bls", 3), 2, {})]


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


def test_a_shortfall_says_why_nobody_else_can_go() -> None:
    crew = Need("psc119", "bls", 1, crew=3)
    units = [
        unit("A1", on_duty=False, crew=3),
        unit("A2", state="unavailable", crew=3),
        unit("A3", blocked=("oxygen",), crew=3),
        unit("A4", crew=2),
        unit("A5", crew=3, jobs=(Held(7),)),
    ]
    (lack,) = ask([crew], units).shortfalls
    assert lack.why == {"off_duty": 1, "unavailable": 1, "blocked": 1, "crew_short": 1, "busy": 1}


def test_a_plan_may_ask_for_a_crew_and_for_equipment() -> None:
    need = Need("psc119", "bls", 1, crew=3, equipment=frozenset({"aed"}))
    carries = frozenset({"aed", "oxygen"})
    units = [unit("A1", 1, crew=3), unit("A2", 2, crew=3, equipment=carries)]
    assert signs(ask([need], units).picks) == ["A2"]


def test_a_unit_whose_equipment_failed_its_check_is_not_proposed() -> None:
    assert signs(ask([AMBULANCE], [unit("A1", 1, blocked=("oxygen",)), unit("A2", 9)]).picks) == [
        "A2"
    ]


def costly(priority: int, **flaw: Any) -> Recommendation:
    """The nearer of two has a flaw that costs more than the other's longer way."""
    prices = {"stale_costs_s": 300, "rest_s": 600, "rest_costs_s": 300, "coverage_costs_s": 300}
    there = [unit("A1", 1, **flaw), unit("A2", -1.5), unit("A3", -2)]
    return ask([AMBULANCE], there, priority=priority, **prices)


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ({"position_age_s": 301}, "stale_position"),
        ({"rested_s": 599}, "unrested"),
        ({"lng": HERE[1] + 0.02}, "leaves_gap"),
    ],
    ids=str,
)
def test_what_sending_a_unit_costs_puts_it_behind_and_is_said(
    flaw: dict[str, Any], code: str
) -> None:
    found = costly(P2, **flaw)
    assert signs(found.picks) == ["A2"]
    (far,) = [p for p in found.others if p.call_sign == "A1"]
    assert far.costs == ((code, 300),) and code in far.reasons


def test_at_the_highest_priority_neither_rest_nor_coverage_counts() -> None:
    prices = {"rest_s": 600, "rest_costs_s": 300, "coverage_m": 500, "coverage_costs_s": 300}
    (first,) = ask(
        [AMBULANCE], [unit("A1", 1, rested_s=5), unit("A2", 2)], priority=1, **prices
    ).picks
    assert (first.call_sign, first.costs, first.reasons) == ("A1", (), ("at_station",))


def test_a_unit_that_stands_near_another_free_one_leaves_no_gap() -> None:
    def first(*others: UnitFacts) -> tuple[str, ...]:
        found = ask([AMBULANCE], [unit("A1", 1), *others], priority=P2, coverage_costs_s=1)
        return found.picks[0].reasons

    assert "leaves_gap" not in first(unit("A2", 3.5))
    assert "leaves_gap" in first(unit("A2", 5))
    assert "leaves_gap" in first(unit("A2", 3.5, jobs=(Held(7),))), "a busy one covers nothing"


def turned(state: str, priority: int) -> list[str]:
    """Whether a unit with such a job is offered to a P2 that another reaches much later."""
    near = unit("A1", 1, jobs=(Held(7, priority, state),))
    found = ask([AMBULANCE], [near, unit("A2", 9)], priority=P2)
    assert signs(found.picks) == ["A2"], "a busy one is never picked by itself"
    return signs(found.diversions)


def test_a_unit_on_its_way_to_something_less_urgent_is_offered_with_what_it_leaves() -> None:
    assert turned("en_route", 3) == ["A1"]
    near = unit("A1", 1, jobs=(Held(7, 3, "en_route"),))
    (offer,) = ask([AMBULANCE], [near], priority=P2).diversions
    assert offer.leaves == (Held(7, 3, "en_route"),)


def test_one_that_has_arrived_or_drives_to_something_as_urgent_is_not_offered() -> None:
    assert turned("on_scene", 4) == []
    assert turned("en_route", 2) == []


def test_a_diversion_that_gains_little_is_not_offered() -> None:
    near = unit("A1", 1, jobs=(Held(7, 3, "en_route"),))
    assert ask([AMBULANCE], [near, unit("A2", 1.2)], priority=P2).diversions == []


def test_a_choice_passes_over_those_it_stands_in_for() -> None:
    found = ask([AMBULANCE], [unit("A1", 1), unit("A2", 2), unit("F1", 1, agency="damkar")])
    assert signs(found.passed_over(["A2"])) == ["A1"]
    assert found.passed_over(["A1"]) == found.passed_over(["A1", "A2"]) == []
    assert found.passed_over(["F1"]) == [], "it serves something else"


def test_a_unit_that_is_named_is_explained_whatever_it_is_fit_for() -> None:
    found = ask([AMBULANCE], [unit("A1"), unit("F1", 2, agency="damkar")], named=["F1"])
    assert found.others[-1].call_sign == "F1" and found.others[-1].eta_s
