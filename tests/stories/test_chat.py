"""The conversation on WhatsApp, from hello to the tracking number and after."""

from collections.abc import Callable
from typing import Any

import pytest

from sigap.complaints.chat.actions import mind_drafts
from sigap.complaints.chat.machine import CHAT
from sigap.complaints.chat.models import ChatMessage, Conversation
from sigap.complaints.chat.script import ON, QUESTIONS, SCRIPT
from sigap.complaints.chat.texts import BUTTONS, TEXTS
from sigap.complaints.models import Category, Complaint
from sigap.complaints.sorting import forget
from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.core.models import Inbox, Journal
from sigap.gateways.whatsapp.sender import as_message

from .chatting import Citizen, bring, news
from .proofs import proves

TIMER = system("timer")
HERE = (-7.8185, 112.0155)
SEA = (-8.5, 112.0)
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def lists(db: None) -> None:
    """The city's lists are read anew."""
    forget()


@pytest.fixture(autouse=True)
def reader(db: None) -> None:
    """The news have been read up to now."""
    news()


# --- to a filed report -----------------------------------------------------------------


def test_four_turns_lead_to_a_number_and_a_link(siti: Citizen) -> None:
    [first] = siti.says("Lampu jalan mati di gang saya sudah seminggu")
    assert "UU 27/2022" in first["text"] and "tentang apa" in first["text"]
    assert [title for _id, title in first["choices"]] == ["Penerangan jalan", "Lainnya"]
    [where] = siti.taps("Penerangan")
    assert where["ask_place"] and "UU" not in where["text"]
    [right] = siti.sends_place(*HERE)
    assert "Lampu jalan mati" in right["text"] and "Penerangan jalan" in right["text"]
    [filed] = siti.taps("✅")
    report = siti.report
    assert report.number in filed["text"] and f"/lacak/{report.token}" in filed["text"]
    assert (report.channel, report.state) == ("whatsapp", "filed")
    assert report.category == Category.objects.get(code="pju")
    assert report.guesses[0][0] == "pju" and report.guessed_by == "rules"
    assert report.lat == HERE[0] and report.location_source == "pin" and report.area
    assert report.reporter and report.reporter.number == "+6281233451190"
    assert report.reporter_name and report.reporter_name.body == "Siti Aminah"
    assert siti.chat.state == "idle" and not siti.chat.has_draft


def test_the_longest_way_takes_seven_turns(siti: Citizen) -> None:
    siti.says("halo")
    siti.says("wit gede arep ambruk")
    siti.taps("Pohon")
    [areas] = siti.says("cedhak warunge mbok Yem sing ijo")
    assert "kelurahan" in areas["text"] and len(areas["choices"]) <= 10
    [some] = siti.taps(areas["choices"][0][1])
    assert len(some["choices"]) <= 10
    siti.taps(some["choices"][0][1])
    [filed] = siti.says("nggih")
    assert siti.report.number in filed["text"]
    assert siti.chat.messages.filter(incoming=True).count() == 7
    assert siti.report.area and siti.report.area.name == some["choices"][0][1]
    assert siti.report.address and "mbok Yem" in siti.report.address.body


def test_however_strange_the_answers_the_eighth_turn_has_a_number(siti: Citizen) -> None:
    for said in ("halo", "ada masalah", "entah", "pokoknya situ", "situ lho", "hmm situ", "ya"):
        siti.says(said)
    assert Complaint.objects.count() == 1


def test_informal_words_and_javanese_are_understood(siti: Citizen) -> None:
    siti.says("lmp jln pejah pak, peteng ndedet")
    assert siti.offered()[0][1] == "Penerangan jalan"
    siti.says("njih leres")
    siti.sends_place(*HERE)
    siti.says("inggih")
    assert siti.report.category and siti.report.category.code == "pju"


@pytest.mark.parametrize("no", ["mboten", "ora", "gak", "bukan", "no"])
def test_a_no_to_the_summary_starts_the_report_anew(siti: Citizen, no: str) -> None:
    siti.says("Sampah menumpuk di pasar")
    siti.taps("Sampah")
    siti.sends_place(*HERE)
    [again] = siti.says(no)
    assert "tulis ulang" in again["text"]
    assert siti.chat.state == "telling" and not siti.chat.has_draft
    assert Complaint.objects.count() == 0


