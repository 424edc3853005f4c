"""The roads of a city as a graph, and one search from an incident back to all units. Pure.

A search of 60,000 junctions costs a few milliseconds, so nothing is worked out beforehand but the
graph itself. Where a road is closed, it is closed in both directions until somebody opens it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components, dijkstra  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from ..geo import METRES_PER_DEGREE
from .speeds import KINDS, SPEEDS

STEP_M = 25.0  # so far apart are the points by which a place finds its road
FARTHEST_M = 400.0  # from any road: beyond it a place has none
# Off the road one goes on foot or slowly: the way from a place to its road.
OFF_ROAD_KMH = 8.0
NO_TIME = 1e-6  # a piece without length is none to the matrix

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Point = tuple[float, float]


@dataclass(frozen=True)
class Roads:
    """Pieces of road between junctions. Arrays by piece: `tail` and `head` junction, `metres`,
    `kind` (of KINDS), `both` ways or one; `first` is where its points begin in `shape`
    (latitude, longitude), which has one more piece's worth at the end; `name` is its place in
    `names`. `source` says which file this is of."""

    tail: Ints
    head: Ints
    metres: Floats
    kind: Ints
    both: npt.NDArray[np.bool_]
    first: Ints
    shape: Floats
    name: Ints
    junctions: int
    names: Sequence[str] = ("",)
    source: str = ""

    def write(self, file: Path) -> None:
        """Keep it in a file."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        told = {"junctions": self.junctions, "names": list(self.names), "source": self.source}
        about = json.dumps(told)
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

    def line(self, piece: int) -> list[tuple[float, float]]:
        """The points of a piece, latitude first."""
        points = self.shape[self.first[piece] : self.first[piece + 1]]
        return [(float(lat), float(lng)) for lat, lng in points]

    @cached_property
    def turned(self) -> "Roads":
        """The same with every road turned round: a search from a place then tells how long it takes
        from there, not to it."""
        return replace(
            self,
            tail=self.head[::-1],
            head=self.tail[::-1],
            metres=self.metres[::-1],
            kind=self.kind[::-1],
            both=self.both[::-1],
            name=self.name[::-1],
            shape=self.shape[::-1],
            first=self.first[-1] - self.first[::-1],
        )

    def connected(self) -> "Roads":
        """The same without islands: what cannot be driven to and left again, as the lanes of a
        closed yard, would say of whoever stands there that no road leads anywhere."""
        rows = np.concatenate([self.tail, self.head[self.both]])
        columns = np.concatenate([self.head, self.tail[self.both]])
        graph = csr_matrix(
            (np.ones(len(rows), np.int8), (rows, columns)), shape=(self.junctions, self.junctions)
        )
        _count, part = connected_components(graph, connection="strong")
        main = np.bincount(part).argmax()
        kept = np.flatnonzero((part[self.tail] == main) & (part[self.head] == main))
        number = np.full(self.junctions, -1)
        used = np.flatnonzero(part == main)
        number[used] = np.arange(len(used))
        lines = [self.shape[self.first[n] : self.first[n + 1]] for n in kept]
        return replace(
            self,
            tail=number[self.tail[kept]],
            head=number[self.head[kept]],
            metres=self.metres[kept],
            kind=self.kind[kept],
            both=self.both[kept],
            name=self.name[kept],
            first=np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(int),
            shape=np.concatenate(lines) if lines else np.zeros((0, 2)),
            junctions=len(used),
        )


