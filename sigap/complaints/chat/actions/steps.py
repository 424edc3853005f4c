"""What a message does, in steps that taps and words share. Parts of `hear`."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import subject_of
from sigap.core.machine import change
from sigap.core.models import Journal
from sigap.core.rows import write

from ...machine import OPEN
from ...models import Complaint
from ...survey.models import CaseSurvey
from .. import listen
from ..heard import Heard
from ..models import ChatMessage, Conversation
from ..queries import lately, reports_of
from . import drafts, speaking
from .drafts import add_to

SAID_ENOUGH = timedelta(hours=6)


@dataclass
class Meant:
    """What a message was in the words of the table, and what is needed to answer it."""

    token: str
    complaint: Complaint | None = None
    group: int | None = None
    places: tuple[tuple[str, str, str], ...] = ()
    survey: CaseSurvey | None = None
    values: dict[str, Any] = field(default_factory=dict)


def say_yes(chat: Conversation, actor: Actor) -> Meant:
    """A yes to whatever was asked."""
    if chat.state == "confirming":
        return Meant("yes", drafts.file(chat, actor))
    if chat.state == "sorting" and chat.guesses:
        change(chat, category=chat.guesses[0][0], sorted=True)
    elif chat.state == "placing" and (places := _offered_places(chat)):
        drafts.keep_place(chat, *places[0][:2])
        return Meant("place")
    return Meant("yes", chat.about)


def say_no(chat: Conversation) -> Meant:
    """A no to whatever was asked."""
    if chat.state == "confirming":
        # What they wish to be hidden stays hidden.
        wished = {"anonymous": chat.anonymous, "secret": chat.secret}
        change(chat, **(drafts.EMPTY | wished))
    elif chat.state == "sorting":
        change(chat, category="", sorted=True)
    return Meant("no", chat.about)


def _offered_places(chat: Conversation) -> list[tuple[str, str, str]]:
    """What was offered, where one place was: a yes means that one."""
    found = speaking.places_in(chat.body.body if chat.body else "")
    return found if len(found) == 1 and chat.address is None else []


def maybe_about(chat: Conversation, token: str) -> Meant:
    """Who has been told of a report since yesterday may mean that one."""
    about = lately(chat)
    if about is None:
        return Meant(token)
    change(chat, about=about)
    return Meant("maybe_about", about)


def replied_to(chat: Conversation, heard: Heard) -> Complaint | None:
    """The report that the message of this conversation is about to which this one replies."""
    if not heard.reply_to:
        return None
    about = chat.messages.filter(wamid=heard.reply_to).select_related("complaint").first()
    return about.complaint if about else None


def give_to(chat: Conversation, complaint: Complaint, actor: Actor) -> Meant:
    """What was written since is part of that report."""
    said = chat.body.body if chat.body else ""
    if chat.lat is not None:
        said = f"{said}\n📍 {chat.lat:.6f}, {chat.lng:.6f}".strip()
    drafts.belongs(chat, complaint)
    token = add_to(chat, complaint, said, actor)
    drafts.empty(chat)
    return _shown(chat, token, complaint)


def added(
    chat: Conversation, message: ChatMessage, complaint: Complaint, said: str, actor: Actor
) -> Meant:
    """This message is part of that report."""
    part_of(message, complaint)
    token = add_to(chat, complaint, said, actor)
    drafts.leave(chat)
    return _shown(chat, token, complaint)


def _shown(chat: Conversation, meaning: str, complaint: Complaint) -> Meant:
    if complaint.state not in OPEN:  # no agency reads it there any more
        change(chat, waiting_at=chat.waiting_at or clock.now())
    return Meant(meaning, complaint)


def part_of(message: ChatMessage, complaint: Complaint) -> None:
    """Note which report a message belongs to, and the file that came with it."""
    message.complaint = complaint
    write(message, "complaint")


def own_report(chat: Conversation, number: str) -> Complaint | None:
    """One of their own reports: a choice is what their phone sends, and could name any."""
    pk = listen.whole(number)
    return reports_of(chat).filter(pk=pk).first() if pk is not None else None


def was_said(chat: Conversation, *says: str) -> bool:
    """Whether one of these was said here lately: it need not be said to every message."""
    told = Journal.objects.filter(kind="chat.said", subject=subject_of(chat), body__says__in=says)
    return told.filter(at__gte=clock.now() - SAID_ENOUGH).exists()
