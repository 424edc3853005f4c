"""The warehouse: what `sigap monev` prints, from Parquet."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from sigap.core.actors import system
from sigap.evaluation.evaluate import Evaluation, evaluate
from sigap.evaluation.period import period_of
from sigap.evaluation.warehouse import figures
from sigap.evaluation.warehouse.export import export
from sigap.evaluation.warehouse.figures import Figures
from sigap.packs.load import find_pack
from sigap.packs.read import read_pack
from sim import fast
from sim.city import plan
from sim.people import hire
from sim.presets import PRESETS

# Over the end of a year, so that months, years and midnight in local time all count.
DAYS = date(2026, 12, 30), date(2027, 1, 2)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def simulated() -> None:
    """Some hundred calls in four days."""
    calls = {"emergency": 40, "repeat": 12, "complaint": 20, "prank": 30, "silent": 60}
    calls |= {"misdial": 20, "noise": 9, "information": 15, "abandoned": 25, "test": 2}
    preset = replace(PRESETS["kediri-2025"], calls=calls, first=DAYS[0], last=DAYS[1])
    pack = read_pack(find_pack(preset.pack))
    hire(preset, pack, actor=system("sim"))
    fast.run(plan(preset, pack))


def at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def from_parquet(root: Path, first: date, last: date, **more: Any) -> Figures:
    return figures.evaluate(root, at(first), at(last), **more)


def plain(found: Evaluation | Figures) -> dict[str, Any]:
    """Every figure that both have, without names."""
    every = asdict(found)
    kept = {key: every[key] for key in ("calls", "incidents", "clocks")}
    for section in ("by_agency", "by_type", "by_area", "by_priority"):
        kept[section] = [{k: v for k, v in g.items() if k != "name"} for g in every[section]]
    complaints = every["complaints"]
    kept["complaints"] = {key: complaints[key] for key in ("all", "complaints", "other")}
    for section in ("by_class", "by_category", "by_area", "by_channel", "by_state", "by_agency"):
        rows = [(g["code"], g["complaints"]) for g in complaints[section]]
        kept[f"complaints_{section}"] = sorted(rows)
    return kept


def test_every_figure_is_that_of_monev(simulated: None, tmp_path: Path) -> None:
    export(tmp_path)
    for first, last in [DAYS, (DAYS[0], DAYS[0]), (date(2027, 1, 1), DAYS[1])]:
        known = plain(evaluate(period_of(first, last)))
        assert plain(from_parquet(tmp_path, first, last)) == known
        assert known["clocks"]["total"]["n"] > 0


def test_classes_and_clocks_come_from_journal_rows_alone_too(
    simulated: None, tmp_path: Path
) -> None:
    export(tmp_path)
    for first, last in [DAYS, (DAYS[0], DAYS[0])]:
        known = plain(evaluate(period_of(first, last)))
        found = from_parquet(tmp_path, first, last, from_journal=True)
        assert asdict(found.calls) == known["calls"]
        without_targets = {c: {**f, "targets": []} for c, f in known["clocks"].items()}
        assert {c: asdict(f) for c, f in found.clocks.items()} == without_targets