_ARRAYS = ("tail", "head", "metres", "kind", "both", "first", "shape", "name")


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
        line = roads.shape * self._scale
        starts, ends = roads.first[:-1], roads.first[1:] - 1
        step = np.zeros(len(line))
        step[1:] = np.hypot(*np.diff(line, axis=0).T)
        step[starts] = 1.0  # between two pieces, so that none runs into the next
        reached = np.cumsum(step)
        length = reached[ends] - reached[starts]
        count = np.maximum(2, (length / STEP_M).astype(int) + 2)
        self._piece = np.repeat(np.arange(len(starts)), count)
        nth = np.arange(len(self._piece)) - np.repeat(np.cumsum(count) - count, count)
        self._along = nth / (count - 1)[self._piece]
        at = reached[starts][self._piece] + self._along * length[self._piece]
        self._points = np.stack([np.interp(at, reached, line[:, n]) for n in (0, 1)], axis=1)
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
        hits = self._tree.query_ball_point(np.array([lat, lng]) * self._scale, metres + STEP_M / 2)
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

    def times_to(self, lat: float, lng: float, places: Sequence[Point]) -> Floats:
        """Seconds from each place to a point: infinite where no open road leads from one to the
        other, not a number where a place has no road, or only a closed one."""
        found: Floats = self.times([(lat, lng)], places)[0]
        return found

    def times(self, goals: Sequence[Point], places: Sequence[Point]) -> Floats:
        """The same for several goals at once, a row for each."""
        points = np.array([*goals, *places], float).reshape(-1, 2)
        snapped = self.roads._places.snap(points[:, 0], points[:, 1])
        usable = (snapped.piece >= 0) & self._open[np.maximum(snapped.piece, 0)]
        found = np.full((len(goals), len(places)), np.nan)
        rows = np.flatnonzero(usable[: len(goals)])
        columns = np.flatnonzero(usable[len(goals) :])
        if not len(rows):
            return found
        goal, into = snapped.piece[rows, None], snapped.along[rows, None]
        here = columns + len(goals)
        piece, along = snapped.piece[here], snapped.along[here]
        reached = self._reached(goal[:, 0], into[:, 0])
        seconds, both = self._seconds[piece], self.roads.both[piece]
        ahead = (1 - along) * seconds + reached[:, self.roads.head[piece]]
        behind = np.where(both, along * seconds + reached[:, self.roads.tail[piece]], np.inf)
        best = np.minimum(ahead, behind)
        direct = (into - along) * seconds
        allowed = (piece == goal) & ((direct >= 0) | both)
        best = np.where(allowed, np.minimum(best, np.abs(direct)), best)
        off = (snapped.off_m[here] + snapped.off_m[rows, None]) / (OFF_ROAD_KMH / 3.6)
        found[np.ix_(rows, columns)] = best + off
        return found

    def route(self, start: Point, goal: Point) -> "Route | None":
        """How the quickest way from one point to another is made up; None where there is none."""
        snapped = self.roads._places.snap(
            np.array([start[0], goal[0]]), np.array([start[1], goal[1]])
        )
        (first, last), (out, into) = snapped.piece, snapped.along
        if first < 0 or last < 0 or not (self._open[first] and self._open[last]):
            return None
        roads, metres = self.roads, np.zeros(len(KINDS))
        off_m = float(snapped.off_m.sum())
        if first == last and (into >= out or roads.both[first]):
            metres[roads.kind[first]] = abs(into - out) * roads.metres[first]
            return Route(metres, off_m)
        (reached,), (before,) = self._reached(np.array([last]), np.array([into]), trace=True)
        seconds = float(self._seconds[first])
        ahead = (1 - out) * seconds + reached[roads.head[first]]
        behind = out * seconds + reached[roads.tail[first]] if roads.both[first] else np.inf
        if not np.isfinite(min(ahead, behind)):
            return None
        at = int(roads.head[first] if ahead <= behind else roads.tail[first])
        metres[roads.kind[first]] += (1 - out if ahead <= behind else out) * roads.metres[first]
        while before[at] < roads.junctions:
            piece = self._quickest[at, int(before[at])]
            metres[roads.kind[piece]] += roads.metres[piece]
            at = int(before[at])
        metres[roads.kind[last]] += (into if at == roads.tail[last] else 1 - into) * roads.metres[
            last
        ]
        return Route(metres, off_m)

    @cached_property
    def _quickest(self) -> dict[tuple[int, int], int]:
        """The piece by which one junction is reached from another."""
        found: dict[tuple[int, int], int] = {}
        for piece in np.argsort(-self._seconds):
            if self._open[piece]:
                ends = int(self.roads.tail[piece]), int(self.roads.head[piece])
                found[ends] = int(piece)
                if self.roads.both[piece]:
                    found[ends[::-1]] = int(piece)
        return found

    def _reached(self, goals: Ints, alongs: Floats, *, trace: bool = False) -> Any:
        """Seconds from each junction to points on pieces, a row for each; with `trace` also the
        junction that comes next on the way there."""
        roads, graph, count = self.roads, self._turned, self.roads.junctions
        seconds = self._seconds[goals]
        # The points are more junctions at the end, each with a way to the ends of its piece.
        two = roads.both[goals]
        starts = np.arange(len(goals))
        rows = np.concatenate([starts, starts[two]])
        ends = np.concatenate([roads.tail[goals], roads.head[goals][two]])
        costs = np.concatenate([alongs * seconds, ((1 - alongs) * seconds)[two]])
        order = np.argsort(rows, kind="stable")
        pointers = graph.indptr[-1] + np.cumsum(np.bincount(rows, minlength=len(goals)))
        turned = csr_matrix(
            (
                np.append(graph.data, np.maximum(costs[order], NO_TIME)),
                np.append(graph.indices, ends[order].astype(graph.indices.dtype)),
                np.append(graph.indptr, pointers.astype(graph.indptr.dtype)),
            ),
            shape=(count + len(goals), count + len(goals)),
        )
        wanted = np.arange(count, count + len(goals))
        if trace:
            reached, following = dijkstra(turned, indices=wanted, return_predecessors=True)
            return reached[:, :count], following[:, :count]
        return dijkstra(turned, indices=wanted)[:, :count]


class Route(NamedTuple):
    """A way: metres on each kind of road (in the order of KINDS), and off them."""

    metres: Floats
    off_m: float


def _shortest(rows: Ints, columns: Ints, weights: Floats, junctions: int) -> Any:
    """A matrix of the quickest of the pieces between the same two junctions: a sum of them, which
    the matrix would make, is no time that anybody needs."""
    order = np.lexsort((weights, columns, rows))
    rows, columns, weights = rows[order], columns[order], weights[order]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    kept = np.maximum(weights[fresh], NO_TIME)
    return csr_matrix((kept, (rows[fresh], columns[fresh])), shape=(junctions, junctions))
