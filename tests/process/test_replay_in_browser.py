"""The board as it was, played in a real browser: nobody can take it for the live one."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from .asking import Person
from .server import Server

Enter = Callable[..., Page]


@pytest.fixture
def past(city: Server, open_incident: Callable[..., int]) -> tuple[int, str]:
    """An incident to which a unit was sent and which was cancelled since; when it was not yet."""
    before = datetime.now(UTC)
    incident = open_incident()
    dispatcher = Person(city.url, "dispatcher")
    facts = {"units": ["AMB-02"], "choice": "radio", "confirm": True}
    sent = dispatcher.command(f"/dispatch/incidents/{incident}/send", **facts)
    assert sent.status_code == 200, sent.text
    ended = dispatcher.command(f"/incidents/{incident}/cancel", reason="not_needed", confirm=True)
    assert ended.status_code == 200, ended.text
    return incident, quote((before - timedelta(seconds=1)).isoformat())


def test_the_board_is_played_to_its_end_and_a_note_stays(
    enter: Enter, past: tuple[int, str]
) -> None:
    incident, at = past
    page = enter("supervisor")
    page.goto(f"/replay?at={at}")
    band = page.locator(".replay-band")
    expect(band).to_contain_text("PUTAR ULANG")
    expect(page.locator("#now")).to_have_text(re.compile(r"\d\d:\d\d:\d\d WIB"))
    # It had not begun; its line is not told yet.
    expect(page.locator(f"#incidents button[data-id='{incident}']")).to_have_count(0)
    lines = page.locator(f"#story li[data-incident='{incident}']")
    expect(lines.locator("visible=true")).to_have_count(0)

    page.locator("#speed").select_option("1")
    page.keyboard.press("p")
    row = page.locator(f"#incidents button[data-id='{incident}']")
    expect(lines.locator("visible=true").first).to_be_visible()
    expect(page.locator("#play-text")).to_have_text(re.compile("Putar|Main"), timeout=60_000)
    # The end is now: the incident is over again, all of its lines are told.
    expect(row).to_have_count(0)
    assert lines.locator("visible=true").count() == lines.count()

    # Back to where it was open.
    page.keyboard.press("[")
    expect(row).to_have_count(1)
    page.locator("#note").fill("Terlambat dikirim")
    page.locator("#note").press("Enter")
    note = page.locator("#story li.note", has_text="Terlambat dikirim")
    expect(note).to_be_visible()
    note.locator("button").click()
    dialog = page.locator("dialog")
    dialog.locator("input[type=radio], option[value='untrue']").first.wait_for(state="attached")
    dialog.get_by_text("Tidak benar").click()
    dialog.locator("button.strong").click()
    expect(page.locator("#story li.note.struck", has_text="Terlambat dikirim")).to_be_visible()


def test_nothing_on_it_can_act(enter: Enter, past: tuple[int, str]) -> None:
    incident, at = past
    page = enter("supervisor")
    posted: list[str] = []
    page.on("request", lambda asked: posted.append(asked.url) if asked.method == "POST" else None)
    page.goto(f"/replay?at={at}")
    expect(page.locator("#now")).to_have_text(re.compile("WIB"))
    page.keyboard.press("]")
    row = page.locator(f"#incidents button[data-id='{incident}']")
    expect(row).to_have_count(1)
    row.click()
    expect(page.locator("#chosen")).to_have_text(f"#{incident}")
    # Another mark may lie over this one; and a unit that is pressed is shown on the map, which may
    # leave the incident outside.
    page.locator(".leaflet-marker-icon.incident").first.dispatch_event("click")
    page.locator("#units button").first.click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#command, #advice, #jobs")).to_have_count(0)
    assert posted == []
