"""Which kelurahan a warning touches, and what of it the map shows. The city's areas may be only
approximate: whatever has ground in common with one counts."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, mapping
from shapely.geometry.base import BaseGeometry

from sigap.places.geo import Cells
from sigap.places.queries import City, city

from .message import Message, Point, Region

# What lies further from the city than this is not drawn.
MARGIN_M = 25_000.0
MOST_POINTS = 400
FINE_DEGREES = 0.0001  # about ten metres
HALF_TURN, WHOLE_TURN = 180.0, 360.0
# A code this long names an area by itself; a shorter one only where its name says of what it is.
AREA_DIGITS = 10
OFFICIAL = ("kemendagri", "kode", "wilayah", "adm")


@dataclass(frozen=True)
class Touched:
    """The areas that a warning touches, and its ground near the city as GeoJSON."""

    areas: list[str]
    shape: dict[str, Any] | None


def touched_by(message: Message) -> Touched:
    """Where a warning touches this city."""
    return match([region for info in message.infos for region in info.regions])


def match(regions: Iterable[Region]) -> Touched:
    """The same for regions alone."""
    here = city()
    if here.cells is None:
        return Touched([], None)
    codes: set[str] = set()
    grounds: list[BaseGeometry] = []
    for region in dict.fromkeys(regions):
        named = {c for name, value in region.geocodes for c in _coded(here, name, value)}
        drawn = _grounds(here.cells, region)
        codes |= named
        # Codes say the same as polygons where both are there; alone, they are drawn.
        grounds += drawn or ([here.cells.ground_of(named)] if named else [])
        for ground in drawn:
            codes.update(here.cells.touched_by(ground))
    return Touched(sorted(codes), _drawn(here.cells, grounds) if codes else None)


def _grounds(cells: Cells, region: Region) -> list[BaseGeometry]:
    found = [ground for ring in region.polygons for ground in turned(ring)]
    found += [cells.circle(lat, lng, km * 1000) for lat, lng, km in region.circles if km > 0]
    return found


def turned(ring: Sequence[Point]) -> list[BaseGeometry]:
    """A ring of (latitude, longitude) as valid ground. One that crosses the antimeridian has its
    western part moved once around, and is there a second time on the other side."""
    lngs = [lng for _lat, lng in ring]
    crosses = max(lngs) - min(lngs) > HALF_TURN
    points = [
        (lng + WHOLE_TURN if crosses and lng < 0 else lng, lat)
        for (lat, _lng), lng in zip(ring, lngs, strict=True)
    ]
    ground = shapely.make_valid(Polygon(points))
    if ground.area == 0:
        return []
    return [ground, translate(ground, xoff=-WHOLE_TURN)] if crosses else [ground]


def _coded(here: City, name: str, value: str) -> list[str]:
    """The areas that a code of the Ministry of Home Affairs names: a kelurahan, or all of a
    kecamatan, a city or a province."""
    digits = "".join(c for c in value if c.isdigit())
    if not digits or set(value) - set("0123456789. "):
        return []
    if len(digits) < AREA_DIGITS and not any(word in name.lower() for word in OFFICIAL):
        return []
    return [
        code
        for code in here.areas
        if len(digits) in (2, 4, 6, AREA_DIGITS)
        and "".join(c for c in code if c.isdigit()).startswith(digits)
    ]


def _drawn(cells: Cells, grounds: list[BaseGeometry]) -> dict[str, Any] | None:
    """The ground near the city, with no more points than a map needs."""
    window = cells.around(MARGIN_M)
    near = [shapely.make_valid(g.intersection(window)) for g in grounds if g.intersects(window)]
    whole = shapely.union_all([p for g in near for p in shapely.get_parts(g) if p.area > 0])
    if whole.is_empty:
        return None
    tolerance = FINE_DEGREES
    thin = whole.simplify(tolerance)
    while shapely.get_num_coordinates(thin) > MOST_POINTS and tolerance < 1:
        tolerance *= 2
        thin = whole.simplify(tolerance)
    return geojson(thin)


def geojson(ground: BaseGeometry) -> dict[str, Any]:
    """A geometry as JSON has it, to about a metre."""
    return dict(json.loads(json.dumps(mapping(shapely.set_precision(ground, 1e-5)))))


def rings_of(ground: BaseGeometry) -> list[list[list[float]]]:
    """The outer rings of a geometry as CAP has them: latitude first, closed."""
    parts = [p for p in shapely.get_parts(ground) if isinstance(p, Polygon)]
    return [[[round(y, 5), round(x, 5)] for x, y in part.exterior.coords] for part in parts]


def is_point(lat: float, lng: float) -> bool:
    """Whether it can be a place on the earth."""
    return (
        math.isfinite(lat)
        and math.isfinite(lng)
        and abs(lat) <= HALF_TURN / 2
        and abs(lng) <= HALF_TURN
    )
