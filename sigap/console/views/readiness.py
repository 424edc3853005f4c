"""Readiness: the board of all agencies, an agency's own equipment, hospitals."""

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, StringConstraints, model_validator

from sigap.core.actors import Actor, Permission
from sigap.core.codes import Code
from sigap.core.errors import Invalid, Missing, Refused
from sigap.core.names import reasons
from sigap.core.queries import fetch
from sigap.core.web import Line, LocalTime, Request, body, view, wants_json
from sigap.dispatch.actions import choose_destination
from sigap.dispatch.schemas import DrivesTo
from sigap.fleet.actions import change_equipment, check_unit, count_beds, divert, say_receiving
from sigap.fleet.hospitals import known_now, may_report
from sigap.fleet.models import Equipment, Hospital, HospitalBeds, Unit
from sigap.fleet.sheet import Sheet, lines

from ..readiness import board, houses
from .agency import own_unit
from .answers import changed

P = Permission
Count = Annotated[int, Field(ge=-(10**6), le=10**6)]


class Piece(BaseModel):
    """Which piece it is and until when it may be used."""

    label: Annotated[Line, StringConstraints(max_length=40)] | None = None
    expires_on: date | None = None
    version: int | None = None


class Receiving(BaseModel):
    """Whether the hospital receives patients; `refused`: which specialties it does not."""

    receiving: Literal["yes", "no", "limited"]
    refused: list[Code] = []
    version: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_is_a_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("refused"), str):
            return {**data, "refused": [data["refused"]]}
        return data


class Diversion(BaseModel):
    """Why ambulances go elsewhere, and until when."""

    reason: Code = ""
    until: LocalTime
    version: int | None = None


class Counted(BaseModel):
    """The beds that are free, and how many there are; what is left out stays as it was."""

    ed_free: Count | None = None
    ed_total: Count | None = None
    icu_free: Count | None = None
    icu_total: Count | None = None
    general_free: Count | None = None
    general_total: Count | None = None


@view(P.LIVE)
def screen(request: Request) -> HttpResponseBase:
    """The board: all agencies for the control room and the wall, an agency's own for its people."""
    return render(request, "console/readiness.html", _board(request.actor))


@view(P.LIVE)
def rows(request: Request) -> HttpResponseBase:
    """What the board shows, anew; 204 when `seen` is how it still is."""
    context = _board(request.actor)
    if request.GET.get("seen") == context["revision"]:
        return HttpResponse(status=204)
    return render(request, "console/_readiness_rows.html", context)


@view(P.AGENCY_BOARD)
def unit_page(request: Request, call_sign: str) -> HttpResponseBase:
    """The sheet of one of the own agency's units, and what is known of what it carries."""
    return _unit_page(request, own_unit(request, call_sign))


@view(P.AGENCY_BOARD, "POST")
def check(request: Request, call_sign: str) -> HttpResponseBase:
    """A sheet of checks of one of the own agency's units."""
    unit = own_unit(request, call_sign)
    try:
        sheet = body(request, Sheet)
        new = check_unit(
            call_sign,
            sheet.findings(),
            actor=request.actor,
            source="agency",
            external_id=sheet.external_id,
            occurred_at=sheet.occurred_at,
            note=sheet.note,
        )
    except Invalid as error:
        if wants_json(request):
            raise
        return _unit_page(request, unit, error)
    if wants_json(request):
        return JsonResponse({"ok": True, "new": new})
    return redirect("/readiness")


@view(P.AGENCY_BOARD, "POST")
def piece(request: Request, equipment_id: int) -> HttpResponseBase:
    """The label and the expiry date of something that a unit of the own agency carries."""
    own = Equipment.objects.filter(unit__agency__code=request.actor.agency)
    row = fetch(own.select_related("unit"), pk=equipment_id)
    try:
        given = body(request, Piece)
        change_equipment(
            row.pk,
            label=given.label,
            expires_on=given.expires_on,
            version=given.version,
            actor=request.actor,
        )
    except (Invalid, Refused) as error:
        if wants_json(request):
            raise
        return _unit_page(request, row.unit, error)
    if wants_json(request):
        return JsonResponse({"ok": True})
    return redirect(f"/readiness/units/{row.unit.call_sign}#piece-{row.pk}")


@view(P.DISPATCH, "POST")
def destination(request: Request, job_id: int) -> HttpResponseBase:
    """Say to which hospital a unit drives."""
    job = choose_destination(job_id, body(request, DrivesTo).destination, actor=request.actor)
    if wants_json(request):
        return changed(job)
    return redirect(f"/incidents/{job.incident_id}#where-title")


