"""Where a caller's phone says that it is (AML): what counts as a location, which call it is of,
and which one of several is shown. Rules only; `actions.handset` keeps it."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from .machine import LIVE
from .models import Call

# An older or newer fix is not of this call: a phone on the road is kilometres away by then.
MOST_APART = timedelta(minutes=10)
# Of what was measured within this time, the smallest circle is the best.
SAME_TIME = timedelta(seconds=60)
NULL_ISLAND = 1e-6  # degrees: 0, 0 is what phones send for "unknown"


class Reading(BaseModel):
    """A location as it was understood at the door: no more of it than is needed."""

    model_config = ConfigDict(extra="forbid")

    external_id: str
    via: Literal["https", "sms"]
    number: str = ""
    received_at: datetime
    called_at: datetime | None = None
    located_at: datetime | None = None
    lat: float | None = None
    lng: float | None = None
    radius_m: float | None = None
    confidence: float | None = None
    source: Literal["gps", "wifi", "cell", "fused", "unknown"] = "unknown"
    whole: bool = True  # False: its length is not what it says


class Located(Protocol):
    """What is compared to find the best location."""

    fault: str
    radius_m: float | None

    @property
    def measured_at(self) -> datetime:
        """When the phone was there."""


P = TypeVar("P", bound=Located)


def fault_of(reading: Reading) -> str:
    """Why a location is not to be believed; "" for a sound one. It is kept all the same."""
    lat, lng = reading.lat, reading.lng
    if lat is None or lng is None or max(abs(lat), abs(lng)) < NULL_ISLAND:
        return "nowhere"
    if abs(lat) > 90 or abs(lng) > 180:  # noqa: PLR2004 - degrees
        return "range"
    if at := reading.located_at:
        began = reading.called_at or reading.received_at
        if not began - MOST_APART <= at <= reading.received_at + MOST_APART:
            return "time"
    return "" if reading.whole else "length"


def best(positions: Iterable[P]) -> P | None:
    """The location to show: the smallest circle of the last minute before the newest, of
    equal ones the newer. What came damaged serves only while there is nothing else."""
    known = list(positions)
    usable = [p for p in known if not p.fault] or [p for p in known if p.fault == "length"]
    if not usable:
        return None
    newest = max(p.measured_at for p in usable)
    return min(
        (p for p in usable if p.measured_at >= newest - SAME_TIME),
        key=lambda p: (math.inf if p.radius_m is None else p.radius_m, newest - p.measured_at),
    )


def apart_s(call: Call, times: Iterable[datetime | None], now: datetime) -> tuple[float, float]:
    """How far from a call the nearest of these times lies, in seconds: 0 while it lasted; then
    how far from its first ring."""
    over = now if call.state in LIVE else call.began_at
    end = max(call.began_at, call.ended_at or call.closed_at or over)
    return min(
        (
            max(0.0, (call.began_at - at).total_seconds(), (at - end).total_seconds()),
            abs((at - call.began_at).total_seconds()),
        )
        for at in times
        if at
    )
