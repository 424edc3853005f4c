"""The start and end of a shift, its pauses, and the sign of life between."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError
from django.db import transaction as django
from django.test import Client

from sigap.calls.actions import close_call, end_call, hold_call, take_call
from sigap.calls.models import Call
from sigap.calls.queries import free_shifts
from sigap.console import workload
from sigap.core import clock
from sigap.core.actions.shifts import (
    end_shift,
    heartbeat,
    pause_shift,
    resume_shift,
    start_shift,
)
from sigap.core.actors import Actor
from sigap.core.errors import Invalid, Refused
from sigap.core.models import Journal, Shift
from sigap.core.names import reasons

from .asking import get, post


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


# --- pauses ---------------------------------------------------------------------------


def test_a_pause_has_a_reason_and_is_on_record(
    actor: Callable[[str], Actor], journal: Callable[[], list[str]], time: clock.Frozen
) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    for reason in ("", "because"):
        with pytest.raises(Invalid):
            pause_shift(reason=reason, actor=taker)
    pause_shift(reason="meal", actor=taker)
    with pytest.raises(Refused):
        pause_shift(reason="meal", actor=taker)
    time.forward(600)
    resume_shift(actor=taker)
    resume_shift(actor=taker)  # once more is nothing
    assert journal() == ["shift.started", "shift.paused", "shift.resumed"]
    assert [row.body for row in Journal.objects.order_by("-seq")[:2]] == [{"reason": "meal"}] * 2


def test_only_who_is_on_shift_pauses(actor: Callable[[str], Actor]) -> None:
    with pytest.raises(Refused):
        pause_shift(reason="meal", actor=actor("call_taker"))


def test_who_takes_a_call_is_back(
    actor: Callable[[str], Actor], ring: Callable[..., Call], journal: Callable[[], list[str]]
) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    pause_shift(reason="meal", actor=taker)
    take_call(ring().pk, actor=taker)
    shift = Shift.objects.get(ended_at=None)
    assert (shift.paused_at, shift.pause_reason) == (None, "")
    assert "shift.resumed" in journal()


def test_a_new_shift_begins_at_the_desk(actor: Callable[[str], Actor]) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    pause_shift(reason="meal", actor=taker)
    assert start_shift(role="call_taker", desk="2", actor=taker).paused_at is None


def test_the_consoles_know_what_everybody_does_and_since_when(
    actor: Callable[[str], Actor],
    ring: Callable[..., Call],
    time: clock.Frozen,
    browser_of: Callable[[str], Client],
) -> None:
    taker, desk = actor("call_taker"), browser_of("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)

    def does() -> tuple[str, float | None, bool]:
        [row] = get(desk, "/console/state")["operators"]
        since = row["does_since"]
        at = (clock.now() - datetime.fromisoformat(since)).total_seconds() if since else None
        return row["does"], at, free_shifts().exists()

    def after(seconds: float) -> tuple[str, float | None, bool]:
        time.forward(seconds)
        return does()

    assert does() == ("free", None, True)
    call = take_call(ring().pk, actor=taker)
    assert after(5) == ("talking", 5, False)
    hold_call(call.pk, actor=taker)
    assert after(5) == ("held", 5, False)
    end_call(call.pk, actor=taker)
    assert after(7) == ("wrap_up", 7, False)  # until it is closed
    close_call(call.pk, "prank", actor=taker)
    assert does() == ("free", None, True)
    assert post(desk, "/shift/pause", reason="meal")["status"] == 200
    assert after(3) == ("paused", 3, False)
    assert post(desk, "/shift/pause", reason="meal")["error"]["code"] == "paused"
    [row] = get(desk, "/console/state")["operators"]
    assert row["pause_reason"] == "meal"
    [seen] = get(browser_of("evaluator"), "/console/state?view=wall")["operators"]
    assert seen["pause_reason"] is None  # why somebody is away is nothing for the wall
    assert post(desk, "/shift/resume")["status"] == 200
    assert does() == ("free", None, True)
    assert after(46) == ("silent", 66, False)


def test_the_supervisor_sees_who_is_away_and_why(
    actor: Callable[[str], Actor], browser_of: Callable[[str], Client]
) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    mark = workload.rows()["revision"]
    pause_shift(reason="meal", actor=taker)
    [desk] = workload.rows()["desks"]
    assert (desk.doing and desk.doing.state, desk.pause) == (
        "paused",
        dict(reasons("pause"))["meal"],
    )
    assert workload.rows()["revision"] != mark
    assert desk.pause in browser_of("supervisor").get("/supervisor").content.decode()
