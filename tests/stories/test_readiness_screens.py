"""The readiness board, the sheets of agencies and crews, and hospitals on their screens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Text
from sigap.dispatch.actions import send_units, step
from sigap.dispatch.models import Assignment
from sigap.fleet.actions import divert, mind_readiness, say_receiving, set_duty
from sigap.fleet.models import Equipment, EquipmentCheck, HospitalBeds, HospitalStatus, Unit
from sigap.incidents.actions import open_incident

from .asking import get, post
from .readiness import checked, piece

Browse = Callable[[str | None], Client]
Actors = Callable[[str], Actor]
TIMER = system("timer")


def sheet(call_sign: str, *, external_id: str = "lembar-0001", **changed: str) -> dict[str, str]:
    """A form with everything in order, but for what is changed by the code of its kind."""
    form = {"external_id": external_id, "occurred_at": ""}
    for row in Equipment.objects.filter(unit__call_sign=call_sign).select_related("kind"):
        result, _colon, reason = changed.get(row.kind.code, "passed").partition(":")
        form |= {f"result-{row.pk}": result, f"reason-{row.pk}": reason}
    return form


def states(call_sign: str) -> set[str]:
    """The states of all that a unit carries."""
    rows = Equipment.objects.filter(unit__call_sign=call_sign)
    return set(rows.values_list("state", flat=True))


# --- the crew's sheet -------------------------------------------------------------------


def test_a_crew_checks_its_vehicle_on_a_phone(browser_of: Browse) -> None:
    crew = browser_of("crew")
    page = crew.get("/crew/check").content.decode()
    assert 'data-outbox="check"' in page and 'name="external_id"' in page
    assert page.count("<fieldset") == Equipment.objects.filter(unit__call_sign="AMB-01").count()
    assert "/crew/check" in crew.get("/crew").content.decode()
    answer = crew.post("/crew/check", sheet("AMB-01"))
    assert (answer.status_code, answer["Location"]) == (302, "/crew")
    assert states("AMB-01") == {"in_order"}


def test_a_sheet_with_a_thing_left_out_comes_back_with_all_that_was_ticked(
    browser_of: Browse,
) -> None:
    crew, form = browser_of("crew"), sheet("AMB-01", oxygen="failed:empty")
    aed = piece("AMB-01", "aed")
    del form[f"result-{aed.pk}"]
    answer = crew.post("/crew/check", form | {"note": "tabung kedua"})
    page = answer.content.decode()
    assert answer.status_code == 400 and "AED" in page
    assert page.count(" checked>") == sum(name.startswith("result-") for name in form)
    assert "tabung kedua" in page and 'value="lembar-0001"' in page
    assert not EquipmentCheck.objects.exists()


def test_a_failed_sheet_says_what_keeps_the_unit_back(browser_of: Browse) -> None:
    crew = browser_of("crew")
    answer = crew.post("/crew/check", sheet("AMB-01", aed="failed:broken"), follow=True)
    assert "AED" in answer.content.decode()
    assert answer.redirect_chain == [("/crew/check", 302)]


@pytest.mark.parametrize("nested", [True, False])
def test_a_phone_sends_its_sheet_later_as_json_and_again(browser_of: Browse, nested: bool) -> None:
    crew, form = browser_of("crew"), dict(sheet("AMB-01", aed="missing:lent"))
    at = (clock.now() - timedelta(minutes=20)).isoformat()
    if nested:
        rows = Equipment.objects.filter(unit__call_sign="AMB-01").exclude(kind__code="aed")
        items = [{"equipment": row.pk, "result": "passed"} for row in rows]
        aed = {"equipment": piece("AMB-01", "aed").pk, "result": "missing", "reason": "lent"}
        form = {"external_id": "lembar-0001", "items": [*items, aed]}  # type: ignore[dict-item]
    answer = post(crew, "/crew/check", **(form | {"occurred_at": at}))
    assert answer == {"status": 200, "ok": True, "new": True, "blocked": ["aed"]}
    assert post(crew, "/crew/check", **form)["new"] is False
    assert piece("AMB-01", "aed").checked_at == clock.now() - timedelta(minutes=20)


def test_a_wrong_sheet_gets_a_clear_answer(browser_of: Browse) -> None:
    crew, form = browser_of("crew"), sheet("AMB-01")
    first = next(name for name in form if name.startswith("result-"))
    future = (clock.now() + timedelta(hours=1)).isoformat()
    for wrong in (
        {first: "perhaps"},
        {"result-x": "passed"},
        {f"result-{piece('AMB-02', 'aed').pk}": "passed"},
        {"external_id": "!"},
        {"occurred_at": future},
        {"occurred_at": "kemarin"},
        {"note": "x" * 5000},
    ):
        answer = post(crew, "/crew/check", **(form | wrong))
        assert answer["status"] == 400, wrong
        assert answer["error"]["message"]
    assert post(crew, "/crew/check")["status"] == 400
    assert not EquipmentCheck.objects.exists()


STRANGE = (None, True, -1, 10**30, 1e308, "", "\x00", "x" * 10_000, [], [[]], {}, [None], {"a": 1})


@pytest.mark.parametrize("odd", STRANGE, ids=lambda odd: repr(odd)[:20])
def test_whatever_a_program_sends_is_told_what_is_wrong(browser_of: Browse, odd: object) -> None:
    agency, crew, aed = browser_of("agency"), browser_of("crew"), piece("AMB-01", "aed").pk
    house = "/readiness/hospitals/rs_baptis"
    for client, path, names in (
        (crew, "/crew/check", ("items", "external_id", "occurred_at", "note", f"result-{aed}")),
        (agency, "/readiness/units/AMB-01/check", ("items", "external_id", "result-x")),
        (agency, f"/readiness/equipment/{aed}", ("label", "expires_on", "version")),
        (agency, f"{house}/receiving", ("receiving", "refused", "version")),
        (agency, f"{house}/diversion", ("reason", "until", "version")),
        (agency, f"{house}/beds", ("ed_free", "icu_total")),
    ):
        for name in names:
            assert post(client, path, **{name: odd})["status"] < 500, (path, name)
    assert not EquipmentCheck.objects.exists()


# --- the agency's side ------------------------------------------------------------------


def test_an_agency_checks_its_own_units_only(browser_of: Browse) -> None:
    agency = browser_of("agency")
    assert "/readiness/units/AMB-02" in agency.get("/agency").content.decode()
    assert agency.get("/readiness/units/AMB-02").status_code == 200
    assert agency.post("/readiness/units/AMB-02/check", sheet("AMB-02")).status_code == 302
    assert states("AMB-02") == {"in_order"}
    assert agency.get("/readiness/units/DAM-01").status_code == 404
    assert agency.post("/readiness/units/DAM-01/check", sheet("DAM-01")).status_code == 404
    assert states("DAM-01") == {"unchecked"}


def test_an_agency_enters_numbers_and_dates(browser_of: Browse) -> None:
    agency, aed = browser_of("agency"), piece("AMB-02", "aed")
    there = f"/readiness/equipment/{aed.pk}"
    answer = agency.post(there, {"label": "AED-7", "expires_on": "2027-03-01", "version": "0"})
    assert answer.status_code == 302
    aed.refresh_from_db()
    assert (aed.label, str(aed.expires_on)) == ("AED-7", "2027-03-01")
    for wrong in ({"expires_on": "2026-01-01"}, {"expires_on": "besok"}, {"label": "x" * 41}):
        assert agency.post(there, wrong).status_code == 400
    other = piece("DAM-01", "hoses")
    assert agency.post(f"/readiness/equipment/{other.pk}", {"label": "H"}).status_code == 404


# --- the board --------------------------------------------------------------------------


def test_the_board_shows_what_keeps_units_from_being_ready(
    browser_of: Browse, actor: Actors
) -> None:
    checked("AMB-01", actor("crew"), aed="failed:broken")
    set_duty("DAM-01", readiness="not_ready", reason="no_crew", actor=actor("dispatcher"))
    set_duty("DAM-02", readiness="limited", reason="restocking", actor=actor("dispatcher"))
    set_duty("AMB-05", on_duty=False, actor=actor("dispatcher"))
    context = browser_of("dispatcher").get("/readiness").context
    own = {o.agency.code: o for o in context["owns"]}
    assert own["psc119"].counts == {"blocked": 1, "ready": 3, "off_duty": 1}
    assert own["damkar"].counts == {"not_ready": 1, "limited": 1, "ready": 3}
    assert (own["damkar"].short, own["damkar"].unchecked) == (1, 5)
    blocked = next(m for m in own["psc119"].matters if m.unit.call_sign == "AMB-01")
    assert "AED" in blocked.blocked_by[0]
    assert [p.name for p in own["psc119"].empty_posts] == ["Pos contoh Blabak"]
    assert [h.known.name for h in context["hospitals"]][0].startswith("RS Baptis")


def test_the_board_is_drawn_anew_only_when_something_changed(
    browser_of: Browse, actor: Actors
) -> None:
    wall = browser_of("supervisor")
    seen = wall.get("/readiness").context["revision"]
    assert wall.get(f"/readiness/rows?seen={seen}").status_code == 204
    checked("AMB-01", actor("crew"))
    assert wall.get(f"/readiness/rows?seen={seen}").status_code == 200


def test_an_agency_sees_its_own_and_all_hospitals(browser_of: Browse) -> None:
    context = browser_of("agency").get("/readiness").context
    assert [own.agency.code for own in context["owns"]] == ["psc119"]
    assert len(context["hospitals"]) == 5


def test_nothing_on_the_board_names_a_person_or_repeats_words(
    browser_of: Browse, actor: Actors
) -> None:
    crew = actor("crew")
    checked("AMB-01", crew, aed="failed:broken", more={"note": "kata Budi pecah"})
    assert Text.objects.filter(body__contains="Budi").exists()
    for role in ("evaluator", "dispatcher", "agency"):
        page = browser_of(role).get("/readiness").content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert "Budi" not in main and "Crew" not in main


def test_an_agency_reads_its_warnings_and_the_control_room_does_not(
    browser_of: Browse, actor: Actors
) -> None:
    mind_readiness(actor=TIMER)
    context = browser_of("agency").get("/readiness").context
    assert context["owns"][0].warnings == ["checks_late"]
    assert len(browser_of("agency").get("/agency").context["warnings"]) == 1
    alarms = get(browser_of("dispatcher"), "/console/state?view=console")["alarms"]
    assert not [alarm for alarm in alarms if alarm["owner"] == "agency"]


def test_the_board_and_the_map_know_what_is_kept_back_and_where_posts_are(
    browser_of: Browse, actor: Actors
) -> None:
    checked("AMB-01", actor("crew"), aed="failed:broken")
    desk = browser_of("dispatcher")
    units = {u["call_sign"]: u for u in get(desk, "/console/state?view=console")["units"]}
    assert (units["AMB-01"]["blocked"], units["AMB-02"]["blocked"]) == (["aed"], [])
    catalogue = get(desk, "/console/catalogue")
    assert "AED" in catalogue["items"]["aed"]
    assert {h["what"] for h in catalogue["houses"]} == {"post", "hospital"}
    assert [h["name"] for h in catalogue["houses"] if h["what"] == "hospital"] == [
        "RS Baptis Kediri"
    ]


# --- hospitals --------------------------------------------------------------------------


def test_a_hospital_is_spoken_for_on_its_page(browser_of: Browse) -> None:
    agency, there = browser_of("agency"), "/readiness/hospitals/rs_baptis"
    assert 'name="ed_free"' in agency.get(there).content.decode()
    assert agency.post(f"{there}/receiving", {"receiving": "no"}).status_code == 302
    assert HospitalStatus.objects.get().receiving == "no"
    until = {"reason": "ed_full", "until": "2026-11-02T10:00"}  # the city's own time
    assert agency.post(f"{there}/diversion", until).status_code == 302
    assert HospitalStatus.objects.get().diverted_until == clock.now() + timedelta(hours=2)
    assert agency.post(f"{there}/beds", {"ed_free": "2", "ed_total": "8"}).status_code == 302
    assert HospitalBeds.objects.get().free == 2
    assert post(agency, f"{there}/receiving", receiving="yes") == {"status": 200, "ok": True}


def test_what_is_wrong_about_a_hospital_is_said_beside_the_form(browser_of: Browse) -> None:
    agency, there = browser_of("agency"), "/readiness/hospitals/rs_baptis"
    for path, wrong in (
        ("beds", {"ed_free": "-1"}),
        ("beds", {"ed_free": "9", "ed_total": "8"}),
        ("beds", {"ed_free": "banyak"}),
        ("beds", {}),
        ("diversion", {"reason": "ed_full", "until": "2026-11-01T10:00"}),
        ("diversion", {"reason": "", "until": "2026-11-02T10:00"}),
        ("receiving", {"receiving": "limited"}),
        ("receiving", {}),
    ):
        answer = agency.post(f"{there}/{path}", wrong)
        assert answer.status_code == 400, (path, wrong)
        assert 'role="alert"' in answer.content.decode()
    assert not HospitalBeds.objects.exists()
    assert agency.get("/readiness/hospitals/rs_mana").status_code == 404


def test_what_was_typed_about_a_hospital_stays_when_it_is_refused(browser_of: Browse) -> None:
    agency, there = browser_of("agency"), "/readiness/hospitals/rs_baptis"
    wrong = agency.post(f"{there}/beds", {"ed_free": "9", "ed_total": "8", "icu_free": "3"})
    page = wrong.content.decode()
    for name, typed in (("ed_free", 9), ("ed_total", 8), ("icu_free", 3)):
        assert f'name="{name}" type="number"' in page
        assert f'value="{typed}"' in page
    said = {"receiving": "no", "version": "99"}
    agency.post(f"{there}/receiving", {"receiving": "yes"})
    stale = agency.post(f"{there}/receiving", said)
    assert stale.status_code == 409
    page = stale.content.decode()
    assert 'role="alert"' in page and 'value="no" checked' in page


def test_an_expiry_date_that_is_none_leaves_the_page_standing(browser_of: Browse) -> None:
    agency = browser_of("agency")
    piece = Equipment.objects.filter(unit__call_sign="AMB-01").first()
    assert piece
    wrong = agency.post(f"/readiness/equipment/{piece.pk}", {"expires_on": "besok"})
    assert wrong.status_code == 400
    page = wrong.content.decode()
    assert 'role="alert"' in page and "AMB-01" in page


def test_who_may_not_speak_for_it_only_reads(browser_of: Browse) -> None:
    reader, there = browser_of("evaluator"), "/readiness/hospitals/rs_baptis"
    assert 'name="ed_free"' not in reader.get(there).content.decode()
    assert reader.post(f"{there}/beds", {"ed_free": "2"}).status_code == 403


# --- where to take a patient ------------------------------------------------------------


@pytest.fixture
def job(actor: Actors) -> Assignment:
    """AMB-01 with a patient at an accident."""
    desk, crew = actor("dispatcher"), actor("crew")
    incident = open_incident("kecelakaan_lalin", actor=desk, priority=1, lat=-7.82, lng=112.02)
    (sent,) = send_units(incident.pk, ["AMB-01"], choice="radio", actor=desk)
    for command in ("acknowledge", "depart", "arrive"):
        step(sent.pk, command, source="crew", actor=crew)
    return sent


def test_a_crew_chooses_where_to_and_may_change_its_mind(
    browser_of: Browse, job: Assignment, actor: Actors
) -> None:
    crew = browser_of("crew")
    assert 'name="destination"' in crew.get("/crew").content.decode()
    there = f"/crew/assignments/{job.pk}"
    form = {"command": "transport", "destination": "rs_baptis", "external_id": "press-0001"}
    assert crew.post(f"{there}/step", form).status_code == 302
    desk = actor("dispatcher")
    divert("rs_baptis", reason="ed_full", until=clock.now() + timedelta(hours=1), actor=desk)
    page = crew.get("/crew").content.decode()
    assert "RS Baptis Kediri" in page and 'class="notice"' in page
    assert crew.post(f"{there}/destination", {"destination": "rsud_gambiran"}).status_code == 302
    job.refresh_from_db()
    assert job.destination is not None and job.destination.code == "rsud_gambiran"
    assert post(crew, f"{there}/destination", destination="rs_mana")["status"] == 404
    assert post(crew, "/crew/assignments/999999/destination")["status"] == 404


def test_the_dispatcher_sees_and_sets_it_on_the_page_of_the_incident(
    browser_of: Browse, job: Assignment, actor: Actors
) -> None:
    say_receiving("rsud_kilisuci", "yes", actor=actor("agency"))
    desk, there = browser_of("dispatcher"), f"/incidents/{job.incident_id}"
    context = desk.get(there).context
    assert [house.known.code for house in context["where"]][0] == "rsud_kilisuci"
    answer = desk.post(f"/dispatch/jobs/{job.pk}/destination", {"destination": "rsud_kilisuci"})
    assert answer["Location"].startswith(there)
    page = desk.get(there).content.decode()
    assert "AMB-01: " in page and "RSUD Kilisuci" in page
    agency = browser_of("agency")
    form = {"destination": "rs_baptis"}
    assert agency.post(f"/agency/assignments/{job.pk}/destination", form).status_code == 302
    job.refresh_from_db()
    assert job.destination is not None and job.destination.code == "rs_baptis"


def test_posts_and_what_units_carry_are_administered(browser_of: Browse) -> None:
    admin = browser_of("administrator")
    unit = Unit.objects.get(call_sign="AMB-01")
    assert unit.post is not None and unit.post.example
    assert "/admin/equipment/add?of=" in admin.get(f"/admin/units/{unit.pk}").content.decode()
    form = {"name": "Pos baru", "agency": unit.agency_id, "place": "", "capacity": "2"}
    form |= {"code": "baru", "active": "on"}
    assert admin.post("/admin/posts/add", form | {"lat": "-6.2", "lng": "106.8"}).status_code == 400
    assert admin.post("/admin/posts/add", form | {"lat": "-7.82"}).status_code == 400
    assert admin.post("/admin/posts/add", form).status_code == 302
    kind = piece("AMB-01", "aed").kind.pk
    there = f"/admin/equipment/add?of={unit.pk}"
    old = {"kind": kind, "label": "AED-2", "expires_on": "2026-01-01", "active": "on"}
    assert admin.post(there, old).status_code == 400
    assert admin.post(there, old | {"expires_on": "2027-01-01"}).status_code == 302
    assert unit.equipment.filter(label="AED-2").exists()
