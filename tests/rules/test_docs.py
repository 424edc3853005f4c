"""The documents that are made from the code are current."""

from pathlib import Path

import pytest

from sigap.config.docs import documents, write_docs

from .syntax import ROOT


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_document_is_current(name: str) -> None:
    assert (ROOT / name).read_text() == documents()[name], "run: sigap docs"


def test_writing_them_makes_what_is_missing(tmp_path: Path) -> None:
    written = write_docs(tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in written] == list(documents())
    assert all(p.read_text().startswith("# ") for p in written)
    assert not any(line != line.rstrip() for p in written for line in p.read_text().splitlines())


def test_they_name_every_state_setting_number_and_kind() -> None:
    from sigap.calls.machine import CALL
    from sigap.config.environment import Environment
    from sigap.core.kinds import KINDS
    from sigap.core.parameters import PARAMETERS

    made = documents()
    for name, words in {
        "docs/states.md": CALL.states,
        "docs/settings.md": [f"SIGAP_{n.upper()}" for n in Environment.model_fields],
        "docs/parameters.md": list(PARAMETERS),
        "docs/journal.md": list(KINDS),
    }.items():
        assert [w for w in words if f"`{w}`" not in made[name]] == []
