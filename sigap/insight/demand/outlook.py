"""The week to come, as it is kept and shown: forecast, how good it is, and what staffing needs.

It takes some seconds to a minute (the backtest), so that no request ever waits for it: the
worker has it made at night, and it is kept in a file beside the database.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from sigap.core import clock
from sigap.core.queries import city_zone, deployment

from . import load as record
from .backtest import FALLBACK, Backtest, backtest, methods_for
from .calendar import unlearned
from .load import Gap, Gated, Handled, Patience
from .methods import LEAST_DAYS, METHODS, REGRESSION_DAYS, Ahead, NotConverged, Past, Spread
from .shares import Share, shares

FORMAT = 1
DAYS = 7
MOST_DAYS = 28
NIGHT = range(1, 5)  # hours, where the city is
REST, OLD = timedelta(hours=20), timedelta(hours=36)
STALE = timedelta(days=7)
ONE_HOUR = 0.95  # of all calls in one hour of the day: the times are not known


@dataclass(frozen=True)
class Hour:
    """The distribution of one hour, and of one day at its midnight: see demand.Spread."""

    at: datetime
    mean: float
    alpha: float


@dataclass(frozen=True)
class Shares:
    """Shares of a year's incidents by area or by type. `n` are those with a known one."""

    n: int
    unknown: int
    rows: list[Share]


@dataclass(frozen=True)
class Outlook:
    """All of it. `hours` is empty where too little is known; `notes` says what else is so."""

    city: str
    drill: bool
    made_at: datetime
    known_days: float
    calls: int
    first: datetime | None
    last: datetime | None
    gaps: list[Gap]
    notes: list[str]
    hours: list[Hour]
    days: list[Hour]
    backtest: Backtest | None
    areas: Shares
    types: Shares
    handled: list[Handled]
    ghosts: Handled | None
    patience: Patience
    gated: Gated | None
    format: int = field(default=FORMAT)

    def spread(self) -> Spread:
        """The distributions of the hours."""
        return _spread(self.hours)

    def day_spread(self) -> Spread:
        """The distributions of whole days."""
        return _spread(self.days)


_KEPT = TypeAdapter(Outlook)


def look_ahead(days: int = DAYS) -> Outlook:
    """Forecast the days from today on, by the method that has said the past weeks best, and
    measure what staffing needs. Raises ValueError naming a line of the city's own files."""
    city, here = deployment(), record.today()
    if city is None:
        raise ValueError("this database serves no city yet")
    found = record.load(record.city_days(), here)
    notes, ahead, tested = _forecast(found.past, _hours(here, days))
    handled = record.handling(here)
    return Outlook(
        city=city.city,
        drill=city.drill,
        made_at=clock.now(),
        known_days=found.past.known_days,
        calls=found.calls,
        first=found.first,
        last=found.last,
        gaps=found.gaps,
        notes=notes,
        hours=_as_hours(_hours(here, days), ahead.hours) if ahead else [],
        days=_as_days(_hours(here, days), ahead) if ahead else [],
        backtest=tested,
        areas=_shares("area", here),
        types=_shares("type", here),
        handled=handled,
        ghosts=record.ghosts(handled),
        patience=record.patience(here),
        gated=record.gated(here),
    )


def _hours(here: datetime, days: int) -> list[datetime]:
    start = here.astimezone(UTC)
    return [(start + timedelta(hours=n)).astimezone(here.tzinfo) for n in range(days * 24)]


def _forecast(
    past: Past, hours: Sequence[datetime]
) -> tuple[list[str], Ahead | None, Backtest | None]:
    """What is to be said beside it, the forecast if there is one, and how the methods fared."""
    if past.known_days < LEAST_DAYS or not past.calls.any():
        return ["few_days"], None, None
    notes = ["stale"] if hours[0] - past.hours[-1] > STALE else []
    notes += ["no_regression"] if past.known_days < REGRESSION_DAYS else []
    by_hour = np.bincount([at.hour for at in past.hours], weights=past.calls, minlength=24)
    if by_hour.max() > ONE_HOUR * by_hour.sum():
        notes.append("one_hour")
    tested = backtest(past, methods_for(past))
    notes += [f"failed.{name}" for name in tested.failed]
    try:
        ahead = METHODS[tested.used](past, hours)
    except NotConverged:
        notes.append(f"failed.{tested.used}")
        tested = replace(tested, used=FALLBACK)
        ahead = METHODS[FALLBACK](past, hours)
    # Means of the same hours know nothing of holidays.
    new = unlearned(past.days, past.hours, hours, any_flag=tested.used == FALLBACK)
    notes += [f"unlearned.{name}" for name in new]
    return notes, ahead, tested if tested.weeks else None


def _as_hours(hours: Sequence[datetime], spread: Spread) -> list[Hour]:
    rows = zip(hours, spread.mean, spread.alpha, strict=True)
    return [Hour(at, float(mean), float(alpha)) for at, mean, alpha in rows]


def _as_days(hours: Sequence[datetime], ahead: Ahead) -> list[Hour]:
    """Whole days. What hours differ by on their own evens out, what a day differs by does not."""
    mean, alpha = ahead.hours.mean.reshape(-1, 24), ahead.hours.alpha.reshape(-1, 24)
    whole = mean.sum(axis=1)
    own = (alpha * mean**2).sum(axis=1) / whole**2
    found = np.maximum(own, ahead.day_alpha)
    return _as_hours(hours[::24], Spread(whole, found))


def _shares(key: str, here: datetime) -> Shares:
    counts, unknown = record.incidents_by(key, here)
    return Shares(sum(n for _code, n in counts), unknown, shares(counts))


def _spread(rows: Sequence[Hour]) -> Spread:
    return Spread(np.array([r.mean for r in rows]), np.array([r.alpha for r in rows]))


def planned(outlook: Outlook, percent: float) -> list[float]:
    """The calls to staff each hour for: so many percent of such hours have no more."""
    if not outlook.hours:
        return []
    return [float(n) for n in outlook.spread().quantile(min(percent, 99.9) / 100)]


# --- kept -----------------------------------------------------------------------------


def kept_file(drill: bool) -> Path:
    """Where it is kept; a drill's apart."""
    return record.folder() / ("drill-demand.json" if drill else "demand.json")


def keep(outlook: Outlook) -> None:
    """Put it in place of the one before, at once."""
    file = kept_file(outlook.drill)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    beside.write_bytes(_KEPT.dump_json(outlook, indent=1))
    beside.replace(file)


def kept() -> Outlook | None:
    """The last one of this city; None where none was made, or by another version, or for another
    city or a drill."""
    city = deployment()
    if city is None:
        return None
    try:
        found = _KEPT.validate_json(kept_file(city.drill).read_bytes())
    except (OSError, ValidationError):
        return None
    same = (found.format, found.city, found.drill) == (FORMAT, city.city, city.drill)
    return found if same else None


def is_due() -> bool:
    """Whether one is to be made: there is none, or it is of yesterday and night, or it is older
    than that. It is cheap to ask."""
    if deployment() is None:
        return False
    last, now = kept(), clock.now()
    if last is None:
        return True
    age = now - last.made_at
    return age > OLD or (age > REST and now.astimezone(city_zone()).hour in NIGHT)
