"""What happens to a call."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from sigap.calls.actions import (
    alarm_call_backs,
    alarm_ringing,
    alarm_stale_claims,
    close_call,
    end_call,
    enter_call,
    hold_call,
    link_call,
    open_incident_for_call,
    reclassify_call,
    report_call_back,
    report_event,
    resume_call,
    take_call,
    waive_call_back,
)
from sigap.calls.models import CLASSES, Call
from sigap.calls.queries import abandoned, caller_histories
from sigap.core import clock
from sigap.core.actions.shifts import heartbeat, start_shift
from sigap.core.actors import Actor
from sigap.core.errors import Conflict, Invalid, Refused
from sigap.core.models import Alarm, Journal
from sigap.core.parameters import value
from sigap.incidents.actions import open_incident
from tests.conftest import PBX, START

Make = Callable[..., Call]
Who = Callable[[str], Actor]


def event(kind: str, second: float, external_id: str = "c1", **more: Any) -> Call:
    """One event of the exchange, so many seconds after the start."""
    return report_event(
        kind,
        source="pbx",
        external_id=external_id,
        at=START + timedelta(seconds=second),
        actor=PBX,
        **more,
    )


def test_an_answered_silent_call_is_closed_in_one_step(
    answered: Make, actor: Who, journal: Callable[[], list[str]]
) -> None:
    call = close_call(answered().pk, "silent", actor=actor("call_taker"))
    assert (call.state, call.call_class) == ("closed", "silent")
    said = ["call.presented", "shift.started", "call.claimed", "call.answer", "call.close"]
    assert journal() == said


def test_a_call_that_somebody_took_is_not_taken_again(answered: Make, actor: Who) -> None:
    call = answered()
    with pytest.raises(Refused, match="Call Taker"):
        take_call(call.pk, actor=actor("supervisor"), reason="no_response")


def test_a_call_taker_never_takes_over(answered: Make, actor: Who, time: clock.Frozen) -> None:
    call = answered()
    time.forward(3600)
    call.operator_id = actor("supervisor").user_id
    call.save(update_fields=["operator"])
    with pytest.raises(Refused) as refused:
        take_call(call.pk, actor=actor("call_taker"), reason="no_response")
    assert refused.value.code == "claimed"


def test_after_the_free_take_a_supervisor_takes_over_with_a_reason_of_the_list(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    call = answered()
    time.forward(21)
    with pytest.raises(Refused) as refused:
        take_call(call.pk, actor=actor("supervisor"))
    assert refused.value.code == "reason"
    with pytest.raises(Invalid):
        take_call(call.pk, actor=actor("supervisor"), reason="because Budi sleeps")
    taken = take_call(call.pk, actor=actor("supervisor"), reason="no_response")
    assert taken.operator_id == actor("supervisor").user_id
    body = Journal.objects.filter(kind="call.claimed").latest("seq").body
    assert body["taken_from"] == actor("call_taker").user_id
    assert body["reason"] == "no_response"
    with pytest.raises(Refused):
        close_call(call.pk, "silent", actor=actor("call_taker"))


def test_taking_ones_own_call_again_changes_nothing(answered: Make, actor: Who) -> None:
    call = answered()
    rows = Journal.objects.count()
    take_call(call.pk, actor=actor("call_taker"))
    assert Journal.objects.count() == rows


def test_a_console_that_falls_silent_is_shown_but_its_call_stays(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    start_shift(role="call_taker", desk="1", actor=actor("call_taker"))
    call = answered()
    time.forward(40)
    heartbeat(actor=actor("call_taker"))
    time.forward(40)
    assert alarm_stale_claims(actor=PBX) == 0
    time.forward(10)
    assert alarm_stale_claims(actor=PBX) == 1
    call.refresh_from_db()
    assert call.operator_id == actor("call_taker").user_id
    take_call(call.pk, actor=actor("supervisor"), reason="connection_lost")
    assert Alarm.objects.get(code="stale_claim").state == "done"


STORY = [
    ("presented", 0.0),
    ("gate_key", 3.0),
    ("queued", 4.0),
    ("answered", 9.0),
    ("held", 20.0),
    ("resumed", 30.0),
]


@pytest.mark.parametrize("order", list(permutations(range(6)))[::37])
def test_events_in_any_order_and_twice_end_in_the_same_call(order: tuple[int, ...]) -> None:
    for i in [*order, *order]:
        event(*STORY[i])
    call = event("ended", 60)
    event("ended", 60)
    assert call.state == "wrap_up"
    at = {
        name: (getattr(call, name) - START).total_seconds()
        for name in ("presented_at", "queued_at", "answered_at", "ended_at", "began_at")
    }
    assert at == {
        "presented_at": 0,
        "queued_at": 4,
        "answered_at": 9,
        "ended_at": 60,
        "began_at": 0,
    }
    assert (call.held_at, call.gate) == (None, "key")


HELD = [("presented", 0.0), ("answered", 9.0), ("held", 20.0)]
HELD_TWICE = [*HELD, ("resumed", 30.0), ("held", 40.0)]


@pytest.mark.parametrize(
    ("story", "state", "held_at"),
    [(HELD, "held", 20), (HELD_TWICE[:4], "answered", None), (HELD_TWICE, "held", 40)],
)
def test_in_whichever_order_it_is_told_a_caller_on_hold_is_held(
    story: list[tuple[str, float]], state: str, held_at: float | None
) -> None:
    for n, order in enumerate(permutations(story)):
        for kind, after in order:
            call = event(kind, after, f"order-{n}")
        held = (call.held_at - START).total_seconds() if call.held_at else None
        assert (call.state, held) == (state, held_at), order


def test_a_hold_that_was_told_before_the_answer_counts_when_an_operator_takes_the_call(
    actor: Who,
) -> None:
    event("presented", 0)
    call = event("held", 20)
    assert take_call(call.pk, actor=actor("call_taker")).state == "held"


def test_an_answer_that_is_reported_after_the_end_undoes_the_abandoning(actor: Who) -> None:
    event("presented", 0, number="081234567890")
    call = event("ended", 30)
    assert (call.state, call.call_class) == ("callback_due", "abandoned")
    call = event("answered", 5, operator="call_taker")
    assert (call.state, call.call_class, call.callback_due_at) == ("wrap_up", "", None)
    assert call.operator_id == actor("call_taker").user_id
    row = Journal.objects.get(kind="call.late_answer")
    assert row.body["operator"] == actor("call_taker").user_id
    assert close_call(call.pk, "information", actor=actor("call_taker")).state == "closed"


def test_a_repeated_held_does_not_hold_a_resumed_caller(answered: Make, actor: Who) -> None:
    event("presented", 0)
    event("answered", 5)
    event("held", 10)
    event("resumed", 20)
    assert event("held", 10).state == "answered"
    assert event("held", 25).state == "held"
    assert event("resumed", 20).state == "held"


def test_a_repeated_end_of_a_closed_call_is_recorded_once(answered: Make, actor: Who) -> None:
    event("presented", 0)
    call = event("answered", 5)
    close_call(call.pk, "silent", actor=actor("call_taker"))
    event("ended", 60)
    rows = Journal.objects.count()
    event("ended", 60)
    assert Journal.objects.count() == rows


def test_whoever_closes_a_call_that_nobody_claimed_is_its_operator(actor: Who) -> None:
    event("presented", 0)
    call = event("answered", 5, operator="unknown-extension")
    assert call.operator_id is None
    closed = close_call(call.pk, "prank", actor=actor("call_taker"))
    assert closed.operator_id == actor("call_taker").user_id


def test_hold_resume_and_end_are_the_operators(answered: Make, actor: Who) -> None:
    call = answered()
    mine = actor("call_taker")
    assert hold_call(call.pk, actor=mine).state == "held"
    with pytest.raises(Refused):
        hold_call(call.pk, actor=mine)
    assert resume_call(call.pk, actor=mine).state == "answered"
    assert end_call(call.pk, actor=mine).state == "wrap_up"
    with pytest.raises(Refused):
        resume_call(call.pk, actor=mine)


@pytest.mark.parametrize("name", [c for c in CLASSES if c != "abandoned"])
def test_every_class_can_be_given_and_two_need_an_incident(
    name: str, answered: Make, actor: Who
) -> None:
    call = answered()
    mine = actor("call_taker")
    if name in ("emergency", "repeat"):
        with pytest.raises(Invalid) as refused:
            close_call(call.pk, name, actor=mine)
        assert refused.value.code == "incident"
        incident = open_incident("kecelakaan_lalin", actor=mine)
        link_call(call.pk, incident.pk, actor=mine)
    assert close_call(call.pk, name, actor=mine).call_class == name


def test_abandoned_is_not_a_class_that_people_give(answered: Make, actor: Who) -> None:
    for wrong in ("abandoned", "", "ghost"):
        with pytest.raises(Invalid):
            close_call(answered().pk, wrong, actor=actor("call_taker"))


def test_field_action_counts_for_complaints_only(answered: Make, actor: Who) -> None:
    mine = actor("call_taker")
    call = close_call(answered().pk, "complaint", field_action=True, actor=mine)
    assert call.field_action
    call = reclassify_call(call.pk, "information", actor=mine)
    assert not call.field_action
    call = reclassify_call(call.pk, "complaint", field_action=True, actor=mine)
    assert call.field_action
    prank = close_call(answered().pk, "prank", field_action=True, actor=mine)
    assert not prank.field_action


def test_a_new_class_keeps_the_old_one_on_record(answered: Make, actor: Who) -> None:
    mine = actor("call_taker")
    call = close_call(answered().pk, "silent", actor=mine)
    reclassify_call(call.pk, "noise", actor=mine, version=call.version)
    body = Journal.objects.get(kind="call.reclassify").body
    assert (body["call_class"], body["class_before"]) == ("noise", "silent")
    with pytest.raises(Conflict):
        reclassify_call(call.pk, "prank", actor=mine, version=call.version)


def test_the_clocks_start_at_the_first_ring_of_all_calls(
    ring: Make, actor: Who, time: clock.Frozen
) -> None:
    mine = actor("call_taker")
    first = ring("081200000001")
    time.forward(10)
    second = take_call(ring("081200000002").pk, actor=mine)
    time.forward(20)
    incident = open_incident_for_call(second.pk, "kecelakaan_lalin", actor=mine)
    assert incident.received_at == START + timedelta(seconds=10)
    take_call(first.pk, actor=mine)
    link_call(first.pk, incident.pk, actor=mine)
    incident.refresh_from_db()
    assert incident.received_at == START
    assert incident.answered_at == START + timedelta(seconds=10)


def test_times_that_the_exchange_reports_late_move_the_clocks_of_the_incident(
    actor: Who, time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    call = event("queued", 10, number="081200000001")
    time.forward(30)
    take_call(call.pk, actor=actor("call_taker"))
    incident = open_incident_for_call(call.pk, "kecelakaan_lalin", actor=actor("call_taker"))
    assert (incident.received_at, incident.answered_at) == (None, START + timedelta(seconds=30))
    event("presented", 5)
    event("answered", 26)
    incident.refresh_from_db()
    assert incident.received_at == START + timedelta(seconds=5)
    assert incident.answered_at == START + timedelta(seconds=26)
    assert journal()[-4:] == ["call.fact", "incident.changed"] * 2


def test_a_call_that_was_linked_to_the_wrong_incident_takes_its_times_along(
    answered: Make, ring: Make, actor: Who, time: clock.Frozen
) -> None:
    mine = actor("call_taker")
    early = answered()
    time.forward(60)
    wrong = open_incident_for_call(answered("081200000002").pk, "kecelakaan_lalin", actor=mine)
    right = open_incident("kecelakaan_lalin", actor=mine)
    link_call(early.pk, wrong.pk, actor=mine)
    link_call(early.pk, right.pk, actor=mine)
    for incident in (wrong, right):
        incident.refresh_from_db()
    assert (right.received_at, right.answered_at) == (START, START)
    assert (wrong.received_at, wrong.answered_at) == (START + timedelta(seconds=60),) * 2
    rows = Journal.objects.filter(kind="incident.changed").order_by("seq")
    changes = rows.values_list("subject", flat=True)
    assert list(changes) == [f"incident:{i.pk}" for i in (wrong, wrong, right)]


def test_a_number_that_comes_with_a_later_event_reaches_the_consoles(
    journal: Callable[[], list[str]],
) -> None:
    event("presented", 0, number=None)
    event("queued", 2, number="081200000001", trunk="telkom")
    assert journal() == ["call.presented", "call.fact", "call.queue"]


def test_a_call_has_one_incident(answered: Make, actor: Who) -> None:
    mine = actor("call_taker")
    call = answered()
    open_incident_for_call(call.pk, "kecelakaan_lalin", actor=mine)
    with pytest.raises(Refused):
        open_incident_for_call(call.pk, "kecelakaan_lalin", actor=mine)


def test_another_operators_call_is_not_linked_behind_their_back(ring: Make, actor: Who) -> None:
    call = take_call(ring().pk, actor=actor("supervisor"))
    incident = open_incident("kecelakaan_lalin", actor=actor("call_taker"))
    with pytest.raises(Refused):
        link_call(call.pk, incident.pk, actor=actor("call_taker"))


def test_an_incident_may_be_opened_from_anyones_closed_call(ring: Make, actor: Who) -> None:
    call = take_call(ring().pk, actor=actor("supervisor"))
    close_call(call.pk, "information", actor=actor("supervisor"))
    open_incident_for_call(call.pk, "kecelakaan_lalin", actor=actor("call_taker"))
    assert reclassify_call(call.pk, "emergency", actor=actor("call_taker")).state == "closed"


def test_a_call_that_still_rings_has_no_class_to_correct(ring: Make, actor: Who) -> None:
    with pytest.raises(Refused):
        reclassify_call(ring().pk, "prank", actor=actor("call_taker"))


def test_a_caller_who_hung_up_is_rung_back_up_to_three_times(
    actor: Who, time: clock.Frozen
) -> None:
    mine = actor("call_taker")
    event("presented", 0, number="081234567890")
    call = event("ended", 12)
    assert [c.pk for c in abandoned()] == [call.pk]
    time.forward(121)
    assert alarm_call_backs(actor=PBX) == 1
    assert alarm_call_backs(actor=PBX) == 0
    for attempt in (1, 2):
        call = report_call_back(call.pk, reached=False, actor=mine)
        assert (call.state, call.callback_attempts) == ("callback_due", attempt)
    assert Alarm.objects.get(code="callback").state == "done"
    call = report_call_back(call.pk, reached=False, actor=mine)
    assert (call.state, call.callback_due_at) == ("no_answer", None)
    call = report_call_back(call.pk, reached=True, actor=mine)
    assert call.state == "reached"
    incident = open_incident_for_call(call.pk, "kecelakaan_lalin", actor=mine)
    assert incident.received_at == START


def test_nobody_is_rung_back_without_a_number() -> None:
    event("presented", 0, number="anonymous")
    assert event("ended", 12).state == "abandoned"
    assert not abandoned().exists()


@pytest.mark.parametrize("given_up", [False, True])
def test_who_calls_again_and_speaks_with_somebody_need_not_be_rung_back(
    given_up: bool, answered: Make, actor: Who
) -> None:
    event("presented", 0, number="081233451190")
    call = event("ended", 12)
    for _attempt in range(3 if given_up else 0):
        report_call_back(call.pk, reached=False, actor=actor("call_taker"))
    mine = actor("call_taker")
    again = answered("0812-3345-1190")
    close_call(again.pk, "silent", actor=mine)
    call.refresh_from_db()
    assert call.state in ("callback_due", "no_answer")  # an open line proves nothing
    reclassify_call(again.pk, "information", actor=mine)
    call.refresh_from_db()
    assert call.state == "waived"


def test_a_conversation_proves_nothing_about_a_call_that_was_lost_after_it(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    mine = actor("call_taker")
    spoken = answered("081233451190")
    end_call(spoken.pk, actor=mine)
    time.forward(60)
    event("presented", 60, number="081233451190")
    time.forward(12)
    lost = event("ended", 72)
    close_call(spoken.pk, "information", actor=mine)
    lost.refresh_from_db()
    assert lost.state == "callback_due"
    older = enter_call(actor=mine, number="081233451190", occurred_at=START - timedelta(days=3))
    close_call(older.pk, "information", actor=mine)
    lost.refresh_from_db()
    assert lost.state == "callback_due"


def test_music_before_the_answer_is_no_hold(actor: Who) -> None:
    event("presented", 0)
    event("held", 2)
    call = event("answered", 20)
    assert (call.state, call.held_at) == ("answered", None)


def test_a_hang_up_reported_after_the_next_call_was_over_needs_no_call_back(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    event("presented", 0, number="081233451190")
    time.forward(30)
    close_call(answered("081233451190").pk, "information", actor=actor("call_taker"))
    assert event("ended", 12).state == "waived"


def test_two_operators_do_not_note_the_same_attempt_unawares(actor: Who) -> None:
    event("presented", 0, number="081234567890")
    call = event("ended", 12)
    seen, mine = call.version, actor("call_taker")
    report_call_back(call.pk, reached=False, actor=mine, version=seen)
    with pytest.raises(Conflict):
        report_call_back(call.pk, reached=True, actor=actor("supervisor"), version=seen)
    with pytest.raises(Conflict):
        waive_call_back(call.pk, reason="number_invalid", actor=mine, version=seen)


def test_a_call_back_is_waived_with_a_reason_of_the_list(actor: Who) -> None:
    event("presented", 0, number="081234567890")
    call = event("ended", 12)
    for wrong in ("", "i do not want to"):
        with pytest.raises(Invalid):
            waive_call_back(call.pk, reason=wrong, actor=actor("call_taker"))
    waived = waive_call_back(call.pk, reason="number_invalid", actor=actor("call_taker"))
    assert (waived.state, waived.callback_due_at) == ("waived", None)


def test_a_call_that_rings_too_long_raises_one_alarm(
    ring: Make, actor: Who, time: clock.Frozen
) -> None:
    call = ring()
    time.forward(20)
    assert [alarm_ringing(actor=PBX), alarm_ringing(actor=PBX)] == [1, 0]
    take_call(call.pk, actor=actor("call_taker"))
    assert Alarm.objects.get(code="ringing").state == "done"


def test_a_call_entered_after_an_outage_keeps_its_time(actor: Who) -> None:
    at = START - timedelta(hours=2)
    call = enter_call(actor=actor("call_taker"), number="081234567890", occurred_at=at)
    assert (call.state, call.began_at, call.presented_at) == ("wrap_up", at, None)
    incident = open_incident_for_call(call.pk, "kecelakaan_lalin", actor=actor("call_taker"))
    assert (incident.received_at, incident.answered_at, incident.opened_at) == (None, at, at)
    with pytest.raises(Invalid):
        enter_call(actor=actor("call_taker"), occurred_at=START + timedelta(minutes=5))


def test_a_call_of_now_that_is_entered_by_hand_is_one_of_now_however_long_it_lasts(
    actor: Who, time: clock.Frozen
) -> None:
    call = enter_call(actor=actor("call_taker"))
    time.forward(1800)
    incident = open_incident_for_call(call.pk, "kecelakaan_lalin", actor=actor("call_taker"))
    assert (incident.afterwards, incident.opened_at) == (False, clock.now())
    assert incident.answered_at == START and incident.dispatch_due_at is not None


def test_the_history_counts_classes_of_the_last_days_and_names_reports(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    mine = actor("call_taker")
    old = close_call(answered().pk, "prank", actor=mine)
    time.forward(31 * 86400)
    for _i in range(3):
        close_call(answered().pk, "silent", actor=mine)
    incident = open_incident_for_call(answered().pk, "kecelakaan_lalin", actor=mine)
    assert old.contact_id is not None
    known = caller_histories([old.contact_id])[old.contact_id]
    assert (known.classes, known.total, known.days) == ({"silent": 3}, 3, 30)
    assert known.incidents == [incident.pk]


def test_one_callers_many_reports_do_not_hide_anothers(
    answered: Make, actor: Who, django_assert_num_queries: Any
) -> None:
    mine = actor("call_taker")
    rare = answered("081200000001")
    first = open_incident_for_call(rare.pk, "kecelakaan_lalin", actor=mine)
    often = answered("081200000002")
    second = open_incident_for_call(often.pk, "kecelakaan_lalin", actor=mine)
    assert rare.contact_id and often.contact_id
    Call.objects.bulk_create(
        Call(
            state="closed",
            source="pbx",
            call_class="repeat",
            contact_id=often.contact_id,
            incident=second,
            began_at=clock.now(),
        )
        for _n in range(60)
    )
    value("calls.history_days")  # read once in two seconds
    with django_assert_num_queries(2):
        known = caller_histories([rare.contact_id, often.contact_id])
    assert known[rare.contact_id].incidents == [first.pk]
    assert known[often.contact_id].incidents == [second.pk]
    assert known[often.contact_id].classes == {"repeat": 60}
