"""Mass events: what can wait is put behind, what is lacking is listed, units gather at a point."""

from django.http import HttpResponseBase
from django.urls import path

from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.web import Request, body, view
from sigap.incidents import actions

from .answers import changed
from .incident import Lat, Lng, Version

P = Permission


class Lack(Version):
    """So much of something is lacking; `version` is that of the need, where it was known."""

    what: Code
    count: int


class Arrived(Version):
    """So much of it has come; `ended`: no more is needed."""

    met: int
    ended: bool = False


class Staging(Version):
    """Where units gather; without a point nowhere."""

    lat: Lat | None = None
    lng: Lng | None = None


@view(P.DISPATCH, "POST")
def park(request: Request, incident_id: int) -> HttpResponseBase:
    """Put it behind the more urgent ones."""
    given = body(request, Version)
    return changed(actions.park_incident(incident_id, version=given.version, actor=request.actor))


@view(P.DISPATCH, "POST")
def unpark(request: Request, incident_id: int) -> HttpResponseBase:
    """Take it up with the others again."""
    given = body(request, Version)
    return changed(actions.unpark_incident(incident_id, version=given.version, actor=request.actor))


@view(P.DISPATCH, "POST")
def staging(request: Request, incident_id: int) -> HttpResponseBase:
    """Say where units gather."""
    given = body(request, Staging)
    return changed(
        actions.set_staging(
            incident_id, given.lat, given.lng, version=given.version, actor=request.actor
        )
    )


@view(P.MANAGE_INCIDENTS, "POST")
def need(request: Request, incident_id: int) -> HttpResponseBase:
    """Say what is lacking."""
    given = body(request, Lack)
    return changed(
        actions.ask_need(
            incident_id, given.what, given.count, version=given.version, actor=request.actor
        )
    )


@view(P.MANAGE_INCIDENTS, "POST")
def met(request: Request, need_id: int) -> HttpResponseBase:
    """Say how much of it has come."""
    given = body(request, Arrived)
    return changed(
        actions.meet_need(
            need_id, given.met, ended=given.ended, version=given.version, actor=request.actor
        )
    )


urlpatterns = [
    path("incidents/<int:incident_id>/park", park),
    path("incidents/<int:incident_id>/unpark", unpark),
    path("incidents/<int:incident_id>/staging", staging),
    path("incidents/<int:incident_id>/needs", need),
    path("needs/<int:need_id>/met", met),
]
