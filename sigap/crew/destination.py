"""To which hospital a unit drives, where its crew chooses another on the way."""

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect

from sigap.core.actors import Permission
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view, wants_json
from sigap.dispatch.actions import choose_destination
from sigap.dispatch.models import Assignment
from sigap.dispatch.schemas import DrivesTo

P = Permission


@view(P.CREW_PAGE, "POST")
def destination(request: Request, assignment_id: int) -> HttpResponseBase:
    """Say to which hospital the own unit drives."""
    own = Assignment.objects.filter(unit__call_sign=request.actor.unit or None)
    row = fetch(own.exclude(state="proposed"), pk=assignment_id)
    choose_destination(row.pk, body(request, DrivesTo).destination, actor=request.actor)
    return JsonResponse({"ok": True}) if wants_json(request) else redirect("/crew")
