"""Reports about the same: how well words alone, and words with place, time and kind, tell made-up
pairs that are about the same from those that only look so; and how long the comparison takes.
"""

import time
from datetime import UTC, datetime

from sigap.complaints.likeness import compare, texts
from sim.pairs import hard_pairs

from .table import Measure

PAIRS, SEED = 2_000, 7
CROWD = 60  # other texts by which it is known which words are rare
LEAST = 0.5


def run() -> list[Measure]:
    """Judge every pair by both."""
    made = list(hard_pairs(PAIRS, SEED, datetime(2025, 1, 6, tzinfo=UTC)))
    crowd = [pair.other.text for pair in made[:CROWD]]
    began = time.perf_counter()
    words = [texts(pair.one.text, [pair.other.text, *crowd])[0] for pair in made]
    took = (time.perf_counter() - began) / PAIRS * 1000
    both = [
        compare(pair.one.told(), pair.other.told(), text).score
        for pair, text in zip(made, words, strict=True)
    ]
    same = [pair.same for pair in made]
    offered = [is_same for score, is_same in zip(both, same, strict=True) if score >= LEAST]
    alone, combined = _area_under(words, same), _area_under(both, same)
    return [
        Measure("made up: words alone: AUC", alone),
        Measure("made up: with place, time and kind: AUC", combined, at_least=alone),
        Measure("made up: offered, and about the same", sum(offered) / len(offered)),
        Measure("made up: about the same, and offered", sum(offered) / sum(same)),
        Measure(f"one text against {CROWD}", took, "ms"),
    ]


def _area_under(scores: list[float], same: list[bool]) -> float:
    """The share of pairs of pairs that stand in the right order."""
    ranked = sorted(zip(scores, same, strict=True))
    yes, below, right = sum(same), 0, 0.0
    for n, (score, is_same) in enumerate(ranked):
        if is_same:
            right += below
            right += sum(not s for v, s in ranked[n + 1 : n + 50] if v == score) / 2
        else:
            below += 1
    return right / (yes * (len(same) - yes))
