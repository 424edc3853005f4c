"""The crew's page: one job, one press, counted once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Text
from sigap.dispatch.actions import send_units
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit
from sigap.incidents.actions import open_incident

Job = Callable[..., Assignment]


@pytest.fixture
def crew(browser_of: Callable[[str | None], Client]) -> Client:
    """The phone of AMB-01."""
    return browser_of("crew")


@pytest.fixture
def job(actor: Callable[[str], Actor]) -> Job:
    """Send a unit to a new incident."""

    def send(
        unit: str = "AMB-01", *, second: bool = False, kind: str = "kecelakaan_lalin"
    ) -> Assignment:
        incident = open_incident(
            "kecelakaan_lalin",
            actor=actor("call_taker"),
            address="Jl. Brawijaya 41",
            chronology="Dua korban, satu tidak sadar",
            lat=-7.82,
            lng=112.01,
        )
        return send_units(
            incident.pk, [unit], confirmed=second, actor=actor("dispatcher"), choice="radio"
        )[0]

    return send


def post(browser: Client, address: str, **form: Any) -> int:
    return browser.post(address, form, headers={"accept": "application/json"}).status_code


def test_a_crew_goes_through_its_job_with_the_big_button(crew: Client, job: Job) -> None:
    """As plain forms, without a script: read the page, press what it offers, follow."""
    assignment = job()
    seen = []
    for _n in range(7):
        page = crew.get("/crew").content.decode()
        button = re.search(r'class="big strong" name="command" value="(\w+)"', page)
        if button is None:
            break
        press = re.search(r'name="external_id" value="([^"]+)"', page)
        assert press
        form = {"command": button[1], "external_id": press[1], "occurred_at": ""}
        answer = crew.post(f"/crew/assignments/{assignment.pk}/step", form)
        assert (answer.status_code, answer["Location"]) == (302, "/crew")
        seen.append(button[1])
    assert seen == ["acknowledge", "depart", "arrive", "transport", "reach", "complete"]
    assignment.refresh_from_db()
    assert assignment.state == "completed"
    assert "Brawijaya" not in crew.get("/crew").content.decode()


def test_a_double_tap_counts_once(crew: Client, job: Job, journal: Callable[[], list[str]]) -> None:
    step = f"/crew/assignments/{job().pk}/step"
    for _n in range(2):
        assert post(crew, step, command="acknowledge", external_id="press-0001") == 200
    assert journal().count("assignment.acknowledge") == 1


def test_a_press_carries_its_own_time(crew: Client, job: Job, time: clock.Frozen) -> None:
    assignment = job()
    time.forward(90)
    at = clock.now() - timedelta(seconds=40)
    step = f"/crew/assignments/{assignment.pk}/step"
    assert post(crew, step, command="depart", occurred_at=at.isoformat()) == 200
    row = assignment.times.get(state="en_route")
    assert (row.occurred_at, row.recorded_at, row.source) == (at, clock.now(), "crew")
    future = (clock.now() + timedelta(hours=1)).isoformat()
    assert post(crew, step, command="arrive", occurred_at=future) == 400


def test_a_job_is_declined_with_a_reason(crew: Client, job: Job) -> None:
    assignment = job()
    step = f"/crew/assignments/{assignment.pk}/step"
    assert post(crew, step, command="decline") == 400
    assert post(crew, step, command="decline", reason="vehicle_fault") == 200
    assignment.refresh_from_db()
    assert assignment.state == "declined"


def test_another_units_job_does_not_exist(crew: Client, job: Job) -> None:
    """Not even of the same agency: a crew is its own unit only."""
    other = job("AMB-02")
    for address, form in (
        ("step", {"command": "acknowledge"}),
        ("note", {"text": "halo"}),
        ("story", {}),
    ):
        assert post(crew, f"/crew/assignments/{other.pk}/{address}", **form) == 404
    assert "Brawijaya" not in crew.get("/crew").content.decode()


def test_the_job_under_way_comes_before_a_more_urgent_one(
    crew: Client, job: Job, time: clock.Frozen
) -> None:
    first = job()
    assert post(crew, f"/crew/assignments/{first.pk}/step", command="depart") == 200
    time.forward(60)
    job(second=True)
    context = crew.get("/crew").context
    assert (context["job"].id, len(context["waiting"])) == (first.pk, 1)


def test_a_note_reaches_the_timeline_and_not_the_journal(
    crew: Client, job: Job, journal: Callable[[], list[str]]
) -> None:
    assignment = job()
    note = f"/crew/assignments/{assignment.pk}/note"
    assert post(crew, note, text="Jalan tertutup pohon") == 200
    assert journal()[-1] == "incident.note"
    assert Text.objects.filter(field="note").latest("id").body == "Jalan tertutup pohon"
    assert post(crew, note, text="  ") == 400
    assert post(crew, note, text="x" * 5000) == 400


def test_the_point_is_handed_to_the_phones_own_map(crew: Client, job: Job) -> None:
    job()
    assert 'href="geo:-7.82,112.01?q=-7.82,112.01"' in crew.get("/crew").content.decode()


def test_the_story_is_shown_on_request_and_that_is_recorded(
    crew: Client, job: Job, journal: Callable[[], list[str]]
) -> None:
    assignment = job()
    assert "tidak sadar" not in crew.get("/crew").content.decode()
    page = crew.post(f"/crew/assignments/{assignment.pk}/story").content.decode()
    assert "Dua korban, satu tidak sadar" in page
    assert journal()[-1] == "person.opened"


def test_positions_are_kept_and_nonsense_is_not(crew: Client) -> None:
    def send(**position: Any) -> int:
        return crew.post("/crew/position", position, content_type="application/json").status_code

    assert send(lat=-7.81, lng=112.02, accuracy_m=12) == 200
    unit = Unit.objects.get(call_sign="AMB-01")
    assert (unit.lat, unit.lng, unit.accuracy_m, unit.position_source) == (
        -7.81,
        112.02,
        12,
        "crew",
    )
    assert send(lat=99, lng=112.02) == 400
    assert send(lat="here", lng=112.02) == 400
    assert send(lng=112.02) == 400
    assert send(lat=-7.81, lng=112.02, accuracy_m=-1) == 400
    assert send(lat=-7.81, lng=112.02, at="2030-01-01T00:00:00Z") == 400


def test_readiness_and_duty_are_the_own_units(crew: Client) -> None:
    assert post(crew, "/crew/availability", command="withdraw", reason="refuelling") == 200
    assert Unit.objects.get(call_sign="AMB-01").state == "unavailable"
    assert post(crew, "/crew/availability", command="return") == 200
    assert post(crew, "/crew/duty", readiness="not_ready") == 400
    assert post(crew, "/crew/duty", readiness="not_ready", reason="damaged") == 200
    assert post(crew, "/crew/duty", on_duty="false") == 200
    unit = Unit.objects.get(call_sign="AMB-01")
    assert (unit.state, unit.readiness, unit.on_duty) == ("available", "not_ready", False)
    assert Unit.objects.exclude(call_sign="AMB-01").filter(on_duty=False).count() == 0


def test_the_page_asks_only_for_what_changed(crew: Client, job: Job) -> None:
    mark = crew.get("/crew/state").json()["state"]["revision"]
    assert crew.get(f"/crew/state?seen={mark}").json()["state"] == {"revision": mark}
    job()
    assert crew.get(f"/crew/state?seen={mark}").json()["state"]["jobs"]
