"""Where units should wait, as a page says it: what it is worth, what it is not known of, and what
it says where there is too little to say anything."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from sigap.core.actors import Actor
from sigap.core.models import Deployment
from sigap.dispatch.queries import plan_needs
from sigap.fleet.models import Agency, Post, Unit
from sigap.incidents.models import Incident, IncidentType
from sigap.insight.standby import travel
from sigap.insight.standby.ground import Ground
from sigap.insight.standby.trips import Plans, past
from sigap.insight.standby.waiting import Kind, Plan, kinds, plan_for
from sigap.places.actions import close_road
from sigap.places.models import Area, Landmark
from sigap.places.roads import kept
from sigap.places.roads.graph import Roads

from .pastcases import TOTAL_S, TRAVEL_S, WORK_S, cases

Browser = Callable[[str], Client]
ANIMALS = Kind("damkar", "animal")
# Two banks of a river and the bridge between them.
WEST, ON_BRIDGE, EAST = (-7.82, 111.990), (-7.82, 112.005), (-7.82, 112.020)
PAGE = "/insight/standby"


@pytest.fixture(autouse=True)
def _no_roads(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ENV = settings.ENV.model_copy(update={"data_dir": tmp_path})
    monkeypatch.setattr(kept, "_kept", None)
    monkeypatch.setattr(travel, "_kept", None)


@pytest.fixture
def bridge(_no_roads: None) -> None:
    """The city's only road leads over a bridge."""
    lngs = (WEST[1], 112.000, 112.010, EAST[1])
    corners = [(WEST[0], lng) for lng in lngs]
    made = Roads(
        tail=np.array([0, 1, 2]),
        head=np.array([1, 2, 3]),
        metres=np.array([1100.0, 1100.0, 1100.0]),
        kind=np.array([2, 2, 2]),
        both=np.array([True, True, True]),
        first=np.array([0, 2, 4, 6]),
        shape=np.array([p for pair in zip(corners, corners[1:], strict=False) for p in pair]),
        name=np.array([0, 0, 0]),
        junctions=4,
    )
    kept.keep(made)
    kept.read_now()


def plan(kind: Kind = ANIMALS, method: str = "p_median") -> Plan:
    known, ground = past(), Ground()
    found = next((k for k in kinds(known, ground) if k.code == kind.code), kind)
    return plan_for(found, method, known, ground)


def test_past_cases_know_where_they_were_what_was_asked_and_how_long_it_took() -> None:
    cases(3)
    known = past()
    assert [case.total_s for case in known.cases] == [TOTAL_S] * 3
    assert {case.travel_s for case in known.cases} == {TRAVEL_S}
    assert {case.work_s for case in known.cases} == {WORK_S}
    assert all(case.area and case.needs for case in known.cases)
    assert known.cases[0].at < known.cases[-1].at


def test_what_is_cancelled_merged_or_nowhere_is_no_past_case() -> None:
    one, two, three, *_rest = cases(5)
    Incident.objects.filter(pk=one.pk).update(state="cancelled")
    Incident.objects.filter(pk=two.pk).update(state="merged", merged_into=three)
    Incident.objects.filter(pk=three.pk).update(lat=None, lng=None, area=None)
    known = past()
    assert (len(known.cases), known.nowhere) == (2, 1)


def test_a_type_without_a_plan_is_counted_apart() -> None:
    cases(2)
    IncidentType.objects.get(code="hewan_berbahaya").plans.all().delete()
    assert (past().cases, past().unplanned) == ([], 2)


def test_all_plans_at_once_ask_for_what_each_asks_for_by_itself() -> None:
    plans = Plans()
    for kind in IncidentType.objects.filter(active=True):
        for priority in (1, 2, 3, 4):
            for level in (1, 3):
                incident = Incident(type=kind, priority=priority, level=level)
                assert list(plans.of(kind.code, priority, level)) == plan_needs(incident)


def test_units_are_proposed_to_wait_where_the_cases_are_and_later_cases_say_what_it_is_worth() -> (
    None
):
    south = [area.code for area in Area.objects.order_by("lat")[:3]]
    cases(100, areas=south)
    found = plan()
    assert {part.part for part in found.parts} == set(travel.DAY_PARTS)
    assert all(part.proven and part.gap == 0 for part in found.parts)
    assert all(part.then_s < part.today_s for part in found.parts)
    assert found.check is not None and found.check.seconds is not None
    assert (found.check.learned, found.check.tested) == (60, 40)
    assert found.check.seconds.high < 0 and found.check.seconds.n == 40  # noqa: PLR2004
    assert found.straight  # no roads were imported


def test_a_unit_is_given_one_place_in_each_part_of_the_day() -> None:
    cases(60)
    for part in plan(method="mexclp").parts:
        assert sorted(wait.unit for wait in part.waits) == ["DAM-04", "DAM-05"]


