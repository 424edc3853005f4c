"""What phones and trackers send, as points: OwnTracks, Traccar, or plain JSON. Pure.

A message says who sent it by a token, or by the number of a tracker behind a server that is
trusted. What of it is a point is read; the rest of what these programs know is left out."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext_lazy as _

from sigap.core.errors import Invalid
from sigap.fleet.positions.judge import Fix
from sigap.fleet.positions.reading import Unreadable, first, fix_from, number, time

MOST_POINTS = 1000
MOST_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Message:
    """The points of one message (None: one that cannot be read), who it says that it is of, and
    why it holds no point where it holds none."""

    fixes: list[Fix | None]
    sender: str = ""
    fault: str = ""


def shown_token(authorization: bytes) -> str:
    """The token in a header: a bearer's, or the password of a name that says nothing."""
    scheme, _space, given = authorization.partition(b" ")
    if scheme.lower() == b"basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return ""
    elif scheme.lower() != b"bearer":
        return ""
    return given.decode("latin-1").strip()


def plain(body: bytes, _query: bytes, now: datetime) -> Message:
    """One point, a list of them, or `points` with `sent_at`, the sender's clock on sending."""
    told = _json(body)
    points = told.get("points", [told]) if isinstance(told, dict) else told
    if not isinstance(points, list) or not points:
        raise Invalid(_("Send a point, or a list of points."), code="points")
    if len(points) > MOST_POINTS:
        raise Invalid(_("Too much was sent at once."), code="points")
    sent_at = told.get("sent_at") if isinstance(told, dict) else None
    try:
        clock = time(sent_at) if sent_at is not None else None
    except Unreadable:
        raise Invalid(_("sent_at is no time."), code="sent_at") from None
    return Message([fix_from(point, clock, now) for point in points])


def owntracks(body: bytes, _query: bytes, now: datetime) -> Message:
    """A location; whatever else the app tells is taken and left aside. Its `created_at` says when
    it was written, which may be long before it was sent: no clock is set right by it."""
    if not body.strip():
        return Message([])
    told = _json(body)
    if not isinstance(told, dict):
        raise Invalid(_("Send a message of OwnTracks."), code="message")
    if told.get("_type") == "encrypted":
        return Message([], fault="encrypted")
    if told.get("_type") != "location":
        return Message([])
    return Message([fix_from({n: told.get(n) for n in ("lat", "lon", "tst", "acc")}, None, now)])


def traccar(body: bytes, query: bytes, now: datetime) -> Message:
    """What Traccar's own app sends (a form or JSON), or what its server forwards as JSON."""
    if not body.strip().startswith(b"{"):
        return _form(dict(_fields(query) + _fields(body)), now)
    told = _json(body)
    if not isinstance(told, dict):
        raise Invalid(_("Send a message of Traccar."), code="message")
    if "position" in told:
        return _forwarded(_part(told, "position"), _part(told, "device"), now)
    location = _part(told, "location")
    point = {**_part(location, "coords"), "timestamp": location.get("timestamp")}
    sender = told.get("device_id") or dict(_fields(query)).get("id", "")
    return Message([fix_from(point, None, now)], _text(sender))


def _form(told: dict[str, str], now: datetime) -> Message:
    sender = first(told, "id", "deviceid") or ""
    if told.get("location"):
        told["lat"], _comma, told["lon"] = told["location"].partition(",")
    if told.get("valid") in ("0", "false"):
        return Message([], sender, "no_fix")
    point = {n: told.get(n) for n in ("lat", "lon", "timestamp", "accuracy")}
    return Message([fix_from(point, None, now)], sender)


def _forwarded(position: Mapping[str, Any], device: Mapping[str, Any], now: datetime) -> Message:
    sender = _text(device.get("uniqueId"))
    if position.get("valid") is False:
        return Message([], sender, "no_fix")
    point = {n: position.get(n) for n in ("latitude", "longitude", "accuracy")}
    point["timestamp"] = first(position, "fixTime", "deviceTime")
    return Message([fix_from(point, None, now)], sender)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid(_("This is no JSON."), code="json") from None


def _fields(form: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(form.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Invalid(_("This is no form."), code="form") from None


def _part(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: Any) -> str:
    """A tracker's number may come as one."""
    try:
        return value if isinstance(value, str) else f"{number(value):.0f}"
    except Unreadable:
        return ""
