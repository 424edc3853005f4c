"""Where something may be: words to places, a point to its kelurahan, and what else is there.

These only read, by POST: what is asked says where somebody is, and addresses of pages end
up in the logs of proxies.
"""

from typing import Annotated

from django.http import HttpResponseBase, JsonResponse
from django.urls import path
from pydantic import BaseModel, Field, StringConstraints

from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.web import Request, body, view
from sigap.incidents.models import IncidentType
from sigap.incidents.queries import duplicate_candidates
from sigap.places.models import Area
from sigap.places.queries import area_at, find_places

from .incident import Lat, Lng

P = Permission
MOST_CANDIDATES = 6


class Words(BaseModel):
    """What the caller said."""

    q: Annotated[str, StringConstraints(max_length=500)] = ""


class Point(BaseModel):
    """A point on the map."""

    lat: Lat
    lng: Lng


class About(BaseModel):
    """What is known so far of a report."""

    type: Code | None = None
    lat: Lat | None = None
    lng: Lng | None = None
    area: Code | None = None
    exclude: Annotated[int, Field(ge=0, lt=2**63)] | None = None


@view(P.CONSOLE, "POST")
def find(request: Request) -> HttpResponseBase:
    """Areas and landmarks that the words may mean: offers, never a certainty."""
    matches = find_places(body(request, Words).q)
    return JsonResponse(
        {
            "places": [
                {
                    "kind": m.kind,
                    "id": m.id,
                    "name": m.name,
                    "area": m.area_code,
                    "lat": m.lat,
                    "lng": m.lng,
                    "precision": m.precision,
                    "score": round(m.score),
                    "ambiguous": m.ambiguous,
                    "words": m.words,
                }
                for m in matches
            ]
        }
    )


@view(P.CONSOLE, "POST")
def at(request: Request) -> HttpResponseBase:
    """The kelurahan at a point; null outside the city."""
    point = body(request, Point)
    area = area_at(point.lat, point.lng)
    return JsonResponse({"area": area.code if area else None, "name": area.name if area else None})


@view(P.CONSOLE, "POST")
def candidates(request: Request) -> HttpResponseBase:
    """Unfinished incidents that may be the reported one, with the reasons."""
    given = body(request, About)
    kind = IncidentType.objects.filter(code=given.type).first() if given.type else None
    area = Area.objects.filter(code=given.area).first() if given.area else None
    point = None if given.lat is None or given.lng is None else (given.lat, given.lng)
    if area is None and point:
        area = area_at(*point)
    found = duplicate_candidates(
        type_id=kind.pk if kind else None,
        point=point,
        area_id=area.pk if area else None,
        exclude_id=given.exclude,
    )
    return JsonResponse(
        {
            "candidates": [
                {
                    "incident": c.incident.pk,
                    "type": c.incident.type.code,
                    "priority": c.incident.priority,
                    "state": c.incident.state,
                    "address": c.incident.address.body if c.incident.address else "",
                    "area": c.incident.area.code if c.incident.area else None,
                    "metres": c.metres,
                    "minutes": c.minutes,
                    "same_type": c.same_type,
                    "same_area": c.same_area,
                }
                for c in found[:MOST_CANDIDATES]
            ]
        }
    )


urlpatterns = [
    path("incidents/candidates", candidates),
    path("places/find", find),
    path("places/at", at),
]
