"""Satisfaction in a browser: a caller is asked, a low mark looked into, forms of the yearly survey
and an event of outreach are entered; on a large display and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .asking import Person
from .board import AT
from .browsing import PHONE, ROOM, Look, window
from .server import Server

TABLE = "agency;u1;u2;u3;u4;u5;u6;u7;u8;u9;age\n" + "dishub;4;3;4;4;3;4;4;3;3;30-39\n" * 3


@pytest.fixture(params=[ROOM, PHONE], ids=["display", "phone"])
def desk(request: pytest.FixtureRequest, browser: Browser, city: Server) -> Iterator[Page]:
    """The supervisor's window."""
    with window(browser, city, "supervisor", size=request.param) as page:
        yield page


def ended(city: Server) -> int:
    """An incident that somebody called about, and that is closed."""
    taker, dispatcher = Person(city.url), Person(city.url, "dispatcher")
    call = taker.command("/calls/enter", number="081233451190").json()["call"]
    told = AT | {"chronology": "Pohon tumbang", "type": "kecelakaan_lalin"}
    made = taker.command(f"/calls/{call}/incident", call_class="emergency", **told).json()
    incident = int(made["incident"])
    answer = dispatcher.command(f"/incidents/{incident}/close", disposition="handled")
    assert answer.status_code == 200, answer.text
    return incident


def test_a_caller_is_asked_and_a_low_mark_is_looked_into(desk: Page, city: Server) -> None:
    incident, look = ended(city), Look(desk)
    look.open("/survey", "h1")
    look.judge("whom to ask")
    desk.locator(f"form[action='/survey/incidents/{incident}/ask'] button").click()
    expect(desk.get_by_text("0812-3345-1190")).to_be_visible()
    look.judge("asking")
    desk.locator("button.mark[value='1']").click()
    row = desk.locator(".follow-ups li", has=desk.locator(f"a[href='/incidents/{incident}']"))
    expect(row).to_be_visible()
    look.judge("a low mark")
    row.locator("select").select_option("talked")
    row.locator("[name=note]").fill("Sudah dibicarakan")
    row.locator("button").click()
    expect(desk.locator(".notice.done")).to_be_visible()
    expect(row).to_have_count(0)
    assert not look.found, look.found


def test_the_yearly_survey_is_entered_and_imported(desk: Page, tmp_path: Path) -> None:
    look = Look(desk)
    look.open("/ikm?year=2025", "h1")
    look.judge("the yearly survey")
    before = desk.locator("section[aria-labelledby=result-title] tbody tr").count()
    for n in range(1, 10):
        desk.check(f"[name=u{n}][value='3']")
    desk.locator("#enter button.strong").click()
    expect(desk.locator(".notice.done")).to_be_visible()
    expect(desk.locator("section[aria-labelledby=result-title] tbody tr")).to_have_count(9)
    assert before in (0, 9)
    file = tmp_path / "ikm.csv"
    file.write_text(TABLE)
    desk.set_input_files("#file", file)
    desk.locator("form[action='/ikm/import'] button").click()
    expect(desk.locator(".notice.done")).to_be_visible()
    look.open("/ikm?year=2025", "h1")
    look.judge("with answers")
    assert not look.found, look.found


def test_an_event_of_outreach_is_noted_and_changed(desk: Page) -> None:
    look = Look(desk)
    look.open("/outreach?year=2025", "h1")
    look.judge("outreach")
    desk.fill("#day", "2025-10-01")
    desk.select_option("#area", index=3)
    desk.select_option("#audience", "pkk")
    desk.fill("#people", "45")
    desk.check("[name=materials][value=prank]")
    desk.fill("#note", "Balai kelurahan")
    desk.locator("form[action='/outreach/add'] button").click()
    expect(desk.locator(".notice.done")).to_be_visible()
    look.open("/outreach?year=2025", "h1")
    look.judge("with an event")
    desk.locator("table.outreach tbody a").first.click()
    look.open(desk.url, "h1")
    look.judge("one event")
    desk.locator("form[action$='/remove'] button").click()
    expect(desk.locator(".notice.done")).to_be_visible()
    assert not look.found, look.found
