"""The map of a document: the areas as they are now, drawn to a fixed width."""

import math
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from sigap.places.queries import city

from .paper import Ground, Map

WIDTH = 640  # units of the drawing; a tenth of one is about 3 m in Kediri


def area_map(counts: Mapping[str, int], few: int, asked: Callable[[str], str]) -> Map | None:
    """What is counted in each area, by its code; None for a city without areas."""
    here = city()
    if here.cells is None:
        return None
    grounds = {
        feature["id"]: _rings(feature["geometry"])
        for feature in here.cells.to_geojson()["features"]
    }
    points = [point for rings in grounds.values() for ring in rings for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    wide = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * wide)

    def path(ring: list[tuple[float, float]]) -> str:
        places = (
            f"{(x - west) * wide * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring[:-1]
        )
        return "M" + "L".join(places) + "Z"

    approximate = _("The outlines are approximate: the city has given no boundaries.")
    return Map(
        key="map",
        title=_("Incidents by kelurahan"),
        width=WIDTH,
        height=math.ceil((north - south) * scale),
        areas=[
            Ground(
                code=code,
                name=here.areas[code].name,
                outline="".join(path(ring) for ring in rings),
                count=counts.get(code, 0),
                few=0 < counts.get(code, 0) < few,
                records=asked(code),
            )
            for code, rings in grounds.items()
        ],
        note=approximate if here.cells.approximate else "",
    )


def _rings(geometry: Mapping[str, object]) -> list[list[tuple[float, float]]]:
    """All rings of a polygon or of several."""
    parts: object = geometry["coordinates"]
    polygons = [parts] if geometry["type"] == "Polygon" else parts
    return [[(x, y) for x, y in ring] for polygon in polygons for ring in polygon]  # type: ignore[attr-defined]
