"""GeoReport v2: programs report for citizens, and read what became of it."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from defusedxml import ElementTree
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import SecretStr

from sigap.complaints import actions as complaints
from sigap.complaints.models import Category, Complaint
from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.core.models import Contact, Journal
from sigap.fleet.models import Agency
from sigap.public import pace
from sigap.public.models import ApiKey
from sigap.public.open311.keys import new_key

SETUP = system("setup")
V2 = "/open311/v2"
PLACE = {"lat": "-7.8201", "long": "112.0203"}
DAY = 24 * 3600
FORMS = ("json", "xml")
Report = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _rested() -> None:
    """Nobody has come before."""
    pace._counted.storage.reset()


@pytest.fixture
def key() -> str:
    """The key of a program."""
    return new_key("aplikasi", rate=10_000, actor=SETUP)


@pytest.fixture
def report(client: Client, key: str) -> Report:
    """Reports a street light; the answer's only request."""

    def send(**more: Any) -> dict[str, Any]:
        told = {"api_key": key, "service_code": "pju", "description": "Lampu mati", **PLACE}
        answer = client.post(f"{V2}/requests.json", {**told, **more})
        assert answer.status_code == 201, answer.content
        (only,) = answer.json()
        assert isinstance(only, dict)
        return only

    return send


def publish(how: str, code: str = "pju") -> None:
    """Let the public read of this category."""
    define(Category, key={"code": code}, publish=how, actor=SETUP)


def read(client: Client, path: str, **asked: Any) -> Any:
    """What is answered as JSON, which must be had."""
    answer = client.get(f"{V2}/{path}.json", asked)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    return answer.json()


def numbers(client: Client, **asked: Any) -> list[str]:
    """Which requests are listed."""
    return [row["service_request_id"] for row in read(client, "requests", **asked)]


def refused(answer: Any) -> tuple[int, str]:
    """Status and words of a refusal, which must be in the specification's form."""
    if answer["Content-Type"] == "text/xml; charset=utf-8":
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "errors", answer.content
        told = [{part.tag: part.text or "" for part in error} for error in root]
    else:
        assert answer["Content-Type"] == "application/json; charset=utf-8", answer.content
        told = json.loads(answer.content)
    assert told and all(set(error) == {"code", "description"} for error in told)
    assert {int(error["code"]) for error in told} == {answer.status_code}
    return answer.status_code, told[0]["description"]


def complaint_of(told: dict[str, Any]) -> Complaint:
    """What was filed."""
    return Complaint.objects.get(number=told["service_request_id"])


