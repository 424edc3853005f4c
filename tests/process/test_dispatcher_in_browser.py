"""A dispatcher at work, in a real browser, on a served drill."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()
ORDER = "rows => rows.map(row => row.dataset.id)"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture
def page(server: Any) -> Iterator[Page]:
    """The dispatcher's screen, entered through the drill's first page."""
    url = getattr(server, "url", server)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.goto(f"{url}/")
        page.click('button[value="dispatcher"]')
        page.goto(f"{url}/dispatch")
        yield page
        browser.close()


def test_a_unit_is_sent_by_the_command_line(page: Page) -> None:
    rows = page.locator("#incidents > li")
    expect(rows.first).to_be_visible(timeout=60_000)
    row = page.locator("#incidents button.row:has(.state.new)").first
    expect(row).to_be_visible(timeout=60_000)
    page.keyboard.press("/")
    page.keyboard.type(f"k {row.get_attribute('data-id')} amb5")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # it may be busy already: then the second press confirms
    expect(page.locator("#command")).to_have_value("", timeout=15_000)
    row.click()
    expect(page.locator("#jobs strong", has_text="AMB-05")).to_be_visible(timeout=15_000)


def test_the_suggestion_is_taken_by_one_key(page: Page) -> None:
    rows = page.locator("#incidents button.row:has(.state.new)")
    expect(rows.first).to_be_visible(timeout=60_000)
    send = page.locator("button.send")
    for number in range(min(5, rows.count())):
        rows.nth(number).click()
        page.wait_for_timeout(1500)
        if send.is_enabled():
            break
    expect(send).to_be_enabled()
    page.keyboard.press("F4")
    expect(page.locator("#jobs li").first).to_be_visible(timeout=15_000)


def test_the_command_line_says_what_it_would_do_before_it_does_it(page: Page) -> None:
    row = page.locator("#incidents button.row").first
    expect(row).to_be_visible(timeout=60_000)
    number = row.get_attribute("data-id")
    page.keyboard.press("/")
    page.keyboard.type(f"p {number} 4")
    expect(page.locator("#command-preview")).to_contain_text(f"#{number}")
    page.keyboard.press("Escape")
    expect(page.locator("#command")).to_have_value("")
    assert page.evaluate("document.activeElement.id") != "command"


def test_a_new_row_waits_while_the_list_is_in_use_and_help_lists_the_keys(page: Page) -> None:
    expect(page.locator("#incidents > li").first).to_be_visible(timeout=60_000)
    page.keyboard.press("g")
    page.keyboard.press("i")
    order = page.locator("#incidents button.row").evaluate_all(ORDER)
    page.wait_for_timeout(3000)
    later = page.locator("#incidents button.row").evaluate_all(ORDER)
    assert later == order
    page.keyboard.press("F1")
    for key in ("F4", "F7", "F8", "F9"):
        expect(page.locator("dialog kbd", has_text=re.compile(f"^{key}$"))).to_be_visible()


@pytest.mark.parametrize("screen", ["/dispatch", "/map", "/wall"])
def test_nothing_hinders_people_who_need_help_to_see_or_point(page: Page, screen: str) -> None:
    page.goto(re.sub(r"/dispatch$", screen, page.url))
    expect(page.locator("#live")).to_contain_text("ms", timeout=30_000)
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run({runOnly: tags}).then(r => r.violations.map(v => v.id))", TAGS
    )
    assert found == []
