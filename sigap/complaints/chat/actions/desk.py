"""What people of the desk do in a conversation, and what time does."""

from datetime import timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ChatMarked, ChatMoved, ChatTaken
from sigap.core.machine import change, move
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import MARKS, ChatMessage, Conversation
from ..queries import conversation
from ..script import QUESTIONS
from . import drafts
from .marks import contested
from .speaking import queue, say

MOST_ANSWER = 4000


def take_over_chat(
    conversation_id: int, *, actor: Actor, operator_id: int | None = None, says: str = "taken_over"
) -> Conversation:
    """A person answers from now on; the bot is silent. `operator_id` is given where the telephone
    side says who has it."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        chat = conversation(conversation_id)
        who = operator_id if operator_id is not None else actor.person_id()
        if chat.state == "person" and chat.operator_id == who:
            return chat
        body = ChatTaken(operator=who)
        move(chat, "take_over", actor=actor, body=body, operator_id=who, ask_at=None)
        say(chat, says, actor)
        return chat


def hand_back_chat(conversation_id: int, *, actor: Actor) -> Conversation:
    """The bot goes on; a report that was being made is kept as a draft."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        chat = conversation(conversation_id)
        drafts.leave(chat)
        command = "hand_back_draft" if drafts.is_begun(chat) else "hand_back"
        body = ChatTaken(operator=chat.operator_id)
        move(chat, command, actor=actor, body=body, operator=None, waiting_at=None)
        say(chat, "handed_back", actor)
        return chat


def answer_chat(conversation_id: int, words: str, *, actor: Actor) -> ChatMessage:
    """Write to them as a person of the desk, who takes the conversation over by that."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        chat = conversation(conversation_id)
        words = words.strip()
        if not words:
            raise Invalid(_("Write something first."), code="words")
        if len(words) > MOST_ANSWER:
            raise Invalid(_("This is too long for one message."), code="too_long")
        if chat.erased_at is not None or not chat.who:
            raise Refused(_("Nobody can be written to here any more."), code="erased")
        if chat.state != "person" or chat.operator_id is None:
            who = actor.person_id()
            body = ChatTaken(operator=who)
            move(chat, "take_over", actor=actor, body=body, operator_id=who)
        change(chat, waiting_at=None, ask_at=None)
        return queue(chat, words, {"text": words}, actor, says="answer", by=actor.code)


def mark_chat(conversation_id: int, mark: str, *, actor: Actor) -> Conversation:
    """Say what a conversation is: abuse, spam, prank, a child; empty for none of it."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    if mark not in MARKS:
        raise Invalid(_("Unknown mark."), code="mark")
    with transaction():
        chat = conversation(conversation_id)
        if chat.mark != mark:
            change(chat, mark=mark)
            body = ChatMarked(mark=mark)
            record("chat.marked", subject=subject_of(chat), actor=actor, body=body)
        return chat


def settle_chat(conversation_id: int, *, actor: Actor) -> Conversation:
    """Nobody need look at it any more, though nobody answered."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        chat = conversation(conversation_id)
        if chat.waiting_at is not None:
            change(chat, waiting_at=None)
            record("chat.marked", subject=subject_of(chat), actor=actor, body=ChatMarked())
        return chat


def mind_drafts(*, actor: Actor) -> int:
    """Ask once in chats that were left unfinished, and keep the draft of those that stay so.
    Returns how many."""
    due = Conversation.objects.filter(ask_at__lte=clock.now()).exclude(state="person")
    if not due.exists():
        return 0
    with transaction():
        chats = list(due.order_by("ask_at", "id")[:50])
        for chat in chats:
            _mind(chat, actor)
        return len(chats)


def _mind(chat: Conversation, actor: Actor) -> None:
    now = clock.now()
    if chat.offered_at is not None:
        # An emergency was offered and nobody has said a word: somebody has to look.
        change(chat, waiting_at=chat.waiting_at or now)
    if chat.state == "contesting" and chat.about is not None:
        # That it is not solved was said, though not what.
        about = chat.about
        meant = contested(chat, about, "", actor)
        say(chat, meant.token, actor, complaint=about)
        if drafts.is_begun(chat):
            command = QUESTIONS[drafts.missing(chat)][0]
            move(chat, command, actor=actor, body=ChatMoved(draft=chat.draft))
    body, begun = ChatMoved(draft=chat.draft), drafts.is_begun(chat)
    if begun and chat.asked_at is None:
        later = now + timedelta(minutes=value("complaints.chat_ask_min"))
        change(chat, asked_at=now, ask_at=later)
        say(chat, "still_there", actor)
    elif begun and chat.MACHINE.allows(chat.state, "keep"):
        if chat.state == "choosing":
            # Perhaps it belongs to a report that is over: nobody would read it there.
            change(chat, waiting_at=chat.waiting_at or now)
        move(chat, "keep", actor=actor, body=body, ask_at=None, turns=0)
    elif chat.MACHINE.allows(chat.state, "drop"):
        drafts.empty(chat, ask_at=None)
        move(chat, "drop", actor=actor, body=body)
    else:
        change(chat, ask_at=None)
