"""What somebody wrote: kept first, understood, answered; all in one transaction."""

from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions.personal import contact_for, keep
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ChatHeard, ChatMarked, ChatMoved
from sigap.core.machine import change, move
from sigap.core.models import Text
from sigap.core.parameters import value
from sigap.core.personal import source_key
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction

from ..heard import Heard
from ..listen import language_of, mark_in
from ..machine import ASKED
from ..models import ChatMessage, Conversation
from .dangers import REPORTING
from .speaking import MOST_WORDS
from .turns import QUIET, answer

SOURCE = "whatsapp"


def hear(heard: Heard, *, actor: Actor) -> ChatMessage | None:
    """Take in one message and answer it; a repeat does nothing (None)."""
    with transaction():
        if heard.id and row(ChatMessage, wamid=heard.id) is not None:
            return None
        chat = _conversation(heard, actor)
        message = _note(chat, heard, actor)
        change(
            chat,
            heard_at=max(heard.at, chat.heard_at or heard.at),
            **_asked_anew(heard),
            turns=chat.turns + (message.draft > 0),
            **_mark(chat, heard, actor),
        )
        answer(chat, message, heard, actor)
        if chat.state not in ASKED:
            change(chat, ask_at=None)
        return message


def move_person(
    was: str, who: str, *, phone: str = "", was_phone: str = "", actor: Actor
) -> Conversation | None:
    """Somebody has another number: they go on where they were. Where they had written from the
    new one before we heard of it, both become one. None where nobody is known."""
    with transaction():
        old = _known(was) or (_known(was_phone.lstrip("+")) if was_phone else None)
        new = _known(who)
        if old is None or (new is not None and old.pk == new.pk):
            return None
        contact = contact_for(phone, at=clock.now())
        if new is None:
            old.key, old.who = source_key(SOURCE, who), who
            change(old, key=old.key, who=who, contact=contact or old.contact)
            kept = old
        else:
            takes = old.has_draft and not new.has_draft
            draft = max(old.draft, new.draft) + 1
            theirs = ChatMessage.objects.filter(conversation=old)
            if takes:
                ours = ChatMessage.objects.filter(conversation=new, draft=new.draft)
                for written in (theirs.filter(draft=old.draft), ours):
                    written.filter(complaint=None).update(draft=draft)
                taken = {name: getattr(old, name) for name in _DRAFT}
                change(new, draft=draft, ask_at=clock.now(), asked_at=None, **taken)
                if new.state == "idle":
                    move(new, "ask_what", actor=actor, body=ChatMoved(draft=draft))
            theirs.update(conversation=new)
            change(old, moved_to=new, who="", waiting_at=None, ask_at=None)
            kept = new
        record("chat.moved", subject=subject_of(kept), actor=actor)
        return kept


_DRAFT = (
    *("body", "address", "lat", "lng", "area", "landmark", "placed", "category"),
    *("sorted", "guesses", "guessed_by", "turns", "anonymous", "secret"),
)


def _known(who: str) -> Conversation | None:
    chat = row(Conversation, key=source_key(SOURCE, who)) if who else None
    while chat is not None and chat.moved_to is not None:
        chat = chat.moved_to
    return chat


def _conversation(heard: Heard, actor: Actor) -> Conversation:
    if not heard.who:
        raise Invalid("nobody", code="nobody")
    chat = _known(heard.who)
    if chat is None and heard.phone:
        # Known by the number from before there were user ids.
        chat = _known(heard.phone.lstrip("+"))
        if chat is not None:
            change(chat, key=source_key(SOURCE, heard.who), who=heard.who)
    if chat is None:
        chat = Conversation(
            key=source_key(SOURCE, heard.who),
            who=heard.who,
            began_at=clock.now(),
            language=language_of(heard.text) if heard.kind == "text" else "id",
        )
        insert(chat)
        record("chat.began", subject=subject_of(chat), actor=actor, after=chat.state)
    fields: dict[str, Any] = {}
    if not chat.who:
        fields |= {"who": heard.who, "erased_at": None}
    contact = contact_for(heard.phone, at=heard.at)
    if contact is not None and contact.pk != chat.contact_id:
        fields["contact"] = contact
    if heard.name and (chat.name is None or chat.name.body != heard.name.strip()):
        fields["name"] = keep(subject_of(chat), "name", heard.name, actor=actor)
    if fields:
        change(chat, **fields)
    return chat


def _note(chat: Conversation, heard: Heard, actor: Actor) -> ChatMessage:
    message = ChatMessage(
        conversation=chat,
        incoming=True,
        wamid=heard.id or None,
        kind=heard.kind[:12],
        at=heard.at,
        # What is said while a report is made, or may be begun, is part of it.
        draft=chat.draft if chat.state in REPORTING and heard.kind not in QUIET else 0,
    )
    if heard.media is not None and heard.media.id:
        message.media_id, message.media_sum = heard.media.id, heard.media.sha256
        message.file_state, message.due_at = "waiting", clock.now()
    insert(message)
    message.text = _words(message, heard, actor)
    if message.text is not None:
        write(message, "text")
    record(
        "chat.heard",
        subject=subject_of(chat),
        actor=actor,
        body=ChatHeard(message_id=message.pk, kind=message.kind),
    )
    return message


def _words(message: ChatMessage, heard: Heard, actor: Actor) -> Text | None:
    words = heard.text
    if heard.point is not None:
        words = f"{heard.point[0]:.6f}, {heard.point[1]:.6f} {heard.place}"
    elif heard.kind == "location":
        words = heard.place
    return keep(subject_of(message), "message", words[:MOST_WORDS], actor=actor, most=MOST_WORDS)


def _asked_anew(heard: Heard) -> dict[str, Any]:
    """Who writes may be asked again about what is left open; a sticker or a heart is no word."""
    if heard.kind in QUIET:
        return {}
    later = timedelta(minutes=value("complaints.chat_ask_min"))
    return {"asked_at": None, "ask_at": clock.now() + later}


def _mark(chat: Conversation, heard: Heard, actor: Actor) -> dict[str, str]:
    """How it is marked, for a person to see; a mark that is there stays."""
    mark = mark_in(heard.text) if heard.kind == "text" and not chat.mark else ""
    if mark:
        body = ChatMarked(mark=mark)
        record("chat.marked", subject=subject_of(chat), actor=actor, body=body)
    return {"mark": mark} if mark else {}
