"""Where the crew's phone is: one point now, or all that it could not send before."""

from typing import Annotated, Any

from django.http import HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, Missing
from sigap.core.web import LocalTime, Request, body, view
from sigap.dispatch.actions import report_position, take_phone
from sigap.fleet.positions.judge import set_right
from sigap.fleet.positions.reading import UNREADABLE, fix_from

Degrees = Annotated[float, Field(allow_inf_nan=False)]


class Told(BaseModel):
    """One point, or several with their times, in any order. `sent_at` is what the phone's clock
    showed when it sent this: by it a wrong one is set right."""

    lat: Degrees | None = None
    lng: Degrees | None = None
    accuracy_m: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    at: LocalTime | None = None
    sent_at: LocalTime | None = None
    points: Annotated[list[Any], Field(max_length=1000)] | None = None


@view(Permission.CREW_PAGE, "POST")
def position(request: Request) -> HttpResponseBase:
    """Where the own unit is, or was. Of several points each is answered for: one with a fault
    must not keep the others from being taken."""
    if not request.actor.unit:
        raise Missing(_("Your account names no unit. Ask an administrator."))
    told, now = body(request, Told), clock.now()
    if told.points is None:
        return _one(request, told)
    fixes = [fix_from(point, told.sent_at, now) for point in told.points]
    readable = [fix for fix in fixes if fix]
    judged = iter(take_phone(request.actor.unit, readable, actor=request.actor))
    verdicts = [next(judged) if fix else UNREADABLE for fix in fixes]
    points = [{"kept": verdict.kept, "fault": verdict.fault} for verdict in verdicts]
    return JsonResponse({"ok": True, "kept": sum(v.kept for v in verdicts), "points": points})


def _one(request: Request, told: Told) -> JsonResponse:
    if told.lat is None or told.lng is None:
        raise Invalid(_("This is not a point on the map."), code="point")
    now = clock.now()
    kept = report_position(
        request.actor.unit,
        told.lat,
        told.lng,
        at=set_right(told.at, told.sent_at, now) if told.at else now,
        accuracy_m=told.accuracy_m,
        actor=request.actor,
    )
    return JsonResponse({"ok": True, "kept": kept})
