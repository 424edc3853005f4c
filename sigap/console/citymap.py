"""A small map of the city as SVG: its areas as ground, and marks on it. For pages that are printed;
the live screens have Leaflet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property

from sigap.places.drawing import draw
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
        points = tuple(mark.point for mark in marks) + tuple(middles)
        self._drawing = draw(cells, WIDTH, margin=MARGIN, points=points)
        self._marks = marks

    @property
    def paths(self) -> Iterable[str]:
        """The areas' outlines."""
        return self._drawing.paths.values()

    @cached_property
    def marks(self) -> list[Drawn]:
        """The marks, those at one place as one."""
        named: dict[tuple[str, tuple[float, float]], list[str]] = {}
        for mark in self._marks:
            named.setdefault((mark.look, mark.point), []).append(mark.name)
        return [
            Drawn(*self._drawing.at(*point), look, ", ".join(names))
            for (look, point), names in named.items()
        ]

    @property
    def box(self) -> str:
        """The picture's frame."""
        return self._drawing.box
