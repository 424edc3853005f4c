"""What the gate saves is reckoned from what is known; what is not known is not zero."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.models import Call
from sigap.console import workload
from sigap.core import clock
from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import Actor, system
from sigap.evaluation.calls import call_table
from sigap.evaluation.gate import GateFigures, gate_figures
from sigap.evaluation.period import last_days, today

from .exchange import say, sets_aside

TIMER = system("timer")
Who = Callable[[str], Actor]


@pytest.fixture
def handled(
    answered: Callable[..., Call], actor: Who, time: clock.Frozen
) -> Callable[[str, float], Call]:
    """A call that an operator had in hand for so many seconds: handled("silent", 20)."""

    def in_hand(call_class: str, seconds: float) -> Call:
        call = answered(f"0812{seconds:08.0f}")
        time.forward(seconds)
        return calls.close_call(call.pk, call_class, actor=actor("call_taker"))

    return in_hand


def unheard(name: str, number: str | None = None) -> Call:
    sets_aside(name, number)
    return say("ended", name, number)


def test_the_time_saved_is_the_calls_kept_off_times_the_median_of_a_ghost_call(
    handled: Callable[[str, float], Call],
) -> None:
    for call_class, seconds in (("silent", 10), ("noise", 20), ("misdial", 90), ("prank", 40)):
        handled(call_class, seconds)
    for name in "abcdef":
        unheard(name)
    found = gate_figures(today())
    assert (found.presented, found.gated, found.kept_off) == (10, 6, 6)
    assert (found.ghosts.n, found.ghosts.p50) == (3, 20)
    assert (found.saved_s, found.spent_s) == (120, 160)
    assert found.share_percent == pytest.approx(100 * 120 / 280, abs=0.005)


def test_what_a_ghost_call_takes_is_unknown_and_not_zero_until_one_was_answered(
    handled: Callable[[str, float], Call], browser_of: Callable[[str], Client]
) -> None:
    assert gate_figures(today()).saved_s == 0  # nothing was kept off
    unheard("a")
    handled("prank", 40)
    found = gate_figures(today())
    assert (found.saved_s, found.saved_hours, found.share_percent) == (None, None, None)
    assert "–" in browser_of("supervisor").get("/supervisor/gate").content.decode()


def test_every_call_that_was_set_aside_is_counted_where_it_came_to(
    actor: Who, time: clock.Frozen
) -> None:
    boss, taker = actor("supervisor"), actor("call_taker")
    set_parameter("gate.silent_end_s", 60, actor=actor("administrator"))
    ended, reached = sets_aside("ended", "081200000001"), sets_aside("reached", "081200000002")
    time.forward(60)
    assert calls.end_silent_calls(actor=TIMER) == 2
    calls.report_call_back(ended.pk, reached=False, actor=taker)
    calls.report_call_back(reached.pk, reached=True, actor=taker)
    set_parameter("gate.silent_end_s", 0, actor=actor("administrator"))
    sets_aside("waits")
    calls.release_call(sets_aside("released").pk, actor=boss)
    calls.take_call(sets_aside("taken").pk, actor=taker)
    sets_aside("spoke")
    say("gate_speech", "spoke", None)
    calls.review_call(unheard("right").pk, was_somebody=False, actor=boss)
    calls.review_call(unheard("wrong", "081200000003").pk, was_somebody=True, actor=boss)
    unheard("not looked at")
    found = gate_figures(today())
    assert found.gated == 9
    parts = (found.waiting, found.kept_off, found.by_person, found.by_sign, found.reached)
    assert parts == (1, 4, 2, 1, 1)
    assert sum(parts) == found.gated
    assert (found.reviewed, found.wrong) == (2, 1)


def test_a_caller_who_should_have_been_heard_is_no_time_saved(
    handled: Callable[[str, float], Call], actor: Who
) -> None:
    handled("silent", 30)
    unheard("a")
    wrong = unheard("b")
    calls.review_call(wrong.pk, was_somebody=True, actor=actor("supervisor"))
    assert gate_figures(today()).saved_s == 30


def test_those_let_through_at_once_are_counted_by_reason() -> None:
    for name, event, reason in (
        ("a", "gate_skipped", "known"),
        ("b", "gate_skipped", "known"),
        ("c", "gate_open", "no_sound"),
        ("d", "gate_speech", ""),
    ):
        say("presented", name)
        say(event, name, reason=reason)
    sets_aside("e")
    assert gate_figures(today()).through == [
        ("skipped", "known", 2),
        ("open", "no_sound", 1),
        ("speech", "", 1),
    ]


def test_today_is_reckoned_with_what_the_month_knows(
    handled: Callable[[str, float], Call], time: clock.Frozen
) -> None:
    handled("silent", 50)
    time.forward(86_400)
    unheard("a")
    found: GateFigures = workload.gate()["gate_today"]
    assert (found.presented, found.ghosts.n, found.saved_s) == (1, 1, 50)
    assert last_days(30).start == today().start - timedelta(days=29)


def test_the_table_of_the_city_counts_what_the_gate_kept_off_as_ghost(actor: Who) -> None:
    boss = actor("supervisor")
    unheard("a")
    wrong = unheard("b", "081200000003")
    calls.review_call(wrong.pk, was_somebody=True, actor=boss)
    table = call_table(today())
    [ghost] = [line for line in table.classes if line.key == "ghost"]
    assert (ghost.calls, ghost.parts["silent"], table.other["abandoned"]) == (1, 1, 1)
    assert table.abandon_rate_percent == 50


def test_an_automatic_end_stays_a_ghost_also_when_nobody_picks_up(
    actor: Who, time: clock.Frozen
) -> None:
    set_parameter("gate.silent_end_s", 60, actor=actor("administrator"))
    call = sets_aside("a", "081200000001")
    time.forward(60)
    calls.end_silent_calls(actor=TIMER)
    calls.report_call_back(call.pk, reached=False, actor=actor("call_taker"))
    table = call_table(today())
    assert [line.calls for line in table.classes if line.key == "ghost"] == [1]
    assert (table.other["abandoned"], table.abandon_rate_percent) == (0, 0)
