"""What the letters of the inbox do: messages to the conversation, receipts to what was sent, and
an emergency to the call takers' screen, each in one transaction."""

from django.conf import settings

from sigap.calls.actions import present_text
from sigap.calls.machine import LIVE
from sigap.calls.models import Call
from sigap.complaints.chat.actions import (
    hand_back_chat,
    hear,
    move_person,
    note_receipt,
    take_over_chat,
    tell_news,
)
from sigap.complaints.chat.actions.dangers import EMERGENCY, last_words
from sigap.complaints.chat.listen import whole
from sigap.complaints.chat.models import ChatMessage, Conversation
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Journal
from sigap.notify.actions import note_notice_receipt
from sigap.notify.actions import note_receipt as note_alert
from sigap.reviews.reports.actions import note_digest_receipt

from ..alerts.post import notice_of
from ..digest import digest_in
from .messages import Heard, Receipt, read

SOURCE = "whatsapp"
LINE = "WhatsApp"


def understand_whatsapp(payload: str, actor: Actor) -> None:
    """Turn a kept letter into what it does."""
    found = read(payload, clock.now())
    ours = settings.ENV.whatsapp_phone_id
    if isinstance(found, Heard | Receipt) and found.number_id not in ("", ours) and ours:
        return  # of another number of the same account
    if isinstance(found, Receipt):
        is_of_chat = note_receipt(
            found.wamid,
            found.status,
            found.rank,
            reference=found.reference,
            code=found.code,
            billable=found.billable,
            category=found.category,
            actor=actor,
        )
        if not is_of_chat:
            reason = f"whatsapp_{found.code}" if found.code else ""
            is_of_alert = note_alert(
                found.reference, found.status, reason=reason, external=found.wamid, actor=actor
            )
            if is_of_alert:
                return
            if notice := notice_of(found.reference):
                note_notice_receipt(notice, found.status, reason, actor=actor)
            elif found.status == "failed" and (digest := digest_in(found.reference)):
                note_digest_receipt(digest, reason[:32], actor=actor)
    elif isinstance(found, Heard) and not found.group:
        if found.kind == "moved":
            was = found.was
            move_person(was, found.who, phone=found.phone, was_phone=found.was_phone, actor=actor)
        elif (message := hear(found, actor=actor)) is not None and message.kind == EMERGENCY:
            _open_call(message, actor)


def follow_up(*, actor: Actor) -> int:
    """Tell citizens how their reports go on, and let the chat follow its text call. Returns how
    many rows of the journal were read."""
    return tell_news(actor=actor, also=_OF_CALLS)


def _open_call(message: ChatMessage, actor: Actor) -> None:
    """It rings on the call takers' screens like any call; the chat is its line. While one is
    going on there is no second."""
    chat = message.conversation
    if not Call.objects.filter(
        source=SOURCE, external_id__startswith=f"{chat.pk}-", state__in=LIVE
    ).exists():
        present_text(
            source=SOURCE,
            external_id=f"{chat.pk}-{message.pk}",
            line=LINE,
            number=chat.contact.number if chat.contact else None,
            words=last_words(chat),
            actor=actor,
        )


def _chat_of(entry: Journal) -> tuple[Call, Conversation] | None:
    call = Call.objects.filter(pk=entry.subject.partition(":")[2], source=SOURCE).first()
    pk = (call.external_id or "").partition("-")[0] if call else ""
    number = whole(pk)
    chat = Conversation.objects.filter(pk=number).first() if number is not None else None
    return (call, chat) if call and chat else None


def _taken(entry: Journal, actor: Actor) -> None:
    """Whoever answers the text call has the chat, also where it changes hands."""
    found = _chat_of(entry)
    if found and found[0].operator_id and found[0].state in LIVE:
        call, chat = found
        operator = call.operator_id
        take_over_chat(chat.pk, operator_id=operator, says="emergency_taken", actor=actor)


def _over(entry: Journal, actor: Actor) -> None:
    found = _chat_of(entry)
    if found and found[1].state == "person":
        hand_back_chat(found[1].pk, actor=actor)


_OF_CALLS = {"call.answer": _taken, "call.claimed": _taken, "call.close": _over}
