"""The agency board: an agency's own jobs, and the state of its own units."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.core.actions.personal import opened
from sigap.core.actors import Permission
from sigap.core.errors import Missing
from sigap.core.names import reasons
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view, wants_json
from sigap.dispatch.actions import choose_destination, set_availability, set_duty, step
from sigap.dispatch.jobs import Job, jobs_of, revision
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.dispatch.schemas import DrivesTo, Step
from sigap.fleet.models import Agency, Unit
from sigap.fleet.schemas import Duty, InUse
from sigap.incidents.queries import get as get_incident
from sigap.notify.actions import note_screen
from sigap.proposals.queries import waiting_for

from ..readiness import warnings_of
from ..words.names import alarm_names

P = Permission


@view(P.AGENCY_BOARD)
def board(request: Request) -> HttpResponseBase:
    """The board of the person's own agency."""
    return render(request, "console/agency.html", _context(request))


@view(P.AGENCY_BOARD)
def rows(request: Request) -> HttpResponseBase:
    """What the page shows in its middle, anew; 204 when `seen` is how it still is."""
    context = _context(request)
    if request.GET.get("seen") == context["revision"]:
        return HttpResponse(status=204)
    return render(request, "console/_agency_rows.html", context)


@view(P.AGENCY_BOARD, "POST")
def take_step(request: Request, assignment_id: int) -> HttpResponseBase:
    """Accept, decline, depart, arrive, complete: for a unit of the own agency only."""
    given = body(request, Step)
    job = fetch(_own_jobs(request), pk=assignment_id)
    step(
        job.pk,
        given.command,
        reason=given.reason,
        occurred_at=given.occurred_at,
        version=given.version,
        destination=given.destination,
        source="agency",
        actor=request.actor,
    )
    return _answer(request)


@view(P.AGENCY_BOARD, "POST")
def destination(request: Request, assignment_id: int) -> HttpResponseBase:
    """Say to which hospital a unit of the own agency drives."""
    job = fetch(_own_jobs(request), pk=assignment_id)
    choose_destination(job.pk, body(request, DrivesTo).destination, actor=request.actor)
    return _answer(request)


@view(P.AGENCY_BOARD, "POST")
def story(request: Request, assignment_id: int) -> HttpResponseBase:
    """What the caller told, as long as the job is open. That it was read is journalled."""
    job = fetch(_own_jobs(request).filter(state__in=OPEN), pk=assignment_id)
    incident = get_incident(job.incident_id)
    opened(
        f"incident:{incident.pk}",
        screen="agency",
        case=f"incident:{incident.pk}",
        actor=request.actor,
    )
    words = incident.chronology.body if incident.chronology else ""
    return render(request, "console/story.html", {"job": job, "words": words, "back": "/agency"})


@view(P.AGENCY_BOARD, "POST")
def availability(request: Request, call_sign: str) -> HttpResponseBase:
    """Withdraw a unit of the own agency, or bring it back."""
    given = body(request, InUse)
    own_unit(request, call_sign)
    set_availability(
        call_sign, given.command, reason=given.reason, version=given.version, actor=request.actor
    )
    return _answer(request)


@view(P.AGENCY_BOARD, "POST")
def duty(request: Request, call_sign: str) -> HttpResponseBase:
    """Set duty and readiness of a unit of the own agency."""
    given = body(request, Duty)
    own_unit(request, call_sign)
    set_duty(
        call_sign,
        on_duty=given.on_duty,
        readiness=given.readiness,
        reason=given.reason,
        version=given.version,
        actor=request.actor,
    )
    return _answer(request)


def _own_jobs(request: Request) -> QuerySet[Assignment]:
    """The jobs of the own agency's units; to others they do not exist."""
    own = Assignment.objects.select_related("unit").filter(unit__agency__code=request.actor.agency)
    return own.exclude(state="proposed")


def own_unit(request: Request, call_sign: str) -> Unit:
    """A unit of the own agency; Missing for any other."""
    own = Unit.objects.select_related("post", "agency").filter(
        agency__code=request.actor.agency, active=True
    )
    return fetch(own, call_sign=call_sign)


def _answer(request: Request) -> HttpResponse:
    """The rows anew for the page's own script, the whole page for a plain form."""
    if request.headers.get("HX-Request"):
        return render(request, "console/_agency_rows.html", _context(request))
    return JsonResponse({"ok": True}) if wants_json(request) else redirect("/agency")


def _context(request: Request) -> dict[str, Any]:
    """What the board shows; that somebody looks at it is noted, since alerts count on it."""
    agency = Agency.objects.filter(code=request.actor.agency).first()
    if agency is None:
        raise Missing(_("Your account names no agency. Ask an administrator."))
    if request.method == "GET":
        note_screen("board", actor=request.actor)
    units = list(Unit.objects.filter(agency=agency, active=True).order_by("call_sign"))
    jobs: list[Job] = jobs_of([unit.pk for unit in units])
    # What nobody has answered yet comes first, then the most urgent.
    jobs.sort(key=lambda job: (job.state != "notified", job.priority, job.id))
    warned, names = warnings_of(agency), alarm_names()
    return {
        "agency": agency,
        "units": units,
        "own": [(unit, [job for job in jobs if job.unit == unit.call_sign]) for unit in units],
        "jobs": jobs,
        "decline": reasons("decline"),
        "unavailable": reasons("unavailable"),
        "warnings": [names[code] for code in warned],
        "proposals": (proposed := waiting_for(agency.code)),
        "revision": f"{revision(jobs, units)}{len(warned)}.{proposed}",
    }


urlpatterns = [
    path("agency", board),
    path("agency/rows", rows),
    path("agency/assignments/<int:assignment_id>/step", take_step),
    path("agency/assignments/<int:assignment_id>/destination", destination),
    path("agency/assignments/<int:assignment_id>/story", story),
    path("agency/units/<str:call_sign>/availability", availability),
    path("agency/units/<str:call_sign>/duty", duty),
]
