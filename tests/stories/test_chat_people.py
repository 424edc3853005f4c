"""Where people come in: danger, the desk that takes over, the citizen's last word."""

import os
from collections.abc import Callable

import pytest

from sigap.calls.actions import close_call, take_call
from sigap.calls.models import Call
from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.files import KEPT, checked
from sigap.complaints.models import Complaint, Referral
from sigap.complaints.retention import erase_old, remove_erased_files
from sigap.complaints.sorting import forget
from sigap.console.rows import call_rows
from sigap.core import clock
from sigap.core.actions.personal import hold
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.models import Journal, Text

from .chatting import Citizen, news
from .test_complaint_deadlines import PNG

TIMER = system("timer")
HERE = (-7.8185, 112.0155)
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def reader(db: None) -> None:
    """The lists are read anew, and the news up to now."""
    forget()
    news()


def done(report: Complaint, actor: Who) -> None:
    """The agency has done it, and a second person has looked."""
    desk = actor("call_taker")
    complaints.dispose_complaint(report.pk, ["dishub"], actor=desk)
    referral = Referral.objects.get(complaint=report)
    complaints.answer_referral(referral.pk, answer="Lampu sudah diganti", actor=system("agency"))
    complaints.approve_answer(report.pk, actor=actor("supervisor"))


# --- danger ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["112", "kebakaran di pasar!", "omahe tonggoku kobong", "tulung ono wong semaput"]
)
def test_words_of_danger_are_answered_with_112_at_any_time(siti: Citizen, words: str) -> None:
    siti.says("Lampu jalan mati")
    siti.taps("Penerangan")
    [told] = siti.says(words)
    assert "telepon 112" in told["text"]
    assert [title for _id, title in told["choices"]] == ["🆘 Ya, darurat", "Bukan darurat"]
    assert siti.chat.waiting_at is not None


def test_an_emergency_is_a_text_call_on_the_call_takers_screen(siti: Citizen, actor: Who) -> None:
    siti.says("kebakaran di pasar setono betek, tidak bisa telepon")
    [told] = siti.taps("🆘")
    assert "layar petugas 112" in told["text"]
    call = Call.objects.get(source="whatsapp")
    assert (call.state, call.trunk) == ("presented", "WhatsApp")
    assert call.contact and call.contact.number == "+6281233451190"
    [row] = call_rows([call])
    assert "kebakaran di pasar" in row["said"] and row["chat"] == siti.chat.pk
    siti.taps("🆘")
    assert Call.objects.count() == 1
    taker = actor("call_taker")
    take_call(call.pk, actor=taker)
    [reads] = siti.heard_after(news)
    assert "membaca pesan ini" in reads["text"] and siti.chat.operator_id == taker.user_id
    assert siti.says("depan toko emas, apinya besar") == []
    chats.answer_chat(siti.chat.pk, "Pemadam dalam perjalanan", actor=taker)
    close_call(call.pk, "information", actor=taker)
    news()
    assert siti.chat.state == "kept" and siti.chat.operator is None


def test_a_yes_in_words_opens_it_too(siti: Citizen) -> None:
    siti.says("tolong ada orang pingsan di alun-alun")
    siti.says("iyo")
    assert Call.objects.filter(source="whatsapp").count() == 1


def test_what_is_no_emergency_goes_on_as_a_report(siti: Citizen) -> None:
    siti.says("kabel putus menimpa pohon di jalan")
    [which] = siti.taps("Bukan darurat")
    assert "bukan darurat" in which["text"]
    assert siti.chat.state in ("sorting", "placing") and siti.chat.offered_at is None
    assert Call.objects.count() == 0


def test_what_is_perhaps_danger_is_asked(siti: Citizen) -> None:
    [asked] = siti.says("ada ular di kamar mandi")
    assert "sedang terjadi" in asked["text"] and siti.chat.waiting_at is None


# --- the desk --------------------------------------------------------------------------


