"""Closed roads and bridges: entered, shown, gone round, asked about, opened again."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from math import isinf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.models import Alarm, Journal
from sigap.dispatch.queries import recommend_for
from sigap.incidents.actions import open_incident
from sigap.places.actions import alarm_closures, close_road, lift_closure, prolong_closure
from sigap.places.models import RoadClosure
from sigap.places.queries import travel_times
from sigap.places.roads import kept
from sigap.places.roads.graph import Roads

SETUP, TIMER = system("setup"), system("timer")
# A street on the west bank, a bridge, and a street on the east bank.
WEST, BRIDGE_WEST, BRIDGE_EAST, EAST = (
    (-7.82, 111.990),
    (-7.82, 112.000),
    (-7.82, 112.010),
    (-7.82, 112.020),
)
ON_BRIDGE = (-7.82, 112.005)
Who = Callable[[str], Actor]
Browser = Callable[[str], Client]


@pytest.fixture(autouse=True)
def roads(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A data folder of its own, in which the roads of two banks and their bridge lie."""
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"data_dir": tmp_path}))
    monkeypatch.setattr(kept, "_kept", None)
    corners = (WEST, BRIDGE_WEST, BRIDGE_EAST, EAST)
    lines = [point for pair in zip(corners, corners[1:], strict=False) for point in pair]
    made = Roads(
        tail=np.array([0, 1, 2]),
        head=np.array([1, 2, 3]),
        metres=np.array([1100.0, 1100.0, 1100.0]),
        kind=np.array([2, 2, 2]),
        both=np.array([True, True, True]),
        first=np.array([0, 2, 4, 6]),
        shape=np.array(lines),
        name=np.array([1, 2, 3]),
        names=("", "Jalan Barat", "Jembatan Lama", "Jalan Timur"),
        junctions=4,
    )
    kept.keep(made)
    kept.read_now()
    yield


@pytest.fixture
def boss(actor: Who) -> Actor:
    return actor("dispatcher")


def close(boss: Actor, **more: Any) -> RoadClosure:
    lat, lng = ON_BRIDGE
    return close_road(lat, lng, 30, reason="bridge", actor=boss, **more)


def across() -> float:
    """How long from one bank to the other."""
    [seconds] = travel_times(EAST, [WEST])
    return seconds


def test_pressed_twice_a_road_is_closed_once(boss: Actor) -> None:
    at = clock.now() + timedelta(hours=2)
    assert close(boss, check_at=at) == close(boss, check_at=at)
    assert Journal.objects.filter(kind="closure.closed").count() == 1
    lift_closure(RoadClosure.objects.get().pk, actor=boss)
    close(boss, check_at=at)
    assert RoadClosure.objects.count() == 2, "closed anew"  # noqa: PLR2004


def test_opened_by_somebody_else_meanwhile_the_list_says_so(
    boss: Actor, browser_of: Browser
) -> None:
    closed = close(boss)
    lift_closure(closed.pk, actor=boss)
    answer = browser_of("dispatcher").post(f"/closures/{closed.pk}/lift", {"version": "0"})
    assert answer.status_code == 409  # noqa: PLR2004
    assert 'id="closure-form"' in answer.content.decode()


def test_nobody_is_sent_over_a_closed_bridge_until_it_is_open_again(boss: Actor) -> None:
    before = across()
    closure = close(boss)
    assert closure.names == "Jembatan Lama"
    assert isinf(across())
    lift_closure(closure.pk, actor=boss)
    assert across() == pytest.approx(before)


def test_a_unit_that_no_open_road_leads_from_is_last_and_says_so(boss: Actor) -> None:
    from sigap.fleet.models import Unit

    Unit.objects.filter(agency__code="psc119").update(station_lat=EAST[0], station_lng=EAST[1])
    cut_off = Unit.objects.filter(call_sign="AMB-01")
    cut_off.update(station_lat=WEST[0], station_lng=WEST[1])
    incident = open_incident(
        "kecelakaan_lalin", lat=BRIDGE_EAST[0], lng=BRIDGE_EAST[1] + 0.001, actor=SETUP
    )
    close(boss)
    found = {p.call_sign: p for p in recommend_for(incident, named=["AMB-01"]).all()}
    assert found["AMB-01"].eta_s is None and "no_way" in found["AMB-01"].reasons
    assert found["AMB-02"].eta_s is not None and found["AMB-02"].by_road


def test_a_closure_is_journalled_with_its_reason(boss: Actor) -> None:
    close(boss)
    row = Journal.objects.get(kind="closure.closed")
    assert row.body == {"reason": "bridge", "radius_m": 30}
    assert row.actor == boss.code


