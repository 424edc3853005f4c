"""What stands behind figures: the records of each, an agency's own page, the national feed."""

from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden
from sigap.core.names import named
from sigap.core.queries import deployment, fetch, site
from sigap.core.web import Request, invalid, view
from sigap.evaluation.feed import feed_csv, feed_json
from sigap.evaluation.paper import as_csv, shown
from sigap.evaluation.period import period_of, this_month
from sigap.evaluation.records import Wanted, records
from sigap.evaluation.scorecard import scorecard
from sigap.evaluation.typeset import as_pdf
from sigap.fleet.models import Agency

from ..words.names import class_names, gate_names
from .files import attached

P = Permission


class Days(BaseModel):
    """Which days; by default the current month."""

    model_config = ConfigDict(extra="ignore")

    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    format: Literal["html", "pdf", "csv", "json"] = "html"
    part: Literal["calls", "incidents", "complaints"] = "incidents"


def _given(request: Request, model: type[Any]) -> Any:
    try:
        return model.model_validate({k: v for k, v in request.GET.items() if v})
    except ValidationError as error:
        raise invalid(error) from None


@view(P.EVALUATE)
def behind(request: Request) -> HttpResponseBase:
    """The records behind a figure: as many as it says."""
    wanted: Wanted = _given(request, Wanted)
    found = records(wanted)
    # By the place of the column: the same code is another thing in another one.
    names: dict[int, dict[str, Any]] = {
        "calls": {1: class_names(), 3: gate_names()},
        "uses": {2: class_names()},
    }.get(wanted.of, {})
    asked = {k: v for k, v in request.GET.items() if k != "page"}
    context = {
        "title": {
            "calls": _("Calls"),
            "incidents": _("Incidents"),
            "complaints": _("Complaints"),
            "answers": _("Answers"),
            "uses": _("Calls and complaints"),
        }[wanted.of],
        "found": found,
        "wanted": wanted,
        "asked": [(k, v) for k, v in asked.items() if v and k not in ("of", "from", "to")],
        "rows": [
            (
                name,
                url if _opens(request.actor, url) else "",
                [names.get(n, {}).get(cell, cell) for n, cell in enumerate(cells)],
            )
            for name, url, cells in found.lines
        ],
        "before": _paged(asked, wanted.page - 1) if wanted.page > 1 else "",
        "after": _paged(asked, wanted.page + 1) if wanted.page < found.pages else "",
    }
    return render(request, "console/records.html", context)


def _opens(actor: Actor, url: str) -> bool:
    """Their screens show people's data: only who may see that is led there."""
    return actor.may(P.HANDLE_COMPLAINTS if url.startswith("/complaints/") else P.CONSOLE)


def _paged(asked: dict[str, Any], page: int) -> str:
    return "?" + urlencode({**asked, "page": page})


@view(P.SCORECARD)
def agencies(request: Request) -> HttpResponseBase:
    """The agencies whose page this person may see."""
    rows = [(a.code, named(a)) for a in Agency.objects.order_by("rank", "code")]
    seen = [row for row in rows if _may_see(request.actor, row[0])]
    return render(request, "console/scorecards.html", {"rows": seen})


@view(P.SCORECARD)
def agency(request: Request, code: str) -> HttpResponseBase:
    """One agency's page, beside the days before; the head of an agency sees the own one."""
    chosen, days = fetch(Agency, code=code), _given(request, Days)
    if not _may_see(request.actor, chosen.code):
        raise Forbidden(_("You see your own agency's page only."))
    current = this_month()
    period = period_of(days.first or current.first, days.last or current.last)
    paper = scorecard(period, chosen.code)
    about = f"{chosen.code}-{period.first}-{period.last}"
    leads = request.actor.may(P.EVALUATE)
    if days.format == "pdf":
        written = as_pdf(paper, base=site() if leads else None)
        return attached(written, "rapor", about, "pdf", drill=paper.drill)
    if days.format == "csv":
        return attached(as_csv(paper), "rapor", about, "csv", drill=paper.drill)
    query = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    context = {
        "code": chosen.code,
        "name": named(chosen),
        "paper": shown(paper, base="" if leads else None),
        "days": query,
        "pdf": "?" + urlencode({**query, "format": "pdf"}),
        "csv": "?" + urlencode({**query, "format": "csv"}),
    }
    return render(request, "console/scorecard.html", context)


def _may_see(actor: Actor, code: str) -> bool:
    return actor.may(P.EVALUATE) or bool(actor.agency) and actor.agency == code


@view(P.EVALUATE)
def feed(request: Request) -> HttpResponseBase:
    """The national feed of a period."""
    days, current = _given(request, Days), this_month()
    period = period_of(days.first or current.first, days.last or current.last)
    served = deployment()
    drill, about = bool(served and served.drill), f"{period.first}-{period.last}"
    if days.format == "csv":
        content, about = feed_csv(period, days.part), f"{days.part}-{about}"
        return attached(content, "umpan", about, "csv", drill=drill)
    return attached(feed_json(period), "umpan", about, "json", drill=drill)


urlpatterns = [
    path("monev/records", behind),
    path("monev/agencies", agencies),
    path("monev/agencies/<str:code>", agency),
    path("monev/feed", feed),
]
