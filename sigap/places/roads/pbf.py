"""Reads the roads of a city from an extract of OpenStreetMap (`CITY.osm.pbf`)."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import osmium

from ..geo import distance_m
from .graph import Roads
from .speeds import KINDS

# A ramp is as fast as the road that it leads to.
_ENDINGS = "_link"
# Nobody drives here, unit or not. Alleys for motorcycles alone are no way for a car.
_SHUT = {
    "access": {"no", "private"},
    "motor_vehicle": {"no"},
    "motorcar": {"no"},
    "vehicle": {"no"},
}
_EMERGENCY = {"yes", "designated", "official"}  # but a unit may
# What stands in the way of any vehicle. A gate is opened for a unit.
_BLOCKS = {"block", "bollard", "debris", "jersey_barrier", "log"}
LONGEST_NAME = 80
MOST_NODES = 5_000_000  # of a city; a country is another matter


class _Way(NamedTuple):
    """A way as it is drawn: its nodes, its kind, 1 or -1 where it is one-way, its name."""

    refs: list[int]
    kind: int
    one_way: int
    name: str


class NotRoads(ValueError):
    """The file is no extract with roads; the message says why."""


def read_pbf(file: Path) -> Roads:
    """The roads of an extract, cut into pieces at their junctions. Raises NotRoads."""
    try:
        ways, where = _read(file)
    except (RuntimeError, osmium.InvalidLocationError) as fault:
        raise NotRoads(f"{file.name} cannot be read: {fault}") from fault
    if not ways:
        raise NotRoads(f"{file.name} has no roads on which a unit can drive.")
    return _cut(ways, where, file.name)


def _read(file: Path) -> tuple[list[_Way], dict[int, tuple[float, float]]]:
    ways: list[_Way] = []
    where: dict[int, tuple[float, float]] = {}
    blocked = _blocked(file)
    reader = osmium.FileProcessor(str(file)).with_locations()
    reader = reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    for way in reader.with_filter(osmium.filter.KeyFilter("highway")):
        if not isinstance(way, osmium.osm.Way) or (kind := _kind_of(way.tags)) is None:
            continue
        nodes = [node for node in way.nodes if node.location.valid()]
        for node in nodes:
            where[node.ref] = (node.location.lat, node.location.lon)
        if len(where) > MOST_NODES:
            raise NotRoads(f"{file.name} is far more than a city: cut it out first.")
        for refs in _parted([node.ref for node in nodes], blocked, where):
            ways.append(_Way(refs, kind, _ways_of(way.tags), _name_of(way.tags)))
    return ways, where


def _blocked(file: Path) -> set[int]:
    """The nodes at which something stands that no vehicle passes."""
    nodes = osmium.FileProcessor(str(file), osmium.osm.NODE)
    return {
        node.id
        for node in nodes.with_filter(osmium.filter.KeyFilter("barrier"))
        if node.tags["barrier"] in _BLOCKS and node.tags.get("emergency") not in _EMERGENCY
    }


def _parted(
    refs: list[int], blocked: set[int], where: dict[int, tuple[float, float]]
) -> Iterator[list[int]]:
    """A way, cut where it is blocked: what ends there meets nothing."""

    def end(ref: int) -> int:
        own = -len(where) - 1
        where[own] = where[ref]
        return own

    part: list[int] = []
    for ref in refs:
        if ref not in blocked:
            part.append(ref)
            continue
        if part:
            yield [*part, end(ref)]
        part = [end(ref)]
    if len(part) > 1:
        yield part


def _name_of(tags: Any) -> str:
    return str(tags.get("name") or tags.get("ref") or "")[:LONGEST_NAME]


def _kind_of(tags: Any) -> int | None:
    kind = tags["highway"].removesuffix(_ENDINGS)
    shut = any(tags.get(key) in values for key, values in _SHUT.items())
    if kind not in KINDS or (shut and tags.get("emergency") not in _EMERGENCY):
        return None
    return KINDS.index(kind)


def _ways_of(tags: Any) -> int:
    """1: only as it is drawn; -1: only against that; 0: both."""
    if tags.get("oneway") in ("-1", "reverse"):
        return -1
    if tags.get("oneway") in ("yes", "true", "1"):
        return 1
    round_about = tags.get("junction") in ("roundabout", "circular")
    return int((round_about or tags["highway"] == "motorway") and tags.get("oneway") != "no")


def _cut(ways: list[_Way], where: dict[int, tuple[float, float]], source: str) -> Roads:
    used = Counter(ref for way in ways for ref in way.refs)
    ends = {ref for way in ways for ref in (way.refs[0], way.refs[-1])}
    number: dict[int, int] = {}
    called: dict[str, int] = {"": 0}
    tail, head, metres, kinds, both, names, first = [], [], [], [], [], [], [0]
    shape: list[tuple[float, float]] = []
    for way in ways:
        refs = way.refs[::-1] if way.one_way < 0 else way.refs
        start = 0
        for at in range(1, len(refs)):
            if used[refs[at]] < 2 and refs[at] not in ends:  # noqa: PLR2004 - no junction
                continue
            piece = refs[start : at + 1]
            start = at
            line = [where[ref] for ref in piece]
            tail.append(number.setdefault(piece[0], len(number)))
            head.append(number.setdefault(piece[-1], len(number)))
            metres.append(sum(distance_m(*a, *b) for a, b in zip(line, line[1:], strict=False)))
            kinds.append(way.kind)
            both.append(way.one_way == 0)
            names.append(called.setdefault(way.name, len(called)))
            shape += line
            first.append(len(shape))
    return Roads(
        tail=np.array(tail),
        head=np.array(head),
        metres=np.array(metres),
        kind=np.array(kinds),
        both=np.array(both, bool),
        first=np.array(first),
        shape=np.array(shape),
        name=np.array(names),
        names=list(called),
        junctions=len(number),
        source=source,
    )
