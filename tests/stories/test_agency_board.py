"""The agency board: own jobs and own units only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext as _

from sigap.core.actions.accounts import create_user
from sigap.core.actors import Actor, system
from sigap.core.models import Text
from sigap.dispatch.actions import send_units
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit
from sigap.incidents.actions import open_incident

Browser = Callable[[str | None], Client]


@pytest.fixture
def job(actor: Callable[[str], Actor]) -> Callable[..., Assignment]:
    """Send a unit to a new incident."""

    def send(unit: str = "AMB-01") -> Assignment:
        incident = open_incident(
            "kecelakaan_lalin",
            actor=actor("call_taker"),
            address="Jl. Brawijaya 41",
            chronology="Dua korban, satu tidak sadar",
            reporter="Sari, saksi",
            lat=-7.82,
            lng=112.01,
            victims=2,
        )
        return send_units(incident.pk, [unit], actor=actor("dispatcher"), choice="radio")[0]

    return send


def post(browser: Client, address: str, **form: Any) -> int:
    return browser.post(address, form, headers={"accept": "application/json"}).status_code


def test_an_agency_takes_a_job_to_its_end(
    job: Callable[..., Assignment], browser_of: Browser, journal: Callable[[], list[str]]
) -> None:
    assignment, browser = job(), browser_of("agency")
    page = browser.get("/agency").content.decode()
    assert "Jl. Brawijaya 41" in page and "AMB-01" in page
    for command in ("acknowledge", "depart", "arrive", "complete"):
        assert post(browser, f"/agency/assignments/{assignment.pk}/step", command=command) == 200
    assert journal()[-4:] == [
        "assignment.acknowledge",
        "assignment.depart",
        "assignment.arrive",
        "assignment.complete",
    ]
    assert set(assignment.times.values_list("source", flat=True)) == {"dispatcher", "agency"}
    assert "Jl. Brawijaya 41" not in browser.get("/agency").content.decode()


def test_what_nobody_has_accepted_stands_first_and_a_busy_unit_is_not_called_available(
    job: Callable[..., Assignment], browser_of: Browser
) -> None:
    under_way, waiting = job("AMB-01"), job("AMB-02")
    browser = browser_of("agency")
    for command in ("acknowledge", "depart"):
        post(browser, f"/agency/assignments/{under_way.pk}/step", command=command)
    answer = browser.get("/agency")
    assert [shown.id for shown in answer.context["jobs"]] == [waiting.pk, under_way.pk]
    page = answer.content.decode()
    free = len([unit for unit, work in answer.context["own"] if not work])
    assert page.count(_("Available")) == free


def test_a_job_is_declined_with_a_reason_of_the_list(
    job: Callable[..., Assignment], browser_of: Browser
) -> None:
    assignment, browser = job(), browser_of("agency")
    step = f"/agency/assignments/{assignment.pk}/step"
    assert post(browser, step, command="decline") == 400
    assert post(browser, step, command="decline", reason="made_up") == 400
    assert post(browser, step, command="decline", reason="no_crew") == 200
    assignment.refresh_from_db()
    assert (assignment.state, assignment.ended_reason) == ("declined", "no_crew")


def test_another_agency_sees_and_does_nothing(
    job: Callable[..., Assignment], browser_of: Browser
) -> None:
    other = Unit.objects.exclude(agency__code="psc119").filter(agency__code="damkar")[0]
    assignment = job(other.call_sign)
    browser = browser_of("agency")
    page = browser.get("/agency").content.decode()
    assert other.call_sign not in page and "Brawijaya" not in page
    step = f"/agency/assignments/{assignment.pk}"
    assert post(browser, f"{step}/step", command="acknowledge") == 404
    assert post(browser, f"{step}/story") == 404
    unit = f"/agency/units/{other.call_sign}"
    assert post(browser, f"{unit}/duty", on_duty="false") == 404
    assert post(browser, f"{unit}/availability", command="withdraw", reason="training") == 404
    assignment.refresh_from_db()
    assert assignment.state == "notified"


def test_a_proposal_is_not_shown_before_it_is_sent(
    job: Callable[..., Assignment], browser_of: Browser
) -> None:
    first, browser = job(), browser_of("agency")
    step = f"/agency/assignments/{first.pk}/step"
    assert post(browser, step, command="decline", reason="no_crew") == 200
    proposal = Assignment.objects.get(state="proposed")
    assert post(browser, f"/agency/assignments/{proposal.pk}/step", command="acknowledge") == 404


def test_the_caller_is_not_on_the_board_and_reading_the_story_is_recorded(
    job: Callable[..., Assignment], browser_of: Browser, journal: Callable[[], list[str]]
) -> None:
    assignment, browser = job(), browser_of("agency")
    page = browser.get("/agency").content.decode()
    assert "Sari" not in page and "tidak sadar" not in page
    story = browser.post(f"/agency/assignments/{assignment.pk}/story").content.decode()
    assert "Dua korban, satu tidak sadar" in story and "Sari" not in story
    assert journal()[-1] == "person.opened"
    Text.objects.update(body="")
    assert browser.get("/agency").status_code == 200


def test_two_presses_of_old_pages_do_not_overwrite(
    job: Callable[..., Assignment], browser_of: Browser
) -> None:
    assignment, browser = job(), browser_of("agency")
    step = f"/agency/assignments/{assignment.pk}/step"
    old = assignment.version
    assert post(browser, step, command="acknowledge", version=old) == 200
    assert post(browser, step, command="depart", version=old) == 409


def test_units_are_taken_out_of_service_and_back(browser_of: Browser) -> None:
    browser = browser_of("agency")
    unit = "/agency/units/AMB-02"
    assert post(browser, f"{unit}/availability", command="withdraw") == 400
    assert post(browser, f"{unit}/availability", command="withdraw", reason="training") == 200
    assert Unit.objects.get(call_sign="AMB-02").state == "unavailable"
    assert post(browser, f"{unit}/availability", command="return") == 200
    assert post(browser, f"{unit}/duty", readiness="limited", reason="restocking") == 200
    assert post(browser, f"{unit}/duty", on_duty="false") == 200
    row = Unit.objects.get(call_sign="AMB-02")
    assert (row.state, row.readiness, row.on_duty) == ("available", "limited", False)


def test_the_page_asks_only_for_what_changed(
    job: Callable[..., Assignment], browser_of: Browser
) -> None:
    browser = browser_of("agency")
    mark = browser.get("/agency/rows").context["revision"]
    assert browser.get(f"/agency/rows?seen={mark}").status_code == 204
    job()
    assert browser.get(f"/agency/rows?seen={mark}").status_code == 200


def test_a_script_gets_the_rows_back(job: Callable[..., Assignment], browser_of: Browser) -> None:
    browser = browser_of("agency")
    answer = browser.post(
        f"/agency/assignments/{job().pk}/step", {"command": "acknowledge"}, HTTP_HX_REQUEST="true"
    )
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(
    "form", [{}, {"command": "fly"}, {"command": "decline", "reason": "'; DROP"}]
)
def test_what_is_not_understood_is_refused(
    job: Callable[..., Assignment], browser_of: Browser, form: dict[str, str]
) -> None:
    assert post(browser_of("agency"), f"/agency/assignments/{job().pk}/step", **form) == 400
    assert post(browser_of("agency"), "/agency/assignments/0/step", command="depart") == 404


def test_somebody_without_an_agency_is_told_so(db: None, client: Client) -> None:
    create_user(
        "lepas",
        name="Lepas",
        password="kata sandi uji coba",
        roles=["agency"],
        agency="gone",
        actor=system("setup"),
        must_change_password=False,
    )
    client.post("/sign-in", {"username": "lepas", "password": "kata sandi uji coba"})
    assert client.get("/agency").status_code == 404
