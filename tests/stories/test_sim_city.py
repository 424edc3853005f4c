"""A simulated stretch prints as it was ordered: the city's own figures, a hundredth of them."""

from dataclasses import replace
from datetime import date

import click
import pytest

from sigap.core.actors import system
from sigap.core.journal import verify
from sigap.evaluation.calls import call_table
from sigap.evaluation.period import period_of
from sigap.packs.load import find_pack
from sigap.packs.read import read_pack
from sim import fast
from sim.city import plan
from sim.cli import simulate
from sim.people import hire
from sim.presets import PRESETS, public_table


def test_a_hundredth_of_the_seven_months_is_evaluated_exactly() -> None:
    days = date(2026, 11, 3), date(2026, 11, 4)
    preset = replace(PRESETS["kediri-2025"].scaled(1 / 100), first=days[0], last=days[1])
    pack = read_pack(find_pack(preset.pack))
    hire(preset, pack, actor=system("sim"))
    fast.run(plan(preset, pack))

    table = call_table(period_of(*days))
    found = {line.key: line.calls for line in table.classes}
    assert found == public_table(preset.calls)
    assert found == {"valid": 5, "prank": 186, "ghost": 650, "information": 21}
    assert table.other["abandoned"] == preset.calls["abandoned"]
    assert table.other["unclassified"] == 0
    assert verify().broken_seq is None


def test_a_database_that_serves_a_city_is_not_simulated_into() -> None:
    with pytest.raises(click.ClickException):
        simulate(PRESETS["kediri-2025"], seed=1, fast=True, quiet=True)
