"""Where a phone says that it is while its owner calls 112 (AML, ETSI TS 103 625; Android's
ELS): the form that phones post and the SMS that networks pass on, in both versions.

Phones leave fields out and send nonsense. What cannot be read is taken for not said, so that a
message is refused only when it is none at all. IMEI, IMSI and cells are not read, let alone kept.
"""

import hashlib
import hmac
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from sigap.calls.actions import locate_phone
from sigap.calls.handset import Reading
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.personal import normal_number

from .telephony import EARLIEST, Moment, Words

MOST_FIELDS = 200
MOST_SAID = 64
MOST_RADIUS_M = 1_000_000
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
Source = Literal["gps", "wifi", "cell", "fused", "unknown"]
SOURCES: dict[str, Source] = {
    **{"g": "gps", "w": "wifi", "c": "cell", "f": "fused"},
    **{"gps": "gps", "wifi": "wifi", "cell": "cell", "fused": "fused"},
}


def number_in(text: Any) -> float | None:
    """The number that stands there; None for words, for infinity, for nothing."""
    if not isinstance(text, str | int | float) or "_" in str(text) or not str(text).isascii():
        return None
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


# As much of it as can be of use.
Said = Annotated[str, BeforeValidator(lambda text: str(text)[:MOST_SAID])]
Number = Annotated[float | None, BeforeValidator(number_in)]


class PhoneForm(BaseModel):
    """What a phone posts (AML over HTTPS). Every field may be missing; others are ignored."""

    model_config = ConfigDict(extra="ignore")

    device_number: Said = Field("", description="The phone's own number; without it no call.")
    time: Number = Field(None, description="Beginning of the call, milliseconds since 1970.")
    location_latitude: Number = Field(None, description="Degrees, WGS84.")
    location_longitude: Number = Field(None, description="Degrees, WGS84.")
    location_time: Number = Field(None, description="Of the fix, milliseconds since 1970.")
    location_accuracy: Number = Field(None, description="Radius in metres; 0 is unknown.")
    location_confidence: Number = Field(None, description="That it lies inside, 0 to 1.")
    location_certainty: Number = Field(None, description="The same in percent (older phones).")
    location_source: Said = Field("", description="gps, wifi, cell, fused or unknown.")
    hmac: Said = Field(
        "",
        description="The last field: HMAC-SHA1, in hex, of everything before `&hmac=` with the "
        "key of `SIGAP_AML_KEY`.",
    )

    def reading(self, external_id: str, received_at: datetime) -> Reading:
        """The form as a location."""
        confidence = self.location_confidence
        if confidence is None and self.location_certainty is not None:
            confidence = self.location_certainty / 100
        return Reading(
            external_id=external_id,
            via="https",
            number=_number(self.device_number),
            received_at=received_at,
            called_at=_moment(self.time, 1000),
            located_at=_moment(self.location_time, 1000),
            lat=self.location_latitude,
            lng=self.location_longitude,
            radius_m=_radius(self.location_accuracy),
            confidence=_share(confidence),
            source=_source(self.location_source),
        )


class PhoneSms(BaseModel):
    """What the network's SMS gateway posts: one AML text message."""

    model_config = ConfigDict(extra="forbid")

    sender: Annotated[Words, Field(alias="from", description="The number that sent it.")]
    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description='The message, `A"ML=1;…` or `A"ML=2;…`.'
    )
    at: Moment | None = Field(
        None, description="When the gateway got it, with its offset from UTC; else: now."
    )

    def reading(self, external_id: str, now: datetime) -> Reading:
        """The message as a location; Invalid when it is none."""
        text = self.text.strip()
        pairs = (part.partition("=") for part in text.split(";"))
        said = {name.strip(): value.strip() for name, _is, value in pairs}
        read = _VERSIONS.get(said.get('A"ML', ""))
        if read is None or not text.startswith('A"ML='):
            raise Invalid(_("This is no AML message."), code="aml")
        return Reading(
            external_id=external_id,
            via="sms",
            number=_number(self.sender),
            received_at=self.at or now,
            confidence=_share(_part(said.get("lc"), 100)),
            **read(said, len(text)),
        )


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form, of each the first; Invalid when there are far too many."""
    try:
        pairs = parse_qsl(
            body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Invalid(_("This is no form."), code="form") from None
    return dict(reversed(pairs))


def letter_id(*parts: str | bytes) -> str:
    """By what the inbox knows a message again: a keyed hash, since what it is of is personal."""
    plain = b"\x1f".join(p if isinstance(p, bytes) else p.encode() for p in ("aml", *parts))
    return hmac.new(settings.SECRET_KEY.encode(), plain, hashlib.sha256).hexdigest()


def understand_position(payload: str, actor: Actor) -> None:
    """Keep where a phone was, with its call."""
    locate_phone(Reading.model_validate_json(payload), actor=actor)


def _first(said: dict[str, str], length: int) -> dict[str, Any]:
    """SMS version 1: `ml` is the length of the whole message."""
    return {
        "lat": number_in(said.get("lt")),
        "lng": number_in(said.get("lg")),
        "radius_m": _radius(number_in(said.get("rd"))),
        "located_at": _stamp(said.get("top", "")),
        "source": _source(said.get("pm", "")),
        "whole": said.get("ml") == str(length),
    }


def _second(said: dict[str, str], _length: int) -> dict[str, Any]:
    """SMS version 2: `et` is when the call began, `lt` how long after it the phone was there."""
    place = [number_in(part) for part in said.get("lo", "").split(",")]
    lat, lng, radius, *_more = [*place, None, None, None]
    began, after = number_in(said.get("et")), number_in(said.get("lt"))
    there = None if began is None or after is None else began + after
    return {
        "lat": lat,
        "lng": lng,
        "radius_m": _radius(radius),
        "called_at": _moment(began, 1),
        "located_at": _moment(there, 1),
        "source": _source(said.get("ls", "")),
    }


_VERSIONS: dict[str, Callable[[dict[str, str], int], dict[str, Any]]] = {"1": _first, "2": _second}


def _number(given: str) -> str:
    # A plus sign that was not escaped arrives as a blank.
    return normal_number("+" + given[1:] if given[:1] == " " else given)


def _moment(number: float | None, per_second: int) -> datetime | None:
    latest = LATEST.timestamp() * per_second
    if number is None or not EARLIEST.timestamp() * per_second <= number < latest:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=number / per_second)


def _stamp(text: str) -> datetime | None:
    """YYYYMMDDhhmmss in UTC."""
    try:
        at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if EARLIEST <= at < LATEST else None


def _radius(metres: float | None) -> float | None:
    return metres if metres is not None and 0 < metres <= MOST_RADIUS_M else None


def _share(part: float | None) -> float | None:
    return part if part is not None and 0 <= part <= 1 else None


def _part(text: str | None, of: int) -> float | None:
    number = number_in(text)
    return None if number is None else number / of


def _source(text: str) -> Source:
    return SOURCES.get(text.strip().lower(), "unknown")
