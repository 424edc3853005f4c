"""Every action of complaints and of WhatsApp, with canaries wherever somebody could type."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from PIL import Image

from sigap.calls.actions import close_call, present_text, take_call
from sigap.calls.models import Call
from sigap.calls.retention import erase_expired
from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.files import checked
from sigap.complaints.models import Complaint, Referral
from sigap.complaints.retention import contacts_in_use, erase_old, remove_erased_files
from sigap.core import clock
from sigap.core.actions import accounts, configuration, personal
from sigap.core.actors import Actor, of_user, system
from sigap.core.models import User
from sigap.core.transaction import transaction
from sigap.gateways.whatsapp import sender

from .canaries import ADDRESS, NUMBER, PLACE, SECRET, SETUP, WORD, WORDS, tried
from .chatting import WHATSAPP, Citizen, news
from .far_end import WORKER, Meta, meta

WEB, TIMER = system("web"), system("timer")
DAY = 86_400
HERE = (PLACE["lat"], PLACE["lng"])
LAMP = f"Lampu jalan mati di depan rumah {WORDS}, hubungi {NUMBER}"


class People:
    """Who handles complaints on that day."""

    def __init__(self, person: Callable[[str], User]) -> None:
        self.desk, self.boss, self.admin = (
            of_user(person(role)) for role in ("call_taker", "supervisor", "administrator")
        )
        made: dict[str, Any] = {"name": WORDS, "password": SECRET, "agency": "dishub"}
        made["actor"] = self.admin
        self.officer, self.head = (
            of_user(accounts.create_user(f"{WORD}.{role}", roles=[role], **made))
            for role in ("agency", "agency_head")
        )


def a_day_of_complaints(time: clock.Frozen, person: Callable[[str], User]) -> None:
    """All that citizens, the desk, the agencies and the clock do about complaints."""
    news()
    people = People(person)
    reports_that_are_filed(people)
    answered_and_contested(people, time)
    the_other_ways_of_a_report(people)
    deadlines_that_pass(people, time)
    complaints.learn_sorting(reports=[(WORDS, WORD, clock.now())], actor=people.admin)

    with meta() as end:
        siti = Citizen("6281298765432", WORDS)
        siti.user_id = f"ID.{WORD}"
        a_report_on_whatsapp(siti, end, time)
        strange_answers(siti)
        places_in_words(siti)
        news_of_a_report(siti, people)
        more_about_a_report(siti, people)
        danger(siti, people)
        the_desk_writes(siti, people, time)
        what_is_sent(siti, people, end, time)
        other_numbers(siti)
        the_clock_has_passed(siti, time)


def photo() -> bytes:
    """A small picture."""
    data = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(data, "PNG")
    return data.getvalue()


# --- reports ---------------------------------------------------------------------------


def filed(channel: str = "web", actor: Actor = WEB, **more: Any) -> Complaint:
    """A report with everything that can be told."""
    told: dict[str, Any] = {"body": LAMP, "category": "pju", "address": WORDS, "asset": WORD}
    told |= {"name": WORDS, "number": NUMBER, "origin": WORD, "location_source": "pin", **PLACE}
    return complaints.file_complaint(channel=channel, actor=actor, **(told | more))


def sent(people: People, **more: Any) -> tuple[Complaint, Referral]:
    """One that the agency has."""
    complaint = complaints.dispose_complaint(filed(**more).pk, ["dishub"], actor=people.desk)
    return complaint, Referral.objects.get(complaint=complaint)


def reports_that_are_filed(people: People) -> None:
    """From everywhere, and right or wrong."""
    for wrong in (WORD, WORDS):
        tried(filed, wrong)
        tried(filed, category=wrong)
        tried(filed, area=wrong, lat=None, lng=None)
        tried(filed, location_source=wrong)
        tried(filed, guessed_by=wrong, guesses=[(wrong, 0.5)])
        tried(filed, landmark_id=wrong)
    tried(filed, body=WORDS * 5000)
    filed("open311", external_id=WORD)
    filed("open311", external_id=WORD)
    complaint = filed("desk", people.desk, category="", secret=True)
    for wrong in (WORD, WORDS):
        more = {"actor": people.desk}
        tried(complaints.sort_complaint, complaint.pk, category=wrong, **more)
        sort = {"category": "pju", "complaint_class": wrong}
        tried(complaints.sort_complaint, complaint.pk, **sort, **more)
        tried(complaints.dispose_complaint, complaint.pk, [wrong], **more)
        tried(complaints.archive_complaint, complaint.pk, reason=wrong, **more)
        tried(complaints.hold_complaint, complaint.pk, reason=wrong, question=WORDS, **more)
    complaints.sort_complaint(complaint.pk, category="pju", actor=people.desk)
    tried(complaints.release_text, complaint.pk, WORDS, actor=people.desk)
    with transaction():
        personal.keep_all(f"complaint:{complaint.pk}", note=WORDS, words=LAMP, actor=WEB)


def answered_and_contested(people: People, time: clock.Frozen) -> None:
    """The whole way, with words at each step of it."""
    complaint, referral = sent(people, anonymous=True)
    pk, desk, officer = complaint.pk, {"actor": people.desk}, {"actor": people.officer}
    file = checked(photo())
    complaints.attach_file(pk, file, complaints.store(file), actor=WEB)
    for wrong in (WORD, WORDS):
        tried(complaints.attach_file, pk, file, wrong, actor=WEB, role=wrong)
        tried(complaints.refuse_referral, referral.pk, reason=wrong, note=wrong, **officer)
    complaints.attach_file(pk, file, WORD, role="before", **officer)
    complaints.add_note(pk, WORDS, **desk)
    complaints.add_words(pk, WORDS, actor=WEB)
    complaints.tell_citizen(pk, WORDS, **desk)
    complaints.release_text(pk, WORDS, **desk)
    for key in (WORD, f"{NUMBER}@{ADDRESS}"):
        complaints.add_supporter(pk, key, actor=WEB)
    complaints.hold_complaint(pk, reason="details", question=WORDS, **desk)
    time.forward(20 * DAY)
    complaints.ask_citizens_again(actor=TIMER)
    complaints.answer_question(pk, WORDS, actor=WEB)
    complaints.accept_referral(referral.pk, **officer)
    complaints.plan_referral(referral.pk, plan=WORDS, planned_for=date(2028, 1, 3), **officer)
    complaints.report_progress(referral.pk, note=WORDS, **officer)
    complaints.answer_referral(referral.pk, answer=WORDS, **officer)
    complaints.refuse_answer(pk, note=WORDS, **desk)
    complaints.answer_referral(referral.pk, answer=WORDS, **officer)
    complaints.approve_answer(pk, **desk)
    complaints.contest_complaint(pk, why=WORDS, actor=WEB)
    complaints.answer_referral(referral.pk, answer=WORDS, **officer)
    complaints.approve_answer(pk, **desk)
    for wrong in (WORD, WORDS):
        tried(complaints.confirm_complaint, pk, score=wrong, actor=WEB)
    complaints.confirm_complaint(pk, actor=WEB)
    tried(complaints.rate_complaint, pk, score=WORDS, actor=WEB)
    complaints.rate_complaint(pk, score=2, actor=WEB)


def the_other_ways_of_a_report(people: People) -> None:
    """Refused, called back, put away, an emergency after all."""
    desk = {"actor": people.desk}
    complaint, referral = sent(people)
    complaints.refuse_referral(referral.pk, reason="other_agency", note=WORDS, actor=people.officer)
    complaints.dispose_complaint(complaint.pk, ["dishub"], **desk)
    complaints.recall_referral(complaint.referrals.latest("id").pk, **desk)
    complaints.hold_complaint(complaint.pk, reason="place", question=WORDS, **desk)
    complaints.resume_complaint(complaint.pk, **desk)
    complaints.archive_complaint(complaint.pk, reason="withdrawn", **desk)
    complaints.restore_complaint(complaint.pk, **desk)
    for wrong in (WORD, WORDS):
        tried(complaints.promote_complaint, complaint.pk, type_code=wrong, **desk)
        answers = {"type_code": "kecelakaan_lalin", "answers": {wrong: wrong}}
        tried(complaints.promote_complaint, complaint.pk, **answers, **desk)
    complaints.promote_complaint(complaint.pk, type_code="kecelakaan_lalin", **desk)
    complaints.demote_complaint(complaint.pk, **desk)


def deadlines_that_pass(people: People, time: clock.Frozen) -> None:
    """An agency that does nothing, and a citizen who says nothing."""
    silent, answer = sent(people)
    complaints.answer_referral(answer.pk, answer=WORDS, actor=people.officer)
    complaints.approve_answer(silent.pk, actor=people.desk)
    _complaint, late = sent(people)
    officer = {"officer_id": people.officer.user_id or 0, "actor": people.head}
    complaints.assign_officer(late.pk, **officer)
    time.forward(30 * DAY)
    complaints.mind_deadlines(actor=TIMER)
    complaints.see_escalated(late.pk, note=WORDS, actor=people.head)


# --- WhatsApp --------------------------------------------------------------------------


def a_report_on_whatsapp(siti: Citizen, end: Meta, time: clock.Frozen) -> None:
    """With a photo, a document and a pin that has a name; and once without waiting for them."""
    siti.says("halo")
    siti.says(LAMP)
    picture = {"id": end.far.keeps(photo(), "image/png"), "mime_type": "image/png", "sha256": ""}
    siti.sends("image", picture | {"caption": WORDS})
    file = {"id": "77", "mime_type": "application/pdf", "sha256": "", "filename": f"{WORDS}.pdf"}
    siti.sends("document", file)
    siti.says("lainnya") if siti.chat.state == "sorting" else None
    end.far.faults.answers.append((503, 0, {}))
    sender.fetch_due(actor=WORKER)
    siti.sends_place(*HERE, name=WORDS, address=WORDS)
    siti.says("ya")
    for _minute in range(5):
        sender.fetch_due(actor=WORKER)
        time.forward(120)
    states = set(ChatMessage.objects.exclude(file_state="").values_list("file_state", flat=True))
    assert states == {"attached", "refused"}


def strange_answers(siti: Citizen) -> None:
    """Whatever a telephone may send."""
    siti.says(f"goblok kabeh {WORDS}")
    for _twice in range(2):
        siti.says(f"slot gacor klik link ini {WORDS}")
    siti.says("gak jadi")
    siti.sends(WORD, {"body": WORDS})
    siti.sends("reaction", {"message_id": WORD, "emoji": WORDS})
    siti.sends("contacts", [{"name": {"formatted_name": WORDS}}])
    siti.sends("location", {"latitude": 999, "longitude": 0, "name": WORDS})
    siti.sends("interactive", {"type": "nfm_reply", "nfm_reply": {"name": WORD, "body": WORDS}})
    siti.sends("button", {"payload": WORD, "text": WORDS})
    edited = {"original_message_id": WORD, "message": {"type": "text", "text": {"body": WORDS}}}
    siti.sends("edit", edited)
    draft = siti.chat.draft
    for old in ("yes", f"category:{WORD}", f"at:area:{WORD}", "areas:x", f"add:{WORD}", WORD):
        siti.taps_id(f"{draft}:{old}", WORDS)
    siti.taps_id(WORD, WORDS)
    siti.says("status")
    siti.says("bantuan")
    siti.says("english")
    siti.says("bahasa indonesia")
    siti.says("batal")


def places_in_words(siti: Citizen) -> None:
    """From the list of kelurahan, by a landmark, between two of them; and a no at the end."""
    tell_anew(siti, f"Pohon tumbang {WORDS}")
    siti.taps("Lainnya")
    siti.says(f"dekat warung {WORDS}")
    siti.taps_id(siti.offered()[0][0], WORDS)
    siti.taps_id(siti.offered()[0][0], WORDS)
    siti.says("tidak")
    siti.says(f"Lampu jalan mati {WORDS}")
    siti.says("tidak") if siti.chat.state == "sorting" else None
    siti.says(f"antara kelurahan Campurejo dan kelurahan Mojoroto, {WORDS}")
    siti.says(f"di kelurahan Campurejo {WORDS}")
    siti.says("ya")
    tell_anew(siti, f"Lampu jalan mati di kelurahan Campurejo {WORDS}")
    siti.taps("Penerangan")
    siti.says("ya")
    siti.says(f"sudah lama {WORDS}")
    siti.says("ya")


def tell_anew(siti: Citizen, words: str) -> None:
    """Begin a report that is none of those before."""
    siti.says(words)
    siti.says("baru") if siti.chat.state == "choosing" else None


def news_of_a_report(siti: Citizen, people: People) -> None:
    """Each step is told; what was asked is answered; it is not solved, and then it is."""
    report, desk, officer = siti.report, {"actor": people.desk}, {"actor": people.officer}
    complaints.sort_complaint(report.pk, category="pju", **desk)
    complaints.hold_complaint(report.pk, reason="details", question=WORDS, **desk)
    news()
    siti.says(f"Nomor tiang {WORDS}")
    complaints.dispose_complaint(report.pk, ["dishub"], **desk)
    referral = Referral.objects.get(complaint=report)
    complaints.plan_referral(referral.pk, plan=WORDS, **officer)
    complaints.report_progress(referral.pk, note=WORDS, **officer)
    complaints.tell_citizen(report.pk, WORDS, **desk)
    news()
    for verdict in ("Belum selesai", "Selesai ⭐⭐⭐⭐"):
        complaints.answer_referral(referral.pk, answer=WORDS, **officer)
        complaints.approve_answer(report.pk, **desk)
        news()
        siti.taps(verdict)
        siti.says(f"masih mati {WORDS}") if verdict.startswith("Belum") else None
    report.refresh_from_db()
    assert report.state == "closed"


def more_about_a_report(siti: Citizen, people: People) -> None:
    """What is added to a report, which is put away then."""
    siti.says(f"ada juga yang mati di {WORDS}")
    siti.taps("Tambahan")
    siti.says("nambah")
    siti.says(f"satu lagi {WORDS}")
    ours = siti.chat.messages.filter(complaint__isnull=False, incoming=False).latest("id")
    ChatMessage.objects.filter(pk=ours.pk).update(wamid=WORD)
    siti.says(f"ini di {WORDS}", context={"id": WORD})
    siti.says("matur nuwun")
    last = siti.report
    if last.state != "closed":
        complaints.archive_complaint(last.pk, reason="withdrawn", actor=people.desk)
        news()


def danger(siti: Citizen, people: People) -> None:
    """An emergency that is none, and one that is a call."""
    siti.says(f"kebakaran di {WORDS}")
    siti.taps("Bukan darurat")
    siti.says(f"kebakaran di {WORDS}, tidak bisa telepon")
    siti.taps("🆘")
    call = Call.objects.get(source="whatsapp")
    take_call(call.pk, actor=people.desk)
    news()
    siti.says(WORDS)
    close_call(call.pk, "information", note=WORDS, actor=people.desk)
    news()
    text = {"source": "whatsapp", "line": WORD, "number": NUMBER, "words": WORDS}
    tried(present_text, external_id="", **text, actor=WHATSAPP)
    present_text(external_id=f"{siti.chat.pk}-{WORD}", **text, actor=WHATSAPP)


def the_desk_writes(siti: Citizen, people: People, time: clock.Frozen) -> None:
    """A person takes over, answers, marks and hands back; the bot asks about a draft."""
    pk, desk = siti.chat.pk, {"actor": people.desk}
    chats.take_over_chat(pk, **desk)
    siti.says(WORDS)
    chats.settle_chat(pk, **desk)
    for words in (WORDS, WORDS * 500):
        tried(chats.answer_chat, pk, words, **desk)
    for mark in (WORD, WORDS, "prank", ""):
        tried(chats.mark_chat, pk, mark, **desk)
    chats.hand_back_chat(pk, **desk)
    siti.says(f"aku kelas 3 sd, lampu jalan mati {WORDS}")
    for _twice in range(2):
        time.forward(3600)
        chats.mind_drafts(actor=TIMER)


def what_is_sent(siti: Citizen, people: People, end: Meta, time: clock.Frozen) -> None:
    """Answers are lost, refused, too many; receipts come; a day later a template says it."""
    chats.answer_chat(siti.chat.pk, WORDS, actor=people.desk)
    end.wrote(siti)
    end.far.faults.lost_answers = 1
    end.far.faults.answers.extend([(429, 130429, {}), (500, 0, {}), (400, 131026, {})])
    sent_messages(end, time)
    for told in (WORD, WORDS):
        told_of = {"reference": told, "category": told, "billable": True, "actor": WHATSAPP}
        chats.note_receipt(told, told, 1, **told_of)
    message = ChatMessage.objects.filter(incoming=False, state="sent").latest("id")
    configuration.set_parameter("complaints.message_budget", 1, actor=people.admin)
    about = {"reference": message.reference, "category": WORDS, "billable": True}
    chats.note_receipt(message.wamid or "", WORD, 4, **about, actor=WHATSAPP)
    time.forward(2 * DAY)
    chats.answer_chat(siti.chat.pk, WORDS, actor=people.desk)
    sent_messages(end, time)
    chats.hand_back_chat(siti.chat.pk, actor=people.desk)


def sent_messages(end: Meta, time: clock.Frozen) -> None:
    """The sender runs until nothing is left to be sent."""
    while ChatMessage.objects.filter(incoming=False, due_at__isnull=False).exists():
        end.send()
        end.receipts()
        time.forward(60)


def other_numbers(siti: Citizen) -> None:
    """Somebody has a new number, from which they had written before we heard of it."""
    new = Citizen("6281398765432", WORDS)
    new.user_id = f"ID.{WORD}.2"
    new.says(f"Lampu jalan mati {WORDS}")
    part = {"type": "user_changed_number", "body": WORDS, "wa_id": new.number}
    siti.sends("system", part | {"user_id": new.user_id, "previous_user_id": siti.user_id})
    siti.user_id, siti.number = new.user_id, new.number
    part |= {"wa_id": "6281498765432", "user_id": f"ID.{WORD}.3"}
    new.sends("system", part | {"previous_user_id": new.user_id})
    siti.user_id, siti.number = f"ID.{WORD}.3", "6281498765432"


def the_clock_has_passed(siti: Citizen, time: clock.Frozen) -> None:
    """All is forgotten in the end."""
    time.forward(20 * DAY)
    complaints.mind_deadlines(actor=TIMER)
    time.forward(2000 * DAY)
    erase_expired(actor=SETUP, others=contacts_in_use())
    gone = erase_old(actor=SETUP)
    assert min(gone.values()) > 0
    remove_erased_files()
    chats.erase_chats([siti.chat.pk], actor=SETUP)
