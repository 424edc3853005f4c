"""The evaluation (monev) on a screen, and its figures to take away."""

from datetime import date
from typing import Any, Literal

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sigap.complaints.machine import COMPLAINT
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.errors import SigapError
from sigap.core.names import named
from sigap.core.web import Request, invalid, view
from sigap.evaluation import report, written
from sigap.evaluation.complaint_report import reopened_line, survey_line
from sigap.evaluation.complaints import SECTIONS, ComplaintGroup, ComplaintTable
from sigap.evaluation.definitions import definitions, label, title
from sigap.evaluation.evaluate import Evaluation, Group, evaluate
from sigap.evaluation.period import period_of, this_month
from sigap.fleet.models import Agency

from .files import attached

TAKEN_AWAY = ("csv", "json")


class Wanted(BaseModel):
    """What to evaluate; without days, the current month."""

    model_config = ConfigDict(extra="ignore")

    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    agency: str = ""
    format: Literal["html", "csv", "json"] = "html"


@view(Permission.EVALUATE)
def screen(request: Request) -> HttpResponseBase:
    """The figures of a period, or the same as a file."""
    current = this_month()
    form = {
        "first": request.GET.get("from") or current.first.isoformat(),
        "last": request.GET.get("to") or current.last.isoformat(),
        "agency": request.GET.get("agency", ""),
        "agencies": [(a.code, named(a)) for a in Agency.objects.order_by("rank", "code")],
    }
    try:
        wanted = _wanted(request)
        period = period_of(wanted.first or current.first, wanted.last or current.last)
        found = evaluate(period, wanted.agency)
    except SigapError as error:
        if request.GET.get("format") in TAKEN_AWAY:
            raise
        context = {"form": form, "error": error}
        return render(request, "console/monev.html", context, status=error.status)
    if wanted.format in TAKEN_AWAY:
        return _file(found, wanted.format)
    return render(request, "console/monev.html", {"form": form, **_context(found)})


def _wanted(request: Request) -> Wanted:
    try:
        return Wanted.model_validate({k: v for k, v in request.GET.items() if v})
    except ValidationError as error:
        raise invalid(error) from None


def _file(found: Evaluation, form: str) -> HttpResponse:
    content = report.as_csv(found) if form == "csv" else report.as_json(found)
    of = f"-{found.agency}" if found.agency else ""
    about = f"{found.first}-{found.last}{of}"
    return attached(content, "latihan" if found.drill else "monev", about, form)


def _context(found: Evaluation) -> dict[str, Any]:
    query = {"from": found.first, "to": found.last, "agency": found.agency}
    return {
        "found": found,
        "period": (written.day(found.first), written.day(found.last), written.whole(found.days)),
        "zone": f"{timezone.localtime(clock.now()):%Z}, {found.time_zone}",
        "classes": [
            {
                "name": label(line.key),
                "calls": written.whole(line.calls),
                "share": written.percent(line.share_percent),
                "width": f"{line.share_percent or 0:.2f}",
                "parts": [(label(part), written.whole(n)) for part, n in line.parts.items()],
            }
            for line in found.calls.classes
        ],
        "total": written.whole(found.calls.total),
        "other": [(label(key), written.whole(n)) for key, n in found.calls.other.items()],
        "all": written.whole(found.calls.all),
        "abandon_rate": written.percent(found.calls.abandon_rate_percent),
        "without_unit": written.whole(found.calls.emergency_without_unit),
        "incidents": {key: written.whole(n) for key, n in vars(found.incidents).items()},
        "clocks": [_clock(key, result) for key, result in found.clocks.items()],
        "groups": [_groups(key, getattr(found, key)) for key in report.GROUPS],
        "complaints": _complaints(found.complaints),
        "case_survey": survey_line(found.case_survey, label("case_survey")),
        "clock_names": [label(key) for key in found.clocks],
        "definitions": [(title(key), text) for key, text in definitions().items()],
        "csv": "?" + urlencode({**query, "format": "csv"}),
        "json": "?" + urlencode({**query, "format": "json"}),
    }


def _clock(key: str, result: Any) -> dict[str, Any]:
    counted = (result.n, result.missing, result.derived, result.excluded, result.zero)
    return {
        "name": label(key),
        "counts": [written.whole(n) for n in counted],
        "seconds": [written.seconds(s) for s in (result.mean_s, result.p50_s, result.p90_s)],
        "targets": [
            {
                "wanted": report.wanted(target),
                "reached": report.reached(target),
                "n": written.whole(target.n),
                "met": target.met,
                "verdict": report.verdict(target),
            }
            for target in result.targets
        ],
    }


def _groups(key: str, groups: list[Group]) -> dict[str, Any]:
    return {
        "key": key,
        "name": label(key),
        "rows": [
            {
                "name": group.name,
                "incidents": written.whole(group.incidents),
                "clocks": [
                    (written.whole(r.n), written.seconds(r.p90_s)) for r in group.clocks.values()
                ],
            }
            for group in groups
        ],
    }


def _complaints(found: ComplaintTable) -> dict[str, Any]:
    return {
        "all": written.whole(found.all),
        "counted": written.whole(found.complaints),
        "other": [(label(key), written.whole(n)) for key, n in found.other.items()],
        "deadlines": [
            {
                "name": label(key),
                "counts": [
                    written.whole(n)
                    for n in (k.all, k.within, k.late, k.open, k.stopped, k.waiting)
                ],
                "share": written.percent(k.within_percent),
            }
            for key, k in found.deadlines.items()
        ],
        "times": [
            {
                "name": label(key),
                "counts": [written.whole(n) for n in (time.n, time.missing, time.excluded)],
                "days": [written.in_days(s) for s in (time.mean_s, time.p50_s, time.p90_s)],
            }
            for key, time in found.times.items()
        ],
        "reopened": reopened_line(found),
        "states": [
            (str(COMPLAINT.names[state]), written.whole(n["end"]), written.whole(n["now"]))
            for state, n in found.states.items()
        ],
        "survey": survey_line(found.survey, label("survey")),
        "groups": [
            {
                "key": f"complaints_{section}",
                "name": label(section),
                "rows": [_complaint_group(group) for group in getattr(found, section)],
            }
            for section in SECTIONS
        ],
        "deadline_names": [label(key) for key in found.deadlines],
        "time_names": [label(key) for key in found.times],
    }


def _complaint_group(group: ComplaintGroup) -> dict[str, Any]:
    survey = group.survey
    return {
        "name": group.name,
        "n": written.whole(group.complaints),
        "deadlines": [
            (written.whole(kept.within + kept.late), written.percent(kept.within_percent))
            for kept in group.deadlines.values()
        ],
        "times": [
            (written.whole(time.n), written.in_days(time.p90_s)) for time in group.times.values()
        ],
        "overdue": written.whole(group.deadlines["solved"].open),
        "reopened": written.whole(group.reopened),
        "survey": (
            written.mean(survey.mean),
            written.whole(survey.n),
            written.percent(survey.response_percent),
        ),
    }


urlpatterns = [path("monev", screen)]