def test_under_thirty_cases_nothing_is_proposed_and_it_is_said(browser_of: Browser) -> None:
    cases(29)
    assert plan().parts == []
    page = browser_of("evaluator").get(PAGE, {"kind": ANIMALS.code})
    assert "Data belum cukup: kurang dari 30" in page.content.decode()


def test_an_empty_city_says_that_it_knows_nothing(browser_of: Browser) -> None:
    page = browser_of("evaluator").get(PAGE)
    assert page.status_code == 200  # noqa: PLR2004
    assert "Data belum cukup" in page.content.decode()


def test_a_city_without_units_is_told_to_enter_them(browser_of: Browser) -> None:
    cases(40)
    Unit.objects.update(active=False)
    page = browser_of("evaluator").get(PAGE)
    assert "isi pos dan unit lebih dulu" in page.content.decode()


def test_a_unit_without_a_place_is_named_and_left_out(browser_of: Browser) -> None:
    cases(40)
    Unit.objects.filter(call_sign="DAM-05").update(post=None, station_lat=None, station_lng=None)
    found = plan()
    assert found.placeless == ["DAM-05"]
    assert {wait.unit for part in found.parts for wait in part.waits} == {"DAM-04"}
    page = browser_of("evaluator").get(PAGE, {"kind": ANIMALS.code})
    assert "DAM-05" in page.content.decode()


def test_one_week_of_data_is_too_little_to_check_and_says_so(browser_of: Browser) -> None:
    cases(40, every=timedelta(hours=4))
    check = plan().check
    assert check is not None and check.seconds is None
    page = browser_of("evaluator").get(PAGE, {"kind": ANIMALS.code}).content.decode()
    assert "Kasus berikutnya belum cukup" in page


def test_all_cases_in_one_place_bring_one_unit_there_and_leave_the_other_for_the_rest() -> None:
    only = Area.objects.order_by("code")[0]
    cases(90, areas=[only.code])
    for part in plan().parts:
        places = {wait.then.point for wait in part.waits}
        assert any(abs(lat - only.lat) + abs(lng - only.lng) < 0.01 for lat, lng in places)  # noqa: PLR2004
        assert len(places) == 2  # noqa: PLR2004


@pytest.mark.usefixtures("bridge")
def test_an_area_behind_a_closed_bridge_has_no_time_and_is_named(
    actor: Callable[[str], Actor],
) -> None:
    west, east, *others = Area.objects.order_by("code")
    Landmark.objects.all().delete()
    Area.objects.filter(pk__in=[area.pk for area in others]).delete()
    for area, (lat, lng) in ((west, WEST), (east, EAST)):
        Area.objects.filter(pk=area.pk).update(lat=lat, lng=lng, name=f"Uji {lng}")
    Post.objects.all().update(active=False)
    Unit.objects.filter(agency__code="damkar").update(
        post=None, station_lat=WEST[0], station_lng=WEST[1]
    )
    cases(60, areas=[west.code, east.code])
    before = plan()
    assert not before.unreachable and not before.straight
    close_road(*ON_BRIDGE, 60, reason="flood", actor=actor("dispatcher"))
    after = plan()
    part = after.parts[0]
    assert part.today_left > 0.3  # noqa: PLR2004 - the share of the other bank
    assert part.today_s < before.parts[0].today_s  # and it does not pull the mean up or down
    assert part.then_left == 0  # one waits on each bank
    assert after.check is not None and after.check.today["unserved"] > 0


def test_an_agency_that_is_renamed_keeps_its_cases(browser_of: Browser) -> None:
    cases(40)
    Agency.objects.filter(code="damkar").update(short="Pemadam Baru")
    assert plan().cases == 40  # noqa: PLR2004
    assert "Pemadam Baru" in browser_of("evaluator").get(PAGE).content.decode()


def test_a_drill_says_that_its_figures_are_none_of_the_city(browser_of: Browser) -> None:
    cases(40)
    Deployment.objects.update(drill=True)
    page = browser_of("evaluator").get(PAGE).content.decode()
    assert "LATIHAN" in page and "bukan angka kota" in page


@pytest.mark.parametrize("wrong", [{"kind": "damkar/flying"}, {"method": "magic"}, {"part": "tea"}])
def test_what_is_no_choice_is_refused(wrong: dict[str, str], browser_of: Browser) -> None:
    assert browser_of("evaluator").get(PAGE, wrong).status_code == 400  # noqa: PLR2004


def test_the_page_is_for_those_who_evaluate(browser_of: Browser) -> None:
    assert browser_of("call_taker").get(PAGE).status_code == 403  # noqa: PLR2004
