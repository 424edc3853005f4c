"""What is tied to a legal case, so that nothing of it is erased: incidents, complaints, callers."""

from typing import Literal

from django.db import models
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.calls.queries import get as get_call
from sigap.complaints import lists
from sigap.complaints.models import Complaint
from sigap.core.actions.personal import hold, lift_hold
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Invalid, Missing
from sigap.core.journal import subject_of
from sigap.core.models import Contact
from sigap.core.names import reasons
from sigap.core.web import Line, Request, body, view
from sigap.incidents.models import Incident
from sigap.incidents.queries import get as get_incident

P = Permission


class Held(BaseModel):
    """An incident, a complaint, or the caller of a call, by its number."""

    what: Literal["incident", "complaint", "call"]
    number: Line
    reason: Code = ""


@view(P.LEGAL_HOLD)
def holds(request: Request) -> HttpResponseBase:
    """All that is held, and the form that holds more; no person is named."""
    names = dict(reasons("legal_hold"))
    held: list[tuple[str, int | str, str]] = [
        *(("incident", i.pk, i.legal_hold) for i in Incident.objects.exclude(legal_hold="")),
        *(("complaint", c.number, c.legal_hold) for c in Complaint.objects.exclude(legal_hold="")),
    ]
    callers = Contact.objects.exclude(legal_hold="").annotate(call=models.Max("calls"))
    held += [("call", contact.call, contact.legal_hold) for contact in callers]
    rows = [{"what": w, "number": n, "reason": names.get(r, r)} for w, n, r in held]
    return render(request, "console/holds.html", {"rows": rows, "reasons": names})


@view(P.LEGAL_HOLD, "POST")
def add(request: Request) -> HttpResponse:
    """Hold an incident's, a complaint's or a caller's data, with the reason."""
    given = body(request, Held)
    kept = _kept(given)
    hold(kept, given.reason, actor=request.actor, case=_case(kept))
    return redirect("/holds")


@view(P.LEGAL_HOLD, "POST")
def lift(request: Request) -> HttpResponse:
    """Let the data be erased at its time again."""
    given = body(request, Held)
    kept = _kept(given)
    lift_hold(kept, actor=request.actor, case=_case(kept))
    return redirect("/holds")


def _kept(given: Held) -> Incident | Complaint | Contact:
    if given.what == "complaint":
        return _complaint(given.number)
    if not (given.number.isascii() and given.number.isdecimal()):
        raise Invalid(_("Give its number."), code="number")
    number = int(given.number)
    if given.what == "incident":
        return get_incident(number)
    caller = get_call(number).contact
    if caller is None:
        raise Invalid(_("This call came without a number; hold its incident."), code="number")
    return caller


def _complaint(number: str) -> Complaint:
    found = lists.by_number(number)
    if found is None:
        raise Missing(_("There is no complaint with this number."))
    return found


def _case(kept: Incident | Complaint | Contact) -> str:
    return "" if isinstance(kept, Contact) else subject_of(kept)


urlpatterns = [
    path("holds", holds),
    path("holds/add", add),
    path("holds/lift", lift),
]
