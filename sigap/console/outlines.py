"""The outlines of the city's areas, small enough to stand in a page: one drawing for all maps of
it, and the areas that each of them shows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape

from sigap.places.queries import city

WIDTH = 200.0
SIMPLER = 0.0005  # degrees, some 50 metres


@dataclass(frozen=True)
class Outlines:
    """Paths of SVG by area, and the box that they are drawn in."""

    box: str
    paths: dict[str, str]

    @property
    def all(self) -> str:
        """The whole city."""
        return "".join(self.paths.values())

    def of(self, areas: Iterable[str]) -> str:
        """Some areas of it; those that it does not know are left out."""
        return "".join(self.paths.get(code, "") for code in areas)


def outlines() -> Outlines | None:
    """The areas as they are now; None where the city has none."""
    cells = city().cells
    if cells is None:
        return None
    shapes = {
        feature["id"]: shape(feature["geometry"]).simplify(SIMPLER)
        for feature in cells.to_geojson()["features"]
    }
    west = min(ground.bounds[0] for ground in shapes.values())
    south = min(ground.bounds[1] for ground in shapes.values())
    east = max(ground.bounds[2] for ground in shapes.values())
    north = max(ground.bounds[3] for ground in shapes.values())
    flat = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * flat, 1e-9)

    def path(ground: Any) -> str:
        parts = getattr(ground, "geoms", [ground])
        return "".join(
            "M"
            + "L".join(
                f"{(lng - west) * flat * scale:.1f} {(north - lat) * scale:.1f}"
                for lng, lat in part.exterior.coords[:-1]
            )
            + "Z"
            for part in parts
        )

    box = f"-2 -2 {WIDTH + 4:.0f} {(north - south) * scale + 4:.0f}"
    return Outlines(box, {code: path(ground) for code, ground in shapes.items()})
