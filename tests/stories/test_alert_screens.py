"""The screens by which people are alerted, and those that show what became of it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import User
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Agency, Unit
from sigap.notify.models import Alert, Delivery, Device, Duty, Phone, Ways
from sigap.notify.recipients import order
from sigap.notify.webpush import public_key

from .alerting import NUMBER, WORKER, Far, crew, give_number, states

Actors = Callable[[str], Actor]
Browsers = Callable[[str | None], Client]
JSON = {"content_type": "application/json", "HTTP_ACCEPT": "application/json"}


def test_a_phone_turns_its_alerts_on_tests_them_and_turns_them_off(
    far: Far, browser_of: Browsers, person: Callable[[str], User]
) -> None:
    phone = browser_of("crew")
    told = phone.get("/crew/push/key").json()
    assert told == {"key": public_key(), "devices": 0}
    given = far.pushes.browser("crew", told["key"])
    answer = phone.post("/crew/push/subscribe", given | {"label": "HP saya"}, **JSON)
    assert answer.status_code == 200
    assert phone.post("/crew/push/subscribe", given, **JSON).status_code == 200, "again is once"
    assert phone.get("/crew/push/key").json()["devices"] == 1
    device = Device.objects.get()
    assert "127.0.0.1" not in device.sealed and given["keys"]["auth"] not in device.sealed
    alert = phone.post("/crew/push/test", {}, **JSON).json()["alert"]
    far.work()
    (row,) = phone.get(f"/crew/push/tests/{alert}").json()["deliveries"]
    assert row["state"] == "sent"
    (shown,) = far.shown(person("crew"))
    assert not shown["urgent"]
    anybody = Client()
    for status in ("delivered", "read"):
        received = {"receipt": shown["receipt"], "status": status}
        assert anybody.post("/crew/push/received", received, **JSON).status_code == 200
    assert Delivery.objects.get().read_at is not None
    gone = {"endpoint": given["endpoint"]}
    assert phone.post("/crew/push/unsubscribe", gone, **JSON).status_code == 200
    assert not Device.objects.get().active


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://10.0.0.5/admin",
        "https://kediri.example/push",
        "https://127.0.0.1.evil.example/x",
        "http://localhost:8112/hooks/calls",
        "https://user:word@127.0.0.1/x",
        "https://127.0.0.1:99999999/x",
        "ftp://127.0.0.1/x",
    ],
)
def test_pushes_go_to_push_services_only(endpoint: str, far: Far, browser_of: Browsers) -> None:
    given = far.pushes.browser("crew", public_key()) | {"endpoint": endpoint}
    answer = browser_of("crew").post("/crew/push/subscribe", given, **JSON)
    assert answer.status_code == 400
    assert not Device.objects.exists()


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "A" * 87}])
def test_a_browser_s_keys_are_looked_at_before_they_are_kept(
    keys: dict[str, str], far: Far, browser_of: Browsers
) -> None:
    given = far.pushes.browser("crew", public_key())
    given["keys"] |= keys
    assert browser_of("crew").post("/crew/push/subscribe", given, **JSON).status_code == 400


@pytest.mark.parametrize("receipt", ["", "1.abc", "x", "9" * 70, "1." + "0" * 32])
def test_a_receipt_that_is_made_up_changes_nothing(receipt: str) -> None:
    answer = Client().post("/crew/push/received", {"receipt": receipt}, **JSON)
    assert answer.status_code == 403


def test_one_phone_in_two_hands_alerts_whoever_signed_in_last(
    far: Far, browser_of: Browsers, person: Callable[[str], User]
) -> None:
    given = far.pushes.browser("crew", public_key())
    for role in ("crew", "agency"):
        assert browser_of(role).post("/crew/push/subscribe", given, **JSON).status_code == 200
    assert [d.person for d in Device.objects.filter(active=True)] == [person("agency")]
    refused = browser_of("crew").post(
        "/crew/push/unsubscribe", {"endpoint": given["endpoint"]}, **JSON
    )
    assert refused.status_code == 403


def test_a_station_shows_the_newest_job_until_somebody_presses(
    far: Far, browser_of: Browsers, job: Callable[[], Assignment]
) -> None:
    station = browser_of("crew")
    assert station.get("/station").status_code == 200
    sent = job()
    far.work()
    (shown,) = station.get("/station/rows").json()["jobs"]
    assert (shown["unit"], shown["priority"], shown["test"]) == ("AMB-01", 1, False)
    assert states() == [("station", "delivered")]
    answer = station.post(f"/station/alerts/{shown['id']}/take", {}, **JSON)
    assert answer.status_code == 200
    assert station.get("/station/rows").json()["jobs"] == []
    sent.refresh_from_db()
    assert sent.state == "acknowledged"
    assert station.post(f"/station/alerts/{shown['id']}/take", {}, **JSON).status_code == 200


def test_the_station_of_an_agency_shows_the_jobs_of_all_its_units(
    far: Far, browser_of: Browsers, job: Callable[[], Assignment]
) -> None:
    station = browser_of("agency")
    station.get("/station/rows")
    job()
    far.work()
    assert len(station.get("/station/rows").json()["jobs"]) == 1


def test_a_station_of_another_unit_neither_shows_nor_takes_it(
    far: Far, browser_of: Browsers, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    from sigap.core.actions.accounts import change_user

    job()
    far.work()
    change_user(person("crew"), unit="AMB-02", actor=WORKER)
    other = browser_of("crew")
    assert other.get("/station/rows").json()["jobs"] == []
    alert = Alert.objects.get()
    assert other.post(f"/station/alerts/{alert.pk}/take", {}, **JSON).status_code == 403
    assert other.post("/station/alerts/999999/take", {}, **JSON).status_code == 404


def test_an_agency_enters_ends_and_takes_out_duties_on_its_screen(
    browser_of: Browsers, actor: Actors
) -> None:
    board, ani = browser_of("agency"), crew("ani", WORKER)
    now = clock.now().replace(tzinfo=None) + timedelta(hours=7)  # the city's time
    entry = {"person": ani.pk, "unit": "AMB-01"}
    for begins, ends in ((0, 8), (24, 32)):
        hours = {
            "starts_at": (now + timedelta(hours=begins)).isoformat(timespec="minutes"),
            "ends_at": (now + timedelta(hours=ends)).isoformat(timespec="minutes"),
        }
        assert board.post("/agency/alerts/duties", entry | hours).status_code == 302
    running, ahead = Duty.objects.order_by("starts_at")
    page = board.get("/agency/alerts").content.decode()
    assert page.count(f"/agency/alerts/duties/{running.pk}/end") == 1
    assert page.count(f"/agency/alerts/duties/{ahead.pk}/remove") == 1
    board.post(f"/agency/alerts/duties/{running.pk}/end")
    board.post(f"/agency/alerts/duties/{ahead.pk}/remove")
    running.refresh_from_db()
    assert running.ended_at == clock.now()
    assert list(Duty.objects.all()) == [running]
    wrong = board.post("/agency/alerts/duties", entry | {"starts_at": "x", "ends_at": "y"})
    assert wrong.status_code == 400
    assert b"Ani" in wrong.content, "the page is still there"
    late = entry | {"starts_at": "2020-01-01T07:00", "ends_at": "2020-01-01T09:00"}
    page = board.post("/agency/alerts/duties", late).content.decode()
    for typed in ("2020-01-01T07:00", "2020-01-01T09:00", f'value="{ani.pk}" selected'):
        assert typed in page, "what was typed stays"
    assert board.post(f"/agency/alerts/duties/{running.pk}/remove").status_code == 409
    assert "Ani" in board.get("/agency/alerts").content.decode()


def test_the_roster_of_another_agency_does_not_exist(browser_of: Browsers, actor: Actors) -> None:
    unit = Unit.objects.exclude(agency__code="psc119")[0]
    duty = Duty.objects.create(
        person=crew("ani", WORKER, unit=unit.call_sign),
        agency=unit.agency,
        role="crew",
        starts_at=clock.now(),
        source="phone",
    )
    board = browser_of("agency")
    for what in ("end", "remove"):
        assert board.post(f"/agency/alerts/duties/{duty.pk}/{what}").status_code == 404
    assert b"Ani" not in board.get("/agency/alerts").content


def test_a_test_alert_is_really_sent_and_its_result_is_shown(
    far: Far, browser_of: Browsers, person: Callable[[str], User]
) -> None:
    far.phone_of(person("crew"))
    give_number(person("crew"))
    board = browser_of("agency")
    assert board.post("/agency/alerts/test", {"person": person("crew").pk}).status_code == 302
    far.work()
    assert states() == [("push", "sent"), ("sms", "sent"), ("voice", "sent")]
    assert "uji" in far.texts.of("sms")[0]["text"].lower() or far.texts.of("sms")
    assert b"Push" in board.get("/agency/alerts").content
    assert board.post("/agency/alerts/test", {"unit": "AMB-01"}).status_code == 302
    far.work()
    assert len(far.shown(person("crew"))) == 2
    assert board.post("/agency/alerts/test", {"unit": "NOPE"}).status_code == 404
    assert board.post("/agency/alerts/test", {"person": person("dispatcher").pk}).status_code == 400


def test_the_head_of_an_agency_sets_the_order_of_its_channels(
    far: Far, browser_of: Browsers, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    head = browser_of("agency_head")
    far.phone_of(person("crew"))
    give_number(person("crew"))
    assert head.post("/agency/alerts/channels", {"channels": "voice, push"}).status_code == 302
    assert order(Ways.objects.get().agency) == ("voice", "push")
    job()
    far.work()
    assert states() == [("voice", "sent")]
    for wrong in ("", "pigeon", "push push"):
        assert head.post("/agency/alerts/channels", {"channels": wrong}).status_code == 400
    assert browser_of("agency").post("/agency/alerts/channels", {}).status_code == 403


def test_the_incident_s_page_tells_each_attempt_and_its_result(
    far: Far,
    browser_of: Browsers,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
) -> None:
    name = far.phone_of(person("crew"))
    far.pushes.browsers[name].gone = 410
    give_number(person("crew"))
    sent = job()
    far.work()
    time.forward(60)
    far.work()
    page = browser_of("dispatcher").get(f"/incidents/{sent.incident_id}").content.decode()
    assert NUMBER[2:] not in page
    for words in ("Push", "SMS", "Crew", f"HP {name}"):
        assert words in page
    browser_of("supervisor").get("/supervisor/figures")
    assert "SMS" in browser_of("supervisor").get("/supervisor").content.decode()


def test_the_administrator_enters_a_number_that_the_journal_does_not_repeat(
    browser_of: Browsers, person: Callable[[str], User]
) -> None:
    from sigap.core.models import Journal

    admin, someone = browser_of("administrator"), person("crew")
    page = f"/admin/users/{someone.pk}"
    given = {
        "name": someone.name,
        "roles": ["crew"],
        "unit": "AMB-01",
        "agency": "",
        "language": "id",
        "is_active": "on",
    }
    assert admin.post(page, given | {"phone": "12"}).status_code == 400
    assert admin.post(page, given | {"phone": "0812-3456-7890"}).status_code == 302
    assert "0812-3456-7890" in admin.get(page).content.decode()
    last = Journal.objects.order_by("-seq")[0]
    assert (last.kind, last.body["fields"]) == ("user.changed", ["phone"])
    bodies = json.dumps(list(Journal.objects.values_list("body", flat=True)))
    assert not re.search(r"3456\D?7890", bodies)
    assert admin.post(page, given | {"phone": ""}).status_code == 302
    assert not Phone.objects.exists()


def test_the_administrator_sets_an_agency_s_ways_and_a_plan_s_time(browser_of: Browsers) -> None:
    admin, agency = browser_of("administrator"), Agency.objects.get(code="psc119")
    given = {"agency": agency.pk, "channels": "sms, push"}
    assert admin.post("/admin/ways/add", given).status_code == 302
    assert Ways.objects.get().channels == ["sms", "push"]
    assert admin.post("/admin/ways/add", given | {"channels": "x"}).status_code == 400
