"""A crew checks its vehicle on a phone, and the control room sees what that means."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .browsing import PHONE

Enter = Callable[..., Page]


@pytest.fixture
def phone(enter: Enter) -> Page:
    """The crew's telephone, with the sheet."""
    page = enter("crew", size=PHONE)
    page.goto("/crew")
    # The page is drawn once by the server and once by itself.
    expect(page.locator("#unit")).to_have_attribute("data-known", re.compile("AMB-01"))
    page.locator("#unit-box > summary").click()
    page.locator("#unit a[href='/crew/check']").click()
    return page


def test_a_failed_check_reaches_the_board_and_a_mended_one_too(phone: Page, enter: Enter) -> None:
    board = enter("dispatcher")
    board.goto("/readiness")
    sheet = phone.locator(".sheet")
    aed = sheet.locator("fieldset", has_text="AED")
    send = sheet.locator("button.big")
    assert (send.bounding_box() or {"height": 0})["height"] >= 64

    # Nothing goes while a must-have thing is open.
    send.click()
    expect(phone).to_have_url(re.compile("/crew/check$"))
    for piece in sheet.locator("fieldset").all():
        piece.locator("[value=passed]").check()
    # What fails asks why, and only then.
    expect(aed.locator("select")).to_be_hidden()
    aed.locator("[value=failed]").check()
    expect(aed.locator("select")).to_be_visible()
    send.click()
    expect(aed.locator("select:invalid")).to_be_visible()
    expect(aed.locator("[value=failed]")).to_be_checked()
    aed.locator("select").select_option("broken")
    send.click()
    expect(phone.locator(".notice")).to_contain_text("AED")
    matter = board.locator(".matters li", has_text="AMB-01").filter(has_text="AED")
    expect(matter.locator(".state")).to_be_visible()

    for piece in sheet.locator("fieldset").all():
        piece.locator("[value=passed]").check()
    sheet.locator("button.big").click()
    expect(phone).to_have_url(re.compile("/crew$"))
    expect(matter).to_have_count(0)


def test_a_diversion_is_on_the_board_and_on_the_wall_without_a_reload(enter: Enter) -> None:
    board, house = enter("evaluator"), enter("agency")
    board.goto("/readiness")
    house.goto("/readiness/hospitals/rs_baptis")
    house.locator("[name=ed_free]").fill("0")
    house.locator("[name=ed_total]").fill("9")
    house.locator("form", has=house.locator("[name=ed_free]")).locator("button").click()
    shown = board.locator(".hospital", has_text="RS Baptis")
    expect(shown.locator("dd").first).to_contain_text("0 / 9")
    house.locator("#why").select_option("ed_full")
    soon = house.evaluate(
        "() => { const at = new Date(Date.now() + 3 * 3600e3);"
        " return at.toLocaleString('sv', {timeZone: document.documentElement.dataset.zone})"
        ".slice(0, 16).replace(' ', 'T') }"
    )
    house.locator("#until").fill(soon)
    house.locator("form", has=house.locator("#until")).locator("button").click()
    expect(shown.locator(".state.waiting")).to_be_visible()
    expect(shown.locator("time").first).to_be_visible()
