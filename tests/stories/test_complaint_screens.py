"""What the desk and the agencies see of complaints, and do about them on their screens."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from sigap.complaints import actions as complaints
from sigap.complaints.files import checked
from sigap.complaints.models import AnswerTemplate, Category, Complaint, Referral
from sigap.complaints.queries import calendar
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.core.models import Journal, User
from sigap.fleet.models import Agency

SETUP, WEB = system("setup"), system("web")
Who = Callable[[str], Actor]
Browse = Callable[[str | None], Client]


@pytest.fixture
def officer(db: None) -> User:
    """Somebody of the agency that keeps the street lights."""
    person = {"name": "Petugas PJU", "password": "kata sandi uji coba", "roles": ["agency"]}
    return create_user("pju1", actor=SETUP, agency="dishub", must_change_password=False, **person)


@pytest.fixture
def head(db: None) -> User:
    """The head of that agency."""
    person = {"name": "Kepala Dishub", "password": "kata sandi uji coba", "roles": ["agency_head"]}
    return create_user("kadis", actor=SETUP, agency="dishub", must_change_password=False, **person)


def filed(**more: Any) -> Complaint:
    """A report about a street light that nobody has sorted."""
    told = {
        "channel": "web",
        "body": "Tiang miring dekat pasar",
        "number": "081234567890",
        "name": "Bu Sri Wahyuni",
    }
    return complaints.file_complaint(actor=WEB, **(told | more))


def sent(actor: Who, **more: Any) -> Referral:
    """One that the agency has."""
    complaint = filed(category="pju", **more)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    return Referral.objects.get(complaint=complaint)


def photo() -> io.BytesIO:
    """A picture as a phone takes it."""
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "green").save(file, "JPEG")
    file.seek(0)
    file.name = "lampu.jpg"
    return file


# --- the desk -------------------------------------------------------------------------


def test_the_desk_sorts_with_one_press_and_sends(browser_of: Browse) -> None:
    desk = browser_of("call_taker")
    complaint = filed(guesses=[("pju", 0.62), ("pohon", 0.2)], guessed_by="rules")
    complaint.refresh_from_db()
    page = desk.get(f"/complaints/{complaint.pk}").content.decode()
    assert 'data-key="1"' in page and "62 %" in page
    answer = desk.post(
        f"/complaints/{complaint.pk}/sort", {"category": "pju", "version": complaint.version}
    )
    assert answer.status_code == 302
    complaint.refresh_from_db()
    desk.post(
        f"/complaints/{complaint.pk}/dispose", {"agency": "dishub", "version": complaint.version}
    )
    complaint.refresh_from_db()
    assert complaint.state == "disposed"
    assert complaint.number in desk.get("/complaints?tab=agency").content.decode()


def test_the_last_day_and_the_working_days_left_are_shown(browser_of: Browse) -> None:
    complaint = filed()
    day = calendar().last_day(complaint.due_at)  # type: ignore[arg-type]
    desk = browser_of("call_taker")
    for path in ("/complaints", f"/complaints/{complaint.pk}"):
        page = desk.get(path).content.decode()
        assert f"{day.day} " in page and "3 hari kerja lagi" in page


def test_what_is_late_says_by_how_many_working_days(browser_of: Browse, time: clock.Frozen) -> None:
    filed()
    time.forward(20 * 24 * 3600)
    answer = browser_of("call_taker").get("/complaints?tab=late")
    page = answer.content.decode()
    assert re.search(r"terlambat \d\d hari kerja", page)


def test_a_place_that_the_words_name_is_offered_and_taken_with_one_press(
    browser_of: Browse,
) -> None:
    desk = browser_of("call_taker")
    complaint = filed(body="Lampu mati di kelurahan Bandar Lor, depan warung")
    path = f"/complaints/{complaint.pk}"
    assert complaint.area is None
    assert 'name="area" value="35.71.01.1001"' in desk.get(path).content.decode()
    assert desk.post(f"{path}/place", {"area": "35.71.01.1001"}).status_code == 302
    complaint.refresh_from_db()
    assert complaint.area and complaint.area.name == "Bandar Lor"
    assert 'name="area" value="35.71.01.1001"' not in desk.get(path).content.decode()


def test_a_place_is_corrected_and_the_citizens_own_point_stays(browser_of: Browse) -> None:
    complaint = filed(lat=-7.8185, lng=112.0155, location_source="phone")
    told = {"area": "35.71.01.1001", "address": "Gang 3 nomor 7", "asset": "PJU-0123"}
    desk = browser_of("call_taker")
    assert desk.post(f"/complaints/{complaint.pk}/place", told).status_code == 302
    complaint.refresh_from_db()
    assert (complaint.lat, complaint.lng, complaint.asset) == (-7.8185, 112.0155, "PJU-0123")
    assert complaint.area and complaint.area.name == "Bandar Lor"
    assert complaint.address and complaint.address.body == "Gang 3 nomor 7"
    wrong = desk.post(f"/complaints/{complaint.pk}/place", told | {"asset": "9" * 33})
    assert wrong.status_code == 400 and "9" * 33 in wrong.content.decode()


def test_who_saw_it_first_wins_and_the_other_is_told(browser_of: Browse) -> None:
    complaint = filed()
    old = complaint.version
    browser_of("supervisor").post(f"/complaints/{complaint.pk}/sort", {"category": "pju"})
    answer = browser_of("call_taker").post(
        f"/complaints/{complaint.pk}/archive", {"reason": "test", "version": old}
    )
    assert answer.status_code == 409
    complaint.refresh_from_db()
    assert complaint.state == "filed"


def test_what_was_typed_is_there_after_a_refusal(browser_of: Browse, actor: Who) -> None:
    referral = sent(actor)
    complaint = referral.complaint_id
    answer = browser_of("call_taker").post(
        f"/complaints/{complaint}/hold", {"reason": "no such reason", "text": "Nomor tiang berapa?"}
    )
    assert answer.status_code == 400 and "Nomor tiang berapa?" in answer.content.decode()


def test_several_are_done_at_once_and_the_others_say_why(browser_of: Browse) -> None:
    desk = browser_of("call_taker")
    ready = [filed(category="pju") for _ in range(3)]
    unsorted = filed(body="Entah apa ini")
    assert unsorted.category is None
    ids = [complaint.pk for complaint in (*ready, unsorted)]
    desk.post("/complaints/bulk", {"ids": ids, "command": "dispose", "back": "/complaints?tab=new"})
    page = desk.get("/complaints").content.decode()
    assert "3 selesai" in page or "3 done" in page
    assert Complaint.objects.filter(state="disposed").count() == 3
    unsorted.refresh_from_db()
    assert unsorted.state == "filed"


def test_a_list_leads_nowhere_outside(browser_of: Browse) -> None:
    answer = browser_of("call_taker").post(
        "/complaints/bulk",
        {"ids": [filed(category="pju").pk], "command": "dispose", "back": "//elsewhere.example"},
    )
    assert answer["Location"] == "/complaints"


def test_a_number_leads_to_its_complaint_and_a_telephone_to_all_of_its_own(
    browser_of: Browse,
) -> None:
    desk = browser_of("call_taker")
    one, two = filed(), filed(body="Lampu padam lagi")
    found = desk.get(f"/complaints?word={one.number.lower().replace('-', '')}")
    assert found["Location"] == f"/complaints/{one.pk}"
    page = desk.get("/complaints?word=0812-3456-7890").content.decode()
    assert one.number in page and two.number in page


def test_a_complaint_becomes_an_incident_without_typing_again(browser_of: Browse) -> None:
    complaint = filed(body="Rumah terbakar di gang dua", address="Jl. Dhoho 12")
    answer = browser_of("supervisor").post(
        f"/complaints/{complaint.pk}/promote", {"type": "kecelakaan_lalin"}
    )
    complaint.refresh_from_db()
    assert complaint.incident is not None
    assert answer["Location"] == f"/incidents/{complaint.incident.pk}"
    told = complaint.incident.chronology
    assert complaint.state == "promoted" and told and told.body.startswith("Rumah terbakar")


def test_a_call_for_information_becomes_a_complaint_without_typing_again(
    browser_of: Browse, answered: Callable[..., Any], actor: Who
) -> None:
    from sigap.calls.actions import close_call

    call = answered()
    close_call(call.pk, "complaint", note="Lampu jalan mati di Banjaran", actor=actor("call_taker"))
    desk = browser_of("call_taker")
    page = desk.get(f"/complaints/new?call={call.pk}").content.decode()
    assert "Lampu jalan mati di Banjaran" in page
    sends = {"call": call.pk, "body": "Lampu jalan mati di Banjaran"}
    first, again = desk.post("/complaints/new", sends), desk.post("/complaints/new", sends)
    assert first["Location"] == again["Location"]
    [complaint] = Complaint.objects.all()
    assert (complaint.channel, complaint.origin) == ("call", f"call:{call.pk}")


# --- the agency -----------------------------------------------------------------------


def test_an_agency_plans_reports_and_answers_with_photos(
    browser_of: Browse, officer: User, actor: Who
) -> None:
    referral = sent(actor)
    pju = browser_of("pju1")
    base = f"/agency/complaints/{referral.pk}"
    assert referral.complaint.number in pju.get("/agency/complaints").content.decode()
    pju.post(f"{base}/accept")
    pju.post(f"{base}/plan", {"text": "Ganti lampu", "planned_for": "2026-11-05"})
    pju.post(f"{base}/progress", {"text": "Tiang diperiksa", "role": "before", "photo": photo()})
    done = pju.post(f"{base}/answer", {"text": "Lampu menyala", "photo": photo()})
    assert done.status_code == 302
    complaint = Complaint.objects.get(pk=referral.complaint_id)
    roles = set(complaint.attachments.values_list("role", flat=True))
    assert (complaint.state, roles) == ("answered", {"before", "after"})
    page = pju.get(base).content.decode()
    file = complaint.attachments.first()
    assert file is not None and f"{base}/files/{file.pk}" in page
    assert pju.get(f"{base}/files/{file.pk}")["Content-Type"] == "image/jpeg"


def test_a_wrong_file_is_told_and_nothing_is_half_done(
    browser_of: Browse, officer: User, actor: Who
) -> None:
    referral = sent(actor)
    bad = io.BytesIO(b"<html><script>alert(1)</script></html>")
    bad.name = "lampu.jpg"
    answer = browser_of("pju1").post(
        f"/agency/complaints/{referral.pk}/answer", {"text": "Lampu menyala", "photo": bad}
    )
    assert answer.status_code == 400 and "Lampu menyala" in answer.content.decode()
    referral.refresh_from_db()
    assert referral.state == "sent"


def test_another_agency_finds_nothing(browser_of: Browse, actor: Who) -> None:
    referral = sent(actor)
    other = browser_of("agency")
    assert other.get(f"/agency/complaints/{referral.pk}").status_code == 404
    assert other.post(f"/agency/complaints/{referral.pk}/accept").status_code == 404
    assert referral.complaint.number not in other.get("/agency/complaints").content.decode()


def test_an_agency_that_has_it_no_more_reads_nothing_new_and_not_who_reported(
    browser_of: Browse, officer: User, actor: Who
) -> None:
    referral, pju = sent(actor), browser_of("pju1")
    file = checked(photo().getvalue())
    kept = complaints.attach_file(referral.complaint_id, file, complaints.store(file), actor=WEB)
    address = f"/agency/complaints/{referral.pk}"
    assert "Wahyuni" in pju.get(address).content.decode()
    assert pju.get(f"{address}/files/{kept.pk}").status_code == 200
    complaints.recall_referral(referral.pk, actor=actor("call_taker"))
    complaints.add_words(referral.complaint_id, "Rumah saya nomor 7, cat biru", actor=WEB)
    page = pju.get(address).content.decode()
    for leak in ("Wahyuni", "3456", "cat biru"):
        assert leak not in page, leak
    assert pju.get(f"{address}/files/{kept.pk}").status_code == 404


def test_an_agency_never_learns_who_reported_anonymously(
    browser_of: Browse, officer: User, actor: Who
) -> None:
    referral = sent(actor, anonymous=True)
    pju = browser_of("pju1")
    pages = [
        pju.get(address).content.decode()
        for address in (
            "/agency/complaints",
            "/agency/complaints/map",
            f"/agency/complaints/{referral.pk}",
        )
    ]
    for leak in ("Wahyuni", "3456", "7890"):
        assert not any(leak in page for page in pages), leak
    desk = browser_of("call_taker").get(f"/complaints/{referral.complaint_id}").content.decode()
    assert "Wahyuni" in desk


def test_notes_of_the_desk_stay_at_the_desk(browser_of: Browse, officer: User, actor: Who) -> None:
    referral = sent(actor)
    complaints.add_note(referral.complaint_id, "pelapor sering marah", actor=actor("call_taker"))
    page = browser_of("pju1").get(f"/agency/complaints/{referral.pk}").content.decode()
    assert "sering marah" not in page


def test_who_looked_is_recorded_once(browser_of: Browse, officer: User, actor: Who) -> None:
    referral = sent(actor)
    pju = browser_of("pju1")
    for _ in range(3):
        pju.get(f"/agency/complaints/{referral.pk}")
    assert Journal.objects.filter(kind="person.opened", actor=f"user:{officer.pk}").count() == 1


def test_many_are_planned_at_once(browser_of: Browse, officer: User, actor: Who) -> None:
    referrals = [sent(actor) for _ in range(3)]
    browser_of("pju1").post(
        "/agency/complaints/bulk",
        {"ids": [r.pk for r in referrals], "command": "plan", "text": "Patroli PJU Selasa"},
    )
    assert Referral.objects.filter(state="planned").count() == 3


def test_templates_of_the_own_agency_are_offered(
    browser_of: Browse, officer: User, actor: Who
) -> None:
    for name, agency in (("Lampu diganti", "dishub"), ("Air menyala", "pdam")):
        define(
            AnswerTemplate,
            key={"name": name},
            actor=SETUP,
            body=f"{name}.",
            agency=Agency.objects.get(code=agency),
        )
    referral = sent(actor)
    page = browser_of("pju1").get(f"/agency/complaints/{referral.pk}").content.decode()
    assert "Lampu diganti" in page and "Air menyala" not in page


def test_the_head_says_who_looks_after_what(
    browser_of: Browse, officer: User, head: User, actor: Who
) -> None:
    referral = sent(actor)
    told = {"officer": officer.pk}
    assert (
        browser_of("pju1").post(f"/agency/complaints/{referral.pk}/assign", told).status_code == 403
    )
    browser_of("kadis").post(f"/agency/complaints/{referral.pk}/assign", told)
    referral.refresh_from_db()
    assert referral.officer_id == officer.pk
    page = browser_of("kadis").get("/agency/complaints").content.decode()
    assert "Petugas PJU" in page


def test_words_of_a_citizen_are_no_html(browser_of: Browse, actor: Who) -> None:
    complaint = filed(body='<script>alert("x")</script> =1+1 \u202elampu\U0001f4a1')
    page = browser_of("call_taker").get(f"/complaints/{complaint.pk}").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_a_file_of_another_complaint_is_not_there(browser_of: Browse, actor: Who) -> None:
    one, two = filed(), filed(body="Lampu lain")
    file = checked(photo().getvalue())
    kept = complaints.attach_file(one.pk, file, complaints.store(file), actor=WEB)
    desk = browser_of("call_taker")
    assert desk.get(f"/complaints/{one.pk}/files/{kept.pk}").status_code == 200
    assert desk.get(f"/complaints/{two.pk}/files/{kept.pk}").status_code == 404


def test_every_list_opens_and_an_unknown_one_is_told(browser_of: Browse) -> None:
    from sigap.complaints import lists

    filed(category="pju")
    desk = browser_of("call_taker")
    for tab in lists.TABS:
        assert desk.get(f"/complaints?tab={tab}&category=pju&agency=dishub").status_code == 200
    assert desk.get("/complaints?tab=nothing").status_code == 404
    assert desk.get("/complaints?after=never").status_code == 400
    assert Category.objects.filter(code="pju").exists()


def test_what_is_about_the_same_is_shown_with_its_reasons_and_attached_by_a_press(
    browser_of: Browse,
) -> None:
    here = {"lat": -7.8185, "lng": 112.0155, "location_source": "pin", "asset": "KDR-7"}
    one = filed(body="Lampu jalan mati di depan mushola", category="pju", **here)
    two = filed(
        body="Lampu depan mushola mati total", category="pju", number="081200000002", **here
    )
    desk = browser_of("call_taker")
    page = desk.get(f"/complaints/{two.pk}").content.decode()
    assert one.number in page and "+5" in page
    desk.post(f"/complaints/{two.pk}/attach", {"other": one.number})
    two.refresh_from_db()
    assert (two.state, two.attached_to_id) == ("attached", one.pk)
    assert two.number in desk.get(f"/complaints/{one.pk}").content.decode()
    desk.post(f"/complaints/{two.pk}/detach")
    two.refresh_from_db()
    assert two.state == "filed"
    assert one.number not in desk.get(f"/complaints/{two.pk}").content.decode(), "kept apart now"


# --- legal holds ----------------------------------------------------------------------


def test_a_complaint_is_held_for_a_court_and_erased_only_after_that(browser_of: Browse) -> None:
    complaint = filed()
    boss = browser_of("supervisor")
    held = {"what": "complaint", "number": complaint.number.lower(), "reason": "court"}
    assert boss.post("/holds/add", held).status_code == 302
    complaint.refresh_from_db()
    assert complaint.legal_hold == "court" and complaint.number in boss.get("/holds").text
    assert boss.post("/holds/add", held | {"number": "NONE-0000"}).status_code == 404
    assert boss.post("/holds/lift", held).status_code == 302
    complaint.refresh_from_db()
    assert not complaint.legal_hold
