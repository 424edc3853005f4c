"""Every screen in both languages: usable by everybody, whole at its sizes, without an error."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from .board import fill_boards
from .browsing import BIG, PHONE, ROOM, axe, complaints, overhang, window
from .server import Server, running


class Screen(NamedTuple):
    """A page, and what must be on it before it is judged."""

    path: str
    shows: str = "h1"


SECTIONS = "types dispositions reasons plans targets agencies capabilities units areas landmarks"
# Who opens which screens; "" is somebody who has not signed in.
SCREENS: dict[str, tuple[Screen, ...]] = {
    "": (Screen("/sign-in"), Screen("/nowhere"), Screen("/api/docs")),
    "call_taker": (
        Screen("/start"),
        Screen("/calls", "#ringing li"),
        Screen("/account/language"),
        Screen("/account/password"),
        Screen("/account/second-factor", ".qr"),
        Screen("/admin"),  # not allowed
    ),
    "dispatcher": (
        Screen("/dispatch", "#incidents button.row"),
        Screen("/map", ".leaflet-marker-icon"),
        Screen("/wall", "#ageing tr"),
        Screen("/incidents/{incident}"),
        Screen("/incidents/{incident}/replay"),
    ),
    "supervisor": (Screen("/supervisor"), Screen("/account/second-factor")),
    "agency": (Screen("/agency"),),
    "crew": (Screen("/crew", "#job-title"),),
    "evaluator": (Screen("/monev"),),
    "administrator": (
        Screen("/admin"),
        Screen("/admin/parameters"),
        Screen("/admin/boundaries"),
        Screen("/admin/users"),
        Screen("/admin/users/add"),
        Screen("/admin/users/1"),
        Screen("/admin/users/1/password"),
        *(Screen(f"/admin/{name}") for name in SECTIONS.split()),
        *(Screen(f"/admin/{name}/add") for name in SECTIONS.split()),
        *(Screen(f"/admin/{name}/1") for name in SECTIONS.split()),
        Screen("/admin/questions/add?of=1"),
        Screen("/admin/questions/1"),
        Screen("/admin/rules/add?of=1"),
        Screen("/admin/rules/1"),
        Screen("/admin/steps/add?of=1"),
        Screen("/admin/steps/1"),
        Screen("/admin/plans/1/remove"),
    ),
}


@pytest.fixture(scope="module")
def busy_city(new_city: Callable[[], Server]) -> Iterator[Server]:
    """A city in the middle of a shift."""
    with running(new_city()) as server:
        yield server


@pytest.fixture(scope="module")
def incident(busy_city: Server) -> int:
    """The incident in which the most has happened."""
    return fill_boards(busy_city)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("role", SCREENS)
def test_every_screen_serves_everybody(
    role: str, language: str, busy_city: Server, incident: int, browser: Browser
) -> None:
    size = PHONE if role == "crew" else ROOM
    found: list[str] = []
    with window(browser, busy_city, role, size=size) as page:
        speak(page, language)
        heard = complaints(page)
        for screen in SCREENS[role]:
            path = screen.path.format(incident=incident)
            page.goto(path)
            expect(page.locator(screen.shows).first).to_be_attached()
            assert page.locator("html").get_attribute("lang") == language, path
            found += [f"{path}: {fault}" for fault in (*faults_of(page), *heard)]
            heard.clear()
    assert not found, "\n".join(found)


def speak(page: Page, language: str) -> None:
    """Choose the language, as the form of the account does."""
    page.goto("/account/language")
    page.evaluate(
        "language => fetch('/account/language', {method: 'POST', redirect: 'manual', headers: "
        "{'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content}, "
        "body: new URLSearchParams({language})})",
        language,
    )


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page at its size and, in the control room, on a large display."""
    found = axe(page) + [f"reaches out: {part}" for part in overhang(page)]
    if page.viewport_size == ROOM:
        page.set_viewport_size(BIG)
        found += [f"reaches out of the large display: {part}" for part in overhang(page)]
        page.set_viewport_size(ROOM)
    return found
