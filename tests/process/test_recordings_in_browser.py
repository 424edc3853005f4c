"""A recording is played where the call is, and scored by a supervisor who hears it."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from .asking import Exchange, Person, event, new_call
from .board import record
from .browsing import faults_of
from .server import Server, until

SECONDS = 3


def heard(place: Locator) -> None:
    """The player plays, and all of the recording is there to go to."""
    sound = place.locator("audio")
    expect(sound).to_be_visible()
    page = place.page
    page.wait_for_function("sound => sound.duration > 0", arg=sound.element_handle())
    assert abs(float(sound.evaluate("sound => sound.duration")) - SECONDS) < 0.1
    sound.evaluate("sound => { sound.currentTime = 2; }")
    page.wait_for_function("sound => sound.currentTime >= 2", arg=sound.element_handle())


def test_the_operator_and_then_the_supervisor_hear_the_call_and_score_it(
    city: Server, enter: Callable[..., Page]
) -> None:
    exchange, taker = Exchange(city.url), Person(city.url)
    name, number = new_call(), "081377000001"
    exchange.report(*(event(name, kind, number=number) for kind in ("presented", "queued")))

    def rings() -> list[int]:
        calls = taker.get("/console/state")["calls"]
        return [c["id"] for c in calls if (c["number"] or "").endswith(number[1:])]

    until(rings, 30, "the call never rang")
    (call,) = rings()
    taker.command(f"/calls/{call}/take")
    page = enter("call_taker")
    page.goto("/calls")
    record(city, exchange, name, seconds=SECONDS)
    expect(page.locator("#recordings button")).to_be_visible()  # without loading anew
    page.locator("#recordings button").click()
    heard(page.locator("#recordings"))
    taker.command(f"/calls/{call}/close", **{"class": "information"})
    page.locator("#recent-panel summary").click()
    mine = page.locator("#recent li", has_text="0813-7700-0001")
    mine.locator(".recording button").click()
    heard(mine)

    boss = enter("supervisor")
    boss.goto("/quality")
    boss.locator("tr", has=boss.locator(f"th:text-is('{call}')")).locator("a").click()
    boss.locator(".recording button").click()
    heard(boss.locator(".recording"))
    for fieldset in boss.locator("fieldset.asked").all():
        fieldset.locator("label").first.click()  # yes, or the lowest of five
    boss.fill("#note", "Alamat diulang dengan baik.")
    boss.locator("form[action$='/score'] button").click()
    expect(boss.locator(".notice.done")).to_be_visible()
    row = boss.locator("section[aria-labelledby=done-title] tr", has_text=str(call))
    expect(row).to_contain_text("78 %")
    assert not faults_of(boss)
    row.locator("a").click()
    expect(boss.locator("#reason")).to_be_visible()
    assert not faults_of(boss)

    page.goto("/quality/mine")
    score = page.locator("section", has_text="Alamat diulang dengan baik.")
    expect(score).to_be_visible()
    assert not faults_of(page)
    score.locator("textarea").fill("Terima kasih.")
    score.locator("form button").click()
    expect(page.locator("section", has_text="Terima kasih.")).to_contain_text("78 %")