def test_english_is_answered_in_english(siti: Citizen) -> None:
    [first] = siti.says("The street light near my house is broken")
    assert "Where is it?" in first["text"]
    [back] = siti.says("bahasa Indonesia")
    assert "bahasa Indonesia" in back["text"] and siti.chat.language == "id"


def test_a_place_in_the_words_is_offered_and_not_imposed(siti: Citizen) -> None:
    siti.says("Lampu jalan mati di kelurahan Campurejo")
    [where] = siti.taps("Penerangan")
    assert "Campurejo" in where["text"]
    assert siti.chat.area is None
    [right] = siti.taps("Campurejo")
    assert "Campurejo" in right["text"]
    siti.taps("✅")
    assert siti.report.area and siti.report.area.name == "Campurejo"


def test_another_place_than_the_one_in_the_words(siti: Citizen) -> None:
    siti.says("Lampu jalan mati, saya warga kelurahan Campurejo")
    siti.taps("Penerangan")
    [where] = siti.taps("Lokasi lain")
    assert where["ask_place"]
    siti.says("dekat Stasiun Kediri")
    siti.says("ya")
    assert siti.report.landmark and "Stasiun" in siti.report.landmark.name


def test_what_nobody_can_guess_a_person_sorts(siti: Citizen) -> None:
    [where] = siti.says("mohon ditindaklanjuti segera")
    assert where["ask_place"]
    siti.sends_place(*HERE)
    siti.says("ok")
    assert siti.report.category is None


def test_a_photo_first_and_then_words(siti: Citizen) -> None:
    [what] = siti.sends_photo()
    assert "tulis singkat" in what["text"]
    assert siti.sends_photo() == []
    siti.says("jalan berlubang besar")
    siti.sends_place(*HERE)
    siti.says("lanjut") if siti.chat.state == "sorting" else None
    siti.says("ya")
    files = ChatMessage.objects.filter(complaint=siti.report).exclude(file_state="")
    assert files.count() == 2


def test_a_place_in_the_sea_or_another_city_is_asked_again(siti: Citizen) -> None:
    siti.says("Lampu jalan mati")
    siti.taps("Penerangan")
    [again] = siti.sends_place(*SEA)
    assert "di luar wilayah Kota Kediri" in again["text"] and siti.chat.state == "placing"
    [again] = siti.sends_place(-7.2575, 112.7521)  # Surabaya
    assert "di luar wilayah" in again["text"]
    siti.sends_place(*HERE)
    assert siti.chat.state == "confirming"


def test_cancelled_at_any_time(siti: Citizen) -> None:
    siti.says("Lampu jalan mati")
    [bye] = siti.says("gak jadi")
    assert "dibatalkan" in bye["text"] and siti.chat.state == "idle" and not siti.chat.has_draft
    [nothing] = siti.says("batal")
    assert "Tidak ada laporan" in nothing["text"]


def test_status_and_help_leave_the_question_open(siti: Citizen) -> None:
    siti.says("Lampu jalan mati")
    [none] = siti.says("status")
    assert "Belum ada laporan" in none["text"]
    [help_] = siti.says("bantuan")
    assert "BATAL" in help_["text"] and siti.chat.state == "sorting"
    siti.taps("Penerangan")
    siti.sends_place(*HERE)
    siti.taps("✅")
    [status] = siti.says("cek laporan")
    assert siti.report.number in status["text"] and "diterima" in status["text"]


def test_a_button_of_before_says_that_it_is_over(siti: Citizen) -> None:
    siti.says("Lampu jalan mati")
    old = siti.offered()[0][0]
    siti.says("batal")
    [stale] = siti.taps_id(old)
    assert "tidak berlaku" in stale["text"] and Complaint.objects.count() == 0


# --- words that were not meant for us --------------------------------------------------


def test_abuse_is_answered_politely_and_marked(siti: Citizen) -> None:
    [answer] = siti.says("goblok kabeh")
    assert "Ceritakan masalahnya" in answer["text"]
    assert siti.chat.mark == "abuse" and siti.chat.messages.filter(incoming=True).count() == 1
    [which] = siti.says("lampu jalan mati terus di gang saya jancok tolong diperbaiki")
    assert "tentang apa" in which["text"]


