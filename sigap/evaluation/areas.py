"""The map of a document: the areas as they are now, drawn to a fixed width."""

import math
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from sigap.places.drawing import draw
from sigap.places.queries import city

from .paper import Ground, Map

WIDTH = 640  # units of the drawing; a tenth of one is about 3 m in Kediri


def area_map(counts: Mapping[str, int], few: int, asked: Callable[[str], str]) -> Map | None:
    """What is counted in each area, by its code; None for a city without areas."""
    here = city()
    if here.cells is None:
        return None
    drawing = draw(here.cells, WIDTH)
    approximate = _("The outlines are approximate: the city has given no boundaries.")
    return Map(
        key="map",
        title=_("Incidents by kelurahan"),
        width=WIDTH,
        height=math.ceil(drawing.height),
        areas=[
            Ground(
                code=code,
                name=here.areas[code].name,
                outline=outline,
                count=counts.get(code, 0),
                few=0 < counts.get(code, 0) < few,
                records=asked(code),
            )
            for code, outline in drawing.paths.items()
        ],
        note=approximate if here.cells.approximate else "",
    )
