"""Where a caller's phone says that it is (AML): who may say so, whose call it is, who sees it,
and when it is forgotten."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client, override_settings
from pydantic import SecretStr

from sigap.calls import actions
from sigap.calls.handset import Reading
from sigap.calls.models import Call, HandsetPosition
from sigap.calls.retention import erase_expired
from sigap.console import feed
from sigap.core import clock
from sigap.core.actions import personal
from sigap.core.actors import Actor, system
from sigap.core.inbox import Writer, drain, refused
from sigap.core.journal import tip_seq, verify
from sigap.core.models import Contact, Inbox, Journal
from sigap.gateways import hooks
from sigap.incidents.models import Incident

from ..conftest import PBX
from .asking import get

KEY, TOKEN = "kunci-bersama-aml-di-uji", "token-of-the-hooks-in-tests"
NUMBER, AML = "081233451190", system("aml")
HERE = (-7.8227651, 112.0118742)
DAY = 86_400
Actors = Callable[[str], Actor]


class Shelf(Writer):
    """Where letters lie that a door has let in."""

    def __init__(self) -> None:
        self.letters: dict[tuple[str, str], str] = {}

    async def append(self, source: str, external_id: str, payload: str) -> int:
        """Keep a letter; a repeat is the first one."""
        self.letters.setdefault((source, external_id), payload)
        return list(self.letters).index((source, external_id)) + 1


@pytest.fixture
def shelf() -> Shelf:
    """An empty shelf."""
    return Shelf()


@pytest.fixture
def on() -> Iterator[None]:
    """A city that takes the locations of phones."""
    secrets = {"aml_key": SecretStr(KEY), "hook_token": SecretStr(TOKEN)}
    with override_settings(ENV=settings.ENV.model_copy(update=secrets)):
        yield


def knock(
    shelf: Shelf, body: bytes, token: str = "", kind: str = "application/x-www-form-urlencoded"
) -> tuple[int, Any]:
    """Bring a message to the door: the status and what is answered."""
    answers: list[Any] = []
    headers = [(b"content-type", kind.encode()), (b"accept-language", b"en")]
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {"method": "POST", "headers": headers}
    asyncio.run(hooks.phones(scope, receive, send, shelf))
    return answers[0]["status"], json.loads(answers[1]["body"])


def signed(key: str = KEY, **more: Any) -> bytes:
    """What a phone posts now."""
    at = int(clock.now().timestamp() * 1000)
    fields: dict[str, Any] = {
        "v": 1,
        "device_number": "+62" + NUMBER[1:],
        "time": at,
        "location_latitude": HERE[0],
        "location_longitude": HERE[1],
        "location_time": at,
        "location_accuracy": 25.4,
        "location_source": "gps",
        "device_imei": "354773072099116",
    }
    body = urlencode(fields | more).encode()
    return body + b"&hmac=" + hmac.new(key.encode(), body, hashlib.sha1).hexdigest().encode()


def understood(shelf: Shelf) -> None:
    """Let the worker understand what lies there."""
    for (source, external_id), payload in shelf.letters.items():
        known = {"source": source, "external_id": external_id, "received_at": clock.now()}
        Inbox.objects.get_or_create(**known, defaults={"payload": payload})
    drain(hooks.UNDERSTAND)


def tell(name: str = "1", number: str = NUMBER, **more: Any) -> HandsetPosition:
    """A phone tells where it is."""
    now = clock.now()
    known = {"via": "https", "received_at": now, "called_at": now, "located_at": now}
    known |= {"lat": HERE[0], "lng": HERE[1], "radius_m": 25.4, "source": "gps"}
    reading = Reading(external_id=name, number=number, **(known | more))
    return actions.locate_phone(reading, actor=AML)


def row_of(browser: Client, call: Call) -> Any:
    """What a console knows of a call's phone."""
    calls = get(browser, "/console/state")["calls"]
    return next(row["located"] for row in calls if row["id"] == call.pk)


def test_it_is_off_by_default(shelf: Shelf) -> None:
    with override_settings(ENV=settings.ENV.model_copy(update={"hook_token": SecretStr(TOKEN)})):
        for body, token in ((signed(key=""), ""), (b"from=1&text=x", TOKEN)):
            status, content = knock(shelf, body, token)
            assert (status, content["error"]["code"]) == (404, "off")
    assert not shelf.letters


