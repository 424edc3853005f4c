"""What of a device's fixes is believed: pure, over numbers and times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap.places.geo import distance_m

FUTURE = timedelta(seconds=60)
ZERO_DEG = 0.001  # what a receiver without a fix sends is 0,0 or as good as that
SLACK_M = 30.0  # a receiver may be so far off without knowing
# A clock is set right by what is sent with it only where it is off by more than the way takes.
CLOCK_OFF = timedelta(seconds=5)

# Each with what becomes of the fix; the words for people are in docs/positions.md.
KEPT = ("", "coarse")  # believed: the marker moves
TRACK_ONLY = "late"
DOUBTED = "jump"


@dataclass(frozen=True, slots=True)
class Fix:
    """A point that a device says it was at."""

    lat: float
    lng: float
    at: datetime
    accuracy_m: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a fix: `fault` names what is wrong with it. It moves the unit's marker, or
    is at least kept in its track or for comparison with the next, or is not."""

    fault: str = ""
    kept: bool = True
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """The city's own numbers."""

    now: datetime
    oldest: datetime
    is_far: Callable[[float, float], bool]
    max_kmh: float
    accuracy_m: float


@dataclass(slots=True)
class Known:
    """What is known of one device: its last fix that was believed, and one that is doubted."""

    last: Fix | None = None
    doubt: Fix | None = None


def judge(fix: Fix, known: Known, limits: Limits) -> str:
    """The fault of a fix, "" for none. A jump is remembered in `known` until the next fix says
    whether it was one; a fix that is believed becomes the last."""
    fault = _nonsense(fix, limits)
    if fault:
        return fault
    if known.last and (fix.at, fix.lat, fix.lng) == (known.last.at, known.last.lat, known.last.lng):
        return "repeat"
    if known.last and fix.at < known.last.at:
        return TRACK_ONLY
    if known.last and not _reachable(known.last, fix, limits):
        agrees = known.doubt and known.doubt.at < fix.at and _reachable(known.doubt, fix, limits)
        if not agrees:
            known.doubt = fix
            return DOUBTED
    known.last, known.doubt = fix, None
    return "coarse" if _is_coarse(fix, limits) else ""


def is_exact(fix: Fix, kind: str, accuracy_m: float) -> bool:
    """Whether a fix is good enough to conclude something from. A tracker that says nothing of
    its accuracy has a receiver of its own; a phone may have asked the nearest mast."""
    if fix.accuracy_m is None:
        return kind == "traccar"
    return fix.accuracy_m <= accuracy_m


def apart_m(one: Fix, other: Fix) -> float:
    """How far two fixes are apart for sure."""
    between = distance_m(one.lat, one.lng, other.lat, other.lng)
    return between - (one.accuracy_m or 0) - (other.accuracy_m or 0)


def set_right(at: datetime, sent_at: datetime | None, now: datetime) -> datetime:
    """The time of a fix by our clock, where its device said what its own showed on sending."""
    if sent_at is None or abs(now - sent_at) <= CLOCK_OFF:
        return at
    return at + (now - sent_at)


def _nonsense(fix: Fix, limits: Limits) -> str:
    if not (-90 <= fix.lat <= 90 and -180 <= fix.lng <= 180):
        return "point"
    if abs(fix.lat) < ZERO_DEG and abs(fix.lng) < ZERO_DEG:
        return "zero"
    if fix.at > limits.now + FUTURE:
        return "future"
    if fix.at < limits.oldest:
        return "expired"
    return "outside" if limits.is_far(fix.lat, fix.lng) else ""


def _reachable(one: Fix, other: Fix, limits: Limits) -> bool:
    seconds = max(1.0, (other.at - one.at).total_seconds())
    return apart_m(one, other) - SLACK_M <= seconds * limits.max_kmh / 3.6


def _is_coarse(fix: Fix, limits: Limits) -> bool:
    return fix.accuracy_m is not None and fix.accuracy_m > limits.accuracy_m
