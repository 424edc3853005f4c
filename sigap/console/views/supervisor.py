"""The supervisor's screen."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from pydantic import BaseModel

from sigap.calls.actions import (
    declare_surge,
    drop_party,
    end_surge,
    listen_in,
    release_call,
    review_call,
    take_call,
)
from sigap.calls.queries import kept_off
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.names import reasons
from sigap.core.parameters import value
from sigap.core.web import Request, body, view, wants_json

from .. import workload
from ..rows import call_rows, iso
from .answers import changed
from .recordings import playable

P = Permission
SHOWN = 100
# A review can be set right for so long where it stands.
AGAIN = timedelta(minutes=10)


class TakeOver(BaseModel):
    """Why somebody else's call is taken over."""

    reason: Code = ""


class Listening(BaseModel):
    """Whether the operator is to hear the supervisor."""

    whisper: bool = False


class Review(BaseModel):
    """What was heard in a call that the gate kept off the operators."""

    somebody: bool


class Surge(BaseModel):
    """Why a surge is declared."""

    reason: Code = ""


@view(P.SUPERVISE)
def screen(request: Request) -> HttpResponseBase:
    """Load, queue, the gate, what was missed, what is late, and whether the machine is well."""
    context = workload.rows() | workload.figures() | workload.gate()
    own = {"me": request.actor.user_id, "telephone": bool(settings.ENV.phones_url)}
    context |= own | {"reasons": reasons("takeover")}
    return render(request, "console/supervisor.html", context)


@view(P.SUPERVISE)
def rows(request: Request) -> HttpResponseBase:
    """The live rows anew; 204 when `seen` is how they still are."""
    context = workload.rows() | {"me": request.actor.user_id}
    if request.GET.get("seen") == context["revision"]:
        return HttpResponse(status=204)
    context["reasons"] = reasons("takeover")
    return render(request, "console/_supervisor_rows.html", context)


@view(P.SUPERVISE)
def figures(request: Request) -> HttpResponseBase:
    """The slow figures anew; the page asks every ten seconds."""
    return render(request, "console/_supervisor_figures.html", workload.figures())


@view(P.SUPERVISE)
def gate(request: Request) -> HttpResponseBase:
    """The figures of the gate anew; the page asks every minute."""
    return render(request, "console/_supervisor_gate.html", workload.gate())


@view(P.SUPERVISE)
def reviews(request: Request) -> HttpResponseBase:
    """The calls that the gate kept off the operators and nobody has reviewed, the newest first,
    with those that were reviewed just now. Of older ones nothing is kept that could be heard."""
    now, kept = clock.now(), timedelta(days=value("personal.audio_other_days"))
    waiting = Q(reviewed_at=None) | Q(reviewed_at__gt=now - AGAIN)
    calls = kept_off().filter(waiting, set_aside_at__gt=now - kept)
    shown = list(calls.select_related("contact").order_by("-set_aside_at", "-id")[:SHOWN])
    recordings = playable([call.pk for call in shown], request.actor)
    return JsonResponse(
        {
            "waiting": calls.filter(reviewed_at=None).count(),
            "calls": [
                row
                | {
                    "reviewed_at": iso(call.reviewed_at),
                    "somebody": call.was_somebody,
                    "recordings": recordings.get(call.pk, []),
                }
                for call, row in zip(shown, call_rows(shown), strict=True)
            ],
        }
    )


@view(P.SUPERVISE, "POST")
def review(request: Request, call_id: int) -> HttpResponseBase:
    """Say what a call was that the gate kept off the operators."""
    given = body(request, Review)
    return changed(review_call(call_id, was_somebody=given.somebody, actor=request.actor))


@view(P.SUPERVISE, "POST")
def release(request: Request, call_id: int) -> HttpResponseBase:
    """Let a call that was set aside ring for the operators."""
    return changed(release_call(call_id, actor=request.actor))


@view(P.SUPERVISE, "POST")
def surge(request: Request) -> HttpResponseBase:
    """Declare a surge, with the reason."""
    return changed(declare_surge(reason=body(request, Surge).reason, actor=request.actor))


@view(P.SUPERVISE, "POST")
def surge_over(request: Request) -> HttpResponseBase:
    """The surge is over."""
    end_surge(actor=request.actor)
    return JsonResponse({"ok": True})


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
    path("supervisor/gate", gate),
    path("supervisor/reviews", reviews),
    path("supervisor/surge", surge),
    path("supervisor/surge/end", surge_over),
    path("supervisor/calls/<int:call_id>/release", release),
    path("supervisor/calls/<int:call_id>/review", review),
    path("supervisor/calls/<int:call_id>/take-over", take_over),
    path("supervisor/calls/<int:call_id>/listen", listen),
    path("supervisor/parties/<int:party_id>/stop", stop),
]
