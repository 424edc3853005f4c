"""Administration: whatever a city must change, checked, journalled, and in force at once."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sigap.calls.models import Call
from sigap.complaints.models import AnswerTemplate, WorkingDay
from sigap.config.user_cli import user_group
from sigap.console.views.admin.labels import LABELS
from sigap.console.views.admin.sections import SECTIONS
from sigap.core import parameters
from sigap.core.actions.accounts import change_user
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.core.errors import Invalid
from sigap.core.models import Journal, ReasonCode, User
from sigap.dispatch.models import PlanStep, ResponsePlan
from sigap.evaluation.models import Target
from sigap.fleet.models import Agency, Capability, Unit
from sigap.incidents.models import IncidentType, PriorityRule, Question
from sigap.neighbours.models import TypeCode
from sigap.notify.models import Ways
from sigap.places.models import Area, Landmark
from sigap.places.queries import area_at
from sigap.warnings.models import WarningSource
from tests.stories.asking import post

SETUP = system("setup")
PASSWORD = "kata sandi uji coba"


@pytest.fixture
def admin(browser_of: Callable[[str | None], Client]) -> Client:
    """The administrator's browser."""
    return browser_of("administrator")


def form_of(admin: Client, address: str) -> dict[str, Any]:
    """What the page's own form would send back unchanged."""
    page = admin.get(address)
    assert page.status_code == 200, address
    form = page.context["form"]
    values = {"seen": page.context.get("seen", "")}
    for bound in form:
        value = bound.field.prepare_value(bound.value())
        if bound.field.disabled or value is None or value is False:
            continue
        values[bound.name] = "on" if value is True else value
    return values


@pytest.mark.parametrize("name", SECTIONS)
def test_a_record_saved_unchanged_changes_nothing(
    admin: Client, journal: Callable[[], list[str]], name: str
) -> None:
    if name == "templates":
        define(AnswerTemplate, key={"name": "Diganti"}, body="Lampu diganti.", actor=SETUP)
    if name == "days":
        define(WorkingDay, key={"day": date(2026, 12, 9)}, name="Pilkada", actor=SETUP)
    if name == "typecodes":
        kind = IncidentType.objects.first()
        define(TypeCode, key={"code": "VEGFIRE"}, type=kind, actor=SETUP)
    if name == "sources":
        url = "https://cuaca.example/rss"
        define(WarningSource, key={"name": "Cuaca"}, url=url, actor=SETUP)
    if name == "ways":
        own = Agency.objects.get(code="psc119")
        define(Ways, key={"agency": own}, channels=["push", "sms"], actor=SETUP)
    row = SECTIONS[name].model._default_manager.first()
    assert row is not None
    journal_before = journal()
    answer = admin.post(f"/admin/{name}/{row.pk}", form_of(admin, f"/admin/{name}/{row.pk}"))
    assert answer.status_code == 302, answer.context["form"].errors
    assert journal() == journal_before


@pytest.mark.parametrize("name", [name for name in SECTIONS if not SECTIONS[name].parent])
def test_a_list_asks_no_more_of_the_database_the_longer_it_is(
    admin: Client, name: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        admin.get(f"/admin/{name}")


@pytest.mark.parametrize("name", SECTIONS)
def test_every_list_and_form_can_be_read(admin: Client, name: str) -> None:
    section = SECTIONS[name]
    if section.parent:
        assert admin.get(f"/admin/{name}")["Location"] == f"/admin/{section.parent_section}"
        return
    assert admin.get(f"/admin/{name}").status_code == 200
    assert admin.get(f"/admin/{name}?q=zzzz").context["page"].paginator.count == 0
    assert admin.get(f"/admin/{name}/add").status_code == 200


def test_a_type_is_renamed_and_the_log_says_who(
    admin: Client, journal: Callable[[], list[str]]
) -> None:
    row = IncidentType.objects.get(code="kecelakaan_lalin")
    address = f"/admin/types/{row.pk}"
    form = form_of(admin, address) | {"name": "Tabrakan", "code": "hacked"}
    assert admin.post(address, form)["Location"] == address
    row.refresh_from_db()
    assert (row.name, row.code) == ("Tabrakan", "kecelakaan_lalin")
    assert journal() == ["config.changed"]
    assert Journal.objects.latest("seq").body == {"fields": ["name"]}
    page = admin.get(address)
    assert page.context["changes"][0].who == "Administrator"
    assert page.context["changes"][0].what.endswith(": Tabrakan")
    assert page.context["told"] and not admin.get(address).context["told"]  # said once


def test_what_has_no_name_is_called_by_what_its_list_shows(admin: Client) -> None:
    plan = ResponsePlan.objects.filter(type__code="kecelakaan_lalin").order_by("priority").last()
    assert plan
    page = admin.get(f"/admin/plans/{plan.pk}")
    assert page.context["title"] == f"Kecelakaan lalu lintas · P{plan.priority} · A1"
    assert page.context["editable"]  # how long its units may take to answer
    steps = page.context["children"][0]["rows"]
    codes = set(Capability.objects.values_list("code", flat=True))
    assert not codes & {cell for row in steps for cell in row["cells"]}


def test_nothing_is_lost_when_a_field_is_wrong(
    admin: Client, journal: Callable[[], list[str]]
) -> None:
    row = IncidentType.objects.get(code="kecelakaan_lalin")
    address = f"/admin/types/{row.pk}"
    form = form_of(admin, address) | {"name": "Nama baru", "priority": "9", "group": "a b"}
    answer = admin.post(address, form)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"priority", "group"}
    assert "Nama baru" in answer.content.decode()
    assert journal() == []


