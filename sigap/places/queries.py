"""Which area a point lies in, and where the words of a caller may be."""

import time
from dataclasses import dataclass

from sigap.core.parameters import value
from sigap.core.queries import deployment

from .gazetteer import Entry, Gazetteer, Match
from .geo import Cells
from .models import Area, Landmark

_FRESH_S = 10.0


@dataclass(frozen=True)
class City:
    """The areas and landmarks of the city, ready to be asked."""

    cells: Cells | None  # None: no areas are loaded
    gazetteer: Gazetteer


_city: City | None = None
_built_at = float("-inf")


def city() -> City:
    """The city's map, read anew at most every ten seconds."""
    global _city, _built_at  # noqa: PLW0603 - a cache of this process
    if _city is None or time.monotonic() - _built_at > _FRESH_S:
        areas = list(Area.objects.order_by("code"))
        served = deployment()
        _city = City(
            cells=_cells(areas),
            gazetteer=Gazetteer(
                _entries(areas, set(served.pack.get("names_also_outside", ())) if served else set())
            ),
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


def _entries(areas: list[Area], also_outside: set[str]) -> list[Entry]:
    entries = [
        Entry(
            kind="area",
            id=a.code,
            name=a.name,
            area_code=a.code,
            lat=a.lat,
            lng=a.lng,
            aliases=tuple(a.aliases),
            district=a.district,
            also_outside=a.name in also_outside,
        )
        for a in areas
    ]
    for mark in Landmark.objects.select_related("area").order_by("id"):
        entries.append(
            Entry(
                kind="landmark",
                id=str(mark.pk),
                name=mark.name,
                area_code=mark.area.code,
                lat=mark.lat if mark.lat is not None else mark.area.lat,
                lng=mark.lng if mark.lng is not None else mark.area.lng,
                precision="exact" if mark.lat is not None else "area",
                aliases=tuple(mark.aliases),
                district=mark.area.district,
            )
        )
    return entries


def forget() -> None:
    """Read the map anew at the next question (after an edit or an import)."""
    global _built_at  # noqa: PLW0603 - a cache of this process
    _built_at = float("-inf")


def area_at(lat: float, lng: float) -> Area | None:
    """The kelurahan that this point lies in or next to; None outside the city."""
    cells = city().cells
    code = cells.area_at(lat, lng, tolerance_m=value("places.tolerance_m")) if cells else None
    return Area.objects.filter(code=code).first() if code else None


def find_places(text: str, limit: int = 6) -> list[Match]:
    """Areas and landmarks that `text` may mean, best first; never a certainty."""
    return city().gazetteer.search(text, limit=limit) if text.strip() else []
