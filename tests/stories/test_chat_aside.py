"""In the midst of one thing another: nothing that somebody said in the chat is dropped."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from sigap.calls.actions import take_call
from sigap.calls.models import Call
from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.actions import mind_drafts
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.files import KEPT, File
from sigap.complaints.models import Complaint
from sigap.complaints.retention import remove_erased_files
from sigap.complaints.sorting import forget
from sigap.complaints.survey.models import FollowUp
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Inbox, Journal, Text

from .chatting import Citizen, news
from .test_chat_people import done

TIMER = system("timer")
HERE = (-7.8185, 112.0155)
DAY = 86_400
ODD = ("²", "٣", "１", "-1", "1e3", "0x1", " 1", "9" * 40, "", "None", "1:1", "\u200b1")
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def reader(db: None) -> None:
    """The lists are read anew, and the news up to now."""
    forget()
    news()


@pytest.fixture
def report(siti: Citizen, actor: Who) -> Complaint:
    """A report of hers that is said to be done."""
    made = siti.files_a_report()
    done(made, actor)
    news()
    return made


def words_of(report: Complaint) -> list[str]:
    """What was added to a report."""
    rows = Text.objects.filter(subject=f"complaint:{report.pk}", field__in=("words", "contest"))
    return list(rows.order_by("id").values_list("body", flat=True))


def finishes(siti: Citizen) -> Complaint:
    """The usual end of a report."""
    siti.sends_place(*HERE)
    siti.taps("✅")
    return siti.report


# --- a draft in whose midst something else is said ------------------------------------------


def test_not_solved_in_the_midst_of_a_draft_keeps_the_draft(
    siti: Citizen, report: Complaint
) -> None:
    siti.says("sampah menumpuk di pasar")
    siti.taps("Laporan baru")
    siti.taps("Sampah")
    siti.taps_id(f"0:unsolved:{report.pk}")
    [back] = siti.says("masih mati lampunya")
    report.refresh_from_db()
    assert report.state == "contested" and words_of(report) == ["masih mati lampunya"]
    assert "buka lagi" in back["text"] and "Kami lanjutkan" in back["text"] and back["ask_place"]
    other = finishes(siti)
    assert other.pk != report.pk and other.body and other.body.body == "sampah menumpuk di pasar"
    assert other.category and other.category.code == "sampah"


def test_more_to_a_report_in_the_midst_of_a_draft_keeps_the_draft(
    siti: Citizen, report: Complaint
) -> None:
    siti.says("sampah menumpuk di pasar")
    siti.taps("Laporan baru")
    siti.says("tambah")
    [which] = siti.sends_photo()
    assert "Kami lanjutkan" in which["text"] and siti.chat.state == "sorting"
    assert report.chat_messages.exclude(file_state="").count() == 1
    siti.taps("Sampah")
    assert finishes(siti).body.body == "sampah menumpuk di pasar"  # type: ignore[union-attr]


def test_batal_aside_calls_off_only_that(siti: Citizen, report: Complaint) -> None:
    siti.says("sampah menumpuk di pasar")
    siti.taps("Laporan baru")
    siti.says("tambah")
    [back] = siti.says("batal")
    assert "dibatalkan" in back["text"] and siti.chat.state == "sorting" and siti.chat.has_draft
    siti.says("batal")
    assert siti.chat.state == "idle" and not siti.chat.has_draft


def test_an_old_add_button_does_not_take_what_is_being_written_now(
    siti: Citizen, report: Complaint
) -> None:
    siti.says("sampah menumpuk di pasar")
    siti.taps("Laporan baru")
    [what] = siti.taps_id(f"0:add:{report.pk}")
    assert report.number in what["text"] and siti.chat.has_draft
    siti.says("di RT 3")
    assert words_of(report) == ["di RT 3"]
    siti.taps("Sampah")
    assert finishes(siti).pk != report.pk


def test_a_photo_alone_is_a_draft_too(siti: Citizen, report: Complaint, time: clock.Frozen) -> None:
    time.forward(2 * DAY)
    siti.sends_photo()
    siti.says("tambah")
    siti.says("di RT 3")
    assert siti.chat.state == "telling"
    siti.says("jalan berlubang besar")
    siti.taps(siti.offered()[0][1])
    other = finishes(siti)
    assert other.chat_messages.exclude(file_state="").count() == 1


def test_who_falls_silent_aside_finds_the_draft_again(
    siti: Citizen, report: Complaint, time: clock.Frozen
) -> None:
    siti.says("sampah menumpuk di pasar")
    siti.taps("Laporan baru")
    siti.says("tambah")
    time.forward(3600)
    assert len(siti.heard_after(lambda: mind_drafts(actor=TIMER))) == 1
    time.forward(3600)
    assert siti.heard_after(lambda: mind_drafts(actor=TIMER)) == []
    assert siti.chat.state == "kept"
    [back] = siti.says("halo")
    assert "Kami lanjutkan" in back["text"]


@pytest.mark.parametrize("asked", ["tambah", "Belum selesai", "di RT 3 juga mati"])
@pytest.mark.parametrize("word", ["halo", "ya"])
def test_who_says_hello_to_a_question_about_a_report_is_asked_it_again(
    siti: Citizen, report: Complaint, asked: str, word: str
) -> None:
    siti.taps(asked) if asked == "Belum selesai" else siti.says(asked)
    [again] = siti.says(word)
    assert report.number in again["text"]
    assert Inbox.objects.exclude(error="").count() == 0


def test_a_heart_on_the_reminder_does_not_bring_another(siti: Citizen, time: clock.Frozen) -> None:
    siti.says("Lampu jalan mati")
    time.forward(3600)
    assert len(siti.heard_after(lambda: mind_drafts(actor=TIMER))) == 1
    siti.sends("reaction", {"message_id": "wamid.x", "emoji": "👍"})
    for _hour in range(3):
        time.forward(3600)
        assert siti.heard_after(lambda: mind_drafts(actor=TIMER)) == []
    assert siti.chat.state == "kept"


# --- what is said of how it went -------------------------------------------------------------


def test_a_second_mark_replaces_the_first_and_the_record_keeps_both(
    siti: Citizen, report: Complaint, time: clock.Frozen
) -> None:
    siti.taps("Selesai ⭐⭐⭐⭐⭐")
    [changed] = siti.taps_id(f"0:score:{report.pk}:2")
    assert report.number in changed["text"] and "sekarang 2" in changed["text"]
    time.forward(3 * DAY)
    [changed] = siti.says("ubah nilai 4")
    [how] = siti.says("ubah nilai")
    assert "1 sampai 5" in how["text"]
    siti.taps("⭐⭐⭐")
    report.refresh_from_db()
    assert report.score == 5
    rows = Journal.objects.filter(kind__in=("complaint.confirm", "complaint.rated"))
    scores = [row.body["score"] for row in rows.order_by("seq")]
    assert scores == [5, 2, 4, 5]
    assert FollowUp.objects.get().score == 2
    time.forward(12 * DAY)
    [over] = siti.taps_id(f"0:score:{report.pk}:1")
    report.refresh_from_db()
    assert report.score == 5 and "tidak ada yang dapat dinilai" in over["text"]


def test_a_number_is_the_mark_of_what_was_asked_last(
    siti: Citizen, report: Complaint, actor: Who
) -> None:
    siti.says("5")
    siti.says("jalan berlubang")
    siti.taps("Laporan baru")
    siti.taps(siti.offered()[0][1])
    other = finishes(siti)
    complaints.hold_complaint(
        other.pk, reason="details", question="Berapa lubang?", actor=actor("call_taker")
    )
    news()
    siti.says("3")
    report.refresh_from_db()
    assert report.score == 5 and words_of(other) == ["3"]


@pytest.mark.parametrize("says", ["Belum selesai", "masih", "durung"])
def test_not_solved_after_the_report_is_closed_is_kept_and_seen(
    siti: Citizen, report: Complaint, time: clock.Frozen, says: str
) -> None:
    tap = f"0:unsolved:{report.pk}"
    siti.taps("Selesai ⭐⭐⭐⭐⭐")
    siti.taps_id(tap) if says == "Belum selesai" else siti.says(says)
    [kept] = siti.says("mati lagi sejak semalam")
    report.refresh_from_db()
    assert report.state == "closed" and words_of(report) == ["mati lagi sejak semalam"]
    assert "dibaca petugas" in kept["text"] and siti.chat.waiting_at


def test_who_taps_not_solved_and_says_no_more_is_heard_all_the_same(
    siti: Citizen, report: Complaint, time: clock.Frozen
) -> None:
    siti.taps("Belum selesai")
    time.forward(3600)
    [opened] = siti.heard_after(lambda: mind_drafts(actor=TIMER))
    report.refresh_from_db()
    assert report.state == "contested" and "buka lagi" in opened["text"]
    assert siti.chat.state == "idle"


def test_what_was_written_before_the_tap_is_what_is_not_solved(
    siti: Citizen, report: Complaint
) -> None:
    siti.says("kok masih mati lampunya pak")
    siti.taps_id(f"0:unsolved:{report.pk}")
    report.refresh_from_db()
    assert report.state == "contested" and words_of(report) == ["kok masih mati lampunya pak"]
    assert siti.chat.state == "idle" and not siti.chat.has_draft


def test_what_perhaps_belongs_to_a_closed_report_a_person_sees(
    siti: Citizen, report: Complaint, time: clock.Frozen
) -> None:
    siti.taps("Selesai ⭐⭐⭐⭐⭐")
    siti.sends_photo()
    for _twice in range(2):
        time.forward(3600)
        mind_drafts(actor=TIMER)
    assert siti.chat.state == "kept" and siti.chat.waiting_at
    siti.says("lampunya berkedip-kedip")
    siti.taps(siti.offered()[0][1]) if siti.chat.state == "sorting" else None
    assert finishes(siti).chat_messages.exclude(file_state="").count() == 1


# --- what telephones may send back -----------------------------------------------------------


@pytest.mark.parametrize("odd", ODD)
def test_odd_digits_in_what_is_tapped_do_no_harm(
    siti: Citizen, report: Complaint, odd: str
) -> None:
    for choice in (
        *(f"0:score:{report.pk}:{odd}", f"0:score:{odd}:5", f"0:unsolved:{odd}", f"0:add:{odd}"),
        *(f"0:rate:{odd}:5", f"0:rate:1:{odd}", f"0:areas:{odd}", f"0:at:landmark:{odd}"),
        *(f"0:at:area:{odd}", f"0:category:{odd}", f"{odd}:yes", f"{odd}:emergency", odd),
        *(f"{odd}:score:{report.pk}:5", f"0:{odd}:1", ":" + odd),
    ):
        siti.taps_id(choice)
    chats.note_receipt(odd, "read", 4, reference=f"m{odd}", actor=system("whatsapp"))
    report.refresh_from_db()
    assert report.state == "done" and Inbox.objects.exclude(error="").count() == 0
    assert Complaint.objects.count() == 1 and Call.objects.count() <= 1


# --- what need not be said again -------------------------------------------------------------


def test_the_same_answer_is_not_given_to_every_insult(siti: Citizen, time: clock.Frozen) -> None:
    assert len(siti.says("goblok kabeh")) == 1
    for words in ("bangsat", "goblok", "tolol kabeh"):
        assert siti.says(words) == []
    assert siti.says("slot gacor klik link ini") and siti.says("situs slot gacor") == []
    assert siti.chat.messages.filter(incoming=True).count() == 6
    time.forward(7 * 3600)
    assert len(siti.says("goblok kabeh")) == 1
    assert siti.says("lampu jalan mati di gang saya")  # what is meant is answered


# --- who speaks instead of writing -----------------------------------------------------------


def test_a_voice_note_is_a_report_that_a_person_listens_to(siti: Citizen) -> None:
    voice = {"id": "v1", "mime_type": "audio/ogg", "sha256": "", "voice": True}
    [where] = siti.sends("audio", voice)
    assert where["ask_place"] and siti.chat.waiting_at
    [right] = siti.sends("audio", voice | {"id": "v2"})
    assert "pesan suara" in right["text"] and "Lampiran: 2" in right["text"]
    siti.taps("✅")
    assert siti.report.category is None
    assert siti.report.chat_messages.filter(kind="audio").count() == 2


# --- danger ----------------------------------------------------------------------------------


@pytest.mark.parametrize("aside", ["tambah", "Belum selesai", "halo", "petugas"])
def test_danger_is_heard_in_the_midst_of_anything(
    siti: Citizen, report: Complaint, aside: str
) -> None:
    siti.taps_id(f"0:unsolved:{report.pk}") if aside == "Belum selesai" else siti.says(aside)
    told = siti.says("kebakaran di pasar!")
    assert any("telepon 112" in message["text"] for message in told)
    siti.taps("🆘")
    assert Call.objects.filter(source="whatsapp").count() == 1


def test_danger_that_nobody_confirms_is_kept_and_a_person_looks(
    siti: Citizen, time: clock.Frozen
) -> None:
    siti.says("ada ular di kamar mandi")
    assert siti.chat.waiting_at is None
    time.forward(3600)
    mind_drafts(actor=TIMER)
    assert siti.chat.waiting_at is not None
    time.forward(3600)
    mind_drafts(actor=TIMER)
    assert siti.chat.state == "kept" and siti.chat.has_draft


def test_a_yes_much_later_is_none_to_an_old_alarm(siti: Citizen, time: clock.Frozen) -> None:
    siti.says("ada ular di kamar mandi")
    time.forward(2 * 3600)
    siti.says("lampu jalan mati di gang saya")
    siti.says("ya")
    assert Call.objects.count() == 0
    [emergency] = siti.taps_id("0:emergency")
    assert "layar petugas" in emergency["text"]


def test_the_bot_is_silent_while_the_call_taker_answers(siti: Citizen, actor: Who) -> None:
    siti.says("kebakaran di pasar, tidak bisa telepon")
    siti.taps("🆘")
    take_call(Call.objects.get().pk, actor=actor("call_taker"))
    news()
    assert siti.says("kebakaran makin besar, tolong!") == []
    assert siti.chat.waiting_at
    chats.answer_chat(siti.chat.pk, "Sudah di jalan", actor=actor("call_taker"))
    siti.sends("reaction", {"message_id": "wamid.x", "emoji": "🙏"})
    assert siti.chat.waiting_at is None  # a heart waits for nobody


def test_the_number_alone_is_not_added_to_a_report(siti: Citizen, report: Complaint) -> None:
    siti.says("tambah")
    [told] = siti.says("112")
    assert "telepon 112" in told["text"] and words_of(report) == []
    siti.taps("Bukan darurat")
    siti.says("di RT 3")
    assert words_of(report) == ["di RT 3"]


def test_a_photo_that_became_part_of_nothing_is_forgotten_with_the_chat(siti: Citizen) -> None:
    siti.sends_photo()
    message = ChatMessage.objects.exclude(file_state="").get()
    file = File("image", "image/jpeg", b"\xff\xd8\xff\xe0 photo")
    chats.note_stored(message.pk, file, complaints.store(file), actor=TIMER)
    chats.erase_chats([siti.chat.pk], actor=TIMER)
    path = next(path for _name, path in KEPT.kept())
    os.utime(path, (0, 0))
    assert remove_erased_files() == 1 and list(KEPT.kept()) == []


def test_what_a_person_was_sent_stays_with_the_chat(siti: Citizen, actor: Who) -> None:
    siti.sends_photo()
    chats.take_over_chat(siti.chat.pk, actor=actor("call_taker"))
    chats.hand_back_chat(siti.chat.pk, actor=actor("call_taker"))
    assert siti.chat.state == "kept"  # the photo is still to be part of a report
    assert ChatMessage.objects.exclude(file_state="").get().draft == siti.chat.draft
    assert timedelta(0) <= clock.now() - siti.chat.began_at
