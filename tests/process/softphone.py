"""The telephone in the call taker's browser: a whole centre, and a microphone that whistles.

Run in a network of its own, by `test_softphone_in_browser`.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect

from sigap.calls.machine import LIVE
from sim.sip import Call, alaw

from .asking import Person
from .browsing import WHISTLE_HZ, Look, begin_axe, window, with_headset
from .centre import Centre
from .cities import City, set_up
from .server import free_port, until

T = TypeVar("T")
SOON_S = 20
pytestmark = pytest.mark.usefixtures("socket_enabled")


class Line:
    """Those who telephone, in a thread of their own beside the browser."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def wait(self, something: Coroutine[Any, Any, T]) -> T:
        """Let it happen on the line, and wait for it."""
        return asyncio.run_coroutine_threadsafe(something, self.loop).result(SOON_S)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def whistles(self, call: Call) -> bool:
        """Whether the caller hears the call taker's microphone now."""
        loud = [p.payload for p in self.lately(call, 1) if p.level > -40]  # noqa: PLR2004
        return len(loud) > 5 and alaw.tone_share(b"".join(loud), WHISTLE_HZ) > 0.5  # noqa: PLR2004

    def is_quiet(self, call: Call) -> bool:
        """Whether the caller has heard nothing for longer than the whistling ever pauses."""
        packets = self.lately(call, 1)
        return len(packets) > 20 and all(p.level < -60 for p in packets)  # noqa: PLR2004

    def lately(self, call: Call, seconds: float) -> list[Any]:
        since = self.loop.time() - seconds
        return [packet for packet in call.heard.packets if packet.at > since]


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre whose telephones are in the browsers."""
    listen = f"127.0.0.1:{free_port()}"
    city = set_up(City(tmp_path_factory.mktemp("centre") / "data"))
    centre = Centre(city, ari_listen=listen, phones_url=f"ws://{listen}/ws")
    centre.set("calls.phones_ring_s", 300)
    with centre.working():
        yield centre


@pytest.fixture(scope="module")
def operator(centre: Centre) -> Person:
    """The call taker, past the page."""
    return centre.person()


@pytest.fixture(scope="module")
def headset(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with with_headset(browser, tmp_path_factory.mktemp("headset")) as other:
        yield other


@pytest.fixture
def page(headset: Browser, centre: Centre) -> Iterator[Page]:
    """The call taker's screen, whose telephone is connected."""
    with window(headset, centre.server, "call_taker") as page:
        page.goto("/calls")
        is_connected(page)
        yield page


@pytest.fixture
def ringing(centre: Centre, page: Page, line: Line, operator: Person) -> Iterator[Call]:
    """A caller who has pressed 0, and whistles nothing; none is left on the line."""

    async def dial() -> Call:
        await caller.__aenter__()
        call = await caller.dial("112")
        await call.answered()
        call.media.background(alaw.tones(1, 440))
        await call.dtmf("0")
        return call

    caller = centre.caller()
    yield line.wait(dial())
    line.wait(caller.__aexit__())
    until(lambda: all_closed(centre, operator), SOON_S)


