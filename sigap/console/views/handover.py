"""Handing a call, or an incident, to a neighbouring centre: what goes is seen before it is sent."""

from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, StringConstraints

from sigap.calls.handset import best
from sigap.calls.models import Call
from sigap.calls.queries import get as get_call
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import SigapError
from sigap.core.names import named
from sigap.core.web import Request, body, view
from sigap.incidents.models import Incident, IncidentType
from sigap.incidents.queries import get as get_incident
from sigap.neighbours.actions import hand_over
from sigap.neighbours.queries import centres, city_code, record_of_incident, suggested
from sigap.neighbours.record import Record
from sigap.neighbours.telling import point

from ..casefile import look
from ..words.neighbours import part_names
from .incident import Lat, Lng

P = Permission
Words = Annotated[str, StringConstraints(max_length=4000)]
# Of a call all goes that is known, its number too: whoever looks after it must be able to ring
# back (vital interest). Of an incident the words that others wrote are left to a person's choice.
OF_CALL = ("place", "address", "words", "number")
OF_INCIDENT = (*OF_CALL, "units", "notes")
CHOSEN = ("state", *OF_CALL)


def _many(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


class Offer(BaseModel):
    """What is typed on the call screen, or on the form itself; `send` when it is to go."""

    centre: Code = ""
    parts: Annotated[list[Code], BeforeValidator(_many)] = []
    type: Code = ""
    address: Words = ""
    what: Words = ""
    lat: Lat | None = None
    lng: Lng | None = None
    send: bool = False


@view(P.MANAGE_INCIDENTS, "GET", "POST")
def of_call(request: Request, call_id: int) -> HttpResponseBase:
    """Hand a call over. What stands in the triage form comes with it."""
    call = get_call(call_id)
    look(call, screen="handover", actor=request.actor, again_after_s=600)
    given = body(request, Offer)
    told = _of_call(call, given)
    return _offer(request, told, given, call=call, incident=call.incident)


@view(P.MANAGE_INCIDENTS, "GET", "POST")
def of_incident(request: Request, incident_id: int) -> HttpResponseBase:
    """Hand an incident over, with what is known of it."""
    incident = get_incident(incident_id)
    look(incident, screen="handover", actor=request.actor, again_after_s=600)
    given = body(request, Offer)
    return _offer(request, _of_incident(incident), given, incident=incident)


def _offer(
    request: Request,
    told: Record,
    given: Offer,
    *,
    call: Call | None = None,
    incident: Incident | None = None,
) -> HttpResponse:
    error: SigapError | None = None
    if request.method == "POST" and given.send:
        try:
            row = hand_over(
                told,
                given.centre,
                ["state", *given.parts],
                call_id=call.pk if call else None,
                incident_id=incident.pk if incident and not call else None,
                actor=request.actor,
            )
            return redirect(f"/neighbours/handovers/{row.pk}")
        except SigapError as refused:
            error = refused
    offered = OF_CALL if call and not incident else OF_INCIDENT
    likely = suggested(told.lat, told.lng, told.address)
    chosen = given.parts if given.send else [p for p in offered if p in CHOSEN]
    context = {
        "call": call,
        "incident": incident,
        "given": given,
        "told": told,
        "typed": call is not None and incident is None,
        "centres": [(c.code, named(c), c.phone, bool(c.url)) for c in centres()],
        "likely": given.centre or (likely.code if likely else ""),
        "suggestion": named(likely) if likely else "",
        "types": [(t.code, named(t)) for t in IncidentType.objects.filter(active=True)],
        "parts": [
            (part, part_names()[part], _shown(told, part), part in chosen) for part in offered
        ],
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "console/handover_new.html", context, status=status)


def _of_call(call: Call, given: Offer) -> Record:
    """What is known of a call; an incident that it has already says more."""
    caller = call.contact.number if call.contact else ""
    if call.incident is not None:
        told = _of_incident(get_incident(call.incident.pk))
        return told.model_copy(update={"caller": caller or told.caller})
    phone = best(call.positions.filter(erased_at=None, lat__isnull=False))
    here = (given.lat, given.lng) if given.lat is not None else None
    measured = (phone.lat, phone.lng) if phone else None
    lat, lng = here or measured or (None, None)
    kind = IncidentType.objects.filter(code=given.type).first() if given.type else None
    return Record(
        sender=city_code(),
        type_codes=[kind.code] if kind else [],
        type_text=kind.name if kind else "",
        priority=kind.priority if kind else None,
        priority_text=f"P{kind.priority}" if kind else "",
        lat=lat,
        lng=lng,
        radius_m=phone.radius_m if phone and here is None else None,
        address=given.address,
        caller=caller,
        rang_at=call.presented_at,
        what=given.what,
    )


def _of_incident(incident: Incident) -> Record:
    told = record_of_incident(incident, reference="")
    call = incident.calls.exclude(contact=None).select_related("contact").order_by("id").first()
    number = call.contact.number if call and call.contact else ""
    return told.model_copy(update={"caller": number or told.caller})


def _shown(told: Record, part: str) -> str:
    """What would go, in words."""
    return {
        "place": point(told),
        "address": told.address,
        "words": told.what,
        "number": told.caller,
        "units": ", ".join(unit.name for unit in told.units),
        "notes": _("%(n)d notes") % {"n": len(told.notes)} if told.notes else "",
    }[part]


urlpatterns = [
    path("calls/<int:call_id>/handover", of_call),
    path("incidents/<int:incident_id>/handover", of_incident),
]
