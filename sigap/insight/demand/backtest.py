"""Which method would have said the city's own past weeks best. Pure.

Each of the last weeks is forecast from what was known before it, by every method, and compared with
what then rang. The measure is the CRPS, in calls: how far the whole distribution was off. Beside it
stands how much of what rang lay within the 80 % interval: 80 % where a method knows what it knows.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from .calendar import Numbers
from .methods import METHODS, REGRESSION_DAYS, Ahead, Method, NotConverged, Past

log = logging.getLogger("sigap.insight")
WEEKS = 12
TRAINED_DAYS = 28  # what is known before the first week that is forecast
SURE = 1.96  # standard errors: by so much a method must be better to replace a simpler one
FALLBACK = "same_hours"
# In the order in which they are preferred: a later one must be better beyond chance.
SIMPLE = ("same_hours", "regression", "trees")


@dataclass(frozen=True)
class Result:
    """How one method fared. `better_percent` is how much smaller its CRPS is than that of the
    same hours' mean, with the ends of its 95 % interval; below 0 it is worse."""

    method: str
    n: int  # hours that were forecast and are known
    crps: float
    covered_percent: float
    whole_percent: float  # within the interval of whole calls, which holds 80 % or more
    better_percent: float = 0.0
    better_low: float = 0.0
    better_high: float = 0.0


@dataclass(frozen=True)
class Backtest:
    """The methods' results, the best first, and which one is used. `failed` are those that gave
    no answer in some week, and why."""

    weeks: int
    results: list[Result]
    used: str
    failed: Mapping[str, str]


@dataclass
class _Scores:
    days: list[int]
    crps: list[Numbers]
    covered: list[Numbers]
    whole: list[Numbers]


def methods_for(past: Past) -> dict[str, Method]:
    """Those that may be tried on so many days: under 120 only plain means."""
    if past.known_days >= REGRESSION_DAYS:
        return dict(METHODS)
    return {name: METHODS[name] for name in ("last_week", "same_hours")}


def backtest(past: Past, methods: Mapping[str, Method] | None = None) -> Backtest:
    """Forecast the last weeks one after the other, each from the days before it."""
    tried = dict(methods_for(past) if methods is None else methods)
    scores = {name: _Scores([], [], [], []) for name in tried}
    failed: dict[str, str] = {}
    weeks = 0
    for start in _starts(past):
        known, told = past.before(start), past.before(start + timedelta(weeks=1))
        hours = told.hours[len(known.hours) :]
        if not hours or known.known_days < TRAINED_DAYS:
            continue
        weeks += 1
        rang = told.calls[len(known.hours) :]
        for name, method in tried.items():
            if name in failed:
                continue
            try:
                _score(scores[name], method(known, hours), hours, rang)
            except NotConverged as error:
                failed[name] = str(error)
                log.warning("%s: %s", name, error)
    done = {name: found for name, found in scores.items() if found.crps and name not in failed}
    results = sorted((_result(n, s, done) for n, s in done.items()), key=lambda r: r.crps)
    return Backtest(weeks, results, _used(results), failed)


def _starts(past: Past) -> list[datetime]:
    """Midnights, a week apart, so that the last week ends with what is known."""
    last = past.hours[-1].replace(hour=0, minute=0) + timedelta(days=1)
    return [last - timedelta(weeks=n) for n in range(WEEKS, 0, -1)]


def _score(into: _Scores, ahead: Ahead, hours: Sequence[datetime], rang: Numbers) -> None:
    low, high = ahead.hours.interval(80)
    into.days += [at.toordinal() for at in hours]
    into.crps.append(ahead.hours.crps(rang))
    into.covered.append(ahead.hours.covered(rang, 80))
    into.whole.append(((rang >= low) & (rang <= high)).astype(float))


def _result(name: str, scores: _Scores, all_of_them: Mapping[str, _Scores]) -> Result:
    crps = np.concatenate(scores.crps)
    mean = float(np.mean(crps))
    found = (
        len(crps),
        mean,
        100 * float(np.mean(np.concatenate(scores.covered))),
        100 * float(np.mean(np.concatenate(scores.whole))),
    )
    simple = all_of_them.get(FALLBACK)
    if simple is None or name == FALLBACK:
        return Result(name, *found)
    base = np.concatenate(simple.crps)
    by, error = _difference(base - crps, scores.days)
    percent = [100 * x / max(float(np.mean(base)), 1e-12) for x in (by, by - error, by + error)]
    return Result(name, *found, *percent)


def _difference(values: Numbers, days: Sequence[int]) -> tuple[float, float]:
    """The mean, and half of its 95 % interval, whole days being what repeats itself."""
    _days, place = np.unique(days, return_inverse=True)
    by_day = np.bincount(place, weights=values) / np.bincount(place)
    n = len(by_day)
    error = SURE * float(np.std(by_day, ddof=1)) / n**0.5 if n > 1 else float("inf")
    return float(np.mean(values)), error


def _used(results: Sequence[Result]) -> str:
    """The simplest one, unless another is better beyond chance; between two such, the better."""
    known = {result.method: result for result in results}
    sure = [known[m] for m in SIMPLE[1:] if m in known and known[m].better_low > 0]
    if not sure:
        return FALLBACK
    best = sure[0]
    for other in sure[1:]:  # trees must beat the regression by more than either is unsure of
        if other.better_low > best.better_percent:
            best = other
    return best.method
