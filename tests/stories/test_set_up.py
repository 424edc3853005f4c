"""The first minutes of a city."""

from click.testing import CliRunner

from sigap.config.cli import main

PASSWORD = "kata sandi uji coba"


def test_set_up_asks_for_all_it_needs_and_again_for_a_weak_password() -> None:
    typed = ["kediri", "pertama", "Orang Pertama", "pendek", PASSWORD, PASSWORD]
    result = CliRunner().invoke(main, ["setup"], input="\n".join(typed) + "\n")
    for question in ("City pack [kediri]", "User name", "Full name"):
        assert result.output.count(question) == 1
    assert result.output.count("Password (at least 10 characters") == 2
    assert PASSWORD not in result.output


def test_a_weak_password_on_the_command_line_is_refused_with_the_reason() -> None:
    asked = ["setup", "--pack", "kediri", "--username", "a", "--name", "A", "--password", "pendek"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert "too short" in result.output


def test_a_database_that_serves_a_city_is_not_set_up_again() -> None:
    who = ["--username", "kedua", "--name", "Orang Kedua", "--password", PASSWORD]
    result = CliRunner().invoke(main, ["setup", "--pack", "kediri", *who])
    assert result.exit_code == 1
    assert "serves Kota Kediri already" in result.output
