"""A real browser, and the person in front of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
ROOM = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser
        browser.close()


def page_of(
    browser: Browser, url: str, role: str, *, language: str = "id", size: Any = ROOM
) -> Page:
    """A new window, entered through the drill's first page as this role (or as nobody)."""
    # The page under test may not run scripts from elsewhere, but the test's own must run.
    context = browser.new_context(viewport=size, bypass_csp=True)
    context.add_cookies([{"name": "sigap_language", "value": language, "url": url}])
    page = context.new_page()
    if role:
        page.goto(f"{url}/")
        page.click(f'button[value="{role}"]')
        page.wait_for_load_state()
    return page


def axe(page: Page) -> list[str]:
    """What the accessibility checker finds on the page, one line each."""
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: "
        "['violations']}).then(r => r.violations.map(v => [v.id, v.nodes.slice(0, 4).map(n => "
        "n.html.slice(0, 160) + ' | ' + (n.any[0] || n.all[0] || n.none[0] || {}).message)]))",
        TAGS,
    )
    return [f"{rule}: {json.dumps(nodes)}" for rule, nodes in found]
