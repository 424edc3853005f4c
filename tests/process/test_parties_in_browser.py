"""Bringing somebody into a call, in a real browser, on a city whose exchange listens."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .asking import Exchange, Person, event, new_call
from .browsing import faults_of
from .server import Server

PATIENCE = 15
OWN = "sentral"  # an exchange that listens changes what the calls of its name do
pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def orders(city: Server) -> Iterator[Iterator[dict[str, Any]]]:
    """What an exchange is ordered that stays connected during the test."""
    http = Exchange(city.url).http
    with http.stream("GET", "/hooks/calls/orders", params={"exchange": OWN}) as answer:
        lines = (json.loads(line) for line in answer.iter_lines())
        assert next(lines)["do"] == "state"
        yield orders_of(lines)


def orders_of(lines: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The orders among the lines; a line without one comes every two seconds."""
    silent = 0
    for line in lines:
        silent = 0 if line else silent + 1
        assert silent < PATIENCE, "no order came"
        if line:
            yield line


@pytest.fixture
def call(city: Server, orders: Iterator[dict[str, Any]], colleague: Person) -> Iterator[str]:
    """A call that rings; closed after the test."""
    name = new_call()
    Exchange(city.url).report(event(name, exchange=OWN, number="081355501234"))
    Exchange(city.url).report(event(name, "gate_key", exchange=OWN, number="081355501234"))
    yield name
    for found in colleague.get("/console/state")["calls"]:
        colleague.command(f"/calls/{found['id']}/take")
        colleague.command(f"/calls/{found['id']}/close", **{"class": "test"})


def test_an_agency_is_found_by_typing_and_its_state_is_seen(
    enter: Callable[..., Page],
    city: Server,
    call: str,
    orders: Iterator[dict[str, Any]],
) -> None:
    page = enter("call_taker")
    page.goto("/calls")
    expect(page.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator("#bring")).to_be_visible()
    expect(page.locator("#leave")).to_be_hidden()
    page.keyboard.press("Shift+F8")
    expect(page.locator("#party-search")).to_be_focused()
    page.keyboard.type("ambul")
    expect(page.locator("#party-choices li")).to_have_count(1)
    assert faults_of(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    party = page.locator("#parties li")
    expect(party).to_contain_text("119")
    invited = next(order for order in orders if order["do"] == "invite")
    assert (invited["call"], invited["number"]) == (call, "119")
    told = {"number": None, "party": invited["party"], "reason": "joined"}
    Exchange(city.url).report(event(call, "party", exchange=OWN, **told))
    expect(page.locator("#leave")).to_be_visible()
    assert faults_of(page) == []
    party.get_by_role("button").click()
    expect(page.locator("#parties li")).to_have_count(0)
    assert next(order for order in orders if order["do"] == "drop")["party"] == invited["party"]


def test_a_call_is_handed_to_a_free_colleague_who_is_told_to_lift_the_telephone(
    enter: Callable[..., Page],
    city: Server,
    call: str,
    orders: Iterator[dict[str, Any]],
) -> None:
    page, boss = enter("call_taker"), enter("supervisor")
    boss.goto("/start")
    boss.keyboard.press("Enter")
    expect(boss).to_have_url(re.compile("/supervisor$"))
    for window in (page, boss):
        window.goto("/calls")
        expect(window.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator("#bring")).to_be_visible()
    page.keyboard.press("Shift+F8")
    page.keyboard.press("Control+Enter")  # the phone book is no colleague: the first who is one
    expect(page.locator("dialog")).to_have_count(0)
    invited = next(order for order in orders if order["do"] == "invite")
    assert (invited["call"], invited["how"], invited["operator"]) == (call, "take", "supervisor")
    expect(boss.locator("#others li .chip.warn")).to_be_visible()
    told = {"number": None, "party": invited["party"], "reason": "joined"}
    Exchange(city.url).report(event(call, "party", exchange=OWN, **told))
    expect(boss.locator("#mine li")).to_have_count(1)
    expect(page.locator("#mine li")).to_have_count(0)
    assert faults_of(boss) == []
    boss.keyboard.press("F10")
    boss.keyboard.press("1")
    expect(boss.locator("#mine li")).to_have_count(0)
    boss.goto("/start")
    boss.locator("form[action='/start/end'] button").click()


def test_a_supervisor_listens_whispers_and_stops_and_the_operator_sees_it(
    enter: Callable[..., Page],
    call: str,
    orders: Iterator[dict[str, Any]],
) -> None:
    page, boss = enter("call_taker"), enter("supervisor")
    page.goto("/calls")
    expect(page.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator("#bring")).to_be_visible()
    boss.goto("/supervisor")
    boss.locator("[id^=listen-]").click()
    assert next(order for order in orders if order["do"] == "invite")["how"] == "listen"
    expect(page.locator("#parties .chip")).to_be_visible()
    assert faults_of(boss) == []
    boss.locator("[id^=whisper-]").click()
    assert next(order for order in orders if order["do"] == "invite")["how"] == "whisper"
    boss.locator("[id^=stop-]").click()
    expect(page.locator("#parties .chip")).to_have_count(0)