def test_two_administrators_do_not_overwrite_each_other(admin: Client) -> None:
    row = IncidentType.objects.get(code="kecelakaan_lalin")
    address = f"/admin/types/{row.pk}"
    mine, theirs = form_of(admin, address), form_of(admin, address)
    assert admin.post(address, theirs | {"name": "Mereka"}).status_code == 302
    answer = admin.post(address, mine | {"name_en": "Mine"})
    assert answer.status_code == 400
    row.refresh_from_db()
    assert (row.name, row.name_en) == ("Mereka", "Traffic accident")
    again = form_of(admin, address) | {"name_en": "Mine"}
    assert admin.post(address, again).status_code == 302


def test_a_question_and_a_rule_are_added_checked_and_removed(
    admin: Client, journal: Callable[[], list[str]]
) -> None:
    kind = IncidentType.objects.get(code="kecelakaan_lalin")
    add = f"/admin/questions/add?of={kind.pk}"
    question = {
        "code": "vehicle",
        "kind": "choice",
        "text": "Kendaraan apa?",
        "text_en": "Which vehicle?",
        "options": "bus | Bus | Bus\ntruck | Truk",
        "rank": "9",
    }
    answer = admin.post(add, question)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["options"]
    question["options"] = "bus | Bus | Bus\ntruck | Truk | Lorry"
    assert admin.post(add, question)["Location"] == f"/admin/types/{kind.pk}"
    row = Question.objects.get(type=kind, code="vehicle")
    assert row.options == [["bus", "Bus", "Bus"], ["truck", "Truk", "Lorry"]]
    assert admin.post(add, question).status_code == 400  # the code is taken

    rule = {
        "code": "KLL-9",
        "priority": "1",
        "when": "vehicle = tank",
        "text": "Bus",
        "text_en": "A bus",
        "rank": "9",
    }
    add = f"/admin/rules/add?of={kind.pk}"
    assert list(admin.post(add, rule).context["form"].errors) == ["when"]
    assert list(admin.post(add, rule | {"when": "colour = red"}).context["form"].errors) == ["when"]
    assert list(admin.post(add, rule | {"when": "vehicle"}).context["form"].errors) == ["when"]
    assert admin.post(add, rule | {"when": "vehicle = bus, truck"}).status_code == 302
    made = PriorityRule.objects.get(type=kind, code="KLL-9")
    assert made.when == {"vehicle": ["bus", "truck"]}

    assert admin.get(f"/admin/questions/{row.pk}/remove").status_code == 200
    assert admin.post(f"/admin/questions/{row.pk}/remove").status_code == 400  # a rule asks it
    assert admin.post(f"/admin/rules/{made.pk}/remove").status_code == 302
    assert admin.post(f"/admin/questions/{row.pk}/remove").status_code == 302
    assert journal() == ["config.changed"] * 2 + ["config.removed"] * 2
    assert Journal.objects.latest("seq").body == {"code": "vehicle"}


