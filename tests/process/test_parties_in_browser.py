"""Bringing somebody into a call, in a real browser, on a city whose exchange listens."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .asking import Exchange, Person, event, new_call
from .browsing import faults_of
from .server import Server

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def orders(city: Server) -> Iterator[Iterator[dict[str, Any]]]:
    """What an exchange is ordered that stays connected during the test."""
    http = Exchange(city.url).http
    with http.stream("GET", "/hooks/calls/orders", params={"exchange": "pbx"}) as answer:
        lines = (json.loads(line) for line in answer.iter_lines())
        assert next(lines)["do"] == "state"
        yield (line for line in lines if line)


@pytest.fixture
def call(city: Server, orders: Iterator[dict[str, Any]], colleague: Person) -> Iterator[str]:
    """A call that rings; closed after the test."""
    name = new_call()
    Exchange(city.url).report(event(name, number="081355501234"))
    Exchange(city.url).report(event(name, "gate_key", number="081355501234"))
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
    Exchange(city.url).report(event(call, "party", **told))
    expect(page.locator("#leave")).to_be_visible()
    assert faults_of(page) == []
    party.get_by_role("button").click()
    expect(page.locator("#parties li")).to_have_count(0)
    assert next(order for order in orders if order["do"] == "drop")["party"] == invited["party"]
