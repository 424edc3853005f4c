"""The gate orders and labels callers. It drops nobody, disturbs nobody with calls in which it heard
nobody, and what it decides is on record and can be looked at."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.handset import Reading
from sigap.calls.models import CAUSES, GATES, Call
from sigap.calls.order import RANKS, in_order
from sigap.calls.queries import kept_off, surge
from sigap.console import feed, words, workload
from sigap.core import clock
from sigap.core.actions.configuration import set_parameter
from sigap.core.actions.shifts import heartbeat, start_shift
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.journal import tip_seq
from sigap.core.models import Alarm, Journal
from sigap.gateways.asterisk import gate as asterisk

from .asking import get, post
from .exchange import listens, say, sets_aside

TIMER = system("timer")
Who = Callable[[str], Actor]
Browsers = Callable[[str], Client]
Kinds = Callable[[], list[str]]
DAY = 86_400


@pytest.fixture
def boss(browser_of: Browsers) -> Client:
    """The supervisor's browser."""
    return browser_of("supervisor")


@pytest.fixture
def desk(browser_of: Browsers) -> Client:
    """The call taker's browser."""
    return browser_of("call_taker")


def row_of(browser: Client, call: Call, table: str = "calls") -> Any:
    """What a console knows of a call; None when it knows nothing."""
    found = get(browser, "/console/state")[table]
    return next((row for row in found if row["id"] == call.pk), None)


def alarmed(code: str) -> list[str]:
    """What the open alarms of a code are about."""
    return list(
        Alarm.objects.filter(code=code).exclude(state="done").values_list("subject", flat=True)
    )


def last(kind: str) -> dict[str, Any]:
    row = Journal.objects.filter(kind=kind).order_by("seq").last()
    assert row is not None, kind
    return row.body


# --- what it lets through -------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "gate", "reason"),
    [
        ("gate_speech", "speech", ""),
        ("gate_key", "key", "other_key"),
        ("gate_noise", "noise", ""),
        ("gate_skipped", "skipped", "near_incident"),
        ("gate_open", "open", "no_voice_detector"),
    ],
)
def test_each_call_says_why_the_gate_let_it_through(
    event: str, gate: str, reason: str, desk: Client, journal: Kinds
) -> None:
    say("presented")
    say(event, reason=reason, heard_s=3.2)
    call = say("queued")
    row = row_of(desk, call)
    assert (row["state"], row["gate"], row["gate_reason"]) == ("queued", gate, reason)
    assert journal() == ["call.presented", "call.screen", "call.queue"]
    body = last("call.screen")
    assert (body["source"], body["heard_s"]) == (gate, 3.2)
    names = get(desk, "/console/catalogue")
    assert names["gates"][gate] and (not reason or names["causes"][reason])


def test_the_sign_that_says_more_counts_and_the_one_that_says_less_does_not() -> None:
    say("presented")
    assert say("gate_noise").gate == "noise"
    assert say("gate_speech").gate == "speech"
    assert say("gate_key").gate == "speech"


def test_every_decision_has_a_name_for_people() -> None:
    assert set(words.gate_names()) == set(GATES)
    ours = {"unheard", "somebody", "nobody", "returned", "no_word", "hung_up", "silent", "other"}
    assert set(words.cause_names()) == {*CAUSES, *ours}


def test_a_word_of_an_exchange_that_we_do_not_know_is_not_kept() -> None:
    say("presented")
    call = say("gate_open", reason="bu-kenari")
    assert call.gate_reason == last("call.screen")["reason"] == "other"


# --- what it sets aside ---------------------------------------------------------------


def test_a_call_without_a_sign_is_set_aside_and_rings_for_nobody(
    desk: Client, time: clock.Frozen, journal: Kinds
) -> None:
    call = sets_aside()
    assert call.state == "set_aside"
    assert last("call.set_aside") == {
        "source": "silent",
        "reason": "no_sign",
        "heard_s": 14.0,
        "has_number": True,
    }
    time.forward(60)
    assert calls.alarm_ringing(actor=TIMER) == 0
    assert alarmed("ringing") == []
    assert [row.call.pk for row in workload.rows()["queue"]] == []
    assert row_of(desk, call)["state"] == "set_aside"