def test_what_an_administrator_names_can_be_used_in_the_control_room(
    admin: Client, browser_of: Callable[[str | None], Client], answered: Callable[..., Call]
) -> None:
    names = {"name": "x", "name_en": "x", "active": "on"}
    kind = names | {"code": "Gas-Bocor.2", "group": "fire", "priority": "2", "rank": "9"}
    kind |= {"duplicate_minutes": "60", "duplicate_metres": "500", "tells": "nothing"}
    words = {"text": "x", "text_en": "x", "rank": "1"}
    assert admin.post("/admin/types/add", kind).status_code == 302
    of = f"of={IncidentType.objects.get(code='Gas-Bocor.2').pk}"
    question = words | {"code": "Bau-apa", "kind": "choice", "options": "a-B/1 | x | x"}
    assert admin.post(f"/admin/questions/add?{of}", question).status_code == 302
    rule = words | {"code": "G-1/a", "when": "Bau-apa = a-B/1", "priority": "1"}
    assert admin.post(f"/admin/rules/add?{of}", rule).status_code == 302
    assert admin.post("/admin/dispositions/add", names | {"code": "Selesai-OK"}).status_code == 302
    reason = names | {"purpose": "reopen", "code": "Lagi-1"}
    assert admin.post("/admin/reasons/add", reason).status_code == 302

    boss, call = browser_of("supervisor"), answered()
    form = {"type": "Gas-Bocor.2", "answers": {"Bau-apa": "a-B/1"}, "class": "emergency"}
    made = post(boss, f"/calls/{call.pk}/incident", **form)
    assert (made["status"], made["rule"]) == (200, "G-1/a")
    at = f"/incidents/{made['incident']}"
    assert post(boss, f"{at}/close", disposition="Selesai-OK")["status"] == 200
    assert post(boss, f"{at}/reopen", reason="Lagi-1")["status"] == 200


@pytest.mark.parametrize("code", ["dua kata", "é", "a,b", "a=b"])
def test_what_cannot_be_a_code_is_refused_where_it_is_made(admin: Client, code: str) -> None:
    area = Area.objects.all()[0]
    copy = form_of(admin, f"/admin/areas/{area.pk}") | {"code": code}
    assert list(admin.post("/admin/areas/add", copy).context["form"].errors) == ["code"]
    kind = IncidentType.objects.get(code="kecelakaan_lalin")
    rule = {"code": code, "priority": "1", "when": "x = y", "text": "x", "text_en": "x", "rank": 1}
    answer = admin.post(f"/admin/rules/add?of={kind.pk}", rule)
    assert "code" in answer.context["form"].errors


def test_the_same_code_twice_is_told_beside_the_field(admin: Client) -> None:
    form = {"code": "psc119", "short": "X", "name": "X", "name_en": "X", "rank": "1"}
    answer = admin.post("/admin/agencies/add", form)
    assert answer.status_code == 400
    assert "code" in answer.context["form"].errors
    assert Agency.objects.get(code="psc119").short != "X"


def test_a_unit_is_taken_out_of_use_but_an_agency_stays(admin: Client) -> None:
    unit = Unit.objects.get(call_sign="AMB-01")
    form = form_of(admin, f"/admin/units/{unit.pk}")
    form.pop("active")
    assert admin.post(f"/admin/units/{unit.pk}", form).status_code == 302
    unit.refresh_from_db()
    assert not unit.active
    row = Agency.objects.get(code="psc119")
    assert admin.post(f"/admin/agencies/{row.pk}/remove").status_code == 400
    assert Agency.objects.filter(pk=row.pk).exists()


def test_a_unit_is_added(admin: Client) -> None:
    agency = Agency.objects.get(code="psc119")
    form = {
        "call_sign": "amb 99",
        "agency": str(agency.pk),
        "kind": "Ambulans",
        "capabilities": ["bls"],
        "crew": "3",
        "station_lat": "-7.8",
        "station_lng": "112.0",
        "active": "on",
    }
    assert "call_sign" in admin.post("/admin/units/add", form).context["form"].errors
    wrong = form | {"call_sign": "AMB-99", "station_lat": "-97"}
    assert "station_lat" in admin.post("/admin/units/add", wrong).context["form"].errors
    assert admin.post("/admin/units/add", form | {"call_sign": "AMB-99"}).status_code == 302
    unit = Unit.objects.get(call_sign="AMB-99")
    assert (unit.capabilities, unit.state, unit.agency_id) == (["bls"], "available", agency.pk)
    able_to_nothing = form_of(admin, f"/admin/units/{unit.pk}") | {"capabilities": []}
    assert admin.post(f"/admin/units/{unit.pk}", able_to_nothing).status_code == 302
    unit.refresh_from_db()
    assert unit.capabilities == []


