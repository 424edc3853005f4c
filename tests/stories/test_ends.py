"""What becomes of the units when an incident ends, and who may send or withdraw them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.core.actors import Actor, system
from sigap.core.clock import Frozen
from sigap.core.errors import Conflict, NeedsConfirmation, Refused
from sigap.core.models import Alarm
from sigap.dispatch.actions import (
    alarm_unacknowledged,
    define_unit,
    end_incident,
    send_units,
    set_availability,
    set_duty,
    step,
)
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.fleet.models import Unit
from sigap.incidents.actions import merge_incident, open_incident
from sigap.incidents.models import Incident

from .asking import post

Who = Callable[[str], Actor]
ENDS: dict[Any, dict[str, str]] = {
    "resolve": {},
    "close": {"disposition": "handled"},
    "cancel": {"reason": "caller_withdrew"},
}


@pytest.fixture
def boss(actor: Who) -> Actor:
    """The dispatcher."""
    return actor("dispatcher")


@pytest.fixture
def incident(boss: Actor) -> Incident:
    """An accident that nobody was sent to yet."""
    return open_incident("kecelakaan_lalin", priority=1, lat=-7.8185, lng=112.0155, actor=boss)


@pytest.fixture
def at_work(incident: Incident, boss: Actor) -> dict[str, Assignment]:
    """Its jobs by state: one notified, one on scene, one proposed."""
    going, there, unwilling = send_units(
        incident.pk, ["AMB-01", "POL-01", "AMB-02"], actor=boss, choice="radio"
    )
    step(there.pk, "arrive", actor=boss, source="dispatcher")
    step(unwilling.pk, "decline", reason="no_crew", actor=boss, source="dispatcher")
    return {"notified": going, "on_scene": there, "proposed": Assignment.objects.latest("id")}


def states(jobs: dict[str, Assignment]) -> dict[str, str]:
    """What became of each of these jobs."""
    for job in jobs.values():
        job.refresh_from_db()
    return {before: job.state for before, job in jobs.items()}


@pytest.mark.parametrize("how", ENDS)
def test_an_incident_ends_with_its_units_at_work_only_after_a_second_press(
    how: Any, incident: Incident, at_work: dict[str, Assignment], boss: Actor
) -> None:
    with pytest.raises(NeedsConfirmation) as question:
        end_incident(incident.pk, how, actor=boss, **ENDS[how])
    assert question.value.details["units"] == ["AMB-01", "POL-01"]
    incident.refresh_from_db()
    assert incident.state == "in_progress"
    end_incident(incident.pk, how, confirmed=True, actor=boss, **ENDS[how])
    there = "on_scene" if how == "resolve" else "completed"
    expected = {"notified": "cancelled", "on_scene": there, "proposed": "cancelled"}
    assert states(at_work) == expected
    assert not Alarm.objects.exclude(state="done").exists()


def test_a_unit_that_is_still_there_after_the_resolve_ends_with_the_close(
    incident: Incident, at_work: dict[str, Assignment], boss: Actor
) -> None:
    end_incident(incident.pk, "resolve", confirmed=True, actor=boss)
    with pytest.raises(NeedsConfirmation, match="POL-01"):
        end_incident(incident.pk, "close", disposition="handled", actor=boss)
    end_incident(incident.pk, "close", disposition="handled", confirmed=True, actor=boss)
    assert not Assignment.objects.filter(state__in=("proposed", *OPEN)).exists()


def test_when_a_unit_was_done_that_nobody_reported_is_derived(
    incident: Incident, at_work: dict[str, Assignment], boss: Actor
) -> None:
    end_incident(incident.pk, "close", disposition="handled", confirmed=True, actor=boss)
    sources = dict(AssignmentTime.objects.values_list("state", "source"))
    assert (sources["completed"], sources["cancelled"]) == ("derived", "dispatcher")


def test_units_are_called_back_with_the_reason_of_the_cancelling_or_that_it_is_over(
    incident: Incident, at_work: dict[str, Assignment], boss: Actor
) -> None:
    end_incident(incident.pk, "resolve", confirmed=True, actor=boss)
    assert states(at_work)["notified"] == "cancelled"
    assert at_work["notified"].ended_reason == "incident_over"
    other = open_incident("kecelakaan_lalin", actor=boss)
    (job,) = send_units(other.pk, ["AMB-03"], actor=boss, choice="radio")
    end_incident(other.pk, "cancel", reason="duplicate", confirmed=True, actor=boss)
    job.refresh_from_db()
    assert job.ended_reason == "duplicate"


@pytest.mark.parametrize("how", ENDS)
def test_who_may_not_dispatch_ends_nothing_that_units_work_for(
    how: Any, incident: Incident, at_work: dict[str, Assignment], actor: Who
) -> None:
    taker = actor("call_taker")
    with pytest.raises(Refused) as refusal:
        end_incident(incident.pk, how, confirmed=True, actor=taker, **ENDS[how])
    assert refusal.value.code == "units"
    incident.refresh_from_db()
    assert (incident.state, states(at_work)["notified"]) == ("in_progress", "notified")


def test_a_call_taker_ends_an_incident_that_only_has_proposals(
    incident: Incident, boss: Actor, actor: Who
) -> None:
    (job,) = send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    step(job.pk, "decline", reason="no_crew", actor=boss, source="dispatcher")
    end_incident(incident.pk, "cancel", reason="wrong_entry", actor=actor("call_taker"))
    assert not Assignment.objects.filter(state="proposed").exists()


def test_units_of_what_was_merged_into_it_end_too(incident: Incident, boss: Actor) -> None:
    other = open_incident("kecelakaan_lalin", actor=boss)
    (job,) = send_units(other.pk, ["AMB-01"], actor=boss, choice="radio")
    merge_incident(other.pk, incident.pk, actor=boss)
    with pytest.raises(NeedsConfirmation, match="AMB-01"):
        end_incident(incident.pk, "close", disposition="handled", actor=boss)
    end_incident(incident.pk, "close", disposition="handled", confirmed=True, actor=boss)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_unit_that_was_called_back_with_the_end_does_not_have_to_acknowledge(
    incident: Incident, boss: Actor, time: Frozen
) -> None:
    send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    end_incident(incident.pk, "resolve", confirmed=True, actor=boss)
    time.forward(600)
    assert alarm_unacknowledged(actor=system("timer")) == 0


def test_the_screen_asks_and_goes_on_with_the_second_press(
    incident: Incident, at_work: dict[str, Assignment], browser_of: Callable[[str], Client]
) -> None:
    desk, url = browser_of("dispatcher"), f"/incidents/{incident.pk}/close"
    assert post(desk, url, disposition="handled")["error"]["units"] == ["AMB-01", "POL-01"]
    assert post(desk, url, disposition="handled", confirm=True)["status"] == 200
    assert states(at_work)["on_scene"] == "completed"


# --- sending --------------------------------------------------------------------------


def test_two_dispatchers_do_not_both_send_an_ambulance_unawares(
    incident: Incident, boss: Actor, actor: Who
) -> None:
    send_units(incident.pk, ["POL-01"], actor=boss, choice="radio")
    incident.refresh_from_db()
    seen = incident.version
    send_units(incident.pk, ["AMB-01"], actor=boss, version=seen, choice="radio")
    with pytest.raises(Conflict) as refusal:
        send_units(incident.pk, ["AMB-02"], actor=actor("supervisor"), version=seen, choice="radio")
    now = refusal.value.details["version"]
    assert send_units(
        incident.pk, ["AMB-02"], actor=actor("supervisor"), version=now, choice="radio"
    )


def test_a_unit_that_is_not_ready_or_reserved_is_sent_with_a_second_press_only(
    incident: Incident, boss: Actor
) -> None:
    set_duty("AMB-01", readiness="not_ready", reason="damaged", actor=boss)
    set_availability("AMB-02", "reserve", actor=boss)
    with pytest.raises(NeedsConfirmation, match="AMB-02.*AMB-01") as question:
        send_units(incident.pk, ["AMB-01", "AMB-02", "POL-01"], actor=boss, choice="radio")
    asked = question.value.details
    assert (asked["unready"], asked["reserved"], asked["busy"]) == (["AMB-01"], ["AMB-02"], {})
    assert not incident.assignments.exists()
    send_units(incident.pk, ["AMB-01", "AMB-02"], confirmed=True, actor=boss, choice="radio")


# --- units that an incident counts on -------------------------------------------------


def test_a_unit_with_a_job_is_neither_withdrawn_nor_sent_home_nor_taken_out_of_use(
    incident: Incident, boss: Actor, actor: Who
) -> None:
    (job,) = send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    for role in ("dispatcher", "agency", "crew"):
        with pytest.raises(Refused, match=f"#{incident.pk}"):
            set_availability("AMB-01", "withdraw", reason="damaged", actor=actor(role))
        with pytest.raises(Refused, match=f"#{incident.pk}"):
            set_duty("AMB-01", on_duty=False, actor=actor(role))
    unit = Unit.objects.get(call_sign="AMB-01")
    assert (unit.state, unit.on_duty) == ("available", True)
    end_incident(incident.pk, "cancel", reason="other", confirmed=True, actor=boss)
    assert not set_duty("AMB-01", on_duty=False, actor=actor("crew")).on_duty
    set_availability("AMB-01", "withdraw", reason="damaged", actor=actor("crew"))
    out = define_unit(Unit, key={"pk": unit.pk}, active=False, actor=actor("administrator"))
    assert not out.active and job.unit_id == out.pk


def test_the_administrator_reads_why_a_unit_stays_in_use(
    incident: Incident, boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    send_units(incident.pk, ["AMB-01"], actor=boss, choice="radio")
    unit = Unit.objects.get(call_sign="AMB-01")
    office, url = browser_of("administrator"), f"/admin/units/{unit.pk}"
    page = office.get(url)
    given = {k: v for k, v in page.context["form"].initial.items() if v is not None}
    answer = office.post(url, given | {"active": "", "seen": page.context["seen"]})
    assert answer.status_code == 400
    assert f"#{incident.pk}" in answer.content.decode()
    unit.refresh_from_db()
    assert unit.active
