"""What the record knows of how many rang in each hour, and how long they were in hand.

Hours in which the service itself was down are unknown, not zero: those that the city's own file
names, and stretches without a call that are too long for chance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from statistics import fmean

import numpy as np
from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncHour
from scipy.stats import beta  # type: ignore[import-untyped]

from sigap.calls.models import GHOST, INCOMING, UNANSWERED, Call
from sigap.complaints.queries import calendar
from sigap.core import clock
from sigap.core.queries import city_zone
from sigap.incidents.models import Incident, IncidentType
from sigap.places.models import Area

from .calendar import CityDays, Numbers, read_own, read_weather
from .methods import Past, extra

MOST_DAYS = 3 * 366  # what lies further back says little of the week to come
MEASURED_DAYS = 90  # handling times, patience and the gate's share are of so many days
SHARES_DAYS = 365
# Whose answer somebody at a desk gave; the times of other calls were typed or brought along.
AT_A_DESK = ("operator", "exchange")
CHANCE = 1e-6  # a stretch without calls that is less probable than this was no silence
LONGEST_S = 3600  # a call in hand for longer was forgotten, and counts as this
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Gap:
    """Hours of which nothing is known. `told` by the city's file, else found by their silence."""

    first: datetime
    end: datetime
    told: bool

    @property
    def hours(self) -> int:
        """How long."""
        return round((self.end - self.first) / HOUR)


@dataclass(frozen=True)
class Load:
    """The calls of each known hour, and what was left out."""

    past: Past
    calls: int
    first: datetime | None
    last: datetime | None
    gaps: list[Gap]


def folder() -> Path:
    """Where the city's own files for these figures are, and the figures themselves."""
    path: Path = settings.ENV.data_dir / "insight"
    return path


def city_days() -> CityDays:
    """The calendar with the city's own files. Raises ValueError naming a line."""
    zone = city_zone()
    own = read_own(folder() / "calendar.csv", zone)
    return CityDays(calendar(), own, read_weather(folder() / "weather.csv", zone))


