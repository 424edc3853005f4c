"""A small map of the city as SVG: its areas as ground, and marks on it. For pages that are printed;
the live screens have Leaflet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property

from sigap.places.geo import Cells

WIDTH = 640.0
MARGIN = 14.0


@dataclass(frozen=True)
class Mark:
    """A point with the class of its shape and a name."""

    point: tuple[float, float]
    look: str
    name: str


@dataclass(frozen=True)
class Drawn:
    """A mark where it stands on the picture; marks at one place share their names."""

    x: float
    y: float
    look: str
    names: str


class CityMap:
    """The picture, to be drawn by a template."""

    def __init__(
        self, cells: Cells | None, marks: Sequence[Mark], middles: Sequence[tuple[float, float]]
    ) -> None:
        self._rings = _rings(cells)
        points = [mark.point for mark in marks] + list(middles)
        points += [(lat, lng) for ring in self._rings for lng, lat in ring]
        lats, lngs = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]
        self._north, self._west = max(lats), min(lngs)
        self._squeeze = math.cos(math.radians(self._north))
        wide = (max(lngs) - self._west) * self._squeeze or 1e-3
        self._scale = (WIDTH - 2 * MARGIN) / wide
        self.width = WIDTH
        self.height = (self._north - min(lats)) * self._scale + 2 * MARGIN
        self._marks = marks

    @cached_property
    def paths(self) -> list[str]:
        """The areas' outlines."""
        return [
            "M" + "L".join(self._at(lat, lng) for lng, lat in ring) + "Z" for ring in self._rings
        ]

    @cached_property
    def marks(self) -> list[Drawn]:
        """The marks, those at one place as one."""
        named: dict[tuple[str, tuple[float, float]], list[str]] = {}
        for mark in self._marks:
            named.setdefault((mark.look, mark.point), []).append(mark.name)
        return [
            Drawn(*self._xy(*point), look, ", ".join(names))
            for (look, point), names in named.items()
        ]

    @property
    def box(self) -> str:
        """The picture's frame."""
        return f"0 0 {self.width:.0f} {self.height:.0f}"

    def _xy(self, lat: float, lng: float) -> tuple[float, float]:
        x = (lng - self._west) * self._squeeze * self._scale + MARGIN
        return round(x, 1), round((self._north - lat) * self._scale + MARGIN, 1)

    def _at(self, lat: float, lng: float) -> str:
        x, y = self._xy(lat, lng)
        return f"{x},{y}"


def _rings(cells: Cells | None) -> list[list[tuple[float, float]]]:
    """The outer lines of all areas, longitude first."""
    found: list[list[tuple[float, float]]] = []
    for feature in cells.to_geojson()["features"] if cells else ():
        shape = feature["geometry"]
        many = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        found += [[(p[0], p[1]) for p in polygon[0]] for polygon in many]
    return found
