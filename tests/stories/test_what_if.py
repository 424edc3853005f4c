"""What if: past cases once more with another fleet, plan or staffing, beside the same simulation of
today; as a page and on paper."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from sigap.core.errors import Invalid
from sigap.core.models import Deployment
from sigap.dispatch.recommend import Need, Rules, UnitFacts
from sigap.fleet.models import Unit
from sigap.insight.standby.answering import Desks, answers, past_calls, usual
from sigap.insight.standby.ground import Ground
from sigap.insight.standby.simulate import Case, Outcome, Vehicle, replay
from sigap.insight.standby.travel import DAY_PARTS, Travel
from sigap.insight.standby.trips import past
from sigap.insight.standby.whatif import Change, Compared, Scenario, compare
from sigap.places.models import Area

from .pastcases import calls, cases

Browser = Callable[[str], Client]
PAGE = "/insight/whatif"
HERE, THERE = (-7.80, 112.00), (-7.85, 112.05)
START = datetime(2026, 9, 1, 2, tzinfo=UTC)
PUMP = Need("damkar", "pump", 1)


@pytest.fixture(autouse=True)
def _no_roads(settings: Any, tmp_path: Path) -> None:
    settings.ENV = settings.ENV.model_copy(update={"data_dir": tmp_path})


def vehicle(sign: str, home: int, **more: Any) -> Vehicle:
    facts = UnitFacts(sign, "damkar", frozenset({"pump"}), None, None, None, **more)
    return Vehicle(facts, {"": home})


def case(n: int, minutes: float, place: int = 0, **more: Any) -> Case:
    given: dict[str, Any] = {"priority": 2, "needs": (PUMP,), "before_s": 60.0}
    given |= {"turnout_s": 40.0, "work_s": 1800.0, **more}
    at = START + timedelta(minutes=minutes)
    return Case(id=n, at=at, goal=place, place=place, point=(HERE, THERE)[place], **given)


def town(seconds: list[list[float]]) -> Travel:
    """Two places and what happens at them; from the places to the cases, and to the places."""
    both = np.array([row + row for row in seconds])
    return Travel(both, np.ones_like(both, bool), dict.fromkeys(DAY_PARTS, 1.0))


NEAR = [[100.0, 600.0], [600.0, 100.0]]


def run(what: list[Case], vehicles: list[Vehicle], seconds: list[list[float]]) -> list[Outcome]:
    return replay(what, vehicles, town(seconds), [HERE, THERE], Rules())


def test_the_nearest_free_unit_comes_and_every_second_of_its_way_counts() -> None:
    [told] = run([case(1, 0, 1)], [vehicle("A", 0), vehicle("B", 1)], NEAR)
    assert (told.unit, told.travel_s, told.total_s) == ("B", 100, 60 + 40 + 100)


def test_while_it_is_at_work_the_next_case_gets_whoever_is_left() -> None:
    first, second = run([case(1, 0, 1), case(2, 5, 1)], [vehicle("A", 0), vehicle("B", 1)], NEAR)
    assert (first.unit, second.unit) == ("B", "A")
    assert second.travel_s == 600  # noqa: PLR2004 - from the other place


def test_a_case_waits_for_the_only_unit_and_the_wait_is_part_of_its_time() -> None:
    _first, second = run([case(1, 0), case(2, 5)], [vehicle("A", 0)], NEAR)
    freed = 60 + 40 + 100 + 1800
    assert second.waited_s == freed - (5 * 60 + 60)
    assert second.total_s == freed - 5 * 60 + 40 + 100


def test_the_more_urgent_of_two_that_wait_is_served_first() -> None:
    waiting = [case(1, 0), case(2, 5, priority=4), case(3, 6, priority=1)]
    _first, calm, urgent = run(waiting, [vehicle("A", 0)], NEAR)
    assert urgent.total_s is not None and calm.total_s is not None
    assert urgent.waited_s < calm.waited_s


def test_who_drives_home_is_called_from_where_it_is() -> None:
    # Free after 2,000 s at the far place, asked again half way home.
    seconds = [[0.0, 600.0], [600.0, 0.0]]
    job = case(1, 0, 1)
    freed = 60 + 40 + 600 + 1800
    _one, again = run([job, case(2, (freed + 300 - 60) / 60, 1)], [vehicle("A", 0)], seconds)
    assert again.travel_s == pytest.approx(300)


def test_where_no_open_road_leads_nobody_comes_and_that_is_no_time() -> None:
    cut = [[100.0, float("inf")], [float("inf"), 100.0]]
    [told] = run([case(1, 0, 1)], [vehicle("A", 0)], cut)
    assert told.total_s is None


def test_a_kind_of_unit_that_is_not_there_leaves_a_case_unserved() -> None:
    [told] = run([case(1, 0, needs=(Need("bpbd", "boat", 1),))], [vehicle("A", 0)], NEAR)
    assert told.total_s is None


def found(scenario: Scenario) -> Compared:
    return compare(scenario, past(), Ground())


def test_as_today_nothing_changes_and_the_simulation_is_set_beside_what_was() -> None:
    cases(60)
    told = found(Scenario())
    assert told.seconds is not None
    assert (told.seconds.mean, told.seconds.low, told.seconds.high) == (0, 0, 0)
    assert told.today == told.then
    assert told.validity is not None and told.validity.seconds.n == 60  # noqa: PLR2004


def test_a_simulation_that_is_far_from_what_was_is_doubted(browser_of: Browser) -> None:
    cases(60, travel_s=5000)
    told = found(Scenario())
    assert told.validity is not None and told.validity.doubted
    page = browser_of("evaluator").get(PAGE, {"run": "1"}).content.decode()
    assert "Keduanya tidak sesuai" in page


def test_without_a_unit_it_takes_longer_and_with_one_more_it_does_not() -> None:
    cases(80)
    away, more = (
        found(Scenario(away=frozenset({"DAM-05"}))),
        found(Scenario(added=[("DAM-05", f"area.{Area.objects.order_by('code')[0].code}")])),
    )
    assert away.seconds is not None and away.seconds.low > 0
    assert more.seconds is not None and more.seconds.high <= 0


def test_a_plan_that_asks_for_two_is_not_complete_with_one_fleet_less() -> None:
    cases(60)
    told = found(Scenario(plans=(Change("hewan_berbahaya", "damkar", "animal", 0),)))
    assert told.then.unserved == 60  # noqa: PLR2004 - a plan that asks for nothing sends nobody
    assert told.seconds is None


def test_the_same_days_are_drawn_in_both_so_the_answer_is_always_the_same() -> None:
    cases(50)
    scenario = Scenario(away=frozenset({"DAM-05"}))
    assert found(scenario).seconds == found(scenario).seconds


def test_ghosts_make_a_caller_wait_where_one_operator_is_left() -> None:
    calls(cases(60), ghosts=4)
    known = past_calls(past().cases[0].at - timedelta(hours=1), past().cases[-1].at)
    many = answers(known, Desks(dict.fromkeys(DAY_PARTS, 5), gate=False))
    one = answers(known, Desks(dict.fromkeys(DAY_PARTS, 1), gate=False))
    gated = answers(known, Desks(dict.fromkeys(DAY_PARTS, 1), gate=True))
    assert len(many) == len(one) == 60  # noqa: PLR2004
    assert max(many.values()) < min(one.values())
    # The gate takes its own seconds, and keeps the ghosts from the only operator.
    assert max(gated.values()) < min(one.values())


def test_operators_and_gate_need_calls_to_reckon_with(browser_of: Browser) -> None:
    cases(60)
    with pytest.raises(Invalid):
        found(Scenario(operators=1))
    page = browser_of("evaluator").get(PAGE, {"run": "1", "gate": "off"})
    assert page.status_code == 400  # noqa: PLR2004
    assert "Panggilan dengan waktunya terlalu sedikit" in page.content.decode()


def test_fewer_operators_are_part_of_the_response_time() -> None:
    calls(cases(60), ghosts=4)
    known = past_calls(past().cases[0].at - timedelta(hours=1), past().cases[-1].at)
    today = usual(known)
    assert today is not None and set(today.operators.values()) == {2}
    told = found(Scenario(operators=-1))
    assert told.seconds is not None and told.seconds.low > 0
    assert told.desks == today


def test_a_page_shows_both_sides_with_interval_and_cases(browser_of: Browser) -> None:
    cases(60)
    page = browser_of("evaluator").get(PAGE, {"run": "1", "u.DAM-05": "away"}).content.decode()
    assert "DAM-05 tidak ada." in page and "n = 60 kasus" in page
    assert "Hari ini, simulasi" in page and "Lebih lambat dari hari ini." in page


def test_it_is_a_tagged_paper_too(browser_of: Browser) -> None:
    cases(60)
    paper = browser_of("evaluator").get(PAGE, {"u.DAM-05": "away", "format": "pdf"})
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-") and b"/StructTreeRoot" in paper.content
    assert "bagaimana-jika-" in paper["Content-Disposition"]
    Deployment.objects.update(drill=True)
    drill = browser_of("evaluator").get(PAGE, {"format": "pdf"})
    assert "latihan-" in drill["Content-Disposition"]


def test_too_few_cases_give_no_answer(browser_of: Browser) -> None:
    cases(12)
    page = browser_of("evaluator").get(PAGE, {"run": "1", "u.DAM-05": "away"}).content.decode()
    assert "Data belum cukup" in page


def test_an_empty_city_and_one_without_units_say_so(browser_of: Browser) -> None:
    empty = browser_of("evaluator").get(PAGE, {"run": "1"})
    assert empty.status_code == 200  # noqa: PLR2004
    assert "Data belum cukup" in empty.content.decode()
    cases(40)
    Unit.objects.update(active=False)
    told = found(Scenario())
    assert (told.today.served, told.today.unserved, told.seconds) == (0, 40, None)
    assert browser_of("evaluator").get(PAGE, {"run": "1"}).status_code == 200  # noqa: PLR2004


@pytest.mark.parametrize(
    "wrong",
    [
        {"u.DAM-05": "area.nowhere"},
        {"more1": "NOBODY", "at1": "post.damkar_pesantren"},
        {"more1": "DAM-05"},
        {"type1": "hewan_berbahaya", "kind1": "", "count1": "1"},
        {"type1": "hewan_berbahaya", "kind1": "damkar/animal", "count1": "many"},
        {"type1": "flying", "kind1": "damkar/animal", "count1": "1"},
        {"operators": "99"},
        {"gate": "ajar"},
    ],
)
def test_what_is_no_scenario_is_refused_with_its_reason(
    wrong: dict[str, str], browser_of: Browser
) -> None:
    cases(31)
    page = browser_of("evaluator").get(PAGE, {"run": "1", **wrong})
    assert page.status_code == 400 and 'role="alert"' in page.content.decode()  # noqa: PLR2004
