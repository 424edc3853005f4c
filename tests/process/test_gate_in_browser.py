"""The gate on the screens: what it sets aside disturbs nobody, and one key lets it ring."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from .asking import Exchange, Person, event, new_call
from .browsing import faults_of
from .server import Server, until
from .test_call_taker_in_browser import place_of

_callers = itertools.count(1)
COUNT_BEATS = """
window.beats = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.beats += 1; return start.call(this, at); };
"""
Ring = Callable[..., int]


@pytest.fixture
def sets_aside(city: Server, colleague: Person) -> Iterator[Ring]:
    """A call in which the gate hears nobody; its number here. None is left after the test."""
    exchange, called = Exchange(city.url), list[tuple[str, str]]()

    def aside(*, hangs_up: bool = False) -> int:
        call, number = new_call(), f"0814{next(_callers):08}"
        called.append((call, number))
        events = [
            event(call, "presented", number=number),
            event(call, "gate_silent", number=number, reason="no_sign", heard_s=14.0),
        ]
        answers = exchange.report(*events)
        assert {answer.status_code for answer in answers} == {202}

        def found() -> list[int]:
            calls = colleague.get("/console/state")["calls"]
            return [
                c["id"]
                for c in calls
                if c["number"] == "+62" + number[1:] and c["state"] == "set_aside"
            ]

        until(found, 30, "the call was never set aside")
        [made] = found()
        if hangs_up:
            exchange.report(event(call, "ended", number=number))
        return made

    yield aside
    for call, number in called:
        exchange.report(event(call, "ended", number=number))


@pytest.fixture
def boss(enter: Callable[..., Page]) -> Page:
    """The supervisor's screen."""
    page = enter("supervisor")
    page.goto("/supervisor")
    expect(page.locator("#reviews-count")).not_to_be_empty()
    return page


@pytest.fixture
def desk(enter: Callable[..., Page]) -> Page:
    """The call taker's screen."""
    page = enter("call_taker")
    page.goto("/calls")
    expect(page.locator("#queue-count")).not_to_be_empty()
    return page


def test_a_call_set_aside_disturbs_nobody_until_a_supervisor_lets_it_ring_with_one_key(
    boss: Page, desk: Page, sets_aside: Ring, colleague: Person
) -> None:
    first, second = sets_aside(), sets_aside()
    rows = boss.locator("#set-aside li")
    expect(rows).to_have_count(2)
    expect(boss.locator("#set-aside li[aria-current]")).to_have_attribute("data-call", str(first))
    expect(desk.locator("#gate-line")).to_contain_text("2")
    expect(desk.locator("#ringing li")).to_have_count(0)
    boss.keyboard.press("j")
    expect(boss.locator("#set-aside li[aria-current]")).to_have_attribute("data-call", str(second))
    boss.keyboard.press("l")
    expect(rows).to_have_count(1)
    rings = desk.locator("#ringing li")
    expect(rings).to_have_count(1)
    released = colleague.get("/console/catalogue")["gates"]["released"]
    expect(rings).to_contain_text(released)
    expect(desk.locator("#gate-line")).to_contain_text("1")
    assert faults_of(boss) == [] and faults_of(desk) == []
    desk.keyboard.press("F2")
    expect(desk.locator("#call-head")).to_contain_text(str(second))
    desk.keyboard.press("F10")
    desk.keyboard.press("1")
    expect(desk.locator("#mine li")).to_have_count(0)


def test_nothing_moves_under_the_hand_that_is_about_to_let_a_call_ring(
    boss: Page, sets_aside: Ring
) -> None:
    first = sets_aside()
    button = boss.locator(f"#set-aside [data-call='{first}'] button").first
    button.hover()
    before = place_of(button)
    sets_aside()
    expect(boss.locator("#aside-count")).to_have_text("2")
    expect(boss.locator("#aside-new")).to_be_visible()  # it says that there is one more
    assert place_of(button) == before
    boss.mouse.move(5, 5)
    expect(boss.locator("#set-aside li")).to_have_count(2)


