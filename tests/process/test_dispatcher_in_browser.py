"""A dispatcher at work, in a real browser, on a served city."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .asking import Person, send_units
from .browsing import window
from .server import Server, running

ORDER = "rows => rows.map(row => Number(row.dataset.id))"
# Something happens while the screen cannot hear of it, and nobody serves it.
UNSEEN = (
    "from sigap.core.actors import system; from sigap.incidents.actions import open_incident; "
    "open_incident('ambulans', address='Jl. Tak Terdengar', actor=system('import'))"
)


@pytest.fixture
def page(enter: Callable[..., Page], waiting: list[int]) -> Page:
    """The dispatcher's screen, on which the waiting incidents are shown."""
    return dispatch_screen(enter("dispatcher"), waiting[-1])


def dispatch_screen(page: Page, incident: int) -> Page:
    page.goto("/dispatch")
    expect(row_of(page, incident)).to_be_visible()
    return page


def rows_of(page: Page) -> Locator:
    return page.locator("#incidents button.row")


def row_of(page: Page, incident: int) -> Locator:
    return page.locator(f'#incidents button.row[data-id="{incident}"]')


def command(page: Page, line: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(line)
    page.keyboard.press("Enter")
    expect(page.locator("#command")).to_have_value("")


def test_another_unit_than_the_recommended_is_sent_by_the_command_line_with_a_reason(
    page: Page, city: Server, waiting: list[int]
) -> None:
    page.keyboard.press("/")
    page.keyboard.type(f"k {waiting[0]} dam5")
    page.keyboard.press("Enter")
    expect(page.locator("dialog h2")).to_contain_text("DAM-")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("#command")).to_have_value("")
    row_of(page, waiting[0]).click()
    sent = page.locator("#jobs li", has_text="DAM-05")
    expect(sent).to_be_visible()
    # What comes next must find the incident as it was.
    colleague = Person(city.url, "dispatcher")
    units = colleague.get("/console/state")["units"]
    [job] = next(unit["jobs"] for unit in units if unit["call_sign"] == "DAM-05")
    called = colleague.command(f"/dispatch/jobs/{job['id']}/cancel", reason="other")
    assert called.status_code == 200, called.text


def test_the_suggestion_is_taken_by_one_key(page: Page, waiting: list[int]) -> None:
    row_of(page, waiting[1]).click()
    expect(page.locator("button.send")).to_be_enabled()
    page.keyboard.press("F4")
    expect(page.locator("#jobs li").first).to_be_visible()


def test_in_place_of_a_chosen_unit_that_is_gone_nothing_else_is_sent(
    page: Page, city: Server, waiting: list[int]
) -> None:
    row_of(page, waiting[1]).click()
    expect(page.locator("button.send")).to_be_enabled()
    page.keyboard.press("1")
    chosen = page.locator("#advice [aria-pressed=true] strong")
    sign, colleague = chosen.inner_text(), Person(city.url, "dispatcher")
    address = f"/dispatch/units/{sign}/availability"
    assert colleague.command(address, command="withdraw", reason="damaged").status_code == 200
    expect(page.locator("#toasts .bad")).to_contain_text(sign)
    expect(page.locator("button.send")).to_be_disabled()
    page.keyboard.press("F4")
    expect(page.locator("#toasts .bad")).to_have_count(2)
    expect(chosen).to_have_text(sign)
    page.keyboard.press("1")
    expect(page.locator("button.send")).to_be_enabled()
    expect(page.locator("#jobs li")).to_have_count(0)
    assert colleague.command(address, command="return").status_code == 200


def test_an_incident_that_loses_its_only_unit_is_marked_and_says_what_it_lacks(
    page: Page, city: Server, open_incident: Callable[..., int]
) -> None:
    incident = open_incident("ambulans")
    send_units(Person(city.url, "dispatcher"), incident, "AMB-04")
    row_of(page, incident).click()
    unit = page.locator("#jobs li", has_text="AMB-04")
    expect(row_of(page, incident).locator(".state.new")).to_have_count(0)
    unit.locator("button[data-key$='-decline']").click()
    page.locator("dialog label").first.click()
    page.keyboard.press("Enter")
    expect(row_of(page, incident).locator(".state.new")).to_be_visible()
    expect(page.locator("#advice .pick .why").first).to_be_visible()
    picks = page.locator("#advice .pick").all_text_contents()
    assert any("AMB-" in pick for pick in picks)
    # The alarm about the decline is one that a person ends.
    page.keyboard.press("F9")
    alarm = page.locator("#alarm-list li", has_text="AMB-04")
    alarm.locator("button[data-key^='done-']").click()
    expect(alarm).to_have_count(0)


