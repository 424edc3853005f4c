"""Every action of the chats on WhatsApp once, with canaries wherever somebody could type."""

from sigap.calls.actions import close_call, open_incident_for_call, present_text, take_call
from sigap.calls.models import Call
from sigap.calls.retention import erase_expired
from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.chat.queries import reports_of
from sigap.complaints.models import Referral
from sigap.complaints.retention import contacts_in_use, erase_old, remove_erased_files
from sigap.complaints.survey.models import CaseSurvey
from sigap.core import clock
from sigap.core.actions import configuration
from sigap.gateways.whatsapp import sender
from sigap.incidents.actions import close_incident

from .canaries import NUMBER, PLACE, SETUP, WORD, WORDS, tried
from .canaries_of_complaints import DAY, LAMP, TIMER, People, photo
from .chatting import WHATSAPP, Citizen, news
from .far_end import WORKER, Meta, meta

HERE = (PLACE["lat"], PLACE["lng"])


def a_day_of_chats(time: clock.Frozen, people: People) -> None:
    """What a citizen writes, is told and answers, until all of it is forgotten."""
    news()
    siti = Citizen("6281298765432", WORDS)
    siti.user_id = f"ID.{WORD}"
    with meta() as end:
        a_report_on_whatsapp(siti, end, time)
        strange_answers(siti)
        places_in_words(siti)
        news_of_a_report(siti, people)
        more_about_a_report(siti, people)
        danger(siti, people)
        the_desk_writes(siti, people, time)
        what_is_sent(siti, people, end, time)
        how_a_case_was(siti, people, end, time)
    other_numbers(siti)
    the_clock_has_passed(siti, time)


def a_report_on_whatsapp(siti: Citizen, end: Meta, time: clock.Frozen) -> None:
    """With a photo, a document and a pin that has a name, while Meta is away for a moment."""
    siti.says("halo")
    siti.says(LAMP)
    picture = {"id": end.far.keeps(photo(), "image/png"), "mime_type": "image/png", "sha256": ""}
    siti.sends("image", picture | {"caption": WORDS})
    file = {"id": "77", "mime_type": "application/pdf", "sha256": "", "filename": f"{WORDS}.pdf"}
    siti.sends("document", file)
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
    """From the list of kelurahan, of two that are named, of one in the report itself; with a no."""
    siti.says(f"Pohon tumbang {WORDS}")
    siti.says("baru")
    siti.taps("Lainnya")
    siti.says(f"dekat warung {WORDS}")
    siti.taps_id(siti.offered()[0][0], WORDS)
    siti.taps_id(siti.offered()[0][0], WORDS)
    siti.says("tidak")
    siti.says(f"Lampu jalan mati {WORDS}")
    siti.says("tidak")
    siti.says(f"antara kelurahan Campurejo dan kelurahan Mojoroto, {WORDS}")
    siti.says(f"di kelurahan Campurejo {WORDS}")
    siti.says("ya")
    siti.says(f"Lampu jalan mati di kelurahan Campurejo {WORDS}")
    siti.says("baru")
    siti.taps("Penerangan")
    siti.says("ya")
    siti.says(f"sudah lama {WORDS}")
    siti.says("ya")


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
    for verdict in ("belum", "sampun"):
        complaints.answer_referral(referral.pk, answer=WORDS, **officer)
        complaints.approve_answer(report.pk, **desk)
        news()
        siti.says(verdict)
        siti.says(f"masih mati {WORDS}") if verdict == "belum" else None
    siti.taps_id(f"0:score:{report.pk}:{WORD}", WORDS)
    siti.taps(siti.offered()[0][1])
    report.refresh_from_db()
    assert report.state == "closed"


def more_about_a_report(siti: Citizen, people: People) -> None:
    """What is added to a report; two others are joined and put away."""
    siti.says(f"ada juga yang mati di {WORDS}")
    siti.taps("Tambahan")
    siti.says("nambah")
    siti.says(f"satu lagi {WORDS}")
    ours = siti.chat.messages.filter(complaint__isnull=False, incoming=False).latest("id")
    ChatMessage.objects.filter(pk=ours.pk).update(wamid=WORD)
    siti.says(f"ini di {WORDS}", context={"id": WORD})
    siti.says("matur nuwun")
    one, other = reports_of(siti.chat).filter(state="filed")[:2]
    complaints.attach_complaint(one.pk, other.pk, actor=people.desk)
    complaints.archive_complaint(other.pk, reason="withdrawn", actor=people.desk)
    told = siti.heard_after(news)
    assert len(told) == 3  # that they are one, and that each of them is put away


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


def how_a_case_was(siti: Citizen, people: People, end: Meta, time: clock.Frozen) -> None:
    """A caller of 112 is asked on WhatsApp, who does not get it, and who answers strangely."""
    for never, number in ((0, siti.number), (131026, "6281298765499")):
        end.far.person(number, never=never)
        call = present_text(
            source="whatsapp",
            external_id=f"{siti.chat.pk}-{WORD}-{never}",
            line=WORD,
            number=f"+{number}",
            words=WORDS,
            actor=WHATSAPP,
        )
        take_call(call.pk, actor=people.desk)
        incident = open_incident_for_call(call.pk, "kecelakaan_lalin", actor=people.desk)
        close_call(call.pk, "emergency", note=WORDS, actor=people.desk)
        tried(chats.ask_caller, incident.pk, actor=people.desk)
        close_incident(incident.pk, disposition="handled", actor=people.desk)
        chats.ask_caller(incident.pk, actor=people.desk)
        sent_messages(end, time)
    for said in (f"{WORDS} 4", "ubah nilai", "4"):
        siti.says(said)
    survey = CaseSurvey.objects.get(incident__calls__contact__number=f"+{siti.number}")
    for odd in (WORD, WORDS, "²"):
        siti.taps_id(f"0:rate:{survey.pk}:{odd}", WORDS)
    siti.taps_id(f"0:rate:{survey.pk}:5", WORDS)
    siti.says("batal")


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
    assert min(gone.values()) > 0, gone
    remove_erased_files()
    chats.erase_messages([siti.chat.messages.latest("id").pk], actor=SETUP)
    chats.erase_drafts(clock.now(), actor=SETUP)
    chats.erase_chats([siti.chat.pk], actor=SETUP)
