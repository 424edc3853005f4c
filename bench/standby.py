"""Where units should wait, and what if: the best places proven for a city of 46 areas, then on the
simulated city what they save in its later cases, and how long it takes to replay 500.

`python -m bench.standby` reckons with what the database holds, in a process of its own, and prints
what it found.
"""

import json
import math
import time
from dataclasses import replace
from datetime import timedelta

import numpy as np

from sigap.insight.standby.choosing import mexclp, p_median

from .product import product
from .table import Measure

AREAS, UNITS, TOWNS, SEED = 46, 20, 10, 1
CASES = 500
WITHIN_S, BUSY = 240, 0.3
KINDS = ("damkar/animal", "psc119/bls")


def run() -> list[Measure]:
    """Made-up towns, then the simulated city."""
    slowest, gap = _towns()
    with product() as served:
        served.cost("sigap.config.cli", "sim", "--preset", "kediri-2025")
        found = json.loads(served.cost("bench.standby").printed)
    return [
        Measure(f"p-median, {AREAS} areas, {UNITS} units: slowest", slowest["p"], "s", at_most=1),
        Measure("p-median: gap to the proven best", gap, at_most=0),
        Measure(f"MEXCLP, {AREAS} areas, {UNITS} units: slowest", slowest["m"], "s", at_most=1),
        Measure("simulated city: past cases", found["cases"]),
        Measure("a plan for a kind, checked", found["plan_s"], "s", at_most=3),
        *(
            Measure(f"{kind}, later cases: {name}", told[name], "" if name == "n" else "s")
            for kind, told in found["saving"].items()
            for name in ("mean", "low", "high", "n")
        ),
        Measure(f"what if, {CASES} cases, another fleet", found["fleet_s"], "s", at_most=3),
        Measure(f"what if, {CASES} cases, other operators", found["operators_s"], "s", at_most=10),
        Measure("simulated against observed: mean", found["validity"]["mean"], "s"),
        Measure("simulated against observed: low", found["validity"]["low"], "s"),
        Measure("simulated against observed: high", found["validity"]["high"], "s"),
        Measure("observed mean", found["validity"]["observed"], "s"),
    ]


def _towns() -> tuple[dict[str, float], float]:
    """The slowest of each model, and the largest gap that was left."""
    draw, slowest, gap = np.random.default_rng(SEED), {"p": 0.0, "m": 0.0}, 0.0
    for _town in range(TOWNS):
        middles = draw.random((AREAS, 2)) * 8000
        apart = np.hypot(*(middles[:, None] - middles[None]).transpose(2, 0, 1))
        seconds, weights = apart * 1.35 / (30 / 3.6), draw.gamma(1, 1, AREAS)
        weights /= weights.sum()
        began = time.perf_counter()
        chosen = p_median(seconds, weights, UNITS)
        slowest["p"] = max(slowest["p"], time.perf_counter() - began)
        began = time.perf_counter()
        other = mexclp(seconds, weights, UNITS, within_s=WITHIN_S, busy=BUSY)
        slowest["m"] = max(slowest["m"], time.perf_counter() - began)
        proven = chosen.proven and other.proven
        gap = max(gap, chosen.gap, other.gap) if proven else math.inf
    return slowest, gap


def _measured() -> dict[str, object]:
    from sigap.insight.standby.ground import Ground
    from sigap.insight.standby.trips import past
    from sigap.insight.standby.waiting import kinds, plan_for
    from sigap.insight.standby.whatif import Scenario, compare

    known, ground = past(), Ground()
    saving, plan_s = {}, 0.0
    for kind in kinds(known, ground):
        if kind.code in KINDS:
            began = time.perf_counter()
            plan = plan_for(kind, "p_median", known, ground)
            plan_s = max(plan_s, time.perf_counter() - began)
            assert plan.check is not None and plan.check.seconds is not None
            saving[kind.code] = vars(plan.check.seconds)
    # As many as are looked at, of which the city has fewer: the same once more, years before.
    more = [
        replace(case, id=-case.id, at=case.at - timedelta(days=730))
        for case in known.cases[: max(0, CASES - len(known.cases))]
    ]
    many = replace(known, cases=more + known.cases)
    began = time.perf_counter()
    base = compare(Scenario(away=frozenset({"DAM-05"})), many, ground)
    fleet_s = time.perf_counter() - began
    began = time.perf_counter()
    compare(Scenario(operators=-1), many, ground)
    operators_s = time.perf_counter() - began
    assert base.cases == CASES and base.validity is not None
    told = base.validity
    return {
        "cases": len(known.cases),
        "plan_s": plan_s,
        "saving": saving,
        "fleet_s": fleet_s,
        "operators_s": operators_s,
        "validity": {**vars(told.seconds), "observed": told.observed_s},
    }


if __name__ == "__main__":
    from sigap.config.cli import start_django

    start_django()
    print(json.dumps(_measured()))
