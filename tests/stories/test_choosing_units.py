"""What a plan asks for at each alarm level, and what is kept of a choice against the advice."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.models import Journal, ReasonCode
from sigap.dispatch.actions import send_units
from sigap.dispatch.models import PlanStep, ResponsePlan
from sigap.dispatch.queries import plan_needs, recommend_for
from sigap.fleet.models import Agency, Equipment
from sigap.incidents.actions import open_incident, set_level
from sigap.incidents.models import Incident

SETUP = system("setup")
HERE = {"lat": -7.8185, "lng": 112.0155, "location_source": "map"}
Who = Callable[[str], Actor]


@pytest.fixture
def boss(actor: Who) -> Actor:
    return actor("dispatcher")


@pytest.fixture
def ailing(db: None) -> Incident:
    """Somebody who needs one ambulance, and nothing else."""
    incident = open_incident("kecelakaan_lalin", actor=SETUP, **HERE)
    ResponsePlan.objects.filter(type=incident.type).delete()
    plan(incident, 1, 1)
    return incident


def plan(incident: Incident, level: int, count: int, **more: Any) -> None:
    """At this level so many ambulances are to be there."""
    made = ResponsePlan.objects.create(type=incident.type, priority=0, level=level)
    psc = Agency.objects.get(code="psc119")
    PlanStep.objects.create(plan=made, agency=psc, capability="bls", count=count, **more)


def picks(incident: Incident) -> list[str]:
    return [p.call_sign for p in recommend_for(incident).picks]


def test_the_next_level_brings_the_difference_only(ailing: Incident, boss: Actor) -> None:
    plan(ailing, 2, 3)
    [first] = picks(ailing)
    send_units(ailing.pk, [first], actor=boss)
    assert picks(ailing) == []
    raised = set_level(ailing.pk, 2, actor=boss)
    more = picks(raised)
    assert len(more) == 2 and first not in more  # noqa: PLR2004


def test_a_level_without_a_plan_of_its_own_keeps_the_one_below(
    ailing: Incident, boss: Actor
) -> None:
    plan(ailing, 2, 2)
    assert [need.count for need in plan_needs(set_level(ailing.pk, 4, actor=boss))] == [2]


def test_a_level_is_journalled_and_seen_by_whoever_looks(
    ailing: Incident, boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    set_level(ailing.pk, 3, actor=boss, version=ailing.version)
    row = Journal.objects.get(kind="incident.level")
    assert (row.body["level"], row.body["before"]) == (3, 1)
    page = browser_of("dispatcher").get(f"/incidents/{ailing.pk}").content.decode()
    assert "<dt>Tingkat alarm</dt><dd>3</dd>" in page


def test_a_level_is_chosen_by_whoever_manages_incidents_and_from_what_was_seen(
    ailing: Incident, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    with pytest.raises(Forbidden):
        set_level(ailing.pk, 2, actor=actor("crew"))
    with pytest.raises(Invalid, match="1"):
        set_level(ailing.pk, 5, actor=actor("dispatcher"))
    client = browser_of("dispatcher")
    url = f"/incidents/{ailing.pk}/level"
    told = {"level": 2, "version": ailing.version}
    assert client.post(url, told, content_type="application/json").status_code == 200
    with pytest.raises(Conflict):
        set_level(ailing.pk, 3, actor=actor("dispatcher"), version=ailing.version)


def test_a_crew_that_is_too_small_is_not_proposed(ailing: Incident) -> None:
    ResponsePlan.objects.all().delete()
    plan(ailing, 1, 1, min_crew=4)
    found = recommend_for(ailing)
    assert found.picks == [] and set(found.shortfalls[0].why) == {"crew_short"}


def test_a_unit_without_what_the_plan_wants_it_to_carry_is_not_proposed(
    ailing: Incident,
) -> None:
    ResponsePlan.objects.all().delete()
    piece = Equipment.objects.filter(unit__call_sign="AMB-02").first()
    assert piece is not None
    plan(ailing, 1, 5, equipment=[piece.kind.code])
    assert "AMB-02" in picks(ailing)
    Equipment.objects.filter(pk=piece.pk).update(state="failed")
    lack = recommend_for(ailing).shortfalls[0].why
    assert "AMB-02" not in picks(ailing) and set(lack) & {"blocked", "equipment_missing"}


def other_than(sign: str, incident: Incident) -> str:
    """An ambulance that is not the one that is recommended."""
    return next(p.call_sign for p in recommend_for(incident).others if p.call_sign != sign)


def test_another_than_the_recommended_needs_a_reason_and_both_are_kept(
    ailing: Incident, boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    [first] = picks(ailing)
    chosen = other_than(first, ailing)
    with pytest.raises(Refused, match=first) as question:
        send_units(ailing.pk, [chosen], actor=boss)
    assert (question.value.code, question.value.details["passed_over"]) == ("choice", [first])
    with pytest.raises(Invalid):
        send_units(ailing.pk, [chosen], actor=boss, choice="because")
    [job] = send_units(ailing.pk, [chosen], actor=boss, choice="radio")
    assert (job.choice, [sign for sign, _eta in job.advised]) == ("radio", [first])
    made = Journal.objects.get(kind="assignment.made").body
    assert (made["unit"], made["passed_over"], made["choice"]) == (chosen, [first], "radio")
    page = browser_of("dispatcher").get(f"/incidents/{ailing.pk}").content.decode()
    assert first in page and "Sudah siap lewat radio" in page


def test_one_more_than_the_recommended_needs_no_reason(ailing: Incident, boss: Actor) -> None:
    [first] = picks(ailing)
    jobs = send_units(ailing.pk, [first, other_than(first, ailing)], actor=boss)
    assert [job.choice for job in jobs] == ["", ""]


def test_a_city_without_such_reasons_is_not_asked(ailing: Incident, boss: Actor) -> None:
    ReasonCode.objects.filter(purpose="other_unit").delete()
    [first] = picks(ailing)
    [job] = send_units(ailing.pk, [other_than(first, ailing)], actor=boss)
    assert [sign for sign, _eta in job.advised] == [first]


def test_what_is_told_afterwards_is_not_measured_by_the_advice_of_now(
    ailing: Incident, boss: Actor
) -> None:
    [first] = picks(ailing)
    chosen = other_than(first, ailing)
    send_units(ailing.pk, [chosen], actor=boss, occurred_at=ailing.opened_at)
