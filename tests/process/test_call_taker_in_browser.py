"""A call taker at work, in a real browser, on a served city whose telephone exchange rings."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .asking import Exchange, Person, event, new_call
from .server import Server, until

OPEN = ("presented", "screening", "queued", "answered", "held", "wrap_up")
# The keys after F10, as on the other consoles of the country's 112 rooms.
CLASSES = {"1": "silent", "2": "prank", "3": "information"}
_callers = itertools.count(1)


@pytest.fixture
def ring(city: Server, colleague: Person) -> Iterator[Callable[..., int]]:
    """Lets the telephone ring; the call's number here. Nothing rings on after the test."""
    exchange = Exchange(city.url)

    def rung(number: str) -> int:
        call = new_call()
        events = [event(call, kind, number=number) for kind in ("presented", "gate_key", "queued")]
        assert [answer.status_code for answer in exchange.report(*events)] == [202, 202, 202]
        until(lambda: calls_of(colleague, number), 30, "the call never rang")
        return int(calls_of(colleague, number)[0]["id"])

    yield rung
    for call in colleague.get("/console/state")["calls"]:
        colleague.command(f"/calls/{call['id']}/take")
        colleague.command(f"/calls/{call['id']}/close", **{"class": "test", "confirm": True})


@pytest.fixture
def page(enter: Callable[..., Page]) -> Page:
    """The call taker's screen."""
    page = enter("call_taker")
    page.goto("/calls")
    expect(page.locator("#queue-count")).not_to_be_empty()
    return page


def new_caller() -> str:
    """A number that nobody has called from."""
    return f"0813{next(_callers):08}"


def calls_of(person: Person, number: str) -> list[dict[str, Any]]:
    """The open calls of a number."""
    calls = person.get("/console/state")["calls"]
    return [c for c in calls if (c["number"] or "").endswith(number[1:]) and c["state"] in OPEN]


def incident_of(person: Person, call: int) -> dict[str, Any]:
    """The incident that a call is about, as every console has it."""
    state = person.get("/console/state")
    [number] = [c["incident"] for c in state["calls"] if c["id"] == call]
    return next(row for row in state["incidents"] if row["id"] == number)


def take(page: Page, call: int) -> None:
    """Take the call that rings."""
    expect(page.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator("#call-head span", has_text=re.compile(rf" {call}$"))).to_be_visible()


def fill_in(page: Page, address: str) -> None:
    """The triage form of a fire that is out: its rules propose P3."""
    page.keyboard.press("F6")
    page.keyboard.type(address)
    page.select_option("#type", "kebakaran_bangunan")
    for key in "t3tt":  # inside: no; the fire: out; hurt: no; can spread: no
        page.keyboard.press(key)
    expect(page.locator("#proposal")).to_contain_text("KBG-5")


def test_a_ringing_call_is_taken_by_its_key_and_the_caller_is_known(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    number = new_caller()
    for _ in range(2):
        before = ring(number)
        colleague.command(f"/calls/{before}/take")
        colleague.command(f"/calls/{before}/close", **{"class": "silent"})
    call = ring(number)
    rings = page.locator("#ringing li")
    expect(rings).to_contain_text(f"{number[:4]}-{number[4:8]}-{number[8:]}")
    expect(rings).to_contain_text("2×")
    take(page, call)
    expect(page.locator("#mine li")).to_have_count(1)
    expect(page.locator("#earlier li")).to_have_count(2)
    expect(page.locator("#address")).to_be_focused()


def test_a_call_without_an_emergency_is_closed_by_one_key(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    for key, name in CLASSES.items():
        call = ring(new_caller())
        take(page, call)
        page.keyboard.press("F10")
        page.keyboard.press(key)
        expect(page.locator("#mine li")).to_have_count(0)
        closed = {c["id"]: c["class"] for c in colleague.get("/calls/recent")["calls"]}
        assert closed[call] == name


def test_who_hung_up_before_the_line_opened_is_rung_back_by_one_key(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    page.keyboard.press("F10")
    expect(page.locator("dialog.closing kbd", has_text=re.compile("^A$"))).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("#end").click()
    expect(page.locator("#end")).to_be_hidden()
    page.keyboard.press("F10")
    page.keyboard.press("a")
    expect(page.locator("#mine li")).to_have_count(0)
    owed = {c["id"]: c["state"] for c in colleague.get("/console/state")["callbacks"]}
    assert owed[call] == "callback_due"


def test_a_call_of_an_open_incident_is_called_a_prank_with_a_second_press_only(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Hasanudin 7")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#call-head a")).to_be_visible()
    for left in (1, 0):
        page.keyboard.press("F10")
        page.keyboard.press("2")
        expect(page.locator("dialog.closing")).to_have_count(0)
        expect(page.locator("#mine li")).to_have_count(left)
        if left:
            expect(page.locator("#toasts .bad")).to_be_visible()


def test_an_incident_is_opened_with_the_priority_that_its_questions_propose(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Dhoho 12")
    page.keyboard.press("F8")
    expect(page.locator("input[name=priority][value='3']")).to_be_checked()
    page.keyboard.press("F4")
    expect(page.locator("#call-head a")).to_be_visible()
    made = incident_of(colleague, call)
    assert made["address"] == "Jl. Dhoho 12"
    assert (made["type"], made["suggested"], made["rule"]) == ("kebakaran_bangunan", 3, "KBG-5")
    assert made["priority"] == 3
    assert made["answers"] == {"inside": "no", "state": "out", "hurt": "no", "spread": "no"}


def test_the_operator_may_choose_otherwise_and_both_are_kept(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Pemuda 3")
    page.locator("#priorities label", has_text="P1").click()
    expect(page.locator("#differs")).not_to_be_empty()
    page.keyboard.press("F4")
    expect(page.locator("#call-head a")).to_be_visible()
    made = incident_of(colleague, call)
    assert (made["suggested"], made["priority"]) == (3, 1)


def test_two_operators_do_not_overwrite_each_other(
    page: Page, ring: Callable[..., int], colleague: Person, city: Server
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Brawijaya 1")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#call-head a")).to_be_visible()
    page.fill("#address", "Jl. Brawijaya 40")

    made = incident_of(colleague, call)
    other = Person(city.url, "dispatcher")
    theirs = {"address": "Jl. Brawijaya 14", "victims": 2}
    other.command(f"/incidents/{made['id']}/facts", version=made["v"], **theirs)
    expect(page.locator("#log")).to_contain_text("Pengendali")
    page.keyboard.press("F4")
    expect(page.locator("#form-error")).to_contain_text("Jl. Brawijaya 14")
    expect(page.locator("#address")).to_have_value("Jl. Brawijaya 40")
    assert incident_of(colleague, call)["address"] == "Jl. Brawijaya 14"

    page.keyboard.press("F4")
    expect(page.locator("#form-error")).to_be_empty()
    expect(page.locator("#unsaved")).to_be_empty()
    now = incident_of(colleague, call)
    assert (now["address"], now["victims"]) == ("Jl. Brawijaya 40", 2)