def test_a_person_takes_over_answers_and_hands_back(siti: Citizen, actor: Who) -> None:
    desk = actor("call_taker")
    siti.says("Lampu jalan mati")
    siti.says("petugas")
    assert siti.chat.waiting_at
    [told] = siti.heard_after(lambda: chats.take_over_chat(siti.chat.pk, actor=desk))
    assert "menjawab di sini" in told["text"]
    assert siti.says("apakah bisa hari ini?") == []
    [answer] = siti.heard_after(
        lambda: chats.answer_chat(siti.chat.pk, "Besok pagi, Bu", actor=desk)
    )
    assert answer["text"] == "Besok pagi, Bu" and siti.chat.waiting_at is None
    siti.heard_after(lambda: chats.hand_back_chat(siti.chat.pk, actor=desk))
    assert siti.chat.state == "kept" and siti.chat.operator is None
    [resumed] = siti.says("lanjut")
    assert "Kami lanjutkan" in resumed["text"]


def test_only_the_desk_may_do_that(siti: Citizen, actor: Who) -> None:
    siti.says("halo")
    for act in (chats.take_over_chat, chats.hand_back_chat, chats.settle_chat):
        with pytest.raises(Forbidden):
            act(siti.chat.pk, actor=actor("agency"))
    with pytest.raises(Forbidden):
        chats.mark_chat(siti.chat.pk, "prank", actor=actor("agency"))
    with pytest.raises(Invalid):
        chats.answer_chat(siti.chat.pk, "  ", actor=actor("call_taker"))


def test_the_desk_marks_a_prank(siti: Citizen, actor: Who) -> None:
    siti.says("ada ufo di monas")
    chats.mark_chat(siti.chat.pk, "prank", actor=actor("call_taker"))
    assert siti.chat.mark == "prank"
    with pytest.raises(Invalid):
        chats.mark_chat(siti.chat.pk, "rubbish", actor=actor("call_taker"))


def test_who_was_erased_can_come_back_and_nobody_reads_who_it_was(
    siti: Citizen, actor: Who
) -> None:
    siti.files_a_report("Lampu mati di rumah Bu Kenari")
    chats.erase_chats([siti.chat.pk], actor=TIMER)
    chat = siti.chat
    assert (chat.who, chat.contact, chat.lat) == ("", None, None)
    about = ("chatmessage", "conversation")
    words = [t for t in Text.objects.exclude(body="") if t.subject.partition(":")[0] in about]
    assert words == []
    with pytest.raises(Refused):
        chats.answer_chat(chat.pk, "halo", actor=actor("call_taker"))
    assert siti.says("halo")
    assert siti.chat.pk == chat.pk and siti.chat.who == siti.user_id


def test_of_an_erased_chat_neither_the_files_nor_whatsapps_names_stay(siti: Citizen) -> None:
    siti.files_a_report("Lampu mati")
    file = checked(PNG)
    name = complaints.store(file)
    message = siti.chat.messages.filter(incoming=True).latest("id")
    # One that came when the report had all the files that it may have.
    ChatMessage.objects.filter(pk=message.pk).update(
        file=name, digest=file.digest, file_state="refused"
    )
    os.utime(dict(KEPT.kept())[name], (0, 0))
    assert remove_erased_files() == 0
    chats.erase_chats([siti.chat.pk], actor=TIMER)
    assert remove_erased_files() == 1 and name not in dict(KEPT.kept())
    assert not siti.chat.messages.filter(wamid__isnull=False).exists()


def test_what_was_written_of_a_report_that_is_tied_to_a_legal_case_stays(
    siti: Citizen, actor: Who, time: clock.Frozen
) -> None:
    report = siti.files_a_report("Lampu mati di rumah Bu Kenari")
    complaints.archive_complaint(report.pk, reason="withdrawn", actor=system("setup"))
    report.refresh_from_db()
    hold(report, "court", actor=actor("supervisor"))
    time.forward(1826 * 86_400)
    erase_old(actor=TIMER)
    kept = siti.chat.messages.filter(incoming=True, text__body__contains="Kenari")
    assert kept.exists() and siti.chat.who == siti.user_id


