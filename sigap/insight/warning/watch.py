"""Early warnings: runs the scans over what was recorded, and says what is to be proposed. Reads
only; whoever calls it keeps what was found."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from sigap.core.parameters import value
from sigap.core.queries import city_zone
from sigap.proposals.found import Calibrated, Finding
from sigap.proposals.machine import STEPS
from sigap.proposals.models import Threshold

from .bursts import HOURS, find_burst, hours_of_day
from .calibrate import Calibration, Curve, calibrate
from .events import DAY, Case, Map, agencies, cases_of, city_map, surge_at, tables
from .rise import Rise, last_week
from .scan import WINDOW, YEAR, Cylinder, Floats, expected_of, most_unusual, prior_of

PAST = 2 * (YEAR + WINDOW)  # days that are read
STALE = timedelta(days=7)  # after which thresholds are made anew
GROWN = 1.2  # or when there are so many times the cases
BURST_AREAS, BURST_M = 4, 2500.0
CACHED = ("scan", "rise", "either")


@dataclass(frozen=True)
class Watched:
    """What a scan has found, which thresholds were made anew for it, or why it could not say."""

    findings: Sequence[Finding] = ()
    calibrated: Sequence[Calibrated] = ()
    why: str = ""  # surge, short


@dataclass
class _Past:
    """All that the scans stand on, read once."""

    ground: Map
    counts: dict[str, npt.NDArray[np.int_]]
    prior: Floats
    owners: dict[str, str]
    thresholds: dict[str, Threshold] = field(default_factory=dict)

    def period(self, stream: str) -> int:
        known = self.thresholds.get(stream)
        return known.period if known else STEPS[0]


def due(now: datetime) -> datetime:
    """The last moment of the day at which a daily scan was to be run, in the city's time."""
    here = now.astimezone(city_zone())
    at = datetime.combine(here.date(), time(int(value("insight.scan_h"))), here.tzinfo)
    return at if at <= here else at - DAY


def watch_days(until: datetime) -> Watched:
    """What was unusual in the last 1 to 14 days: in neighbourhoods, and in the whole city."""
    if surge_at(until):
        return Watched(why="surge")
    past = _past(until)
    if past is None:
        return Watched(why="short")
    zones = past.ground.zones(
        most=int(value("insight.near_areas")), radius_m=value("insight.near_m")
    )
    least = int(value("insight.least_cases"))
    findings: list[Finding] = []
    calibrated: list[Calibrated] = []
    for stream, counts in past.counts.items():
        if stream not in past.owners:
            continue
        where = most_unusual(counts, zones, past.prior, least=least)
        week = last_week(counts.sum(axis=1), least=least)
        if where is None and not week.score:
            continue
        known = _kept(past.thresholds.get(stream), int(counts.sum()), until)
        if known is None:
            known = calibrate(counts, zones, past.prior, least=least, name=stream)
            calibrated.append(_to_keep(stream, counts, known))
        scan, rise = np.array(where.score if where else 0.0), np.array(week.score)
        once_in = float(known.once_in(scan, rise))
        if once_in < past.period(stream):
            continue
        if where is not None and _is_local(where, week, known):
            areas = [past.ground.codes[n] for n in where.areas]
            seen, expected, days, kind = where.seen, where.expected, where.days, "cluster"
        else:
            areas, seen, expected, days, kind = [], week.seen, week.expected, 7, "rise"
        since = until - days * DAY
        named = _named(cases_of(since, until, {stream}), since, areas)
        findings.append(
            Finding(
                kind=kind,
                stream=stream,
                agency=past.owners[stream],
                areas=areas,
                cases=named,
                since=since,
                until=until,
                seen=seen,
                expected=expected,
                once_in=once_in,
            )
        )
    return Watched(findings, calibrated)