def test_without_the_key_the_form_knows_nothing_of_phones(
    browser_of: Callable[[str], Client],
) -> None:
    assert 'id="phone"' not in browser_of("call_taker").get("/calls").text


def test_a_signed_form_is_kept_and_its_repeat_is_the_same(
    on: None, shelf: Shelf, ring: Callable[..., Call], journal: Callable[[], list[str]]
) -> None:
    call = ring(NUMBER)
    body = signed()
    assert [knock(shelf, body) for _ in range(2)] == [(202, {"id": 1, "status": "accepted"})] * 2
    understood(shelf)
    understood(shelf)
    position = HandsetPosition.objects.get()
    assert (position.call, position.lat, position.lng) == (call, *HERE)
    assert position.area and not position.fault
    assert journal() == ["call.presented", "call.located"]
    row = Journal.objects.get(kind="call.located")
    assert row.subject == f"call:{call.pk}"
    assert row.body == {"via": "https", "source": "gps", "radius_m": 25}


def test_what_waits_to_be_understood_holds_no_number_of_the_phone_itself(
    on: None, shelf: Shelf
) -> None:
    knock(shelf, signed(device_imsi="510010123456789"))
    [(source, external_id)] = shelf.letters
    assert source == "aml" and len(external_id) == 64
    assert not [n for n in ("354773072099116", "510010123456789") if n in str(shelf.letters)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"25.4", b"25.5"),
        lambda body: body[:-1],
        lambda body: body + b"&more=1",
        lambda body: body.partition(b"&hmac=")[0] + b"&hmac=",
        lambda body: signed(key="another key altogether"),
    ],
)
def test_a_wrong_signature_is_refused_and_told(
    on: None, shelf: Shelf, spoil: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    hooks._told_last.clear()
    with caplog.at_level(logging.WARNING):
        status, content = knock(shelf, spoil(signed()))
    assert (status, content["error"]["code"]) == (401, "signature")
    assert not shelf.letters
    [said] = [r.getMessage() for r in caplog.records if r.name == "sigap.hooks"]
    assert said == "a message to /hooks/aml was refused: signature"


def test_the_network_passes_on_an_sms_with_the_token_of_the_hooks(
    on: None, shelf: Shelf, ring: Callable[..., Call]
) -> None:
    call = ring(NUMBER)
    text = f'A"ML=1;lt={HERE[0]};lg=+{HERE[1]};rd=25;top={clock.now():%Y%m%d%H%M%S};lc=68;pm=W;ml='
    body = urlencode({"from": NUMBER, "text": f"{text}{len(text) + 2}"}).encode()
    for token in ("", "wrong"):
        assert knock(shelf, body, token)[0] == 401
    assert knock(shelf, body, TOKEN)[0] == 202
    understood(shelf)
    position = HandsetPosition.objects.get()
    assert (position.call, position.source, position.via) == (call, "wifi", "sms")
    assert position.fault == ""


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"from": NUMBER, "text": "Tolong"}, 400, "aml"),
        ({"from": NUMBER}, 422, "fields"),
        ({"from": NUMBER, "text": 'A"ML=2', "at": "besok"}, 422, "fields"),
        ({"from": NUMBER, "text": 'A"ML=2', "at": "2027-01-01T00:00:00Z"}, 409, "clock"),
    ],
)
def test_what_is_no_location_is_refused_and_the_control_room_hears_of_it(
    on: None, shelf: Shelf, fields: dict[str, str], status: int, code: str
) -> None:
    answer = knock(shelf, urlencode(fields).encode(), TOKEN)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)
    understood(shelf)
    assert [(r.source, r.error) for r in refused()] == [("door:aml", code)]


def test_another_kind_of_content_is_refused(on: None, shelf: Shelf) -> None:
    assert knock(shelf, b"{}", TOKEN, kind="application/json")[0] == 415


def test_a_location_may_come_before_its_call(ring: Callable[..., Call]) -> None:
    position = tell()
    assert position.call is None
    assert list(Journal.objects.order_by("-seq").values_list("kind", flat=True))[0] == (
        "position.unmatched"
    )
    call = ring(NUMBER)
    position.refresh_from_db()
    assert position.call == call


