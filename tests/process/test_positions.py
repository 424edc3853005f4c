"""Phones and trackers tell a real server where units are; consoles see it, nothing breaks it."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from .asking import Person, client, error_of
from .cities import City
from .server import TOKEN, Server, running, until
from .streams import Reader

WAIT_S = 20.0
HERE = {"lat": -7.82, "lng": 112.01}


@pytest.fixture
def console(served: Server) -> Iterator[Reader]:
    """A dispatcher's stream."""
    with Reader(served.url, Person(served.url, "dispatcher").cookie) as reader:
        yield reader


def new(served: Server, unit: str, kind: str = "json", identifier: str = "") -> tuple[str, str]:
    """Set a device up; its number and its token."""
    told = served.run("device", "add", unit, "--kind", kind, "--identifier", identifier)
    number, _tab, token = told.strip().removeprefix("device:").partition("\t")
    return number, token


def bearer(served: Server, unit: str) -> dict[str, str]:
    """The header of a new device."""
    return {"Authorization": f"Bearer {new(served, unit)[1]}"}


def moves(console: Reader, sign: str) -> list[list[Any]]:
    """What a console was told of a unit's position."""
    told = [unit for event in console.named("positions") for unit in event.data["units"]]
    return [unit for unit in told if unit[0] == sign]


