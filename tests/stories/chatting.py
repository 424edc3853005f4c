"""Somebody with WhatsApp, in front of the inbox: what they write comes as letters, and what they
are told is read from the queue."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sigap.complaints.chat.models import ChatMessage, Conversation
from sigap.complaints.models import Complaint
from sigap.core import clock
from sigap.core.actors import system
from sigap.core.inbox import drain
from sigap.core.models import Inbox
from sigap.core.personal import source_key
from sigap.gateways.hooks import UNDERSTAND
from sigap.gateways.whatsapp.door import letters_in
from sigap.gateways.whatsapp.understand import follow_up

WHATSAPP = system("whatsapp")
JPEG_SUM = "a" * 64


class Citizen:
    """One person and their telephone."""

    count = 0

    def __init__(self, number: str = "6281233451190", name: str = "Siti Aminah") -> None:
        self.number, self.name = number, name
        self.user_id = f"ID.{number[::-1]}"
        self.shows_number = True

    @property
    def chat(self) -> Conversation:
        """Their conversation."""
        return Conversation.objects.get(key=source_key("whatsapp", self.user_id))

    @property
    def report(self) -> Complaint:
        """Their newest report."""
        return Complaint.objects.filter(chat_messages__conversation=self.chat).latest("id")

    def letter(self, kind: str, part: Any, **more: Any) -> bytes:
        """A webhook's body with one message."""
        Citizen.count += 1
        contact: dict[str, Any] = {"profile": {"name": self.name}, "user_id": self.user_id}
        message: dict[str, Any] = {"id": f"wamid.in{Citizen.count}", "type": kind, kind: part}
        message |= {"timestamp": str(int(clock.now().timestamp())), "from_user_id": self.user_id}
        if self.shows_number:
            contact["wa_id"] = message["from"] = self.number
        value = {"contacts": [contact], "messages": [message | more]}
        return json.dumps(
            {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
        ).encode()

    def sends(self, kind: str, part: Any, **more: Any) -> list[dict[str, Any]]:
        """They send something; what they are told."""
        return self.heard_after(lambda: bring(self.letter(kind, part, **more)))

    def says(self, words: str, **more: Any) -> list[dict[str, Any]]:
        """They write; what they are told."""
        return self.sends("text", {"body": words}, **more)

    def taps(self, title: str) -> list[dict[str, Any]]:
        """They tap what was offered last under a title that begins so."""
        choices = self.offered()
        choice = next(name for name, shown in choices if shown.startswith(title))
        return self.taps_id(choice, title)

    def taps_id(self, choice: str, title: str = "-") -> list[dict[str, Any]]:
        """They tap a button, perhaps an old one."""
        part = {"type": "button_reply", "button_reply": {"id": choice, "title": title}}
        return self.sends("interactive", part)

    def sends_place(self, lat: float, lng: float, **more: str) -> list[dict[str, Any]]:
        """They send a pin."""
        return self.sends("location", {"latitude": lat, "longitude": lng} | more)

    def sends_photo(self, caption: str = "") -> list[dict[str, Any]]:
        """They send a photo."""
        part = {"id": f"media{Citizen.count}", "mime_type": "image/jpeg", "sha256": JPEG_SUM}
        return self.sends("image", part | ({"caption": caption} if caption else {}))

    def offered(self) -> list[list[str]]:
        """What may be tapped below the last message that had something to tap."""
        told = self.chat.messages.filter(incoming=False).order_by("-id")
        return next(m.content["choices"] for m in told if m.content.get("choices"))

    def told(self) -> str:
        """The last thing that they were told."""
        message = self.chat.messages.filter(incoming=False).order_by("-id").first()
        return message.text.body if message and message.text else ""

    def heard_after(self, act: Callable[[], Any]) -> list[dict[str, Any]]:
        """What they are told by what happens."""
        last = ChatMessage.objects.order_by("-id").values_list("id", flat=True).first() or 0
        act()
        found = ChatMessage.objects.filter(incoming=False, pk__gt=last).order_by("id")
        return [message.content for message in found if message.conversation == self.chat]

    def files_a_report(self, words: str = "Lampu jalan mati di gang saya") -> Complaint:
        """The usual four turns."""
        self.says(words)
        self.taps("Penerangan")
        self.sends_place(-7.8185, 112.0155)
        self.taps("✅")
        return self.report


def bring(body: bytes) -> None:
    """What Meta brings is kept and understood."""
    for name, payload in letters_in(body):
        Inbox.objects.get_or_create(
            source="whatsapp",
            external_id=name,
            defaults={"payload": payload, "received_at": clock.now()},
        )
    while drain(UNDERSTAND):
        pass


def news() -> None:
    """The citizens are told what happened."""
    while follow_up(actor=WHATSAPP):
        pass


def later(hours: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=hours)
