"""Sorting complaints: how long a model of 10,000 reports takes to train, how long one text takes,
and how often model and rules are right. The reports are made up from templates, so their scores
show that the parts work and say little about a city's own reports.
"""

import random
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sigap.complaints.classify.decide import RULES_SURE, Decider
from sigap.complaints.classify.evaluate import (
    Guesser,
    Pairs,
    by_time,
    cross,
    judge,
    score,
    threshold,
)
from sigap.complaints.classify.guess import Guess
from sigap.complaints.classify.lexicon import Lexicon
from sigap.complaints.classify.model import Model, train
from sim.reports import by_hand, pairs, reports

from .table import Measure, percentile

CATEGORIES = Path(__file__).parents[1] / "sigap" / "packs" / "kediri" / "categories.toml"
LEARNED, ASKED, SEED = 10_000, 2_000, 7
PRECISION = 0.95
RARE_WORDS = 20_000
SYLLABLES = [a + b for a in "bcdghjklmnprst" for b in "aiueo"]


def run() -> list[Measure]:
    """Train, ask, and judge by five folds."""
    known = pairs(LEARNED, SEED)
    began = time.perf_counter()
    trained = train(known)
    took = time.perf_counter() - began
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        path = Path(folder) / "model.npz"
        trained.write(path)
        size = path.stat().st_size / 1e6
        model = Model.read(path)
    began = time.perf_counter()
    train([(text + _filler(n), code) for n, (text, code) in enumerate(known)])
    took_long = time.perf_counter() - began
    rules = _rules()
    asked = [text for text, _ in pairs(ASKED, SEED + 1)]
    both = Decider(rules, model, threshold=0.9).decide
    return [
        Measure(f"training on {LEARNED:,} texts", took, "s", at_most=60),
        Measure(f"training on {LEARNED:,} texts of some 60 words", took_long, "s", at_most=60),
        Measure("its file", size, "MB"),
        *_times("one text, model", model.guess, asked),
        *_times("one text, rules", rules.guess, asked),
        *_times("one text, model and rules", both, asked),
        *_times("one text, why", model.explain, asked),
        *_judged(known, rules),
    ]


def _filler(seed: int) -> str:
    """Forty words that mean nothing, a few of them frequent and most of them rare: made-up reports
    have far fewer words than those of a city, by which training takes its time."""
    chance = random.Random(seed)
    numbers = (int(chance.paretovariate(0.4)) % RARE_WORDS for _ in range(40))
    return "".join(" " + "".join(SYLLABLES[n // 70**k % 70] for k in range(3)) for n in numbers)


def _rules() -> Lexicon:
    data = tomllib.loads(CATEGORIES.read_text(encoding="utf-8"))
    return Lexicon({row["code"]: row["words"] for row in data["category"]})


def _times(what: str, ask: Callable[[str], object], texts: Sequence[str]) -> list[Measure]:
    took = []
    for text in texts:
        began = time.perf_counter()
        ask(text)
        took.append((time.perf_counter() - began) * 1000)
    return [
        Measure(f"{what}, mean", sum(took) / len(took), "ms", at_most=2),
        Measure(f"{what}, P99", percentile(took, 99), "ms"),
    ]


def _alone(known: Pairs) -> Guesser:
    return train(known).guess


def _beside(known: Pairs) -> Guesser:
    """What a citizen is offered: a model with the rules beside it."""
    decide = Decider(_rules(), train(known)).decide

    def guess(text: str) -> list[Guess]:
        found = decide(text)
        return [*([found.best] if found.best else []), *found.others]

    return guess


def _judged(known: Pairs, rules: Lexicon) -> list[Measure]:
    start = datetime(2025, 1, 6, tzinfo=UTC)
    dated = [(r.text, r.category, r.at) for r in reports(LEARNED, SEED, start)]
    early = dated[: LEARNED // 10]
    ruled, folded = judge(rules.guess, known), cross(_beside, known)
    rows = []
    for who, judged in (
        ("rules of day one", ruled),
        ("rules of day one, texts by hand", judge(rules.guess, by_hand())),
        ("model alone, five folds", cross(_alone, known)),
        ("model beside rules, five folds", folded),
        ("model alone, newest fifth", by_time(_alone, dated)),
        ("model beside rules, newest fifth", by_time(_beside, dated)),
        (f"model alone, newest fifth of {len(early):,}", by_time(_alone, early)),
        (f"model beside rules, newest fifth of {len(early):,}", by_time(_beside, early)),
    ):
        found = score(judged)
        rows += [
            Measure(f"made up: {who}: accuracy", found.accuracy),
            Measure(f"made up: {who}: macro-F1", found.macro_f1),
            Measure(f"made up: {who}: right is among three", found.top3),
        ]
    level = threshold(folded, PRECISION)
    sure = [j for j in folded if level is not None and j.confidence >= level]
    sure_rules = [j for j in ruled if j.confidence >= RULES_SURE]
    return [
        *rows,
        Measure("made up: both: confidence off the truth by", score(folded).calibration),
        Measure(f"made up: surest, of which {PRECISION:.0%} are right", len(sure) / len(known)),
        Measure("made up: rules are sure of", len(sure_rules) / len(known)),
        Measure("made up: and right then", sum(j.right for j in sure_rules) / len(sure_rules)),
    ]
