"""What one centre tells another about an incident, in our own words: what is composed of it for
the wire, and read from there, is the gateway's. Every field may be missing, codes that nobody here
knows stand as their own text, and nothing of it is a command."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

# What may go to another centre. Words and numbers of people only where somebody chooses them.
PARTS = ("state", "place", "units", "positions", "address", "words", "number", "notes")
PERSONAL = ("address", "words", "number", "notes")


class UnitTold(BaseModel):
    """A unit as another centre names it."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    kind: str = ""
    status: str = ""
    lat: float | None = None
    lng: float | None = None
    arrives_at: datetime | None = None


class NoteTold(BaseModel):
    """A note, with its time where that is known."""

    model_config = ConfigDict(extra="forbid")

    at: datetime | None = None
    text: str


class Record(BaseModel):
    """An incident as far as it is told."""

    model_config = ConfigDict(extra="forbid")

    id: str = ""  # the same at both centres
    number: str = ""  # the sender's own
    sender: str = ""
    type_codes: list[str] = []  # as sent: the internal code, the common one, the words
    type_text: str = ""
    priority: int | None = None
    priority_text: str = ""
    status: str = ""
    outcome: str = ""
    lat: float | None = None
    lng: float | None = None
    radius_m: float | None = None
    address: str = ""
    caller: str = ""
    rang_at: datetime | None = None
    what: str = ""
    victims: int | None = None
    units: list[UnitTold] = []
    notes: list[NoteTold] = []
    updated_at: datetime | None = None
    # Parts that were sent and that we do not read.
    unread: list[str] = []


def only(record: Record, parts: Iterable[str]) -> Record:
    """What of a record is told where these parts are chosen: its name and kind always."""
    chosen = set(parts)
    kept: dict[str, Any] = {name: getattr(record, name) for name in _ALWAYS}
    for part, names in _OF_PART.items():
        if part in chosen:
            kept |= {name: getattr(record, name) for name in names}
    if "units" in chosen and "positions" not in chosen:
        kept["units"] = [u.model_copy(update={"lat": None, "lng": None}) for u in record.units]
    return Record(**kept)


_ALWAYS = ("id", "number", "sender", "type_codes", "type_text", "updated_at")
_OF_PART = {
    "state": ("priority", "priority_text", "status", "outcome", "victims", "rang_at"),
    "place": ("lat", "lng", "radius_m"),
    "units": ("units",),
    "address": ("address",),
    "words": ("what",),
    "number": ("caller",),
    "notes": ("notes",),
}
