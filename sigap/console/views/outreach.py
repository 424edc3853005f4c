"""Outreach (sosialisasi): the events, and what was counted before and after each."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from sigap.complaints.names import audience_names
from sigap.complaints.outreach.actions import (
    Event,
    add_outreach,
    change_outreach,
    remove_outreach,
)
from sigap.complaints.outreach.models import Outreach
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.parameters import value
from sigap.core.queries import city_zone, fetch
from sigap.core.web import Request, body, invalid, view
from sigap.evaluation.outreach import Change, Effect, effects
from sigap.places.models import Area

from ..rows import Row
from ..words.surveys import material_names

P = Permission
MOST = 200  # events of a year that are shown


def _many(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


class Asked(BaseModel):
    """Which year."""

    year: Annotated[int, Field(ge=2000, le=2099)]


class Given(BaseModel):
    """What the form says of an event."""

    day: date
    area: Code = ""
    audience: Code = ""
    people: int = 0
    materials: Annotated[list[Code], BeforeValidator(_many)] = []
    note: str = ""
    version: int | None = None

    @property
    def event(self) -> Event:
        """The same for the command."""
        return Event(**self.model_dump(exclude={"version"}))


@view(P.SUPERVISE)
def screen(request: Request) -> HttpResponseBase:
    """The events of one year, the newest first, and the form for another one."""
    given = {"year": request.GET.get("year") or _today().year}
    try:
        year = Asked.model_validate(given).year
    except ValidationError as error:
        raise invalid(error) from None
    return _page(request, year)


@view(P.SUPERVISE, "POST")
def add(request: Request) -> HttpResponseBase:
    """Note an event."""
    try:
        added = add_outreach(body(request, Given).event, actor=request.actor)
    except SigapError as error:
        return _page(request, _today().year, error)
    request.session["told"] = _("Saved.")
    return redirect(f"/outreach?year={added.day.year}")


@view(P.SUPERVISE)
def one(request: Request, outreach_id: int) -> HttpResponseBase:
    """One event, to be changed or taken out."""
    return _form(request, _event(outreach_id))


@view(P.SUPERVISE, "POST")
def edit(request: Request, outreach_id: int) -> HttpResponseBase:
    """Say something else of it."""
    found = _event(outreach_id)
    try:
        given = body(request, Given)
        changed = change_outreach(
            outreach_id, given.event, version=given.version, actor=request.actor
        )
    except Missing:
        raise
    except SigapError as error:
        return _form(request, found, error)
    request.session["told"] = _("Saved.")
    return redirect(f"/outreach?year={changed.day.year}")


@view(P.SUPERVISE, "POST")
def remove(request: Request, outreach_id: int) -> HttpResponse:
    """It was none."""
    year = _event(outreach_id).day.year
    remove_outreach(outreach_id, actor=request.actor)
    request.session["told"] = _("Removed.")
    return redirect(f"/outreach?year={year}")


def _event(outreach_id: int) -> Outreach:
    return fetch(Outreach.objects.select_related("area", "note"), pk=outreach_id)


def _today() -> date:
    return clock.now().astimezone(city_zone()).date()


def _page(request: Request, year: int, error: SigapError | None = None) -> HttpResponse:
    rows = Outreach.objects.filter(day__year=year).select_related("area", "note", "by")
    found = list(rows.order_by("-day", "-pk")[:MOST])
    last = Outreach.objects.order_by("day").values_list("day__year", flat=True)
    context = {
        "here": "outreach",
        "year": year,
        "years": sorted({*last, _today().year}, reverse=True),
        "rows": [_row(effect) for effect in effects(found)],
        "people": sum(row.people for row in found),
        "days": int(value("outreach.days")),
        "least": int(value("outreach.least")),
        "error": error,
        "page_told": request.session.pop("told", ""),
        **_choices(_typed(request) or {"day": _today().isoformat()}),
    }
    return render(request, "console/outreach.html", context, status=error.status if error else 200)


def _form(request: Request, found: Outreach, error: SigapError | None = None) -> HttpResponse:
    typed = _typed(request) or {
        "day": found.day.isoformat(),
        "area": found.area.code if found.area else "",
        "audience": found.audience,
        "people": found.people,
        "materials": found.materials,
        "note": found.note.body if found.note else "",
    }
    context = {"here": "outreach", "event": found, "error": error, **_choices(typed)}
    status = error.status if error else 200
    return render(request, "console/outreach_one.html", context, status=status)


def _typed(request: Request) -> Row:
    if request.method != "POST":
        return {}
    return {name: request.POST.get(name, "") for name in request.POST} | {
        "materials": request.POST.getlist("materials")
    }


def _choices(typed: Row) -> Row:
    return {
        "typed": typed,
        "areas": Area.objects.order_by("name").values_list("code", "name"),
        "audiences": audience_names().items(),
        "materials": material_names().items(),
    }


def _row(effect: Effect) -> Row:
    event = effect.event
    told = material_names()
    return {
        "event": event,
        "audience": audience_names()[event.audience],
        "materials": ", ".join(told[code] for code in event.materials),
        "days": effect.days,
        "changes": [
            _change(change) for change in (effect.use, effect.city_use, effect.city_pranks)
        ],
    }


def _change(change: Change | None) -> Row | None:
    if change is None:
        return None
    percent = change.percent
    sign = "+" if percent and percent > 0 else ""
    return {
        "before": change.before,
        "after": change.after,
        "few": change.few,
        "percent": "" if percent is None else f"{sign}{number_format(percent, decimal_pos=1)} %",
    }


urlpatterns = [
    path("outreach", screen),
    path("outreach/add", add),
    path("outreach/<int:outreach_id>", one),
    path("outreach/<int:outreach_id>/edit", edit),
    path("outreach/<int:outreach_id>/remove", remove),
]
