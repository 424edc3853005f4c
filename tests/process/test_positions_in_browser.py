"""What positions show, on the dispatcher's screen and in a replay, in a real browser."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from .asking import Person, send_units
from .server import Server

HERE = {"lat": -7.8228, "lng": 112.0119}


def drives(city: Server, incident: int, *seen: tuple[float, int]) -> None:
    """AMB-01 drives to an incident and is seen on the way: so many degrees off, so many seconds
    from now."""
    dispatcher, crew = Person(city.url, "dispatcher"), Person(city.url, "crew")
    send_units(dispatcher, incident, "AMB-01")
    units = dispatcher.get("/console/state")["units"]
    jobs = next(unit["jobs"] for unit in units if unit["call_sign"] == "AMB-01")
    job = next(job["id"] for job in jobs if job["incident"] == incident)
    crew.command(f"/crew/assignments/{job}/step", command="depart")
    now = datetime.now(UTC)
    points: list[dict[str, Any]] = [
        {
            "lat": HERE["lat"] + away,
            "lng": HERE["lng"],
            "accuracy_m": 8,
            "at": (now + timedelta(seconds=late)).isoformat(),
        }
        for away, late in seen
    ]
    told = crew.command("/crew/position", points=points).json()
    assert told["kept"] == len(points), told


def test_the_dispatcher_takes_an_arrival_that_was_seen_by_one_key(
    city: Server, enter: Callable[..., Page], open_incident: Callable[..., int]
) -> None:
    incident, page = open_incident("ambulans", **HERE, location_source="map"), enter("dispatcher")
    drives(city, incident, (0.0003, 50), (0.0001, 55))
    page.goto("/dispatch")
    page.locator(f'#incidents button.row[data-id="{incident}"]').click()
    job = page.locator("#jobs li", has_text="AMB-01")
    expect(job.locator(".notice")).to_contain_text(re.compile(r"\d\d[.:]\d\d"))
    # The newest: one that goes out fades.
    mark = page.locator(".unit-name", has_text="AMB-01").last
    expect(mark).to_be_visible()
    page.keyboard.press("F10")
    expect(job.locator(".notice")).to_have_count(0)
    expect(job.locator(".state")).to_have_text(re.compile("lokasi|scene"))


def test_a_replay_shows_the_way_and_when_each_place_was_told(
    city: Server, enter: Callable[..., Page], open_incident: Callable[..., int]
) -> None:
    incident, page = open_incident("ambulans", **HERE, location_source="map"), enter("dispatcher")
    drives(city, incident, (0.005, 2), (0.001, 32))
    page.goto(f"/incidents/{incident}/replay")
    slider = page.locator("#moment")
    expect(page.locator("#now")).not_to_be_empty()  # it has begun to listen
    slider.evaluate("s => { s.value = s.max; s.dispatchEvent(new Event('input')); }")
    expect(page.locator("path.track")).to_have_count(1)
    expect(page.locator("#states li", has_text="AMB-01")).to_contain_text("±8 m")
    slider.evaluate("s => { s.value = 0; s.dispatchEvent(new Event('input')); }")
    expect(page.locator("path.track")).to_have_count(0)
