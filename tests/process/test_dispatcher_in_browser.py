"""A dispatcher at work, in a real browser, on a served drill."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .browsing import page_of
from .server import Server

ORDER = "rows => rows.map(row => row.dataset.id)"


@pytest.fixture
def page(drill: Server, waiting: list[int], browser: Browser) -> Iterator[Page]:
    """The dispatcher's screen, entered through the drill's first page."""
    page = page_of(browser, drill.url, "dispatcher")
    page.goto(f"{drill.url}/dispatch")
    expect(row_of(page, waiting[-1])).to_be_visible(timeout=15_000)
    yield page
    page.context.close()


def row_of(page: Page, incident: int) -> Locator:
    return page.locator(f'#incidents button.row[data-id="{incident}"]')


def test_a_unit_is_sent_by_the_command_line(page: Page, waiting: list[int]) -> None:
    page.keyboard.press("/")
    page.keyboard.type(f"k {waiting[0]} amb5")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # it may be busy already: then the second press confirms
    expect(page.locator("#command")).to_have_value("", timeout=15_000)
    row_of(page, waiting[0]).click()
    expect(page.locator("#jobs strong", has_text="AMB-05")).to_be_visible(timeout=15_000)


def test_the_suggestion_is_taken_by_one_key(page: Page, waiting: list[int]) -> None:
    row_of(page, waiting[1]).click()
    expect(page.locator("button.send")).to_be_enabled(timeout=15_000)
    page.keyboard.press("F4")
    expect(page.locator("#jobs li").first).to_be_visible(timeout=15_000)


def test_the_command_line_says_what_it_would_do_before_it_does_it(
    page: Page, waiting: list[int]
) -> None:
    page.keyboard.press("/")
    page.keyboard.type(f"p {waiting[0]} 4")
    expect(page.locator("#command-preview")).to_contain_text(f"#{waiting[0]}")
    page.keyboard.press("Escape")
    expect(page.locator("#command")).to_have_value("")
    assert page.evaluate("document.activeElement.id") != "command"


def test_a_new_row_waits_while_the_list_is_in_use_and_help_lists_the_keys(
    page: Page, open_incident: OpenIncident
) -> None:
    page.keyboard.press("g")
    page.keyboard.press("i")
    order = page.locator("#incidents button.row").evaluate_all(ORDER)
    late = open_incident("Jl. Susulan 9")
    page.wait_for_timeout(2000)
    assert page.locator("#incidents button.row").evaluate_all(ORDER) == order
    page.keyboard.press("F1")
    for key in ("F4", "F7", "F8", "F9"):
        expect(page.locator("dialog kbd", has_text=re.compile(f"^{key}$"))).to_be_visible()
