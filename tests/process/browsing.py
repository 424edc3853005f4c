"""A real browser, and the person in front of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)

from sim.sip import alaw

from .server import PASSWORD, Server

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
ROOM: ViewportSize = {"width": 1366, "height": 768}
BIG: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 390, "height": 844}
WHISTLE_HZ = 700
PROGRAM = "/usr/bin/chromium"
PATIENCE_MS = 30_000  # the machine may be busy; nothing waits so long that is there
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
# Who signed in on which server: the next window need not type the password again.
_signed_in: dict[tuple[str, str], StorageState] = {}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=CHROMIUM)
        yield browser
        browser.close()


@contextmanager
def window(
    browser: Browser,
    server: Server,
    role: str = "",
    *,
    size: ViewportSize = ROOM,
    through: str = "",
) -> Iterator[Page]:
    """A browser of its own for the person of this role (or nobody), signed in already, which
    reaches the server at its own address or through this one. No script of ours may fail in it."""
    known = _signed_in.get((server.url, role))
    # The pages may run no scripts from elsewhere, but the accessibility checker must run.
    context = browser.new_context(
        base_url=through or server.url, viewport=size, bypass_csp=True, storage_state=known
    )
    context.set_default_timeout(PATIENCE_MS)
    failed: list[str] = []
    context.on("weberror", lambda fault: failed.append(str(fault.error)))
    page = context.new_page()
    if role and not known:
        sign_in(page, role, in_drill=server.command == ("drill",))
        _signed_in[server.url, role] = context.storage_state()
    try:
        yield page
    finally:
        context.close()
    assert not failed, failed


@contextmanager
def with_headset(browser: Browser, folder: Path) -> Iterator[Browser]:
    """One more Chromium, with a headset into whose microphone somebody whistles twice a second."""
    whistle = folder / "whistle.wav"
    alaw.write(whistle, alaw.tones(0.25, WHISTLE_HZ) + bytes(2 * alaw.RATE // 4))
    headset = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",  # nobody is there to allow it
        f"--use-file-for-fake-audio-capture={whistle}",
        # Its own addresses, which a page that uses the microphone may know.
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    ]
    other = browser.browser_type.launch(executable_path=PROGRAM, args=[*CHROMIUM, *headset])
    yield other
    other.close()


def sign_in(page: Page, role: str, *, in_drill: bool = False) -> None:
    """Through the sign-in form, or by one click on the drill's first page."""
    if in_drill:
        page.goto("/")
        page.click(f'button[value="{role}"]')
    else:
        type_password(page, role)
    expect(page.locator("#menu")).to_be_attached()
    if page.url.endswith("/account/second-factor"):  # owed by whoever has much power
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        page.press("[name=code]", "Enter")
        expect(page.locator("code.secret")).to_have_count(0)


def type_password(page: Page, name: str) -> bool:
    """Fill in the sign-in form, send it, and wait for the answer: whether the person is let in."""
    page.goto("/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/sign-in" in answer.url
    ) as told:
        page.press("[name=password]", "Enter")
    return told.value.status < 400  # noqa: PLR2004


def speak(page: Page, language: str) -> None:
    """Choose the language, as the form of the account does."""
    page.goto("/account/language")
    page.evaluate(
        "language => fetch('/account/language', {method: 'POST', redirect: 'manual', headers: "
        "{'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content}, "
        "body: new URLSearchParams({language})})",
        language,
    )


class Look:
    """Looks at one window again and again, and keeps all that is wrong with what it shows."""

    def __init__(self, page: Page) -> None:
        self.page, self.found = page, list[str]()
        self._heard: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._heard.append(f"{error.name}: {error.message}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._heard.append(f"{message.text} ({message.location.get('url')})")

    def open(self, path: str, shows: str, *, status: int = 200) -> None:
        """Load a page that answers so, and begin to judge it once this is on it."""
        answer = self.page.goto(path)
        assert answer and answer.status == status, f"{path}: {answer and answer.status}"
        expect(self.page.locator(shows).first).to_be_attached()
        # That the page itself is refused is no fault of the page.
        self._heard = [line for line in self._heard if f"a status of {status}" not in line]
        begin_axe(self.page)

    def judge(self, what: str) -> None:
        """Keep what is wrong: for people, at the sizes of displays, in the console's log."""
        wrong = [*axe(self.page), *overhangs(self.page), *self._heard]
        self.found += [f"{what}: {fault}" for fault in wrong]
        self._heard.clear()

    def at(self, what: str, shown: Locator) -> None:
        """Judge the page as soon as this is shown on it."""
        expect(shown.first).to_be_visible()
        self.judge(what)


def begin_axe(page: Page) -> None:
    """Let the accessibility checker begin; it works on while other windows do their part."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # Preloading is about styles that depend on how a phone is held; there are none.
    page.evaluate(
        "tags => void (window.judged = axe.run(document, {runOnly: {type: 'tag', values: tags}, "
        "resultTypes: ['violations'], preload: false}))",
        TAGS,
    )


def axe(page: Page) -> list[str]:
    """What the accessibility checker finds on the page, one line per rule."""
    if not page.evaluate("'judged' in window"):
        begin_axe(page)
    found = page.evaluate(
        "() => window.judged.then(r => { delete window.judged; return r.violations.map(v => "
        "[v.id, v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' | ' + "
        "(n.any[0] || n.all[0] || n.none[0] || {}).message)]); })"
    )
    return [f"{rule}: {json.dumps(nodes)}" for rule, nodes in found]


def overhang(page: Page) -> list[str]:
    """What reaches over the right edge, where the page as a whole can be moved sideways."""
    found: list[str] = page.evaluate(
        "() => { const edge = document.documentElement.clientWidth;"
        " if (document.scrollingElement.scrollWidth <= edge) return [];"
        " return [...document.querySelectorAll('body *')]"
        " .filter(e => e.getBoundingClientRect().right > edge + 0.5).slice(0, 5)"
        " .map(e => e.outerHTML.slice(0, 120)); }"
    )
    return found


def overhangs(page: Page) -> list[str]:
    """The same, in the control room also on a large display."""
    found = [f"reaches out: {part}" for part in overhang(page)]
    if page.viewport_size == ROOM:
        page.set_viewport_size(BIG)
        found += [f"reaches out of the large display: {part}" for part in overhang(page)]
        page.set_viewport_size(ROOM)
    return found


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page as it is now."""
    return axe(page) + overhangs(page)
