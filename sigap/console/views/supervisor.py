"""The supervisor's screen."""

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from pydantic import BaseModel

from sigap.calls.actions import drop_party, listen_in, take_call
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.names import reasons
from sigap.core.web import Request, body, view, wants_json

from .. import workload

P = Permission


class TakeOver(BaseModel):
    """Why somebody else's call is taken over."""

    reason: Code = ""


class Listening(BaseModel):
    """Whether the operator is to hear the supervisor."""

    whisper: bool = False


@view(P.SUPERVISE)
def screen(request: Request) -> HttpResponseBase:
    """Load, queue, what was missed, what is late, and whether the machine is well."""
    context = workload.rows() | workload.figures() | {"reasons": reasons("takeover")}
    return render(request, "console/supervisor.html", context)


@view(P.SUPERVISE)
def rows(request: Request) -> HttpResponseBase:
    """The live rows anew; 204 when `seen` is how they still are."""
    context = workload.rows()
    if request.GET.get("seen") == context["revision"]:
        return HttpResponse(status=204)
    context["reasons"] = reasons("takeover")
    return render(request, "console/_supervisor_rows.html", context)


@view(P.SUPERVISE)
def figures(request: Request) -> HttpResponseBase:
    """The slow figures anew; the page asks every ten seconds."""
    return render(request, "console/_supervisor_figures.html", workload.figures())


@view(P.SUPERVISE, "POST")
def take_over(request: Request, call_id: int) -> HttpResponseBase:
    """Take a call from a console that has gone silent, with the reason."""
    take_call(call_id, reason=body(request, TakeOver).reason, actor=request.actor)
    if wants_json(request):
        return JsonResponse({"ok": True, "call": call_id})
    return redirect("/calls")


@view(P.SUPERVISE, "POST")
def listen(request: Request, call_id: int) -> HttpResponseBase:
    """Hear a call, or whisper to its operator."""
    given = body(request, Listening)
    party = listen_in(call_id, whisper=given.whisper, actor=request.actor)
    return _done(request, party.pk)


@view(P.SUPERVISE, "POST")
def stop(request: Request, party_id: int) -> HttpResponseBase:
    """Listen no more."""
    return _done(request, drop_party(party_id, actor=request.actor).pk)


def _done(request: Request, party: int) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"ok": True, "party": party})
    return redirect("/supervisor")


urlpatterns = [
    path("supervisor", screen),
    path("supervisor/rows", rows),
    path("supervisor/figures", figures),
    path("supervisor/calls/<int:call_id>/take-over", take_over),
    path("supervisor/calls/<int:call_id>/listen", listen),
    path("supervisor/parties/<int:party_id>/stop", stop),
]
