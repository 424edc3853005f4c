"""The first minutes of a city."""

import pytest
from click.testing import CliRunner

from sigap.config import cli
from sigap.config.cli import main

PASSWORD = "kata sandi uji coba"


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that serves no city yet, until it is written to."""
    monkeypatch.setattr(cli, "_served", lambda: None)
    monkeypatch.setattr(cli, "_migrate", lambda: None)


def test_set_up_asks_for_all_it_needs_and_again_for_what_is_wrong(empty: None) -> None:
    typed = ["kedira", "kediri", "pertama", "Orang Pertama", "pendek", PASSWORD, PASSWORD]
    result = CliRunner().invoke(main, ["setup"], input="\n".join(typed) + "\n")
    assert result.output.count("City pack [kediri]") == 2
    for question in ("User name", "Full name"):
        assert result.output.count(question) == 1
    assert result.output.count("Password (at least 10 characters") == 2
    assert PASSWORD not in result.output


def test_a_weak_password_on_the_command_line_is_refused_with_the_reason(
    empty: None,
) -> None:
    asked = ["setup", "--pack", "kediri", "--username", "a", "--name", "A", "--password", "pendek"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert "too short" in result.output


def test_a_database_that_serves_a_city_is_not_set_up_again() -> None:
    result = CliRunner().invoke(main, ["setup"], input="kediri\n")
    assert result.exit_code == 1
    assert "serves Kota Kediri already" in result.output
    assert "User name" not in result.output, "before anything else is asked"
