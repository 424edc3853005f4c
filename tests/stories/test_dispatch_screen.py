"""What the dispatcher's screen asks of the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from sigap.config.settings import ENV
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actors import Actor, system
from sigap.core.clock import Frozen
from sigap.core.models import Alarm
from sigap.dispatch.actions import alarm_unacknowledged, send_units
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident

Browser = Callable[[str | None], Client]
SEMAMPIR = (-7.8166, 112.0113)


@pytest.fixture
def accident(actor: Callable[[str], Actor]) -> Incident:
    """An open traffic accident with a point."""
    return open_incident(
        "kecelakaan_lalin",
        actor=actor("call_taker"),
        address="Simpang empat",
        lat=SEMAMPIR[0],
        lng=SEMAMPIR[1],
        location_source="map",
        priority=2,
    )


def post(client: Client, url: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(
        url, data or {}, content_type="application/json", headers={"Accept": "application/json"}
    )


@pytest.mark.parametrize("screen", ["/dispatch", "/map", "/wall"])
def test_each_screen_opens_for_the_dispatcher_and_not_for_a_crew(
    screen: str, browser_of: Browser
) -> None:
    page = browser_of("dispatcher").get(screen)
    assert page.status_code == 200
    assert b'id="map"' in page.content
    assert browser_of("crew").get(screen).status_code == 403


def test_the_advice_names_units_with_their_reasons_and_what_is_missing(
    browser_of: Browser, accident: Incident
) -> None:
    answer = browser_of("dispatcher").get(f"/dispatch/incidents/{accident.pk}/advice").json()
    assert answer["v"] == accident.version
    assert answer["picks"], "the example fleet can serve an accident"
    first = answer["picks"][0]
    assert first["eta_s"] > 0
    assert first["reasons"] == ["at_station"]
    assert first["busy"] is False


def test_the_advice_names_a_nearby_incident_that_may_be_the_same(
    browser_of: Browser, accident: Incident, actor: Callable[[str], Actor]
) -> None:
    second = open_incident(
        "kecelakaan_lalin",
        actor=actor("call_taker"),
        lat=SEMAMPIR[0] + 0.0005,
        lng=SEMAMPIR[1],
        location_source="map",
    )
    answer = browser_of("dispatcher").get(f"/dispatch/incidents/{second.pk}/advice").json()
    assert [d["incident"] for d in answer["duplicates"]] == [accident.pk]
    assert answer["duplicates"][0]["metres"] < 100


def test_units_are_sent_and_the_incident_is_under_way(
    browser_of: Browser, accident: Incident, journal: Callable[[], list[str]]
) -> None:
    url = f"/dispatch/incidents/{accident.pk}/send"
    answer = post(browser_of("dispatcher"), url, {"units": ["AMB-01", "POL-01"], "choice": "radio"})
    assert answer.status_code == 200
    assert len(answer.json()["jobs"]) == 2
    accident.refresh_from_db()
    assert accident.state == "in_progress"
    assert journal().count("assignment.notify") == 2


def test_a_busy_unit_needs_a_second_press(
    browser_of: Browser, accident: Incident, actor: Callable[[str], Actor]
) -> None:
    other = open_incident("lainnya", actor=actor("call_taker"))
    send_units(other.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    client = browser_of("dispatcher")
    url = f"/dispatch/incidents/{accident.pk}/send"
    refused = post(client, url, {"units": ["AMB-01"], "choice": "radio"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "confirm")
    assert refused.json()["error"]["busy"] == {"AMB-01": [other.pk]}
    sure = post(client, url, {"units": ["AMB-01"], "choice": "radio", "confirm": True})
    assert sure.status_code == 200


def test_an_incident_that_somebody_changed_meanwhile_gets_no_units(
    browser_of: Browser, accident: Incident
) -> None:
    url = f"/dispatch/incidents/{accident.pk}/send"
    answer = post(
        browser_of("dispatcher"), url, {"units": ["AMB-01"], "choice": "radio", "version": 99}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert not Assignment.objects.exists()


def test_a_job_is_stepped_for_a_crew_that_calls_in_by_radio(
    browser_of: Browser, accident: Incident, actor: Callable[[str], Actor]
) -> None:
    (job,) = send_units(accident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    client = browser_of("dispatcher")
    for command, state in (("depart", "en_route"), ("arrive", "on_scene")):
        answer = post(client, f"/dispatch/jobs/{job.pk}/step", {"command": command})
        assert answer.json()["state"] == state
    wrong = post(client, f"/dispatch/jobs/{job.pk}/step", {"command": "acknowledge"})
    assert wrong.status_code == 409
    assert set(job.times.values_list("source", flat=True)) == {"dispatcher"}


def test_a_unit_is_called_back_only_with_a_reason(
    browser_of: Browser, accident: Incident, actor: Callable[[str], Actor]
) -> None:
    (job,) = send_units(accident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    client = browser_of("dispatcher")
    without = post(client, f"/dispatch/jobs/{job.pk}/cancel")
    assert (without.status_code, without.json()["error"]["code"]) == (400, "reason")
    answer = post(client, f"/dispatch/jobs/{job.pk}/cancel", {"reason": "not_needed"})
    assert answer.json()["state"] == "cancelled"


def test_a_time_that_was_pressed_late_is_corrected_and_both_stay(
    browser_of: Browser, accident: Incident, actor: Callable[[str], Actor], time: Frozen
) -> None:
    (job,) = send_units(accident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    time.forward(120)
    client = browser_of("dispatcher")
    post(client, f"/dispatch/jobs/{job.pk}/step", {"command": "depart"})
    answer = post(
        client,
        f"/dispatch/jobs/{job.pk}/time",
        {
            "state": "en_route",
            "occurred_at": job.created_at.isoformat(),
            "reason": "pressed_late",
        },
    )
    assert answer.status_code == 200
    assert job.times.filter(state="en_route").count() == 2
    known = client.get(f"/dispatch/jobs/{job.pk}/times").json()
    assert [time["state"] for time in known["times"]] == ["notified", "en_route"]
    assert known["times"][1]["at"] == known["times"][0]["at"]


def test_a_unit_is_taken_out_of_service_and_comes_back(browser_of: Browser) -> None:
    client = browser_of("dispatcher")
    url = "/dispatch/units/AMB-02/availability"
    answer = post(client, url, {"command": "withdraw", "reason": "damaged"})
    assert answer.json()["state"] == "unavailable"
    assert post(client, url, {"command": "return"}).json()["state"] == "available"
    duty = post(client, "/dispatch/units/AMB-02/duty", {"on_duty": False})
    assert duty.status_code == 200
    assert not Unit.objects.get(call_sign="AMB-02").on_duty
    assert post(client, "/dispatch/units/NONE-9/duty", {"on_duty": True}).status_code == 404


def test_an_alarm_is_acknowledged_and_shelved_and_ends_with_its_cause_only(
    browser_of: Browser,
    accident: Incident,
    actor: Callable[[str], Actor],
    time: Frozen,
) -> None:
    send_units(accident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    time.forward(300)
    assert alarm_unacknowledged(actor=system("timer")) == 1
    alarm = Alarm.objects.get(code="unacknowledged")
    client = browser_of("dispatcher")
    url = f"/dispatch/alarms/{alarm.pk}"
    assert post(client, f"{url}/acknowledge").json()["state"] == "acknowledged"
    vague = post(client, f"{url}/shelve", {"minutes": 10})
    assert (vague.status_code, vague.json()["error"]["code"]) == (400, "reason")
    shelved = post(client, f"{url}/shelve", {"minutes": 10, "reason": "waiting"})
    assert shelved.json()["state"] == "shelved"
    early = post(client, f"{url}/done")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "cause")
    assert post(client, "/dispatch/alarms/999999/acknowledge").status_code == 404


def test_a_call_taker_may_answer_an_alarm_but_not_send_units(
    browser_of: Browser, accident: Incident
) -> None:
    alarm = raise_alarm("undispatched", accident, owner="dispatcher", actor=system("timer"))
    assert alarm is not None
    client = browser_of("call_taker")
    assert post(client, f"/dispatch/alarms/{alarm.pk}/acknowledge").status_code == 200
    sent = post(
        client, f"/dispatch/incidents/{accident.pk}/send", {"units": ["AMB-01"], "choice": "radio"}
    )
    assert (sent.status_code, sent.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"units": "x"}', '{"units": [1]}', '{"units": []}', '{"units": ["\\u0000"]}'],
)
def test_what_is_no_command_is_refused_with_a_reason(
    content: str, browser_of: Browser, accident: Incident
) -> None:
    answer = browser_of("dispatcher").post(
        f"/dispatch/incidents/{accident.pk}/send",
        content,
        content_type="application/json",
        headers={"Accept": "application/json"},
    )
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["message"]


def test_the_map_file_is_served_in_ranges_only(browser_of: Browser, tmp_path: Path) -> None:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(bytes(range(100)))
    client, url = browser_of("dispatcher"), "/map/ground.pmtiles"
    assert client.get(url).status_code == 404
    with override_settings(ENV=ENV.model_copy(update={"pmtiles": file})):
        part = client.get(url, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part["Content-Range"] == "bytes 10-19/100"
        assert client.get(url, headers={"Range": "bytes=90-"}).content == bytes(range(90, 100))
        assert client.get(url, headers={"Range": "bytes=100-120"}).status_code == 416
        assert client.get(url).status_code == 400
        assert b"protomaps" in client.get("/map").content
