"""How soon the dispatcher sees something, and everything, in a browser that has never been
there, with 200 open incidents and 100 units.

Each turn is a browser context of its own: no cache, no scripts that were compiled before.
"""

from playwright.sync_api import Browser

from tests.process.browsing import chromium

from .browser import window
from .product import Product, product
from .table import Measure, percentile

INCIDENTS, UNITS = 200, 100
TURNS = 9

# Milliseconds from the beginning of the navigation, as the browser counts them.
WATCH = """
window.full = new Promise((done) => {
  const all = (selector) => document.querySelectorAll(selector).length;
  const watch = new MutationObserver(() => {
    if (all("#incidents button.row") < INCIDENTS || all("#units button.unit") < UNITS) return;
    watch.disconnect();
    painted(() => done(performance.now()));
  });
  watch.observe(document, { childList: true, subtree: true });
});
"""
TOLD = """async () => {
  const full = await window.full;
  const [first] = performance.getEntriesByName("first-contentful-paint");
  const [page] = performance.getEntriesByType("navigation");
  const fetched = performance.getEntriesByType("resource");
  const rows = fetched.find((entry) => entry.name.includes("/console/state"));
  return [first.startTime, full, page.responseEnd, rows.duration];
}"""


def run() -> list[Measure]:
    """On SQLite."""
    with product() as served, chromium() as browser:
        served.set_up()
        served.prepare("people", "1")
        served.prepare("board", str(INCIDENTS), str(UNITS))
        served.start()
        cookies = served.browser("bench-dispatcher").headers()["Cookie"]
        _opened(browser, served, cookies)  # the server's own first time is no part of this
        turns = [_opened(browser, served, cookies) for _turn in range(TURNS)]
        held = served.memory_mb()
    first, full, page, board = ([turn[n] for turn in turns] for n in range(4))
    return [
        Measure("first paint: median", percentile(first, 50), "ms", at_most=1000),
        Measure(f"first paint: worst of {TURNS}", max(first), "ms"),
        Measure("every row painted: median", percentile(full, 50), "ms", at_most=1000),
        Measure(f"every row painted: worst of {TURNS}", max(full), "ms"),
        Measure("of it until the page is there: median", percentile(page, 50), "ms"),
        Measure("of it to fetch the rows: median", percentile(board, 50), "ms"),
        Measure("server's memory", held, "MB"),
    ]


def _opened(browser: Browser, served: Product, cookies: str) -> list[float]:
    """First paint, every row painted, the page received, how long the rows took."""
    script = f"const INCIDENTS = {INCIDENTS}, UNITS = {UNITS};" + WATCH
    with window(browser, served, cookies, script=script) as page:
        page.goto("/dispatch")
        told: list[float] = page.evaluate(TOLD)
        return told
