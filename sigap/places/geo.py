"""Distances and the cells of a city: pure functions over latitude and longitude in degrees.

A cell is the ground of one area. Official boundaries give exact cells; where there are none, cells
are derived from the label points (each piece of ground goes to the nearest point) and are marked
as approximate.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point, mapping, shape
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M

# Simplified boundaries leave gaps between neighbours; the widest seen is about 400 m across.
# How far beyond the outermost label points a derived city reaches.
HULL_BUFFER_M = 500.0
# 0 hugs the label points, 1 is the convex hull. The convex hull takes in far too much ground
# of the neighbours.
HULL_RATIO = 0.4

# Properties in which boundary files are known to carry the area's code, in order of trust.
CODE_PROPERTIES = ("kode", "code", "KDEPUM", "kd_desa", "KODE_KEL")


def distance_m(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance in metres between two points."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))


@dataclass(frozen=True)
class _Plane:
    """A flat map in metres around one point; good to a few centimetres across a city."""

    lat: float
    lng: float

    @property
    def _scale(self) -> tuple[float, float]:
        return METRES_PER_DEGREE * math.cos(math.radians(self.lat)), METRES_PER_DEGREE

    def point(self, lat: float, lng: float) -> Point:
        scale_x, scale_y = self._scale
        return Point((lng - self.lng) * scale_x, (lat - self.lat) * scale_y)

    def flat(self, geometry: BaseGeometry) -> BaseGeometry:
        origin, scale = np.array([self.lng, self.lat]), np.array(self._scale)
        return shapely.transform(geometry, lambda xy: (xy - origin) * scale)

    def round(self, geometry: BaseGeometry) -> BaseGeometry:
        origin, scale = np.array([self.lng, self.lat]), np.array(self._scale)
        return shapely.transform(geometry, lambda xy: np.round(xy / scale + origin, 6))


class Cells:
    """The areas of a city as ground, and the question which area a point lies in.

    Build one with `from_points`, `from_geojson`, or both sources through `from_geojson(points=)`.
    """

    def __init__(
        self, plane: _Plane, cells: Mapping[str, BaseGeometry], approximate: Iterable[str]
    ) -> None:
        self._plane = plane
        self._codes = sorted(cells)
        self._shapes = [cells[code] for code in self._codes]
        self._tree = shapely.STRtree(self._shapes)
        self._approximate = frozenset(approximate)

    @classmethod
    def from_points(
        cls, points: Iterable[tuple[str, float, float]], *, buffer_m: float = HULL_BUFFER_M
    ) -> "Cells":
        """Approximate cells from (code, lat, lng) label points."""
        named = _unique(points)
        if not named:
            raise ValueError("cells need at least one point")
        plane = _plane_of(named.values())
        return cls(plane, _nearest_ground(plane, named, buffer_m), named)

    @classmethod
    def from_geojson(
        cls,
        data: Mapping[str, Any],
        *,
        code_property: str | None = None,
        points: Iterable[tuple[str, float, float]] = (),
        buffer_m: float = HULL_BUFFER_M,
    ) -> "Cells":
        """Cells from a FeatureCollection of polygons (longitude first, as GeoJSON has it).

        The code comes from `code_property`, else from the first known property, else from the
        feature's id. Features with the same code are joined; broken polygons are repaired. A code
        in `points` without a polygon gets the ground near its point that no polygon claims.
        """
        polygons: dict[str, BaseGeometry] = {}
        for number, feature in enumerate(data.get("features") or (), start=1):
            code = _code_of(feature, code_property)
            if code is None:
                raise ValueError(f"feature number {number} has no area code")
            ground = _polygonal(shape(feature["geometry"])) if feature.get("geometry") else None
            if ground is None or ground.is_empty:
                raise ValueError(f"feature number {number} ({code}) has no polygon")
            polygons[code] = polygons[code].union(ground) if code in polygons else ground
        if not polygons:
            raise ValueError("the GeoJSON has no features")
        centres = [polygon.representative_point() for polygon in polygons.values()]
        plane = _plane_of((centre.y, centre.x) for centre in centres)
        cells = {code: plane.flat(polygon) for code, polygon in polygons.items()}
        named = _unique(points)
        missing = named.keys() - cells.keys()
        if missing:
            claimed = shapely.union_all(list(cells.values()))
            for code, ground in _nearest_ground(plane, named, buffer_m).items():
                if code in missing:
                    cells[code] = _polygonal(ground.difference(claimed))
        return cls(plane, cells, missing)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that have a cell, sorted."""
        return tuple(self._codes)

    @property
    def approximate(self) -> bool:
        """Whether any cell is derived from a label point and not from a boundary."""
        return bool(self._approximate)

    def area_at(self, lat: float, lng: float, *, tolerance_m: float) -> str | None:
        """The code of the area at a point, or None outside the city.

        A point in no cell belongs to the nearest one within the tolerance. Where cells overlap
        the smallest wins.
        """
        if not (math.isfinite(lat) and math.isfinite(lng)):
            return None
        point = self._plane.point(lat, lng)
        inside = [int(i) for i in self._tree.query(point, predicate="intersects")]
        if inside:
            return self._codes[min(inside, key=lambda i: (self._shapes[i].area, i))]
        near = self._tree.query(point, predicate="dwithin", distance=tolerance_m)
        if not len(near):
            return None
        return self._codes[
            min((int(i) for i in near), key=lambda i: (self._shapes[i].distance(point), i))
        ]

    def touched_by(self, ground: BaseGeometry) -> list[str]:
        """The codes of the areas that a geometry (longitude before latitude) has ground in common
        with; one that only runs along a border touches nothing."""
        flat = self._plane.flat(ground)
        near = self._tree.query(flat, predicate="intersects")
        return sorted(
            self._codes[int(i)] for i in near if self._shapes[i].intersection(flat).area > 0
        )

    def circle(self, lat: float, lng: float, radius_m: float) -> BaseGeometry:
        """A circle on the ground, longitude before latitude."""
        return self._plane.round(self._plane.point(lat, lng).buffer(radius_m))

    def ground_of(self, codes: Iterable[str]) -> BaseGeometry:
        """The ground of some areas together, longitude before latitude."""
        wanted = set(codes)
        cells = [s for c, s in zip(self._codes, self._shapes, strict=True) if c in wanted]
        return self._plane.round(shapely.union_all(cells))

    def around(self, margin_m: float) -> BaseGeometry:
        """The box of the whole city with a margin, longitude before latitude."""
        west, south, east, north = shapely.total_bounds(self._shapes)
        box = shapely.box(west - margin_m, south - margin_m, east + margin_m, north + margin_m)
        return self._plane.round(box)

    def to_geojson(
        self, properties: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, Any]:
        """The cells as a FeatureCollection; `properties` by code are added to each feature."""
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": code,
                    "properties": {
                        **((properties or {}).get(code) or {}),
                        "code": code,
                        "approximate": code in self._approximate,
                    },
                    "geometry": mapping(self._plane.round(ground)),
                }
                for code, ground in zip(self._codes, self._shapes, strict=True)
            ],
        }


