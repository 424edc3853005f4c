"""Somebody who has just started the drill, and tries what there is."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from sigap.core.actors import Role

from .browsing import PHONE, faults_of, speak, window
from .server import Server

HOMES = {
    # Whoever is at work already goes on where they were.
    Role.CALL_TAKER: "/(start|calls)",
    Role.DISPATCHER: "/(start|dispatch)",
    Role.SUPERVISOR: "/supervisor",
    Role.AGENCY: "/agency",
    Role.AGENCY_HEAD: "/agency/complaints",
    Role.CREW: "/crew",
    Role.EVALUATOR: "/monev",
    Role.ADMINISTRATOR: "/admin",
}
SCREENS = ("/calls", "/dispatch", "/map", "/wall", "/supervisor")
# Whoever watches for a minute sees a unit that drives.
SOON_MS = 120_000


@pytest.fixture
def enter(browser: Browser, drill: Server) -> Iterator[Callable[..., Page]]:
    """Opens a window for the person of a role in the drill, or for nobody yet."""
    with ExitStack() as windows:
        yield lambda role="", **more: windows.enter_context(window(browser, drill, role, **more))


def test_each_role_is_one_click_away(enter: Callable[..., Page]) -> None:
    page = enter()
    for role in Role:
        page.goto("/")
        page.click(f'button[value="{role}"]')
        expect(page).to_have_url(re.compile(f"{HOMES[role]}$"))
        expect(page.locator(".drill-band")).to_contain_text("LATIHAN")


def test_the_first_page_and_the_drills_band_serve_everybody(enter: Callable[..., Page]) -> None:
    page = enter()
    for language in ("id", "en"):
        speak(page, language)
        page.goto("/")
        expect(page.locator("button[value=dispatcher]")).to_be_visible()
        assert not faults_of(page)
    phone = enter("crew", size=PHONE)
    phone.goto("/crew")
    expect(phone.locator(".drill-band")).to_be_visible()
    assert not faults_of(phone)


def test_every_screen_says_that_it_is_a_drill(enter: Callable[..., Page]) -> None:
    page = enter("supervisor")
    for path in SCREENS:
        page.goto(path)
        expect(page.locator(".drill-band")).to_be_in_viewport()


def test_calls_ring_and_units_move_by_themselves(enter: Callable[..., Page]) -> None:
    page = enter("dispatcher")
    page.goto("/start")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/dispatch$"))
    expect(page.locator("#incidents button.row").first).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#units .s-en_route").first).to_be_visible(timeout=SOON_MS)
    taker = enter("call_taker")
    taker.goto("/calls")
    expect(taker.locator("#ringing li").first).to_be_visible(timeout=SOON_MS)
