"""Which area a point lies in, and where the words of a caller may be."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.errors import Invalid
from sigap.core.parameters import value
from sigap.core.queries import city_zone, deployment, fetch
from sigap.core.remembered import remembered

from .gazetteer import Gazetteer, Match, entries_from, landmark_id
from .geo import Cells, distance_m
from .models import Area, Landmark, RoadClosure, RoadSpeeds
from .roads import outside
from .roads.graph import Router
from .roads.kept import roads, router
from .roads.speeds import Speeds

_FRESH_S = 10.0
# Nothing of a city, or of the largest district, lies further from its nearest area.
_FAR_KM = 50.0


@dataclass(frozen=True)
class City:
    """The areas and landmarks of the city, ready to be asked."""

    cells: Cells | None  # None: no areas are loaded
    gazetteer: Gazetteer
    landmark_ids: dict[str, str]  # by the gazetteer's id
    areas: dict[str, Area]
    box: tuple[float, float, float, float] | None  # min lat, min lng, max lat, max lng


_city: City | None = None
_built_at = float("-inf")


def city() -> City:
    """The city's map, read anew at most every ten seconds."""
    global _city, _built_at  # noqa: PLW0603 - a cache of this process
    if _city is None or time.monotonic() - _built_at > _FRESH_S:
        areas = list(Area.objects.order_by("code"))
        landmarks = list(Landmark.objects.select_related("area").order_by("id"))
        served = deployment()
        outside = served.pack.get("names_also_outside", ()) if served else ()
        _city = City(
            cells=_cells(areas),
            gazetteer=Gazetteer(entries_from(areas, landmarks, outside)),
            landmark_ids={landmark_id(mark): str(mark.pk) for mark in landmarks},
            areas={area.code: area for area in areas},
            box=tuple(served.pack["bbox"]) if served and "bbox" in served.pack else None,
        )
        _built_at = time.monotonic()
    return _city


def _cells(areas: list[Area]) -> Cells | None:
    points = [(a.code, a.lat, a.lng) for a in areas]
    features = [
        {"id": a.code, "properties": {"code": a.code}, "geometry": a.boundary}
        for a in areas
        if a.boundary
    ]
    if features:
        return Cells.from_geojson({"features": features}, points=points)
    return Cells.from_points(points) if points else None


def is_far(lat: float, lng: float, km: float = _FAR_KM) -> bool:
    """Whether a point lies so far from all areas that it must be mistyped, or that whatever says
    that it is there must be wrong."""
    points = _label_points()
    return bool(points) and not any(distance_m(lat, lng, *at) <= km * 1000 for at in points)


@remembered
def _label_points() -> list[tuple[float, float]]:
    return list(Area.objects.values_list("lat", "lng"))


def is_outside(lat: float, lng: float) -> bool:
    """Whether a point lies in no area of the city, nor in the box that the city fits into: the
    map's areas may be approximate."""
    box = city().box
    if box and box[0] <= lat <= box[2] and box[1] <= lng <= box[3]:
        return False
    return area_at(lat, lng) is None and (box is not None or is_far(lat, lng))


def forget() -> None:
    """Read the map anew at the next question (after an edit or an import)."""
    global _built_at  # noqa: PLW0603 - a cache of this process
    _built_at = float("-inf")


def area_at(lat: float, lng: float) -> Area | None:
    """The kelurahan that this point lies in or next to; None outside the city."""
    here = city()
    if here.cells is None:
        return None
    code = here.cells.area_at(lat, lng, tolerance_m=value("places.tolerance_m"))
    return here.areas.get(code or "")


def place_of(
    lat: float | None, lng: float | None, area_code: str, landmark_id: int | None, source: str
) -> dict[str, Any]:
    """A point gives its area, unless somebody said it: the map's areas may be approximate. A
    landmark or an area gives the point that stands for it."""
    area = fetch(Area, code=area_code) if area_code else None
    mark = None
    if landmark_id is not None:
        mark = fetch(Landmark.objects.select_related("area"), pk=landmark_id)
        area = area or mark.area
    if lat is not None and lng is not None:
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            raise Invalid(_("This is not a point on the map."), code="point")
        area, source = area or area_at(lat, lng), source or "map"
    elif mark is not None and mark.lat is not None:
        lat, lng, source = mark.lat, mark.lng, "landmark"
    elif area is not None:
        lat, lng, source = area.lat, area.lng, "area"
    return {
        "lat": lat,
        "lng": lng,
        "area": area,
        "landmark": mark,
        "location_source": source if lat is not None else "",
    }


def find_places(text: str, limit: int = 6) -> list[Match]:
    """Areas and landmarks that `text` may mean, best first; never a certainty.

    The id of a match is an area's code or a landmark's key.
    """
    here = city()
    return [
        replace(m, id=here.landmark_ids[m.id]) if m.kind == "landmark" else m
        for m in here.gazetteer.search(text, limit=limit)
    ]


@remembered
def closures() -> tuple[tuple[float, float, float], ...]:
    """What is closed now: points, with the metres about them in which nobody drives."""
    rows = RoadClosure.objects.filter(lifted_at=None).order_by("id")
    return tuple(rows.values_list("lat", "lng", "radius_m"))


@remembered
def speeds() -> Speeds:
    """How fast units drive: as the city's own trips say, else as is assumed."""
    row = RoadSpeeds.objects.order_by("id").last()
    return Speeds(row.kinds, row.periods) if row else Speeds()


def travel_router() -> Router | None:
    """What answers how long it takes by road now, at this hour's speeds and round what is closed;
    None where the city has no roads, or not yet."""
    known = roads()
    if known is None:
        return None
    hour = clock.now().astimezone(city_zone()).time()
    return router(known, speeds().at(hour), closures())


def travel_times(
    goal: tuple[float, float], places: Sequence[tuple[float, float]]
) -> Sequence[float]:
    """Seconds by road from each place to a goal: by the routing service that the city has set, as
    far as it has answered, else by the city's own roads. Infinite where no open road leads there,
    not a number where nothing is known."""
    told = [nan] * len(places) if closures() else outside.times(goal, places)
    own = travel_router() if any(isnan(seconds) for seconds in told) else None
    if own is None:
        return told
    reckoned = own.times_to(*goal, places)
    return [r if isnan(t) else t for t, r in zip(told, reckoned, strict=True)]


def travel_matrix(
    goals: Sequence[tuple[float, float]], places: Sequence[tuple[float, float]]
) -> npt.NDArray[np.float64]:
    """Seconds by the city's own roads from each place to each goal, a row for each goal: infinite
    where no open road leads there, not a number where nothing is known."""
    own = travel_router() if goals and places else None
    found = np.full((len(goals), len(places)), np.nan)
    known = [n for n, place in enumerate(places) if not isnan(place[0])]
    if own is not None and known:
        found[:, known] = own.times(goals, [places[n] for n in known])
    return found
