"""Forecasting calls by hour: on logs that are made up from a known truth, how near the forecast
comes to what that truth itself would have said, how much better it is than last week's numbers, and
whether its 80 % interval holds 80 %. And the same, without the truth, on the log of a database that
BENCH_LOG names (sqlite:////path or postgresql://…).

`python -m bench.forecast` prints the figures of the database that the settings name.
"""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from sigap.complaints.calendar import Calendar
from sigap.insight.demand.backtest import backtest
from sigap.insight.demand.calendar import BERBUKA, SAHUR, CityDays
from sigap.insight.demand.methods import Past, Spread

from .table import Measure

WIB = ZoneInfo("Asia/Jakarta")
DAYS = CityDays(Calendar(WIB, leave_is_free=True))
# Calls per hour of the day as people are awake, midnight first.
AWAKE = (3, 2, 1.5, 1.5, 2, 4, 6, 7, 8, 8, 8, 8, 7, 7, 8, 9, 9, 9, 9, 9, 8, 7, 6, 4)


@dataclass(frozen=True)
class City:
    """A made-up log: so many calls a day, how much an hour differs beyond chance, and the days."""

    name: str
    per_day: float
    alpha: float
    first: date
    days: int


CITIES = (
    City("403 a day, 400 days", 403, 0.06, date(2024, 6, 1), 400),
    City("403 a day, Ramadan tested", 403, 0.06, date(2024, 2, 1), 410),
    City("40 a day, 400 days", 40, 0.2, date(2024, 6, 1), 400),
    City("2.4 a day, 400 days", 2.4, 0.3, date(2024, 6, 1), 400),
    City("403 a day, 100 days", 403, 0.06, date(2025, 5, 1), 100),
)
SEEDS = range(3)
FLOOR = 1.05  # times the truth's own error


def made_up(city: City, seed: int) -> tuple[Past, Spread]:
    """Its hours, and the truth that they were drawn from."""
    start = datetime.combine(city.first, datetime.min.time(), WIB).astimezone(UTC)
    hours = [(start + timedelta(hours=n)).astimezone(WIB) for n in range(city.days * 24)]
    mean = np.array([_expected(at) for at in hours]) * city.per_day / sum(AWAKE)
    chance = np.random.default_rng(seed)
    lively = chance.gamma(1 / city.alpha, city.alpha, len(hours))
    calls = chance.poisson(mean * lively).astype(float)
    return Past(hours, calls, DAYS), Spread(mean, np.full(len(hours), city.alpha))


def _expected(at: datetime) -> float:
    """The truth: more at weekends and later then, more in the rainy months, an other day in
    Ramadan."""
    weekend = at.weekday() >= 5
    found = AWAKE[(at.hour - weekend) % 24] * (1.2 if weekend else 1.0)
    found *= 1 + 0.15 * math.cos(2 * math.pi * (at.timetuple().tm_yday - 20) / 365.25)
    if DAYS.is_free(at.date()):
        found *= 1.15
    if DAYS.in_ramadan(at):
        found *= 2.2 if at.hour in SAHUR else 0.6 if at.hour in BERBUKA else 1.0
    return found


def run() -> list[Measure]:
    """Each city with a few seeds; and the log that is given."""
    found = [measure for city in CITIES for measure in _city(city)]
    if log := os.environ.get("BENCH_LOG"):
        found += _log(log)
    return found


def _city(city: City) -> list[Measure]:
    floor, naive, covered, whole, took = [], [], [], [], []
    for seed in SEEDS:
        past, truth = made_up(city, seed)
        began = time.perf_counter()
        tested = backtest(past)
        took.append(time.perf_counter() - began)
        results = {result.method: result for result in tested.results}
        used, n = results[tested.used], results[tested.used].n
        own = float(np.mean(_tail(truth, n).crps(past.calls[-n:])))
        floor.append(used.crps / own)
        naive.append(used.crps / results["last_week"].crps)
        covered.append(used.covered_percent)
        whole.append(used.whole_percent)
    low, high = min(covered), max(covered)
    return [
        Measure(f"{city.name}: error over the truth's own", _mean(floor), at_most=FLOOR),
        Measure(f"{city.name}: error over last week's numbers", _mean(naive), at_most=0.95),
        Measure(f"{city.name}: in the 80 % interval, least", low, "%", at_least=77),
        Measure(f"{city.name}: in the 80 % interval, most", high, "%", at_most=83),
        Measure(f"{city.name}: in it as whole calls", _mean(whole), "%", at_least=77),
        Measure(f"{city.name}: backtest of twelve weeks", max(took), "s"),
    ]


def _tail(truth: Spread, n: int) -> Spread:
    return Spread(truth.mean[-n:], truth.alpha[-n:])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _log(database: str) -> list[Measure]:
    """In a process of its own, which knows that database only."""
    here = os.environ | {"SIGAP_DATABASE_URL": database}
    command = [sys.executable, "-m", "bench.forecast"]
    done = subprocess.run(command, capture_output=True, check=True, env=here, text=True)
    told = json.loads(done.stdout)
    name = "the log given"
    found = [Measure(f"{name}: known days", told["days"]), Measure(f"{name}: n", told["n"], "h")]
    if told["n"]:
        found += [
            Measure(f"{name}: error ({told['used']})", told["crps"], "calls"),
            Measure(f"{name}: error over last week's numbers", told["naive"]),
            Measure(f"{name}: in the 80 % interval", told["covered"], "%", 83),
            Measure(f"{name}: the same, at least", told["covered"], "%", at_least=77),
        ]
    return found


def main() -> None:
    """The backtest of a database's own log, up to its last whole day."""
    from sigap.config.cli import start_django

    start_django()
    from django.db.models import Max

    from sigap.calls.models import Call
    from sigap.core.queries import city_zone
    from sigap.insight.demand.load import city_days, load

    last = Call.objects.aggregate(last=Max("began_at"))["last"]
    told: dict[str, object] = {"days": 0, "n": 0}
    if last is not None:
        end = last.astimezone(city_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
        past = load(city_days(), end).past
        told["days"] = round(past.known_days, 1)
        tested = backtest(past) if past.calls.any() else None
        if tested and tested.results:
            results = {result.method: result for result in tested.results}
            used = results[tested.used]
            told |= {"used": used.method, "n": used.n, "crps": used.crps}
            told |= {"naive": used.crps / results["last_week"].crps}
            told |= {"covered": used.covered_percent}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
