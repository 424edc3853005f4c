"""How many calls to expect, and how many operators they need. See docs/demand.md."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, Missing
from sigap.core.names import named
from sigap.core.parameters import as_written, value
from sigap.core.web import Request, view
from sigap.incidents.models import IncidentType
from sigap.places.models import Area

from ..bands import band
from ..words.names import class_names

if TYPE_CHECKING:
    from sigap.insight.demand.backtest import Result
    from sigap.insight.demand.load import Handled
    from sigap.insight.demand.outlook import Outlook, Shares
    from sigap.insight.demand.roster import Case, Roster, Wish
    from sigap.insight.demand.staffing import Pattern

# What forecasts is loaded when a page asks for it: scipy takes most of a second to load, and no
# other page needs it.
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
SHOWN = 10
WELL = range(77, 84)  # percent covered by an 80 % interval that knows what it knows


@view(Permission.EVALUATE)
def demand(request: Request) -> HttpResponseBase:
    """The coming week's calls by hour, as they were forecast at night, or the same as a file."""
    from sigap.insight.demand import report as told
    from sigap.insight.demand.outlook import kept

    found, form = kept(), request.GET.get("format", "html")
    if form not in (*KINDS, "html"):
        raise Invalid(_("This format is not known."), code="format")
    if form in KINDS:
        if found is None:
            raise Missing(_("Nothing has been forecast yet."))
        return _file(found, form)
    context: dict[str, Any] = {"fault": _fault()}
    if found is not None:
        context |= _about(found) | {
            "notes": told.notes(found),
            "used": told.verdict(found.backtest),
        }
        context |= {
            "results": [_result(r) for r in (found.backtest.results if found.backtest else [])],
            "shares": [
                _shares(_("By area"), "areas", found.areas, Area.objects.all()),
                _shares(_("By type"), "types", found.types, IncidentType.objects.all()),
            ],
        }
        if found.hours:
            context |= _hours(found)
    return render(request, "console/insight_demand.html", context)


@view(Permission.EVALUATE)
def staffing(request: Request) -> HttpResponseBase:
    """Operators by hour, shifts that cover them, and what a gate or one more would change."""
    from sigap.insight.demand.outlook import kept
    from sigap.insight.demand.roster import LEAST, Wish, roster

    found = kept()
    context: dict[str, Any] = {"fault": _fault(), "least": LEAST}
    if found is not None:
        wish = Wish(
            value("insight.answer_percent"),
            value("insight.answer_s"),
            value("insight.load_percent"),
        )
        context |= _about(found) | _inputs(found, wish)
        if not context["fault"]:
            planned = roster(found, wish, _patterns())
            context |= _roster(found, planned) if planned else {"too_little": True}
    return render(request, "console/insight_staffing.html", context)


def _fault() -> str:
    """What is wrong with the city's own files."""
    from sigap.insight.demand.load import city_days

    try:
        city_days()
        _patterns()
    except ValueError as error:
        return str(error)
    return ""


def _patterns() -> "tuple[Pattern, ...]":
    from sigap.insight.demand.load import folder
    from sigap.insight.demand.staffing import read_patterns

    return read_patterns(folder() / "shifts.csv")


def _file(found: "Outlook", form: str) -> HttpResponse:
    from sigap.insight.demand import report as told

    content = told.as_csv(found) if form == "csv" else told.as_json(found)
    response = HttpResponse(content, content_type=KINDS[form])
    name = f"{'latihan' if found.drill else 'demand'}-{found.made_at:%Y-%m-%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _about(found: "Outlook") -> dict[str, Any]:
    return {
        "found": found,
        "made_at": timezone.localtime(found.made_at),
        "zone": f"{timezone.localtime(clock.now()):%Z}",
        "calls": as_written(found.calls),
        "known_days": number_format(found.known_days, 0, force_grouping=True),
        "unknown_hours": as_written(sum(gap.hours for gap in found.gaps)),
        "gaps": found.gaps,
    }


def _hours(found: "Outlook") -> dict[str, Any]:
    from sigap.insight.demand.report import rows

    hours, spread = rows(found), found.spread()
    low80, high80 = spread.interval(80)
    low95, high95 = spread.interval(95)
    at = [row["at"] for row in hours]
    mean = list(spread.mean)
    return {
        "chart": band(at, mean, [(list(low95), list(high95)), (list(low80), list(high80))]),
        "days": [
            row | {"day": date_format(row["at"], "l j F")} for row in rows(found, whole_days=True)
        ],
        "grid": _grid(at, hours),
        "heads": _heads(at),
    }


