"""What others call a point, a time and an accuracy, read as ours. Pure, and never surprised."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from django.utils.timezone import get_default_timezone

from .judge import Fix, Verdict, set_right

UNREADABLE = Verdict("unreadable", kept=False)
MILLISECONDS = 1e11  # no time in seconds is so far off
MOST_M = 1_000_000
POINT = ("lat", "latitude"), ("lng", "lon", "longitude")


class Unreadable(ValueError):
    """This is no point, number or time."""


def fix_from(told: Any, sent_at: datetime | None, now: datetime) -> Fix | None:
    """A point with its time by our clock; without a time it is of now. None where it is none."""
    try:
        if not isinstance(told, Mapping):
            raise Unreadable
        lat, lng = (number(first(told, *names)) for names in POINT)
        at = first(told, "at", "time", "timestamp", "tst")
        when = set_right(time(at), sent_at, now) if at is not None else now
        return Fix(lat, lng, when, accuracy(first(told, "accuracy_m", "accuracy", "acc")))
    except Unreadable:
        return None


def first(told: Mapping[str, Any], *names: str) -> Any:
    """What stands under the first of these names that says something."""
    return next((told[name] for name in names if told.get(name) not in (None, "")), None)


def number(value: Any) -> float:
    """A finite number, also as text."""
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            found = float(value)
            if isfinite(found):
                return found
    except (ValueError, OverflowError):
        pass
    raise Unreadable


def accuracy(value: Any) -> int | None:
    """Metres; None where nothing is said of it, or what cannot be."""
    if value is None:
        return None
    metres = number(value)
    return round(min(metres, MOST_M)) if metres > 0 else None


def time(value: Any) -> datetime:
    """A time as ISO 8601, or as seconds or milliseconds since 1970. Without a zone it is the
    city's own."""
    try:
        at = _counted(value) or _written(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unreadable from None
    if not 1970 <= at.year < 2100:  # noqa: PLR2004 - years
        raise Unreadable
    return at


def _counted(value: Any) -> datetime | None:
    try:
        seconds = number(value)
    except Unreadable:
        return None
    return datetime.fromtimestamp(seconds / (1000 if seconds > MILLISECONDS else 1), UTC)


def _written(text: Any) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=get_default_timezone())).astimezone(UTC)