# --- what there is --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/open311/discovery", f"{V2}/discovery"])
def test_a_program_finds_out_where_what_is_spoken(client: Client, path: str) -> None:
    told = client.get(f"{path}.json").json()
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    answer = client.get(f"{path}.xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "discovery"
    assert root.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


def test_services_are_the_categories_of_the_city(client: Client) -> None:
    rows = read(client, "services")
    lamp = next(row for row in rows if row["service_code"] == "pju")
    assert (lamp["service_name"], lamp["metadata"], lamp["type"]) == (
        "Penerangan jalan",
        True,
        "realtime",
    )
    assert {row["service_code"] for row in rows} == set(
        Category.objects.filter(active=True).values_list("code", flat=True)
    )
    root = ElementTree.fromstring(client.get(f"{V2}/services.xml").content)
    assert root.tag == "services" and {one.tag for one in root} == {"service"}
    assert root.findtext("service/metadata") == "true"


def test_a_service_says_what_it_asks(client: Client) -> None:
    told = read(client, "services/pju")
    asset, condition = told["attributes"]
    assert (asset["code"], asset["datatype"], asset["required"]) == ("asset", "string", False)
    assert {"key": "off", "name": "Mati"} in condition["values"]
    root = ElementTree.fromstring(client.get(f"{V2}/services/pju.xml").content)
    assert root.tag == "service_definition"
    assert root.findtext("attributes/attribute/variable") == "true"
    assert root.findtext("attributes/attribute[2]/values/value/key") == "off"


# --- reporting ------------------------------------------------------------------------


def test_a_report_is_answered_with_its_number_category_and_agency(report: Report) -> None:
    told = report(**{"attribute[asset]": "PJU-0117", "attribute[condition]": "flicker"})
    complaint = complaint_of(told)
    assert (told["service_code"], told["agency_responsible"]) == ("pju", "Dishub")
    assert complaint.number in told["service_notice"] and told["account_id"] is None
    assert (complaint.channel, complaint.asset) == ("open311", "PJU-0117")
    assert complaint.body and complaint.body.body == "Lampu mati\nKeadaan lampu: Berkedip"
    assert complaint.area and complaint.location_source == "open311"


def test_the_answer_is_had_as_xml_as_well(client: Client, key: str) -> None:
    told = {"api_key": key, "service_code": "pju", "address_string": "Jl. Dhoho 12"}
    answer = client.post(f"{V2}/requests.xml", told)
    root = ElementTree.fromstring(answer.content)
    assert (answer.status_code, root.tag) == (201, "service_requests")
    complaint = Complaint.objects.get(number=root.findtext("request/service_request_id"))
    # Without words it is about what its category says.
    assert complaint.body and complaint.body.body == "Penerangan jalan"


def test_without_a_code_the_words_say_what_it_is_about(report: Report) -> None:
    told = report(service_code="", description="Lampu jalan padam, tiang lampu PJU gelap gulita")
    assert (told["service_code"], told["agency_responsible"]) == ("pju", "Dishub")
    assert complaint_of(told).guesses[0][0] == "pju"
    vague = report(service_code="other", description="Mohon segera ditindaklanjuti")
    assert (vague["service_code"], vague["agency_responsible"]) == (None, None)


def test_the_same_report_sent_again_is_answered_as_before(
    report: Report, client: Client, key: str
) -> None:
    first = report(idempotency_key="a-1", description="Lampu mati")
    assert report(idempotency_key="a-1", description="Lampu mati") == first
    told = {"api_key": key, "service_code": "pju", **PLACE}
    again = client.post(f"{V2}/requests.json", told, headers={"Idempotency-Key": "a-1"})
    assert again.json() == [first]
    assert report(idempotency_key="a-2") != first
    other = new_key("lain", rate=10_000, actor=SETUP)
    assert report(idempotency_key="a-1", api_key=other) != first
    assert Complaint.objects.count() == 3


def test_a_report_takes_eight_statements_at_most(report: Report) -> None:
    """All that the request sends but BEGIN and COMMIT, the city's lock included."""
    more = {"phone": "081234567890", "first_name": "Sri", "address_string": "Jl. Dhoho 12"}
    report(**more, idempotency_key="warm")
    with CaptureQueriesContext(
        connection,
    ) as sent:
        report(**more, idempotency_key="measured")
    counted = [
        query["sql"]
        for query in sent.captured_queries
        if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ]
    assert len(counted) <= 8, counted


def test_photos_are_kept_and_shown_to_the_program_that_sent_them(
    report: Report, client: Client, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"attachments_dir": tmp_path, "recording_key": SecretStr("k" * 40)}
    monkeypatch.setattr(django_settings, "ENV", django_settings.ENV.model_copy(update=own))
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    drawn.seek(0)
    drawn.name = "lampu.png"
    told = report(media=drawn)
    publish("full")
    (row,) = read(client, f"requests/{told['service_request_id']}", api_key=key)
    path = row["media_url"].removeprefix("http://testserver")
    photo = client.get(path, {"api_key": key})
    assert (photo.status_code, photo["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(photo.content)).size == (40, 30)
    # Nobody has looked yet whether somebody can be seen on it.
    assert client.get(path).status_code == 403
    (row,) = read(client, f"requests/{told['service_request_id']}")
    assert row["media_url"] is None


def test_a_link_to_a_photo_is_kept_and_never_followed(report: Report) -> None:
    complaint = complaint_of(report(media_url="http://127.0.0.1:1/photo.jpg"))
    assert complaint.body and complaint.body.body.endswith("http://127.0.0.1:1/photo.jpg")


# --- refusals -------------------------------------------------------------------------

BAD: dict[str, tuple[dict[str, Any], int]] = {
    "no key": ({"api_key": ""}, 403),
    "a wrong key": ({"api_key": "made-up"}, 403),
    "another city's server": ({"jurisdiction_id": "blitar"}, 404),
    "an unknown code": ({"service_code": "lift"}, 404),
    "no code and no words": ({"service_code": "", "description": " "}, 400),
    "no place": ({"lat": "", "long": ""}, 400),
    "half a place": ({"long": ""}, 400),
    "no number": ({"lat": "south"}, 400),
    "not a number": ({"lat": "nan"}, 400),
    "not on the earth": ({"lat": "-97.8"}, 400),
    "in the sea": ({"lat": "-8.9", "long": "111.5"}, 400),
    "in another city": ({"lat": "-8.0983", "long": "112.1681"}, 400),
    "an unknown area": ({"lat": "", "long": "", "address_id": "99"}, 404),
    "words without end": ({"description": "x" * 4001}, 400),
    "a line that is none": ({"address_string": "Jl.\x00Dhoho"}, 400),
    "an answer that is not offered": ({"attribute[condition]": "purple"}, 400),
    "two answers for one": ({"attribute[condition]": ["off", "flicker"]}, 400),
    "an asset without end": ({"attribute[asset]": "9" * 33}, 400),
    "a link of another kind": ({"media_url": "file:///etc/passwd"}, 400),
    "no file": ({"media": io.BytesIO(b"MZ")}, 400),
    "the field twice": ({"service_code": ["pju", "pohon"]}, 400),
    "too much": ({"description": "x" * 300_000}, 413),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_taken_is_refused_as_the_specification_wants(
    client: Client, key: str, what: str, form: str
) -> None:
    more, status = BAD[what]
    for value in more.values():
        if isinstance(value, io.BytesIO):
            value.seek(0)
    told = {"api_key": key, "service_code": "pju", "description": "Lampu mati", **PLACE, **more}
    assert refused(client.post(f"{V2}/requests.{form}", told))[0] == status
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("form", FORMS)
def test_addresses_that_are_not_there_are_refused_in_the_same_form(
    client: Client, form: str
) -> None:
    paths = (
        "services/lift",
        "requests/AAAA-AAAA",
        "requests/AAAA-AAAA/history",
        "requests/AAAA-AAAA/comments",
        "tokens/made-up",
        "nothing",
    )
    for path in paths:
        assert refused(client.get(f"{V2}/{path}.{form}"))[0] == 404, path
    assert refused(client.get(f"{V2}/services.{form}", {"jurisdiction_id": "x"}))[0] == 404
    assert refused(client.post(f"{V2}/services.{form}"))[0] == 405
    assert refused(client.get(f"{V2}/services.{form}", {"api_key": "made-up"}))[0] == 403


def test_a_required_answer_must_be_given(client: Client, key: str, report: Report) -> None:
    pju = Category.objects.get(code="pju")
    asked = [{**one, "required": one["code"] == "asset"} for one in pju.attributes]
    define(Category, key={"code": "pju"}, attributes=asked, actor=SETUP)
    told = {"api_key": key, "service_code": "pju", **PLACE}
    status, words = refused(client.post(f"{V2}/requests.json", told))
    assert status == 400 and "attribute[asset]" in words
    report(**{"attribute[asset]": "PJU-0117"})


def test_a_broken_form_is_refused(client: Client) -> None:
    kind = "multipart/form-data; boundary=x"
    for form in FORMS:
        for raw in (b"--x\r\nContent-Disposition: form-data; name=", b"", b"\xff\xfe--x--"):
            answer = client.generic("POST", f"{V2}/requests.{form}", raw, kind)
            assert refused(answer)[0] in (400, 403)
    answer = client.generic("POST", f"{V2}/requests.json", b"{}", "application/json")
    assert refused(answer)[0] == 403


# --- keys and pace --------------------------------------------------------------------


def test_a_key_is_known_by_its_hash_only_and_can_be_taken_away(
    client: Client, key: str, report: Report
) -> None:
    told = report()
    row = ApiKey.objects.get(name="aplikasi")
    assert key not in str(ApiKey.objects.values()) and len(row.digest) == 64
    said = json.dumps(list(Journal.objects.values()), default=str)
    assert key not in said and row.digest not in said
    assert Journal.objects.get(kind="complaint.filed").actor == f"key:{row.pk}"
    define(ApiKey, key={"name": "aplikasi"}, active=False, actor=SETUP)
    one = f"{V2}/requests/{told['service_request_id']}.json"
    assert refused(client.get(one, {"api_key": key}))[0] == 403


def test_a_new_key_ends_the_old_one_and_sees_what_that_reported(
    client: Client, key: str, report: Report
) -> None:
    told = report()
    fresh = new_key("aplikasi", rate=60, actor=SETUP)
    assert refused(client.get(f"{V2}/requests.json", {"api_key": key}))[0] == 403
    assert numbers(client, api_key=fresh) == [told["service_request_id"]]


def test_a_key_may_come_so_often_and_no_more(client: Client) -> None:
    key = new_key("cepat", rate=3, actor=SETUP)
    told = {"api_key": key, "service_code": "pju", **PLACE}
    answers = [client.post(f"{V2}/requests.xml", told) for _n in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert refused(answers[-1])[0] == 429
    other = new_key("lambat", rate=3, actor=SETUP)
    assert client.post(f"{V2}/requests.xml", told | {"api_key": other}).status_code == 201


def test_an_address_without_a_key_may_not_read_or_try_without_end(client: Client) -> None:
    headers = {"X-API-Key": "made-up"}
    tried = [client.get(f"{V2}/services.json", headers=headers) for _n in range(301)]
    assert tried[0].status_code == 403 and refused(tried[-1])[0] == 429
    assert refused(client.get(f"{V2}/services.json"))[0] == 429


# --- reading --------------------------------------------------------------------------


def test_a_request_is_told_as_the_specification_has_it(
    report: Report, client: Client, key: str, actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    number = report()["service_request_id"]
    time.forward(3600)
    complaint = Complaint.objects.get(number=number)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    (row,) = read(client, f"requests/{number}", api_key=key)
    assert row["status"] == "open" and row["status_notes"]
    assert row["requested_datetime"] == "2026-11-02T08:00:00+07:00"
    assert row["updated_datetime"] == "2026-11-02T09:00:00+07:00"
    assert row["expected_datetime"] == "2026-11-21T00:00:00+07:00"
    assert row["agency_responsible"] == "Dishub"
    assert (row["lat"], row["long"]) == (-7.8201, 112.0203)
    assert row["address_id"].startswith("35.71.") and row["zipcode"].startswith("641")
    root = ElementTree.fromstring(
        client.get(f"{V2}/requests/{number}.xml", {"api_key": key}).content
    )
    assert {part.tag: part.text for part in root[0]} == {
        name: None if value is None else str(value) for name, value in row.items()
    }


def test_a_closed_one_says_so_and_can_be_asked_for(
    report: Report, client: Client, key: str, actor: Callable[[str], Actor]
) -> None:
    first, second = report(), report()
    complaint = complaint_of(first)
    complaints.archive_complaint(complaint.pk, reason="spam", actor=actor("call_taker"))
    assert numbers(client, api_key=key, status="closed") == [first["service_request_id"]]
    assert numbers(client, api_key=key, status="open") == [second["service_request_id"]]
    assert len(numbers(client, api_key=key, status="open,closed")) == 2
    answer = client.get(f"{V2}/requests.json", {"status": "lost"})
    assert refused(answer)[0] == 400


def test_requests_are_found_by_number_and_by_service(
    report: Report, client: Client, key: str
) -> None:
    lamp, tree, waste = report(), report(service_code="pohon"), report(service_code="sampah")
    ids = [one["service_request_id"] for one in (lamp, tree, waste)]
    named = f"{ids[0]},{ids[2]}"
    assert set(numbers(client, api_key=key, service_request_id=named)) == {ids[0], ids[2]}
    # It overrides all else.
    assert numbers(client, api_key=key, service_request_id=ids[0], service_code="pohon") == [ids[0]]
    assert set(numbers(client, api_key=key, service_code="pohon,sampah")) == {ids[1], ids[2]}


def test_without_a_time_the_last_ninety_days_are_told(
    report: Report, client: Client, key: str, time: clock.Frozen
) -> None:
    old = report()["service_request_id"]
    time.forward(91 * DAY)
    new = report()["service_request_id"]
    assert numbers(client, api_key=key) == [new]
    asked = {"start_date": "2026-11-01T00:00:00+07:00", "end_date": "2026-11-03T00:00:00Z"}
    assert numbers(client, api_key=key, **asked) == [old]
    # A start alone: ninety days from there.
    assert numbers(client, api_key=key, start_date="2026-11-01T00:00:00Z") == [old]
    assert numbers(client, api_key=key, end_date="2026-11-03T00:00:00Z") == [old]
    for wrong in (
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-03T00:00:00Z"},
        {"start_date": "yesterday"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"updated_after": "1.5.2026"},
    ):
        assert refused(client.get(f"{V2}/requests.xml", wrong))[0] == 400, wrong


def test_pages_are_the_newest_first_and_a_thousand_at_most(
    report: Report, client: Client, key: str, time: clock.Frozen
) -> None:
    ids: list[str] = []
    for _n in range(5):
        ids.insert(0, report()["service_request_id"])
        time.forward(60)
    pages = [numbers(client, api_key=key, page=n, page_size=2) for n in (1, 2, 3, 4)]
    assert pages == [ids[:2], ids[2:4], ids[4:], []]
    for wrong in ({"page": 0}, {"page_size": 1001}, {"page": "x"}, {"page": 10**30}):
        assert refused(client.get(f"{V2}/requests.json", wrong))[0] == 400


def test_a_program_learns_what_changed_since_it_last_asked(
    report: Report,
    client: Client,
    key: str,
    time: clock.Frozen,
    actor: Callable[[str], Actor],
) -> None:
    old, other = report(), report()
    time.forward(100 * DAY)
    since = clock.now().isoformat()
    assert numbers(client, api_key=key, updated_after=since) == []
    time.forward(60)
    complaint = complaint_of(old)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    # However old it is; a note that only the desk reads is no change.
    complaints.add_note(complaint_of(other).pk, "Tanya Pak Lurah", actor=actor("call_taker"))
    assert numbers(client, api_key=key, updated_after=since) == [old["service_request_id"]]
    assert numbers(client, api_key=key, updated_before=since) == []
    before = (clock.now() - timedelta(days=99)).isoformat()
    asked = {"updated_after": "2026-11-01T00:00:00Z", "updated_before": before}
    assert numbers(client, api_key=key, **asked) == [other["service_request_id"]]


def test_requests_are_found_near_a_place(report: Report, client: Client, key: str) -> None:
    here = report()["service_request_id"]
    there = report(lat="-7.85", long="112.03")["service_request_id"]
    report(lat="", long="", address_string="di mana-mana")
    around = {"lat": "-7.8205", "long": "112.0205"}
    assert numbers(client, api_key=key, **around, radius=300) == [here]
    assert set(numbers(client, api_key=key, **around, radius=10_000)) == {here, there}
    assert refused(client.get(f"{V2}/requests.json", around))[0] == 400


def test_history_and_comments_tell_what_became_of_it(
    report: Report, client: Client, key: str, time: clock.Frozen, actor: Callable[[str], Actor]
) -> None:
    number = report(phone="081234567890", first_name="Sulastri")["service_request_id"]
    complaint, desk = Complaint.objects.get(number=number), actor("call_taker")
    time.forward(60)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=desk)
    referral = complaint.referrals.get()
    complaints.plan_referral(referral.pk, plan="Diperiksa besok", actor=desk)
    complaints.report_progress(referral.pk, note="Bu Sulastri sudah dihubungi", actor=desk)
    complaints.answer_referral(referral.pk, answer="Lampu sudah diganti", actor=desk)
    complaints.add_note(complaint.pk, "Hanya untuk kami", actor=desk)
    steps = read(client, f"requests/{number}/history", api_key=key)
    assert [step["status"] for step in steps] == ["open"] * len(steps)
    assert len(steps) == 4 and steps[0]["updated_datetime"] == "2026-11-02T08:00:00+07:00"
    said = [one["description"] for one in read(client, f"requests/{number}/comments", api_key=key)]
    # Nobody has checked the answer yet; and nobody is named.
    assert said == ["Diperiksa besok", "Bu ••• sudah dihubungi"]

    complaints.approve_answer(complaint.pk, actor=actor("supervisor"))
    told = {"api_key": key, "description": "Terima kasih"}
    added = client.post(f"{V2}/requests/{number}/comments.xml", told)
    assert added.status_code == 201
    root = ElementTree.fromstring(added.content)
    assert root.findtext("comment/author") == "reporter"
    (row,) = read(client, f"requests/{number}", api_key=key, extensions="true")
    assert row["status"] == "closed"
    assert [one["author"] for one in row["comments"]] == ["Dishub", "Dishub", "Dishub", "reporter"]
    assert row["service_request_updates"][-1]["status"] == "closed"
    assert complaint.token in row["extended_attributes"]["tracking_url"]
    assert refused(client.post(f"{V2}/requests/{number}/comments.json", {"api_key": key}))[0] == 400


def test_a_link_of_a_citizen_leads_to_the_number(report: Report, client: Client) -> None:
    complaint = complaint_of(report())
    told = {"token": complaint.token, "service_request_id": complaint.number}
    assert read(client, f"tokens/{complaint.token}") == [told]


# --- who reads what -------------------------------------------------------------------

TELLTALE = ("Sulastri", "81234567890", "1234567890", "mail.example", "Dhoho", "rahasia sekali")
TOLD = {
    "description": "rahasia sekali, hubungi Sulastri 0812-3456-7890 atau sulastri@mail.example",
    "address_string": "Jl. Dhoho 12",
    "first_name": "Sulastri",
    "email": "sulastri@mail.example",
    "phone": "081234567890",
}


def everything(client: Client, number: str, token: str, key: str = "") -> str:
    """All that anybody, or a program, is told of one report."""
    own = {"api_key": key} if key else {}
    paths = ["requests", f"requests/{number}", f"requests/{number}/history"]
    paths += [f"requests/{number}/comments", f"tokens/{token}"]
    asked: list[dict[str, Any]] = [{}, {"extensions": "true"}, {"service_request_id": number}]
    asked += [{"lat": -7.82, "long": 112.02, "radius": 50_000}]
    asked += [{"updated_after": "2026-11-01T00:00:00Z"}]
    return "\n".join(
        client.get(f"{V2}/{path}.{form}", more | own).content.decode()
        for path in paths
        for form in FORMS
        for more in asked
    )


def test_the_public_reads_nothing_unless_the_city_wants_it(report: Report, client: Client) -> None:
    told = report()
    assert numbers(client) == []
    publish("summary")
    (row,) = read(client, "requests")
    assert row["service_request_id"] == told["service_request_id"]
    # Roughly where, and no word of it.
    assert (row["lat"], row["long"], row["description"]) == (-7.82, 112.02, None)


def test_words_are_read_once_somebody_has_released_them(
    report: Report, client: Client, actor: Callable[[str], Actor]
) -> None:
    complaint = complaint_of(report())
    publish("full")
    (row,) = read(client, "requests")
    assert (row["lat"], row["description"]) == (-7.82, None)
    complaints.release_text(complaint.pk, "Lampu mati di gang", actor=actor("call_taker"))
    (row,) = read(client, "requests")
    assert (row["lat"], row["description"]) == (-7.8201, "Lampu mati di gang")
    publish("summary")
    (row,) = read(client, "requests")
    assert row["description"] is None


@pytest.mark.parametrize("how", ["never", "summary", "full"])
@pytest.mark.parametrize("flags", [{}, {"anonymous": "true"}, {"secret": "true"}])
def test_nobody_reads_who_reported_or_their_words(
    report: Report,
    client: Client,
    key: str,
    actor: Callable[[str], Actor],
    how: str,
    flags: dict[str, str],
) -> None:
    complaint = complaint_of(report(**TOLD, **flags))
    assert complaint.secret == ("secret" in flags) and complaint.anonymous == ("anonymous" in flags)
    publish(how)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    public = everything(client, complaint.number, complaint.token)
    other = new_key("lain", rate=10_000, actor=SETUP)
    stranger = everything(client, complaint.number, complaint.token, other)
    assert [word for word in TELLTALE if word.lower() in (public + stranger).lower()] == []
    own = everything(client, complaint.number, complaint.token, key)
    never = [word for word in TELLTALE if word not in ("Dhoho", "rahasia sekali")]
    assert [word for word in never if word.lower() in own.lower()] == []
    assert "rahasia sekali" in own


def test_a_secret_report_is_read_by_the_program_that_sent_it_alone(
    report: Report, client: Client, key: str, actor: Callable[[str], Actor]
) -> None:
    publish("full")
    number = report(secret="true")["service_request_id"]
    open_one = report()["service_request_id"]
    other = new_key("lain", rate=10_000, actor=SETUP)
    assert numbers(client) == numbers(client, api_key=other) == [open_one]
    assert numbers(client, service_request_id=number) == []
    for path in (f"requests/{number}", f"requests/{number}/history", f"requests/{number}/comments"):
        for who in ({}, {"api_key": other}):
            assert refused(client.get(f"{V2}/{path}.json", who))[0] == 404
        assert read(client, path, api_key=key) is not None
    told = {"api_key": other, "description": "Saya tahu"}
    for one in (number, open_one):
        assert refused(client.post(f"{V2}/requests/{one}/comments.json", told))[0] == 404


def test_what_was_put_away_or_is_an_emergency_is_not_public(
    report: Report, client: Client, actor: Callable[[str], Actor]
) -> None:
    publish("full")
    complaint = complaint_of(report())
    assert len(numbers(client)) == 1
    complaints.archive_complaint(complaint.pk, reason="spam", actor=actor("call_taker"))
    assert numbers(client) == []


# --- strange input --------------------------------------------------------------------

STRANGE = [
    "<script>alert(1)</script> & ]]> \"'",
    '=HYPERLINK("http://x";"y")',
    "lampu\x00 mati\x08 \x1b[31m \ufffe",
    "العربية \u202e terbalik",
    "mati 💡🚧 👨‍👩‍👧",
]


@pytest.mark.parametrize("words", STRANGE)
def test_strange_words_come_back_as_words(
    report: Report, client: Client, key: str, words: str
) -> None:
    number = report(description=words)["service_request_id"]
    (row,) = read(client, f"requests/{number}", api_key=key)
    answer = client.get(f"{V2}/requests/{number}.xml", {"api_key": key})
    said = ElementTree.fromstring(answer.content).findtext("request/description")
    assert said == row["description"]
    assert row["description"] == "".join(c for c in words if c.isprintable()).strip()


def test_a_report_without_a_letter_is_about_its_category(
    report: Report, client: Client, key: str
) -> None:
    complaint = complaint_of(report(description="\x00\u200b \ue000"))
    assert complaint.body and complaint.body.body == "Penerangan jalan"
    told = {"api_key": key, "description": "\x00\u200b", **PLACE}
    assert refused(client.post(f"{V2}/requests.json", told))[0] == 400


ANY = st.text(max_size=20) | st.sampled_from(
    ["-7.82", "nan", "1e400", "2026-11-02T00:00:00Z", "ä,b"]
)
NAMES = [
    *("service_code", "lat", "long", "radius", "status", "start_date", "end_date", "page"),
    *("page_size", "updated_after", "updated_before", "extensions", "service_request_id"),
    *("description", "address_string", "address_id", "phone", "email", "first_name", "media_url"),
    *("attribute[condition]", "attribute[asset]", "idempotency_key", "jurisdiction_id", "secret"),
]
PATHS = ["services", "services/pju", "requests", "requests/{}", "requests/{}/history"]
PATHS += ["requests/{}/comments", "tokens/{}", "discovery"]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_garbage_makes_a_fault_of_ours(client: Client, key: str, data: st.DataObject) -> None:
    pace._counted.storage.reset()
    path = data.draw(st.sampled_from(PATHS)).format(data.draw(st.sampled_from(["x", "%00", "a b"])))
    asked = data.draw(st.dictionaries(st.sampled_from(NAMES), ANY, max_size=6))
    if data.draw(st.booleans()):
        asked["api_key"] = key
    body = urlencode(asked, errors="replace")
    for form in FORMS:
        where = f"{V2}/{path}.{form}"
        read_, sent = (
            client.get(f"{where}?{body}"),
            client.generic("POST", where, body, "application/x-www-form-urlencoded"),
        )
        for answer in (read_, sent):
            assert answer.status_code < 500, (where, asked)
            if answer.status_code >= 400:
                refused(answer)
            elif form == "xml":
                ElementTree.fromstring(answer.content)
            else:
                json.loads(answer.content)


def test_numbers_of_phones_are_kept_for_the_desk(report: Report) -> None:
    complaint = complaint_of(report(**TOLD))
    assert Contact.objects.get().number == "+6281234567890"
    assert complaint.reporter_name
    assert complaint.reporter_name.body == "Sulastri <sulastri@mail.example>"
    assert Agency.objects.filter(code="dishub").exists()