def test_what_somebody_wrote_long_ago_is_forgotten_though_they_still_write(
    siti: Citizen, time: clock.Frozen
) -> None:
    report = siti.files_a_report("Lampu mati di rumah Bu Kenari")
    complaints.archive_complaint(report.pk, reason="withdrawn", actor=system("setup"))
    time.forward(1826 * 86_400)
    siti.says("halo")
    erase_old(actor=TIMER)
    left = " ".join(Text.objects.exclude(body="").values_list("body", flat=True))
    assert "Kenari" not in left and "halo" in left
    assert siti.chat.who == siti.user_id
    assert sum(erase_old(actor=TIMER).values()) == 0


def test_of_who_was_erased_no_draft_is_left(siti: Citizen, time: clock.Frozen) -> None:
    siti.says("lampu mati di Pojok")
    siti.says("ya")
    assert siti.chat.has_draft
    time.forward(2 * 86_400)
    chats.mind_drafts(actor=TIMER)
    chats.erase_chats([siti.chat.pk], actor=TIMER)
    assert not siti.chat.has_draft and (siti.chat.area, siti.chat.category) == (None, "")


# --- news ------------------------------------------------------------------------------


def test_one_row_that_cannot_be_told_stops_no_other_news(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    desk = actor("call_taker")
    complaints.sort_complaint(report.pk, category="pohon", actor=desk)
    complaints.dispose_complaint(report.pk, ["dishub"], actor=desk)

    def broken(_entry: Journal, _actor: Actor) -> None:
        raise Refused("not now")

    also = {"complaint.sorted": broken}
    [sent] = siti.heard_after(lambda: chats.tell_news(actor=TIMER, also=also))
    assert "diteruskan" in sent["text"]


def test_the_citizen_is_told_how_it_goes_on(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    desk, agency = actor("call_taker"), system("agency")
    complaints.dispose_complaint(report.pk, ["dishub"], actor=desk)
    [sent] = siti.heard_after(news)
    assert report.number in sent["text"] and "diteruskan" in sent["text"]
    referral = Referral.objects.get(complaint=report)
    complaints.plan_referral(referral.pk, plan="Ganti lampu LED", actor=agency)
    [planned] = siti.heard_after(news)
    assert "Ganti lampu LED" in planned["text"]
    complaints.report_progress(referral.pk, note="Tim di lokasi", actor=agency)
    [progress] = siti.heard_after(news)
    assert "Tim di lokasi" in progress["text"]
    assert siti.heard_after(news) == []


def test_one_tap_says_solved_and_how_it_was(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    done(report, actor)
    told = siti.heard_after(news)[-1]
    assert "Lampu sudah diganti" in told["text"] and len(told["choices"]) == 6
    [thanks] = siti.taps("Selesai ⭐⭐⭐⭐")
    report.refresh_from_db()
    assert (report.state, report.score) == ("closed", 5) and "ditutup" in thanks["text"]


@pytest.mark.parametrize(("words", "score"), [("3", 3), ("⭐⭐", 2), ("wis rampung", None)])
def test_it_may_be_said_in_words(siti: Citizen, actor: Who, words: str, score: int | None) -> None:
    report = siti.files_a_report()
    done(report, actor)
    news()
    siti.says(words)
    report.refresh_from_db()
    assert (report.state, report.score) == ("closed", score)


def test_who_only_says_that_it_is_solved_is_asked_how_it_was(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    done(report, actor)
    news()
    [how] = siti.says("sampun")
    assert "1 sampai 5" in how["text"] and len(how["choices"]) == 5
    [thanks] = siti.says("4")
    report.refresh_from_db()
    assert (report.state, report.score) == ("closed", 4) and "ditutup" in thanks["text"]


def test_what_the_desk_lets_them_know_comes_here(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    complaints.tell_citizen(report.pk, "Kami cek besok", actor=actor("call_taker"))
    [told] = siti.heard_after(news)
    assert "Kami cek besok" in told["text"]


def test_who_does_not_answer_is_asked_once_more(
    siti: Citizen, actor: Who, time: clock.Frozen
) -> None:
    report = siti.files_a_report()
    complaints.hold_complaint(
        report.pk, reason="details", question="Nomor tiangnya?", actor=actor("call_taker")
    )
    [asked] = siti.heard_after(news)
    assert "Nomor tiangnya?" in asked["text"]
    time.forward(60 * 86_400)
    complaints.ask_citizens_again(actor=TIMER)
    [again] = siti.heard_after(news)
    assert "Nomor tiangnya?" in again["text"]
    siti.says("KDR 77")
    report.refresh_from_db()
    assert report.state == "filed"


def test_what_is_not_solved_is_opened_once_more(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    done(report, actor)
    news()
    [why] = siti.taps("Belum selesai")
    assert report.number in why["text"] and siti.chat.state == "contesting"
    [opened] = siti.says("masih mati, cuma diganti bohlamnya")
    report.refresh_from_db()
    assert report.state == "contested" and "buka lagi" in opened["text"]
    assert siti.chat.state == "idle"
    referral = Referral.objects.get(complaint=report)
    complaints.answer_referral(referral.pk, answer="Kabel diganti", actor=system("agency"))
    complaints.approve_answer(report.pk, actor=actor("supervisor"))
    news()
    siti.says("durung")
    [not_again] = siti.says("masih mati")
    assert "tidak dapat dibuka lagi" in not_again["text"] and siti.chat.waiting_at


def test_nobody_confirms_somebody_elses_report(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    done(report, actor)
    news()
    other = Citizen("6285700000009")
    other.says("halo")
    other.taps_id(f"0:score:{report.pk}:1")
    other.taps_id(f"0:add:{report.pk}")
    report.refresh_from_db()
    assert report.state == "done"


def test_a_question_to_the_citizen_is_answered_here(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    complaints.hold_complaint(report.pk, reason="details", actor=actor("call_taker"))
    [asked] = siti.heard_after(news)
    assert "menunggu keterangan" in asked["text"]
    [thanks] = siti.says("Nomor tiangnya KDR-112, depan warung")
    report.refresh_from_db()
    assert report.state == "filed" and "kami catat" in thanks["text"]
    assert Text.objects.filter(subject=f"complaint:{report.pk}", field="words").exists()


def test_more_about_the_same_or_a_new_one_is_asked(siti: Citizen) -> None:
    report = siti.files_a_report()
    [whose] = siti.says("di depan warung ada juga yang mati")
    assert report.number in whose["text"]
    [added] = siti.taps("Tambahan")
    assert report.number in added["text"] and Complaint.objects.count() == 1
    siti.says("sampah menumpuk di pasar")
    [which] = siti.taps("Laporan baru")
    assert "tentang apa" in which["text"]
    siti.taps("Sampah")
    siti.sends_place(*HERE)
    siti.taps("✅")
    assert Complaint.objects.count() == 2


def test_words_and_photos_are_added_by_tambah(siti: Citizen) -> None:
    report = siti.files_a_report()
    [what] = siti.says("nambah")
    assert report.number in what["text"]
    [added] = siti.sends_photo()
    assert "kami catat" in added["text"]
    assert report.chat_messages.exclude(file_state="").count() == 1


def test_what_comes_after_the_end_is_kept_and_seen(siti: Citizen, actor: Who) -> None:
    report = siti.files_a_report()
    done(report, actor)
    news()
    siti.taps("Selesai ⭐⭐⭐⭐⭐")
    siti.says("ternyata malam ini mati lagi")
    [kept] = siti.taps("Tambahan")
    assert "sudah ditutup" in kept["text"] and siti.chat.waiting_at
    report.refresh_from_db()
    assert report.state == "closed"
    [note] = Text.objects.filter(subject=f"complaint:{report.pk}", field="words")
    assert "mati lagi" in note.body


def test_thanks_need_no_answer_beyond_a_word(siti: Citizen, time: clock.Frozen) -> None:
    siti.files_a_report()
    [bye] = siti.says("matur nuwun nggih")
    assert "Sama-sama" in bye["text"]
    assert Complaint.objects.count() == 1


def test_a_reply_to_a_message_about_a_report_is_about_that(siti: Citizen) -> None:
    report = siti.files_a_report()
    ours = siti.chat.messages.filter(complaint=report, incoming=False).latest("id")
    type(ours).objects.filter(pk=ours.pk).update(wamid="wamid.out1")
    [added] = siti.says("ini di RT 3", context={"id": "wamid.out1"})
    assert report.number in added["text"]
    assert Journal.objects.filter(kind="complaint.words").count() == 1
