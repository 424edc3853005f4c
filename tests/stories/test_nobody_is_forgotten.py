"""No caller, no incident and no alarm is lost because somebody pressed a key too early."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actions import alarms
from sigap.core.actions.shifts import heartbeat
from sigap.core.actors import Actor, system
from sigap.core.errors import Invalid, NeedsConfirmation, Refused
from sigap.core.models import Alarm, Shift
from sigap.dispatch.actions import (
    cancel_assignment,
    end_incident,
    send_units,
    step,
    unmerge_incident,
)
from sigap.dispatch.models import Assignment, ResponsePlan
from sigap.dispatch.queries import recommend_for
from sigap.fleet.models import Unit
from sigap.incidents.actions import (
    alarm_undispatched,
    merge_incident,
    open_incident,
    reopen_incident,
    set_priority,
)
from sigap.incidents.models import Incident
from tests.conftest import PBX

from .asking import get, post

TIMER = system("timer")
Who = Callable[[str], Actor]
Make = Callable[..., Any]


@pytest.fixture
def boss(actor: Who) -> Actor:
    """The dispatcher."""
    return actor("dispatcher")


@pytest.fixture
def accident(boss: Actor) -> Make:
    """An accident in the middle of the city, P1 unless said otherwise."""
    here = {"priority": 1, "lat": -7.8185, "lng": 112.0155}
    return lambda **more: open_incident("kecelakaan_lalin", actor=boss, **here | more)


@pytest.fixture
def taker(actor: Who) -> Actor:
    """The call taker."""
    return actor("call_taker")


def send(incident: Incident, sign: str, boss: Actor) -> Assignment:
    (job,) = send_units(incident.pk, [sign], actor=boss, choice="radio")
    return job


def decline(job: Assignment, boss: Actor) -> None:
    step(job.pk, "decline", reason="no_crew", actor=boss, source="dispatcher")


def call_back(job: Assignment, boss: Actor) -> None:
    cancel_assignment(job.pk, reason="closer_unit", actor=boss)


def alarmed(code: str) -> list[str]:
    """What the open alarms of a code are about, after all timers have run."""
    alarm_undispatched(actor=TIMER)
    for timer in (calls.alarm_stale_claims, calls.alarm_unattended, calls.alarm_ringing):
        timer(actor=TIMER)
    alarms.repeat_alarms(actor=TIMER)
    rows = Alarm.objects.filter(code=code).exclude(state="done").order_by("id")
    return list(rows.values_list("subject", flat=True))


# --- an incident that has lost its units ----------------------------------------------


@pytest.mark.parametrize("lose", [decline, call_back])
def test_an_incident_that_loses_its_only_unit_waits_again_and_is_alarmed_about(
    lose: Callable[[Assignment, Actor], None],
    accident: Make,
    boss: Actor,
    time: clock.Frozen,
    journal: Callable[[], list[str]],
) -> None:
    incident = accident()
    lose(send(incident, "AMB-01", boss), boss)
    incident.refresh_from_db()
    assert incident.state == "open" and "incident.wait" in journal()
    assert incident.dispatch_due_at == clock.now() + timedelta(seconds=60)
    time.forward(60)
    assert alarmed("undispatched") == [f"incident:{incident.pk}"]
    send(incident, "POL-01", boss)
    assert alarmed("undispatched") == []


def test_as_long_as_one_unit_works_or_has_worked_there_it_does_not_wait(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    incident = accident()
    first, second, third = send_units(
        incident.pk, ["AMB-01", "AMB-02", "POL-01"], actor=boss, choice="radio"
    )
    decline(first, boss)
    step(second.pk, "arrive", actor=boss, source="dispatcher")
    step(second.pk, "complete", actor=boss, source="dispatcher")
    call_back(third, boss)
    time.forward(3600)
    incident.refresh_from_db()
    assert (incident.state, alarmed("undispatched")) == ("in_progress", [])


def test_work_done_before_it_was_reopened_does_not_count(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    incident = accident()
    job = send(incident, "AMB-01", boss)
    step(job.pk, "arrive", actor=boss, source="dispatcher")
    step(job.pk, "complete", actor=boss, source="dispatcher")
    end_incident(incident.pk, "close", disposition="handled", actor=boss)
    time.forward(600)
    reopen_incident(incident.pk, reason="recurred", actor=boss)
    call_back(send(incident, "AMB-02", boss), boss)
    time.forward(60)
    assert alarmed("undispatched") == [f"incident:{incident.pk}"]


def test_a_raised_priority_of_one_that_lost_its_unit_starts_the_timer(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    incident = accident(priority=3)
    call_back(send(incident, "POL-01", boss), boss)
    set_priority(incident.pk, 1, actor=boss)
    time.forward(60)
    assert alarmed("undispatched") == [f"incident:{incident.pk}"]


def test_a_unit_that_declines_is_told_at_once_with_the_next_one(
    accident: Make, boss: Actor
) -> None:
    incident = accident()
    job, _police = send_units(incident.pk, ["AMB-01", "POL-01"], actor=boss, choice="radio")
    decline(job, boss)
    assert alarmed("declined") == [f"assignment:{job.pk}"]
    (alarm,) = Alarm.objects.filter(code="declined")
    proposed = Assignment.objects.get(state="proposed")
    assert (alarm.urgency, alarm.details["next"]) == (1, proposed.unit.call_sign)
    send(incident, "POL-02", boss)
    assert alarmed("declined") == [f"assignment:{job.pk}"]  # it can do other things
    send(incident, proposed.unit.call_sign, boss)
    assert alarmed("declined") == []


def test_a_decline_that_needs_no_other_unit_is_done_when_a_person_says_so(
    accident: Make, boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    job, _police = send_units(accident().pk, ["AMB-01", "POL-01"], actor=boss, choice="radio")
    decline(job, boss)
    (row,) = get(browser_of("dispatcher"), "/console/state")["alarms"]
    assert (row["code"], row["closable"]) == ("declined", True)
    assert post(browser_of("dispatcher"), f"/dispatch/alarms/{row['id']}/done")["status"] == 200
    assert alarmed("declined") == []


def test_a_unit_that_declined_or_is_only_proposed_is_not_counted_as_sent(
    accident: Make, boss: Actor
) -> None:
    incident = accident()
    wanted = [(p.need.capability, p.call_sign) for p in recommend_for(incident).picks]
    decline(send(incident, "AMB-01", boss), boss)
    advice = recommend_for(incident)
    picked = {p.need.capability: p for p in advice.picks}
    assert set(picked) == {capability for capability, _sign in wanted}
    ambulance = next(p for p in advice.picks if p.need.agency == "psc119")
    assert "proposed" in ambulance.reasons and ambulance.call_sign != "AMB-01"
    (unwilling,) = [p for p in advice.others if p.call_sign == "AMB-01"]
    assert "declined" in unwilling.reasons


def test_the_plan_does_not_ask_again_for_what_a_unit_has_done(accident: Make, boss: Actor) -> None:
    incident = accident()
    first = sorted(pick.call_sign for pick in recommend_for(incident).picks)
    jobs = send_units(incident.pk, first, actor=boss, choice="radio")
    for command in ("acknowledge", "depart", "arrive", "complete"):
        step(jobs[0].pk, command, actor=boss, source="dispatcher")
    assert not recommend_for(incident).picks


def test_a_type_without_a_plan_offers_every_free_unit_and_asks_for_none(
    accident: Make, browser_of: Callable[[str], Client]
) -> None:
    incident = accident()
    ResponsePlan.objects.filter(type=incident.type).delete()
    advice = get(browser_of("dispatcher"), f"/dispatch/incidents/{incident.pk}/advice")
    assert (advice["planned"], advice["picks"], advice["shortfalls"]) == (False, [], [])
    assert {"AMB-01", "POL-01"} <= {unit["unit"] for unit in advice["others"]}


def test_what_is_lacking_after_a_decline_is_said(accident: Make, boss: Actor) -> None:
    incident = accident()
    Unit.objects.filter(agency__code="psc119").exclude(call_sign="AMB-01").update(on_duty=False)
    decline(send(incident, "AMB-01", boss), boss)
    assert "psc119" in {lack.need.agency for lack in recommend_for(incident).shortfalls}


# --- merges ---------------------------------------------------------------------------


def test_a_merge_carries_over_what_is_more_urgent_and_stays_alarmed(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    urgent, calm = accident(siren=True), accident(priority=3, siren=False)
    time.forward(61)
    assert alarmed("undispatched") == [f"incident:{urgent.pk}"]
    merge_incident(urgent.pk, calm.pk, actor=boss)
    calm.refresh_from_db()
    assert (calm.priority, calm.siren, calm.state) == (1, True, "open")
    assert alarmed("undispatched") == [f"incident:{calm.pk}"]


def test_a_merge_keeps_the_earlier_time_by_which_a_unit_is_due(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    first = accident()
    time.forward(30)
    second = accident()
    merge_incident(first.pk, second.pk, actor=boss)
    time.forward(30)
    assert alarmed("undispatched") == [f"incident:{second.pk}"]


def test_a_merge_taken_back_gives_back_the_priority_unless_somebody_chose_one(
    accident: Make, boss: Actor
) -> None:
    urgent, calm = accident(siren=True), accident(priority=3, siren=False)
    for chosen in (None, 2):
        merge_incident(urgent.pk, calm.pk, actor=boss)
        if chosen:
            set_priority(calm.pk, chosen, actor=boss)
        unmerge_incident(urgent.pk, actor=boss)
        for incident in (urgent, calm):
            incident.refresh_from_db()
        assert (urgent.priority, urgent.dispatch_due_at is None) == (1, False)
        assert (calm.priority, calm.siren) == (chosen or 3, bool(chosen))


def test_after_a_merge_is_taken_back_each_has_its_own_units_or_waits(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    first, second = accident(), accident()
    job = send(second, "AMB-01", boss)
    merge_incident(second.pk, first.pk, actor=boss)
    call_back(job, boss)
    first.refresh_from_db()
    assert first.state == "open"  # the unit was the other's, and counted for both
    send(first, "AMB-02", boss)
    unmerge_incident(second.pk, actor=boss)
    for incident in (first, second):
        incident.refresh_from_db()
    assert (first.state, second.state) == ("in_progress", "open")
    time.forward(61)
    assert alarmed("undispatched") == [f"incident:{second.pk}"]


def test_a_unit_of_a_merged_incident_is_not_sent_to_the_other_again(
    accident: Make, boss: Actor
) -> None:
    first, second = accident(), accident()
    send(second, "AMB-01", boss)
    merge_incident(second.pk, first.pk, actor=boss)
    with pytest.raises(Refused, match="AMB-01"):
        send_units(first.pk, ["AMB-01"], actor=boss, confirmed=True, choice="radio")


# --- alarms ---------------------------------------------------------------------------


@pytest.fixture
def alarm(accident: Make, time: clock.Frozen) -> Alarm:
    """A P1 without a unit, about which nobody has done anything."""
    accident()
    time.forward(61)
    alarmed("undispatched")
    return Alarm.objects.get(code="undispatched")


def test_an_alarm_is_not_done_while_its_cause_stands(alarm: Alarm, boss: Actor) -> None:
    with pytest.raises(Refused) as refusal:
        alarms.close_alarm(alarm.pk, actor=boss)
    assert refusal.value.code == "cause"
    assert alarmed("undispatched")


def test_a_shelved_alarm_that_becomes_more_urgent_comes_back(
    accident: Make, boss: Actor, time: clock.Frozen
) -> None:
    incident = accident(priority=2)
    time.forward(61)
    alarmed("undispatched")
    alarm = Alarm.objects.get()
    alarms.shelve_alarm(alarm.pk, minutes=480, reason="in_hand", actor=boss)
    set_priority(incident.pk, 1, actor=boss)
    time.forward(61)
    alarmed("undispatched")
    alarm.refresh_from_db()
    assert (alarm.state, alarm.urgency, alarm.quiet_until) == ("new", 1, None)


# --- calls ----------------------------------------------------------------------------


def event(kind: str, call: Call, **more: Any) -> Call:
    """One more event of the exchange about a call, now."""
    name = call.external_id or ""
    at = clock.now()
    return calls.report_event(kind, source="pbx", external_id=name, at=at, actor=PBX, **more)


@pytest.mark.parametrize("how", ["close", "cancel"])
def test_a_call_about_an_incident_that_is_over_is_not_closed_away(
    how: Any, accident: Make, answered: Make, taker: Actor, boss: Actor
) -> None:
    incident = accident()
    why = {"reason": "caller_withdrew"} if how == "cancel" else {"disposition": "handled"}
    end_incident(incident.pk, how, actor=boss, **why)
    call = answered()
    with pytest.raises(Refused) as refusal:
        calls.link_call(call.pk, incident.pk, actor=taker)
    assert refusal.value.code == "over"
    reopen_incident(incident.pk, reason="recurred", actor=boss)
    calls.link_call(call.pk, incident.pk, actor=taker)
    assert calls.close_call(call.pk, "repeat", actor=taker).state == "closed"


def test_a_call_about_a_merged_incident_belongs_to_the_one_that_carries_on(
    accident: Make, answered: Make, taker: Actor, boss: Actor
) -> None:
    first, second, third = accident(), accident(), accident()
    merge_incident(first.pk, second.pk, actor=boss)
    merge_incident(second.pk, third.pk, actor=boss)
    assert calls.link_call(answered().pk, first.pk, actor=taker).incident_id == third.pk


def test_a_call_that_somebody_unknown_answered_is_alarmed_about_until_it_is_taken(
    ring: Make, taker: Actor, time: clock.Frozen
) -> None:
    call = ring()
    event("answered", call, operator="a-stranger")
    event("ended", call)
    time.forward(119)
    assert alarmed("unattended") == []
    time.forward(1)
    assert alarmed("unattended") == [f"call:{call.pk}"]
    assert calls.take_call(call.pk, actor=taker).operator_id == taker.user_id
    assert alarmed("unattended") == []


def test_a_caller_who_is_on_hold_for_long_is_alarmed_about_until_resumed(
    answered: Make, taker: Actor, time: clock.Frozen
) -> None:
    call = answered()
    calls.hold_call(call.pk, actor=taker)
    time.forward(120)
    heartbeat(actor=taker)
    assert (alarmed("unattended"), alarmed("stale_claim")) == ([f"call:{call.pk}"], [])
    calls.resume_call(call.pk, actor=taker)
    assert alarmed("unattended") == []


def test_a_late_answer_belongs_to_nobody_who_only_rang_back(
    ring: Make, taker: Actor, actor: Who
) -> None:
    call = ring()
    event("ended", call)
    calls.report_call_back(call.pk, reached=False, actor=taker)
    call = event("answered", call)
    assert (call.state, call.operator_id, call.claimed_at) == ("wrap_up", None, None)
    assert calls.take_call(call.pk, actor=actor("supervisor")).state == "wrap_up"


def test_a_claim_of_unknown_age_may_be_taken_over_at_once(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    call = answered()
    Call.objects.filter(pk=call.pk).update(claimed_at=None)
    taken = calls.take_call(call.pk, actor=actor("supervisor"), reason="no_response")
    assert taken.operator_id == actor("supervisor").user_id


def test_who_hung_up_before_the_line_opened_is_an_abandoned_caller(
    answered: Make, taker: Actor, time: clock.Frozen
) -> None:
    call = answered()
    with pytest.raises(Invalid):
        calls.close_call(call.pk, "abandoned", actor=taker)
    event("ended", call)
    call = calls.close_call(call.pk, "abandoned", actor=taker)
    assert (call.state, call.call_class, call.answered_at) == ("callback_due", "abandoned", None)
    assert call.callback_due_at == clock.now() + timedelta(seconds=120)
    # The exchange may still know better.
    assert event("answered", call).state == "wrap_up"


def test_who_was_answered_by_the_exchanges_word_was_not_abandoned(
    answered: Make, taker: Actor
) -> None:
    call = answered()
    event("answered", call)
    event("ended", call)
    with pytest.raises(Invalid):
        calls.close_call(call.pk, "abandoned", actor=taker)


def test_a_call_of_an_open_incident_gets_another_class_only_with_a_second_press(
    answered: Make, taker: Actor, boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    desk, call = browser_of("call_taker"), answered()
    incident = calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker)
    asked = post(desk, f"/calls/{call.pk}/close", **{"class": "prank"})
    assert (asked["status"], asked["error"]["code"]) == (409, "confirm")
    assert asked["error"]["incident"] == incident.pk
    calls.close_call(call.pk, "emergency", actor=taker)
    with pytest.raises(NeedsConfirmation):
        calls.reclassify_call(call.pk, "noise", actor=taker)
    said = {"class": "noise", "confirm": True}
    assert post(desk, f"/calls/{call.pk}/reclassify", **said)["status"] == 200
    end_incident(incident.pk, "close", disposition="handled", actor=boss)
    assert calls.reclassify_call(call.pk, "silent", actor=taker).call_class == "silent"


def test_who_takes_a_call_over_without_a_shift_is_on_shift_from_then(
    answered: Make, actor: Who, browser_of: Callable[[str], Client], time: clock.Frozen
) -> None:
    call, chief = answered(), actor("supervisor")
    time.forward(60)
    assert alarmed("stale_claim") == [f"call:{call.pk}"]
    calls.take_call(call.pk, actor=chief, reason="no_response")
    assert Shift.objects.get(user_id=chief.user_id, ended_at=None).role == "supervisor"
    for _beat in range(5):
        time.forward(15)
        assert post(browser_of("supervisor"), "/console/heartbeat")["status"] == 200
    assert alarmed("stale_claim") == []
    time.forward(46)
    assert alarmed("stale_claim") == [f"call:{call.pk}"]


def test_a_console_that_is_heard_again_ends_the_alarm_about_its_silence(
    answered: Make, taker: Actor, time: clock.Frozen
) -> None:
    answered()
    time.forward(60)
    assert alarmed("stale_claim")
    heartbeat(actor=taker)
    assert alarmed("stale_claim") == []