def test_a_supervisor_hears_the_supervisors_alarms_until_they_are_answered(
    enter: Callable[..., Page], city: Server, colleague: Person
) -> None:
    def alarms() -> set[int]:
        return {alarm["id"] for alarm in colleague.get("/console/state")["alarms"]}

    page = enter("supervisor")
    page.add_init_script(COUNT_BEATS)
    page.goto("/supervisor")
    expect(page.locator("#reviews-count")).not_to_be_empty()
    page.keyboard.press("F9")  # also: browsers want a press before any sound
    expect(page.locator("#alarm-list")).to_be_focused()
    before = alarms()
    Exchange(city.url).report(event(new_call(), "party", number=None, party=2**40, reason="left"))
    until(lambda: alarms() - before, 30, "a message that means nothing alarms nobody")
    [new] = alarms() - before
    sounds = f"import('/static/console/sounds.js').then((s) => s.isSounding('alarm:{new}'))"
    answer = page.locator(f"[data-key='ack-{new}']")
    expect(answer).to_be_visible()
    assert page.evaluate(sounds) is True
    page.wait_for_function("window.beats > 2")
    assert faults_of(page) == []
    answer.click()
    expect(answer).to_have_count(0)
    assert page.evaluate(sounds) is False
    page.locator(f"[data-key='done-{new}']").click()
    expect(page.locator(f"[data-key='done-{new}']")).to_have_count(0)


def test_a_surge_stands_on_every_screen_for_as_long_as_it_lasts(
    boss: Page, desk: Page, enter: Callable[..., Page]
) -> None:
    others = {
        "/dispatch": enter("dispatcher"),
        "/wall": enter("evaluator"),
        "/agency": enter("agency"),
    }
    for path, page in others.items():
        page.goto(path)
        expect(page.locator("#clock")).not_to_be_empty()
    screens = [boss, desk, *others.values()]
    boss.locator("#surge").click()
    boss.keyboard.press("1")
    boss.keyboard.press("Enter")
    for page in screens:
        expect(page.locator("#surge-band")).to_contain_text("Banjir")
    late = enter("dispatcher")
    late.goto("/map")  # also where it was declared before
    expect(late.locator("#surge-band")).to_contain_text("Banjir")
    assert [fault for page in screens for fault in faults_of(page)] == []
    boss.locator("#surge").click()
    boss.locator("dialog button.strong").click()
    for page in [*screens, late]:
        expect(page.locator("#surge-band")).to_have_count(0)


def test_what_was_kept_off_is_reviewed_and_whoever_was_there_is_rung_back(
    boss: Page, desk: Page, sets_aside: Ring, colleague: Person
) -> None:
    waiting = int(boss.locator("#reviews-count").inner_text())
    due = desk.locator("#callbacks li").count()  # of stories before this one
    nobody, somebody = sets_aside(hangs_up=True), sets_aside(hangs_up=True)
    expect(boss.locator("#reviews-count")).to_have_text(str(waiting + 2))
    boss.locator(f"#reviews [data-call='{nobody}'] button:not(.strong)").click()
    expect(boss.locator("#reviews-count")).to_have_text(str(waiting + 1))
    boss.locator(f"#reviews [data-call='{somebody}'] button.strong").click()
    expect(boss.locator("#reviews-count")).to_have_text(str(waiting))
    expect(desk.locator("#callbacks li")).to_have_count(due + 1)
    assert faults_of(boss) == []
    owed = {call["id"]: call["class"] for call in colleague.get("/console/state")["callbacks"]}
    assert owed[somebody] == "abandoned"
    colleague.command(f"/calls/{somebody}/waive", reason="other")


def test_a_paused_screen_says_so_until_a_call_is_taken(desk: Page, city: Server) -> None:
    desk.keyboard.press("p")
    desk.keyboard.press("2")
    desk.keyboard.press("Enter")
    expect(desk.locator("#pause-band")).to_be_visible()
    expect(desk.locator("#paused")).to_contain_text("Makan")
    expect(desk.locator("#pause")).to_have_attribute("aria-pressed", "true")
    assert faults_of(desk) == []
    exchange, call = Exchange(city.url), new_call()
    exchange.report(*(event(call, kind) for kind in ("presented", "gate_key", "queued")))
    expect(desk.locator("#ringing li")).to_have_count(1)
    desk.keyboard.press("F2")
    expect(desk.locator("#pause-band")).to_have_count(0)
    expect(desk.locator("#paused")).to_be_hidden()
    desk.keyboard.press("F10")
    desk.keyboard.press("1")
    expect(desk.locator("#mine li")).to_have_count(0)