def _unique(points: Iterable[tuple[str, float, float]]) -> dict[str, tuple[float, float]]:
    named: dict[str, tuple[float, float]] = {}
    for code, lat, lng in points:
        if code in named:
            raise ValueError(f"area {code} has two points")
        named[code] = (lat, lng)
    if len(set(named.values())) != len(named):
        raise ValueError("two areas share one point")
    return named


def _plane_of(points: Iterable[tuple[float, float]]) -> _Plane:
    lats, lngs = zip(*points, strict=True)
    return _Plane(sum(lats) / len(lats), sum(lngs) / len(lngs))


def _nearest_ground(
    plane: _Plane, named: Mapping[str, tuple[float, float]], buffer_m: float
) -> dict[str, BaseGeometry]:
    """Voronoi cells of the points, clipped to their buffered hull."""
    points = {code: plane.point(lat, lng) for code, (lat, lng) in named.items()}
    together = MultiPoint(list(points.values()))
    city = shapely.concave_hull(together, ratio=HULL_RATIO).buffer(buffer_m)
    if len(points) == 1:
        return dict.fromkeys(points, city)
    regions = list(shapely.get_parts(shapely.voronoi_polygons(together, extend_to=city)))
    tree = shapely.STRtree(regions)
    return {
        code: _polygonal(regions[int(tree.query_nearest(point)[0])].intersection(city))
        for code, point in points.items()
    }


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry made valid, without the stray lines and points that repairing can leave."""
    parts = shapely.get_parts(shapely.make_valid(geometry))
    flat = [part for whole in parts for part in shapely.get_parts(whole) if part.area > 0]
    return shapely.union_all(flat)


def _code_of(feature: Mapping[str, Any], code_property: str | None) -> str | None:
    properties = feature.get("properties") or {}
    if code_property is not None:
        value = properties.get(code_property)
    else:
        found = (properties.get(name) for name in CODE_PROPERTIES)
        value = next((code for code in found if code), feature.get("id"))
    return str(value).strip() or None if value is not None else None
