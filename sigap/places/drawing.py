"""The city's areas as paths of SVG: one way to draw them, for pages and for paper. Pure.

The live screens have Leaflet; these are for what is printed, for pages without scripts and for
small pictures of which a page has many.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from .geo import Cells

Point = tuple[float, float]  # latitude first


@dataclass(frozen=True)
class Drawing:
    """Each area's path, and the frame in which they lie, in units of the drawing."""

    width: float
    height: float
    margin: float
    paths: dict[str, str]
    _north: float
    _west: float
    _across: float
    _down: float

    @property
    def box(self) -> str:
        """The frame, as SVG's `viewBox`."""
        return f"0 0 {self.width:.0f} {self.height:.0f}"

    def of(self, areas: Iterable[str]) -> str:
        """The path of several areas; those that it does not know are left out."""
        return "".join(self.paths.get(code, "") for code in areas)

    def at(self, lat: float, lng: float) -> tuple[float, float]:
        """Where a point stands on it."""
        x = (lng - self._west) * self._across + self.margin
        return round(x, 1), round((self._north - lat) * self._down + self.margin, 1)


@lru_cache(maxsize=8)
def draw(
    cells: Cells | None,
    width: float,
    *,
    margin: float = 0.0,
    fine: float = 0.0,
    digits: int = 1,
    points: tuple[Point, ...] = (),
) -> Drawing:
    """The areas so wide; what is smaller than `fine` units is left out, and numbers have so many
    `digits`. The frame holds the `points` too, so that marks outside the city are seen."""
    found = {
        str(feature["id"]): shape(feature["geometry"])
        for feature in (cells.to_geojson()["features"] if cells else ())
    }
    boxes = [ground.bounds for ground in found.values()]
    boxes += [(lng, lat, lng, lat) for lat, lng in points] or ([] if boxes else [(0, 0, 0, 0)])
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    squeeze = math.cos(math.radians((south + north) / 2))
    down = (width - 2 * margin) / ((east - west) * squeeze or 1e-3)
    across = down * squeeze

    def path(ground: BaseGeometry) -> str:
        parts = getattr(ground, "geoms", [ground])
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        return "".join(
            "M"
            + "L".join(
                f"{(lng - west) * across + margin:.{digits}f} "
                f"{(north - lat) * down + margin:.{digits}f}"
                for lng, lat in ring.coords[:-1]
            )
            + "Z"
            for ring in rings
        )

    return Drawing(
        width=width,
        height=(north - south) * down + 2 * margin,
        margin=margin,
        paths={code: path(ground.simplify(fine / down)) for code, ground in found.items()},
        _north=north,
        _west=west,
        _across=across,
        _down=down,
    )
