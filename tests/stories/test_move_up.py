"""Coverage that breaks: a unit is proposed to wait elsewhere, a dispatcher answers, both are kept.
Nothing moves by itself."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sigap.console.rows import unit_rows
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Refused
from sigap.core.models import Journal
from sigap.dispatch.actions import send_units
from sigap.dispatch.queries import unit_facts
from sigap.fleet.actions import Proposed, answer_move_up, move_back
from sigap.fleet.models import MoveUp, Unit
from sigap.incidents.actions import open_incident
from sigap.insight.standby import moveup
from sigap.insight.standby.moveup import Suggestion, suggestions

from .pastcases import cases
from .proofs import proves

Who = Callable[[str], Actor]
Browser = Callable[[str], Client]
PLACE = Proposed("post.psc119_pakunden", "Pos Pakunden", -7.844, 112.035, "animal", 12.5, 4)


@pytest.fixture(autouse=True)
def _afresh(settings: Any, tmp_path: Path) -> None:
    settings.ENV = settings.ENV.model_copy(update={"data_dir": tmp_path})
    moveup.forget()


@pytest.fixture
def gap(actor: Who) -> Suggestion:
    """One of the two units for animals is away, in a city whose animals are everywhere."""
    cases(90)
    incident = open_incident("hewan_berbahaya", lat=-7.8, lng=112.01, actor=actor("dispatcher"))
    send_units(incident.pk, ["DAM-04"], actor=actor("dispatcher"), confirmed=True, choice="radio")
    return next(one for one in suggestions() if one.kind.capability == "animal")


def test_a_unit_that_leaves_a_gap_brings_a_proposal_with_its_reason(gap: Suggestion) -> None:
    assert gap.unit == "DAM-05" and gap.busy == ["DAM-04"]
    assert gap.areas and gap.gain_percent >= 5  # noqa: PLR2004 - the city's least
    assert gap.seconds > 0 and gap.straight


def test_nothing_is_proposed_while_all_are_free() -> None:
    cases(90)
    assert suggestions() == []


def test_under_thirty_cases_nothing_is_proposed(actor: Who) -> None:
    cases(28)
    incident = open_incident("hewan_berbahaya", lat=-7.8, lng=112.01, actor=actor("dispatcher"))
    send_units(incident.pk, ["DAM-04"], actor=actor("dispatcher"), confirmed=True, choice="radio")
    assert suggestions() == []


def test_the_dispatcher_is_shown_it_and_accepts(gap: Suggestion, browser_of: Browser) -> None:
    client = browser_of("dispatcher")
    shown = client.get("/dispatch/move-up").json()["suggestions"]
    assert gap.unit in {one["unit"] for one in shown}
    answer = {"unit": gap.unit, "place": gap.place.code, "accepted": True}
    told = client.post("/dispatch/move-up/answer", answer, content_type="application/json")
    assert told.json() == {"ok": True, "unit": gap.unit, "state": "accepted"}
    kept = MoveUp.objects.get()
    assert (kept.place, kept.gain_percent) == (gap.place.code, gap.gain_percent)
    row = Journal.objects.get(kind="unit.moved_up")
    assert (row.body["unit"], row.body["place"]) == (gap.unit, gap.place.code)
    # It counts as there, so the same is not proposed again.
    assert gap.unit not in {one.unit for one in suggestions() if one.place == gap.place}


def test_a_unit_that_was_moved_up_is_taken_to_be_there_until_it_is_sent_home(actor: Who) -> None:
    boss = actor("dispatcher")
    home = Unit.objects.get(call_sign="DAM-05")
    answer_move_up("DAM-05", PLACE, accepted=True, actor=boss)
    [unit] = [one for one in unit_facts({}) if one.call_sign == "DAM-05"]
    assert (unit.lat, unit.lng) == (PLACE.lat, PLACE.lng)
    [row] = unit_rows(Unit.objects.filter(call_sign="DAM-05"))
    assert (row["waits"], row["lat"]) == (PLACE.name, PLACE.lat)
    move_back("DAM-05", actor=boss)
    [unit] = [one for one in unit_facts({}) if one.call_sign == "DAM-05"]
    assert (unit.lat, unit.lng) == (home.station_lat, home.station_lng)
    assert Journal.objects.filter(kind="unit.moved_back").count() == 1
    with pytest.raises(Refused):
        move_back("DAM-05", actor=boss)


def test_where_it_really_is_counts_more_than_where_it_was_told_to_wait(actor: Who) -> None:
    Unit.objects.filter(call_sign="DAM-05").update(lat=-7.81, lng=112.0, position_at=clock.now())
    answer_move_up("DAM-05", PLACE, accepted=True, actor=actor("dispatcher"))
    [unit] = [one for one in unit_facts({}) if one.call_sign == "DAM-05"]
    assert (unit.lat, unit.lng) == (-7.81, 112.0)


def test_one_that_is_moved_on_waits_at_one_place_only(actor: Who) -> None:
    boss = actor("dispatcher")
    answer_move_up("DAM-05", PLACE, accepted=True, actor=boss)
    answer_move_up("DAM-05", PLACE, accepted=True, actor=boss)
    states = MoveUp.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["ended", "accepted"]


def test_what_is_declined_is_kept_and_not_proposed_again_at_once(
    gap: Suggestion, browser_of: Browser, time: clock.Frozen
) -> None:
    client = browser_of("dispatcher")
    answer = {"unit": gap.unit, "place": gap.place.code, "accepted": False}
    client.post("/dispatch/move-up/answer", answer, content_type="application/json")
    assert MoveUp.objects.get().state == "declined"
    assert Journal.objects.filter(kind="unit.move_up_declined").exists()
    same = (gap.unit, gap.place.code)
    assert same not in {(one.unit, one.place.code) for one in suggestions()}
    time.forward(timedelta(minutes=31).total_seconds())
    assert same in {(one.unit, one.place.code) for one in suggestions()}


def test_what_is_not_proposed_cannot_be_accepted_as_if_it_were(
    gap: Suggestion, browser_of: Browser
) -> None:
    answer = {"unit": "AMB-01", "place": gap.place.code, "accepted": True}
    told = browser_of("dispatcher").post(
        "/dispatch/move-up/answer", answer, content_type="application/json"
    )
    assert told.status_code == 409 and not MoveUp.objects.exists()  # noqa: PLR2004


def test_only_a_dispatcher_answers(actor: Who, browser_of: Browser) -> None:
    for role in ("call_taker", "agency", "crew"):
        with pytest.raises(Forbidden):
            answer_move_up("AMB-01", PLACE, accepted=True, actor=actor(role))
    assert browser_of("evaluator").get("/dispatch/move-up").status_code == 403  # noqa: PLR2004


def test_it_can_be_sent_home_from_the_board(actor: Who, browser_of: Browser) -> None:
    answer_move_up("DAM-05", PLACE, accepted=True, actor=actor("dispatcher"))
    client = browser_of("dispatcher")
    assert client.post("/dispatch/units/DAM-05/home").json()["ok"]
    assert client.post("/dispatch/units/DAM-05/home").status_code == 409  # noqa: PLR2004


def test_the_page_shows_what_was_proposed_and_answered(actor: Who, browser_of: Browser) -> None:
    answer_move_up("DAM-05", PLACE, accepted=False, actor=actor("dispatcher"))
    page = browser_of("evaluator").get("/insight/standby").content.decode()
    assert "Pos Pakunden" in page and "ditolak" in page


@proves("insight.reach_s")
def test_within_an_hour_one_unit_reaches_everything_and_nothing_is_broken(
    gap: Suggestion, put: Callable[[str, float], None]
) -> None:
    put("insight.reach_s", 3600)
    assert not [one for one in suggestions() if one.kind == gap.kind]


@proves("insight.move_up_percent")
def test_a_small_gain_moves_nobody(gap: Suggestion, put: Callable[[str, float], None]) -> None:
    put("insight.move_up_percent", 100)
    assert suggestions() == []
