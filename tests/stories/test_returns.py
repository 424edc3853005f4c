"""The exchange rings lost callers back when a line is free. What they say then is what their lost
call was about: nobody called twice, and nobody is counted twice."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.models import Call
from sigap.calls.queries import caller_histories
from sigap.console import workload
from sigap.core import clock
from sigap.core.actions.configuration import set_parameter
from sigap.core.actions.shifts import heartbeat, pause_shift, start_shift
from sigap.core.actors import Actor, system
from sigap.core.models import Alarm, Journal
from sigap.dispatch.actions import send_units
from sigap.evaluation.calls import call_table
from sigap.evaluation.evaluate import evaluate
from sigap.evaluation.period import today
from sigap.gateways.orders import Follower

from .asking import get, post
from .exchange import NUMBER, listens, say

TIMER = system("timer")
Who = Callable[[str], Actor]
Kinds = Callable[[], list[str]]


@pytest.fixture
def taker(actor: Who) -> Actor:
    """A call taker at the desk, with nothing to do."""
    start_shift(role="call_taker", desk="1", actor=actor("call_taker"))
    return actor("call_taker")


@pytest.fixture
def lost(time: clock.Frozen, taker: Actor) -> Call:
    """A caller who hung up, and is due to be rung back; the exchange listens."""
    say("presented", "lost")
    time.forward(20)
    call = say("ended", "lost")
    later(time, taker)
    return call


def later(time: clock.Frozen, taker: Actor, seconds: float = 120) -> None:
    """Time goes by; the people and the exchange are still there."""
    time.forward(seconds)
    heartbeat(actor=taker)
    listens()


def dials() -> int:
    return calls.dial_due(actor=TIMER)


def picks_up(name: str = "return-1", of: str = "lost") -> Call:
    """The caller whom the exchange rang has picked up, and waits."""
    say("presented", name, None, returns=of)
    return say("queued", name, None)


def row_of(browser: Client, call: Call) -> Any:
    """What a console knows of a call."""
    state = get(browser, "/console/state")
    return next(row for row in state["calls"] + state["callbacks"] if row["id"] == call.pk)


# --- whom it rings, and when ------------------------------------------------------------


def test_a_lost_caller_is_rung_when_a_line_is_free(
    lost: Call, journal: Kinds, browser_of: Callable[[str], Client]
) -> None:
    follower = Follower("pbx")
    follower.begin()
    assert dials() == 1
    lost.refresh_from_db()
    assert lost.dialled_at == clock.now()
    assert journal()[-1] == "call.dialled"
    [order] = follower.more()
    assert (order["do"], order["call"], order["number"]) == ("dial", "lost", "+62" + NUMBER[1:])
    assert row_of(browser_of("call_taker"), lost)["dialled_at"]
    assert dials() == 0  # one at a time


def test_nobody_is_rung_before_they_are_due(time: clock.Frozen, taker: Actor) -> None:
    say("presented", "lost")
    say("ended", "lost")
    listens()
    assert dials() == 0


def test_who_waits_goes_first(lost: Call, ring: Callable[..., Call], taker: Actor) -> None:
    call = ring("081200000001")
    assert dials() == 0
    calls.take_call(call.pk, actor=taker)
    assert dials() == 0  # and now nobody is free
    calls.end_call(call.pk, actor=taker)
    assert dials() == 0  # wrap-up is work too
    calls.close_call(call.pk, "prank", actor=taker)
    assert dials() == 1


def test_nobody_is_rung_while_all_are_away(lost: Call, taker: Actor) -> None:
    pause_shift(reason="meal", actor=taker)
    assert dials() == 0


def test_an_exchange_that_does_not_listen_is_not_waited_for(
    lost: Call, time: clock.Frozen, taker: Actor
) -> None:
    time.forward(31)
    heartbeat(actor=taker)
    assert dials() == 0
    assert calls.alarm_call_backs(actor=TIMER) == 1  # people ring


def test_people_are_told_only_of_whom_the_exchange_has_not_come_to(
    lost: Call, time: clock.Frozen, taker: Actor
) -> None:
    assert calls.alarm_call_backs(actor=TIMER) == 0
    later(time, taker)
    assert calls.alarm_call_backs(actor=TIMER) == 1


# --- what comes of it --------------------------------------------------------------------


def test_each_attempt_is_logged_with_how_it_ended_and_the_limit_holds(
    lost: Call,
    time: clock.Frozen,
    taker: Actor,
    journal: Kinds,
    browser_of: Callable[[str], Client],
) -> None:
    for reason, state in (
        ("busy", "callback_due"),
        ("no_answer", "callback_due"),
        ("", "no_answer"),
    ):
        assert dials() == 1
        say("unreached", "lost", None, reason=reason)
        row = row_of(browser_of("call_taker"), lost)
        assert (row["state"], row["dialled_at"], row["result"]) == (
            state,
            None,
            reason or "no_answer",
        )
        later(time, taker)
    assert row["attempts"] == 3
    assert dials() == 0
    kinds = [kind for kind in journal() if kind in ("call.dialled", "call.miss", "call.give_up")]
    assert kinds == ["call.dialled", "call.miss"] * 2 + ["call.dialled", "call.give_up"]
    missed = Journal.objects.filter(kind="call.miss").order_by("seq")
    assert [row.body["reason"] for row in missed] == ["busy", "no_answer"]
    [shown] = workload.rows()["callbacks"]
    assert shown.progress


def test_a_line_of_ours_that_is_down_is_no_attempt_and_people_are_told(
    lost: Call, time: clock.Frozen, taker: Actor
) -> None:
    assert dials() == 1
    say("unreached", "lost", None, reason="failed")
    lost.refresh_from_db()
    assert (lost.state, lost.callback_attempts, lost.dialled_at) == ("callback_due", 0, None)
    assert Alarm.objects.filter(code="callback", subject=f"call:{lost.pk}").exists()
    assert dials() == 0
    later(time, taker)
    assert dials() == 1


def test_an_exchange_that_says_nothing_more_has_not_reached_the_caller(
    lost: Call, time: clock.Frozen, taker: Actor
) -> None:
    dials()
    later(time, taker, 89)
    assert dials() == 0
    lost.refresh_from_db()
    assert lost.callback_attempts == 0
    later(time, taker, 1)
    dials()
    lost.refresh_from_db()
    assert (lost.callback_attempts, lost.callback_result) == (1, "no_word")


def test_the_call_that_comes_of_it_says_whose_it_is_and_goes_first(
    lost: Call, browser_of: Callable[[str], Client], taker: Actor, time: clock.Frozen
) -> None:
    dials()
    call = picks_up()
    row = row_of(browser_of("call_taker"), call)
    assert (row["returns"], row["gate"], row["rank"]) == (lost.pk, "callback", 0)
    assert call.contact_id == lost.contact_id
    [waiting], [missed] = workload.rows()["queue"], workload.rows()["callbacks"]
    assert str(lost.pk) in waiting.gate and str(call.pk) in missed.progress
    later(time, taker)
    assert dials() == 0
    lost.refresh_from_db()
    assert lost.callback_attempts == 0  # they wait on the line: that is no word either


def test_the_lost_call_is_settled_when_the_line_is_open_and_not_before(
    lost: Call, taker: Actor
) -> None:
    dials()
    call = picks_up()
    calls.take_call(call.pk, actor=taker)
    lost.refresh_from_db()
    assert lost.state == "callback_due"
    say("refused", "return-1", None, reason="busy")
    lost.refresh_from_db()
    assert lost.state == "callback_due"
    calls.take_call(call.pk, actor=taker)
    say("answered", "return-1", None, operator="call_taker")
    lost.refresh_from_db()
    assert (lost.state, lost.callback_attempts, lost.dialled_at) == ("reached", 1, None)
    assert lost.operator_id == taker.user_id


def test_who_hangs_up_again_before_anybody_answers_was_not_reached(lost: Call) -> None:
    dials()
    picks_up()
    call = say("ended", "return-1", None)
    lost.refresh_from_db()
    assert (lost.state, lost.callback_attempts, lost.callback_result) == (
        "callback_due",
        1,
        "hung_up",
    )
    assert call.state == "abandoned"  # an attempt, not one more caller to be rung back


def test_a_caller_may_pick_up_just_when_somebody_waives_it(lost: Call, taker: Actor) -> None:
    dials()
    calls.waive_call_back(lost.pk, reason="other", actor=taker)
    lost.refresh_from_db()
    assert lost.dialled_at is None
    call = picks_up()
    calls.take_call(call.pk, actor=taker)
    say("answered", "return-1", None, operator="call_taker")
    calls.close_call(call.pk, "information", actor=taker)
    lost.refresh_from_db()
    assert (lost.state, lost.call_class) == ("closed", "information")


def talks(taker: Actor) -> Call:
    """An operator speaks with the caller whom we rang."""
    dials()
    call = calls.take_call(picks_up().pk, actor=taker)
    return say("answered", str(call.external_id), None, operator="call_taker")


def test_what_the_caller_says_is_what_the_lost_call_was_about(
    lost: Call, taker: Actor, journal: Kinds
) -> None:
    call = talks(taker)
    calls.close_call(call.pk, "prank", actor=taker)
    lost.refresh_from_db()
    assert (lost.state, lost.call_class, lost.closed_at) == ("closed", "prank", clock.now())
    assert journal()[-2:] == ["call.close", "call.close"]
    assert Journal.objects.latest("seq").body["reason"] == "returned"
    calls.reclassify_call(call.pk, "information", actor=taker)
    lost.refresh_from_db()
    assert lost.call_class == "information"
    history = caller_histories([lost.contact_id or 0])[lost.contact_id or 0]
    assert history.classes == {"information": 1}  # one call, not two


def test_an_emergency_is_the_lost_calls_and_its_clock_begins_at_the_first_ring(
    lost: Call, taker: Actor, actor: Who, browser_of: Callable[[str], Client], time: clock.Frozen
) -> None:
    call = talks(taker)
    incident = calls.open_incident_for_call(
        call.pk, "kecelakaan_lalin", lat=-7.82, lng=112.01, actor=taker
    )
    lost.refresh_from_db()
    incident.refresh_from_db()
    assert lost.incident_id == incident.pk
    assert (incident.received_at, incident.answered_at) == (lost.presented_at, clock.now())
    [row] = get(browser_of("dispatcher"), "/console/state")["incidents"]
    assert row["calls"] == 1
    calls.close_call(call.pk, "emergency", actor=taker)
    send_units(incident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    table = call_table(today())
    valid = next(line for line in table.classes if line.key == "valid")
    assert (valid.calls, valid.parts["emergency"], table.all) == (1, 1, 1)
    assert table.abandon_rate_percent == 100  # that it was lost at first stays so
    found = evaluate(today()).clocks
    # We rang: how soon an operator answered that says nothing of how long callers wait.
    assert (found["answer"].n, found["answer"].missing, found["processing"].n) == (0, 1, 1)
    assert workload.late()["counts"] == {}


def test_calls_that_we_made_are_no_calls_that_came_in(lost: Call, taker: Actor) -> None:
    before = call_table(today()).all
    call = talks(taker)
    assert call_table(today()).all == before == 1
    assert workload.figures()["today"]["presented"] == 1
    calls.close_call(call.pk, "silent", actor=taker)
    table = call_table(today())
    assert (table.all, table.total) == (1, 1)


def test_a_lost_call_that_a_colleague_has_closed_meanwhile_stays_as_it_is(
    lost: Call, taker: Actor
) -> None:
    call = talks(taker)
    calls.close_call(lost.pk, "complaint", actor=taker)
    calls.close_call(call.pk, "information", actor=taker)
    lost.refresh_from_db()
    assert lost.call_class == "complaint"
    calls.reclassify_call(call.pk, "prank", actor=taker)
    lost.refresh_from_db()
    assert lost.call_class == "complaint"


def test_a_return_of_a_call_that_nobody_knows_is_a_call_like_any_other(taker: Actor) -> None:
    call = picks_up(of="never heard of")
    assert (call.returns_id, call.gate, call.state) == (None, "", "queued")


def test_where_the_city_wants_people_to_ring_the_exchange_does_not(
    lost: Call, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    set_parameter("calls.callback_dials", 0, actor=actor("administrator"))
    assert dials() == 0
    assert calls.alarm_call_backs(actor=TIMER) == 1
    desk = browser_of("call_taker")
    assert post(desk, f"/calls/{lost.pk}/callback", reached=True)["status"] == 200
