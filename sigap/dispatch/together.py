"""Which units to send to many incidents at once: pure functions over plain facts.

In a mass event the nearest unit to one incident may be the only one for another. All that is still
asked for is matched with all that is free so that the weighted seconds together are the fewest
(the assignment problem, solved exactly); nothing is sent but by a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from .recommend import Need, UnitFacts, fits, is_usable

Floats = npt.NDArray[np.float64]
# A second at P1 counts as much as so many at P4.
WEIGHTS = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0}
# To send nobody counts as a unit that takes so long: more than any way within a city.
UNMET_S = 4 * 3600.0
_NEVER = 1e9


@dataclass(frozen=True)
class Wish:
    """One unit that an incident still needs."""

    incident: int
    priority: int
    need: Need
    declined: frozenset[str] = frozenset()  # who has said no to it


@dataclass(frozen=True)
class Match:
    """The unit for a wish; "" where none is left for it."""

    wish: Wish
    call_sign: str = ""
    eta_s: int | None = None


def match(wishes: Sequence[Wish], units: Sequence[UnitFacts], seconds: Floats) -> list[Match]:
    """A unit for each wish, as far as there are any. `seconds` has a row for each wish and a
    column for each unit: how long it would take, infinite where no road leads there, not a number
    where that is unknown (such a unit goes only where there is no other)."""
    if not wishes:
        return []
    able = np.array(
        [
            [
                _may_go(unit) and fits(unit, wish.need) and unit.call_sign not in wish.declined
                for unit in units
            ]
            for wish in wishes
        ],
        bool,
    ).reshape(len(wishes), len(units))
    weights = np.array([WEIGHTS[wish.priority] for wish in wishes])[:, None]
    reached = np.where(np.isnan(seconds), UNMET_S / 2, seconds).reshape(able.shape)
    usable = able & np.isfinite(reached)
    costs = np.where(usable, np.minimum(reached, UNMET_S - 1) * weights, _NEVER)
    nobody = np.where(np.eye(len(wishes), dtype=bool), UNMET_S * weights, _NEVER)
    rows, columns = linear_sum_assignment(np.hstack([costs, nobody]))
    chosen = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    found = []
    for n, wish in enumerate(wishes):
        column = chosen[n]
        if column >= len(units):
            found.append(Match(wish))
            continue
        took = float(seconds[n, column])
        found.append(Match(wish, units[column].call_sign, round(took) if isfinite(took) else None))
    return found


def _may_go(unit: UnitFacts) -> bool:
    return is_usable(unit) and not unit.jobs
