"""Devices in Administration, and the crew's phone as one of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.core import clock
from sigap.fleet.models import Unit
from sigap.fleet.positions.models import Device, TrackPoint
from sigap.gateways.positions.buffer import Claim, judged
from sigap.gateways.positions.messages import plain

Browsers = Callable[[str | None], Client]


@pytest.fixture
def admin(browser_of: Browsers) -> Client:
    return browser_of("administrator")


def set_up(admin: Client, **form: str) -> tuple[int, str]:
    page = admin.post("/admin/devices", {"unit": "AMB-01", "kind": "json", **form})
    text = page.content.decode()
    token = re.search(r'class="one-time">([^<]+)<', text)
    return page.status_code, token[1] if token else ""


def test_a_token_is_shown_once_and_counts_until_it_is_replaced_or_revoked(
    admin: Client, journal: Callable[[], list[str]]
) -> None:
    status, token = set_up(admin, label="dasbor")
    assert status == 200 and len(token) >= 32
    device = Device.objects.get()
    page = admin.get(f"/admin/devices/{device.pk}").content.decode()
    assert token not in page and "/hooks/positions" in page
    assert "dasbor" in admin.get("/admin/devices").content.decode()

    def knows(token: str) -> bool:
        message = plain(b'{"lat": -7.82, "lng": 112.01}', b"", clock.now())
        return judged([(Claim.by_token(token), message)]) != [None]

    assert knows(token) and not knows("another")
    renewed = admin.post(f"/admin/devices/{device.pk}/renew").content.decode()
    fresh = re.findall(r'class="one-time">([^<]+)<', renewed)[0]
    assert knows(fresh) and not knows(token)
    assert admin.post(f"/admin/devices/{device.pk}/revoke").status_code == 302
    assert not knows(fresh)
    assert admin.post(f"/admin/devices/{device.pk}/renew").status_code == 409
    assert journal() == ["device.made", "device.renewed", "device.revoked"]
    assert "AMB-01" in admin.get("/admin").content.decode()


def test_a_tracker_behind_a_server_has_its_own_number_and_no_token(admin: Client) -> None:
    assert set_up(admin, kind="traccar", identifier="868618052108909") == (200, "")
    assert set_up(admin, kind="traccar", identifier="868618052108909") == (400, "")
    assert set_up(admin, kind="owntracks", identifier="12") == (400, "")
    assert set_up(admin, unit="AMB-99") == (400, "")
    assert set_up(admin, kind="phone") == (400, "")
    message = plain(b'{"lat": -7.82, "lng": 112.01}', b"", clock.now())
    assert judged([(Claim(identifier="868618052108909"), message)]) != [None]
    assert judged([(Claim.by_token("868618052108909"), message)]) == [None]


@pytest.mark.parametrize("role", ["supervisor", "dispatcher", "crew", None])
def test_only_administrators_see_devices(role: str | None, browser_of: Browsers) -> None:
    browser = browser_of(role)
    device = Device.objects.create(unit=Unit.objects.get(call_sign="AMB-01"), kind="json")
    for address in ("", f"/{device.pk}", f"/{device.pk}/renew", f"/{device.pk}/revoke"):
        assert browser.post(f"/admin/devices{address}").status_code in (302, 401, 403)
    assert Device.objects.get(pk=device.pk).active


# --- the crew's phone -----------------------------------------------------------------


def send(crew: Client, **told: Any) -> tuple[int, Any]:
    answer = crew.post("/crew/position", told, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_phone_sends_what_it_could_not_send_before(browser_of: Browsers) -> None:
    now, crew = clock.now(), browser_of("crew")
    points = [
        {"lat": -7.82 + n / 1000, "lng": 112.01, "accuracy_m": 9, "at": when.isoformat()}
        for n, when in enumerate(now - timedelta(seconds=s) for s in (90, 60, 30, 0))
    ]
    wrong: list[Any] = [{"lat": 0, "lng": 0}, {"lat": "x"}, None]
    status, told = send(crew, points=[*points, *wrong])
    assert (status, told["kept"]) == (200, 4)
    assert [p["fault"] for p in told["points"]] == ["", "", "", "", "zero", *["unreadable"] * 2]
    unit = Unit.objects.get(call_sign="AMB-01")
    assert (unit.lat, unit.position_at, unit.position_source) == (-7.817, now, "crew")
    assert TrackPoint.objects.count() == 4
    assert send(crew, points=points)[1]["kept"] == 3  # again: late ones, and a repeat
    assert TrackPoint.objects.count() == 4
    assert send(crew, points=[]) == (200, {"ok": True, "kept": 0, "points": []})


def test_the_phones_clock_may_be_wrong_when_it_says_what_it_shows(browser_of: Browsers) -> None:
    now, wrong, crew = clock.now(), timedelta(hours=5), browser_of("crew")
    at = (now + wrong - timedelta(seconds=20)).isoformat()
    point = {"lat": -7.82, "lng": 112.01, "at": at}
    assert send(crew, **point)[1]["error"]["code"] == "future"
    assert send(crew, **point, sent_at=(now + wrong).isoformat()) == (
        200,
        {"ok": True, "kept": True},
    )
    assert Unit.objects.get(call_sign="AMB-01").position_at == now - timedelta(seconds=20)


def test_a_phone_that_was_revoked_is_not_heard(browser_of: Browsers, admin: Client) -> None:
    crew = browser_of("crew")
    assert send(crew, lat=-7.82, lng=112.01)[0] == 200
    phone = Device.objects.get(kind="phone")
    admin.post(f"/admin/devices/{phone.pk}/revoke")
    assert send(crew, lat=-7.83, lng=112.01)[0] == 403
    assert Unit.objects.get(call_sign="AMB-01").lat == -7.82


@pytest.mark.parametrize(
    "told",
    [{}, {"lat": -7.8}, {"points": "all"}, {"points": [{}] * 1001}, {"points": [], "sent_at": "x"}],
)
def test_what_is_no_position_is_refused(told: dict[str, Any], browser_of: Browsers) -> None:
    assert send(browser_of("crew"), **told)[0] == 400
