"""Incidents and callers that are tied to a legal case, so that nothing of them is erased."""

from typing import Annotated, Literal

from django.db import models
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from sigap.calls.queries import get as get_call
from sigap.core.actions.personal import hold, lift_hold
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Invalid
from sigap.core.journal import subject_of
from sigap.core.models import Contact
from sigap.core.names import reasons
from sigap.core.web import Request, body, view
from sigap.incidents.models import Incident
from sigap.incidents.queries import get as get_incident

P = Permission


class Held(BaseModel):
    """An incident, or the caller of a call, by its number."""

    what: Literal["incident", "call"]
    number: Annotated[int, Field(ge=1)]
    reason: Code = ""


@view(P.LEGAL_HOLD)
def holds(request: Request) -> HttpResponseBase:
    """All that is held, and the form that holds more; no person is named."""
    names = dict(reasons("legal_hold"))
    held = [("incident", i.pk, i.legal_hold) for i in Incident.objects.exclude(legal_hold="")]
    callers = Contact.objects.exclude(legal_hold="").annotate(call=models.Max("calls"))
    held += [("call", contact.call, contact.legal_hold) for contact in callers]
    rows = [{"what": w, "number": n, "reason": names.get(r, r)} for w, n, r in held]
    return render(request, "console/holds.html", {"rows": rows, "reasons": names})


@view(P.LEGAL_HOLD, "POST")
def add(request: Request) -> HttpResponse:
    """Hold an incident's or a caller's data, with the reason."""
    given = body(request, Held)
    hold(_kept(given), given.reason, actor=request.actor, case=_case(given))
    return redirect("/holds")


@view(P.LEGAL_HOLD, "POST")
def lift(request: Request) -> HttpResponse:
    """Let the data be erased at its time again."""
    given = body(request, Held)
    lift_hold(_kept(given), actor=request.actor, case=_case(given))
    return redirect("/holds")


def _kept(given: Held) -> Incident | Contact:
    if given.what == "incident":
        return get_incident(given.number)
    caller = get_call(given.number).contact
    if caller is None:
        raise Invalid(_("This call came without a number; hold its incident."), code="number")
    return caller


def _case(given: Held) -> str:
    return subject_of(Incident(pk=given.number)) if given.what == "incident" else ""


urlpatterns = [
    path("holds", holds),
    path("holds/add", add),
    path("holds/lift", lift),
]
