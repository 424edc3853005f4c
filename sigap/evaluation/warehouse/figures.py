"""The evaluation of a period, computed over Parquet by one engine."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir  # type: ignore[import-untyped]

from ..calls import CallTable, table_of
from ..complaints import OTHER
from ..evaluate import ClockResult, IncidentCount, TargetResult
from ..models import CLOCKS
from ..period import Period
from . import fromjournal, measures
from .engines import Warehouse, opened
from .tables import micros

Rows = list[dict[str, Any]]
SECTIONS = {
    "by_agency": "agency",
    "by_type": "type",
    "by_area": "area",
    "by_priority": "priority",
}
COMPLAINTS = {
    "by_class": "complaint_class",
    "by_category": "category",
    "by_area": "area",
    "by_channel": "channel",
    "by_state": "state",
}
EXACT, CUBE = "exact", "cube"


@dataclass(frozen=True)
class CodeGroup:
    """The clocks of the incidents of one agency, type, area or priority, by its code."""

    code: str
    incidents: int
    clocks: dict[str, ClockResult]


@dataclass(frozen=True)
class Figures:
    """What `sigap warehouse monev` prints; its fields are the keys of the JSON. They mean what
    those of `sigap monev` mean; see docs/monev.md."""

    cities: list[str]
    drill: bool
    first: str
    last: str
    engine: str
    # How P50 and P90 came about: over the raw values, or from buckets that merge, and then by
    # how many percent they may be off.
    percentiles: str
    percentile_error_percent: float
    calls: CallTable
    by_city: list[dict[str, Any]]
    by_month: list[dict[str, Any]]
    incidents: IncidentCount | None
    clocks: dict[str, ClockResult]
    by_agency: list[CodeGroup]
    by_type: list[CodeGroup]
    by_area: list[CodeGroup]
    by_priority: list[CodeGroup]
    complaints: dict[str, Any] | None


def evaluate(
    root: Path,
    first: datetime,
    last: datetime,
    *,
    city: str = "",
    engine: str = "duckdb",
    master: str = "",
    memory: str = "",
    from_journal: bool = False,
    margin: int | None = None,
) -> Figures:
    """Evaluate whole local days, the last included: of one city or of all that lie below
    `root`. `from_journal`: class table and clocks from journal rows alone, without the facts
    that the city computed; `margin`: only of rows that were recorded so many months before and
    after the period, which misses what was corrected or merged later (None: all rows)."""
    # Only checks the days here: each city's own days are in its tables.
    period = Period(first.date(), last.date(), ZoneInfo("UTC"))
    with opened(root, engine, city, master=master, memory=memory) as warehouse:
        asked = _Asked(warehouse, period)
        return asked.from_journal(engine, margin) if from_journal else asked.from_facts(engine)


class _Asked:
    """The questions about one period."""

    def __init__(self, warehouse: Warehouse, period: Period) -> None:
        self.warehouse, self.period, self.rows = warehouse, period, warehouse.rows
        # Cities agree on most targets, and each is compared with all that is read.
        targets = measures.different_targets(warehouse.table("targets"))
        self.targets: Rows = sorted(self.rows(targets), key=lambda target: target["rank"])
        self.exact = len(warehouse.cities) == 1

    def from_facts(self, engine: str) -> Figures:
        """All figures, from the facts."""
        calls, incidents, readings = map(self._days, ("calls", "incidents", "readings"))
        whole = readings.filter(readings.agency == "")
        groups: dict[str, Any] = {
            section: self._groups(
                readings.filter(readings.agency != "") if column == "agency" else whole,
                column,
                by_size=column != "priority",
            )
            for section, column in SECTIONS.items()
        }
        [counted] = self.rows(measures.incident_counts(incidents))
        return Figures(
            **self._about(engine),
            calls=self._calls(calls),
            by_city=self.rows(measures.class_shares(calls, "city")),
            by_month=self.rows(measures.class_shares(calls, "month")),
            incidents=IncidentCount(**counted),
            clocks=self._clocks(whole).get((), _no_clocks(self.targets)),
            complaints=self._complaints(),
            **groups,
        )

    def from_journal(self, engine: str, margin: int | None) -> Figures:
        """Class table and clocks, from journal rows alone."""
        months = () if margin is None else _months(self.period, margin)
        journal = self.warehouse.table("journal", months)
        spans = {city.city: _span(self.period, city.time_zone) for city in self.warehouse.cities}
        calls = fromjournal.calls(journal, self.warehouse.table("dispositions"), spans)
        readings = fromjournal.readings(journal, spans)
        return Figures(
            **self._about(engine),
            calls=self._calls(calls),
            by_city=[],
            by_month=[],
            incidents=None,
            clocks=self._clocks(readings, targets=()).get((), _no_clocks(())),
            by_agency=[],
            by_type=[],
            by_area=[],
            by_priority=[],
            complaints=None,
        )

    def _days(self, name: str) -> ir.Table:
        table = self.warehouse.table(name)
        return table.filter(table.day.between(self.period.first, self.period.last))

    def _about(self, engine: str) -> dict[str, Any]:
        cities = self.warehouse.cities
        return {
            "cities": [city.city for city in cities],
            "drill": cities[0].drill,
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
            "engine": engine,
            "percentiles": EXACT if self.exact else CUBE,
            "percentile_error_percent": 0.0 if self.exact else round(100 * measures.ERROR, 3),
        }

    def _calls(self, calls: ir.Table) -> CallTable:
        found = self.rows(measures.class_lines(calls))
        lines = Counter({row["line"]: row["calls"] for row in found})
        unanswered, without = (
            sum(row[key] for row in found) for key in ("unanswered", "without_unit")
        )
        return table_of(lines, unanswered, without)

    def _groups(self, readings: ir.Table, column: str, *, by_size: bool) -> list[CodeGroup]:
        found = [
            CodeGroup(code, max(clock.cases for clock in clocks.values()), clocks)
            for (code,), clocks in self._clocks(readings, (column,)).items()
        ]
        if by_size:
            return sorted(found, key=lambda g: (-g.incidents, g.code))
        return sorted(found, key=lambda g: g.code)

    def _clocks(
        self, readings: ir.Table, by: Sequence[str] = (), targets: Sequence[Any] | None = None
    ) -> dict[tuple[str, ...], dict[str, ClockResult]]:
        """The five clocks of all, or of each code of the column in `by`."""
        wanted = self.targets if targets is None else targets
        reached = self._compared(readings, wanted, by)
        ask: Callable[..., ir.Table] = measures.clock_figures
        source = readings
        if not self.exact:
            ask, source = measures.cube_figures, measures.cube(readings, (*by, "clock"))
        found: dict[tuple[str, ...], dict[str, ClockResult]] = {}
        for row in self.rows(ask(source, by)):
            figures = reached.get(_key(row, by), {})
            results = [
                _reached(target, figures, place)
                for place, target in enumerate(wanted)
                if target["clock"] == row["clock"]
            ]
            found.setdefault(_key(row, by), {})[row["clock"]] = _clock(row, results)
        return {key: {c: clocks[c] for c in CLOCKS} for key, clocks in found.items()}

    def _compared(
        self, readings: ir.Table, targets: Sequence[Any], by: Sequence[str]
    ) -> dict[tuple[str, ...], dict[str, Any]]:
        if not targets:
            return {}
        wanted = [
            measures.Wanted(target["clock"], target["target_group"], target["seconds"])
            for target in targets
        ]
        rows = self.rows(measures.target_figures(readings, wanted, by))
        return {_key(row, by): row for row in rows}

    def _complaints(self) -> dict[str, Any]:
        filed, sent = self._days("complaints"), self._days("referrals")
        lines = Counter(
            {r["code"]: r["n"] for r in self.rows(measures.counted_by(filed, ["line"]))}
        )
        counted = self.rows(
            measures.counted_by(filed.filter(filed.counted), list(COMPLAINTS.values()))
        )
        counted += self.rows(measures.counted_by(sent.filter(sent.counted), ["agency"]))
        counted.sort(key=lambda row: (-row["n"], row["code"]))
        return {
            "all": lines.total(),
            "complaints": lines.total() - sum(lines[key] for key in OTHER),
            "other": {key: lines[key] for key in OTHER},
            **{
                section: [
                    {"code": row["code"], "complaints": row["n"]}
                    for row in counted
                    if row["column"] == column
                ]
                for section, column in (COMPLAINTS | {"by_agency": "agency"}).items()
            },
        }


def _span(period: Period, zone: str) -> tuple[int, int]:
    own = Period(period.first, period.last, ZoneInfo(zone))
    start, end = micros(own.start), micros(own.end)
    assert start is not None and end is not None
    return start, end


def _months(period: Period, margin: int) -> list[str]:
    """The months of the period, and so many before and after it."""
    first, last = (day.year * 12 + day.month - 1 for day in (period.first, period.last))
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(first - margin, last + margin + 1)]


def _key(row: dict[str, Any], by: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[column] for column in by)


def _clock(row: dict[str, Any], targets: list[TargetResult]) -> ClockResult:
    if "p50_us" in row:
        p50, p90 = row["p50_us"], row["p90_us"]
    else:
        p50, p90 = (
            measures.told(row[f"p{percent}_bucket"], row["min_us"], row["max_us"])
            for percent in measures.PERCENTS
        )
    counts = {name: row[name] for name in ("cases", "n", "missing", "derived", "excluded", "zero")}
    return ClockResult(
        **counts,
        mean_s=_seconds(_mean(row)),
        p50_s=_seconds(p50),
        p90_s=_seconds(p90),
        targets=targets,
    )


def _reached(target: dict[str, Any], figures: dict[str, Any], place: int) -> TargetResult:
    row = {name: figures.get(f"{name}_{place}") or 0 for name in ("n", "within", "sum_us")}
    value: float | None
    if target["statistic"] == "mean":
        value = None if (mean := _mean(row)) is None else mean / measures.SECOND
        met = None if value is None else value <= target["seconds"]
        value = None if value is None else round(value, 3)
    else:
        value = 100 * row["within"] / row["n"] if row["n"] else None
        met = None if value is None else value >= target["percent"]
        value = None if value is None else round(value, 2)
    return TargetResult(
        group=target["target_group"],
        statistic=target["statistic"],
        percent=target["percent"],
        seconds=target["seconds"],
        source=target["source"],
        n=row["n"],
        value=value,
        met=met,
    )


def _mean(row: dict[str, Any]) -> float | None:
    return row["sum_us"] / row["n"] if row["n"] else None


def _seconds(us: float | None) -> float | None:
    return None if us is None else round(us / measures.SECOND, 3)


def _no_clocks(targets: Sequence[dict[str, Any]]) -> dict[str, ClockResult]:
    """The clocks of a time in which nothing happened: nobody is counted, nothing is 0 s."""
    nothing = dict.fromkeys(("cases", "n", "missing", "derived", "excluded", "zero"), 0)
    row = {**nothing, "sum_us": None, "p50_us": None, "p90_us": None}
    return {
        clock: _clock(row, [_reached(t, {}, 0) for t in targets if t["clock"] == clock])
        for clock in CLOCKS
    }
