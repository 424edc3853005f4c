"""Every kind of journal row is known, used, and unable to carry personal data."""

import re
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from sigap.calls.machine import CALL, REVIEW
from sigap.core.kinds import KINDS, Body, Code, Reason
from sigap.core.models import ALARM
from sigap.core.parameters import PARAMETERS
from sigap.dispatch.machine import ASSIGNMENT
from sigap.fleet.machine import EQUIPMENT, UNIT
from sigap.incidents.machine import INCIDENT

from .syntax import PRODUCT, files, strings, tree

MACHINES = (CALL, REVIEW, INCIDENT, ASSIGNMENT, UNIT, EQUIPMENT, ALARM)
NOUNS = {kind.split(".")[0] for kind in KINDS}
SAFE = {int, float, bool, date, datetime, type(None)}


def parts(annotation: Any) -> Iterator[Any]:
    """The simple types that an annotation is made of; a Code counts as one."""
    if annotation == Code or annotation in SAFE:
        return
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (list, dict, types.UnionType, typing.Union):
        for part in inner:
            yield from parts(part)
    else:
        yield annotation


@pytest.mark.parametrize("body", sorted(set(KINDS.values()), key=lambda b: b.__name__))
def test_a_body_has_room_for_codes_numbers_and_times_only(body: type[Body]) -> None:
    hints = typing.get_type_hints(body, include_extras=True)
    fields = {name: hints[name] for name in body.model_fields}
    assert {name: list(parts(hint)) for name, hint in fields.items() if list(parts(hint))} == {}
    assert body.model_config["extra"] == "forbid"


@pytest.mark.parametrize(
    "words", ["Budi Santoso", "a\nb", "a\n", "jalan’s", "x" * 65, "Rp5,000", "b@c.id", "ş"]
)
def test_a_code_has_no_room_for_words(words: str) -> None:
    with pytest.raises(ValidationError):
        Reason(reason=words)


def written() -> set[str]:
    """Every text of the product that looks like a kind."""
    here = {PRODUCT / "core" / "kinds.py"}
    found = {text for path in files() if path not in here for text in strings(tree(path))}
    return {
        text
        for text in found - set(PARAMETERS)
        if re.fullmatch(r"[a-z_]+\.[a-z_]+", text) and text.split(".")[0] in NOUNS
    }


def moved() -> set[str]:
    """The kinds that the machines record by themselves, for commands that are really given."""
    tables = ("machine.py", "kinds.py")
    given = {t for path in files() if path.name not in tables for t in strings(tree(path))}
    return {
        f"{machine.name}.{command}"
        for machine in MACHINES
        for row in machine.table.values()
        for command in row
        if command in given or machine is UNIT  # set_availability() takes them all
    }


def test_every_kind_that_is_written_anywhere_is_known() -> None:
    assert written() - set(KINDS) == set()


def test_every_kind_is_recorded_by_some_action() -> None:
    assert set(KINDS) - written() - moved() == set()


def test_every_kind_says_what_it_carries() -> None:
    assert [body for body in KINDS.values() if not body.__doc__] == []
