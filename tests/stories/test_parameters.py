"""Every number that the city may set does what it says, and every timer fires and is recorded."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from sigap.calls import actions as calls
from sigap.calls.actions.recordings import Kept
from sigap.calls.handset import Reading
from sigap.calls.models import Call, Review
from sigap.calls.queries import caller_histories
from sigap.calls.retention import erase_expired
from sigap.core import clock
from sigap.core.actions.alarms import acknowledge_alarm, repeat_alarms, shelve_alarm
from sigap.core.actions.configuration import set_parameter
from sigap.core.actions.shifts import heartbeat, start_shift
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Invalid, Missing, Refused
from sigap.core.models import Alarm, Contact, Inbox, Journal, Parameter
from sigap.core.parameters import PARAMETERS, value
from sigap.dispatch.actions import alarm_unacknowledged, report_position, send_units, step
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import recommend_for
from sigap.incidents.actions import (
    alarm_undispatched,
    close_incident,
    open_incident,
    set_priority,
)
from sigap.incidents.models import Incident

from . import (  # noqa: F401 - their stories count too
    test_callers_told,
    test_chat,
    test_chat_sender,
    test_demand,
    test_digest,
    test_duplicates,
    test_early_warning,
    test_hospitals,
    test_ikm,
    test_mass_events,
    test_move_up,
    test_mutual_aid,
    test_neighbours,
    test_outreach,
    test_parameters_of_the_gate,
    test_readiness,
    test_report_figures,
    test_returns_of_places,
    test_sorting,
    test_survey,
    test_transparency,
    test_warnings_in,
    test_warnings_out,
)
from .proofs import PROVEN, proves

TIMER = system("timer")
HERE = {"lat": -7.8185, "lng": 112.0155}
NUMBER = "081233451190"


@pytest.fixture
def accident(actor: Callable[[str], Actor]) -> Callable[..., Incident]:
    """A P1 in the middle of the city."""
    return lambda **more: open_incident(
        "kecelakaan_lalin", actor=actor("dispatcher"), **{"priority": 1, **HERE, **more}
    )


def open_alarms(code: str) -> list[Alarm]:
    return list(Alarm.objects.filter(code=code).exclude(state="done"))


def raised() -> dict[str, Any]:
    row = Journal.objects.filter(kind="alarm.raised").order_by("seq").last()
    assert row is not None
    return row.body


def test_every_parameter_has_a_story() -> None:
    assert set(PARAMETERS) == PROVEN


# --- setting them ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_default_lies_within_its_bounds_and_both_bounds_may_be_set(
    name: str, put: Callable[[str, float], None]
) -> None:
    known = PARAMETERS[name]
    assert known.low <= known.default <= known.high
    for number in (known.low, known.high):
        put(name, number)
        assert value(name) == number


@pytest.mark.parametrize("number", [-1, 0, 10**9, float("nan"), float("inf"), float("-inf")])
def test_a_number_outside_its_bounds_is_refused(
    number: float, put: Callable[[str, float], None]
) -> None:
    with pytest.raises(Invalid):
        put("calls.ring_alarm_s", number)
    assert not Parameter.objects.filter(name="calls.ring_alarm_s").exists()


def test_only_a_known_number_and_only_by_an_administrator(
    put: Callable[[str, float], None], actor: Callable[[str], Actor]
) -> None:
    with pytest.raises(Missing):
        put("calls.colour", 1)
    with pytest.raises(Forbidden):
        set_parameter("calls.ring_alarm_s", 30, actor=actor("supervisor"))


def test_a_change_is_on_record_with_both_numbers(put: Callable[[str, float], None]) -> None:
    put("calls.ring_alarm_s", 30)
    put("calls.ring_alarm_s", 40)
    changes = Journal.objects.filter(subject="parameter:calls.ring_alarm_s")
    rows = changes.order_by("seq")
    assert [r.body for r in rows] == [
        {"before": 20.0, "after": 30.0},
        {"before": 30.0, "after": 40.0},
    ]


# --- calls ----------------------------------------------------------------------------


@proves("calls.ring_alarm_s")
def test_a_call_that_rings_too_long_raises_one_alarm(
    ring: Callable[..., Call], time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("calls.ring_alarm_s", 45)
    call = ring()
    time.forward(44)
    assert calls.alarm_ringing(actor=TIMER) == 0
    time.forward(1)
    assert calls.alarm_ringing(actor=TIMER) == 1
    assert calls.alarm_ringing(actor=TIMER) == 0
    assert raised()["alarm"] == "ringing"
    assert open_alarms("ringing")[0].subject == f"call:{call.pk}"


def test_the_ringing_alarm_ends_with_the_answer(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call = ring()
    time.forward(60)
    calls.alarm_ringing(actor=TIMER)
    calls.take_call(call.pk, actor=actor("call_taker"))
    assert open_alarms("ringing") == []


@proves("calls.aml_match_s")
def test_a_phones_location_is_of_a_call_that_is_near_enough_in_time(
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("calls.aml_match_s", 60)
    call = answered(NUMBER)
    calls.close_call(call.pk, "silent", actor=actor("call_taker"))
    for name, seconds, of in (("near", 60, call), ("far", 1, None)):
        time.forward(seconds)
        told = Reading(external_id=name, via="sms", number=NUMBER, received_at=clock.now(), **HERE)
        assert calls.locate_phone(told, actor=TIMER).call == of


@proves("calls.free_take_s")
def test_a_claim_is_its_operators_for_the_free_take(
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("calls.free_take_s", 30)
    call, boss = answered(), actor("supervisor")
    time.forward(29)
    with pytest.raises(Refused) as refusal:
        calls.take_call(call.pk, actor=boss, reason="no_response")
    assert refusal.value.code == "claimed"
    time.forward(1)
    with pytest.raises(Refused) as refusal:
        calls.take_call(call.pk, actor=boss)
    assert refusal.value.code == "reason"
    assert calls.take_call(call.pk, actor=boss, reason="no_response").operator_id == boss.user_id


@proves("calls.heartbeat_s")
@proves("calls.missed_heartbeats")
@pytest.mark.parametrize(("beat", "missed", "silence"), [(15, 3, 45), (10, 3, 30), (15, 2, 30)])
def test_a_claim_whose_console_fell_silent_is_shown_and_not_moved(
    beat: int,
    missed: int,
    silence: int,
    ring: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("calls.heartbeat_s", beat)
    put("calls.missed_heartbeats", missed)
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    call = calls.take_call(ring().pk, actor=taker)
    time.forward(silence - 1)
    assert calls.alarm_stale_claims(actor=TIMER) == 0
    time.forward(1)
    assert calls.alarm_stale_claims(actor=TIMER) == 1
    assert calls.alarm_stale_claims(actor=TIMER) == 0
    call.refresh_from_db()
    assert (call.state, call.operator_id) == ("answered", taker.user_id)
    assert raised()["owner"] == "supervisor"


def test_a_console_that_is_alive_keeps_its_claim(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="1", actor=taker)
    calls.take_call(ring().pk, actor=taker)
    for _ in range(20):
        time.forward(15)
        heartbeat(actor=taker)
        assert calls.alarm_stale_claims(actor=TIMER) == 0


@proves("calls.unattended_s")
def test_a_caller_on_hold_or_without_an_operator_for_long_raises_an_alarm(
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("calls.unattended_s", 300)
    held, nobodys = answered(), answered()
    calls.hold_call(held.pk, actor=actor("call_taker"))
    Call.objects.filter(pk=nobodys.pk).update(operator=None)
    time.forward(299)
    assert calls.alarm_unattended(actor=TIMER) == 0
    time.forward(1)
    assert calls.alarm_unattended(actor=TIMER) == 2


@proves("calls.callback_due_s")
def test_an_abandoned_caller_is_to_be_rung_back_in_time(
    ring: Callable[..., Call], time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("calls.callback_due_s", 60)
    call = ring()
    hang_up(call)
    call.refresh_from_db()
    assert call.callback_due_at == clock.now() + timedelta(seconds=60)
    time.forward(59)
    assert calls.alarm_call_backs(actor=TIMER) == 0
    time.forward(1)
    assert calls.alarm_call_backs(actor=TIMER) == 1
    assert calls.alarm_call_backs(actor=TIMER) == 0
    assert raised() == {"alarm": "callback", "owner": "call_taker"}


@proves("calls.callback_limit")
def test_a_call_back_is_given_up_after_its_attempts(
    ring: Callable[..., Call], actor: Callable[[str], Actor], put: Callable[[str, float], None]
) -> None:
    put("calls.callback_limit", 2)
    call = ring()
    hang_up(call)
    taker = actor("call_taker")
    assert calls.report_call_back(call.pk, reached=False, actor=taker).state == "callback_due"
    assert calls.report_call_back(call.pk, reached=False, actor=taker).state == "no_answer"


@proves("calls.history_days")
def test_a_callers_history_reaches_back_so_far(
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    call = calls.close_call(answered().pk, "prank", actor=actor("call_taker"))
    contact = call.contact_id or 0
    time.forward(10 * 24 * 3600)
    assert caller_histories([contact])[contact].total == 1
    put("calls.history_days", 9)
    assert caller_histories([contact])[contact].total == 0


def hang_up(call: Call) -> None:
    calls.report_event(
        "ended",
        source=call.source,
        external_id=call.external_id or "",
        at=clock.now(),
        actor=TIMER,
    )


# --- incidents and units --------------------------------------------------------------


@proves("incidents.undispatched_s")
def test_an_urgent_incident_without_a_unit_raises_an_alarm(
    accident: Callable[..., Incident], time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("incidents.undispatched_s", 90)
    urgent, routine = accident(), accident(priority=3)
    time.forward(89)
    assert alarm_undispatched(actor=TIMER) == 0
    time.forward(1)
    assert alarm_undispatched(actor=TIMER) == 1
    assert alarm_undispatched(actor=TIMER) == 0
    assert [a.case for a in open_alarms("undispatched")] == [f"incident:{urgent.pk}"]
    assert routine.dispatch_due_at is None


def test_the_undispatched_alarm_ends_when_a_unit_is_sent(
    accident: Callable[..., Incident], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    incident = accident()
    time.forward(61)
    alarm_undispatched(actor=TIMER)
    send_units(incident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    assert open_alarms("undispatched") == []
    time.forward(600)
    assert alarm_undispatched(actor=TIMER) == 0


def test_an_incident_that_becomes_urgent_must_have_a_unit_from_then(
    accident: Callable[..., Incident], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    incident = accident(priority=4)
    time.forward(600)
    set_priority(incident.pk, 1, actor=actor("dispatcher"))
    assert alarm_undispatched(actor=TIMER) == 0
    time.forward(60)
    assert alarm_undispatched(actor=TIMER) == 1


@proves("dispatch.acknowledge_s")
def test_a_unit_that_does_not_acknowledge_raises_an_alarm_and_the_next_is_proposed(
    accident: Callable[..., Incident],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("dispatch.acknowledge_s", 30)
    incident = accident()
    send_units(incident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    time.forward(29)
    assert alarm_unacknowledged(actor=TIMER) == 0
    time.forward(1)
    assert alarm_unacknowledged(actor=TIMER) == 1
    assert alarm_unacknowledged(actor=TIMER) == 0
    proposed = Assignment.objects.get(incident=incident, state="proposed")
    assert proposed.unit.call_sign.startswith("AMB-")
    assert open_alarms("unacknowledged")[0].details["next"] == proposed.unit.call_sign


def test_an_acknowledged_assignment_raises_nothing(
    accident: Callable[..., Incident], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    (job,) = send_units(accident().pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    step(job.pk, "acknowledge", actor=actor("crew"), source="crew")
    time.forward(600)
    assert alarm_unacknowledged(actor=TIMER) == 0


@proves("dispatch.speed_kmh")
@proves("dispatch.detour")
@pytest.mark.parametrize("name", ["dispatch.speed_kmh", "dispatch.detour"])
def test_the_time_to_arrive_follows_the_citys_numbers(
    name: str, accident: Callable[..., Incident], put: Callable[[str, float], None]
) -> None:
    incident = accident()
    before = recommend_for(incident).picks[0].eta_s
    put(name, PARAMETERS[name].default * 2)
    after = recommend_for(incident).picks[0].eta_s
    assert before and after
    factor = 0.5 if name == "dispatch.speed_kmh" else 2
    assert after == pytest.approx(before * factor, abs=2)


@pytest.fixture
def boss(actor: Callable[[str], Actor]) -> Actor:
    """Who may do all of it."""
    return actor("supervisor")


def costs_of(incident: Incident, sign: str) -> dict[str, int]:
    """What sending a unit there would cost beside the time to arrive."""
    advice = recommend_for(incident, named=[sign])
    return dict(next(p.costs for p in advice.all() if p.call_sign == sign))


@proves("dispatch.stale_costs_s")
def test_an_old_position_costs_what_the_city_says(
    accident: Callable[..., Incident],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    report_position("AMB-01", HERE["lat"], HERE["lng"], actor=actor("crew"))
    time.forward(3600)
    put("dispatch.stale_costs_s", 45)
    assert costs_of(accident(), "AMB-01") == {"stale_position": 45}


@proves("dispatch.rest_s")
@proves("dispatch.rest_costs_s")
def test_a_crew_that_has_just_worked_counts_as_later_until_it_has_rested(
    accident: Callable[..., Incident],
    boss: Actor,
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    before = accident()
    [job] = send_units(before.pk, ["AMB-01"], actor=boss, choice="radio")
    for command in ("depart", "arrive", "complete"):
        step(job.pk, command, actor=boss, source="dispatcher")
    incident = accident()
    set_priority(incident.pk, 2, actor=boss)
    incident.refresh_from_db()
    put("dispatch.coverage_costs_s", 0)
    put("dispatch.rest_s", 1200)
    put("dispatch.rest_costs_s", 33)
    time.forward(1100)
    assert costs_of(incident, "AMB-01") == {"unrested": 33}
    time.forward(101)
    assert costs_of(incident, "AMB-01") == {}


@proves("dispatch.coverage_m")
@proves("dispatch.coverage_costs_s")
def test_a_unit_that_leaves_a_gap_counts_as_later(
    accident: Callable[..., Incident], boss: Actor, put: Callable[[str, float], None]
) -> None:
    incident = accident()
    set_priority(incident.pk, 2, actor=boss)
    incident.refresh_from_db()
    put("dispatch.coverage_costs_s", 77)
    put("dispatch.coverage_m", 100)
    assert costs_of(incident, "AMB-02") == {"leaves_gap": 77}
    put("dispatch.coverage_m", 20_000)
    assert costs_of(incident, "AMB-02") == {}


@proves("dispatch.divert_gain_s")
def test_a_unit_on_its_way_to_something_less_urgent_is_offered_from_the_citys_gain(
    accident: Callable[..., Incident], boss: Actor, put: Callable[[str, float], None]
) -> None:
    minor = accident()
    send_units(minor.pk, ["AMB-02"], actor=boss, choice="radio")
    set_priority(minor.pk, 4, actor=boss)
    urgent = accident()
    set_priority(urgent.pk, 1, actor=boss)
    urgent.refresh_from_db()

    def offered() -> list[str]:
        return [p.call_sign for p in recommend_for(urgent).diversions]

    put("dispatch.divert_gain_s", 0)
    assert offered() == ["AMB-02"]
    put("dispatch.divert_gain_s", 3600)
    assert offered() == []


@proves("dispatch.position_age_s")
def test_an_old_position_is_called_stale(
    accident: Callable[..., Incident],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    report_position("AMB-01", HERE["lat"], HERE["lng"], actor=actor("crew"))
    time.forward(120)
    incident = accident()

    def reasons() -> tuple[str, ...]:
        advice = recommend_for(incident)
        return next(p.reasons for p in [*advice.picks, *advice.others] if p.call_sign == "AMB-01")

    assert "stale_position" not in reasons()
    put("dispatch.position_age_s", 60)
    assert "stale_position" in reasons()


@proves("places.tolerance_m")
def test_a_point_outside_still_counts_within_the_tolerance(
    accident: Callable[..., Incident], put: Callable[[str, float], None]
) -> None:
    from sigap.places.queries import area_at, city

    cells = city().cells
    assert cells is not None
    lng = 112.0155
    lat = next(
        lat
        for lat in (-7.80 + n / 2000 for n in range(200))
        if cells.area_at(lat, lng, tolerance_m=0) is None
    )
    put("places.tolerance_m", 5000)
    assert area_at(lat, lng) is not None
    put("places.tolerance_m", 0)
    assert area_at(lat, lng) is None


# --- personal data --------------------------------------------------------------------


@proves("personal.ghost_days")
@proves("personal.ticket_days")
@pytest.mark.parametrize(
    ("call_class", "name"),
    [("prank", "personal.ghost_days"), ("information", "personal.ticket_days")],
)
def test_a_number_is_kept_as_long_as_the_city_says(
    call_class: str,
    name: str,
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put(name, 40)
    call = calls.close_call(answered().pk, call_class, actor=actor("call_taker"))
    time.forward(39 * 24 * 3600)
    erase_expired(actor=TIMER)
    assert Contact.objects.get(pk=call.contact_id).number
    time.forward(2 * 24 * 3600)
    erase_expired(actor=TIMER)
    assert not Contact.objects.get(pk=call.contact_id).number


@proves("personal.audio_valid_days")
@proves("personal.audio_other_days")
@pytest.mark.parametrize(
    ("call_class", "name"),
    [
        ("emergency", "personal.audio_valid_days"),
        ("information", "personal.audio_other_days"),
    ],
)
def test_a_recording_is_erased_after_the_days_of_its_class(
    call_class: str,
    name: str,
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("personal.audio_valid_days", 9)
    put("personal.audio_other_days", 5)
    call, taker = answered(), actor("call_taker")
    if call_class == "emergency":
        incident = calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker)
        close_incident(incident.pk, disposition="handled", actor=actor("dispatcher"))
    calls.close_call(call.pk, call_class, actor=taker, confirmed=True)
    calls.report_recording(
        "suara_1",
        source="pbx",
        external_id=call.external_id or "",
        at=clock.now(),
        actor=TIMER,
    )
    calls.keep_recording([Kept("suara_1", "both", 1.0, 10, "0" * 64)], actor=TIMER)
    time.forward(value(name) * 24 * 3600 - 1)
    assert erase_expired(actor=TIMER)["recording"] == 0
    time.forward(2)
    assert erase_expired(actor=TIMER)["recording"] == 1


@proves("quality.sample_percent")
def test_the_share_of_drawn_calls_is_the_citys(
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    put: Callable[[str, float], None],
) -> None:
    for percent, drawn in ((0, 0), (100, 1)):
        put("quality.sample_percent", percent)
        calls.close_call(answered().pk, "information", actor=actor("call_taker"))
        assert Review.objects.count() == drawn


@proves("personal.inbox_days")
def test_a_refused_letter_is_kept_as_long_as_the_city_says(
    time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("personal.inbox_days", 2)
    now = clock.now()
    Inbox.objects.create(source="s", external_id="1", payload="x", received_at=now, done_at=now)
    time.forward(2 * 24 * 3600 - 60)
    assert erase_expired(actor=TIMER)["inbox"] == 0
    time.forward(120)
    assert erase_expired(actor=TIMER)["inbox"] == 1


# --- timers found late, and alarms put aside -------------------------------------------


def test_a_timer_found_late_is_recorded_as_late(
    accident: Callable[..., Incident],
    ring: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
) -> None:
    hang_up(ring())
    accident()
    send_units(accident().pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    time.forward(3600)  # the worker was down for an hour
    calls.alarm_call_backs(actor=TIMER)
    alarm_undispatched(actor=TIMER)
    alarm_unacknowledged(actor=TIMER)
    late = {
        r.body["alarm"]: r.body.get("late_s") for r in Journal.objects.filter(kind="alarm.raised")
    }
    assert late == {"callback": 3480, "undispatched": 3540, "unacknowledged": 3540}


def test_a_shelved_alarm_comes_back_by_itself_and_a_done_one_does_not(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call = ring()
    time.forward(60)
    calls.alarm_ringing(actor=TIMER)
    (alarm,) = open_alarms("ringing")
    shelve_alarm(alarm.pk, minutes=10, reason="waiting", actor=actor("dispatcher"))
    time.forward(599)
    assert repeat_alarms(actor=TIMER) == 0
    time.forward(1)
    assert repeat_alarms(actor=TIMER) == 1
    alarm.refresh_from_db()
    assert (alarm.state, alarm.quiet_until) == ("new", None)
    shelve_alarm(alarm.pk, minutes=10, reason="waiting", actor=actor("dispatcher"))
    calls.take_call(call.pk, actor=actor("call_taker"))
    time.forward(3600)
    assert repeat_alarms(actor=TIMER) == 0


@proves("alarms.repeat_s")
def test_an_acknowledged_alarm_comes_back_unless_its_cause_has_gone(
    accident: Callable[..., Incident],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("alarms.repeat_s", 120)
    incident, boss = accident(), actor("dispatcher")
    time.forward(61)
    alarm_undispatched(actor=TIMER)
    (alarm,) = open_alarms("undispatched")
    acknowledge_alarm(alarm.pk, actor=boss)
    time.forward(119)
    assert repeat_alarms(actor=TIMER) == 0
    time.forward(1)
    assert repeat_alarms(actor=TIMER) == 1
    alarm.refresh_from_db()
    assert (alarm.state, alarm.quiet_until) == ("new", None)
    acknowledge_alarm(alarm.pk, actor=boss)
    send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    time.forward(3600)
    assert repeat_alarms(actor=TIMER) == 0


@proves("alarms.shelve_urgent_min")
def test_the_most_urgent_alarms_are_put_aside_for_minutes_only(
    ring: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("alarms.shelve_urgent_min", 5)
    ring()
    time.forward(60)
    calls.alarm_ringing(actor=TIMER)
    (alarm,) = open_alarms("ringing")
    for minutes, kept in ((6, False), (5, True)):
        with nullcontext() if kept else pytest.raises(Invalid):
            shelve_alarm(alarm.pk, minutes=minutes, reason="in_hand", actor=actor("call_taker"))


@pytest.mark.parametrize(
    ("minutes", "reason"), [(0, "waiting"), (481, "waiting"), (10, ""), (10, "because")]
)
def test_an_alarm_is_not_put_aside_for_ever_or_for_nothing(
    minutes: int, reason: str, ring: Callable[..., Call], time: clock.Frozen
) -> None:
    ring()
    time.forward(60)
    calls.alarm_ringing(actor=TIMER)
    (alarm,) = open_alarms("ringing")
    with pytest.raises(Invalid):
        shelve_alarm(alarm.pk, minutes=minutes, reason=reason, actor=TIMER)


@pytest.mark.parametrize("number", [0, 10**9, 2**70])
def test_an_alarm_that_is_not_there_is_missing(number: int) -> None:
    with pytest.raises(Missing):
        acknowledge_alarm(number, actor=TIMER)


def test_an_acknowledged_alarm_is_not_raised_a_second_time(
    ring: Callable[..., Call], time: clock.Frozen
) -> None:
    ring()
    time.forward(60)
    calls.alarm_ringing(actor=TIMER)
    acknowledge_alarm(open_alarms("ringing")[0].pk, actor=TIMER)
    time.forward(60)
    assert calls.alarm_ringing(actor=TIMER) == 0
