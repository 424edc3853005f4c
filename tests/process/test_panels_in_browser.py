"""What opens on a screen: dialogs, panels, menus and the pages that answer a form."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from .browsing import PHONE, ROOM, Look, speak, window
from .server import Server


@pytest.fixture(params=["id", "en"])
def look_as(
    request: pytest.FixtureRequest, busy_city: Server, incident: int, browser: Browser
) -> Iterator[Callable[..., Look]]:
    """Opens a page of the busy city for a role, in each language; in the end nothing may have
    been wrong with it."""
    looks: list[Look] = []
    with ExitStack() as windows:

        def opened(role: str, path: str, size: ViewportSize = ROOM) -> Look:
            page = windows.enter_context(window(browser, busy_city, role, size=size))
            speak(page, request.param)
            looks.append(Look(page))
            page.goto(path)
            return looks[-1]

        yield opened
    found = [fault for look in looks for fault in look.found]
    assert not found, "\n".join(found)


def test_the_call_takers_panels_serve_everybody(look_as: Callable[..., Look]) -> None:
    look = look_as("call_taker", "/calls")
    page, dialog = look.page, look.page.locator("dialog")
    look.at("the form of a call", page.locator("#triage"))
    page.select_option("#type", "kebakaran_bangunan")
    page.keyboard.press("F8")
    look.at("the questions", page.locator("fieldset.question"))
    for what, key in (("closing", "F10"), ("the keys", "F1"), ("a call by hand", "e")):
        page.keyboard.press(key)
        look.at(what, dialog)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    page.locator("#recent-panel summary").click()
    look.at("the last closed calls", page.locator("#recent li"))


def test_the_dispatchers_panels_serve_everybody(
    look_as: Callable[..., Look], incident: int
) -> None:
    look = look_as("dispatcher", "/dispatch")
    page, dialog = look.page, look.page.locator("dialog")
    page.locator(f'#incidents button.row[data-id="{incident}"]').click()
    look.at("an incident", page.locator("#jobs li"))
    page.keyboard.press("F9")
    look.at("the alarms", page.locator("#alarm-list button"))
    page.locator("#alarms-close").click()
    page.locator("#units button", has_text="DAM-02").click()
    look.at("a unit", dialog)
    page.keyboard.press("Escape")
    page.locator("#outcome button[data-key=close]").click()
    look.at("the question how it ended", dialog)
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    look.at("the keys", dialog)
    page.keyboard.press("Escape")
    page.locator(".menu-button").click()
    look.at("the menu", page.locator("#menu"))


def test_the_questions_of_an_incidents_page_serve_everybody(
    look_as: Callable[..., Look], incident: int
) -> None:
    look = look_as("dispatcher", f"/incidents/{incident}")
    dialog = look.page.locator("dialog")
    for button in look.page.locator("#commands button").all():
        button.click()
        look.at(button.inner_text(), dialog)
        look.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_page_that_is_not_in_the_menu_marks_the_place_it_belongs_to(
    look_as: Callable[..., Look], incident: int
) -> None:
    page = look_as("supervisor", "/complaints").page
    marked = page.locator("#menu [aria-current]")
    for path, place, how in (
        ("/complaints", "/complaints", "page"),
        ("/complaints/new", "/complaints", "true"),
        ("/insight/returns", "/insight/alarms", "true"),
        ("/readiness", "/readiness", "page"),
    ):
        page.goto(path)
        expect(marked).to_have_attribute("href", place)
        expect(marked).to_have_attribute("aria-current", how)


def test_what_the_caller_told_serves_everybody(look_as: Callable[..., Look]) -> None:
    for role, path, size in (("agency", "/agency", ROOM), ("crew", "/crew", PHONE)):
        look = look_as(role, path, size)
        look.page.locator("form[action$='/story'] button").first.click()
        look.at(f"the story for {role}", look.page.get_by_text("Asap tebal dari dapur."))


def test_the_crews_details_serve_everybody(look_as: Callable[..., Look]) -> None:
    look = look_as("crew", "/crew", PHONE)
    expect(look.page.locator("#job [data-key=caller]")).to_be_visible()
    for summary in look.page.locator("#job details > summary").all():
        summary.click()
    look.at("all that opens", look.page.locator("#job details form"))


def test_a_new_persons_password_serves_everybody(
    look_as: Callable[..., Look], request: pytest.FixtureRequest
) -> None:
    look = look_as("administrator", "/admin/users/add")
    page = look.page
    page.fill("[name=username]", f"baru-{request.node.callspec.id}")
    page.fill("[name=name]", "Orang Baru")
    page.check("[name=roles][value=dispatcher]")
    page.press("[name=name]", "Enter")
    look.at("the password", page.locator(".one-time"))
