"""The roads of a city as a graph, and one search from an incident back to all units. Pure.

A search of 60,000 junctions costs a few milliseconds, so nothing is worked out beforehand but the
graph itself. Where a road is closed, it is closed in both directions until somebody opens it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from ..geo import METRES_PER_DEGREE

# Kinds of road (the value of `highway` in OpenStreetMap) and how fast a unit drives there, km/h,
# before the city's own trips say otherwise. An assumption, to be corrected by them.
SPEEDS: dict[str, float] = {
    **{"motorway": 70, "trunk": 50, "primary": 42, "secondary": 38, "tertiary": 34},
    **{"unclassified": 28, "residential": 24, "service": 15, "living_street": 15, "track": 12},
}
KINDS = tuple(SPEEDS)
STEP_M = 25.0  # so far apart are the points by which a place finds its road
FARTHEST_M = 400.0  # from any road: beyond it a place has none
# Off the road one goes on foot or slowly: the way from a place to its road.
OFF_ROAD_KMH = 8.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Roads:
    """Pieces of road between junctions. Arrays by piece: `tail` and `head` junction, `metres`,
    `kind` (of KINDS), `both` ways or one; `first` is where its points begin in `shape`
    (latitude, longitude), which has one more piece's worth at the end. `source` says which file
    this is of."""

    tail: Ints
    head: Ints
    metres: Floats
    kind: Ints
    both: npt.NDArray[np.bool_]
    first: Ints
    shape: Floats
    junctions: int
    source: str = ""

    def write(self, file: Path) -> None:
        """Keep it in a file."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        about = json.dumps({"junctions": self.junctions, "source": self.source})
        with file.open("wb") as out:
            np.savez_compressed(out, about=np.array(about), **arrays)

    @staticmethod
    def read(file: Path) -> "Roads":
        """What `write` kept. Raises ValueError or OSError for any other file."""
        with np.load(file, allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            return Roads(**{name: kept[name] for name in _ARRAYS}, **about)

    @cached_property
    def _places(self) -> "_Places":
        return _Places(self)

    def near(self, lat: float, lng: float, metres: float) -> Ints:
        """The pieces of road that pass a point as near as that."""
        return self._places.within(lat, lng, metres)


_ARRAYS = ("tail", "head", "metres", "kind", "both", "first", "shape")


class Snapped(NamedTuple):
    """Places on their roads, as arrays: which piece (-1: none is near), how far along it from its
    tail (0 to 1), and how far off it in metres."""

    piece: Ints
    along: Floats
    off_m: Floats


class _Places:
    """Points along all pieces, by which a place finds its own."""

    def __init__(self, roads: Roads) -> None:
        self._lat = float(roads.shape[:, 0].mean()) if len(roads.shape) else 0.0
        self._scale = np.array(
            [METRES_PER_DEGREE, METRES_PER_DEGREE * np.cos(np.radians(self._lat))]
        )
        points, pieces, alongs = [], [], []
        for piece in range(len(roads.tail)):
            line = roads.shape[roads.first[piece] : roads.first[piece + 1]] * self._scale
            steps = np.hypot(*np.diff(line, axis=0).T)
            reached = np.concatenate([[0.0], np.cumsum(steps)])
            count = max(2, int(reached[-1] / STEP_M) + 2)
            at = np.linspace(0.0, reached[-1], count)
            points.append(np.stack([np.interp(at, reached, line[:, n]) for n in (0, 1)], axis=1))
            pieces.append(np.full(count, piece))
            alongs.append(at / reached[-1] if reached[-1] else np.zeros(count))
        self._piece = np.concatenate(pieces) if pieces else np.zeros(0, int)
        self._along = np.concatenate(alongs) if alongs else np.zeros(0)
        self._points = np.concatenate(points) if points else np.zeros((0, 2))
        self._tree = cKDTree(self._points)

    def snap(self, lats: Floats, lngs: Floats) -> Snapped:
        if not len(self._piece):
            nowhere = np.full(len(lats), -1)
            return Snapped(nowhere, np.zeros(len(lats)), np.full(len(lats), np.inf))
        wanted = np.stack([lats, lngs], axis=1) * self._scale
        off, index = self._tree.query(wanted, distance_upper_bound=FARTHEST_M + STEP_M)
        found = np.isfinite(off)
        index = np.where(found, index, 0)
        along, off = self._along[index].copy(), np.where(found, off, np.inf)
        # The nearest point is one of many along the road: the road itself passes nearer.
        for step in (-1, 1):
            other = np.clip(index + step, 0, len(self._piece) - 1)
            start, way = self._points[index], self._points[other] - self._points[index]
            length = np.einsum("ij,ij->i", way, way)
            share = np.einsum("ij,ij->i", wanted - start, way) / np.where(length > 0, length, 1)
            share = np.clip(share, 0, 1)
            gap = np.hypot(*(wanted - start - way * share[:, None]).T)
            better = found & (self._piece[other] == self._piece[index]) & (gap < off)
            off = np.where(better, gap, off)
            there = self._along[index] + share * (self._along[other] - self._along[index])
            along = np.where(better, there, along)
        found &= off <= FARTHEST_M
        return Snapped(np.where(found, self._piece[index], -1), along, off)

    def within(self, lat: float, lng: float, metres: float) -> Ints:
        hits = self._tree.query_ball_point(np.array([lat, lng]) * self._scale, metres)
        return np.unique(self._piece[hits])


class Router:
    """Answers how long it takes, at the speeds of one time of day and with some roads closed.

    `speeds` are km/h by kind; `closed` are pieces that nobody may drive. What is worked out here
    once is the graph turned round, so that one search from an incident reaches every unit.
    """

    def __init__(
        self, roads: Roads, speeds: Mapping[str, float] | None = None, closed: Sequence[int] = ()
    ) -> None:
        self.roads = roads
        known = SPEEDS | dict(speeds or {})
        pace = np.array([known[kind] for kind in KINDS]) / 3.6
        self._seconds = roads.metres / pace[roads.kind] if len(roads.kind) else np.zeros(0)
        self._open = np.ones(len(roads.tail), bool)
        self._open[list(closed)] = False
        back = roads.both & self._open
        # Turned round: from the head back to the tail, and the other way where both are allowed.
        rows = np.concatenate([roads.head[self._open], roads.tail[back]])
        columns = np.concatenate([roads.tail[self._open], roads.head[back]])
        weights = np.concatenate([self._seconds[self._open], self._seconds[back]])
        self._turned = _shortest(rows, columns, weights, roads.junctions)

    def warm(self) -> None:
        """Work out now what the first question would wait for."""
        lat, lng = self.roads.shape[0]
        self.times_to(float(lat), float(lng), [])

    def times_to(self, lat: float, lng: float, places: Sequence[tuple[float, float]]) -> Floats:
        """Seconds from each place to a point; infinite where no open road leads there."""
        where = np.array(places, float).reshape(-1, 2)
        snapped = self.roads._places.snap(np.append(where[:, 0], lat), np.append(where[:, 1], lng))
        goal, goal_along = int(snapped.piece[-1]), float(snapped.along[-1])
        found = np.full(len(where), np.inf)
        if goal < 0 or not self._open[goal]:
            return found
        reached = self._reached(goal, goal_along)
        piece, along = snapped.piece[:-1], snapped.along[:-1]
        known = (piece >= 0) & self._open[np.maximum(piece, 0)]
        piece, along = piece[known], along[known]
        seconds, both = self._seconds[piece], self.roads.both[piece]
        ahead = (1 - along) * seconds + reached[self.roads.head[piece]]
        behind = np.where(both, along * seconds + reached[self.roads.tail[piece]], np.inf)
        best = np.minimum(ahead, behind)
        same = piece == goal
        direct = (goal_along - along) * seconds
        allowed = same & ((direct >= 0) | both)
        best = np.where(allowed, np.minimum(best, np.abs(direct)), best)
        off = (snapped.off_m[:-1][known] + snapped.off_m[-1]) / (OFF_ROAD_KMH / 3.6)
        found[known] = best + off
        return found

    def _reached(self, goal: int, along: float) -> Floats:
        """Seconds from each junction to a point on a piece."""
        roads, seconds = self.roads, float(self._seconds[goal])
        graph = self._turned
        # The point itself is one more junction at the end, with a way to each end of its piece.
        ends = [(int(roads.tail[goal]), along * seconds)]
        if roads.both[goal]:
            ends.append((int(roads.head[goal]), (1 - along) * seconds))
        count = roads.junctions
        turned = csr_matrix(
            (
                np.append(graph.data, [cost or 1e-6 for _end, cost in ends]),
                np.append(graph.indices, [end for end, _cost in ends]).astype(graph.indices.dtype),
                np.append(graph.indptr, graph.indptr[-1] + len(ends)).astype(graph.indptr.dtype),
            ),
            shape=(count + 1, count + 1),
        )
        found: Floats = dijkstra(turned, indices=count)[:-1]
        return found


def _shortest(rows: Ints, columns: Ints, weights: Floats, junctions: int) -> Any:
    """A matrix of the quickest of the pieces between the same two junctions: a sum of them, which
    the matrix would make, is no time that anybody needs."""
    order = np.lexsort((weights, columns, rows))
    rows, columns, weights = rows[order], columns[order], weights[order]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    # A piece without length is no piece to the matrix.
    kept = np.maximum(weights[fresh], 1e-6)
    return csr_matrix((kept, (rows[fresh], columns[fresh])), shape=(junctions, junctions))
