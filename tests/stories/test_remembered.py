"""What nearly every command asks for is asked once, and is never wrong for long."""

import time
from datetime import timedelta

import pytest

from sigap.complaints.models import Category
from sigap.complaints.queries import categories
from sigap.core import clock, remembered
from sigap.core.actions.configuration import define, set_parameter
from sigap.core.actions.personal import contact_for
from sigap.core.actors import system
from sigap.core.models import Contact, Parameter
from sigap.core.parameters import value
from sigap.core.transaction import transaction

SETUP = system("setup")


def test_what_was_asked_is_not_asked_again(django_assert_num_queries: object) -> None:
    categories()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert "pju" in categories()


def test_a_change_of_this_process_is_seen_at_once_also_by_the_command_itself() -> None:
    assert "pju" in categories()
    with transaction():
        define(Category, key={"code": "pju"}, active=False, actor=SETUP)
        assert "pju" not in categories()
    assert "pju" not in categories()


def test_a_change_that_was_undone_is_not_remembered() -> None:
    before = value("calls.ring_alarm_s")
    with pytest.raises(ZeroDivisionError), transaction():
        set_parameter("calls.ring_alarm_s", 99, actor=SETUP)
        assert value("calls.ring_alarm_s") == 99
        raise ZeroDivisionError
    assert value("calls.ring_alarm_s") == before


def test_another_processs_change_is_seen_after_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, now = value("calls.ring_alarm_s"), time.monotonic()
    Parameter.objects.create(name="calls.ring_alarm_s", value=99)
    assert value("calls.ring_alarm_s") == before
    monkeypatch.setattr(time, "monotonic", lambda: now + 2.1)
    assert value("calls.ring_alarm_s") == 99


def test_a_change_during_the_reading_makes_it_outdated() -> None:
    found = ["old"]

    @remembered.remembered
    def ask() -> str:
        read = found[0]
        if read == "old":  # somebody changes it before this is kept
            found[0] = "new"
            remembered.forget()
        return read

    assert [ask(), ask(), ask()] == ["old", "new", "new"]


def test_a_caller_is_one_contact_whose_last_time_never_runs_back() -> None:
    now = clock.now()
    with transaction():
        first = contact_for("081234567890", at=now)
        older = contact_for("+62 812-3456-7890", at=now - timedelta(days=3))
        later = contact_for("0812 3456 7890", at=now + timedelta(days=3))
    assert first and older and later
    assert first.pk == older.pk == later.pk and Contact.objects.count() == 1
    assert (older.last_at, older.first_at) == (now, now)
    assert later.last_at == now + timedelta(days=3)
