"""The whole board once more, as it was at any second; and after-action notes at its moments."""

from datetime import timedelta
from typing import Annotated

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from sigap.core import clock
from sigap.core.actions.personal import opened
from sigap.core.actors import Actor, Permission
from sigap.core.codes import Code
from sigap.core.errors import Invalid
from sigap.core.models import Journal
from sigap.core.names import reasons
from sigap.core.personal import MAX_TEXT
from sigap.core.queries import city_zone
from sigap.core.web import LocalTime, Request, body, view
from sigap.reviews.notes.actions import strike_note, write_note

from ..ground import map_settings
from ..past.board import Moment, moment, next_incident, told
from ..rows import iso

P = Permission
_TIME = TypeAdapter(LocalTime)
AGAIN = timedelta(minutes=10)


class Note(BaseModel):
    """A remark at a moment, about the board or one incident."""

    at: LocalTime
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)]
    incident: int | None = None


class Strike(BaseModel):
    """Why a note does not count."""

    reason: Code


@view(P.SUPERVISE)
def page(request: Request) -> HttpResponseBase:
    """The replay; without a time it begins an hour ago."""
    start = _moment(request)
    context = {
        "start": {"at": iso(start.at), "reasons": dict(reasons("strike"))},
        "map_settings": map_settings(),
    }
    return render(request, "console/pastboard.html", context)


@view(P.SUPERVISE)
def board(request: Request) -> HttpResponseBase:
    """The board at a time and what followed. Which hours of the past somebody looked at is
    recorded."""
    then = _moment(request)
    _look(then, request.actor)
    return JsonResponse(told(then, clock.now()))


@view(P.SUPERVISE)
def jump(request: Request) -> HttpResponseBase:
    """When the next incident began, or the one before; null where there is none."""
    way = request.GET.get("way", "")
    if way not in ("next", "before"):
        raise Invalid(_("Say which way."), code="way")
    found = next_incident(_moment(request).at, clock.now(), back=way == "before")
    return JsonResponse({"at": iso(found)})


@view(P.SUPERVISE, "POST")
def note(request: Request) -> HttpResponseBase:
    """Keep a note at a moment."""
    given = body(request, Note)
    made = write_note(given.text, at=given.at, incident_id=given.incident, actor=request.actor)
    return JsonResponse({"ok": True, "id": made.pk})


@view(P.SUPERVISE, "POST")
def strike(request: Request, note_id: int) -> HttpResponseBase:
    """Strike a note through."""
    strike_note(note_id, reason=body(request, Strike).reason, actor=request.actor)
    return JsonResponse({"ok": True})


def _moment(request: Request) -> Moment:
    given = request.GET.get("at", "")
    now = clock.now()
    try:
        at = _TIME.validate_python(given) if given else now - timedelta(hours=1)
    except ValidationError:
        raise Invalid(_("This is no time."), code="at") from None
    if at > now:
        raise Invalid(_("This moment has not come yet."), code="future")
    return moment(at)


def _look(then: Moment, actor: Actor) -> None:
    """Once for each hour of the past, in ten minutes: it plays on by itself."""
    subject = f"board:{then.at.astimezone(city_zone()):%Y-%m-%dT%H}"
    looked = Journal.objects.filter(
        kind="person.opened", subject=subject, actor=actor.code, at__gte=clock.now() - AGAIN
    )
    if not looked.exists():
        opened(subject, screen="board_replay", actor=actor)


urlpatterns = [
    path("replay", page),
    path("replay/board", board),
    path("replay/jump", jump),
    path("replay/notes", note),
    path("replay/notes/<int:note_id>/strike", strike),
]