def _heads(at: Sequence[datetime]) -> list[str]:
    return [date_format(hour, "D j") for hour in at[::24]]


def _grid(at: Sequence[datetime], cells: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """The hours of the day down, the days across."""
    return [(f"{at[hour]:%H:%M}", list(cells[hour::24])) for hour in range(24)]


def _result(result: "Result") -> dict[str, Any]:
    from sigap.insight.demand.backtest import FALLBACK
    from sigap.insight.demand.report import better, method_name

    return {
        "name": method_name(result.method),
        "n": as_written(result.n),
        "crps": result.crps,
        "covered": result.covered_percent,
        "well": round(result.covered_percent) in WELL,
        "better": "" if result.method == FALLBACK else better(result),
    }


def _shares(title: str, key: str, found: "Shares", rows: Any) -> dict[str, Any]:
    from sigap.insight.demand.shares import LEAST

    names = {row.code: named(row) for row in rows}
    lines = [
        {
            "name": names.get(row.code, row.code),
            "n": row.n,
            "share": 100 * row.share,
            "in80": (100 * row.low80, 100 * row.high80),
            "in95": (100 * row.low95, 100 * row.high95),
        }
        for row in found.rows
    ]
    return {
        "title": title,
        "key": key,
        "n": as_written(found.n),
        "unknown": as_written(found.unknown),
        "least": LEAST,
        "first": lines[:SHOWN],
        "more": lines[SHOWN:],
    }


def _inputs(found: "Outlook", wish: "Wish") -> dict[str, Any]:
    return {
        "percent": as_written(wish.percent),
        "within": as_written(wish.within_s),
        "load_percent": as_written(wish.load_percent),
        "handled": [_handled(row) for row in found.handled],
        "patience": found.patience,
        "gated": found.gated,
        "gated_percent": [
            100 * part for part in (found.gated.share, found.gated.low, found.gated.high)
        ]
        if found.gated
        else None,
    }


def _handled(row: "Handled") -> dict[str, Any]:
    name = class_names().get(row.call_class, row.call_class) if row.call_class else _("All")
    return {
        "name": name,
        "n": as_written(row.n),
        "mean": row.mean_s,
        "low": row.low_s,
        "high": row.high_s,
    }


def _roster(found: "Outlook", planned: "Roster") -> dict[str, Any]:
    at = [hour.at for hour in found.hours]
    context: dict[str, Any] = {"roster": planned, "gave_up_few": planned.patience_s is None}
    if not planned.need:
        return context
    there = planned.plan.there if planned.plan else planned.need
    need = [float(n) for n in planned.need]
    context |= {
        "chart": band(at, need, [([0.0] * len(at), [float(n) for n in there])]),
        "grid": _grid(at, list(zip(planned.need, there, strict=True))),
        "heads": _heads(at),
        "busiest": date_format(at[planned.busiest], "D j M H:i"),
    }
    if planned.plan:
        context |= {
            "shifts": _shifts(planned.plan.shifts, at),
            "person_hours": as_written(planned.plan.person_hours),
            "needed_hours": as_written(sum(planned.need)),
            "cases": [_case(case, planned.patience_s is not None) for case in planned.cases],
        }
    return context


def _shifts(shifts: Any, at: Sequence[datetime]) -> list[dict[str, Any]]:
    """By shift, how many begin it on each day."""
    days = len(at) // 24
    found: dict[Any, list[int]] = {}
    for day, pattern, people in shifts:
        found.setdefault(pattern, [0] * days)[day] += people
    return [
        {
            "name": f"{p.start:02d}:00–{(p.start + p.length) % 24:02d}:00",
            "hours": p.length,
            "pause": f"{(p.start + p.break_after) % 24:02d}:00" if p.break_h else "",
            "minutes": round(60 * p.break_h),
            "people": people,
        }
        for p, people in sorted(found.items(), key=lambda row: (row[0].start, row[0].length))
    ]


def _case(case: "Case", patient: bool) -> dict[str, Any]:
    gate = {None: _("as it is"), True: _("with the gate"), False: _("without the gate")}[case.gate]
    pairs: list[tuple[float | None, float | None]] = []
    for usual, full in ((case.usual, case.full), (case.busiest_usual, case.busiest_full)):
        pairs.append((100 * usual.over, 100 * full.over))
        # Where nobody's patience is known, nobody can be said to give up, or not to.
        pairs.append((100 * usual.gives_up, 100 * full.gives_up) if patient else (None, None))
    return {"gate": gate, "more": case.more, "pairs": pairs}


urlpatterns = [path("insight/demand", demand), path("insight/staffing", staffing)]
