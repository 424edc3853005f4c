"""The kelurahan as a drawing that the server makes: darker is more, striped is hidden. Beside it
stands the same as a table; who cannot see the one reads the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from sigap.places.drawing import draw
from sigap.places.queries import city

WIDTH = 600  # of the drawing's own units
FINE = 1.5  # what is smaller than this is not drawn
SHADES = 4


@dataclass(frozen=True)
class Ground:
    """One kelurahan in the drawing: `shade` from 0 to 4, or `hidden`."""

    code: str
    outline: str
    shade: str


@dataclass(frozen=True)
class Step:
    """One line of the legend: from how many to how many."""

    shade: str
    low: int
    high: int


@dataclass(frozen=True)
class Map:
    """The drawing and its legend."""

    width: int
    height: int
    grounds: list[Ground]
    steps: list[Step]
    approximate: bool


def map_of(counts: Mapping[str, int | None]) -> Map | None:
    """The map of these counts by kelurahan; None where no kelurahan are loaded. One that has no
    count (it was not there then) is drawn as hidden."""
    cells = city().cells
    if cells is None:
        return None
    drawing = draw(cells, WIDTH, fine=FINE, digits=0)
    steps = list(_steps([n for n in counts.values() if n]))
    grounds = [
        Ground(code, outline, _shade(counts.get(code), steps))
        for code, outline in drawing.paths.items()
    ]
    return Map(WIDTH, ceil(drawing.height), grounds, steps, cells.approximate)


def _steps(numbers: list[int]) -> Iterator[Step]:
    """Up to four steps of about as many kelurahan each."""
    ordered, start = sorted(numbers), 0
    for n in range(1, SHADES + 1):
        end = ceil(len(ordered) * n / SHADES)
        while start < end < len(ordered) and ordered[end] == ordered[end - 1]:
            end += 1  # equal ones are of one shade
        if end > start:
            yield Step(str(n), ordered[start], ordered[end - 1])
            start = end


def _shade(n: int | None, steps: list[Step]) -> str:
    if n is None:
        return "hidden"
    return next((step.shade for step in steps if step.low <= n <= step.high), "0")