def test_it_belongs_to_the_call_of_its_number_that_is_nearest_in_time(
    ring: Callable[..., Call], time: clock.Frozen
) -> None:
    other, first = ring("081200000001"), ring(NUMBER)
    actions.report_event(
        "ended", source="pbx", external_id=str(first.external_id), at=clock.now(), actor=PBX
    )
    time.forward(120)
    early = tell("1")  # of the second call, whose ring is still on its way
    assert early.call == first
    second = ring(NUMBER)
    early.refresh_from_db()
    assert early.call == second
    assert Journal.objects.filter(kind="call.unlocated", subject=f"call:{first.pk}").exists()
    late = tell("2", called_at=clock.now() - timedelta(seconds=120))
    assert late.call in (first, second)
    assert not other.positions.exists()


def test_too_far_in_time_it_is_of_no_call(
    ring: Callable[..., Call], time: clock.Frozen, actor: Actors
) -> None:
    call = ring(NUMBER)
    actions.report_event(
        "ended", source="pbx", external_id=str(call.external_id), at=clock.now(), actor=PBX
    )
    time.forward(301)
    assert tell("1").call is None
    time.forward(3600)
    ring(NUMBER)
    assert HandsetPosition.objects.get().call is None


def test_while_the_call_lasts_it_is_of_it_however_long_that_is(
    answered: Callable[..., Call], time: clock.Frozen
) -> None:
    call = answered(NUMBER)
    time.forward(3000)
    assert tell().call == call


def test_a_number_that_is_learned_later_brings_the_location(ring: Callable[..., Call]) -> None:
    call = ring(None)
    position = tell()
    actions.report_event(
        "queued",
        source="pbx",
        external_id=str(call.external_id),
        at=clock.now(),
        number=NUMBER,
        actor=PBX,
    )
    position.refresh_from_db()
    assert position.call == call


def test_a_call_that_is_entered_by_hand_has_its_location_too(actor: Actors) -> None:
    position = tell()
    call = actions.enter_call(actor=actor("call_taker"), number=NUMBER)
    position.refresh_from_db()
    assert position.call == call


def test_all_are_kept_and_the_best_is_shown(
    answered: Callable[..., Call], time: clock.Frozen, browser_of: Callable[[str], Client]
) -> None:
    call = answered(NUMBER)
    tell("1", radius_m=1500, source="cell")
    time.forward(10)
    best = tell("2", radius_m=12.6)
    time.forward(10)
    tell("3", radius_m=40, source="wifi", lat=-7.83)
    tell("4", lat=0.0, lng=0.0, radius_m=1)
    assert call.positions.count() == 4
    assert row_of(browser_of("dispatcher"), call) == {
        "n": 4,
        "lat": HERE[0],
        "lng": HERE[1],
        "radius_m": 12.6,
        "source": "gps",
        "at": "2026-11-02T01:00:10.000Z",
        "area": best.area.code if best.area else None,
        "damaged": False,
    }


def test_what_cannot_be_believed_is_kept_without_a_point_to_show(
    answered: Callable[..., Call], browser_of: Callable[[str], Client]
) -> None:
    call = answered(NUMBER)
    assert tell("1", lat=0.0, lng=0.0).fault == "nowhere"
    assert tell("2", located_at=clock.now() - timedelta(hours=2)).fault == "time"
    shown = row_of(browser_of("call_taker"), call)
    assert (shown["n"], shown["lat"], shown["at"]) == (2, None, None)


def test_one_outside_the_city_is_shown_as_that(
    answered: Callable[..., Call], browser_of: Callable[[str], Client]
) -> None:
    call = answered(NUMBER)
    tell(lat=-7.2575, lng=112.7521)  # Surabaya
    shown = row_of(browser_of("call_taker"), call)
    assert (shown["lat"], shown["area"]) == (-7.2575, None)


def test_consoles_are_told_at_once_and_the_journal_holds_no_place(
    answered: Callable[..., Call],
) -> None:
    call = answered(NUMBER)
    before = tip_seq()
    tell()
    batch = feed.collect(before)
    assert batch
    [row] = batch.board["calls"]
    assert (row["id"], row["located"]["lat"]) == (call.pk, HERE[0])
    written = json.dumps([*Journal.objects.values("body")])
    assert "7.82" not in written and "112.01" not in written