def test_a_plan_gets_a_step_and_loses_it(admin: Client) -> None:
    plan = ResponsePlan.objects.first()
    assert plan is not None
    agency = Agency.objects.get(code="dishub")
    step = {
        "agency": str(agency.pk),
        "capability": "als",
        "count": "2",
        "min_crew": "0",
        "rank": "9",
    }
    assert admin.post(f"/admin/steps/add?of={plan.pk}", step).status_code == 302
    row = PlanStep.objects.get(plan=plan, agency=agency, capability="als")
    twice = admin.post(f"/admin/steps/add?of={plan.pk}", step)
    assert twice.status_code == 400
    (said,) = twice.context["form"].non_field_errors()
    assert str(LABELS["capability"]) in said and "capability" not in said
    assert admin.post(f"/admin/steps/{row.pk}/remove").status_code == 302
    assert not PlanStep.objects.filter(pk=row.pk).exists()


def test_a_target_must_make_sense(admin: Client) -> None:
    form = {"clock": "answer", "statistic": "share", "percent": "0", "seconds": "12"}
    assert "percent" in admin.post("/admin/targets/add", form).context["form"].errors
    assert admin.post("/admin/targets/add", form | {"percent": "95"}).status_code == 302
    assert Target.objects.filter(clock="answer", percent=95, seconds=12, group="").exists()


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ("targets", {"seconds": "-3"}),
        ("units", {"crew": "-5"}),
        ("units", {"station_lat": "7.8"}),
        ("areas", {"neighbours": "35.71.01.1002, xx.yy"}),
        ("areas", {"lat": "-97"}),
        ("landmarks", {"lat": "-6.2", "lng": "106.8"}),
        ("types", {"group": "medic"}),
        ("agencies", {"kind": "ambulance"}),
    ],
)
def test_nonsense_is_refused_beside_its_field_whatever_the_browser_let_through(
    admin: Client, section: str, wrong: dict[str, str]
) -> None:
    row = SECTIONS[section].model._default_manager.all()[0]
    form = form_of(admin, f"/admin/{section}/{row.pk}") | wrong
    answer = admin.post(f"/admin/{section}/{row.pk}", form)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) <= set(wrong)


def test_a_reason_is_made_for_a_purpose(admin: Client) -> None:
    form = {
        "purpose": "takeover",
        "code": "Late Shift",
        "name": "x",
        "name_en": "x",
        "active": "on",
    }
    assert "code" in admin.post("/admin/reasons/add", form).context["form"].errors
    assert admin.post("/admin/reasons/add", form | {"code": "late_shift"}).status_code == 302
    assert ReasonCode.objects.filter(purpose="takeover", code="late_shift").exists()


def test_names_of_areas_and_landmarks_are_kept_as_lists(admin: Client) -> None:
    area = Area.objects.get(code="35.71.01.1001")
    form = form_of(admin, f"/admin/areas/{area.pk}") | {"aliases": "Bandarlor, Bandar Lohr,, "}
    assert admin.post(f"/admin/areas/{area.pk}", form).status_code == 302
    area.refresh_from_db()
    assert area.aliases == ["Bandarlor", "Bandar Lohr"]
    mark = {"name": "Masjid Uji", "area": str(area.pk), "precision": "exact", "aliases": ""}
    assert "lat" in admin.post("/admin/landmarks/add", mark).context["form"].errors
    half = mark | {"precision": "area", "lat": "-7.82"}
    assert list(admin.post("/admin/landmarks/add", half).context["form"].errors) == ["lng"]
    mark |= {"lat": "-7.82", "lng": "112.0"}
    assert admin.post("/admin/landmarks/add", mark).status_code == 302
    row = Landmark.objects.get(name="Masjid Uji")
    assert admin.post(f"/admin/landmarks/{row.pk}/remove").status_code == 302


