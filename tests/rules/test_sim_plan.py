"""The plan of the simulated city, without the product."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from sigap.packs.load import PACKS
from sigap.packs.read import read_pack
from sigap.packs.schema import Pack
from sim.callers import PREFIX
from sim.city import counted, plan
from sim.cli import told
from sim.events import Availability, Event, Finish, Link, Open, Ring, Send, Step
from sim.presets import PRESETS, public_table

PRESET = PRESETS["kediri-2025"].scaled(1 / 100)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(PACKS / "kediri")


@pytest.fixture(scope="module")
def events(pack: Pack) -> list[Event]:
    return list(plan(PRESET, pack))


def test_the_preset_is_the_city_s_own_table() -> None:
    table = public_table(PRESETS["kediri-2025"].calls)
    assert table == {"valid": 496, "prank": 18_557, "ghost": 65_024, "information": 2_084}
    assert sum(table.values()) == 86_161  # noqa: PLR2004


def test_a_plan_holds_exactly_the_calls_of_its_preset(events: list[Event]) -> None:
    assert counted(events) == PRESET.calls


def test_a_plan_runs_in_order_of_time_and_no_two_calls_ring_at_once(events: list[Event]) -> None:
    assert all(a.at <= b.at for a, b in pairwise(events))
    rings = [e.at for e in events if isinstance(e, Ring)]
    assert len(rings) == len(set(rings))


def test_the_same_seed_makes_the_same_city_and_another_another(
    pack: Pack, events: list[Event]
) -> None:
    assert list(plan(PRESET, pack)) == events
    assert list(plan(PRESET, pack, seed=5)) != events


def test_all_calls_ring_on_days_of_the_preset(events: list[Event]) -> None:
    from sim.callers import WIB

    days = [e.at.astimezone(WIB).date() for e in events if isinstance(e, Ring)]
    assert (min(days), max(days)) >= (PRESET.first, PRESET.first)
    assert max(days) <= PRESET.last


def test_a_few_numbers_make_many_calls_and_all_are_of_a_prefix_that_nobody_has(
    pack: Pack,
) -> None:
    rings = [e for e in plan(PRESETS["kediri-2025"].scaled(1 / 10), pack) if isinstance(e, Ring)]
    numbers = Counter(e.number for e in rings if e.number)
    assert all(n.startswith(PREFIX) for n in numbers)
    often = sum(n for _number, n in numbers.most_common(len(numbers) // 10))
    assert often > sum(numbers.values()) / 3
    assert any(e.number is None for e in rings)


def test_each_emergency_is_opened_once_and_gets_units(events: list[Event]) -> None:
    opened = [e.incident for e in events if isinstance(e, Open)]
    assert len(opened) == len(set(opened)) == PRESET.calls["emergency"]
    assert {e.incident for e in events if isinstance(e, Send)} == set(opened)
    assert {e.incident for e in events if isinstance(e, Link)} <= set(opened)


def test_no_vehicle_goes_to_the_workshop_while_it_is_at_work(pack: Pack) -> None:
    at_work: dict[str, set[str]] = defaultdict(set)
    for event in plan(PRESETS["kediri-2025"].scaled(1 / 10), pack):
        if isinstance(event, Send):
            for unit in event.units:
                at_work[unit].add(event.incident)
        elif isinstance(event, Step) and event.command in ("complete", "decline"):
            at_work[event.unit].discard(event.incident)
        elif isinstance(event, Availability) and event.command == "withdraw":
            assert not at_work[event.unit], event


def test_nobody_calls_about_an_incident_that_is_over(events: list[Event]) -> None:
    over: set[str] = set()
    for event in events:
        if isinstance(event, Finish):
            over.add(event.incident)
        assert not (isinstance(event, Link) and event.incident in over), event


def test_the_command_tells_the_table_and_what_stands_apart() -> None:
    lines = told(Counter(PRESETS["kediri-2025"].calls), seconds=1)
    assert any("496" in line and "0.58%" in line for line in lines)
    assert "3,641 abandoned" in lines[-1]
