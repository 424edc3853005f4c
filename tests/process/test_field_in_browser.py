"""A person at the field's screens: maps that are pressed, phones, two presses."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .asking import Person
from .browsing import PHONE, overhang
from .server import Server

Enter = Callable[..., Page]


def test_a_staging_place_is_pressed_on_the_map_typed_or_a_landmark(
    enter: Enter, city: Server, open_incident: Callable[..., int]
) -> None:
    incident = open_incident(lat=-7.82, lng=112.01, location_source="map")
    page = enter("dispatcher")
    page.goto("/dispatch")
    page.click(f'#incidents button.row[data-id="{incident}"]')
    page.click('[data-key="stage"]')
    field, dialog = page.locator("#ask-point"), page.locator("dialog")
    expect(dialog.locator(".chosen-point")).to_be_attached()
    before = field.input_value()
    dialog.locator(".point-map").click(position={"x": 60, "y": 60})
    expect(field).not_to_have_value(before)
    page.select_option("#ask-landmark", index=1)
    by_landmark = field.input_value()
    assert by_landmark != before
    field.fill("di depan pasar")
    dialog.locator("button.strong").click()
    expect(dialog.locator(".error")).to_be_visible()
    expect(field).to_have_value("di depan pasar")
    field.fill(by_landmark)
    dialog.locator("button.strong").click()
    expect(page.locator(".staging-mark")).to_be_visible()
    [row] = [
        row
        for row in Person(city.url, "dispatcher").get("/console/state")["incidents"]
        if row["id"] == incident
    ]
    assert ", ".join(f"{n:.5f}" for n in row["staging"]) == by_landmark


def test_the_whole_of_a_mass_event_follows_its_parts(
    enter: Enter, city: Server, open_incident: Callable[..., int]
) -> None:
    whole, part = open_incident(), open_incident(victims=4)
    page = enter("dispatcher")
    page.goto("/dispatch")
    row = page.locator(f'#incidents button.row[data-id="{whole}"]')
    expect(row).to_be_visible()
    expect(row.locator(".chip")).to_have_count(0)
    dispatcher = Person(city.url, "dispatcher")
    dispatcher.command(f"/incidents/{part}/link", other=whole, kind="parent")
    expect(row.locator(".chip")).to_contain_text("1/1")
    row.click()
    expect(page.locator("#mass")).to_contain_text("4")
    # A press is not lost, though what it is on changes before it is over.
    page.locator(f'[data-key="oldest-{part}"]').hover()
    page.mouse.down()
    another = open_incident()
    dispatcher.command(f"/incidents/{another}/link", other=whole, kind="parent")
    expect(row.locator(".chip")).to_contain_text("2/2")
    page.mouse.up()
    expect(page.locator("#detail-title")).to_contain_text(f"#{part}")
    row.click()
    expect(page.locator("#mass")).to_contain_text("2")


def test_a_form_that_is_pressed_twice_is_sent_once(enter: Enter) -> None:
    page = enter("dispatcher")
    page.goto("/closures")
    page.locator("#closure-map").click(position={"x": 400, "y": 150})
    expect(page.locator("#lat")).not_to_have_value("")
    page.select_option("#reason", index=1)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.locator("#closure-form button").dblclick()
    expect(page.locator(".closure")).to_have_count(1)
    assert len([url for url in sent if url.endswith("/closures/add")]) == 1
    page.locator(".closure button").first.click()
    expect(page.locator(".closure")).to_have_count(0)


def test_an_agency_s_screens_fit_on_a_phone(enter: Enter) -> None:
    page = enter("agency", size=PHONE)
    for path in ("/agency", "/agency/alerts", "/station", "/readiness"):
        page.goto(path)
        expect(page.locator("h1").first).to_be_attached()
        assert not overhang(page), path
    page.goto("/station")
    expect(page.locator("#menu")).to_be_hidden()
    page.click(".menu-button")
    expect(page.locator("#menu")).to_be_visible()
