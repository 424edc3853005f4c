"""The telephone in the browser where there is one, and the start of a shift with a headset."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .apart import run_apart
from .browsing import window, with_headset
from .server import Server, running

NOBODY_THERE = "ws://127.0.0.1:9/ws"


def test_the_telephone_in_the_browser() -> None:
    """All of `softphone`, which see."""
    done = run_apart("-q", "-p", "no:cacheprovider", "-n0", "tests/process/softphone.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout, done.stdout


@pytest.fixture(scope="module")
def headset(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with with_headset(browser, tmp_path_factory.mktemp("headset")) as other:
        yield other


@pytest.fixture
def desk(headset: Browser, new_city: Callable[..., Server], tmp_path: Path) -> Iterator[Page]:
    """The call taker's desk in a city whose exchange is down."""
    server = new_city(phones_url=NOBODY_THERE)
    with running(server), window(headset, server, "call_taker") as page:
        yield page


def test_a_shift_begins_whether_or_not_its_headset_was_tried(desk: Page) -> None:
    desk.goto("/start")
    untried = desk.locator("#unconfirmed")
    expect(untried).to_contain_text("mikrofon, bunyi, telepon")
    for urgency in "123":
        desk.click(f'button[data-sound="{urgency}"]')
    expect(desk.locator("#sound-state.ok")).to_be_visible()
    expect(desk.locator("#mic-state.ok")).to_be_visible()  # somebody whistles into it
    desk.check("#heard")
    desk.click("#echo")
    expect(desk.locator("#echo-state")).to_have_text("sentral telepon tidak terjangkau")
    expect(untried).to_have_text("Belum dicoba: telepon. Anda tetap dapat mulai.")
    desk.locator("#start-form button.strong").click()
    desk.wait_for_url("**/calls")
    expect(desk.locator("#telephone-line.band")).to_contain_text("terputus")


def test_the_headset_that_was_chosen_is_kept(desk: Page) -> None:
    desk.goto("/start")
    choices = desk.locator("#headset-mic option")
    expect(choices).not_to_have_count(1)
    device = choices.last.get_attribute("value")
    desk.select_option("#headset-mic", device)
    desk.goto("/calls")
    expect(desk.locator("#telephone-line")).not_to_be_empty()
    desk.keyboard.press("Shift+F9")
    expect(desk.locator("#headset-mic")).to_have_value(str(device))
    expect(desk.locator("#headset-ears")).to_be_visible()


def test_without_telephones_nothing_of_them_shows(enter: Callable[..., Page]) -> None:
    page = enter("call_taker")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/start", "/calls"):
        answer = page.goto(path)
        assert answer and answer.headers["permissions-policy"] == "microphone=()"
        expect(page.locator("#menu")).to_be_attached()
        expect(page.locator("#telephone-line, #headset-mic")).to_have_count(0)
    assert not [url for url in asked if "jssip" in url or "telephone" in url or "headset" in url]
    assert page.request.get("/calls/phone").json() is None