def test_when_its_time_has_come_the_dispatcher_is_asked_and_it_stays_closed(
    boss: Actor, time: clock.Frozen
) -> None:
    closure = close(boss, check_at=clock.now() + timedelta(hours=2))
    assert alarm_closures(actor=TIMER) == 0
    time.forward(2 * 3600)
    assert alarm_closures(actor=TIMER) == 1
    assert Alarm.objects.get(code="closure_check").owner == "dispatcher"
    assert isinf(across()), "only a person opens it"
    prolong_closure(closure.pk, clock.now() + timedelta(hours=1), actor=boss)
    assert Alarm.objects.get(code="closure_check").state == "done"
    assert alarm_closures(actor=TIMER) == 0
    time.forward(3600)
    assert alarm_closures(actor=TIMER) == 1
    lift_closure(closure.pk, actor=boss)
    assert not Alarm.objects.exclude(state="done").exists()


def test_what_makes_no_sense_is_refused(boss: Actor, actor: Who) -> None:
    now = clock.now()
    wrong: list[dict[str, Any]] = [
        {"radius_m": 5},
        {"radius_m": 9000},
        {"lat": 0.0, "lng": 0.0},
        {"lat": 95.0},
        {"reason": "because"},
        {"check_at": now},
    ]
    for flaw in wrong:
        given = {"lat": ON_BRIDGE[0], "lng": ON_BRIDGE[1], "radius_m": 30, "reason": "flood"} | flaw
        with pytest.raises(Invalid):
            close_road(**given, actor=boss)
    for role in ("crew", "call_taker", "agency"):
        with pytest.raises(Forbidden):
            close(actor(role))
    assert not RoadClosure.objects.exists()


def test_two_dispatchers_do_not_undo_each_other(boss: Actor) -> None:
    closure = close(boss)
    later = clock.now() + timedelta(hours=1)
    prolong_closure(closure.pk, later, actor=boss, version=closure.version)
    with pytest.raises(Conflict):
        lift_closure(closure.pk, actor=boss, version=closure.version)
    lift_closure(closure.pk, actor=boss)
    with pytest.raises(Refused, match="lagi|already"):
        lift_closure(closure.pk, actor=boss)


def test_the_page_closes_prolongs_and_opens(browser_of: Browser) -> None:
    client = browser_of("dispatcher")
    lat, lng = ON_BRIDGE
    form = {
        "lat": lat,
        "lng": lng,
        "radius_m": 30,
        "reason": "flood",
        "check_at": "",
        "note": "air",
    }
    assert client.post("/closures/add", form).status_code == 302
    page = client.get("/closures").content.decode()
    assert "Jembatan Lama" in page and "Banjir" in page
    closure = RoadClosure.objects.get()
    soon = (clock.now() + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    said = client.post(f"/closures/{closure.pk}/prolong", {"check_at": soon, "version": 0})
    assert said.status_code == 302
    assert client.post(f"/closures/{closure.pk}/lift", {"version": 1}).status_code == 302
    assert RoadClosure.objects.get().lifted_at == clock.now()


def test_a_wrong_form_keeps_what_was_typed(browser_of: Browser) -> None:
    form = {"lat": "-7.82", "lng": "112.005", "radius_m": "4000", "reason": "flood"}
    answer = browser_of("dispatcher").post("/closures/add", form)
    assert answer.status_code == 400
    assert "3000" in answer.content.decode() and 'value="112.005"' in answer.content.decode()


def test_the_map_shows_the_pieces_of_road_that_are_closed(browser_of: Browser, boss: Actor) -> None:
    close(boss)
    [told] = browser_of("dispatcher").get("/closures/map.json").json()["closures"]
    assert told["lines"] == [[list(BRIDGE_WEST), list(BRIDGE_EAST)]]
    assert told["reason"] == "Jembatan ditutup"


def test_whoever_takes_calls_sees_closures_and_changes_none(browser_of: Browser) -> None:
    client = browser_of("call_taker")
    assert "closure-form" not in client.get("/closures").content.decode()
    assert client.post("/closures/add", {}).status_code == 403
    assert browser_of("crew").get("/closures/map.json").status_code == 403


def test_at_the_rush_hour_it_takes_longer_than_by_night(time: clock.Frozen) -> None:
    def at(hour: int) -> float:
        now = clock.now().astimezone(clock.now().tzinfo)
        wanted = now.replace(hour=(hour - 7) % 24, minute=30)
        time.forward((wanted - now).total_seconds() % 86_400)
        return across()

    assert at(2) < at(11) < at(16)
