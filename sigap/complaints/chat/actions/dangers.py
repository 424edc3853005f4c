"""Words of danger: 112 first, whatever was being talked about. Parts of `hear`."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ChatMoved, ChatTaken
from sigap.core.machine import change, move
from sigap.core.rows import write

from ...sorting import danger
from .. import listen
from ..heard import Heard
from ..models import ChatMessage, Conversation
from ..script import ASIDE, QUESTIONS
from . import drafts, speaking
from .steps import was_said

EMERGENCY = "emergency"
REPORTING = ("idle", *QUESTIONS, "choosing", "kept")
# So long a yes is one to the emergency that was offered, whatever was asked after it. The button
# stands for ever.
OFFER_STANDS = timedelta(minutes=30)
MOST_MESSAGES = 3  # of before, that a call taker reads with the one that told of danger


def meets_danger(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> bool:
    """Offer the emergency service where a message tells of danger, and take the answer to such
    an offer. Returns whether the message was about that."""
    if heard.kind == "choice":
        name = heard.choice.partition(":")[2]
        if name == "emergency":
            _connect(chat, message, actor)
        elif name == "no_emergency":
            _deny(chat, actor)
        return name in ("emergency", "no_emergency")
    if heard.kind in ("location", "reaction", "revoke") or not heard.text.strip():
        return False
    if chat.offered_at is not None and clock.now() - chat.offered_at < OFFER_STANDS:
        if listen.is_yes(heard.text):
            _connect(chat, message, actor)
            return True
        if listen.is_no(heard.text):
            _deny(chat, actor)
            return True
    return _offer(chat, message, heard, actor)


def last_words(chat: Conversation) -> str:
    """What they wrote last, for whoever takes the call."""
    rows = chat.messages.filter(incoming=True, text__isnull=False).select_related("text")
    told = rows.exclude(kind__in=("choice", EMERGENCY)).order_by("-id")[:MOST_MESSAGES]
    return "\n".join(m.text.body for m in reversed(told) if m.text)


def _offer(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> bool:
    alarm = danger().read(heard.text)
    now = listen.calls_112(heard.text) or (alarm is not None and alarm.level == "now")
    if not now and alarm is None:
        return False
    if chat.state == "person" and (not now or was_said(chat, "danger", "emergency")):
        return False  # somebody reads it
    at = clock.now()
    # A person of the desk sees it at once, whatever they answer.
    change(chat, offered_at=at, waiting_at=(chat.waiting_at or at) if now else chat.waiting_at)
    if chat.state in REPORTING and not listen.calls_112(heard.text):
        drafts.keep_words(chat, heard.text.strip(), actor)
        if chat.state == "idle":
            move(chat, "ask_what", actor=actor, body=ChatMoved(draft=chat.draft))
    speaking.say(chat, "danger" if now else "maybe_danger", actor)
    # What is added to a report is added all the same; the number alone says nothing of it.
    return chat.state not in ASIDE or listen.calls_112(heard.text)


def _connect(chat: Conversation, message: ChatMessage, actor: Actor) -> None:
    """The kind of the message says so: the gateway opens a text call in the same transaction."""
    message.kind = EMERGENCY
    write(message, "kind")
    record(
        "chat.emergency",
        subject=subject_of(chat),
        actor=actor,
        body=ChatMoved(draft=chat.draft),
    )
    now = clock.now()
    move(chat, "take_over", actor=actor, body=ChatTaken(), offered_at=None, waiting_at=now)
    speaking.say(chat, "emergency", actor)


def _deny(chat: Conversation, actor: Actor) -> None:
    """It is none: the report that it may be goes on."""
    change(chat, offered_at=None)
    if chat.state == "person":
        return
    before = [] if chat.noticed_at else ["notice"]
    if chat.noticed_at is None:
        change(chat, noticed_at=clock.now())
    if chat.has_draft and chat.state in REPORTING:
        question = drafts.missing(chat)
        command = QUESTIONS[question][0]
        if chat.state != question:
            move(chat, command, actor=actor, body=ChatMoved(draft=chat.draft))
        speaking.ask(chat, [*before, "no_emergency"], actor)
    else:
        speaking.say(chat, [*before, "no_emergency"], actor)