def test_a_number_counts_at_once_and_stays_within_its_bounds(
    admin: Client, journal: Callable[[], list[str]]
) -> None:
    def send(value: str, name: str = "dispatch.detour") -> int:
        return admin.post("/admin/parameters", {"name": name, "value": value}).status_code

    assert send("1,5") == 302
    assert parameters.value("dispatch.detour") == 1.5
    assert journal() == ["parameter.changed"]
    for wrong in ("99", "", "abc", "nan", "1e999"):
        assert send(wrong) == 400, wrong
    assert send("1", "no.such") == 404
    assert parameters.value("dispatch.detour") == 1.5
    page = admin.post("/admin/parameters", {"name": "dispatch.detour", "value": "99"})
    assert 'value="99"' in page.content.decode()
    error = next(row["error"] for row in page.context["rows"] if row["error"])
    assert "dispatch.detour" not in str(error), "in words, not by its code"


# People


def person_form(**more: Any) -> dict[str, Any]:
    return {
        "username": "rina",
        "name": "Rina",
        "roles": ["call_taker"],
        "language": "id",
        "is_active": "on",
        **more,
    }


def test_an_account_is_made_with_a_password_that_is_shown_once(
    admin: Client, client: Client, journal: Callable[[], list[str]]
) -> None:
    page = admin.post("/admin/users/add", person_form(roles=["dispatcher", "call_taker"]))
    assert page.status_code == 200
    password = page.context["password"]
    assert password in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    rina = User.objects.get(username="rina")
    assert rina.roles == ["call_taker", "dispatcher"] and rina.must_change_password
    assert journal() == ["user.created"]
    assert password not in admin.get(f"/admin/users/{rina.pk}").content.decode()
    answer = client.post("/sign-in", {"username": "rina", "password": password})
    assert answer["Location"] == "/account/password"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"username": "call_taker"}, None),
        ({"username": "a b"}, "username"),
        ({"roles": []}, "roles"),
        ({"roles": ["agency"]}, "agency"),
        ({"roles": ["crew"]}, "unit"),
        ({"name": ""}, "name"),
    ],
)
def test_an_account_that_cannot_be_is_refused_and_nothing_is_lost(
    admin: Client, form: dict[str, Any], field: str | None
) -> None:
    answer = admin.post("/admin/users/add", person_form(**{"name": "Rina Nama", **form}))
    assert answer.status_code == 400
    assert (field or "__all__") in answer.context["form"].errors
    assert not User.objects.filter(name="Rina Nama").exists()


def test_rights_are_taken_away_and_the_session_with_them(
    admin: Client, browser_of: Callable[[str | None], Client], person: Callable[[str], User]
) -> None:
    browser, user = browser_of("evaluator"), person("evaluator")
    form = form_of(admin, f"/admin/users/{user.pk}")
    form.pop("is_active")
    assert admin.post(f"/admin/users/{user.pk}", form).status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    assert browser.get("/account/language")["Location"].startswith("/sign-in")


def test_the_last_administrator_stays(admin: Client, person: Callable[[str], User]) -> None:
    user = person("administrator")
    form = form_of(admin, f"/admin/users/{user.pk}")
    form.pop("is_active")
    assert admin.post(f"/admin/users/{user.pk}", form).status_code == 400
    form = form_of(admin, f"/admin/users/{user.pk}") | {"roles": ["evaluator"]}
    assert admin.post(f"/admin/users/{user.pk}", form).status_code == 400
    user.refresh_from_db()
    assert user.is_active and user.roles == ["administrator"]


def test_a_password_is_reset_for_others_only_after_a_question(
    admin: Client, client: Client, person: Callable[[str], User]
) -> None:
    user = person("dispatcher")
    question = admin.get(f"/admin/users/{user.pk}/password")
    user.refresh_from_db()
    assert user.name in question.content.decode() and user.check_password(PASSWORD)
    page = admin.post(f"/admin/users/{user.pk}/password")
    user.refresh_from_db()
    assert user.check_password(page.context["password"]) and user.must_change_password
    assert not user.check_password(PASSWORD)
    own = person("administrator")
    for what in ("password", "second-factor"):
        assert admin.post(f"/admin/users/{own.pk}/{what}").status_code == 400
    assert admin.post("/admin/users/999999/password").status_code == 404


def test_a_lost_second_factor_is_removed(admin: Client, person: Callable[[str], User]) -> None:
    user = person("supervisor")
    User.objects.filter(pk=user.pk).update(totp_secret="x")
    assert admin.post(f"/admin/users/{user.pk}/second-factor").status_code == 302
    user.refresh_from_db()
    assert user.totp_secret == ""