def today() -> datetime:
    """The last midnight where the city is."""
    now = clock.now().astimezone(city_zone())
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def load(days: CityDays | None = None, until: datetime | None = None) -> Load:
    """The calls that came in, by hour, of whole local days up to `until` (midnight, by default the
    last one). The day of the very first call is none: it may have begun in the middle."""
    days, end = days or city_days(), until or today()
    incoming = Call.objects.filter(INCOMING, began_at__lt=end)
    first = incoming.aggregate(first=Min("began_at"))["first"]
    none = Load(Past([], np.zeros(0), days), 0, None, None, [])
    if first is None:
        return none
    begin = first.astimezone(end.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = max(begin + timedelta(days=1), end - timedelta(days=MOST_DAYS))
    if begin >= end:
        return none
    rows = (
        incoming.filter(began_at__gte=begin)
        .annotate(hour=TruncHour("began_at", tzinfo=UTC))
        .order_by()
        .values_list("hour")
        .annotate(n=Count("pk"))
    )
    return of_counts(dict(rows), begin, end, days)


def of_counts(counts: dict[datetime, int], begin: datetime, end: datetime, days: CityDays) -> Load:
    """The same of counts by hour (UTC), from any log."""
    zone, length = end.tzinfo, round((end - begin) / HOUR)
    hours = [(begin.astimezone(UTC) + HOUR * n).astimezone(zone) for n in range(length)]
    calls = np.array([counts.get(at.astimezone(UTC), 0) for at in hours], dtype=float)
    told = np.array([days.is_in("outage", at) for at in hours], dtype=bool)
    silent = silences(hours, np.where(told, np.nan, calls))
    known = ~(told | silent)
    gaps = [*_gaps(hours, told, True), *_gaps(hours, silent & ~told, False)]
    past = Past([at for at, yes in zip(hours, known, strict=True) if yes], calls[known], days)
    return Load(
        past,
        int(calls[known].sum()),
        hours[0] if hours else None,
        hours[-1] + HOUR if hours else None,
        sorted(gaps, key=lambda gap: gap.first),
    )


def silences(hours: Sequence[datetime], calls: Numbers) -> Numbers:
    """Which hours lie in a stretch without a call that is too long for chance, given how many ring
    at these hours on days on which anybody rings."""
    hour = np.array([at.hour for at in hours])
    day = np.array([at.toordinal() for at in hours])
    found = np.zeros(len(hours), dtype=bool)
    alive = np.isin(day, np.unique(day[np.nan_to_num(calls) > 0]))
    if not alive.any():
        return np.ones(len(hours), dtype=bool)
    there = alive & ~np.isnan(calls)
    n = np.bincount(hour[there], minlength=24)
    mean = np.bincount(hour[there], weights=calls[there], minlength=24) / np.maximum(n, 1)
    alpha = max(extra(calls[there], mean[hour[there]]), 1e-6)
    none = np.log1p(alpha * mean[hour]) / alpha  # minus the logarithm of the chance of no call
    at = 0
    for is_zero, run in groupby(calls == 0):
        length = len(list(run))
        if is_zero and float(none[at : at + length].sum()) > -np.log(CHANCE):
            found[at : at + length] = True
        at += length
    return found


def _gaps(hours: Sequence[datetime], missing: Numbers, told: bool) -> Iterable[Gap]:
    at = 0
    for is_missing, run in groupby(missing):
        length = len(list(run))
        if is_missing:
            yield Gap(hours[at], hours[at + length - 1] + HOUR, told)
        at += length


@dataclass(frozen=True)
class Handled:
    """How long calls of one class were in hand, from the answer to the close, in seconds. The mean
    is what staffing needs; `low` and `high` are the ends of its 95 % interval."""

    call_class: str
    n: int
    mean_s: float
    low_s: float
    high_s: float


def handling(until: datetime) -> list[Handled]:
    """The classes by how much of the operators' time they take, most first; `""` is all together
    and stands first."""
    answered = _measured(until).filter(answered_source__in=AT_A_DESK, closed_at__isnull=False)
    times: dict[str, list[float]] = {"": []}
    for kind, began, closed in answered.values_list("call_class", "answered_at", "closed_at"):
        if began and closed and closed >= began:
            seconds = min((closed - began).total_seconds(), LONGEST_S)
            times.setdefault(kind, []).append(seconds)
            times[""].append(seconds)
    found = [_handled(kind, values) for kind, values in times.items() if values]
    return sorted(found, key=lambda h: (h.call_class != "", -h.n * h.mean_s))


def ghosts(rows: Sequence[Handled]) -> Handled | None:
    """What a call takes that the gate would keep off: the ghost classes together."""
    of = [row for row in rows if row.call_class in GHOST]
    n = sum(row.n for row in of)
    if not n:
        return None

    def mean(part: str) -> float:
        return sum(row.n * float(getattr(row, part)) for row in of) / n

    return Handled("ghost", n, mean("mean_s"), mean("low_s"), mean("high_s"))


def _handled(kind: str, values: Sequence[float]) -> Handled:
    mean = fmean(values)
    error = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else mean
    return Handled(kind, len(values), mean, max(0.0, mean - error), mean + error)


@dataclass(frozen=True)
class Patience:
    """How long callers wait before they give up, on average, as far as it can be known: most are
    answered before. None where nobody gave up."""

    n: int  # calls that waited at a desk
    gave_up: int
    mean_s: float | None
    low_s: float | None
    high_s: float | None


def patience(until: datetime) -> Patience:
    """All the time that callers waited, by how many of them hung up meanwhile. Calls that the gate
    set aside are none of these."""
    waited, gave_up, n = 0.0, 0, 0
    calls = _measured(until).filter(presented_at__isnull=False, set_aside_at=None)
    lost = calls.filter(UNANSWERED, answered_at=None, ended_at__isnull=False)
    taken = calls.filter(answered_source__in=AT_A_DESK, answered_at__isnull=False)
    pairs = [
        *lost.values_list("presented_at", "ended_at"),
        *taken.values_list("presented_at", "answered_at"),
    ]
    gave_up, n = lost.count(), len(pairs)
    waited = sum(max(0.0, (b - a).total_seconds()) for a, b in pairs if a and b)
    if not gave_up or waited <= 0:
        return Patience(n, gave_up, None, None, None)
    mean = waited / gave_up
    error = 1.96 / gave_up**0.5  # of its logarithm
    return Patience(n, gave_up, mean, mean * float(np.exp(-error)), mean * float(np.exp(error)))


@dataclass(frozen=True)
class Gated:
    """Which part of what rang the gate kept off the operators; 95 % interval."""

    n: int  # calls that rang
    kept_off: int
    share: float
    low: float
    high: float


def gated(until: datetime) -> Gated | None:
    """The gate's measured share; None where it has kept off nobody."""
    rang = _measured(until).filter(presented_at__isnull=False)
    off = Q(set_aside_at__isnull=False, gate="silent", answered_at=None, ended_at__isnull=False)
    n, kept_off = rang.count(), rang.filter(off).exclude(was_somebody=True).count()
    if not kept_off:
        return None
    low, high = beta.ppf([0.025, 0.975], kept_off + 0.5, n - kept_off + 0.5)
    return Gated(n, kept_off, kept_off / n, float(low), float(high))


def _measured(until: datetime) -> QuerySet[Call]:
    since = until - timedelta(days=MEASURED_DAYS)
    return Call.objects.filter(INCOMING, began_at__gte=since, began_at__lt=until)


def incidents_by(key: str, until: datetime) -> tuple[list[tuple[str, int]], int]:
    """How many incidents each `area` or `type` had in a year, by its code, zero where it had none;
    and how many have none. What was merged or cancelled is not counted."""
    since = until - timedelta(days=SHARES_DAYS)
    rows = Incident.objects.filter(opened_at__gte=since, opened_at__lt=until, merged_into=None)
    counted = rows.exclude(state="cancelled").order_by().values_list(f"{key}__code")
    tally = dict(counted.annotate(n=Count("pk")))
    unknown = tally.pop(None, 0)
    nouns = Area.objects.all() if key == "area" else IncidentType.objects.filter(active=True)
    codes = {*nouns.values_list("code", flat=True), *tally}
    return [(code, tally.get(code, 0)) for code in sorted(codes)], unknown
