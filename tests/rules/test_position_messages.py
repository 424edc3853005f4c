"""What phones and trackers send, as it is understood."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sigap.core.errors import Invalid
from sigap.fleet.positions.judge import Fix, set_right
from sigap.gateways.positions.messages import Message, owntracks, plain, shown_token, traccar

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
HERE = Fix(-7.82, 112.01, NOW, 12)


def sent(told: Any) -> bytes:
    return json.dumps(told).encode()


def test_owntracks_tells_its_location() -> None:
    told = {"_type": "location", "lat": -7.82, "lon": 112.01, "tst": EPOCH, "acc": 12, "tid": "A1"}
    assert owntracks(sent(told), b"", NOW) == Message([HERE])


def test_the_time_at_which_owntracks_wrote_a_message_sets_no_clock_right() -> None:
    """It may have lain in the phone for hours."""
    told = {"_type": "location", "lat": -7.82, "lon": 112.01, "tst": EPOCH - 7200, "acc": 12}
    [fix] = owntracks(sent(told | {"created_at": EPOCH - 7200}), b"", NOW).fixes
    assert fix and fix.at == NOW - timedelta(hours=2)


@pytest.mark.parametrize("kind", ["transition", "waypoint", "lwt", "status", None])
def test_what_else_owntracks_tells_is_left_aside(kind: str | None) -> None:
    assert owntracks(sent({"_type": kind, "lat": 1, "lon": 2}), b"", NOW) == Message([])
    assert owntracks(b"", b"", NOW) == Message([])


def test_what_owntracks_has_encrypted_is_named() -> None:
    assert owntracks(sent({"_type": "encrypted", "data": "x"}), b"", NOW).fault == "encrypted"


@pytest.mark.parametrize("way", ["query", "form"])
def test_traccars_app_sends_a_query_or_a_form(way: str) -> None:
    form = f"id=abc&lat=-7.82&lon=112.01&timestamp={EPOCH}&accuracy=12&speed=3&bearing=90"
    given = (b"", form.encode()) if way == "query" else (form.encode(), b"")
    assert traccar(*given, NOW) == Message([HERE], "abc")


@pytest.mark.parametrize(
    "stamp", [EPOCH * 1000, "2026-11-02T01:00:00Z", "2026-11-02T08:00:00%2B07:00"]
)
def test_times_are_read_as_they_are_written(stamp: object) -> None:
    query = f"deviceid=abc&location=-7.82,112.01&timestamp={stamp}&accuracy=12"
    assert traccar(b"", query.encode(), NOW) == Message([HERE], "abc")


def test_a_time_without_a_zone_is_the_citys() -> None:
    told = {"lat": -7.82, "lng": 112.01, "at": "2026-11-02T08:00:00", "accuracy_m": 12}
    assert plain(sent(told), b"", NOW) == Message([HERE])


def test_traccars_newer_app_sends_json() -> None:
    coords = {"latitude": -7.82, "longitude": 112.01, "accuracy": 12.2, "speed": 0}
    told = {
        "location": {"timestamp": "2026-11-02T01:00:00.000Z", "coords": coords},
        "device_id": "48241179",
    }
    assert traccar(sent(told), b"", NOW) == Message([HERE], "48241179")


def test_traccars_server_passes_on_what_its_trackers_tell() -> None:
    position = {
        "fixTime": "2026-11-02T01:00:00.000+00:00",
        "serverTime": "2026-11-02T01:00:02.000+00:00",
        "valid": True,
        "latitude": -7.82,
        "longitude": 112.01,
        "accuracy": 0.0,  # nothing is known of it
    }
    told = {"position": position, "device": {"id": 3, "uniqueId": "868618052108909"}}
    fix = Fix(-7.82, 112.01, NOW, None)
    assert traccar(sent(told), b"", NOW) == Message([fix], "868618052108909")
    told["position"] = position | {"valid": False}
    assert traccar(sent(told), b"", NOW) == Message([], "868618052108909", "no_fix")


@pytest.mark.parametrize("shape", ["one", "list", "points"])
def test_the_json_hook_takes_one_or_many(shape: str) -> None:
    point = {"lat": -7.82, "lng": 112.01, "at": NOW.isoformat(), "accuracy_m": 12}
    told = {"one": point, "list": [point], "points": {"points": [point]}}[shape]
    assert plain(sent(told), b"", NOW) == Message([HERE])


def test_a_wrong_clock_is_set_right_by_what_it_shows_on_sending() -> None:
    wrong = timedelta(hours=-3)
    points = [
        {"lat": -7.82, "lng": 112.01, "at": (NOW + wrong - back).isoformat(), "accuracy_m": 12}
        for back in (timedelta(seconds=30), timedelta())
    ]
    told = {"sent_at": (NOW + wrong).isoformat(), "points": points}
    times = [fix and fix.at for fix in plain(sent(told), b"", NOW).fixes]
    assert times == [NOW - timedelta(seconds=30), NOW]
    on_the_way = NOW - timedelta(seconds=3)
    assert set_right(on_the_way, on_the_way, NOW) == on_the_way


@pytest.mark.parametrize(
    "point",
    [
        {"lat": "north", "lng": 112},
        {"lat": True, "lng": 112},
        {"lat": -7.8},
        {"lat": 1e400, "lng": 112},
        {"lat": -7.8, "lng": 112, "at": "yesterday"},
        {"lat": -7.8, "lng": 112, "at": 1e300},
        {"lat": -7.8, "lng": 112, "at": "9999-12-31T23:59:59-14:00"},
        {"lat": -7.8, "lng": 112, "at": []},
        {"lat": -7.8, "lng": 112, "accuracy_m": {}},
        "here",
        None,
        [],
    ],
)
def test_a_point_that_cannot_be_read_does_not_keep_the_others_out(point: Any) -> None:
    good = {"lat": -7.82, "lng": 112.01, "at": EPOCH, "accuracy_m": 12}
    told = json.dumps([point, good])
    assert plain(told.encode(), b"", NOW) == Message([None, HERE])


@pytest.mark.parametrize("read", [plain, owntracks, traccar])
@pytest.mark.parametrize("body", [b"{", b"\xff{", b"[" * 100_000, b'{"a":' * 50_000, b"7", b'""'])
def test_what_is_no_message_is_refused(read: Any, body: bytes) -> None:
    if read is traccar and not body.startswith(b"{"):
        with pytest.raises(Invalid):
            raise_or_pointless(read(body, b"", NOW))
        return
    with pytest.raises(Invalid):
        read(body, b"", NOW)


def raise_or_pointless(message: Message) -> None:
    """A form is anything: one without a point has a point that cannot be read."""
    assert message.fixes == [None] and not message.sender
    raise Invalid("")


def test_a_token_is_a_bearers_or_a_password() -> None:
    basic = base64.b64encode(b"amb-01:secret:word")
    assert shown_token(b"Bearer secret") == "secret"
    assert shown_token(b"Basic " + basic) == "secret:word"
    for wrong in (b"", b"Basic !!", b"Digest x", b"Basic"):
        assert shown_token(wrong) == ""