def test_two_dispatchers_do_not_both_send_a_unit_unawares(
    page: Page, enter: Callable[..., Page], waiting: list[int]
) -> None:
    other = dispatch_screen(enter("dispatcher"), waiting[0])
    for screen in (page, other):
        row_of(screen, waiting[0]).click()
        expect(screen.locator("button.send")).to_be_enabled()
    other.keyboard.press("1")
    page.keyboard.press("2")
    expect(other.locator("#advice [aria-pressed=true]")).to_have_count(1)
    expect(page.locator("#advice [aria-pressed=true]")).to_have_count(1)
    other.keyboard.press("F4")
    # Where nobody of the unit can be alerted the next one is proposed, which is not sent.
    sent = page.locator("#jobs button[data-key$='-time']")
    expect(sent).to_have_count(1)
    page.keyboard.press("F4")
    expect(page.locator("#toasts .bad")).to_be_visible()
    expect(sent).to_have_count(1)
    page.keyboard.press("F4")
    expect(sent).to_have_count(2)


def test_the_command_line_says_what_it_would_do_before_it_does_it(
    page: Page, waiting: list[int]
) -> None:
    page.keyboard.press("/")
    page.keyboard.type(f"p {waiting[0]} 4")
    expect(page.locator("#command-preview")).to_contain_text(f"#{waiting[0]}")
    page.keyboard.press("Escape")
    expect(page.locator("#command")).to_have_value("")
    assert page.evaluate("document.activeElement.id") != "command"


def test_an_incident_that_the_command_line_chose_stays_chosen(
    page: Page, waiting: list[int]
) -> None:
    row_of(page, waiting[0]).click()
    command(page, str(waiting[1]))
    expect(row_of(page, waiting[1])).to_be_focused()
    expect(row_of(page, waiting[1])).to_have_attribute("aria-current", "true")
    expect(page.locator("#detail-title")).to_contain_text(f"#{waiting[1]} ")


def test_an_emergency_is_not_lowered_by_one_press(
    page: Page, open_incident: Callable[..., int]
) -> None:
    incident = open_incident(priority=1)
    row_of(page, incident).click()
    page.keyboard.press("/")
    page.keyboard.type("p . 3")
    page.keyboard.press("Enter")
    expect(page.locator("#command-preview.warn")).to_be_visible()
    expect(row_of(page, incident).locator(".p1")).to_be_visible()
    page.keyboard.press("Enter")
    expect(row_of(page, incident).locator(".p3")).to_be_visible()


def test_the_order_stays_while_somebody_is_choosing(
    page: Page, open_incident: Callable[..., int]
) -> None:
    page.keyboard.press("g")
    page.keyboard.press("i")
    order = rows_of(page).evaluate_all(ORDER)
    late = open_incident(priority=1)
    expect(page.locator("#incidents-new")).to_have_text(re.compile("^1 "))
    assert rows_of(page).evaluate_all(ORDER) == order
    page.keyboard.press("n")
    expect(row_of(page, late)).to_be_visible()


def test_the_help_lists_the_keys(page: Page) -> None:
    page.keyboard.press("F1")
    for key in ("F4", "F7", "F8", "F9"):
        expect(page.locator("dialog kbd", has_text=re.compile(f"^{key}$"))).to_be_visible()


def test_a_second_console_shows_a_change_without_being_loaded_again(
    page: Page, enter: Callable[..., Page], waiting: list[int]
) -> None:
    other = dispatch_screen(enter("dispatcher"), waiting[2])
    row_of(other, waiting[2]).click()
    command(page, f"k {waiting[2]} bpb1")
    expect(other.locator("#jobs strong", has_text="BPB-01")).to_be_visible()
    expect(row_of(other, waiting[2]).locator(".units")).not_to_be_empty()


def test_a_console_that_was_cut_off_says_for_how_long_and_catches_up(
    new_city: Callable[[], Server], browser: Browser
) -> None:
    with running(new_city()) as server, window(browser, server, "dispatcher") as page:
        page.goto("/dispatch")
        expect(page.locator("#units button").first).to_be_visible()
        server.kill()
        expect(page.locator("#cut-band")).to_have_text(re.compile(r"\b\d+ "))
        server.run("manage", "shell", "-c", UNSEEN)
        server.start()
        expect(rows_of(page)).to_have_count(1)
        expect(rows_of(page)).to_contain_text("Jl. Tak Terdengar")
        expect(page.locator("#cut-band")).to_have_count(0)

        taker = Person(server.url)
        call = taker.command("/calls/enter").json()["call"]
        taker.command(f"/calls/{call}/incident", type="ambulans", address="Jl. Sesudahnya")
        expect(rows_of(page)).to_have_count(2)
