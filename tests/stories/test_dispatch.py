"""What happens between the dispatcher's key press and the crew's last one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing, NeedsConfirmation, Refused
from sigap.core.journal import verify
from sigap.core.models import Alarm, Journal
from sigap.dispatch.actions import (
    alarm_unacknowledged,
    cancel_assignment,
    correct_time,
    end_incident,
    send_units,
    step,
)
from sigap.dispatch.models import Assignment
from sigap.fleet.actions import set_availability, set_duty
from sigap.incidents.actions import (
    cancel_incident,
    merge_incident,
    open_incident,
    reopen_incident,
)
from sigap.incidents.models import Incident

TIMER = system("timer")
Actors = Callable[[str], Actor]


@pytest.fixture
def accident(actor: Actors) -> Callable[..., Incident]:
    """An accident in the middle of the city."""
    return lambda **more: open_incident(
        "kecelakaan_lalin",
        actor=actor("dispatcher"),
        **{"priority": 1, "lat": -7.8185, "lng": 112.0155, **more},
    )


@pytest.fixture
def sent(accident: Callable[..., Incident], actor: Actors) -> Callable[..., Assignment]:
    """A unit that was sent to a new accident: sent("AMB-01")."""

    def send(sign: str = "AMB-01", incident: Incident | None = None) -> Assignment:
        incident = incident or accident()
        (job,) = send_units(
            incident.pk, [sign], actor=actor("dispatcher"), confirmed=True, choice="radio"
        )
        return job

    return send


def press(job: Assignment, command: str, actor: Actor, **more: object) -> Assignment:
    return step(job.pk, command, actor=actor, source="crew", **more)  # type: ignore[arg-type]


# --- sending --------------------------------------------------------------------------


def test_several_units_are_sent_at_once_and_the_incident_is_in_progress(
    accident: Callable[..., Incident], actor: Actors, journal: Callable[[], list[str]]
) -> None:
    incident = accident()
    jobs = send_units(
        incident.pk, ["AMB-01", "POL-01", "AMB-01"], actor=actor("dispatcher"), choice="radio"
    )
    assert [(j.unit.call_sign, j.state) for j in jobs] == [
        ("AMB-01", "notified"),
        ("POL-01", "notified"),
    ]
    incident.refresh_from_db()
    assert (incident.state, incident.dispatch_due_at) == ("in_progress", None)
    made = ["assignment.made", "assignment.notify"]
    assert journal()[-5:] == [*made, *made, "incident.start"]
    assert [t.state for t in jobs[0].times.all()] == ["notified"]


def test_a_second_job_needs_a_second_key_press_which_names_the_first(
    sent: Callable[..., Assignment], accident: Callable[..., Incident], actor: Actors
) -> None:
    first, second = sent(), accident()
    with pytest.raises(NeedsConfirmation, match="AMB-01") as question:
        send_units(second.pk, ["AMB-01", "AMB-02"], actor=actor("dispatcher"), choice="radio")
    assert question.value.details["busy"] == {"AMB-01": [first.incident_id]}
    assert not second.assignments.exists()
    jobs = send_units(
        second.pk, ["AMB-01", "AMB-02"], actor=actor("dispatcher"), confirmed=True, choice="radio"
    )
    rows = Journal.objects.filter(kind="assignment.notify", case=f"incident:{second.pk}")
    assert [r.body.get("second_job", False) for r in rows.order_by("seq")] == [True, False]
    assert len(jobs) == 2


def test_all_or_none_are_sent(accident: Callable[..., Incident], actor: Actors) -> None:
    incident = accident()
    set_availability("AMB-02", "withdraw", reason="damaged", actor=actor("dispatcher"))
    with pytest.raises(Refused, match="AMB-02"):
        send_units(incident.pk, ["AMB-01", "AMB-02"], actor=actor("dispatcher"), choice="radio")
    with pytest.raises(Missing):
        send_units(incident.pk, ["AMB-01", "AMB-99"], actor=actor("dispatcher"), choice="radio")
    assert not incident.assignments.exists()
    incident.refresh_from_db()
    assert incident.state == "open"


def test_a_unit_off_duty_is_not_sent(accident: Callable[..., Incident], actor: Actors) -> None:
    set_duty("AMB-01", on_duty=False, actor=actor("dispatcher"))
    with pytest.raises(Refused, match="AMB-01"):
        send_units(accident().pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")


def test_a_unit_is_not_sent_twice_to_the_same_incident(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    with pytest.raises(Refused, match="AMB-01"):
        send_units(
            job.incident_id, ["AMB-01"], actor=actor("dispatcher"), confirmed=True, choice="radio"
        )


def test_nothing_is_sent_to_an_incident_that_is_over(
    accident: Callable[..., Incident], actor: Actors
) -> None:
    incident, other = accident(), accident()
    cancel_incident(incident.pk, reason="duplicate", actor=actor("dispatcher"))
    merge_incident(accident().pk, other.pk, actor=actor("dispatcher"))
    merged = other.merged.get()
    for over in (incident, merged):
        with pytest.raises(Refused):
            send_units(over.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")


@pytest.mark.parametrize("role", ["call_taker", "agency", "crew", "evaluator", "administrator"])
def test_only_a_dispatcher_or_a_supervisor_sends(
    role: str, accident: Callable[..., Incident], actor: Actors
) -> None:
    with pytest.raises(Forbidden):
        send_units(accident().pk, ["AMB-01"], actor=actor(role), choice="radio")


def test_somebody_elses_change_is_a_conflict(
    accident: Callable[..., Incident], actor: Actors
) -> None:
    incident = accident()
    with pytest.raises(Conflict):
        send_units(
            incident.pk,
            ["AMB-01"],
            actor=actor("dispatcher"),
            version=incident.version - 1,
            choice="radio",
        )
    with pytest.raises(Invalid):
        send_units(incident.pk, [], actor=actor("dispatcher"), choice="radio")


# --- the crew's presses ---------------------------------------------------------------


def test_a_crew_goes_its_way_and_each_time_is_kept_with_its_source(
    sent: Callable[..., Assignment], actor: Actors, time: clock.Frozen
) -> None:
    job = sent()
    for command in ("acknowledge", "depart", "arrive", "transport", "reach", "complete"):
        time.forward(60)
        job = press(job, command, actor("crew"))
    assert job.state == "completed"
    times = list(job.times.order_by("id").values_list("state", "source"))
    assert times == [
        ("notified", "dispatcher"),
        ("acknowledged", "crew"),
        ("en_route", "crew"),
        ("on_scene", "crew"),
        ("to_destination", "crew"),
        ("at_destination", "crew"),
        ("completed", "crew"),
    ]
    gaps = list(job.times.order_by("id").values_list("occurred_at", flat=True))
    assert {b - a for a, b in zip(gaps, gaps[1:], strict=False)} == {timedelta(seconds=60)}


def test_a_crew_that_forgot_to_press_may_skip_but_not_go_back(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = press(sent(), "arrive", actor("crew"))
    for command in ("depart", "acknowledge", "decline", "reach"):
        with pytest.raises(Refused):
            press(job, command, actor("crew"), reason="no_crew")


def test_a_press_that_was_sent_again_counts_once(
    sent: Callable[..., Assignment], actor: Actors, journal: Callable[[], list[str]]
) -> None:
    job = sent()
    for _ in range(3):
        job = press(job, "acknowledge", actor("crew"), external_id="phone-1:17")
    assert (job.state, job.times.filter(state="acknowledged").count()) == ("acknowledged", 1)
    assert journal().count("assignment.acknowledge") == 1


def test_a_press_sent_again_after_the_next_one_changes_nothing(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    press(job, "acknowledge", actor("crew"), external_id="1")
    press(job, "depart", actor("crew"), external_id="2")
    assert press(job, "acknowledge", actor("crew"), external_id="1").state == "en_route"


def test_a_press_keeps_when_it_happened_and_when_it_arrived(
    sent: Callable[..., Assignment], actor: Actors, time: clock.Frozen
) -> None:
    job = sent()
    time.forward(600)  # no signal for a while
    happened = clock.now() - timedelta(seconds=500)
    job = press(job, "depart", actor("crew"), occurred_at=happened)
    row = job.times.get(state="en_route")
    assert (row.occurred_at, row.recorded_at) == (happened, clock.now())
    kept = Journal.objects.get(kind="assignment.depart")
    assert (kept.occurred_at, kept.at) == (happened, clock.now())


@pytest.mark.parametrize(
    ("seconds", "code"), [(61, "future"), (86400, "future"), (-61, "too_early")]
)
def test_a_time_that_cannot_be_is_refused(
    seconds: int, code: str, sent: Callable[..., Assignment], actor: Actors
) -> None:
    with pytest.raises(Invalid) as refusal:
        at = clock.now() + timedelta(seconds=seconds)
        press(sent(), "depart", actor("crew"), occurred_at=at)
    assert refusal.value.code == code


def test_a_phone_whose_clock_is_a_little_off_is_believed(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    press(job, "depart", actor("crew"), occurred_at=clock.now() - timedelta(seconds=59))
    press(job, "arrive", actor("crew"), occurred_at=clock.now() + timedelta(seconds=59))


@pytest.mark.parametrize("command", ["", "notify", "cancel", "propose", "fly"])
def test_an_unknown_step_is_refused(
    command: str, sent: Callable[..., Assignment], actor: Actors
) -> None:
    with pytest.raises(Invalid):
        press(sent(), command, actor("crew"))


def test_an_unknown_source_is_refused_not_a_fault(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    with pytest.raises(Invalid):
        step(job.pk, "depart", actor=actor("crew"), source="hearsay")
    with pytest.raises(Invalid):
        correct_time(
            job.pk,
            "notified",
            clock.now(),
            reason="radio",
            actor=actor("dispatcher"),
            source="hearsay",
        )


# --- whose job it is ------------------------------------------------------------------


def test_a_crew_moves_its_own_unit_only(sent: Callable[..., Assignment], actor: Actors) -> None:
    own, sister, police = sent("AMB-01"), sent("AMB-02"), sent("POL-01")
    press(own, "acknowledge", actor("crew"))
    for other in (sister, police):
        with pytest.raises(Forbidden):
            press(other, "acknowledge", actor("crew"))


def test_agency_staff_move_their_own_agencys_units_only(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    for own in (sent("AMB-01"), sent("AMB-02")):
        press(own, "acknowledge", actor("agency"))
    with pytest.raises(Forbidden):
        press(sent("POL-01"), "acknowledge", actor("agency"))


@pytest.mark.parametrize("role", ["call_taker", "evaluator", "administrator"])
def test_nobody_else_moves_a_unit(
    role: str, sent: Callable[..., Assignment], actor: Actors
) -> None:
    with pytest.raises(Forbidden):
        press(sent(), "acknowledge", actor(role))


def test_crew_and_agency_neither_cancel_nor_correct(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    for role in ("crew", "agency"):
        with pytest.raises(Forbidden):
            cancel_assignment(job.pk, reason="not_needed", actor=actor(role))
        with pytest.raises(Forbidden):
            correct_time(
                job.pk, "notified", clock.now(), reason="radio", actor=actor(role), source="crew"
            )


# --- declining, cancelling, correcting ------------------------------------------------


def test_a_unit_declines_with_a_reason_and_the_next_is_proposed(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    for reason in ("", "no fun", "fun"):
        with pytest.raises(Invalid):
            press(job, "decline", actor("crew"), reason=reason)
    job = press(job, "decline", actor("crew"), reason="no_crew")
    assert (job.state, job.ended_reason) == ("declined", "no_crew")
    proposed = Assignment.objects.get(incident=job.incident_id, state="proposed")
    assert proposed.unit.agency.code == "psc119"
    assert proposed.unit.call_sign != "AMB-01"
    assert proposed.rank is not None
    (notified,) = send_units(
        job.incident_id, [proposed.unit.call_sign], actor=actor("dispatcher"), choice="radio"
    )
    assert (notified.pk, notified.state) == (proposed.pk, "notified")


def test_when_all_decline_nothing_is_proposed_any_more(
    accident: Callable[..., Incident], actor: Actors
) -> None:
    incident, dispatcher = accident(), actor("dispatcher")
    for _ in range(5):
        proposed = Assignment.objects.filter(incident=incident, state="proposed").first()
        sign = proposed.unit.call_sign if proposed else "AMB-01"
        (job,) = send_units(incident.pk, [sign], actor=dispatcher, choice="radio")
        step(job.pk, "decline", actor=dispatcher, source="dispatcher", reason="no_crew")
    signs = set(incident.assignments.values_list("unit__call_sign", flat=True))
    assert len(signs) == 5
    assert not Assignment.objects.filter(incident=incident, state="proposed").exists()


def test_a_unit_that_keeps_silent_is_alarmed_about_and_may_still_come(
    sent: Callable[..., Assignment], actor: Actors, time: clock.Frozen
) -> None:
    job = sent()
    time.forward(60)
    assert alarm_unacknowledged(actor=TIMER) == 1
    alarm = Alarm.objects.get(code="unacknowledged")
    assert (alarm.subject, alarm.details["unit"]) == (f"assignment:{job.pk}", "AMB-01")
    job.refresh_from_db()
    assert job.state == "notified"
    press(job, "acknowledge", actor("crew"))
    alarm.refresh_from_db()
    assert alarm.state == "done"


def test_a_unit_is_called_back_with_a_reason_until_it_is_on_scene(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job, there = sent("AMB-01"), sent("AMB-02")
    for reason in ("", "just so"):
        with pytest.raises(Invalid):
            cancel_assignment(job.pk, reason=reason, actor=actor("dispatcher"))
    press(job, "depart", actor("crew"))
    job = cancel_assignment(job.pk, reason="closer_unit", actor=actor("dispatcher"))
    assert (job.state, job.ended_reason) == ("cancelled", "closer_unit")
    press(there, "arrive", actor("agency"))
    with pytest.raises(Refused):
        cancel_assignment(there.pk, reason="not_needed", actor=actor("dispatcher"))


def test_a_unit_that_was_called_back_may_be_sent_again(
    sent: Callable[..., Assignment], actor: Actors
) -> None:
    job = sent()
    cancel_assignment(job.pk, reason="other", actor=actor("dispatcher"))
    (again,) = send_units(job.incident_id, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    assert (again.pk != job.pk, again.state) == (True, "notified")


def test_a_corrected_time_stands_beside_the_one_before(
    sent: Callable[..., Assignment], actor: Actors, time: clock.Frozen
) -> None:
    job = sent()
    time.forward(300)
    press(job, "depart", actor("crew"))
    really = clock.now() - timedelta(seconds=240)
    boss = actor("dispatcher")
    correct_time(job.pk, "en_route", really, reason="pressed_late", actor=boss, source="dispatcher")
    assert job.times.filter(state="en_route").count() == 2
    assert job.times.filter(state="en_route").latest("id").occurred_at == really
    job.refresh_from_db()
    assert job.state_at == really  # boards count from when it really was
    row = Journal.objects.get(kind="assignment.corrected")
    assert row.occurred_at == really
    assert (row.body["state"], row.body["reason"]) == ("en_route", "pressed_late")
    assert verify().broken_seq is None


def test_a_step_that_nobody_pressed_can_be_told_afterwards(
    sent: Callable[..., Assignment], actor: Actors, time: clock.Frozen
) -> None:
    job, boss = sent(), actor("dispatcher")
    time.forward(120)
    left = clock.now()
    time.forward(300)
    press(job, "arrive", actor("crew"))
    correct_time(job.pk, "en_route", left, reason="radio", actor=boss, source="dispatcher")
    assert [(t.state, t.source) for t in job.times.order_by("occurred_at")] == [
        ("notified", "dispatcher"),
        ("en_route", "dispatcher"),
        ("on_scene", "crew"),
    ]
    job.refresh_from_db()
    assert job.state == "on_scene"


def test_a_press_that_comes_late_keeps_its_time_and_moves_nothing(
    sent: Callable[..., Assignment],
    actor: Actors,
    time: clock.Frozen,
    journal: Callable[[], list[str]],
) -> None:
    job, crew = sent(), actor("crew")
    time.forward(120)
    left = clock.now()
    time.forward(300)
    press(job, "arrive", crew)
    for _again in range(2):
        job = press(job, "depart", crew, occurred_at=left, external_id="press-1")
    assert job.state == "on_scene"
    assert job.times.get(state="en_route").occurred_at == left
    assert journal()[-2:] == ["assignment.arrive", "assignment.told_late"]
    for now in (None, clock.now()):  # neither is a late press
        with pytest.raises(Refused):
            press(job, "acknowledge", crew, occurred_at=now)


def test_that_a_unit_was_there_before_it_was_called_back_is_kept(
    sent: Callable[..., Assignment], actor: Actors, time: clock.Frozen
) -> None:
    job, crew = sent(), actor("crew")
    time.forward(300)
    there = clock.now()
    time.forward(60)
    cancel_assignment(job.pk, reason="other", actor=actor("dispatcher"))
    time.forward(60)
    job = press(job, "arrive", crew, occurred_at=there)
    assert (job.state, job.times.get(state="on_scene").occurred_at) == ("cancelled", there)
    with pytest.raises(Refused):
        press(job, "depart", crew, occurred_at=clock.now())


def test_a_unit_that_was_told_some_time_ago_is_waited_for_all_the_same(
    accident: Callable[..., Incident], actor: Actors, time: clock.Frozen
) -> None:
    told = clock.now()
    incident = accident()
    time.forward(90)
    send_units(incident.pk, ["AMB-01"], occurred_at=told, actor=actor("dispatcher"), choice="radio")
    time.forward(61)
    assert alarm_unacknowledged(actor=TIMER) == 1


def test_one_that_was_entered_afterwards_and_reopened_waits_for_units_like_any_other(
    accident: Callable[..., Incident], actor: Actors
) -> None:
    boss = actor("dispatcher")
    incident = accident(occurred_at=clock.now() - timedelta(hours=2), priority=1)
    end_incident(incident.pk, "close", disposition="handled", actor=boss)
    reopen_incident(incident.pk, reason="other", actor=boss)
    (job,) = send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    assert job.times.get().source == "dispatcher"
    cancel_assignment(job.pk, reason="other", actor=boss)
    incident.refresh_from_db()
    assert incident.dispatch_due_at is not None


@pytest.mark.parametrize("reason", ["", "untrue", "because"])
def test_a_time_is_corrected_only_with_one_of_the_citys_reasons(
    reason: str, sent: Callable[..., Assignment], actor: Actors
) -> None:
    job, boss = sent(), actor("dispatcher")
    with pytest.raises(Invalid):
        correct_time(
            job.pk, "notified", clock.now(), reason=reason, actor=boss, source="dispatcher"
        )
    assert job.times.count() == 1


@pytest.mark.parametrize("state", ["on_scene", "", "nowhere"])
def test_a_state_that_never_was_has_no_time_to_correct(
    state: str, sent: Callable[..., Assignment], actor: Actors
) -> None:
    with pytest.raises(Invalid):
        correct_time(
            sent().pk,
            state,
            clock.now(),
            reason="radio",
            actor=actor("dispatcher"),
            source="dispatcher",
        )


@pytest.mark.parametrize("number", [0, -1, 10**12, 2**70])
def test_an_assignment_that_is_not_there_is_missing(number: int, actor: Actors) -> None:
    with pytest.raises(Missing):
        step(number, "depart", actor=actor("dispatcher"), source="dispatcher")
    with pytest.raises(Missing):
        cancel_assignment(number, reason="other", actor=actor("dispatcher"))


# --- afterwards -----------------------------------------------------------------------


def test_of_an_incident_entered_afterwards_a_units_times_are_those_that_are_told(
    accident: Callable[..., Incident], actor: Actors
) -> None:
    boss = actor("dispatcher")
    began = clock.now() - timedelta(hours=2)
    incident = accident(occurred_at=began)
    at = {name: began + timedelta(minutes=n) for name, n in (("sent", 3), ("left", 5))}
    set_duty("AMB-01", on_duty=False, actor=boss)  # it was, two hours ago
    with pytest.raises(Invalid):
        send_units(
            incident.pk,
            ["AMB-01"],
            occurred_at=began - timedelta(hours=1),
            actor=boss,
            choice="radio",
        )
    (job,) = send_units(incident.pk, ["AMB-01"], occurred_at=at["sent"], actor=boss, choice="radio")
    assert (job.state_at, job.acknowledge_due_at) == (at["sent"], None)
    with pytest.raises(Invalid, match=r".+"):
        press(job, "depart", boss, occurred_at=began)
    press(job, "depart", boss, occurred_at=at["left"])
    press(job, "arrive", boss)
    told = [(t.state, t.occurred_at, t.source) for t in job.times.order_by("pk")]
    assert told == [
        ("notified", at["sent"], "dispatcher"),
        ("en_route", at["left"], "crew"),
        ("on_scene", clock.now(), "derived"),
    ]
    there = began + timedelta(minutes=11)
    correct_time(job.pk, "on_scene", there, reason="pressed_late", actor=boss, source="dispatcher")
    last = job.times.order_by("pk").last()
    assert last and (last.occurred_at, last.source) == (there, "dispatcher")


def test_a_time_that_nobody_told_is_corrected_back_to_when_the_incident_began(
    accident: Callable[..., Incident], actor: Actors
) -> None:
    boss = actor("dispatcher")
    incident = accident(occurred_at=clock.now() - timedelta(hours=2))
    (job,) = send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    job = press(job, "depart", boss)
    left = incident.opened_at + timedelta(minutes=4)
    correct_time(job.pk, "en_route", left, reason="pressed_late", actor=boss, source="dispatcher")
    correct_time(
        job.pk,
        "notified",
        incident.opened_at,
        reason="pressed_late",
        actor=boss,
        source="dispatcher",
    )
    assert {t.source for t in job.times.all()} == {"derived", "dispatcher"}
