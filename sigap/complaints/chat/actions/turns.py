"""One turn of the conversation: what a message does, by the table of `script`. Parts of `hear`."""

from collections.abc import Callable
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.kinds.complaints import ChatMoved
from sigap.core.machine import change, move

from ...actions import protect_complaint
from ...models import Category
from .. import listen, texts
from ..heard import Heard
from ..models import ChatMessage, Conversation
from ..queries import lately, reports_of
from ..script import ASIDE, ENOUGH_TURNS, ON, QUESTIONS, SCRIPT, Turn
from . import drafts, speaking
from .dangers import meets_danger
from .drafts import add_to
from .marks import contested, judged, refuses, replies_with_a_mark, to_rescore
from .steps import (
    Meant,
    added,
    give_to,
    maybe_about,
    part_of,
    replied_to,
    say_no,
    say_yes,
    was_said,
)
from .taps import tap_category, tap_other, tapped

OF_A_REPORT = ("whose", "add_what", "why")  # asked again, of the same one
QUIET = ("revoke", "reaction", "sticker")  # they ask for no answer


def answer(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> None:
    """Do what the message asks for, and say what follows."""
    if meets_danger(chat, message, heard, actor):
        return
    if chat.state == "person" and heard.kind in QUIET:
        return
    if chat.state == "person":
        change(chat, waiting_at=chat.waiting_at or clock.now())
        return
    before = chat.state
    meant = _meaning(chat, message, heard, actor)
    turn = SCRIPT[before].get(meant.token, Turn(ON) if chat.has_draft else Turn("", "stale"))
    if before in ASIDE and turn.next in ("finish", "drop") and drafts.is_begun(chat):
        change(chat, about=None)
        turn = Turn(ON, turn.says)  # back to the report in whose midst that was
    _go(chat, turn, actor)
    _speak(chat, turn, meant, before, heard, actor)
    if chat.state == "idle" and chat.turns:
        change(chat, turns=0)


def _go(chat: Conversation, turn: Turn, actor: Actor) -> None:
    command = turn.next
    if command == ON:
        command = QUESTIONS[drafts.missing(chat)][0]
    if command == "drop":
        drafts.empty(chat)
    if command and chat.MACHINE.next(chat.state, command) != chat.state:
        move(chat, command, actor=actor, body=ChatMoved(draft=chat.draft))


def _speak(
    chat: Conversation, turn: Turn, meant: Meant, was: str, heard: Heard, actor: Actor
) -> None:
    says = turn.says
    if not says and turn.next != ON:
        return
    first = [] if chat.noticed_at else ["notice"]
    if listen.mark_in(heard.text) == "child" and heard.kind == "text":
        first.append("child")
    if was == "kept" and chat.state in QUESTIONS and chat.body is not None:
        first.append("resumed")
    if says == "status":
        speaking.tell_status(chat, actor)
    elif says in ("which_area", "areas"):
        speaking.ask_which_area(chat, actor, meant.group)
    elif says in ("how_was_it", "score_again") and meant.complaint is not None:
        speaking.ask_score(chat, meant.complaint, actor, [*first, says])
    elif says == "score_again" and meant.survey is not None:
        speaking.ask_caller_score(chat, meant.survey, actor, [*first, says])
    elif says == "which_place":
        speaking.ask_which_place(chat, meant.places, actor)
    elif was in ASIDE and turn.next == ON:
        first += [says] if says else []
        first += ["resumed"] if chat.body is not None else []
        speaking.ask(chat, first, actor, complaint=meant.complaint)
    elif not says or says in ("which", "where", "right"):
        speaking.ask(chat, first, actor, says)
    else:
        about = meant.complaint or (chat.about if says in OF_A_REPORT else None)
        speaking.say(chat, [*first, says], actor, complaint=about, **meant.values)
    if "notice" in first:
        change(chat, noticed_at=clock.now())


def _meaning(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    if heard.kind in QUIET:
        return Meant("noise")
    if heard.kind == "choice" and ":" in heard.choice:
        return tapped(chat, message, heard.choice, actor)
    if heard.kind == "location":
        return _pinned(chat, message, heard, actor)
    if heard.text.strip():
        return _worded(chat, message, heard, actor)
    if message.file_state:
        return _filed_along(chat, message, heard, actor)
    return Meant("noise" if heard.kind == "edit" else "unreadable")


# --- what was written ------------------------------------------------------------------


def _worded(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    said = heard.text.strip()
    if listen.mark_in(said) == "spam":
        return Meant("noise" if was_said(chat, "spam") else "spam")
    if listen.is_only_abuse(said):
        return Meant("noise" if was_said(chat, "abuse") else "abuse")
    if command := listen.command_in(said):
        return _command(chat, message, command, said, actor)
    if (mark := replies_with_a_mark(chat, message, heard, actor)) is not None:
        return mark
    if (listen.is_yes(said) or listen.is_no(said)) and chat.state not in ("adding", "idle"):
        return say_yes(chat, actor) if listen.is_yes(said) else say_no(chat)
    return _SAYS[chat.state](chat, message, heard, actor)


def _command(
    chat: Conversation, message: ChatMessage, command: str, said: str, actor: Actor
) -> Meant:
    if command == "language":
        change(chat, language=listen.LANGUAGES[said.lower().rstrip(".!")])
    elif command == "wants_person":
        change(chat, waiting_at=chat.waiting_at or clock.now())
    elif command == "add":
        if chat.state == "choosing" and chat.about is not None:
            return give_to(chat, chat.about, actor)
        latest = reports_of(chat).first()
        if latest is None:
            return Meant("no_report")
        part_of(message, latest)
        change(chat, about=latest)
        return Meant("add", latest)
    elif command in ("anonymous", "secret"):
        return _protect(chat, command, actor)
    elif command == "rescore":
        return to_rescore(chat)
    elif command == "cancel" and (refused := refuses(chat, actor)):
        return refused
    elif command == "thanks" and chat.state == "idle" and (about := lately(chat)):
        # Kept with the report that they thank for; no answer is needed.
        add_to(chat, about, said, actor)
    return Meant(command)


def _protect(chat: Conversation, command: str, actor: Actor) -> Meant:
    """Hide who reports, or all of it: of the report that is being made, else of the last one."""
    latest = None if drafts.is_begun(chat) else reports_of(chat).first()
    if latest is not None:
        protect_complaint(latest.pk, **{command: True}, actor=actor)
        return Meant(command, latest)
    change(chat, **{command: True})
    return Meant(f"{command}_first" if chat.state == "idle" else command)


def _said_idle(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    said = heard.text.strip()
    if (given := judged(chat, message, heard, actor, marks_only=False)) is not None:
        return given
    if listen.is_yes(said) or listen.is_no(said):
        return Meant("yes" if listen.is_yes(said) else "no")
    answered = replied_to(chat, heard) or reports_of(chat).filter(state="held").first()
    if answered is not None:
        return added(chat, message, answered, said, actor)
    drafts.keep_words(chat, said, actor)
    return maybe_about(chat, "words")


def _said_more(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    nothing_yet = chat.state == "kept" or (chat.state == "telling" and not chat.has_draft)
    if nothing_yet and (given := judged(chat, message, heard, actor, marks_only=True)) is not None:
        return given
    drafts.keep_words(chat, heard.text.strip(), actor)
    return Meant("words")


def _said_sorting(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    """The name of a category, or more words; a person decides then. Asked is asked."""
    said = heard.text.strip().lower()
    names = Category.objects.filter(active=True).values_list("code", "name", "name_en")
    code = next((c for c, *both in names if said in (c, *(n.lower() for n in both))), "")
    if code:
        return tap_category(chat, message, code, actor)
    if said not in ("lainnya", "lain", "liyane", "other", "something else"):
        drafts.keep_words(chat, heard.text.strip(), actor)
    return tap_other(chat, message, "", actor)


def _said_placing(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    """An address, a landmark, the name of a kelurahan."""
    said = heard.text.strip()
    enough = chat.turns >= ENOUGH_TURNS
    places = speaking.places_in(said)
    if len(places) == 1:
        drafts.keep_address(chat, said, actor, placed=True)
        drafts.keep_place(chat, *places[0][:2])
        return Meant("place")
    drafts.keep_address(chat, said, actor, placed=enough)
    if enough:
        return Meant("nowhere")
    return Meant("several", places=tuple(places)) if places else Meant("unclear")


def _said_choosing(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    if {"baru", "new", "anyar", "enggal"} & set(heard.text.lower().split()):
        return Meant("new")
    return _said_more(chat, message, heard, actor)


def _said_adding(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    if chat.about is None:
        return Meant("no_report")
    return added(chat, message, chat.about, heard.text, actor)


def _said_contesting(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    complaint = chat.about
    if complaint is None:
        return Meant("no_report")
    part_of(message, complaint)
    return contested(chat, complaint, heard.text, actor)


_SAYS: dict[str, Callable[[Conversation, ChatMessage, Any, Actor], Meant]] = {
    "idle": _said_idle,
    "telling": _said_more,
    "sorting": _said_sorting,
    "placing": _said_placing,
    "confirming": _said_more,
    "choosing": _said_choosing,
    "adding": _said_adding,
    "contesting": _said_contesting,
    "kept": _said_more,
}


def _pinned(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    words = message.text.body if message.text else ""
    if chat.state in ("adding", "contesting"):
        complaint = chat.about
        return added(chat, message, complaint, words, actor) if complaint else Meant("no_report")
    if heard.point is None:
        drafts.keep_address(chat, words, actor, placed=True)
        return Meant("place")
    if not drafts.keep_point(chat, heard.point, heard.place, actor):
        return Meant("outside")
    return maybe_about(chat, "place") if chat.state == "idle" else Meant("place")


def _filed_along(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    """A file without words."""
    if chat.state == "adding" and chat.about is not None:
        return added(chat, message, chat.about, "", actor)
    if chat.state == "contesting" and chat.about is not None:
        part_of(message, chat.about)
        return Meant("noise")
    if chat.state == "idle":
        answered = replied_to(chat, heard) or reports_of(chat).filter(state="held").first()
        if answered is not None:
            return added(chat, message, answered, "", actor)
    if message.kind == "audio" and (told := _told_aloud(chat, actor)) is not None:
        return told
    if chat.state == "idle":
        return maybe_about(chat, "file")
    earlier = chat.messages.filter(draft=chat.draft, incoming=True).exclude(file_state="")
    again = chat.state == "telling" and earlier.count() > 1
    return Meant("another_file" if again else "file")


def _told_aloud(chat: Conversation, actor: Actor) -> Meant | None:
    """Who speaks instead of writing is taken at their word: a person listens, soon, since nobody
    knows yet how urgent it is."""
    if chat.state in ("idle", "telling") and chat.body is None:
        drafts.keep_words(chat, texts.pick(texts.VOICE, chat.language), actor)
        meant = maybe_about(chat, "words") if chat.state == "idle" else Meant("words")
    elif chat.state == "placing":
        change(chat, placed=True)
        meant = Meant("nowhere")
    else:
        return None
    change(chat, waiting_at=chat.waiting_at or clock.now())
    return meant
