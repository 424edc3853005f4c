"""Where help is, as roughly as a caller is told: in which kelurahan, how far, about how long.

The point is that of a grid that the city sets, so that looking again and again tells no more.
"""

from dataclasses import dataclass
from math import ceil, cos, isfinite, radians

from sigap.core import clock
from sigap.core.names import in_language
from sigap.core.parameters import value
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import rules
from sigap.dispatch.recommend import eta_seconds
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident
from sigap.incidents.queries import family_ids
from sigap.places.geo import METRES_PER_DEGREE, distance_m
from sigap.places.queries import area_at, travel_times

ON_THE_WAY = ("notified", "acknowledged", "en_route")


@dataclass(frozen=True)
class Coming:
    """One unit that was sent. Without a place: where it is, nobody knows."""

    kind: str
    state: str
    area: str = ""
    km: float | None = None
    minutes: int | None = None
    age_s: int | None = None


def coming(incident: Incident) -> list[Coming]:
    """The units that work for it, the first to be there first."""
    rows = Assignment.objects.select_related("unit").filter(
        incident_id__in=family_ids(incident), state__in=OPEN
    )
    found = [_one(job, incident) for job in rows.order_by("pk")]
    return sorted(found, key=lambda one: (one.state in ON_THE_WAY, one.minutes or 10_000))


def _one(job: Assignment, incident: Incident) -> Coming:
    unit, kind = job.unit, in_language(job.unit, "kind")
    at = unit.position_at
    if job.state not in ON_THE_WAY or at is None or unit.lat is None or unit.lng is None:
        return Coming(kind, job.state)
    age = (clock.now() - at).total_seconds()
    if age > value("dispatch.position_age_s") or incident.point is None:
        return Coming(kind, job.state)
    lat, lng = _coarse(unit)
    area, km = area_at(lat, lng), distance_m(lat, lng, *incident.point) / 1000
    return Coming(
        kind,
        job.state,
        area=area.name if area else "",
        km=max(0.5, round(km * 2) / 2),
        minutes=_minutes((unit.lat, unit.lng), incident.point),
        age_s=round(age),
    )


def _coarse(unit: Unit) -> tuple[float, float]:
    """The nearest point of the grid."""
    step = value("callers.coarse_m") / METRES_PER_DEGREE
    lat = round((unit.lat or 0.0) / step) * step
    across = step / cos(radians(lat))
    return lat, round((unit.lng or 0.0) / across) * across


def _minutes(place: tuple[float, float], goal: tuple[float, float]) -> int | None:
    [seconds] = travel_times(goal, [place])
    if not isfinite(seconds):
        city = rules()
        straight = distance_m(*place, *goal)
        seconds = eta_seconds(straight, speed_kmh=city.speed_kmh, detour=city.detour)
    return max(1, ceil(seconds / 60))
