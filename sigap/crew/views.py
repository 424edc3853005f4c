"""The crew's page on a phone: one job, one next step. It works as plain forms too."""

import uuid
from pathlib import Path
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints

from sigap.core import clock
from sigap.core.actions.personal import opened
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.names import reasons
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view, wants_json
from sigap.dispatch.actions import set_availability, set_duty, step
from sigap.dispatch.jobs import jobs_of, revision
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.dispatch.schemas import Step
from sigap.fleet.schemas import Duty, InUse
from sigap.incidents.actions import add_note
from sigap.incidents.queries import get as get_incident

from .acts import jobs_told, own_unit
from .outbox import Batch, Key, press_form, take
from .photos import announced, progress, take_piece
from .state import snapshot

P = Permission
WORKER = Path(__file__).parent / "static" / "crew" / "sw.js"


class Press(Step):
    """A press of a step: `external_id` names it, so that sending it again counts once."""

    external_id: Key | None = None


class Note(BaseModel):
    """A note to the dispatcher."""

    text: Annotated[str, StringConstraints(max_length=20_000)] = ""


@view(P.CREW_PAGE)
def page(request: Request) -> HttpResponseBase:
    """The page of the person's own unit."""
    return render(request, "crew/page.html", _context(request))


@view(P.CREW_PAGE)
def shell(request: Request) -> HttpResponseBase:
    """The same page without anything of a job: what the phone keeps to open without a network."""
    return render(request, "crew/page.html", {"unit": own_unit(request.actor), "shell": True})


@view(P.CREW_PAGE)
def state(request: Request) -> HttpResponseBase:
    """All that the phone shows, unless `seen` is how it still is; and the time, by which the
    phone knows how far its own clock is off."""
    found = snapshot(own_unit(request.actor))
    if request.GET.get("seen") == found["revision"]:
        found = {"revision": found["revision"]}
    return JsonResponse(_for_phone(request) | {"state": found})


@view(P.CREW_PAGE, "POST")
def acts(request: Request) -> HttpResponseBase:
    """What was pressed, in order; each is answered. Then how all stands after it."""
    unit = own_unit(request.actor)
    answers = take(body(request, Batch), unit=unit, actor=request.actor)
    unit.refresh_from_db()
    return JsonResponse(_for_phone(request) | {"answers": answers, "state": snapshot(unit)})


@view(P.CREW_PAGE, "POST")
def act(request: Request, name: str) -> HttpResponseBase:
    """One press of a plain form."""
    press_form(name, request.POST, unit=own_unit(request.actor), actor=request.actor)
    return redirect("/crew")


@view(P.CREW_PAGE, "GET", "POST")
def photo(request: Request, key: str) -> HttpResponseBase:
    """How far a photo has come; by POST one more piece of it, from `offset` on."""
    row = announced(key, request.actor)
    if request.method == "POST":
        try:
            offset = int(request.GET.get("offset", ""))
        except ValueError:
            raise Invalid(_("Not understood: %(what)s") % {"what": "offset"}) from None
        try:
            row = take_piece(row, offset, request.body, request.actor)
        except Refused:  # another one was wanted, or it is whole by now
            row.refresh_from_db()
            return JsonResponse(progress(row), status=409)
    return JsonResponse(progress(row))


@view(P.PUBLIC)
def worker(request: Request) -> HttpResponseBase:
    """The service worker, which may look after the page although that lies above it."""
    answer = FileResponse(WORKER.open("rb"), content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/crew"
    answer["Cache-Control"] = "no-cache"
    return answer


@view(P.PUBLIC)
def manifest(request: Request) -> HttpResponseBase:
    """What the phone must know to keep the page among its apps."""
    icons: list[dict[str, str]] = [
        {"src": static("crew/icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    ]
    for size in ("192", "512"):
        png = {"src": static(f"crew/icon-{size}.png"), "sizes": f"{size}x{size}"}
        icons.append(png | {"type": "image/png", "purpose": "any"})
    png = {"src": static("crew/icon-512.png"), "sizes": "512x512", "type": "image/png"}
    icons.append(png | {"purpose": "maskable"})
    found = {
        "id": "/crew",
        "name": _("Sigap 112: crew"),
        "short_name": _("112 crew"),
        "description": _("The crew's job, also without a network."),
        "lang": get_language(),
        "start_url": "/crew",
        "scope": "/crew",
        "display": "standalone",
        "background_color": "#10151b",
        "theme_color": "#10151b",
        "icons": icons,
    }
    return JsonResponse(found, content_type="application/manifest+json")


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
    unit = own_unit(request.actor)
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
        own_unit(request.actor).call_sign,
        on_duty=given.on_duty,
        readiness=given.readiness,
        reason=given.reason,
        version=given.version,
        actor=request.actor,
    )
    return _answer(request)


def _for_phone(request: Request) -> dict[str, Any]:
    """The time, whose page it is, and the token that its next POST must show: the page itself may
    have been kept since before this person signed in."""
    now_ms = round(clock.now().timestamp() * 1000)
    return {"now_ms": now_ms, "user": request.actor.user_id, "csrf": get_token(request)}


def _own_jobs(request: Request) -> QuerySet[Assignment]:
    """The jobs of the own unit, ended ones too: a late repeat of a step must find its job."""
    return jobs_told(own_unit(request.actor))


def _open_job(request: Request, assignment_id: int) -> Assignment:
    """A job under way: what the caller told is for those who work on it now."""
    return fetch(_own_jobs(request).filter(state__in=OPEN), pk=assignment_id)


def _answer(request: Request, **more: Any) -> HttpResponse:
    """An acknowledgement for a program, else the page."""
    return JsonResponse({"ok": True, **more}) if wants_json(request) else redirect("/crew")


def _context(request: Request) -> dict[str, Any]:
    unit = own_unit(request.actor)
    jobs = jobs_of([unit.pk])
    return {
        "unit": unit,
        "job": jobs[0] if jobs else None,
        "waiting": jobs[1:],
        "decline": reasons("decline"),
        "unavailable": reasons("unavailable"),
        "press": uuid.uuid4(),
        "revision": revision(jobs, [unit]),
        "known": snapshot(unit),
    }
