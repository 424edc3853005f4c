"""Which of 1,000 units to send, in a made-up city of 62,500 junctions: by the straight line, by
road with one search from the incident, and to 100 incidents at once.
"""

import time
from collections.abc import Callable
from statistics import median, quantiles

import numpy as np

from sigap.dispatch.recommend import Held, Need, Rules, UnitFacts, recommend
from sigap.dispatch.together import Wish, match
from sigap.places.roads.graph import Roads, Router

from .table import Measure

SIDE, UNITS, INCIDENTS, TIMES, SEED = 250, 1_000, 100, 200, 1
STEP = 0.0006  # degrees between two junctions: about 67 m
SOUTH, WEST = -7.85, 111.95
AGENCIES = ("psc119", "damkar", "polres", "dishub", "bpbd")
CAPABILITIES = ("als", "bls", "pump", "rescue", "traffic", "tow")
PLAN = [Need("psc119", "als", 1), Need("polres", "traffic", 1), Need("damkar", "rescue", 1)]
RULES = Rules(stale_costs_s=120, rest_s=600, rest_costs_s=60, coverage_costs_s=90)


def run() -> list[Measure]:
    """Ask again and again, each time of another place."""
    draw = np.random.default_rng(SEED)
    began = time.perf_counter()
    router = Router(_city(draw))
    router.warm()
    ready = time.perf_counter() - began
    units = _units(draw)
    goals = _places(draw, TIMES)
    where = [(unit.lat or 0.0, unit.lng or 0.0) for unit in units]

    def straight(lat: float, lng: float) -> None:
        recommend(PLAN, units, lat=lat, lng=lng, rules=RULES, priority=2)

    def by_road(lat: float, lng: float) -> None:
        times = router.times_to(lat, lng, where)
        told = {unit.call_sign: float(s) for unit, s in zip(units, times, strict=True)}
        recommend(PLAN, units, lat=lat, lng=lng, rules=RULES, priority=2, by_road=told)

    def together() -> None:
        wishes = [Wish(n, 1 + n % 4, PLAN[n % len(PLAN)]) for n in range(INCIDENTS)]
        match(wishes, units, router.times(goals[:INCIDENTS], where))

    line, road = (_clocked(ask, goals) for ask in (straight, by_road))
    began = time.perf_counter()
    together()
    batch = time.perf_counter() - began
    return [
        Measure(f"{SIDE * SIDE} junctions: ready to be asked", ready, "s"),
        Measure(f"{UNITS} units, straight line: P50", median(line), "ms"),
        Measure(f"{UNITS} units, straight line: P95", _p95(line), "ms", at_most=1),
        Measure(f"{UNITS} units, by road: P50", median(road), "ms"),
        Measure(f"{UNITS} units, by road: P95", _p95(road), "ms", at_most=20),
        Measure(f"{INCIDENTS} incidents at once, by road", batch, "s", at_most=1),
    ]


def _clocked(ask: Callable[[float, float], None], goals: list[tuple[float, float]]) -> list[float]:
    took = []
    for goal in goals:
        began = time.perf_counter()
        ask(*goal)
        took.append((time.perf_counter() - began) * 1000)
    return took


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


def _city(draw: np.random.Generator) -> Roads:
    """Streets as on a chessboard, somewhat askew; every tenth is one-way."""
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    axis = np.arange(SIDE) * STEP
    points = np.stack([SOUTH + np.repeat(axis, SIDE), WEST + np.tile(axis, SIDE)], axis=1)
    points = points + draw.normal(0, STEP / 12, points.shape)
    return Roads(
        tail=tail,
        head=head,
        metres=np.hypot(*((points[tail] - points[head]) * 111_000).T),
        kind=draw.integers(2, 7, len(tail)),
        both=draw.random(len(tail)) > 0.1,  # noqa: PLR2004 - a tenth
        first=np.arange(len(tail) + 1) * 2,
        shape=np.stack([points[tail], points[head]], axis=1).reshape(-1, 2),
        name=np.zeros(len(tail), int),
        junctions=SIDE * SIDE,
    )


def _places(draw: np.random.Generator, count: int) -> list[tuple[float, float]]:
    width = SIDE * STEP
    return [
        (SOUTH + float(lat) * width, WEST + float(lng) * width)
        for lat, lng in draw.random((count, 2))
    ]


def _units(draw: np.random.Generator) -> list[UnitFacts]:
    return [
        UnitFacts(
            f"U{n}",
            AGENCIES[n % len(AGENCIES)],
            frozenset(draw.choice(CAPABILITIES, 2, replace=False).tolist()),
            lat,
            lng,
            position_age_s=float(draw.uniform(0, 600)),
            jobs=(Held(1, 3, "en_route"),) if n % 5 == 0 else (),
        )
        for n, (lat, lng) in enumerate(_places(draw, UNITS))
    ]
