"""Units for many incidents at once: matched by the machine, sent by a person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.core.actors import Actor, system
from sigap.dispatch.actions import cancel_assignment, send_units, step
from sigap.dispatch.models import Assignment, PlanStep, ResponsePlan
from sigap.dispatch.queries import recommend_together
from sigap.fleet.models import Agency, Unit
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident, IncidentType

SETUP = system("setup")
Browser = Callable[[str], Client]


@pytest.fixture
def boss(actor: Callable[[str], Actor]) -> Actor:
    return actor("dispatcher")


@pytest.fixture
def storm(db: None) -> list[Incident]:
    """Three who need an ambulance each; two ambulances are on duty."""
    kind = IncidentType.objects.get(code="kecelakaan_lalin")
    ResponsePlan.objects.filter(type=kind).delete()
    plan = ResponsePlan.objects.create(type=kind)
    psc = Agency.objects.get(code="psc119")
    PlanStep.objects.create(plan=plan, agency=psc, capability="bls")
    Unit.objects.exclude(call_sign__in=["AMB-01", "AMB-02"]).update(on_duty=False)
    places = [(-7.8185, 112.0155), (-7.8440, 112.0349), (-7.80, 112.00)]
    return [
        open_incident(kind.code, lat=lat, lng=lng, priority=priority, actor=SETUP)
        for (lat, lng), priority in zip(places, (3, 1, 2), strict=True)
    ]


def matched() -> dict[int, str]:
    return {m.wish.incident: m.call_sign for m in recommend_together()}


def post(client: Client, orders: list[dict[str, Any]]) -> Any:
    return client.post("/dispatch/together/send", {"send": orders}, content_type="application/json")


def test_the_urgent_ones_get_the_units_and_who_gets_none_is_said(storm: list[Incident]) -> None:
    minor, worst, bad = storm
    assert matched() == {worst.pk: "AMB-01", bad.pk: "AMB-02", minor.pk: ""}


def test_what_works_already_is_counted_and_who_declined_is_not_asked_again(
    storm: list[Incident], boss: Actor
) -> None:
    minor, worst, _bad = storm
    [job] = send_units(worst.pk, ["AMB-01"], actor=boss)
    assert worst.pk not in matched()
    step(job.pk, "decline", reason="no_crew", actor=boss, source="dispatcher")
    for proposal in Assignment.objects.filter(state="proposed"):
        cancel_assignment(proposal.pk, reason="other", actor=boss)
    assert matched()[worst.pk] == "AMB-02"
    assert minor.pk in matched()


def test_each_incident_is_sent_by_itself_and_one_that_changed_holds_up_no_other(
    storm: list[Incident], boss: Actor, browser_of: Browser
) -> None:
    client = browser_of("dispatcher")
    found = client.get("/dispatch/together").json()["matches"]
    orders = [
        {"incident": m["incident"], "version": m["v"], "units": [m["unit"]]}
        for m in found
        if m["unit"]
    ]
    stale = orders[0] | {"version": orders[0]["version"] + 7}
    answer = post(client, [stale, orders[1]]).json()
    assert list(answer["refused"]) == [str(stale["incident"])] and len(answer["jobs"]) == 1
    again = post(client, [orders[0]]).json()
    assert again["ok"] and Assignment.objects.filter(state="notified").count() == 2  # noqa: PLR2004


def test_that_it_was_matched_with_others_is_kept_as_the_reason(
    storm: list[Incident], browser_of: Browser
) -> None:
    minor, worst, _bad = storm
    client = browser_of("dispatcher")
    # The nearest to the minor one alone would be another.
    order = {"incident": minor.pk, "version": minor.version, "units": ["AMB-01"]}
    assert post(client, [order]).json()["ok"]
    job = Assignment.objects.get(incident=minor)
    assert job.choice == "together" and [sign for sign, _eta in job.advised] == ["AMB-02"]
    assert "dicocokkan" in client.get(f"/incidents/{minor.pk}").content.decode()
    assert worst.pk in matched()


@pytest.mark.parametrize("orders", [[], [{"incident": "x"}], [{"incident": 1}], "no"])
def test_an_order_that_makes_no_sense_is_refused(
    storm: list[Incident], browser_of: Browser, orders: Any
) -> None:
    assert post(browser_of("dispatcher"), orders).status_code == 400


def test_an_incident_that_is_not_there_is_refused_by_itself(
    storm: list[Incident], browser_of: Browser
) -> None:
    order = {"incident": 999, "version": 0, "units": ["AMB-01"]}
    answer = post(browser_of("dispatcher"), [order])
    assert answer.status_code == 200 and "999" in answer.json()["refused"]


def test_only_dispatchers_match_and_send(storm: list[Incident], browser_of: Browser) -> None:
    client = browser_of("call_taker")
    assert client.get("/dispatch/together").status_code == 403
    assert post(client, []).status_code == 403
