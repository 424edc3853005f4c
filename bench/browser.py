"""A console in a real browser, and when something is on its screen."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.process.browsing import PATIENCE_MS, ROOM

from .product import Product

# Calls back as soon as what is in the page now has been painted: a frame begins with its
# callbacks and is drawn before the next message is taken.
PAINTED = """
window.painted = (then) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = then;
  port2.postMessage(null);
});
"""


@contextmanager
def window(browser: Browser, served: Product, cookies: str, *, script: str = "") -> Iterator[Page]:
    """A window of a browser that knows nothing but who is signed in. Before a page's
    own scripts `script` is run, which may use `painted`."""
    context = browser.new_context(base_url=served.url, viewport=ROOM)
    context.set_default_timeout(PATIENCE_MS)
    pairs = [cookie.partition("=") for cookie in cookies.split("; ")]
    context.add_cookies(
        [{"name": name, "value": value, "url": served.url} for name, _, value in pairs]
    )
    context.add_init_script(PAINTED + script)
    try:
        yield context.new_page()
    finally:
        context.close()
