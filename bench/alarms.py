"""Early warning: outbreaks put into made-up years of a city of 46 areas. How many are found within
seven days, how soon, and how often there is an alarm where nothing was put in; and how long a scan
of a year and a calibration take.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigap.insight.warning.calibrate import SILENCE, Calibration, calibrate
from sigap.insight.warning.rise import rise_scores
from sigap.insight.warning.scan import YEAR, Zones, prior_of, scores, zones_of

from .table import Measure

AREAS, SEED = 46, 112
LEVELS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)  # cases a day in the whole city, by category
DAYS, OUTBREAK, TRIALS, QUIET = 420, 7, 40, 1500
LEAST, PERIOD = 3, 30
Counts = npt.NDArray[np.int_]


@dataclass(frozen=True)
class City:
    """A city that is made up, and how often something happens where."""

    zones: Zones
    share: npt.NDArray[np.float64]
    near: Counts  # of each area itself and the nearest others

    def days(self, level: float, days: int, dice: np.random.Generator) -> Counts:
        """So many days without any outbreak; weeks differ by more than chance."""
        weeks = np.repeat(dice.gamma(20.0, 1 / 20.0, -(-days // 7)), 7)[:days]
        return np.asarray(dice.poisson(weeks[:, None] * level * self.share))


def run() -> list[Measure]:
    """Calibrate each category on its own past, then put outbreaks into what follows."""
    dice = np.random.default_rng(SEED)
    city = _city(dice)
    pasts = [city.days(level, DAYS, dice) for level in LEVELS]
    prior = prior_of(pasts, AREAS)
    known = []
    began = time.perf_counter()
    for level, past in zip(LEVELS, pasts, strict=True):
        name = f"category:{level}"
        known.append(calibrate(past, city.zones, prior, least=LEAST, name=name))
    took = (time.perf_counter() - began) / len(LEVELS)
    measures = []
    for more in (2, 4):
        delays = [
            d
            for past, level, calibration in zip(pasts, LEVELS, known, strict=True)
            for d in _outbreaks(city, past, level, more, calibration, prior, dice)
        ]
        found = [d for d in delays if d]
        share = len(found) / len(delays)
        measures += [
            Measure(f"+{more} a day: found within 7 days", share, "", at_least=0.9),
            Measure(f"+{more} a day: found on day, mean", float(np.mean(found)), "day"),
        ]
    quiet = [_quiet(city, *one, prior, dice) for one in zip(pasts, LEVELS, known, strict=True)]
    return [
        *measures,
        Measure("false alarms in 30 days, mean of categories", float(np.mean(quiet)), "", 1.3),
        Measure("false alarms in 30 days, worst category", max(quiet), "", 2),
        Measure("scan of a year", _scan_of_a_year(city, pasts[-1], prior), "s", at_most=5),
        Measure("calibration of one category", took, "s", at_most=5),
    ]


def _city(dice: np.random.Generator) -> City:
    """Areas as close as those of a city of 67 km², the smaller ones in its middle."""
    x, y = dice.normal(0, 3000, (2, AREAS))
    metres = np.hypot(x[:, None] - x, y[:, None] - y)
    share = dice.lognormal(0, 0.8, AREAS)
    zones = zones_of(metres, most=8, radius_m=3000)
    return City(zones, share / share.sum(), np.argsort(metres, axis=1)[:, :3])


def _outbreaks(
    city: City,
    past: Counts,
    level: float,
    more: int,
    known: Calibration,
    prior: npt.NDArray[np.float64],
    dice: np.random.Generator,
) -> Iterator[int]:
    """On which day each outbreak was found, counted from 1; 0 where it was not in seven."""
    for _trial in range(TRIALS):
        days = np.concatenate([past, city.days(level, OUTBREAK, dice)])
        where = city.near[dice.integers(AREAS)]
        put_in = dice.poisson(more / len(where), (OUTBREAK, len(where)))
        days[-OUTBREAK:, where] += put_in
        alarmed = np.nonzero(_alarms(days, city.zones, prior, known, OUTBREAK))[0]
        yield int(alarmed[0]) + 1 if len(alarmed) else 0


def _quiet(
    city: City,
    past: Counts,
    level: float,
    known: Calibration,
    prior: npt.NDArray[np.float64],
    dice: np.random.Generator,
) -> float:
    """Alarms in 30 days of a time in which nothing was put in."""
    days = np.concatenate([past, city.days(level, QUIET, dice)])
    alarms, quiet_until = 0, -1
    for day in np.nonzero(_alarms(days, city.zones, prior, known, QUIET))[0].tolist():
        if day > quiet_until:
            alarms, quiet_until = alarms + 1, day + SILENCE - 1
    return alarms * 30 / QUIET


def _alarms(
    days: Counts,
    zones: Zones,
    prior: npt.NDArray[np.float64],
    known: Calibration,
    last: int,
) -> npt.NDArray[np.bool_]:
    scan = scores(days, zones, prior, least=LEAST, last=last)
    rise = rise_scores(days.sum(axis=1), least=LEAST, last=last)
    return np.asarray(known.once_in(scan, rise) >= PERIOD)


def _scan_of_a_year(city: City, past: Counts, prior: npt.NDArray[np.float64]) -> float:
    began = time.perf_counter()
    scores(past, city.zones, prior, least=LEAST, last=YEAR)
    return time.perf_counter() - began
