"""Closed roads and bridges: on the map, as a list, and how long they hold."""

from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.names import reasons
from sigap.core.web import LocalTime, Request, body, view, wants_json
from sigap.places.actions import close_road, lift_closure, prolong_closure
from sigap.places.actions.roads import LEAST_M, MOST_M
from sigap.places.models import RoadClosure
from sigap.places.roads.kept import roads

from ..rows import Row, iso
from .incident import Lat, Lng

P = Permission
MOST_OVER = 50  # of those that are over, the latest


def _no_time(given: Any) -> Any:
    return given or None


class Closure(BaseModel):
    """Where nobody drives, why, and when to ask whether that still holds."""

    lat: Lat
    lng: Lng
    radius_m: int = 30
    reason: Code
    check_at: Annotated[LocalTime | None, BeforeValidator(_no_time)] = None


class Longer(BaseModel):
    """Until when it is known to hold."""

    check_at: LocalTime
    version: int | None = None


class Over(BaseModel):
    """People drive there again."""

    version: int | None = None


@view(P.CONSOLE)
def page(request: Request) -> HttpResponseBase:
    """The closed roads and, below, those that are open again."""
    return _page(request)


@view(P.CONSOLE)
def on_map(_request: Request) -> JsonResponse:
    """The closed roads for the map: the circles, and the pieces of road that lie in them."""
    known, names = roads(), dict(reasons("closure"))
    return JsonResponse(
        {
            "closures": [
                {
                    "id": row.pk,
                    "v": row.version,
                    "lat": row.lat,
                    "lng": row.lng,
                    "radius_m": row.radius_m,
                    "reason": names.get(row.reason, row.reason),
                    "names": row.names,
                    "check_at": iso(row.check_at),
                    "lines": [
                        known.line(int(n)) for n in known.near(row.lat, row.lng, row.radius_m)
                    ]
                    if known
                    else [],
                }
                for row in RoadClosure.objects.filter(lifted_at=None).order_by("id")
            ]
        }
    )


@view(P.DISPATCH, "POST")
def close(request: Request) -> HttpResponseBase:
    """Close the roads about a point."""
    try:
        given = body(request, Closure)
        closure = close_road(
            given.lat,
            given.lng,
            given.radius_m,
            reason=given.reason,
            check_at=given.check_at,
            actor=request.actor,
        )
    except SigapError as error:
        if wants_json(request):
            raise
        return _page(request, error)
    return _answer(request, closure)


@view(P.DISPATCH, "POST")
def prolong(request: Request, closure_id: int) -> HttpResponseBase:
    """It still holds."""
    try:
        given = body(request, Longer)
        closure = prolong_closure(
            closure_id, given.check_at, version=given.version, actor=request.actor
        )
    except Missing:
        raise
    except SigapError as error:
        if wants_json(request):
            raise
        return _page(request, error)
    return _answer(request, closure)


@view(P.DISPATCH, "POST")
def lift(request: Request, closure_id: int) -> HttpResponseBase:
    """People drive there again."""
    try:
        given = body(request, Over)
        closure = lift_closure(closure_id, version=given.version, actor=request.actor)
    except Missing:
        raise
    except SigapError as error:
        if wants_json(request):
            raise
        return _page(request, error)
    return _answer(request, closure)


def _answer(request: Request, closure: RoadClosure) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"ok": True, "closure": closure.pk, "v": closure.version})
    request.session["told"] = _("Saved.")
    return redirect("/closures")


def _page(request: Request, error: SigapError | None = None) -> HttpResponse:
    rows = RoadClosure.objects.all()
    now = clock.now()
    context = {
        "open": [_row(row) for row in rows.filter(lifted_at=None).order_by("-closed_at")],
        "over": [
            _row(row) for row in rows.exclude(lifted_at=None).order_by("-lifted_at")[:MOST_OVER]
        ],
        "now": now,
        "reasons": reasons("closure"),
        "least": LEAST_M,
        "most": MOST_M,
        "may": request.actor.may(P.DISPATCH),
        "has_roads": roads() is not None,
        "error": error,
        "typed": request.POST if error else {"radius_m": 30},
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/closures.html", context, status=error.status if error else 200)


def _row(closure: RoadClosure) -> Row:
    names = dict(reasons("closure"))
    return {"closure": closure, "reason": names.get(closure.reason, closure.reason)}


urlpatterns = [
    path("closures", page),
    path("closures/map.json", on_map),
    path("closures/add", close),
    path("closures/<int:closure_id>/prolong", prolong),
    path("closures/<int:closure_id>/lift", lift),
]
