"""Every action of the chats once, with canaries wherever a citizen could write them."""

from contextlib import suppress
from typing import Any

from django.db import transaction as django

from sigap.calls.models import Call
from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.files import File
from sigap.complaints.models import Category, Referral
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import SigapError

from .chatting import Citizen, news

WORD, WORDS, NUMBER = "kenari-rahasia", "Bu Kenari Kuning, Jl. Melati 7 RT 02", "6281298765432"
TIMER = system("timer")
HERE = (-7.8185, 112.0155)


def chats_with_canaries(time: clock.Frozen, desk: Actor) -> None:
    """A citizen whose every word is a canary."""
    news()
    siti = Citizen(NUMBER, WORDS)
    siti.sends_photo()
    siti.says(f"{WORDS}: lampu jalan mati di kelurahan Campurejo")
    siti.taps("Penerangan")
    siti.taps("Campurejo")
    siti.taps("✏️")
    siti.says(f"{WORDS}: wit rubuh")
    siti.taps(siti.offered()[0][1])
    siti.says(WORDS)
    siti.taps(siti.offered()[0][1]) if siti.chat.state == "placing" else None
    siti.taps(siti.offered()[0][1]) if siti.chat.state == "placing" else None
    siti.sends_place(*HERE, name=WORDS)
    siti.says("nggih")
    report = siti.report
    for said in (WORD, "status", "tambah", f"{WORDS} ketiga", f"{WORDS} goblok", "batal", WORD):
        siti.says(said)
    siti.taps("Tambahan")
    for said in ("tambah", f"{WORDS} keempat", "slot gacor", "slot gacor", "sampah numpuk"):
        siti.says(said)
    for said in ("baru", "lainnya", "Campurejo Mrican"):
        siti.says(said)
    siti.sends("hologram", {WORD: WORDS})
    siti.sends("reaction", {"message_id": WORD, "emoji": WORDS})
    time.forward(3600)
    chats.mind_drafts(actor=TIMER)
    time.forward(3600)
    chats.mind_drafts(actor=TIMER)
    siti.says("batal")
    files_and_sending(siti, report.pk, desk)
    its_end(siti, report.pk, desk)
    people(siti, desk)


def files_and_sending(siti: Citizen, report: int, desk: Actor) -> None:
    """What goes out, and what came with it."""
    first = ChatMessage.objects.exclude(file_state="").order_by("id")[0]
    chats.fetch_later(first.pk, 1, actor=TIMER)
    chats.note_stored(first.pk, File("document", "application/pdf", b"%PDF-"), WORD, actor=TIMER)
    type(first).objects.filter(pk=first.pk).update(complaint=report)
    chats.attach_stored(first.pk, File("document", "application/pdf", b"%PDF-"), actor=TIMER)
    chats.refuse_file(first.pk, WORD, actor=TIMER)
    with suppress(SigapError), django.atomic():
        chats.answer_chat(siti.chat.pk, WORDS, actor=desk)
    for message in chats.claim_messages(actor=TIMER)[:1]:
        chats.put_off(message.pk, 1, perhaps=True, error="x", actor=TIMER)
        chats.note_sent(message.pk, WORD, actor=TIMER)
        told: dict[str, Any] = {"reference": message.reference, "category": WORD, "actor": TIMER}
        chats.note_receipt(WORD, "read", 4, billable=True, **told)
    due = ChatMessage.objects.filter(state="due").order_by("id").first()
    assert due is not None
    chats.give_up(due.pk, "131026", actor=TIMER)
    chats.hand_back_chat(siti.chat.pk, actor=desk)


def its_end(siti: Citizen, report: int, desk: Actor) -> None:
    """The report goes on to its end, and its citizen says what they think of it."""
    officer = system("agency")
    code = Category.objects.order_by("id")[0].code
    complaints.sort_complaint(report, category=code, actor=desk)
    complaints.dispose_complaint(report, ["dishub"], actor=desk)
    [referral] = complaints_referrals(report)
    complaints.plan_referral(referral, plan=WORDS, actor=officer)
    complaints.report_progress(referral, note=WORDS, actor=officer)
    complaints.answer_referral(referral, answer=WORDS, actor=officer)
    complaints.approve_answer(report, actor=desk)
    news()
    siti.taps("Belum selesai")
    siti.says(WORDS)
    complaints.answer_referral(referral, answer=WORDS, actor=officer)
    complaints.approve_answer(report, actor=desk)
    news()
    siti.says("sampun")
    siti.taps("⭐⭐⭐")


def complaints_referrals(report: int) -> list[int]:
    """What agencies have to do about it."""
    return list(Referral.objects.filter(complaint=report).values_list("pk", flat=True))


def people(siti: Citizen, desk: Actor) -> None:
    """An emergency by message, the desk, another number, and being forgotten."""
    siti.says(f"{WORDS} kebakaran!")
    siti.says("bukan")
    siti.says(f"kobong {WORDS}")
    siti.taps("🆘")
    news()
    assert Call.objects.filter(source="whatsapp").count() == 1
    chats.take_over_chat(siti.chat.pk, actor=desk)
    siti.says(WORDS)
    chats.settle_chat(siti.chat.pk, actor=desk)
    chats.mark_chat(siti.chat.pk, "prank", actor=desk)
    chats.move_person(siti.user_id, f"ID.{WORD}", phone=f"+{NUMBER}0", actor=TIMER)
    chats.erase_chats([ChatMessage.objects.latest("id").conversation_id], actor=TIMER)
