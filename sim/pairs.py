"""Made-up pairs of reports, of which some are about the same: hard ones, as what lies near each
other is often of the same kind, and what is the same is told in other words.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap.complaints.likeness import Told

from .reports import categories, matter, place, retold

MIDDLE = (-7.82, 112.01)
CITY_DEG = 0.03
NEAR_M, DEGREE_M = 60, 111_000
NO_POINT = 0.35  # share of those of whom only the kelurahan is known
MISSORTED = 0.1
SAME_MATTER, SAME_NAME = 0.5, 0.5  # share of the same reports told alike, of the places named alike
Point = tuple[float, float]
CELL_DEG = 0.01  # a made-up kelurahan


@dataclass(frozen=True)
class Filed:
    """A made-up report with its place and time."""

    text: str
    category: str
    at: datetime
    lat: float
    lng: float
    exact: bool

    def told(self) -> Told:
        """The same as duplicates are looked for."""
        return Told(
            self.text,
            self.at,
            category=self.category,
            lat=self.lat,
            lng=self.lng,
            exact=self.exact,
            area=self.area,
        )

    @property
    def area(self) -> str:
        """Its made-up kelurahan."""
        return f"{int(self.lat / CELL_DEG)}:{int(self.lng / CELL_DEG)}"


@dataclass(frozen=True)
class Pair:
    """Two reports, and whether they are about the same."""

    one: Filed
    other: Filed
    same: bool


def hard_pairs(count: int, seed: int, start: datetime) -> Iterator[Pair]:
    """Half are about the same: another person's words, some steps away, a few days apart. Of the
    others a third is of the same kind in the same kelurahan, a third of another kind at the same
    place, a third of the same kind and place, but long after it was mended."""
    chance, codes = random.Random(seed), categories()

    def filed(code: str, what: str, name: str, point: Point, at: datetime) -> Filed:
        exact = chance.random() >= NO_POINT
        sorted_as = chance.choice(codes) if chance.random() < MISSORTED else code
        return Filed(retold(what, name, chance), sorted_as, at, *point, exact)

    for n in range(count):
        code, what, name = chance.choice(codes), "", place(chance)
        what = matter(code, chance)
        point = tuple(m + chance.uniform(-CITY_DEG, CITY_DEG) for m in MIDDLE)
        at = start + timedelta(days=chance.uniform(0, 300))
        one = filed(code, what, name, (point[0], point[1]), at)
        step = NEAR_M / DEGREE_M
        near = (point[0] + chance.gauss(0, step), point[1] + chance.gauss(0, step))
        far = tuple(m + chance.choice((-1, 1)) * chance.uniform(0.002, 0.006) for m in point)
        soon = at + timedelta(days=chance.expovariate(1 / 4))
        named = name if chance.random() < SAME_NAME else place(chance)
        same = bool(n % 2)
        if same:
            told = what if chance.random() < SAME_MATTER else matter(code, chance)
            other = filed(code, told, named, near, soon)
        elif n % 6 == 0:
            other = filed(code, matter(code, chance), place(chance), (far[0], far[1]), soon)
        elif n % 6 == 2:  # noqa: PLR2004
            kind = chance.choice([c for c in codes if c != code])
            other = filed(kind, matter(kind, chance), named, near, soon)
        else:
            late = at + timedelta(days=chance.uniform(20, 60))
            other = filed(code, matter(code, chance), named, near, late)
        yield Pair(one, other, same)
