"""One turn of the conversation: what a message does, by the table of `script`. Parts of `hear`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.kinds.complaints import ChatMoved
from sigap.core.machine import change, move
from sigap.core.rows import write
from sigap.core.transaction import savepoint

from ...actions import confirm_complaint, contest_complaint
from ...models import Category, Complaint
from .. import listen
from ..models import ChatMessage, Conversation
from ..queries import RECENT, reports_of
from ..script import ENOUGH_TURNS, ON, QUESTIONS, SCRIPT, Turn
from . import drafts, speaking
from .dangers import REPORTING, meets_danger
from .drafts import add_to

QUIET = ("revoke", "reaction", "sticker")  # they ask for no answer


class Heard(Protocol):
    """What is read of a message here."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def choice(self) -> str: ...
    @property
    def point(self) -> tuple[float, float] | None: ...
    @property
    def place(self) -> str: ...
    @property
    def reply_to(self) -> str: ...


@dataclass
class Meant:
    """What a message was in the words of the table, and what is needed to answer it."""

    token: str
    complaint: Complaint | None = None
    group: int | None = None
    places: tuple[tuple[str, str, str], ...] = ()


def answer(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> None:
    """Do what the message asks for, and say what follows."""
    if meets_danger(chat, message, heard, actor):
        return
    if chat.state == "person":
        change(chat, waiting_at=chat.waiting_at or clock.now())
        return
    if chat.state in REPORTING and heard.kind not in QUIET:
        message.draft = chat.draft
        write(message, "draft")
        change(chat, turns=chat.turns + 1)
    before = chat.state
    meant = _meaning(chat, message, heard, actor)
    turn = SCRIPT[before].get(meant.token, Turn(ON) if chat.has_draft else Turn("", "stale"))
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
    if was == "kept" and chat.state != "idle":
        first.append("resumed")
    if says == "status":
        speaking.tell_status(chat, actor)
    elif says in ("which_area", "areas"):
        speaking.ask_which_area(chat, actor, meant.group)
    elif says == "which_place":
        speaking.ask_which_place(chat, meant.places, actor)
    elif not says or says in ("which", "where", "right"):
        speaking.ask(chat, first, actor, says)
    else:
        speaking.say(chat, [*first, says], actor, complaint=meant.complaint)
    if "notice" in first:
        change(chat, noticed_at=clock.now())


def _meaning(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    if heard.kind in QUIET:
        return Meant("noise")
    if heard.kind == "choice" and ":" in heard.choice:
        return _tapped(chat, message, heard.choice, actor)
    if heard.kind == "location":
        return _pinned(chat, message, heard, actor)
    if heard.text.strip():
        return _worded(chat, message, heard, actor)
    if message.file_state:
        return _filed_along(chat, message, heard, actor)
    return Meant("noise" if heard.kind == "edit" else "unreadable")


# --- what was tapped -------------------------------------------------------------------


def _tapped(chat: Conversation, message: ChatMessage, choice: str, actor: Actor) -> Meant:
    number, _, rest = choice.partition(":")
    name, _, argument = rest.partition(":")
    tap = _TAPS.get(name)
    if tap is None or not number.isdigit() or int(number) not in (0, chat.draft):
        return Meant("stale")
    return tap(chat, message, argument, actor)


def _tap_yes(chat: Conversation, _message: ChatMessage, _argument: str, actor: Actor) -> Meant:
    return _yes(chat, actor)


def _tap_no(chat: Conversation, _message: ChatMessage, _argument: str, _actor: Actor) -> Meant:
    return _no(chat)


def _tap_category(chat: Conversation, _message: ChatMessage, code: str, _actor: Actor) -> Meant:
    known = Category.objects.filter(code=code, active=True).exists()
    change(chat, category=code if known else "", sorted=True)
    return Meant("category")


def _tap_other(chat: Conversation, _message: ChatMessage, _code: str, _actor: Actor) -> Meant:
    change(chat, category="", sorted=True)
    return Meant("other_category")


def _tap_at(chat: Conversation, _message: ChatMessage, argument: str, _actor: Actor) -> Meant:
    kind, _, key = argument.partition(":")
    try:
        drafts.keep_place(chat, kind, key)
    except SigapError:
        return Meant("stale")
    return Meant("place")


def _tap_areas(_chat: Conversation, _message: ChatMessage, argument: str, _actor: Actor) -> Meant:
    return Meant("areas", group=int(argument) if argument.isdigit() else None)


def _tap_nowhere(chat: Conversation, _message: ChatMessage, _argument: str, _actor: Actor) -> Meant:
    change(chat, placed=True)
    return Meant("nowhere")


def _tap_add(chat: Conversation, _message: ChatMessage, argument: str, actor: Actor) -> Meant:
    complaint = _report(chat, argument)
    if complaint is None:
        return Meant("stale")
    return _give_to(chat, complaint, actor)


def _tap_score(chat: Conversation, _message: ChatMessage, argument: str, actor: Actor) -> Meant:
    number, _, score = argument.partition(":")
    return _solved(chat, _report(chat, number), int(score) if score.isdigit() else None, actor)


def _tap_unsolved(chat: Conversation, _message: ChatMessage, argument: str, _actor: Actor) -> Meant:
    return _unsolved(chat, _report(chat, argument))


_Tap = Callable[[Conversation, ChatMessage, str, Actor], Meant]
_TAPS: dict[str, _Tap] = {
    "yes": _tap_yes,
    "no": _tap_no,
    "cancel": lambda *_given: Meant("cancel"),
    "category": _tap_category,
    "other_category": _tap_other,
    "at": _tap_at,
    "areas": _tap_areas,
    "nowhere": _tap_nowhere,
    "other_place": lambda *_given: Meant("other_place"),
    "add": _tap_add,
    "new": lambda *_given: Meant("new"),
    "score": _tap_score,
    "unsolved": _tap_unsolved,
}


# --- what was written ------------------------------------------------------------------


def _worded(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    said = heard.text.strip()
    if listen.mark_in(said) == "spam":
        return Meant("noise" if _was_told(chat, "spam") else "spam")
    if listen.is_only_abuse(said):
        return Meant("abuse")
    if command := listen.command_in(said):
        return _command(chat, command, said, actor)
    if (listen.is_yes(said) or listen.is_no(said)) and chat.state not in ("adding", "idle"):
        return _yes(chat, actor) if listen.is_yes(said) else _no(chat)
    return _SAYS[chat.state](chat, message, heard, actor)


def _command(chat: Conversation, command: str, said: str, actor: Actor) -> Meant:
    if command == "language":
        change(chat, language=listen.LANGUAGES[said.lower().rstrip(".!")])
    elif command == "wants_person":
        change(chat, waiting_at=chat.waiting_at or clock.now())
    elif command == "add":
        if chat.state == "choosing" and chat.about is not None:
            return _give_to(chat, chat.about, actor)
        latest = reports_of(chat).first()
        if latest is None:
            return Meant("no_report")
        change(chat, about=latest)
        return Meant("add", latest)
    elif command == "thanks" and chat.state == "idle" and (about := _lately(chat)):
        # Kept with the report that they thank for; no answer is needed.
        add_to(chat, about, said, actor)
    return Meant(command)


def _said_idle(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    said = heard.text.strip()
    done = reports_of(chat).filter(state="done").first()
    if done is not None:
        verdict, score = listen.verdict_on(said), listen.score_in(said)
        if score is not None or verdict == "solved":
            return _solved(chat, done, score, actor)
        if verdict == "unsolved":
            return _unsolved(chat, done)
    if listen.is_yes(said) or listen.is_no(said):
        return Meant("yes" if listen.is_yes(said) else "no")
    answered = _replied_to(heard) or reports_of(chat).filter(state="held").first()
    if answered is not None:
        return _added(chat, message, answered, said, actor)
    drafts.keep_words(chat, said, actor)
    return _maybe_about(chat, "words")


def _said_more(chat: Conversation, _message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    drafts.keep_words(chat, heard.text.strip(), actor)
    return Meant("words")


def _said_sorting(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    """The name of a category, or more words; a person decides then. Asked is asked."""
    said = heard.text.strip().lower()
    names = Category.objects.filter(active=True).values_list("code", "name", "name_en")
    code = next((c for c, *both in names if said in (c, *(n.lower() for n in both))), "")
    if code:
        return _tap_category(chat, message, code, actor)
    if said not in ("lainnya", "lain", "liyane", "other", "something else"):
        drafts.keep_words(chat, heard.text.strip(), actor)
    return _tap_other(chat, message, "", actor)


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
    return _added(chat, message, chat.about, heard.text, actor)


def _said_contesting(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    complaint = chat.about
    if complaint is None:
        return Meant("no_report")
    _part_of(message, complaint)
    chat.messages.filter(complaint=None, draft=chat.draft).update(complaint=complaint)
    drafts.empty(chat)
    try:
        with savepoint():
            contest_complaint(complaint.pk, why=heard.text[:4000], actor=actor)
    except SigapError:
        add_to(chat, complaint, heard.text, actor)
        change(chat, waiting_at=chat.waiting_at or clock.now())
        return Meant("not_contested", complaint)
    return Meant("contested", complaint)


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
        return _added(chat, message, complaint, words, actor) if complaint else Meant("no_report")
    if heard.point is None:
        drafts.keep_address(chat, words, actor, placed=True)
        return Meant("place")
    if not drafts.keep_point(chat, heard.point, heard.place, actor):
        return Meant("outside")
    return _maybe_about(chat, "place") if chat.state == "idle" else Meant("place")


def _filed_along(chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor) -> Meant:
    """A file without words."""
    if chat.state == "adding" and chat.about is not None:
        return _added(chat, message, chat.about, "", actor)
    if chat.state == "contesting" and chat.about is not None:
        _part_of(message, chat.about)
        return Meant("noise")
    if chat.state == "idle":
        answered = _replied_to(heard) or reports_of(chat).filter(state="held").first()
        if answered is not None:
            return _added(chat, message, answered, "", actor)
        return _maybe_about(chat, "file")
    earlier = chat.messages.filter(draft=chat.draft, incoming=True).exclude(file_state="")
    again = chat.state == "telling" and earlier.count() > 1
    return Meant("another_file" if again else "file")


# --- steps -----------------------------------------------------------------------------


def _yes(chat: Conversation, actor: Actor) -> Meant:
    if chat.state == "confirming":
        return Meant("yes", drafts.file(chat, actor))
    if chat.state == "sorting" and chat.guesses:
        change(chat, category=chat.guesses[0][0], sorted=True)
    elif chat.state == "placing" and (places := _offered_places(chat)):
        drafts.keep_place(chat, *places[0][:2])
        return Meant("place")
    return Meant("yes", chat.about)


def _no(chat: Conversation) -> Meant:
    if chat.state == "confirming":
        change(chat, **drafts.EMPTY)
    elif chat.state == "sorting":
        change(chat, category="", sorted=True)
    return Meant("no", chat.about)


def _offered_places(chat: Conversation) -> list[tuple[str, str, str]]:
    """What was offered, where one place was: a yes means that one."""
    found = speaking.places_in(chat.body.body if chat.body else "")
    return found if len(found) == 1 and chat.address is None else []


def _maybe_about(chat: Conversation, token: str) -> Meant:
    """Who has been told of a report since yesterday may mean that one."""
    about = _lately(chat)
    if about is None:
        return Meant(token)
    change(chat, about=about)
    return Meant("maybe_about", about)


def _lately(chat: Conversation) -> Complaint | None:
    told = chat.messages.filter(incoming=False, complaint__isnull=False)
    last = told.filter(at__gte=clock.now() - RECENT).order_by("-id").first()
    return last.complaint if last else None


def _replied_to(heard: Heard) -> Complaint | None:
    """The report that the message is about to which this one replies."""
    if not heard.reply_to:
        return None
    about = ChatMessage.objects.filter(wamid=heard.reply_to).select_related("complaint").first()
    return about.complaint if about else None


def _give_to(chat: Conversation, complaint: Complaint, actor: Actor) -> Meant:
    """What was written since is part of that report."""
    said = chat.body.body if chat.body else ""
    if chat.lat is not None:
        said = f"{said}\n📍 {chat.lat:.6f}, {chat.lng:.6f}".strip()
    drafts.belongs(chat, complaint)
    token = add_to(chat, complaint, said, actor)
    drafts.empty(chat)
    return _shown(chat, token, complaint)


def _added(
    chat: Conversation, message: ChatMessage, complaint: Complaint, said: str, actor: Actor
) -> Meant:
    _part_of(message, complaint)
    token = add_to(chat, complaint, said, actor)
    drafts.empty(chat)
    return _shown(chat, token, complaint)


def _shown(chat: Conversation, meaning: str, complaint: Complaint) -> Meant:
    if meaning == "added_late":
        change(chat, waiting_at=chat.waiting_at or clock.now())
    return Meant(meaning, complaint)


def _part_of(message: ChatMessage, complaint: Complaint) -> None:
    message.complaint = complaint
    write(message, "complaint")


def _solved(
    chat: Conversation, complaint: Complaint | None, score: int | None, actor: Actor
) -> Meant:
    if complaint is None or complaint.state != "done":
        return Meant("stale")
    confirm_complaint(complaint.pk, score=score, actor=actor)
    return Meant("confirmed", complaint)


def _unsolved(chat: Conversation, complaint: Complaint | None) -> Meant:
    if complaint is None or complaint.state != "done":
        return Meant("stale")
    change(chat, about=complaint)
    return Meant("unsolved", complaint)


def _report(chat: Conversation, number: str) -> Complaint | None:
    """One of their own reports: a choice is what their phone sends, and could name any."""
    return reports_of(chat).filter(pk=int(number)).first() if number.isdigit() else None


def _was_told(chat: Conversation, text: str) -> bool:
    return chat.mark == text and chat.messages.filter(incoming=False).exists()