@pytest.fixture
def call(page: Page, ringing: Call, line: Line) -> Call:
    """The same, taken by the call taker's key."""
    expect(page.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    until(lambda: line.whistles(ringing), SOON_S)
    return ringing


def waits(page: Page) -> None:
    """The screen knows that a caller is on hold; the record and the sound know it before."""
    expect(page.locator("#mine .state", has_text="Ditahan")).to_have_count(1)


def all_closed(centre: Centre, operator: Person) -> bool:
    """Whether no call is open; those that can be are closed."""
    still_open = [call["id"] for call in centre.calls() if call["state"] in LIVE]
    for number in still_open:
        operator.command(f"/calls/{number}/close", **{"class": "test", "confirm": True})
    return not still_open


def is_connected(page: Page) -> None:
    expect(page.locator("#telephone-line.on")).to_be_visible()


def hears_the_caller(page: Page) -> None:
    expect(page.locator("#caller-level i")).not_to_have_css("width", "0px")


def test_one_key_lets_both_hear_each_other(
    page: Page, call: Call, line: Line, centre: Centre
) -> None:
    hears_the_caller(page)
    until(lambda: centre.ask_call("answered_source") == [("exchange",)], SOON_S)
    page.click("#end")
    assert line.wait(call.ended()) == 200  # noqa: PLR2004
    until(lambda: centre.channels() == 0, SOON_S)
    expect(page.locator("#telephone-call")).to_be_hidden()


def test_nothing_is_heard_before_the_call_is_taken(page: Page, ringing: Call, line: Line) -> None:
    expect(page.locator("#ringing li")).to_have_count(1)
    expect(page.locator("#telephone-call")).to_be_hidden()
    assert not line.whistles(ringing)


def test_who_is_mute_is_not_heard_and_says_so(page: Page, call: Call, line: Line) -> None:
    mute = page.locator("#telephone-mute")
    page.keyboard.press("F9")
    expect(mute).to_have_attribute("aria-pressed", "true")
    until(lambda: line.is_quiet(call), SOON_S)
    page.keyboard.press("F9")
    expect(mute).to_have_attribute("aria-pressed", "false")
    until(lambda: line.whistles(call), SOON_S)


def test_a_caller_on_hold_is_talked_to_again(
    page: Page, call: Call, line: Line, centre: Centre
) -> None:
    page.keyboard.press("F3")
    until(lambda: centre.last()["state"] == "held", SOON_S)
    until(lambda: not line.whistles(call), SOON_S)
    waits(page)
    page.keyboard.press("F3")
    until(lambda: line.whistles(call), SOON_S)
    hears_the_caller(page)


def test_keys_reach_the_other_end(page: Page, call: Call) -> None:
    page.keyboard.press("Shift+F9")
    page.locator("#telephone-pad").get_by_role("button", name="5").click()
    for key in "09#":
        page.keyboard.press(key)
    until(lambda: call.heard.keys == "509#", SOON_S, lambda: call.heard.keys)
    page.keyboard.press("Escape")
    expect(page.locator("#telephone-panel")).to_be_hidden()
    assert page.locator("#address").input_value() == ""


def test_a_page_that_is_loaded_anew_keeps_its_caller(
    page: Page, call: Call, line: Line, centre: Centre
) -> None:
    page.reload()
    until(lambda: centre.last()["state"] == "held", SOON_S)
    is_connected(page)
    waits(page)
    page.keyboard.press("F3")
    until(lambda: line.whistles(call), SOON_S)
    hears_the_caller(page)


def test_a_window_that_is_closed_costs_no_caller(
    page: Page, call: Call, line: Line, centre: Centre
) -> None:
    other = page.context.new_page()
    other.goto("/calls")
    expect(other.locator("#telephone-line")).to_have_text("Telepon di jendela lain")
    page.close()
    is_connected(other)
    until(lambda: centre.last()["state"] == "held", SOON_S)
    waits(other)
    other.keyboard.press("F3")
    until(lambda: line.whistles(call), SOON_S)


def test_without_a_telephone_the_caller_stays_on_hold(
    page: Page, call: Call, line: Line, centre: Centre, operator: Person
) -> None:
    page.goto("/start")  # which has none of its own until somebody tries it
    until(lambda: centre.last()["state"] == "held", SOON_S)
    operator.command(f"/calls/{centre.last()['id']}/resume")
    holds = ["call.hold", "call.hold"]
    until(lambda: [k for k in centre.kinds(centre.last()["id"]) if k == holds[0]] == holds, SOON_S)
    page.goto("/calls")
    is_connected(page)
    waits(page)
    page.keyboard.press("F3")
    until(lambda: line.whistles(call), SOON_S)


def test_of_two_callers_one_is_talked_to(
    page: Page, call: Call, line: Line, centre: Centre
) -> None:
    async def dial() -> Call:
        await second.__aenter__()
        other = await second.dial("112")
        await other.answered()
        await other.dtmf("0")
        return other

    second = centre.caller("081298765432")
    other = line.wait(dial())
    expect(page.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    until(lambda: line.whistles(other) and not line.whistles(call), SOON_S)
    waits(page)
    page.keyboard.press("Shift+F3")
    until(lambda: line.whistles(call) and not line.whistles(other), SOON_S)
    line.wait(second.__aexit__())


def test_a_call_that_nobody_took_rings_the_telephone(
    page: Page, ringing: Call, line: Line, centre: Centre
) -> None:
    centre.set("calls.phones_ring_s", 0)
    try:
        expect(page.locator("#telephone-lift")).to_be_visible()
        assert not line.whistles(ringing)
        page.keyboard.press("F2")
        until(lambda: line.whistles(ringing), SOON_S)
        expect(page.locator("#telephone-lift")).to_be_hidden()
        expect(page.locator("#address")).to_be_focused()
    finally:
        centre.set("calls.phones_ring_s", 300)


def test_a_supervisor_whispers_from_the_own_screen_and_the_caller_hears_nothing_of_it(
    page: Page, headset: Browser, call: Call, line: Line, centre: Centre
) -> None:
    page.keyboard.press("F9")
    until(lambda: line.is_quiet(call), SOON_S)
    with window(headset, centre.server, "supervisor") as boss:
        boss.goto("/supervisor")
        is_connected(boss)
        boss.locator("[id^=whisper-]").click()
        expect(boss.locator("#telephone-call")).to_be_visible()
        hears_the_caller(boss)
        until(lambda: line.is_quiet(call), SOON_S)
        boss.locator("[id^=listen-]").click()
        expect(boss.locator("[id^=whisper-]")).to_be_visible()
        expect(boss.locator("#telephone-call")).to_be_visible()  # no page was loaded anew
        boss.locator("[id^=stop-]").click()
        expect(boss.locator("#telephone-call")).to_be_hidden()
    page.keyboard.press("F9")
    until(lambda: line.whistles(call), SOON_S)


def test_who_begins_a_shift_hears_themselves(page: Page) -> None:
    page.goto("/start")
    page.click("button[data-sound='3']")  # a browser lets nobody hear before a press
    expect(page.locator("#mic-state.ok")).to_be_visible()
    page.click("#echo")
    expect(page.locator("#echo-state.ok")).to_be_visible()


def test_everybody_can_use_it(page: Page, call: Call) -> None:
    look = Look(page)
    page.keyboard.press("F9")
    page.keyboard.press("Shift+F9")
    begin_axe(page)
    look.at("a call with the panel of the telephone", page.locator("#telephone-pad"))
    look.open("/start", "#headset-mic option")
    look.judge("the start of a shift")
    assert not look.found, look.found


def test_a_telephone_that_is_cut_off_says_so_and_comes_back(page: Page, centre: Centre) -> None:
    centre.exchange.kill()
    expect(page.locator("#telephone-line.band")).to_contain_text("terputus")
    centre.exchange.start()
    is_connected(page)
