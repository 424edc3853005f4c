"""The chats with citizens: who waits for a person, what was written, and the desk's own words."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pydantic import BaseModel

from sigap.complaints.chat.actions import (
    answer_chat,
    hand_back_chat,
    mark_chat,
    settle_chat,
    take_over_chat,
)
from sigap.complaints.chat.models import MARKS, ChatMessage, Conversation
from sigap.complaints.chat.queries import (
    conversation,
    is_open,
    listed,
    paid,
    reports_of,
    transcript,
)
from sigap.complaints.files import KEPT, sniff
from sigap.core import clock
from sigap.core.actions.personal import opened
from sigap.core.actors import Permission
from sigap.core.errors import Missing, SigapError
from sigap.core.journal import subject_of
from sigap.core.models import Journal, User
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.vault import Unreadable
from sigap.core.web import Request, body, view

from ..rows import Row

P = Permission
SHOWN, SHOWN_MESSAGES = 60, 200
LOOK_AGAIN = timedelta(minutes=10)
INLINE = ("image/", "audio/", "video/")


class Words(BaseModel):
    """What is to be written to the citizen."""

    words: str = ""


class Mark(BaseModel):
    """How the conversation is marked."""

    mark: str = ""


@view(P.HANDLE_COMPLAINTS)
def screen(request: Request) -> HttpResponseBase:
    """All conversations, those that wait for a person first."""
    return render(request, "console/chats.html", _list(request))


@view(P.HANDLE_COMPLAINTS)
def rows(request: Request) -> HttpResponseBase:
    """The list alone, as the page asks for it every few seconds."""
    return render(request, "console/_chat_rows.html", _list(request))


@view(P.HANDLE_COMPLAINTS)
def one(request: Request, chat_id: int) -> HttpResponseBase:
    """One conversation beside the list."""
    return _page(request, conversation(chat_id))


@view(P.HANDLE_COMPLAINTS)
def messages(request: Request, chat_id: int) -> HttpResponseBase:
    """What was written, and who has it, as the page asks for it every few seconds."""
    return render(request, "console/_chat_messages.html", _told(request, conversation(chat_id)))


@view(P.HANDLE_COMPLAINTS)
def file(request: Request, message_id: int) -> HttpResponseBase:
    """A photo, a voice note or a document that came with a message."""
    found = fetch(ChatMessage, pk=message_id)
    if found.file_state not in ("stored", "attached"):
        raise Missing(_("This file is not there."), code="file")
    try:
        data = KEPT.read(found.file, found.digest)
    except Unreadable:
        raise Missing(_("This file is not there."), code="file") from None
    _look(request, found.conversation)
    kind = sniff(data)
    answer = HttpResponse(data, content_type=kind or "application/octet-stream")
    how = "inline" if kind.startswith(INLINE) else "attachment"
    answer["Content-Disposition"] = f'{how}; filename="{found.kind}-{found.pk}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@view(P.HANDLE_COMPLAINTS, "POST")
def take(request: Request, chat_id: int) -> HttpResponseBase:
    """Answer from now on instead of the bot."""
    take_over_chat(chat_id, actor=request.actor)
    return redirect(f"/chats/{chat_id}")


@view(P.HANDLE_COMPLAINTS, "POST")
def hand_back(request: Request, chat_id: int) -> HttpResponseBase:
    """Let the bot go on."""
    hand_back_chat(chat_id, actor=request.actor)
    return redirect(f"/chats/{chat_id}")


@view(P.HANDLE_COMPLAINTS, "POST")
def settle(request: Request, chat_id: int) -> HttpResponseBase:
    """Nobody need answer any more."""
    settle_chat(chat_id, actor=request.actor)
    return redirect(f"/chats/{chat_id}")


@view(P.HANDLE_COMPLAINTS, "POST")
def answer(request: Request, chat_id: int) -> HttpResponseBase:
    """Write to the citizen; what was refused stands in the form still."""
    words = body(request, Words).words
    try:
        answer_chat(chat_id, words, actor=request.actor)
    except SigapError as error:
        return _page(request, conversation(chat_id), error=error, words=words)
    return redirect(f"/chats/{chat_id}")


@view(P.HANDLE_COMPLAINTS, "POST")
def mark(request: Request, chat_id: int) -> HttpResponseBase:
    """Say that it is spam, abuse, a prank, or a child."""
    mark_chat(chat_id, body(request, Mark).mark, actor=request.actor)
    return redirect(f"/chats/{chat_id}")


def mark_names() -> dict[str, str]:
    """What people call the marks."""
    return {
        "": pgettext("mark", "No mark"),
        "child": pgettext("mark", "Child"),
        "abuse": _("Abuse"),
        "spam": _("Spam"),
        "prank": _("Prank"),
    }


def _page(
    request: Request, chat: Conversation, error: SigapError | None = None, words: str = ""
) -> HttpResponseBase:
    names = mark_names()
    context = _list(request) | _told(request, chat)
    context |= {"error": error, "words": words}
    context["marks"] = [(mark, names[mark], mark == chat.mark) for mark in MARKS]
    status = error.status if error else 200
    return render(request, "console/chats.html", context, status=status)


def _list(request: Request) -> dict[str, Any]:
    only = request.GET.get("only", "")
    today, month = paid(clock.now())
    found = [_row(chat) for chat in listed(only)[:SHOWN]]
    return {
        "rows": found,
        "only": only,
        "filters": _filters(only),
        "paid_today": today,
        "paid_month": month,
        "closed": not settings.ENV.whatsapp_app_secret.get_secret_value(),
        "budget": int(value("complaints.message_budget")),
    }


def _filters(only: str) -> list[Row]:
    names = {
        "": pgettext("chats", "All"),
        "waiting": _("Waiting for a person"),
        "person": _("With a person"),
        "marked": _("Marked"),
    }
    return [{"code": code, "name": name, "on": code == only} for code, name in names.items()]


def _row(chat: Conversation) -> Row:
    last = chat.messages.select_related("text").order_by("-id").first()
    return {
        "chat": chat,
        "name": _name(chat),
        "state": chat.MACHINE.names[chat.state],
        "mark": mark_names()[chat.mark] if chat.mark else "",
        "last": _words(last) if last else "",
        "failed": last is not None and last.state == "failed",
    }


def _told(request: Request, chat: Conversation) -> dict[str, Any]:
    _look(request, chat)
    written = list(transcript(chat).order_by("-id")[:SHOWN_MESSAGES])
    people = _people(written)
    return {
        "chat": chat,
        "name": _name(chat),
        "state": chat.MACHINE.names[chat.state],
        "mine": chat.operator_id == request.actor.user_id,
        "open": is_open(chat, clock.now()),
        "reports": [
            {"row": row, "state": row.MACHINE.names[row.state]} for row in reports_of(chat)[:10]
        ],
        "messages": [
            {
                "row": message,
                "words": _words(message),
                "by": people.get(message.by, ""),
                "state": _sent(message),
                "file": message.file_state in ("stored", "attached"),
                "kind": message.kind,
            }
            for message in reversed(written)
        ],
    }


def _people(written: list[ChatMessage]) -> dict[str, str]:
    keys = {m.by.partition(":")[2] for m in written if m.by.startswith("user:")}
    named = User.objects.filter(pk__in=keys).values_list("pk", "name")
    return {f"user:{pk}": name for pk, name in named}


def _words(message: ChatMessage) -> str:
    if message.text is not None:
        return _("(erased)") if message.text.erased_at else message.text.body
    return _kinds().get(message.kind, _("(a kind of message that is not read here)"))


def _kinds() -> dict[str, str]:
    return {
        "image": _("(photo)"),
        "audio": _("(voice note)"),
        "video": _("(video)"),
        "document": _("(document)"),
        "sticker": _("(sticker)"),
        "contacts": _("(contact card)"),
        "reaction": _("(reaction)"),
        "revoke": _("(message deleted by its writer)"),
        "emergency": _("(asked for 112)"),
    }


def _sent(message: ChatMessage) -> str:
    """How far a message of ours has come; of a file, what became of it."""
    if message.incoming:
        return {
            "waiting": _("file is being fetched"),
            "refused": _("file not kept"),
        }.get(message.file_state, "")
    if message.state == "failed":
        return _("not delivered (%(code)s)") % {"code": message.error or "-"}
    if message.state != "sent":
        return _("waiting to be sent")
    names = {3: _("delivered"), 4: pgettext("message", "read"), 5: pgettext("message", "read")}
    return names.get(message.rank, pgettext("message", "sent"))


def _name(chat: Conversation) -> str:
    if chat.name is not None and chat.name.body:
        return chat.name.body
    return chat.contact.spoken if chat.contact and chat.contact.number else _("Citizen")


def _look(request: Request, chat: Conversation) -> None:
    """Note that somebody reads a citizen's words, every ten minutes once."""
    seen = Journal.objects.filter(
        kind="person.opened",
        subject=subject_of(chat),
        actor=request.actor.code,
        at__gte=clock.now() - LOOK_AGAIN,
    )
    if not seen.exists():
        opened(subject_of(chat), screen="chats", actor=request.actor)


urlpatterns = [
    path("chats", screen),
    path("chats/rows", rows),
    path("chats/<int:chat_id>", one),
    path("chats/<int:chat_id>/messages", messages),
    path("chats/<int:chat_id>/take", take),
    path("chats/<int:chat_id>/hand-back", hand_back),
    path("chats/<int:chat_id>/settle", settle),
    path("chats/<int:chat_id>/answer", answer),
    path("chats/<int:chat_id>/mark", mark),
    path("chats/files/<int:message_id>", file),
]
