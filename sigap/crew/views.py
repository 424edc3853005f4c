"""The crew's page on a phone: one job, one next step. It works as plain forms too."""

import uuid
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints

from sigap.core.actions.personal import opened
from sigap.core.actors import Permission
from sigap.core.errors import Missing
from sigap.core.names import reasons
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view, wants_json
from sigap.dispatch.actions import set_availability, set_duty, step
from sigap.dispatch.jobs import jobs_of, revision
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.dispatch.schemas import Step
from sigap.fleet.models import Unit
from sigap.fleet.schemas import Duty, InUse
from sigap.incidents.actions import add_note
from sigap.incidents.queries import get as get_incident

P = Permission


class Press(Step):
    """A press of a step: `external_id` names it, so that sending it again counts once."""

    external_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")] | None = None


class Note(BaseModel):
    """A note to the dispatcher."""

    text: Annotated[str, StringConstraints(max_length=20_000)] = ""


@view(P.CREW_PAGE)
def page(request: Request) -> HttpResponseBase:
    """The page of the person's own unit."""
    return render(request, "crew/page.html", _context(request))


@view(P.CREW_PAGE)
def job(request: Request) -> HttpResponseBase:
    """The middle of the page anew; 204 when `seen` is how it still is."""
    context = _context(request)
    if request.GET.get("seen") == context["revision"]:
        return HttpResponse(status=204)
    return render(request, "crew/_job.html", context)


@view(P.CREW_PAGE, "POST")
def take_step(request: Request, assignment_id: int) -> HttpResponseBase:
    """A step of the own unit's job."""
    given = body(request, Press)
    row = fetch(_own_jobs(request), pk=assignment_id)
    moved = step(
        row.pk,
        given.command,
        reason=given.reason,
        occurred_at=given.occurred_at,
        external_id=given.external_id,
        version=given.version,
        destination=given.destination,
        source="crew",
        actor=request.actor,
    )
    return _answer(request, state=moved.state)


@view(P.CREW_PAGE, "POST")
def note(request: Request, assignment_id: int) -> HttpResponseBase:
    """A note for the dispatcher, in the incident's timeline."""
    row = _open_job(request, assignment_id)
    add_note(row.incident_id, body(request, Note).text, actor=request.actor)
    return _answer(request)


@view(P.CREW_PAGE, "POST")
def story(request: Request, assignment_id: int) -> HttpResponseBase:
    """What the caller told, as long as the job is open. That it was read is journalled."""
    row = _open_job(request, assignment_id)
    incident = get_incident(row.incident_id)
    case = f"incident:{incident.pk}"
    opened(case, screen="crew", case=case, actor=request.actor)
    words = incident.chronology.body if incident.chronology else ""
    return render(request, "crew/story.html", {"incident": incident.pk, "words": words})


@view(P.CREW_PAGE, "POST")
def availability(request: Request) -> HttpResponseBase:
    """Take the own unit out of service, or put it back."""
    given = body(request, InUse)
    unit = _own_unit(request)
    set_availability(
        unit.call_sign,
        given.command,
        reason=given.reason,
        version=given.version,
        actor=request.actor,
    )
    return _answer(request)


@view(P.CREW_PAGE, "POST")
def duty(request: Request) -> HttpResponseBase:
    """Set duty and readiness of the own unit."""
    given = body(request, Duty)
    set_duty(
        _own_unit(request).call_sign,
        on_duty=given.on_duty,
        readiness=given.readiness,
        reason=given.reason,
        version=given.version,
        actor=request.actor,
    )
    return _answer(request)


def _own_unit(request: Request) -> Unit:
    unit = Unit.objects.filter(call_sign=request.actor.unit, active=True).first()
    if unit is None:
        raise Missing(_("Your account names no unit. Ask an administrator."))
    return unit


def _own_jobs(request: Request) -> QuerySet[Assignment]:
    """The jobs of the own unit, ended ones too: a late repeat of a step must find its job."""
    return Assignment.objects.filter(unit=_own_unit(request)).exclude(state="proposed")


def _open_job(request: Request, assignment_id: int) -> Assignment:
    """A job under way: what the caller told is for those who work on it now."""
    return fetch(_own_jobs(request).filter(state__in=OPEN), pk=assignment_id)


def _answer(request: Request, **more: Any) -> HttpResponse:
    """The page's middle for its script, an acknowledgement for a program, else the page."""
    if request.headers.get("HX-Request"):
        return render(request, "crew/_job.html", _context(request))
    return JsonResponse({"ok": True, **more}) if wants_json(request) else redirect("/crew")


def _context(request: Request) -> dict[str, Any]:
    unit = _own_unit(request)
    jobs = jobs_of([unit.pk])
    return {
        "unit": unit,
        "job": jobs[0] if jobs else None,
        "waiting": len(jobs) - 1,
        "decline": reasons("decline"),
        "unavailable": reasons("unavailable"),
        "press": uuid.uuid4(),
        "revision": revision(jobs, [unit]),
    }