def test_neither_the_wall_nor_an_agency_learns_where_a_phone_is(
    answered: Callable[..., Call], actor: Actors, browser_of: Callable[[str], Client]
) -> None:
    from sigap.dispatch.actions import send_units

    call = answered(NUMBER)
    incident = actions.open_incident_for_call(call.pk, "ambulans", actor=actor("call_taker"))
    send_units(incident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    before = tip_seq()
    tell()
    batch = feed.collect(before)
    assert batch
    [shown] = batch.board["incidents"]
    assert shown["located"]["lat"] == HERE[0]  # the dispatcher has its circle on the map
    told = {view: batch.message(view, "psc119").decode() for view in ("console", "wall", "agency")}
    assert {view: str(HERE[0]) in text for view, text in told.items()} == {
        "console": True,
        "wall": False,
        "agency": False,
    }
    for role, view in (("evaluator", "wall"), ("agency", "agency")):
        state = browser_of(role).get(f"/console/state?view={view}").text
        assert str(HERE[0]) not in state and f'"id": {incident.pk}' in state


def test_the_log_of_the_call_says_how_exactly_the_phone_knows(
    answered: Callable[..., Call], browser_of: Callable[[str], Client]
) -> None:
    call = answered(NUMBER)
    tell()
    story = get(browser_of("call_taker"), f"/calls/{call.pk}")["story"]
    assert any("±25 m, GPS" in line["text"] for line in story)


def test_a_location_without_a_call_is_listed_for_the_supervisor(
    browser_of: Callable[[str], Client],
) -> None:
    page = browser_of("supervisor")
    assert "unmatched-title" not in page.get("/supervisor").text
    tell("1", number="")
    tell("2", number=NUMBER)
    listed = page.get("/supervisor/figures").text
    assert "unmatched-title" in listed and "±25 m" in listed
    assert NUMBER[1:] not in listed and str(HERE[0]) not in listed


def test_the_phones_place_is_the_incidents_once_somebody_says_so(
    answered: Callable[..., Call], actor: Actors, browser_of: Callable[[str], Client]
) -> None:
    call = answered(NUMBER)
    tell()
    sent = {"type": "ambulans", "lat": HERE[0], "lng": HERE[1]}
    sent |= {"location_source": "handset", "accuracy_m": 25}
    taker = browser_of("call_taker")
    answer = taker.post(f"/calls/{call.pk}/incident", sent, content_type="application/json")
    incident = Incident.objects.get(pk=answer.json()["incident"])
    assert (incident.location_source, incident.accuracy_m) == ("handset", 25)
    assert incident.point == HERE


def finished(call: Call, actor: Actor, call_class: str) -> None:
    """Close a call."""
    actions.close_call(call.pk, call_class, actor=actor)


def test_where_a_pranksters_phone_was_is_forgotten_with_the_number(
    answered: Callable[..., Call], actor: Actors, time: clock.Frozen
) -> None:
    call = answered(NUMBER)
    tell()
    finished(call, actor("call_taker"), "prank")
    time.forward(29 * DAY)
    assert erase_expired(actor=AML)["position"] == 0
    time.forward(2 * DAY)
    assert erase_expired(actor=AML)["position"] == 1
    position = HandsetPosition.objects.get()
    assert (position.lat, position.lng, position.area) == (None, None, None)
    assert position.erased_at and position.call == call
    assert erase_expired(actor=AML)["position"] == 0
    assert {"what": "position", "count": 1} in Journal.objects.values_list("body", flat=True)
    assert verify().broken_seq is None


def test_where_a_caller_with_a_case_was_is_kept_as_long_as_the_case(
    answered: Callable[..., Call], actor: Actors, time: clock.Frozen
) -> None:
    call = answered(NUMBER)
    tell()
    finished(call, actor("call_taker"), "information")
    time.forward(1824 * DAY)
    assert erase_expired(actor=AML)["position"] == 0
    time.forward(2 * DAY)
    assert erase_expired(actor=AML)["position"] == 1


def test_where_a_held_caller_was_is_not_forgotten(
    answered: Callable[..., Call], actor: Actors, time: clock.Frozen
) -> None:
    call = answered(NUMBER)
    tell()
    finished(call, actor("call_taker"), "prank")
    contact = Contact.objects.get(pk=call.contact_id)
    personal.hold(contact, "police", actor=actor("supervisor"))
    time.forward(2000 * DAY)
    assert erase_expired(actor=AML)["position"] == 0


def test_a_location_without_a_call_is_forgotten_like_a_refused_message(
    time: clock.Frozen, browser_of: Callable[[str], Client]
) -> None:
    tell()
    time.forward(7 * DAY + 60)
    assert erase_expired(actor=AML)["position"] == 1
    assert "unmatched-title" not in browser_of("supervisor").get("/supervisor").text