def faults(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [point["fault"] for point in answer.json()["points"]]


def test_every_door_leads_to_the_consoles(served: Server, console: Reader) -> None:
    now = datetime.now(UTC)
    http = client(served.url)
    # OwnTracks: a password, and an answer that asks nothing of the app.
    _number, token = new(served, "AMB-01", "owntracks")
    basic = base64.b64encode(f"amb:{token}".encode()).decode()
    told = {"_type": "location", "lat": -7.82, "lon": 112.01, "tst": now.timestamp(), "acc": 9}
    answer = http.post("/hooks/owntracks", json=told, headers={"Authorization": f"Basic {basic}"})
    assert (answer.status_code, answer.json()) == (200, [])
    until(lambda: moves(console, "AMB-01"), WAIT_S)
    assert moves(console, "AMB-01")[-1][1:3] == [-7.82, 112.01]
    # Traccar's app: the token in the query.
    query = {"id": new(served, "AMB-02", "traccar")[1], "lat": "-7.83", "lon": "112.02"}
    assert faults(http.get("/hooks/traccar", params=query)) == [""]
    assert faults(http.post("/hooks/traccar", data=query | {"lat": "-7.8301"})) == [""]
    # Traccar's server: a tracker's number, and the token of the hooks.
    new(served, "DAM-01", "traccar", "868618052108909")
    position = {"latitude": -7.84, "longitude": 112.03, "valid": True, "fixTime": now.isoformat()}
    passed_on = {"position": position, "device": {"uniqueId": "868618052108909"}}
    trusted = {"Authorization": f"Bearer {TOKEN}"}
    assert faults(http.post("/hooks/traccar", json=passed_on, headers=trusted)) == [""]
    assert http.post("/hooks/traccar", json=passed_on).status_code == 401
    # Anything else: many points at once, each answered for.
    points = [HERE | {"at": (now - timedelta(seconds=s)).isoformat()} for s in (20, 10, -300)]
    answer = http.post("/hooks/positions", json=points, headers=bearer(served, "AMB-03"))
    assert faults(answer) == ["", "", "future"] and answer.json()["kept"] == 2
    for sign in ("AMB-02", "DAM-01", "AMB-03"):
        until(lambda sign=sign: moves(console, sign), WAIT_S, sign)  # type: ignore[misc]


def test_nothing_that_is_sent_breaks_a_door(served: Server) -> None:
    shown, http = bearer(served, "AMB-02"), client(served.url)
    kind = shown | {"Content-Type": "application/json"}
    wrong = [b"{", b"\xff\xfe", b"[" * 100_000, b"7", b"[]", b'{"points": 7}', b'{"points": []}']
    for door in ("positions", "owntracks", "traccar"):
        for body in wrong:
            answer = http.post(f"/hooks/{door}", content=body, headers=kind)
            assert answer.status_code < 500, (door, body)
        answer = http.post(f"/hooks/{door}", content=b"x" * 300_000, headers=kind)
        assert answer.status_code == 413
        assert http.put(f"/hooks/{door}", content=b"{}", headers=kind).status_code == 405
    for body in wrong[:4]:
        answer = http.post("/hooks/positions", content=body, headers=kind)
        assert answer.status_code == 400 and error_of(answer)["code"]
    strange: list[Any] = [None, "x", {"lat": "x"}, HERE | {"at": "later"}, {"lat": 1e308, "lng": 0}]
    strange += [HERE | {"accuracy_m": "\x00"}, {"lat": 0, "lng": 0}, {"lat": -6.2, "lng": 106.8}]
    answer = http.post("/hooks/positions", json=strange, headers=shown)
    assert faults(answer) == [*["unreadable"] * 4, "point", "unreadable", "zero", "outside"]


def test_who_is_not_known_is_not_listened_to(served: Server) -> None:
    http = client(served.url)
    for given in ("", "Bearer", "Bearer wrong", "Basic !!", f"Bearer {TOKEN}", "Bearer \xff"):
        headers = {b"Authorization": given.encode("latin-1")}
        for door in ("positions", "owntracks"):
            answer = http.post(f"/hooks/{door}", json=HERE, headers=headers)  # type: ignore[arg-type]
            assert answer.status_code == 401, (door, given)
    for sender in ("wrong", "\ud800", "\x00", "x" * 500, {}):
        told = {"location": {"coords": {}}, "device_id": sender}
        content = json.dumps(told)
        assert http.post("/hooks/traccar", content=content).status_code == 401, sender
    number, token = new(served, "AMB-04")
    shown = {"Authorization": f"Bearer {token}"}
    assert http.post("/hooks/positions", json=HERE, headers=shown).status_code == 200
    served.run("device", "revoke", number)
    assert http.post("/hooks/positions", json=HERE, headers=shown).status_code == 401
    assert "revoked" in served.run("device", "list")


def test_a_crews_phone_stands_beside_a_tracker(served: Server, console: Reader) -> None:
    crew = Person(served.url, "crew")
    answer = crew.command("/crew/position", points=[HERE], sent_at=datetime.now(UTC).isoformat())
    assert answer.json() == {"ok": True, "kept": 1, "points": [{"kept": True, "fault": ""}]}
    there = HERE | {"lat": -7.86}
    client(served.url).post("/hooks/positions", json=there, headers=bearer(served, "AMB-01"))

    def marks() -> list[str]:
        return [unit[5] for unit in moves(console, "AMB-01")]

    until(lambda: "two_places" in marks(), WAIT_S, lambda: str(marks()))


@pytest.mark.parametrize("prototype", ["postgresql"], indirect=True)
def test_whichever_process_hears_it_all_consoles_see_the_unit(fresh: City) -> None:
    first, second = (fresh.server("serve", "--web-only") for _ in range(2))
    with running(first), running(second):
        shown = bearer(first, "AMB-02")
        with (
            Reader(first.url, Person(first.url, "dispatcher").cookie) as near,
            Reader(second.url, Person(second.url, "dispatcher").cookie) as far,
        ):
            now = datetime.now(UTC)
            for n, server in enumerate((first, second, first, second)):
                point = HERE | {
                    "lat": -7.82 + n / 1000,
                    "at": (now + timedelta(seconds=n * 10 - 40)).isoformat(),
                }
                answer = client(server.url).post("/hooks/positions", json=point, headers=shown)
                assert answer.json()["points"] == [{"kept": True, "moved": True, "fault": ""}]
            # What one has heard is known to the other: too far for the time is a jump for both.
            jump = HERE | {"lat": -7.9, "at": now.isoformat()}
            answer = client(first.url).post("/hooks/positions", json=jump, headers=shown)
            assert faults(answer) == ["jump"]
            for console in (near, far):
                until(lambda c=console: "doubtful" in [m[5] for m in moves(c, "AMB-02")], WAIT_S)  # type: ignore[misc]
                assert moves(console, "AMB-02")[-1][1] == -7.817
