"""Mulai jaga: the start of a shift at a desk, its pauses and its end."""

from typing import Annotated

from django.conf import settings
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints

from sigap.core.actions.shifts import end_shift, pause_shift, resume_shift, start_shift
from sigap.core.actors import Permission, Role
from sigap.core.codes import Code
from sigap.core.errors import Invalid
from sigap.core.models import Shift
from sigap.core.names import role_names
from sigap.core.web import Request, body, view, wants_json

P = Permission
# The roles that sit at a desk, and the screen that each begins with.
DESKS = {
    Role.CALL_TAKER: "/calls",
    Role.DISPATCHER: "/dispatch",
    Role.SUPERVISOR: "/supervisor",
}


class Start(BaseModel):
    """As what and where somebody begins."""

    role: Role
    desk: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""


class Pause(BaseModel):
    """Why somebody leaves the desk."""

    reason: Code = ""


@view(P.CONSOLE, "GET", "POST")
def start(request: Request) -> HttpResponseBase:
    """Choose role and desk, try the sounds; the POST begins the shift."""
    own = [role for role in DESKS if request.person and role in request.person.roles]
    if request.method == "POST":
        given = body(request, Start)
        if given.role not in own:
            raise Invalid(_("This is not one of your roles."), code="role")
        start_shift(role=given.role, desk=given.desk, actor=request.actor)
        return _go(request, DESKS[given.role])
    shifts = Shift.objects.filter(user=request.person)
    last = shifts.order_by("-started_at").first()
    context = {
        "roles": [(role.value, role_names()[role]) for role in own],
        "last": last,
        "open": shifts.filter(ended_at=None).first(),
        "telephone": bool(settings.ENV.phones_url) and request.actor.may(P.TAKE_CALLS),
    }
    return render(request, "console/start.html", context)


@view(P.CONSOLE, "POST")
def end(request: Request) -> HttpResponseBase:
    """The shift is over; the person stays signed in."""
    end_shift(actor=request.actor)
    return _go(request, "/start")


@view(P.TAKE_CALLS, "POST")
def pause(request: Request) -> HttpResponseBase:
    """Away from the desk, with the reason."""
    pause_shift(reason=body(request, Pause).reason, actor=request.actor)
    return JsonResponse({"ok": True})


@view(P.TAKE_CALLS, "POST")
def resume(request: Request) -> HttpResponseBase:
    """Back at the desk."""
    resume_shift(actor=request.actor)
    return JsonResponse({"ok": True})


def _go(request: Request, where: str) -> HttpResponseBase:
    return JsonResponse({"ok": True, "go": where}) if wants_json(request) else redirect(where)


urlpatterns = [
    path("start", start),
    path("start/end", end),
    path("shift/pause", pause),
    path("shift/resume", resume),
]
