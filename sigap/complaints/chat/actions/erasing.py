"""What is forgotten of conversations."""

from collections.abc import Iterable
from datetime import datetime

from sigap.core import clock
from sigap.core.actions.personal import erase_texts, record_erased
from sigap.core.actors import Actor
from sigap.core.models import Text
from sigap.core.queries import batched
from sigap.core.transaction import transaction

from ..models import ChatMessage, Conversation
from .drafts import EMPTY


def erase_chats(conversations: Iterable[int], *, actor: Actor) -> int:
    """Forget who these people are and what they wrote; the hashes stay, so that somebody who
    writes again is known. Returns how many."""
    with transaction():
        gone = 0
        for ids in batched(conversations):
            messages = ChatMessage.objects.filter(conversation__in=ids)
            erase_messages(messages.values_list("pk", flat=True), actor=actor)
            erase_texts([f"conversation:{pk}" for pk in ids], actor=actor)
            empty = EMPTY | {"who": "", "contact": None, "ask_at": None}
            gone += Conversation.objects.filter(pk__in=ids).update(erased_at=clock.now(), **empty)
        record_erased("conversation", gone, actor)
        return gone


def erase_messages(messages: Iterable[int], *, actor: Actor) -> int:
    """Forget what was written and sent: the words, the file, and WhatsApp's name of the message,
    in which the telephone number can be read. Returns how many."""
    with transaction():
        gone = 0
        for ids in batched(list(messages)):
            erase_texts([f"chatmessage:{pk}" for pk in ids], actor=actor)
            empty = {"media_id": "", "media_sum": "", "file": "", "digest": ""}
            rows = ChatMessage.objects.filter(pk__in=ids)
            gone += rows.update(content={}, wamid=None, due_at=None, file_state="", **empty)
        record_erased("chatmessage", gone, actor)
        return gone


def erase_drafts(before: datetime, *, actor: Actor) -> int:
    """Forget what reports were made of that somebody filed, or gave up, before then. Returns how
    many texts."""
    with transaction():
        current = Conversation.objects.exclude(body=None, address=None)
        kept = {pk for pair in current.values_list("body", "address") for pk in pair if pk}
        rows = Text.objects.filter(
            subject__startswith="conversation:",
            field__in=("draft", "draft_address"),
            at__lt=before,
            erased_at=None,
        )
        gone = 0
        for ids in batched([pk for pk in rows.values_list("pk", flat=True) if pk not in kept]):
            gone += Text.objects.filter(pk__in=ids).update(body="", erased_at=clock.now())
        record_erased("text", gone, actor)
        return gone