@view(P.LIVE)
def hospital_page(request: Request, code: str) -> HttpResponseBase:
    """What is known of a hospital, and the forms for whoever may say more."""
    return _hospital_page(request, code)


@view(P.LIVE, "POST")
def receiving(request: Request, code: str) -> HttpResponseBase:
    """Say whether it receives patients."""
    return _said(request, code, _receiving)


@view(P.LIVE, "POST")
def diversion(request: Request, code: str) -> HttpResponseBase:
    """Let ambulances go elsewhere for a while."""
    return _said(request, code, _diversion)


@view(P.LIVE, "POST")
def beds(request: Request, code: str) -> HttpResponseBase:
    """Say how many beds are free."""
    return _said(request, code, _beds)


def _receiving(request: Request, code: str) -> None:
    given = body(request, Receiving)
    said = {"refused": given.refused, "version": given.version}
    say_receiving(code, given.receiving, actor=request.actor, **said)  # type: ignore[arg-type]


def _diversion(request: Request, code: str) -> None:
    given = body(request, Diversion)
    divert(
        code,
        reason=given.reason,
        until=given.until,
        version=given.version,
        actor=request.actor,
    )


def _beds(request: Request, code: str) -> None:
    given = body(request, Counted)
    told = {
        kind: (getattr(given, f"{kind}_free"), getattr(given, f"{kind}_total"))
        for kind in HospitalBeds.KINDS
    }
    count_beds(code, told, actor=request.actor)


def _said(request: Request, code: str, say: Any) -> HttpResponseBase:
    """Do what was said; a form comes back with what is wrong, and with what was typed."""
    try:
        say(request, code)
    except (Invalid, Refused) as error:
        if wants_json(request):
            raise
        return _hospital_page(request, code, error)
    if wants_json(request):
        return JsonResponse({"ok": True})
    return redirect(f"/readiness/hospitals/{code}")


def _board(actor: Actor) -> dict[str, Any]:
    everything = actor.may(P.WALL)
    if not everything and not actor.agency:
        raise Missing(_("Your account names no agency. Ask an administrator."))
    context = board("" if everything else actor.agency)
    own = actor.agency if actor.may(P.AGENCY_BOARD) else ""
    return context | {"everything": everything, "own_code": own}


def _unit_page(
    request: Request, unit: Unit, error: Invalid | Refused | None = None
) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in request.POST} if error else {}
    context = {
        "unit": unit,
        "lines": lines(unit, given),
        "note": given.get("note", ""),
        "press": given.get("external_id") or uuid.uuid4(),
        "action": f"/readiness/units/{unit.call_sign}/check",
        "reasons": reasons("equipment"),
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "console/readiness_unit.html", context, status=status)


def _hospital_page(
    request: Request, code: str, error: Invalid | Refused | None = None
) -> HttpResponse:
    rows = Hospital.objects.select_related("status", "agency").prefetch_related("beds")
    hospital = fetch(rows, code=code)
    status = getattr(hospital, "status", None)
    given = {name: request.POST.get(name, "") for name in request.POST} if error else {}
    house = houses(known_now([hospital]))[0]
    context = {
        "hospital": hospital,
        "house": house,
        "beds": [
            (beds, given.get(f"{beds.kind}_free", ""), given.get(f"{beds.kind}_total", ""))
            for beds in house.beds
        ],
        "version": status.version if status else "",
        "may": request.actor.may(P.DISPATCH) or may_report(hospital, request.actor),
        "reasons": reasons("diversion"),
        "given": given,
        "refused": request.POST.getlist("refused") if error else [],
        "error": error,
    }
    answer = error.status if error else 200
    return render(request, "console/readiness_hospital.html", context, status=answer)


urlpatterns = [
    path("dispatch/jobs/<int:job_id>/destination", destination),
    path("readiness", screen),
    path("readiness/rows", rows),
    path("readiness/units/<str:call_sign>", unit_page),
    path("readiness/units/<str:call_sign>/check", check),
    path("readiness/equipment/<int:equipment_id>", piece),
    path("readiness/hospitals/<str:code>", hospital_page),
    path("readiness/hospitals/<str:code>/receiving", receiving),
    path("readiness/hospitals/<str:code>/diversion", diversion),
    path("readiness/hospitals/<str:code>/beds", beds),
]
