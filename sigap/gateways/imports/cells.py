"""The cells of a row as values of ours. Pure functions; Invalid says what is wrong."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from sigap.core.errors import Invalid

# Tried after the map's own formats and after ISO 8601. Day before month, as Indonesia writes.
TIME_FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d/%m/%Y %H.%M",
)
FIRST_YEAR = 1990
YES = {"1", "y", "yes", "ya", "true", "t", "benar"}
NO = {"", "0", "n", "no", "tidak", "false", "f", "salah"}
_WKT = re.compile(r"^POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)$", re.I)
_PAIR = re.compile(r"^\(?\s*(-?\d+\.?\d*)\s*[,;]\s*(-?\d+\.?\d*)\s*\)?$")


@dataclass(frozen=True)
class Clockwork:
    """How a file writes its times."""

    zone: ZoneInfo
    formats: tuple[str, ...]
    latest: datetime

    def read(self, field: str, text: str) -> datetime | None:
        """The time in a cell, in UTC; None for an empty one. A time without a zone is local."""
        if not text:
            return None
        at = _parse(text, self.formats)
        if at is None:
            raise Invalid(
                _("%(field)s is not a time: “%(text)s”") % {"field": field, "text": text[:40]},
                code="time",
            )
        # First of all, since the ends of the calendar are in no other zone.
        if at.year < FIRST_YEAR:
            raise Invalid(_("%(field)s lies before 1990.") % {"field": field}, code="time")
        if at.year > self.latest.year + 1:
            raise Invalid(_("%(field)s lies in the future.") % {"field": field}, code="future")
        at = (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
        if at > self.latest:
            raise Invalid(_("%(field)s lies in the future.") % {"field": field}, code="future")
        return at

    def is_unsure(self, text: str) -> bool:
        """Whether the local time is there twice or not at all, since clocks were changed."""
        at = _parse(text, self.formats) if text else None
        if at is None or at.tzinfo:
            return False
        early, late = (at.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        return early.utcoffset() != late.utcoffset()


# The same time stands on many lines of an incident, and reading one is slow.
@lru_cache(maxsize=10_000)
def _parse(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - made aware by the caller
        except ValueError:
            continue
    # A day alone is no time: midnight would be made up.
    if len(text) > len("2025-04-01"):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    return None if formats is TIME_FORMATS else _parse(text, TIME_FORMATS)


def read_point(text: str) -> tuple[float, float] | None:
    """Latitude and longitude of “(lat, lng)” or of “POINT (lng lat)”; None for neither."""
    if match := _WKT.match(text):
        lng, lat = match.groups()
    elif match := _PAIR.match(text):
        lat, lng = match.groups()
    else:
        return None
    try:
        return possible_point(float(lat), float(lng))
    except ValueError:
        return None


def possible_point(lat: float, lng: float) -> tuple[float, float] | None:
    """The point, if it is one on the earth; 0,0 is what systems write for none."""
    real = -90 <= lat <= 90 and -180 <= lng <= 180 and (lat, lng) != (0, 0)
    return (lat, lng) if real else None


def read_yes(field: str, text: str) -> bool:
    """Yes or no in either language; empty is no."""
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise Invalid(_("%(field)s must be yes or no.") % {"field": field}, code="yes_no")


def required(field: str, text: str, longest: int) -> str:
    """A cell that must hold a code or a key."""
    if not text:
        raise Invalid(_("%(field)s is empty.") % {"field": field}, code="empty")
    if len(text) > longest or not text.isprintable():
        raise Invalid(
            _("%(field)s must be printable and at most %(n)d characters long.")
            % {"field": field, "n": longest},
            code="key",
        )
    return text


def code_of(text: str, *, prefix: str = "", longest: int = 32) -> str:
    """A code made of words: "Structure Fire" is "structure-fire". What is too long is cut
    and gets a checksum, so that two of them stay two."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    code = f"{prefix}-{words}" if prefix else words
    if len(code) <= longest and words:
        return code
    sum_ = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{code[: longest - 7]}-{sum_}"


def call_sign_of(text: str) -> str:
    """A unit's call sign as the journal can carry it."""
    sign = re.sub(r"[^A-Za-z0-9_.:+/-]+", "-", text).strip("-")
    if not sign or len(sign) > 32:  # noqa: PLR2004 - the length of the column
        raise Invalid(_("The unit's name is not usable."), code="unit")
    return sign