def test_spam_is_answered_once_and_kept(siti: Citizen) -> None:
    assert len(siti.says("Daftar slot gacor klik link ini")) == 1
    assert siti.says("slot gacor lagi hari ini") == []
    assert siti.chat.mark == "spam" and siti.chat.messages.filter(incoming=True).count() == 2


def test_a_child_is_marked_and_told_to_bring_a_grown_up(siti: Citizen) -> None:
    [answer] = siti.says("aku kelas 3 sd, ayunan di taman rusak")
    assert "orang tua" in answer["text"] and siti.chat.mark == "child"


def test_signs_html_formulas_and_right_to_left_are_kept_as_they_are(siti: Citizen) -> None:
    odd = "<script>alert(1)</script> =1+1 {nama} %s שלום مرحبا 🌊🌊 lampu jalan mati"
    siti.says(odd)
    siti.taps("Penerangan")
    siti.sends_place(*HERE)
    [filed] = siti.taps("✅")
    assert siti.report.body and siti.report.body.body == odd
    assert siti.report.number in filed["text"]


def test_kinds_that_nobody_knows_are_kept_and_answered(siti: Citizen) -> None:
    [answer] = siti.sends("hologram", {"x": 1})
    assert "belum dapat kami baca" in answer["text"]
    assert siti.sends("reaction", {"message_id": "wamid.x", "emoji": "👍"}) == []
    assert siti.sends("sticker", {"id": "s1", "mime_type": "image/webp", "sha256": ""}) == []
    siti.sends("contacts", [{"name": {"formatted_name": "X"}}])
    assert siti.chat.messages.filter(incoming=True).count() == 4
    assert Inbox.objects.exclude(error="").count() == 0


def test_the_longest_message_is_kept_whole(siti: Citizen) -> None:
    siti.says("lampu jalan mati " * 250)
    message = siti.chat.messages.get(incoming=True)
    assert message.text and len(message.text.body) >= 4096 - 10


# --- repeats, disorder, other numbers --------------------------------------------------


def test_a_message_that_comes_twice_counts_once(siti: Citizen) -> None:
    body = siti.letter("text", {"body": "Lampu jalan mati"})
    bring(body)
    bring(body)
    Inbox.objects.all().delete()
    bring(body)
    assert siti.chat.messages.filter(incoming=True).count() == 1
    assert siti.chat.messages.filter(incoming=False).count() == 1


def test_answers_that_overtake_their_question_do_no_harm(siti: Citizen) -> None:
    siti.taps_id("1:category:pju")
    siti.says("Lampu jalan mati")
    siti.sends_place(*HERE)
    siti.taps("Penerangan") if siti.chat.state == "sorting" else None
    siti.says("ya")
    assert Complaint.objects.count() <= 1


def test_a_new_number_goes_on_where_the_old_one_was(siti: Citizen) -> None:
    siti.says("Lampu jalan mati")
    siti.taps("Penerangan")
    old = siti.chat
    system_part = {
        "type": "user_changed_number",
        "wa_id": "6285700000001",
        "user_id": "ID.baru",
        "previous_user_id": siti.user_id,
    }
    siti.sends("system", system_part)
    siti.user_id, siti.number = "ID.baru", "6285700000001"
    assert siti.chat == old
    siti.sends_place(*HERE)
    siti.says("ya")
    assert siti.report.reporter and siti.report.reporter.number == "+6285700000001"
    assert Conversation.objects.count() == 1


def test_who_wrote_from_the_new_number_first_becomes_one_again(siti: Citizen) -> None:
    report = siti.files_a_report()
    new = Citizen("6285700000001")
    new.says("halo")
    part = {"type": "user_changed_number", "wa_id": new.number, "user_id": new.user_id}
    siti.sends("system", part | {"previous_user_id": siti.user_id})
    assert "diterima" in new.says("status")[0]["text"]
    assert new.report == report


def test_what_was_begun_on_the_old_number_goes_on_on_the_new_one(
    siti: Citizen, time: clock.Frozen
) -> None:
    siti.says("Lampu jalan mati")
    siti.sends_photo()
    new = Citizen("6285700000001")
    for words in ("halo", "batal", "halo", "batal"):
        new.says(words)
    part = {"type": "user_changed_number", "wa_id": new.number, "user_id": new.user_id}
    siti.sends("system", part | {"previous_user_id": siti.user_id})
    [asked] = new.heard_after(lambda: mind_drafts(actor=TIMER))
    assert "belum selesai" in asked["text"]
    new.says("halo")
    new.says("ya")
    assert new.chat.has_draft and new.chat.state != "idle"
    new.says("Lampu jalan mati")
    new.taps("Penerangan")
    new.sends_place(*HERE)
    new.taps("✅")
    assert new.report.chat_messages.exclude(file_state="").count() == 1