@pytest.mark.parametrize("wrong", [{"name": "x" * 121}, {"name": ""}, {"language": "xx"}])
def test_a_changed_account_is_checked_as_a_new_one_is(
    wrong: dict[str, Any], person: Callable[[str], User], actor: Callable[[str], Actor]
) -> None:
    with pytest.raises(Invalid):
        change_user(person("crew"), actor=actor("administrator"), **wrong)
    with pytest.raises(TypeError):
        change_user(person("crew"), actor=actor("administrator"), totp_secret="", **wrong)
    assert person("crew").name == "Crew"


def test_without_any_administrator_people_are_let_in_on_the_machine_itself(
    person: Callable[[str], User], client: Client, journal: Callable[[], list[str]]
) -> None:
    User.objects.filter(username="administrator").update(totp_secret="x")
    listed = CliRunner().invoke(user_group, ["list"])
    assert "administrator\tadministrator\tactive\tsecond factor" in listed.output.splitlines()
    removed = CliRunner().invoke(user_group, ["remove-second-factor", "administrator"])
    reset = CliRunner().invoke(user_group, ["reset-password", "administrator"])
    assert (removed.exit_code, reset.exit_code) == (0, 0)
    user = person("administrator")
    assert user.totp_secret == "" and user.must_change_password
    assert user.check_password(reset.output.strip())
    assert journal() == ["user.changed"] * 2
    row = Journal.objects.latest("seq")
    assert (row.actor, row.body["fields"]) == ("system:cli", ["password"])
    unknown = CliRunner().invoke(user_group, ["reset-password", "nobody"])
    assert unknown.exit_code == 1 and "No such user name" in unknown.output


# The boundary file


def square(code: str, lat: float, lng: float, size: float = 0.01) -> dict[str, Any]:
    corners = [(-size, -size), (size, -size), (size, size), (-size, size), (-size, -size)]
    ring = [[lng + x, lat + y] for x, y in corners]
    return {
        "type": "Feature",
        "properties": {"kode": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def upload(admin: Client, data: Any) -> Any:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return admin.post("/admin/boundaries", {"file": SimpleUploadedFile("b.geojson", raw)})


def test_boundaries_come_in_by_code(admin: Client, journal: Callable[[], list[str]]) -> None:
    area = Area.objects.get(code="35.71.01.1001")
    features = [square("3571011001", area.lat, area.lng), square("99.99", -7.8, 112.0)]
    answer = upload(admin, {"type": "FeatureCollection", "features": features})
    assert answer.status_code == 200
    found = answer.context["found"]
    assert (found.matched, found.unknown, len(found.missing)) == ([area.code], ["99.99"], 45)
    area.refresh_from_db()
    assert area.boundary and area.boundary["type"] == "Polygon"
    assert journal() == ["config.changed"]
    assert area_at(area.lat, area.lng) == area
    upload(admin, {"type": "FeatureCollection", "features": features})
    assert journal() == ["config.changed"]  # the same file changes nothing


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[1]",
        b"[" * 100_000,
        {"features": []},
        {"features": [{"properties": {"kode": "35.71.01.1001"}}]},
        {"features": ["x"]},
        {"features": [square("99.99.99", -7.8, 112.0)]},
        {"features": [square("35.71.01.1001", 112.003397, -7.818652)]},
    ],
)
def test_a_wrong_boundary_file_is_refused_whole(admin: Client, data: Any) -> None:
    assert upload(admin, data).status_code == 400
    assert not Area.objects.exclude(boundary=None).exists()


@pytest.mark.shared
def test_the_real_boundaries_come_in(admin: Client) -> None:
    path = Path(__file__).resolve().parents[3] / "shared/data/kediri_kelurahan.geojson"
    found = upload(admin, path.read_bytes()).context["found"]
    assert (len(found.matched), found.unknown, found.missing) == (46, [], [])


def test_configuration_is_the_administrators_alone(actor: Callable[[str], Actor]) -> None:
    from sigap.core.actions.configuration import remove
    from sigap.core.errors import Forbidden

    target = Target.objects.first()
    assert target is not None
    with pytest.raises(Forbidden):
        remove(target, actor=actor("supervisor"))


def test_the_menu_leads_to_every_kind_of_record(browser_of: Callable[[str | None], Client]) -> None:
    page = browser_of("administrator").get("/admin").content.decode()
    menu = page.partition('<div class="admin">')[2].partition("</nav>")[0]
    top = [name for name, section in SECTIONS.items() if not section.parent]
    assert [name for name in top if f'href="/admin/{name}"' not in menu] == []
