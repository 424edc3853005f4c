"""The sheet on which a crew checks its vehicle and equipment, on a phone; a plain form, or what
the phone sends later from its outbox."""

import uuid

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render

from sigap.core.actors import Permission
from sigap.core.errors import Invalid
from sigap.core.names import reasons
from sigap.core.web import Request, body, view, wants_json
from sigap.fleet.actions import check_unit
from sigap.fleet.models import Unit
from sigap.fleet.names import item_names
from sigap.fleet.queries import blocked_units
from sigap.fleet.sheet import Sheet, lines

from .acts import own_unit

P = Permission


@view(P.CREW_PAGE, "GET", "POST")
def check(request: Request) -> HttpResponseBase:
    """The sheet of the own unit, and its answers. A repeat counts once; a form that is refused
    comes back with all that was ticked."""
    unit = own_unit(request.actor)
    if request.method != "POST":
        return _sheet(request, unit)
    try:
        given = body(request, Sheet)
        new = check_unit(
            unit.call_sign,
            given.findings(),
            actor=request.actor,
            source="crew",
            external_id=given.external_id,
            occurred_at=given.occurred_at,
            note=given.note,
        )
    except Invalid as error:
        if wants_json(request):
            raise
        return _sheet(request, unit, error)
    if wants_json(request):
        return JsonResponse({"ok": True, "new": new, "blocked": _blocked(unit)})
    return redirect("/crew/check" if _blocked(unit) else "/crew")


def _blocked(unit: Unit) -> list[str]:
    return blocked_units([unit.call_sign]).get(unit.call_sign, [])


def _sheet(request: Request, unit: Unit, error: Invalid | None = None) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in request.POST} if error else {}
    names, blocked = item_names(), _blocked(unit)
    context = {
        "unit": unit,
        "lines": lines(unit, given),
        "note": given.get("note", ""),
        "press": given.get("external_id") or uuid.uuid4(),
        "action": "/crew/check",
        "reasons": reasons("equipment"),
        "blocked": [names.get(item, item) for item in blocked],
        "error": error,
    }
    return render(request, "crew/check.html", context, status=error.status if error else 200)
