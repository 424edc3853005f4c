"""The boundaries of areas."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry import Point, shape

from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.transaction import transaction

from ..geo import Cells
from ..models import Area
from ..queries import forget

# Simplified boundaries may miss a label point by a street's width.
NEAR_DEGREES = 0.005


@dataclass(frozen=True)
class Boundaries:
    """What a boundary file brought: areas set, codes that no area has, areas left without."""

    matched: list[str]
    unknown: list[str]
    missing: list[str]


def import_boundaries(data: Mapping[str, Any], *, actor: Actor) -> Boundaries:
    """Give the areas the boundaries of a GeoJSON FeatureCollection, all or nothing.

    Features are matched by the area's code, with or without dots. Refused when the polygons
    do not lie where the areas do, as with latitude and longitude exchanged.
    """
    actor.require(Permission.ADMINISTER)
    try:
        features = Cells.from_geojson(data).to_geojson()["features"]
    except (ValueError, TypeError, KeyError, AttributeError, ShapelyError) as error:
        raise Invalid(
            _("This is not a GeoJSON file of areas: %(why)s") % {"why": str(error)[:200]},
            code="geojson",
        ) from error
    grounds = {_digits(f["id"]): json.loads(json.dumps(f["geometry"])) for f in features}
    areas = {_digits(area.code): area for area in Area.objects.all()}
    matched = sorted(set(grounds) & set(areas))
    if not matched:
        raise Invalid(_("None of the codes in the file is an area of this city."), code="codes")
    _refuse_elsewhere([(areas[code], grounds[code]) for code in matched])
    with transaction():
        for code in matched:
            define(Area, key={"code": areas[code].code}, actor=actor, boundary=grounds[code])
    forget()
    return Boundaries(
        matched=[areas[code].code for code in matched],
        unknown=sorted(str(f["id"]) for f in features if _digits(f["id"]) not in areas),
        missing=sorted(area.code for code, area in areas.items() if code not in grounds),
    )


def _refuse_elsewhere(pairs: list[tuple[Area, Any]]) -> None:
    there = [
        shape(ground).distance(Point(area.lng, area.lat)) < NEAR_DEGREES for area, ground in pairs
    ]
    if sum(there) * 2 < len(there):
        raise Invalid(
            _("The polygons do not lie where the areas are. Are latitude and longitude exchanged?"),
            code="elsewhere",
        )


def _digits(code: str) -> str:
    return "".join(c for c in str(code) if c.isalnum())