def test_somebody_behind_a_user_name_needs_no_number(siti: Citizen) -> None:
    siti.shows_number = False
    report = siti.files_a_report()
    assert report.reporter is None and siti.chat.contact is None
    assert siti.chat.who == siti.user_id


# --- left open -------------------------------------------------------------------------


@proves("complaints.chat_ask_min")
def test_what_is_left_open_is_asked_once_and_kept(
    siti: Citizen, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("complaints.chat_ask_min", 20)
    siti.says("Lampu jalan mati")
    time.forward(19 * 60)
    assert mind_drafts(actor=TIMER) == 0
    time.forward(61)
    [asked] = siti.heard_after(lambda: mind_drafts(actor=TIMER))
    assert "belum selesai" in asked["text"]
    time.forward(20 * 60)
    assert siti.heard_after(lambda: mind_drafts(actor=TIMER)) == []
    assert siti.chat.state == "kept" and siti.chat.has_draft
    time.forward(86_400)
    assert mind_drafts(actor=TIMER) == 0
    [resumed] = siti.says("halo")
    assert "Kami lanjutkan" in resumed["text"] and "Lampu jalan mati" in resumed["text"]
    siti.taps("Penerangan")
    siti.sends_place(*HERE)
    siti.says("ya")
    assert siti.report.body and siti.report.body.body == "Lampu jalan mati"


def test_a_category_that_the_city_gives_up_meanwhile_is_no_reason_to_lose_a_report(
    siti: Citizen,
) -> None:
    siti.says("Lampu jalan mati di gang saya")
    siti.taps("Penerangan")
    kind = Category.objects.get(code=siti.chat.category)
    fields = {"name": kind.name, "name_en": kind.name_en, "group": kind.group}
    define(
        Category,
        key={"code": kind.code},
        actor=system("setup"),
        active=False,
        agency=kind.agency,
        **fields,
    )
    siti.sends_place(*HERE)
    siti.taps("✅")
    assert siti.report.category is None and siti.report.state == "filed"


def test_a_hello_without_more_is_forgotten(siti: Citizen, time: clock.Frozen) -> None:
    siti.says("halo")
    time.forward(3600)
    assert siti.heard_after(lambda: mind_drafts(actor=TIMER)) == []
    assert siti.chat.state == "idle"


# --- the table -------------------------------------------------------------------------


def test_the_table_fits_the_machine_and_the_texts() -> None:
    assert set(SCRIPT) == set(CHAT.states) - {"person"}
    for state, row in SCRIPT.items():
        for token, turn in row.items():
            where = f"{state}/{token}"
            asks = [command for command, _says in QUESTIONS.values()]
            for command in asks if turn.next == ON else filter(None, [turn.next]):
                assert CHAT.allows(state, command), where
            assert turn.says in TEXTS or turn.says == "", where
    assert set(BUTTONS) <= set(TEXTS)


def test_every_text_has_two_languages_and_fits_whatsapp(siti: Citizen) -> None:
    class Long(dict[str, Any]):
        def __missing__(self, key: str) -> str:
            return "x" * (300 if key in ("words", "body") else 40)

    for key, pair in TEXTS.items():
        for n, text in enumerate(pair):
            body = text.format_map(Long(summary="x" * 500, reports="x" * 600))
            choices = [[f"1:{c}", titles[n]] for c, titles in BUTTONS.get(key, [])]
            sent = as_message({"text": body, "choices": choices})
            assert "…" not in str(sent.content()), key


def test_the_record_tells_the_turns_without_the_words(siti: Citizen) -> None:
    siti.files_a_report("Lampu jalan mati di rumah Bu Kenari")
    kinds = list(Journal.objects.order_by("seq").values_list("kind", flat=True))
    wanted = ["chat.began", "chat.ask_category", "chat.ask_place", "chat.ask_right"]
    assert [k for k in kinds if k in wanted] == wanted
    assert "complaint.filed" in kinds and "chat.finish" in kinds
    assert not any("Kenari" in str(row) for row in Journal.objects.values())
