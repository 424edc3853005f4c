"""A warning of somebody else comes to the open screens by itself, and leaves them by itself."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from sim.caps import WarningFeed, alert, serving

from .asking import Exchange, Person, event, new_call
from .browsing import faults_of, window
from .server import Server, running

BAND = "#warning-band"


def enter_source(page: Page, feed: WarningFeed) -> None:
    """As an administrator does."""
    page.goto("/admin/sources/add")
    page.fill("[name=name]", "Stasiun Cuaca")
    page.fill("[name=url]", f"{feed.address}/cap.xml")
    page.fill("[name=hosts]", "127.0.0.1")
    page.click("main form button")
    expect(page.locator("[role=status]", has_text="Tersimpan")).to_be_visible()


def look(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to see it."""
    if folder := os.environ.get("SIGAP_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def the_call_taker_reads_it_beside_the_address(taker: Page, url: str) -> None:
    """Somebody calls from a kelurahan that it touches."""
    call = new_call()
    Exchange(url).report(*(event(call, kind) for kind in ("presented", "gate_key", "queued")))
    expect(taker.locator("#ringing li")).to_have_count(1)
    taker.keyboard.press("F2")
    expect(taker.locator("#triage")).to_be_visible()
    (row,) = Person(url).get("/console/state")["warnings"]
    expect(taker.locator("#place-warning")).to_be_empty()
    taker.select_option("#area", row["areas"][0])
    expect(taker.locator("#place-warning")).to_contain_text("Hujan Lebat")
    assert not faults_of(taker)
    look(taker, "taker")


def test_a_warning_comes_to_all_screens_and_leaves_them(
    new_city: Callable[[], Server], browser: Browser
) -> None:
    sent = datetime.now(UTC) - timedelta(minutes=1)
    with (
        running(new_city()) as server,
        serving() as feed,
        window(browser, server, "dispatcher") as dispatch,
        window(browser, server, "call_taker") as taker,
        window(browser, server, "administrator") as office,
    ):
        feed.put("/cap.xml", alert(sent, event="Hujan Lebat"))
        wall = office.context.new_page()
        wall.goto("/wall")
        dispatch.goto("/dispatch")
        taker.goto("/calls")
        enter_source(office, feed)
        for page in (dispatch, taker, wall):
            expect(page.locator(BAND)).to_contain_text("Hujan Lebat")
        for page in (dispatch, wall):
            expect(page.locator("path.warning-area.severe")).to_be_attached()
            assert not faults_of(page)
        the_call_taker_reads_it_beside_the_address(taker, server.url)
        look(dispatch, "dispatch")
        look(wall, "wall")
        expect(dispatch.locator("#kpi-alarms b")).to_have_text("1")
        dispatch.keyboard.press("F9")
        dispatch.locator("#alarm-list button", has_text="Selesai").click()
        expect(dispatch.locator("#kpi-alarms b")).to_have_text("0")
        references = f"info@cuaca.example,CBT20261102001,{sent.isoformat(timespec='seconds')}"
        feed.put(
            "/cap.xml",
            alert(
                sent + timedelta(seconds=30),
                identifier="C",
                msgType="Cancel",
                references=references,
            ),
        )
        office.click("main form button")  # saved once more, it is asked at once
        for page in (dispatch, taker, wall):
            expect(page.locator(BAND)).to_have_count(0)
        expect(dispatch.locator("path.warning-area")).to_have_count(0)
        assert feed.faults() == []
