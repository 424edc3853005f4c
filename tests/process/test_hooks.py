"""What a telephone exchange sends, to a real server: kept once, understood soon, or refused
with a reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .asking import Exchange, Person, client, error_of, event, new_call, phone_tells
from .cities import City
from .server import Server, running, until

WAIT_S = 20.0


@pytest.fixture
def exchange(served: Server) -> Exchange:
    """An exchange that knows the token."""
    return Exchange(served.url)


@pytest.fixture(scope="module")
def taker(served: Server) -> Person:
    """Who looks at the board."""
    return Person(served.url)


def live_call(taker: Person, number: str) -> dict[str, Any] | None:
    """The call of this number on the board."""
    board = taker.get("/console/state")
    calls = [c for c in [*board["calls"], *board["callbacks"]] if c["number"] == number]
    assert len(calls) < 2, calls
    return calls[0] if calls else None


def appears(taker: Person, number: str, state: str) -> dict[str, Any]:
    """Wait until the call of this number is on the board in this state."""
    seen: list[dict[str, Any]] = []

    def is_there() -> bool:
        call = live_call(taker, number)
        if call and call["state"] == state:
            seen.append(call)
        return bool(seen)

    until(is_there, WAIT_S, lambda: f"{number} {state}: {live_call(taker, number)}")
    return seen[0]


def test_an_acknowledged_event_rings_on_the_board(exchange: Exchange, taker: Person) -> None:
    [answer] = exchange.report(event(new_call(), number="081300000001", trunk="112-a"))
    assert answer.status_code == 202 and answer.json()["status"] == "accepted"
    assert appears(taker, "+6281300000001", "presented")["trunk"] == "112-a"


def test_without_the_token_nothing_is_taken(served: Server, taker: Person) -> None:
    told = event(new_call(), number="081300000002")
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}):
        answer = client(served.url, **given).post("/hooks/calls", json=told)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
        assert error_of(answer)["code"] == "token"
    # What comes behind it in the same line of letters is seen, so this would have been, too.
    Exchange(served.url).report(event(new_call(), number="081300000003"))
    appears(taker, "+6281300000003", "presented")
    assert live_call(taker, "+6281300000002") is None


def test_phones_are_not_heard_until_there_is_a_key(served: Server) -> None:
    answer = phone_tells(served.url, "081300000006", -7.8228, 112.0119)
    assert answer.status_code == 404 and error_of(answer)["code"] == "off"


def test_a_repeat_gets_the_first_answer_and_changes_nothing(
    exchange: Exchange, taker: Person
) -> None:
    told = event(new_call(), number="081300000004")
    answers = exchange.report(told, told, told)
    assert [a.status_code for a in answers] == [202, 202, 202]
    assert len({a.json()["id"] for a in answers}) == 1
    call = appears(taker, "+6281300000004", "presented")
    again = exchange.report(told)[0]
    exchange.report(event(told["call_id"], "queued"))
    assert again.json()["id"] == answers[0].json()["id"]
    assert appears(taker, "+6281300000004", "queued")["id"] == call["id"]


def test_the_order_of_events_does_not_matter(exchange: Exchange, taker: Person) -> None:
    call, now = new_call(), datetime.now(UTC)
    times = {kind: (now - timedelta(seconds=s)).isoformat() for kind, s in ORDER.items()}
    exchange.report(
        *(event(call, kind, at=times[kind], number="081300000005") for kind in reversed(ORDER))
    )
    number = "+6281300000005"
    until(lambda: (live_call(taker, number) or {}).get("presented_at"), WAIT_S)
    found = appears(taker, number, "wrap_up")
    assert found["gate"] == "speech"
    assert moment(found["presented_at"]) == moment(times["presented"])
    assert moment(found["answered_at"]) == moment(times["answered"])
    assert moment(found["ended_at"]) == moment(times["ended"])


ORDER = {"presented": 30, "gate_speech": 25, "queued": 20, "answered": 12, "ended": 2}


def moment(text: str) -> datetime:
    """A time as exactly as the board tells it."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "no JSON": (b"{", 422, "fields"),
    "nothing": (b"", 422, "fields"),
    "a list": (b"[]", 422, "fields"),
    "a word": (b'"presented"', 422, "fields"),
    "null": (b"null", 422, "fields"),
    "not a text": (b"\xff\xfe{}", 422, "fields"),
    "half of an emoji": (
        json.dumps(event("half")).replace("half-", "\\ud83d-").encode(),
        422,
        "fields",
    ),
    "deeper than anybody needs": (b'{"event_id":' + b"[" * 8000, 422, "fields"),
    "an endless number": (b'{"event_id": 1' + b"0" * 9000 + b"}", 422, "fields"),
    "a megabyte": (json.dumps(event("big", number="1" * 2**20)).encode(), 413, "too_large"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_event_is_refused_with_a_reason(exchange: Exchange, case: str) -> None:
    content, status, code = REFUSED[case]
    answer = exchange.send(content)
    assert answer.status_code == status, answer.text
    assert error_of(answer)["code"] == code


WRONG: dict[str, Any] = {
    "event_id": ["", None, 7, "x" * 121, "a\x00b"],
    "call_id": ["", None, {}, "x" * 121, "a\nb"],
    "kind": ["", None, "rang", 3, ["presented"]],
    "at": [
        None,
        "",
        "now",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:00",
        -1,
        1700000000,
        1e400,
    ],
    "number": [81234567890, ["1"], "1" * 1001],
    "trunk": [1, "x" * 1001],
    "operator": [True, "x" * 1001],
    "exchange": ["", "PBX", "x" * 21, "a b", None],
    "speed": [1],
}


@pytest.mark.parametrize("field", WRONG)
def test_a_field_of_the_wrong_type_is_named(exchange: Exchange, field: str) -> None:
    for value in WRONG[field]:
        told = event(new_call()) | {field: value}
        answer = exchange.send(json.dumps(told).encode())
        assert answer.status_code == 422, (value, answer.text)
        error = error_of(answer)
        assert error["code"] == "fields" and (field in error["fields"] or value == 1e400), error
    without = {k: v for k, v in event(new_call()).items() if k != field}
    needed = field in ("event_id", "call_id", "kind", "at")
    assert exchange.report(without)[0].status_code == (422 if needed else 202)


def test_a_time_that_only_a_wrong_clock_can_tell_is_refused(exchange: Exchange) -> None:
    soon, later = (datetime.now(UTC) + timedelta(minutes=m) for m in (5, 500_000))
    impossible = ("1999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59")
    for at in (soon.isoformat(), later.isoformat(), *impossible):
        [answer] = exchange.report(event(new_call(), at=at))
        assert answer.status_code == 409, at
        error = error_of(answer)
        assert error["code"] == "clock" and "at" in error["fields"]
    # Two clocks are never the same.
    soon = (datetime.now(UTC) + timedelta(seconds=20)).isoformat()
    assert exchange.report(event(new_call(), at=soon))[0].status_code == 202


def test_the_reason_comes_in_the_language_that_was_asked_for(served: Server) -> None:
    told = {
        language: client(served.url, **{"Accept-Language": language}).post("/hooks/calls", json={})
        for language in ("en", "id")
    }
    assert error_of(told["en"])["message"] == "The token is missing or wrong."
    assert error_of(told["id"])["message"] != error_of(told["en"])["message"]


def test_a_body_without_an_end_is_cut_off(exchange: Exchange) -> None:
    answer = exchange.send(b" " * 4096 for _ in range(400))
    assert answer.status_code == 413


def test_other_methods_and_other_kinds_of_content_are_refused(
    exchange: Exchange, served: Server
) -> None:
    answer = exchange.send(b"number=112", kind="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = exchange.http.request(method, "/hooks/calls")
        assert answer.status_code == 405 and answer.headers["Allow"] == "POST"


STRANGE = {
    "withheld": None,
    "anonymous": "anonymous",
    "emoji": "🚒📞",
    "letters": "rumah bu Siti",
    "arabic digits": "٠٨١٢",
    "SIP": '"Budi" <sip:081300000077@10.0.0.1;user=phone>',
    "only signs": "+-()",
    "long": "9" * 1000,
    "a display name and parameters": f'"{"Budi " * 20}" <sip:081300000078@10.0.0.1;user=phone>',
    "control characters": "0813\x0000000079\n",
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_call_with_a_strange_number_is_a_call(
    exchange: Exchange, taker: Person, case: str
) -> None:
    trunk = f"strange-{case}"
    number = STRANGE[case]
    [answer] = exchange.report(event(new_call(), number=number, trunk=trunk, operator="🙂"))
    assert answer.status_code == 202

    def rings() -> bool:
        return any(c["trunk"] == trunk for c in taker.get("/console/state")["calls"])

    until(rings, WAIT_S, f"{case} does not ring")


def test_the_longest_words_that_are_taken_do_not_stop_the_line(
    exchange: Exchange, taker: Person
) -> None:
    longest = {
        "event_id": "🚑" * 120,
        "call_id": "🚒" * 120,
        "number": "🚓" * 1000,
        "trunk": "🚨" * 1000,
        "operator": "🙂" * 1000,
        "exchange": "a" * 20,
    }
    [first, second] = exchange.report(
        event(new_call()) | longest, event(new_call(), number="081300000006")
    )
    assert first.status_code == second.status_code == 202
    appears(taker, "+6281300000006", "presented")
    trunks = [call["trunk"] for call in taker.get("/console/state")["calls"]]
    assert longest["trunk"][:64] in trunks


def test_an_exchange_that_counts_its_events_anew_loses_no_call(
    exchange: Exchange, taker: Person
) -> None:
    for number in ("081300000008", "081300000009"):
        exchange.report(event(new_call(), number=number) | {"event_id": "1"})
        appears(taker, "+62" + number[1:], "presented")


def test_the_control_room_hears_that_an_exchange_is_not_understood(
    fresh: City,
) -> None:
    with running(fresh.server()) as server:
        taker = Person(server.url)
        assert not taker.get("/console/state")["alarms"]
        Exchange(server.url).send(b"{}")

        def alarmed() -> bool:
            return any(a["code"] == "refused" for a in taker.get("/console/state")["alarms"])

        until(alarmed, WAIT_S, "nobody is told")


def test_the_reason_is_in_the_language_that_was_asked_for(exchange: Exchange) -> None:
    told = json.dumps(event(new_call(), at="2026-01-01T00:00:00")).encode()
    for language, words in (("en", "lacks the offset"), ("id", "selisih")):
        exchange.http.headers["Accept-Language"] = language
        assert words in error_of(exchange.send(told))["fields"]["at"]
