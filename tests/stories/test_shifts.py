"""The start and end of a shift, and the sign of life between."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.db import transaction as django

from sigap.core import clock
from sigap.core.actions.shifts import end_shift, heartbeat, start_shift
from sigap.core.actors import Actor
from sigap.core.models import Shift


def test_a_shift_begins_and_ends_on_record(
    actor: Callable[[str], Actor], journal: Callable[[], list[str]], time: clock.Frozen
) -> None:
    taker = actor("call_taker")
    shift = start_shift(role="call_taker", desk="Meja 1", actor=taker)
    time.forward(8 * 3600)
    end_shift(actor=taker)
    shift.refresh_from_db()
    assert shift.ended_at == clock.now()
    assert journal() == ["shift.started", "shift.ended"]


def test_a_second_start_ends_the_first(
    actor: Callable[[str], Actor], journal: Callable[[], list[str]]
) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    second = start_shift(role="call_taker", desk="2", actor=taker)
    assert list(Shift.objects.filter(ended_at=None)) == [second]
    assert journal() == ["shift.started", "shift.ended", "shift.started"]


def test_the_database_refuses_two_open_shifts_of_one_person(actor: Callable[[str], Actor]) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    with pytest.raises(IntegrityError), django.atomic():
        Shift.objects.create(
            user_id=taker.user_id, role="x", started_at=clock.now(), heartbeat_at=clock.now()
        )


def test_ending_a_shift_twice_or_never_begun_is_nothing(
    actor: Callable[[str], Actor], journal: Callable[[], list[str]]
) -> None:
    end_shift(actor=actor("call_taker"))
    assert journal() == []


def test_a_sign_of_life_is_kept_but_is_not_history(
    actor: Callable[[str], Actor], journal: Callable[[], list[str]], time: clock.Frozen
) -> None:
    taker, other = actor("call_taker"), actor("dispatcher")
    mine = start_shift(role="call_taker", desk="1", actor=taker)
    theirs = start_shift(role="dispatcher", desk="2", actor=other)
    time.forward(15)
    heartbeat(actor=taker)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (clock.now() - mine.heartbeat_at).total_seconds() == 0
    assert (clock.now() - theirs.heartbeat_at).total_seconds() == 15
    assert journal() == ["shift.started", "shift.started"]


def test_a_sign_of_life_without_a_shift_is_nothing(actor: Callable[[str], Actor]) -> None:
    heartbeat(actor=actor("call_taker"))
    assert not Shift.objects.exists()
