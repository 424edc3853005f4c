"""The shapes of a chart of hours with their intervals, drawn by the server as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format, number_format

WIDE, HIGH = 1000.0, 240.0
LEFT, BOTTOM, TOP = 44.0, 24.0, 10.0


@dataclass(frozen=True)
class Band:
    """Polygons of the intervals, the wider first, and the line within; ready for `points`."""

    bands: list[str]
    line: str
    across: list[tuple[str, str]]  # where a line of the grid lies, and what it is of
    days: list[tuple[str, str, str]]  # where a day begins, where its name stands, and its name


def band(
    at: Sequence[datetime],
    line: Sequence[float],
    bands: Sequence[tuple[Sequence[float], Sequence[float]]],
) -> Band:
    """Each hour is as wide as every other, and a step: nothing is known within it."""
    top = _round_up(max([*line, *(max(high) for _low, high in bands), 1.0]))
    step = (WIDE - LEFT) / len(at)

    def x(n: float) -> float:
        return LEFT + n * step

    def y(value: float) -> float:
        return (HIGH - BOTTOM) * (1 - value / top) + TOP

    def steps(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(x(n + end), y(value)) for n, value in enumerate(values) for end in (0, 1)]

    days = [n for n, hour in enumerate(at) if hour.hour == 0]
    return Band(
        [_points([*steps(low), *reversed(steps(high))]) for low, high in bands],
        _points(steps(line)),
        [(f"{y(top * part / 4):.1f}", number_format(top * part / 4, 0)) for part in range(5)],
        [(f"{x(n):.1f}", f"{x(n) + 4:.1f}", date_format(at[n], "D j M")) for n in days],
    )


def _points(of: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in of)


def _round_up(value: float) -> float:
    """A number that is easily parted into four, as little above as can be."""
    unit = 1.0
    while True:
        for quarter in (1, 2, 3, 5):
            if 4 * quarter * unit >= value:
                return 4 * quarter * unit
        unit *= 10
