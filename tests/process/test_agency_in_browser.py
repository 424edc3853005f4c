"""An agency's dispatcher at the board, by keys."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from .asking import Person, send_units
from .server import Server

ORDER = "cards => cards.map(card => card.id)"


def card(page: Page, incident: int) -> Locator:
    return page.locator("[data-job]", has_text=f"#{incident} ")


def test_the_keys_act_on_the_marked_job_only_which_keeps_its_place_and_its_mark(
    city: Server, enter: Callable[..., Page], open_incident: Callable[..., int]
) -> None:
    dispatcher = Person(city.url, "dispatcher")
    first, second, later = (open_incident(priority=p) for p in (2, 3, 1))
    for incident, unit in ((first, "AMB-02"), (second, "AMB-03")):
        send_units(dispatcher, incident, unit)
    page = enter("agency")
    page.goto("/agency")
    expect(card(page, second)).to_be_visible()

    page.keyboard.press("a")
    expect(page.locator("#toasts .bad")).to_have_count(1)
    expect(card(page, first).locator("button[value=acknowledge]")).to_be_visible()

    page.keyboard.press("]")
    expect(page.locator("[data-job]").first).to_have_attribute("aria-current", "true")
    card(page, first).locator("h3").click()
    expect(card(page, first)).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(card(page, first).locator("button[value=acknowledge]")).to_have_count(0)
    send_units(dispatcher, later, "AMB-03")  # more urgent, and not answered: it would stand first
    expect(card(page, later)).to_be_visible()
    expect(page.locator("#jobs-new")).to_contain_text("1")
    order = page.locator("[data-job]").evaluate_all(ORDER)
    assert order[-1] == card(page, later).get_attribute("id")
    expect(card(page, first)).to_have_attribute("aria-current", "true")
    page.keyboard.press("n")
    expect(page.locator("[data-job]").first).to_have_id(str(order[-1]))

    page.keyboard.press("l")
    expect(card(page, first).locator("button[value=arrive]")).to_have_count(0)
    page.keyboard.press("t")
    expect(page.locator("#toasts .bad").last).to_contain_text("AMB-02")
    page.keyboard.press("s")
    expect(page.locator("#toasts .bad").last).to_contain_text("S ")
    expect(card(page, first)).to_be_visible()
    page.keyboard.press("s")
    expect(card(page, first)).to_have_count(0)
    page.keyboard.press("s")
    expect(card(page, second).locator("button[value=acknowledge]")).to_be_visible()
    expect(card(page, later)).to_be_visible()
