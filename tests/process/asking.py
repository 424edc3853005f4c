"""Those who speak to a server: a person with a browser, a telephone exchange, a phone."""

import hashlib
import hmac
import itertools
import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from .server import AML_KEY, PASSWORD, TOKEN

TIMEOUT_S = 30
# It would tell of every request.
logging.getLogger("httpx").setLevel(logging.WARNING)
_numbers = itertools.count(1)


def client(url: str, **headers: str) -> httpx.Client:
    """A way to a server on this machine: no proxy, no certificates."""
    return httpx.Client(
        base_url=url, timeout=TIMEOUT_S, trust_env=False, verify=False, headers=headers
    )


class Person:
    """Somebody who is signed in."""

    def __init__(self, url: str, username: str = "call_taker") -> None:
        self.url = url
        self.http = client(url, Accept="application/json")
        self.http.get("/sign-in")
        form = {"username": username, "password": PASSWORD}
        entered = self.http.post("/sign-in", data=form, headers=self._token())
        assert entered.status_code == 302, entered.text

    def command(self, path: str, **data: Any) -> httpx.Response:
        """Send a command as the console's scripts do."""
        return self.http.post(path, json=data, headers=self._token())

    def get(self, path: str) -> Any:
        """Ask for JSON, which must be had."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def cookie(self) -> str:
        """The session, for a request made without `http`."""
        return f"sigap={self.http.cookies['sigap']}"

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self.http.cookies.get("sigap_csrf", "")}


class Exchange:
    """A telephone exchange that reports its calls."""

    def __init__(self, url: str) -> None:
        self.http = client(url, Authorization=f"Bearer {TOKEN}")

    def report(self, *events: dict[str, Any]) -> list[httpx.Response]:
        """Send events one after another."""
        return [self.http.post("/hooks/calls", json=event) for event in events]

    def send(
        self, content: bytes | Iterable[bytes], kind: str = "application/json"
    ) -> httpx.Response:
        """Send bytes that need not be an event."""
        return self.http.post("/hooks/calls", content=content, headers={"Content-Type": kind})


def phone_tells(url: str, number: str, lat: float, lng: float, **more: Any) -> httpx.Response:
    """A phone posts where it is now, signed with the key of the tests (AML over HTTPS)."""
    now = round(datetime.now(UTC).timestamp() * 1000)
    fields = {"device_number": number, "time": now, "location_time": now, "location_source": "gps"}
    place = {"location_latitude": lat, "location_longitude": lng, "location_accuracy": 25}
    body = urlencode(fields | place | more).encode()
    signature = hmac.new(AML_KEY.encode(), body, hashlib.sha1).hexdigest()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return client(url, **kind).post("/hooks/aml", content=body + f"&hmac={signature}".encode())


def new_call() -> str:
    """An exchange's name for a call that no other test has."""
    return f"call-{next(_numbers)}"


def event(call: str, kind: str = "presented", **more: Any) -> dict[str, Any]:
    """An event of a call, now."""
    return {
        "event_id": f"{call}-{kind}",
        "call_id": call,
        "kind": kind,
        "at": datetime.now(UTC).isoformat(),
        "number": "081234567890",
    } | more


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """What a refusal says: it must be JSON with a code and a sentence."""
    error: dict[str, Any] = json.loads(answer.content)["error"]
    assert error["code"] and error["message"], error
    return error


def send_units(dispatcher: Person, incident: int, *units: str) -> None:
    """Send units to an incident, whatever else they are doing."""
    path = f"/dispatch/incidents/{incident}/send"
    answer = dispatcher.command(path, units=units, choice="radio", confirm=True)
    assert answer.status_code == 200, answer.text
