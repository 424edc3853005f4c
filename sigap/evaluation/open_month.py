"""What the city publishes of a month that is over: counts and times of which none is of few.

All of it is computed at once and kept as it was (an edition): corrected figures would tell, by
the difference to those of the day before, about the one case that was corrected. Reads only.

Complaints of categories on the public list can be counted there by anybody. Their counts
are therefore no secret behind which that of another could hide; and secret reports, which are on no
list, are counted without category and kelurahan, so that no difference to the list shows them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from sigap.calls.models import Call
from sigap.complaints.models import Category, Complaint
from sigap.core.parameters import value
from sigap.fleet.models import Agency
from sigap.places.models import Area

from .calls import CallTable, call_table
from .complaints import APART, IMPORT, ComplaintTable
from .complainttimes import TimeResult
from .disclosure import Shown, rounded, shown, shown_line, shown_table
from .evaluate import ClockResult, Evaluation, Group, evaluate
from .period import Period, period_of
from .survey import Survey

CALL_LINES = ("valid", "prank", "ghost", "information", "abandoned", "other")
DEADLINE_PARTS = ("within", "late", "stopped", "waiting")


def month_of(day: date) -> Period:
    """The month that a day lies in."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return period_of(first, following - timedelta(days=1))


def first_month() -> date | None:
    """The first day of the month in which the record begins; None while nothing is recorded."""
    begun = Call.objects.order_by("began_at").values_list("began_at", flat=True).first()
    filed = Complaint.objects.exclude(channel=IMPORT).order_by("filed_at")
    known = [at for at in (begun, filed.values_list("filed_at", flat=True).first()) if at]
    zone = period_of(date(2000, 1, 1), date(2000, 1, 1)).zone
    return min(known).astimezone(zone).date().replace(day=1) if known else None


def call_lines(table: CallTable) -> dict[str, int]:
    """Every call in exactly one line: the four public classes, the abandoned, and all others."""
    found = {line.key: line.calls for line in table.classes}
    found["abandoned"] = table.other["abandoned"]
    found["other"] = table.all - sum(found.values())
    return found


def open_month(period: Period) -> dict[str, Any]:
    """All that is published of a month, as plain data; None is what is hidden or unknown."""
    least = round(value("transparency.least"))
    found = evaluate(period)
    complaints = _complaints(period, found.complaints, least)
    # As many were asked as are closed: where that is hidden, this must not tell it.
    closed = complaints["states"].get("closed", 0) is not None
    return {
        "least": least,
        "calls": _calls(period, least),
        "response": _response(found, least),
        "complaints": complaints,
        "survey": _survey(found.complaints.survey, least, tells_asked=closed),
        "case_survey": _survey(found.case_survey, least),
    }


def _calls(period: Period, least: int) -> dict[str, Any]:
    days = [period.first + timedelta(days=n) for n in range(period.days)]
    counts = {
        (day.isoformat(), line): n
        for day in days
        for line, n in call_lines(call_table(period_of(day, day))).items()
    }
    table = shown_table(counts, [day.isoformat() for day in days], list(CALL_LINES), least)
    return {
        "total": table.total,
        "lines": table.columns,
        "days": {
            day: {"total": total} | {line: table.cells[day, line] for line in CALL_LINES}
            for day, total in table.rows.items()
        },
    }


def _response(found: Evaluation, least: int) -> dict[str, Any]:
    of_agencies = {clock: _of_agencies(clock, found.by_agency, least) for clock in found.clocks}
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    return {
        "incidents": shown(found.incidents.total, least),
        "clocks": {
            clock: _clock(result, least, whole=True) for clock, result in found.clocks.items()
        },
        "agencies": [
            {
                "code": group.code,
                **_named(agencies.get(group.code), group.code),
                "clocks": {
                    clock: _clock(result, least, whole=group.code in of_agencies[clock])
                    for clock, result in group.clocks.items()
                },
            }
            for group in sorted(found.by_agency, key=lambda group: group.code)
        ],
    }


def _of_agencies(clock: str, groups: Iterable[Group], least: int) -> set[str]:
    """The agencies whose times of one clock are shown: as of a total, lest the city's mean minus
    those of the others be the mean of few."""
    line = shown_line({group.code: group.clocks[clock].n for group in groups}, least)
    return {code for code, n in line.items() if n}


