"""The screen of a station: the newest job in big letters, and a sound until somebody presses."""

from typing import Any

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.names import named
from sigap.core.web import Request, view, wants_json
from sigap.dispatch.queries import get as get_job
from sigap.incidents.queries import carrier
from sigap.notify.actions import note_screen, take_from_screen
from sigap.notify.models import Alert
from sigap.notify.queries import WAITS, number_in, ringing_at, where_to_wait

from ..rows import iso

P = Permission
TEST_URGENCY = 3


@view(P.STATION)
def screen(request: Request) -> HttpResponseBase:
    """The page; the sound is unlocked by its first press."""
    own = note_screen("station", actor=request.actor)
    whose = own.unit.call_sign if own.unit else own.agency.name
    return render(request, "console/station.html", {"whose": whose, "jobs": _jobs(request)})


@view(P.STATION)
def rows(request: Request) -> HttpResponseBase:
    """What rings now. That it was asked for says that the screen is there."""
    return JsonResponse({"jobs": _jobs(request), "now": iso(clock.now())})


@view(P.STATION, "POST")
def take(request: Request, alert_id: int) -> HttpResponseBase:
    """Somebody at the station has pressed "received"."""
    take_from_screen(alert_id, actor=request.actor)
    return JsonResponse({"ok": True}) if wants_json(request) else redirect("/station")


def _jobs(request: Request) -> list[dict[str, Any]]:
    return [_row(alert) for alert in ringing_at(note_screen("station", actor=request.actor))]


def _row(alert: Alert) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": alert.pk,
        "unit": alert.unit.call_sign if alert.unit else alert.agency.short,
        "at": iso(alert.made_at),
        "test": alert.cause == "test",
    }
    if alert.cause == "mayday":
        help_asked = _("The crew itself is in need")
        return row | {"urgency": 1, "priority": 1, "type": help_asked, "place": ""}
    if row["test"]:
        return row | {"urgency": TEST_URGENCY, "priority": 0, "type": "", "place": ""}
    if alert.cause in WAITS:
        return row | {"urgency": 3, "priority": 0, "type": where_to_wait(alert), "place": ""}
    incident = carrier(get_job(number_in(alert)).incident)
    place = [incident.address.body if incident.address else ""]
    place += [incident.landmark.name if incident.landmark else ""]
    place += [incident.area.name if incident.area else ""]
    return row | {
        "urgency": min(incident.priority, 3),
        "priority": incident.priority,
        "type": named(incident.type),
        "place": ", ".join(filter(None, place)),
    }


urlpatterns = [
    path("station", screen),
    path("station/rows", rows),
    path("station/alerts/<int:alert_id>/take", take),
]