def watch_hours(until: datetime) -> Watched:
    """Bursts within the last three hours."""
    if surge_at(until):
        return Watched(why="surge")
    least = int(value("insight.burst_cases"))
    recent = cases_of(until - timedelta(hours=HOURS), until)
    streams = {s for s, n in Counter(c.stream for c in recent if c.area).items() if n >= least}
    if not streams:
        return Watched()
    past = _past(until)
    if past is None:
        return Watched(why="short")
    zones = past.ground.zones(most=BURST_AREAS, radius_m=BURST_M)
    columns = {code: n for n, code in enumerate(past.ground.codes)}
    findings = []
    for stream in sorted(streams & set(past.owners)):
        mine = [c for c in recent if c.stream == stream and c.area in columns]
        ages = np.array([(until - c.at) / timedelta(hours=1) for c in mine])
        areas = np.array([columns[c.area] for c in mine], dtype=np.int_)
        hourly = _hourly(past, stream, until)
        found = find_burst(ages, areas, hourly, zones, least=least)
        if found is None or found.once_in < past.period(stream):
            continue
        codes = [past.ground.codes[n] for n in found.areas]
        since = until - timedelta(hours=found.hours)
        findings.append(
            Finding(
                kind="burst",
                stream=stream,
                agency=past.owners[stream],
                areas=codes,
                cases=_named(mine, since, codes),
                since=since,
                until=until,
                seen=found.seen,
                expected=found.expected,
                once_in=found.once_in,
            )
        )
    return Watched(findings)


def _is_local(where: Cylinder, week: Rise, known: Calibration) -> bool:
    """Whether the neighbourhood tells more than the whole city: it is the rarer of the two, or as
    rare and most of what there was."""
    here = known.scan.once_in(np.array(where.score))
    everywhere = known.rise.once_in(np.array(week.score))
    return bool(here > everywhere or (here == everywhere and 2 * where.seen >= week.seen))


def _past(until: datetime) -> _Past | None:
    """None where too little is recorded, or no area is known."""
    ground = city_map()
    if not ground.codes:
        return None
    counts, oldest = tables(PAST, until, ground)
    if not counts or until - oldest < value("insight.least_days") * DAY:
        return None
    prior = prior_of(list(counts.values()), ground.columns)
    kept = {row.stream: row for row in Threshold.objects.all()}
    return _Past(ground, counts, prior, agencies(), kept)


def _kept(known: Threshold | None, cases: int, now: datetime) -> Calibration | None:
    """The thresholds as they were made, unless the past has grown or they are old."""
    if known is None or known.calibrated_at is None or set(known.curves) != set(CACHED):
        return None
    if now - known.calibrated_at > STALE or cases > known.cases * GROWN:
        return None
    return Calibration(*(_curve(known.curves[name]) for name in CACHED))


def _curve(kept: Mapping[str, float]) -> Curve:
    return Curve({int(period): score for period, score in kept.items()})


def _to_keep(stream: str, counts: npt.NDArray[np.int_], made: Calibration) -> Calibrated:
    curves = {
        name: {str(period): round(score, 6) for period, score in getattr(made, name).scores.items()}
        for name in CACHED
    }
    return Calibrated(stream, curves, cases=int(counts.sum()), days=len(counts))


def _named(cases: Sequence[Case], since: datetime, areas: Sequence[str]) -> list[str]:
    """The cases that a finding is made of, the newest first."""
    found = [c.ref for c in cases if c.at >= since and (not areas or c.area in areas)]
    return found[::-1]


def _hourly(past: _Past, stream: str, until: datetime) -> Floats:
    """What was to be expected of this kind in each of the last hours, by areas."""
    zone = city_zone()
    counts = past.counts[stream]
    level, share = expected_of(counts, past.prior, np.array([len(counts) - 1]))
    mine = cases_of(until - PAST * DAY, until, {stream})
    profile = hours_of_day([case.at.astimezone(zone).hour for case in mine])
    hours = [(until - timedelta(hours=n + 0.5)).astimezone(zone).hour for n in range(HOURS)]
    return np.asarray(level[0, 0] / 24 * profile[hours][:, None] * share[0])