def test_that_nobody_was_heard_means_nothing_without_the_proof_of_listening() -> None:
    say("presented")
    call = say("gate_silent", reason="no_sign")
    assert (call.state, call.gate) == ("screening", "open")


def test_a_supervisor_is_told_of_a_call_that_nobody_looks_at(time: clock.Frozen) -> None:
    call = sets_aside()
    time.forward(119)
    assert calls.alarm_set_aside(actor=TIMER) == 0
    time.forward(1)
    assert calls.alarm_set_aside(actor=TIMER) == 1
    alarm = Alarm.objects.get(code="set_aside")
    assert (alarm.owner, alarm.urgency, alarm.subject) == ("supervisor", 3, f"call:{call.pk}")
    say("gate_speech")
    calls.alarm_set_aside(actor=TIMER)
    assert alarmed("set_aside") == []


def test_whoever_makes_a_sound_after_all_rings(time: clock.Frozen, desk: Client) -> None:
    sets_aside()
    time.forward(300)
    call = say("gate_speech", heard_s=300)
    assert (call.state, call.gate) == ("queued", "speech")
    # It rings since now, not since five minutes ago.
    assert calls.alarm_ringing(actor=TIMER) == 0
    time.forward(20)
    assert calls.alarm_ringing(actor=TIMER) == 1


def test_a_supervisor_lets_it_ring_with_one_key(
    boss: Client, desk: Client, time: clock.Frozen, journal: Kinds
) -> None:
    call = sets_aside()
    time.forward(121)
    calls.alarm_set_aside(actor=TIMER)
    assert post(boss, f"/supervisor/calls/{call.pk}/release")["status"] == 200
    row = row_of(desk, call)
    assert (row["state"], row["gate"]) == ("queued", "released")
    assert journal()[-2:] == ["call.queue", "alarm.finish"]
    assert last("call.queue")["source"] == "released"
    assert post(boss, f"/supervisor/calls/{call.pk}/release")["status"] == 409
    assert post(desk, f"/supervisor/calls/{call.pk}/release")["status"] == 403


def test_a_call_that_is_set_aside_may_be_taken(boss: Client, journal: Kinds) -> None:
    call = sets_aside()
    assert post(boss, f"/calls/{call.pk}/take")["status"] == 200
    call.refresh_from_db()
    assert (call.state, call.gate, call.operator and call.operator.username) == (
        "answered",
        "released",
        "supervisor",
    )


def test_the_wall_learns_how_many_and_no_number(browser_of: Browsers) -> None:
    sets_aside()
    for role in ("evaluator", "administrator"):
        [row] = get(browser_of(role), "/console/state?view=wall")["calls"]
        assert row["state"] == "set_aside"
        assert not any(row[key] for key in ("number", "phone", "history", "trunk", "rank"))
        assert browser_of(role).get("/supervisor/reviews").status_code == 403


def test_while_a_gate_asks_a_caller_for_a_sign_nobody_is_disturbed(
    desk: Client, time: clock.Frozen, ring: Callable[..., Call]
) -> None:
    listens()
    call = ring()
    assert row_of(desk, call)["at_gate"] is True
    assert (workload.rows()["queue"], workload.rows()["asked"]) == ([], 1)
    time.forward(29)
    assert calls.alarm_ringing(actor=TIMER) == 0


def test_a_call_rings_at_once_where_no_exchange_listens(
    desk: Client, time: clock.Frozen, ring: Callable[..., Call]
) -> None:
    call = ring()
    assert row_of(desk, call)["at_gate"] is False
    listens()
    assert row_of(desk, call)["at_gate"] is True
    time.forward(31)  # nothing has been heard of the exchange since
    assert row_of(desk, call)["at_gate"] is False
    assert calls.alarm_ringing(actor=TIMER) == 1