def _clock(result: ClockResult | TimeResult, least: int, *, whole: bool) -> dict[str, Any]:
    """The 9th of 10 is one case's own time: it is shown only where there are twice as many."""
    enough = whole and result.n >= least
    return {
        "n": result.n if enough else (0 if result.n == 0 else None),
        "mean_s": _rounded(result.mean_s if enough else None),
        "p50_s": _rounded(result.p50_s if enough else None),
        "p90_s": _rounded(result.p90_s if enough and result.n >= 2 * least else None),
    }


def _complaints(period: Period, found: ComplaintTable, least: int) -> dict[str, Any]:
    categories = {category.code: category for category in Category.objects.all()}
    areas = {area.code: area for area in Area.objects.all()}
    counts = _by_category_and_area(period)
    listed = {code for code, category in categories.items() if category.publish != "never"}
    table = _table(counts, listed, least)
    total = table.total
    parts: Mapping[str, Mapping[str, int]] = {
        "states": {group.code: group.complaints for group in found.by_state},
        **{
            name: {part: getattr(kept, part) for part in DEADLINE_PARTS}
            for name, kept in found.deadlines.items()
        },
    }
    told = {
        name: shown_line(line, least)
        if not 0 < sum(line.values()) < least and total is not None
        else dict.fromkeys(line)
        for name, line in parts.items()
    }
    return {
        "total": total,
        "categories": [
            {"code": code, **_named(categories.get(code), code), "n": n}
            for code, n in table.columns.items()
        ],
        "areas": [
            {"code": code, "name": areas[code].name if code in areas else "", "n": n}
            for code, n in table.rows.items()
        ],
        # Only what is not 0, or hidden: most of the table is empty.
        "cells": [[r, c, n] for (r, c), n in table.cells.items() if n != 0],
        "states": told.pop("states"),
        "deadlines": told,
        # As many as have come so far: told exactly it would tell what the states hide.
        "times": {
            name: _clock(time, least, whole=True) | {"n": rounded(time.n, least)}
            for name, time in found.times.items()
        },
    }


def _by_category_and_area(period: Period) -> Counter[tuple[str, str]]:
    """Counted by the database: by kelurahan and category, "" where it is not known or secret."""
    filed = Complaint.objects.filter(filed_at__gte=period.start, filed_at__lt=period.end)
    rows = filed.exclude(channel=IMPORT).exclude(state__in=APART).order_by()
    found: Counter[tuple[str, str]] = Counter()
    grouped = rows.values_list("area__code", "category__code", "secret").annotate(n=Count("pk"))
    for area, category, secret, n in grouped:
        found["" if secret else area or "", "" if secret else category or ""] += n
    return found


def _table(counts: Counter[tuple[str, str]], listed: set[str], least: int) -> Shown:
    """The table of kelurahan and categories, protected as if all that the public list tells were
    known already."""
    rows = sorted({r for r, _c in counts} | set(Area.objects.values_list("code", flat=True)))
    columns = sorted({c for _r, c in counts} | set(Category.objects.values_list("code", flat=True)))
    unlisted = [c for c in columns if c not in listed]
    quiet = {cell: n for cell, n in counts.items() if cell[1] not in listed}
    table = shown_table(quiet, rows, unlisted, least)
    loud = {c: sum(counts[r, c] for r in rows) for c in columns if c in listed}
    known = {r: sum(counts[r, c] for c in loud) for r in rows}
    return replace(
        table,
        total=_more(table.total, sum(loud.values()), least),
        rows={r: _more(n, known[r], least) for r, n in table.rows.items()},
        columns={
            c: table.columns[c] if c in table.columns else shown(loud[c], least) for c in columns
        },
        cells=table.cells | {(r, c): shown(counts[r, c], least) for r in rows for c in loud},
    )


def _more(hidden: int | None, known: int, least: int) -> int | None:
    return None if hidden is None else shown(hidden + known, least)


def _survey(found: Survey, least: int, *, tells_asked: bool = True) -> dict[str, Any]:
    enough = found.n >= least
    return {
        "asked": shown(found.asked, least) if tells_asked else None,
        "n": shown(found.n, least),
        "response_percent": found.response_percent if enough and tells_asked else None,
        "mean": found.mean if enough else None,
    }


def _named(row: Agency | Category | None, code: str) -> dict[str, str]:
    """As it is called now, in both languages: an edition keeps the names of its time."""
    return {"name": row.name if row else code, "name_en": row.name_en if row else code}


def _rounded(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
