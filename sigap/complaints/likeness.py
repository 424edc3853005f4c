"""How likely two reports are about the same thing, and what speaks for and against it. Pure.

Each part adds so many points; their sum is bent into a share of one. The points were set by hand
and measured on made-up pairs (bench duplicates), not learned: a city can read what they mean.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sigap.places.geo import distance_m

from .classify.features import Seen, seen

# What each part adds at its most and takes away at its most.
POINTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "text": (3.0, -1.0),
        "asset": (5.0, -6.0),
        "distance": (3.0, -4.0),
        "landmark": (2.0, 0.0),
        "area": (1.0, -2.5),
        "time": (0.5, -1.5),
        "category": (1.0, -2.0),
        "person": (1.0, 0.0),
    }
)
START = -1.0  # what speaks against any two reports
TEXT_NONE, TEXT_SAME = 0.02, 0.4  # likeness at which words speak most against it, and most for it
NEAR_M, FAR_M = 30.0, 600.0
LONG_DAYS = 30.0
# Points of these stand for a whole kelurahan or for what a person set roughly.
ROUGH = ("area", "landmark", "")


@dataclass(frozen=True)
class Told:
    """What is compared of a report. `exact`: its point is its own, not its kelurahan's."""

    text: str
    at: datetime
    category: str = ""
    lat: float | None = None
    lng: float | None = None
    exact: bool = False
    area: str = ""
    landmark: str = ""
    asset: str = ""
    person: str = ""


@dataclass(frozen=True)
class Part:
    """What one of POINTS adds; `found` is what it goes by: metres, days, a share, or none."""

    name: str
    points: float
    found: float | None = None


@dataclass(frozen=True)
class Likeness:
    """The share of one, and its parts, the weightiest first."""

    score: float
    parts: tuple[Part, ...]


def compare(one: Told, other: Told, text: float) -> Likeness:
    """How likely both are about the same; `text` is the likeness of their words."""
    parts = [
        _part("text", (text - TEXT_NONE) / (TEXT_SAME - TEXT_NONE), text),
        *_place(one, other),
        *_agree("category", one.category, other.category),
        *_agree("person", one.person, other.person),
    ]
    days = abs((one.at - other.at).total_seconds()) / 86_400
    parts.append(_part("time", 1 - days / LONG_DAYS, days))
    points = START + sum(part.points for part in parts)
    weighty = sorted(parts, key=lambda part: -abs(part.points))
    return Likeness(1 / (1 + math.exp(-points)), tuple(p for p in weighty if p.points))


def texts(one: str, others: Sequence[str]) -> list[float]:
    """The likeness of a text to each of the others, 0 to 1: by words, pairs of words and letters,
    of which those count most that few of all these texts have."""
    mine, theirs = seen(one), [seen(other) for other in others]
    total = np.zeros(len(others))
    for take in (_pieces, _words):
        blocks = [np.unique(take(text)) for text in (mine, *theirs)]
        known, times = np.unique(np.concatenate(blocks), return_counts=True)
        weight = np.log((1 + len(blocks)) / times) ** 2
        lengths = [math.sqrt(float(weight[np.searchsorted(known, b)].sum())) for b in blocks]
        for n, block in enumerate(blocks[1:]):
            both = np.intersect1d(blocks[0], block, assume_unique=True)
            length = lengths[0] * lengths[n + 1]
            shared = float(weight[np.searchsorted(known, both)].sum())
            total[n] += shared / length / 2 if length else 0.0
    return [float(value) for value in total]


def _place(one: Told, other: Told) -> list[Part]:
    """The nearest thing that is known of both: a number on a post, a point, a landmark, a
    kelurahan. What is known of one only says nothing."""
    if one.asset and other.asset:
        return _agree("asset", one.asset, other.asset)
    if one.exact and other.exact and None not in (one.lat, one.lng, other.lat, other.lng):
        metres = distance_m(one.lat or 0, one.lng or 0, other.lat or 0, other.lng or 0)
        near = math.log(FAR_M / max(metres, NEAR_M)) / math.log(FAR_M / NEAR_M)
        return [_part("distance", (near + 0.5) / 1.5, metres)]
    if one.landmark and one.landmark == other.landmark:
        return _agree("landmark", one.landmark, other.landmark)
    return _agree("area", one.area, other.area)


def _agree(name: str, one: str, other: str) -> list[Part]:
    return [_part(name, float(one == other))] if one and other else []


def _part(name: str, share: float, found: float | None = None) -> Part:
    """From the least points at 0 to the most at 1."""
    most, least = POINTS[name]
    within = min(1.0, max(0.0, share))
    return Part(name, round(least + (most - least) * within, 2), found)


def _pieces(text: Seen) -> NDArray[np.uint64]:
    return text.pieces


def _words(text: Seen) -> NDArray[np.uint64]:
    return text.words