def test_a_gate_that_takes_too_long_is_no_gate(
    time: clock.Frozen, ring: Callable[..., Call]
) -> None:
    ring()
    time.forward(51)
    listens()
    assert calls.alarm_ringing(actor=TIMER) == 1


# --- what is done about it afterwards ---------------------------------------------------


def hung_up(name: str = "a", number: str | None = "081233451190") -> Call:
    """The caller whom the gate never heard has hung up."""
    sets_aside(name, number)
    return say("ended", name, number)


def listed(boss: Client) -> list[int]:
    return [row["id"] for row in get(boss, "/supervisor/reviews")["calls"]]


def test_who_hangs_up_unheard_is_closed_as_silent_and_waits_for_a_review(
    boss: Client, time: clock.Frozen
) -> None:
    first = hung_up("a")
    time.forward(60)
    second = hung_up("b", None)
    assert (first.state, first.call_class) == ("closed", "silent")
    assert last("call.close") == {"call_class": "silent", "reason": "unheard"}
    assert listed(boss) == [second.pk, first.pk]  # the newest first
    assert get(boss, "/supervisor/reviews")["waiting"] == 2


def test_what_cannot_be_heard_any_more_is_not_waited_for(
    browser_of: Browsers, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("personal.audio_other_days", 2)
    call = hung_up()
    time.forward(2 * DAY - 1)
    assert listed(browser_of("supervisor")) == [call.pk]
    time.forward(1)
    assert listed(browser_of("supervisor")) == []


def test_a_review_that_heard_nobody_settles_it(
    boss: Client, person: Callable[[str], Any], time: clock.Frozen, journal: Kinds
) -> None:
    call = hung_up()
    assert post(boss, f"/supervisor/calls/{call.pk}/review", somebody=False)["status"] == 200
    call.refresh_from_db()
    assert (call.state, call.call_class, call.was_somebody) == ("closed", "silent", False)
    assert call.reviewer == person("supervisor")
    assert journal()[-1] == "call.reviewed" and last("call.reviewed")["reason"] == "nobody"
    # It can still be set right for a while.
    assert (listed(boss), get(boss, "/supervisor/reviews")["waiting"]) == ([call.pk], 0)
    time.forward(601)
    assert listed(boss) == []


def test_a_review_that_heard_somebody_has_them_rung_back_at_once(
    boss: Client, journal: Kinds
) -> None:
    call = hung_up()
    assert post(boss, f"/supervisor/calls/{call.pk}/review", somebody=True)["status"] == 200
    call.refresh_from_db()
    assert (call.state, call.call_class) == ("callback_due", "abandoned")
    assert call.callback_due_at == clock.now()
    assert journal()[-2:] == ["call.reviewed", "call.call_back"]
    for state in ("callback_due", "callback_due", "no_answer"):  # as anybody who was lost
        call = calls.report_call_back(call.pk, reached=False, actor=TIMER)
        assert call.state == state


def test_somebody_without_a_number_counts_as_lost_and_not_as_a_ghost(boss: Client) -> None:
    call = hung_up(number=None)
    assert post(boss, f"/supervisor/calls/{call.pk}/review", somebody=True)["status"] == 200
    call.refresh_from_db()
    assert (call.state, call.call_class) == ("closed", "abandoned")


def test_only_what_the_gate_kept_off_is_reviewed_and_only_by_supervisors(
    boss: Client, desk: Client, answered: Callable[..., Call], actor: Who
) -> None:
    call = hung_up()
    assert post(desk, f"/supervisor/calls/{call.pk}/review", somebody=False)["status"] == 403
    with pytest.raises(Forbidden):
        calls.review_call(call.pk, was_somebody=True, actor=actor("dispatcher"))
    other = calls.close_call(answered().pk, "silent", actor=actor("call_taker"))
    assert post(boss, f"/supervisor/calls/{other.pk}/review", somebody=False)["status"] == 409
    taken = calls.take_call(sets_aside("b").pk, actor=actor("call_taker"))
    calls.close_call(taken.pk, "silent", actor=actor("call_taker"))
    assert listed(boss) == [call.pk]


def test_the_citys_own_end_of_silent_calls_rings_back_once(
    boss: Client, actor: Who, time: clock.Frozen, journal: Kinds
) -> None:
    known, unknown = sets_aside("a"), sets_aside("b", None)
    time.forward(3600)
    assert calls.end_silent_calls(actor=TIMER) == 0  # off, until the city wants it
    set_parameter("gate.silent_end_s", 60, actor=actor("administrator"))
    assert calls.end_silent_calls(actor=TIMER) == 2
    known.refresh_from_db()
    unknown.refresh_from_db()
    assert (known.state, known.call_class) == ("callback_due", "silent")
    assert (unknown.state, unknown.call_class) == ("closed", "silent")
    assert set(listed(boss)) == {known.pk, unknown.pk}
    assert "call.end_silent" in journal()
    known = calls.report_call_back(known.pk, reached=False, actor=TIMER)
    assert (known.state, known.call_class) == ("no_answer", "silent")
    calls.review_call(known.pk, was_somebody=True, actor=actor("supervisor"))
    known.refresh_from_db()
    assert (known.state, known.call_class) == ("callback_due", "abandoned")


# --- in which order callers are answered ------------------------------------------------


def queued(name: str, event: str = "gate_key", number: str | None = None, **more: Any) -> Call:
    """A call that waits in the queue."""
    say("presented", name, number)
    say(event, name, number, **more)
    return say("queued", name, number)


def test_a_voice_goes_before_a_key_and_a_key_before_a_noise(
    boss: Client, time: clock.Frozen
) -> None:
    noise, key, speech, skipped, opened = (
        (time.forward(1), queued(event, event))[1]
        for event in ("gate_noise", "gate_key", "gate_speech", "gate_skipped", "gate_open")
    )
    wanted = [call.pk for call in (speech, skipped, key, opened, noise)]
    rows = [row for row in get(boss, "/console/state")["calls"] if row["state"] == "queued"]
    in_queue = sorted(rows, key=lambda row: (row["rank"], row["began_at"], row["id"]))
    assert [row["id"] for row in in_queue] == wanted
    assert [row.call.pk for row in workload.rows()["queue"]] == wanted


def test_the_telephones_ring_in_the_same_order() -> None:
    assert RANKS == asterisk.RANKS


def test_a_number_that_was_often_silent_waits_behind_others_like_it_and_no_further(
    answered: Callable[..., Call], actor: Who, time: clock.Frozen
) -> None:
    for _ in range(3):
        calls.close_call(answered("081200000009").pk, "silent", actor=actor("call_taker"))
    time.forward(60)
    often = queued("often", number="081200000009")
    time.forward(1)
    other, noise = queued("other", number="081200000001"), queued("noise", "gate_noise")
    found = in_order([noise, other, often])
    assert [call.pk for call in found] == [other.pk, often.pk, noise.pk]
    time.forward(31 * DAY)
    found = in_order([noise, other, often])  # what was so long ago counts no more
    assert [call.pk for call in found] == [often.pk, other.pk, noise.pk]


def test_in_a_surge_whose_place_is_known_comes_first(
    answered: Callable[..., Call], actor: Who, boss: Client, time: clock.Frozen
) -> None:
    taker = actor("call_taker")
    reported = answered("081200000005")
    calls.open_incident_for_call(reported.pk, "banjir", lat=-7.82, lng=112.01, actor=taker)
    calls.close_call(reported.pk, "emergency", actor=taker)
    waiting = queued("first", "gate_speech", "081200000001")
    time.forward(5)
    known = queued("second", "gate_speech", "081200000005")
    located = queued("third", "gate_speech", "081200000006")
    tell("081200000006")
    found = in_order([waiting, known, located])
    assert [call.pk for call in found] == [waiting.pk, known.pk, located.pk]
    before = tip_seq()
    assert post(boss, "/supervisor/surge", reason="flood")["status"] == 200
    found = in_order([waiting, known, located])
    assert [call.pk for call in found] == [known.pk, located.pk, waiting.pk]
    batch = feed.collect(before)
    assert batch  # the consoles hear of the new order
    rank = {row["id"]: row["rank"] for row in batch.board["calls"]}
    assert rank[known.pk] == rank[located.pk] < rank[waiting.pk]


def tell(number: str) -> None:
    """A phone tells where it is."""
    now = clock.now()
    known = {"via": "https", "received_at": now, "called_at": now, "located_at": now}
    place = {"lat": -7.82, "lng": 112.01, "radius_m": 20.0, "source": "gps"}
    reading = Reading(external_id=number, number=number, **(known | place))  # type: ignore[arg-type]
    calls.locate_phone(reading, actor=system("aml"))


# --- surge ------------------------------------------------------------------------------


def test_a_surge_is_declared_with_a_reason_and_every_screen_says_so(
    boss: Client, browser_of: Browsers, journal: Kinds, time: clock.Frozen
) -> None:
    assert post(boss, "/supervisor/surge", reason="because")["error"]["code"] == "reason"
    before = tip_seq()
    assert post(boss, "/supervisor/surge", reason="flood")["status"] == 200
    assert post(boss, "/supervisor/surge", reason="flood")["status"] == 409
    for role in ("call_taker", "dispatcher", "agency", "evaluator"):
        told = get(browser_of(role), "/console/state")["surge"]
        assert told["reason"] == "flood" and told["since"]
    batch = feed.collect(before)
    assert batch
    for view in ("console", "wall", "agency"):
        assert b'"surge":{"reason":"flood"' in batch.message(view, "psc119")
    time.forward(60)
    before = tip_seq()
    assert post(boss, "/supervisor/surge/end")["status"] == 200
    assert post(boss, "/supervisor/surge/end")["status"] == 409
    assert journal() == ["surge.declared", "surge.ended"]
    batch = feed.collect(before)
    assert batch and b'"surge":null' in batch.message("wall", "")
    assert surge() is None


def test_news_without_a_surge_say_nothing_of_one(ring: Callable[..., Call]) -> None:
    before = tip_seq()
    ring()
    batch = feed.collect(before)
    assert batch and b"surge" not in batch.message("console", "")


def test_only_a_supervisor_declares_a_surge(desk: Client, actor: Who) -> None:
    assert post(desk, "/supervisor/surge", reason="flood")["status"] == 403
    with pytest.raises(Forbidden):
        calls.declare_surge(reason="flood", actor=actor("dispatcher"))
    with pytest.raises(Invalid):
        calls.declare_surge(reason="x", actor=actor("supervisor"))
    with pytest.raises(Refused):
        calls.end_surge(actor=actor("supervisor"))


# --- what a supervisor sees ---------------------------------------------------------------


def test_the_screen_says_why_each_call_rings_and_whether_the_exchange_is_there(
    boss: Client, time: clock.Frozen, actor: Who
) -> None:
    start_shift(role="call_taker", desk="CT-01", actor=actor("call_taker"))
    say("presented")
    say("gate_open", reason="no_voice_detector")
    say("queued")
    listens("barat")
    page = boss.get("/supervisor").content.decode()
    assert words.cause_names()["no_voice_detector"] in page
    assert "barat" in page
    assert [(e.name, e.is_connected) for e in workload.figures()["exchanges"]] == [("barat", True)]
    time.forward(31)
    heartbeat(actor=actor("call_taker"))
    assert [e.is_connected for e in workload.figures()["exchanges"]] == [False]
    assert "exchange:barat" not in boss.get("/supervisor/figures").content.decode()


def test_no_call_is_both_kept_off_and_answered(actor: Who) -> None:
    hung_up("a")
    taken = calls.take_call(sets_aside("b").pk, actor=actor("call_taker"))
    assert [call.external_id for call in kept_off()] == ["a"]
    assert taken.gate == "released"
