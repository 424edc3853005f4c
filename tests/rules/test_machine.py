"""The tables of states: whole, reachable, and enforced."""

from datetime import UTC, datetime

import pytest

from sigap.calls.machine import CALL, LIVE
from sigap.core.actors import Actor
from sigap.core.errors import Refused
from sigap.core.kinds import KINDS
from sigap.core.machine import Machine, expect
from sigap.core.models import ALARM, Alarm
from sigap.dispatch.machine import ASSIGNMENT, OPEN
from sigap.fleet.machine import EQUIPMENT, UNIT
from sigap.incidents.machine import INCIDENT, UNFINISHED

MACHINES = [CALL, INCIDENT, ASSIGNMENT, UNIT, EQUIPMENT, ALARM]
every_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)


@every_machine
def test_every_state_has_a_name_in_which_errors_speak_of_it(machine: Machine) -> None:
    assert set(machine.names) == set(machine.states)
    with pytest.raises(Refused, match=str(machine.names[machine.initial])):
        machine.next(machine.initial, "dance")


@every_machine
def test_every_state_can_be_reached_from_the_first(machine: Machine) -> None:
    reached, frontier = {machine.initial}, [machine.initial]
    while frontier:
        following = set(machine.table[frontier.pop()].values()) - reached
        reached |= following
        frontier += following
    assert reached == set(machine.states)


@every_machine
def test_every_move_has_a_kind_of_journal_row(machine: Machine) -> None:
    commands = {command for row in machine.table.values() for command in row}
    assert {f"{machine.name}.{command}" for command in commands} <= set(KINDS)


@every_machine
def test_what_the_table_does_not_allow_is_refused(machine: Machine) -> None:
    commands = {command for row in machine.table.values() for command in row}
    for state, row in machine.table.items():
        for command in commands:
            assert machine.allows(state, command) == (command in row)
            if command in row:
                assert machine.next(state, command) == row[command]
            else:
                with pytest.raises(Refused) as refusal:
                    machine.next(state, command)
                assert refusal.value.details["state"] == state


def test_an_unknown_state_or_command_is_refused_not_a_fault() -> None:
    assert not CALL.allows("nowhere", "answer")
    with pytest.raises(Refused):
        CALL.next("nowhere", "answer")


def test_a_table_that_leads_nowhere_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="unknown states"):
        Machine("lost", {"here": {"go": "there"}})


def test_the_groups_of_states_are_states() -> None:
    assert set(LIVE) <= set(CALL.states)
    assert set(OPEN) <= set(ASSIGNMENT.states)
    assert set(UNFINISHED) <= set(INCIDENT.states)


def test_nothing_open_is_an_end_and_every_end_is_not_open() -> None:
    assert all(ASSIGNMENT.table[state] for state in OPEN)
    ends = {state for state, row in ASSIGNMENT.table.items() if not row}
    assert ends == set(ASSIGNMENT.states) - {"proposed", *OPEN}


def test_a_version_that_moved_on_is_a_conflict() -> None:
    alarm = Alarm(code="x", raised_at=datetime(2026, 1, 1, tzinfo=UTC), version=3)
    expect(alarm, None)
    expect(alarm, 3)
    with pytest.raises(Refused) as conflict:
        expect(alarm, 2)
    assert (conflict.value.code, conflict.value.details) == ("conflict", {"version": 3})


def test_nothing_is_allowed_that_is_not_listed() -> None:
    assert Actor("nobody").permissions == frozenset()
