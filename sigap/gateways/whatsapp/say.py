"""What the city's number can say, checked against Meta's limits before it is sent: a message that
is refused has cost a turn, and its sender is not there any more to shorten it.

The words come from whoever calls. Lengths are counted as UTF-16 does, where an emoji is two: the
stricter of the ways that are in use.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from django.utils.translation import gettext as _

from sigap.core.errors import Invalid

MOST_TEXT = 4096
MOST_BODY = 1024
MOST_LIST_BODY = 4096
MOST_FOOTER = 60
MOST_BUTTONS = 3
MOST_TITLE = 20
MOST_BUTTON_ID = 256
MOST_ROWS = 10
MOST_ROW_TITLE = 24
MOST_ROW_ID = 200
MOST_DESCRIPTION = 72
MOST_CAPTION = 1024
MOST_PARAMETER = 1024
MOST_REFERENCE = 512
USER_ID = re.compile(r"[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}")
TEMPLATE = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


class Unsendable(Invalid):
    """WhatsApp would refuse this message."""

    code = "unsendable"


class Message(Protocol):
    """Anything that can be sent. A template may be sent at any time; all else only within
    24 hours after the person last wrote."""

    needs_window: ClassVar[bool]

    def content(self) -> dict[str, Any]: ...


def length(words: str) -> int:
    """How long WhatsApp takes these words to be."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def fitted(words: str, most: int) -> str:
    """These words, cut with … where they are too long; for titles that a city has made."""
    if length(words) <= most:
        return words
    while length(words) > most - 1:
        words = words[:-1]
    return words.rstrip() + "…"


def _check(name: str, words: str, most: int, *, least: int = 1) -> None:
    found = length(words.strip()) if least else length(words)
    if found < least:
        raise Unsendable(_("There are no words for %(part)s.") % {"part": name}, part=name)
    if length(words) > most:
        told: dict[str, Any] = {"part": name, "found": length(words), "most": most}
        raise Unsendable(
            _("%(part)s has %(found)d characters; WhatsApp takes %(most)d.") % told, **told
        )


def _check_count(name: str, found: int, most: int) -> None:
    if not 1 <= found <= most:
        told: dict[str, Any] = {"part": name, "found": found, "most": most}
        raise Unsendable(_("%(found)d %(part)s; WhatsApp takes 1 to %(most)d.") % told, **told)


def _check_different(name: str, words: Sequence[str]) -> None:
    if len(set(words)) < len(words):
        raise Unsendable(_("Two %(part)s are the same.") % {"part": name}, part=name)


@dataclass(frozen=True)
class Choice:
    """Something to tap: what comes back, and what is read."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True)
class Text:
    """Plain words."""

    needs_window: ClassVar[bool] = True
    body: str
    preview: bool = False

    def __post_init__(self) -> None:
        _check("text", self.body, MOST_TEXT)

    def content(self) -> dict[str, Any]:
        """The part of the request that is this message."""
        return {"type": "text", "text": {"body": self.body, "preview_url": self.preview}}


@dataclass(frozen=True)
class Buttons:
    """Words with up to three buttons."""

    needs_window: ClassVar[bool] = True
    body: str
    choices: Sequence[Choice]
    footer: str = ""

    def __post_init__(self) -> None:
        _check("body", self.body, MOST_BODY)
        _check("footer", self.footer, MOST_FOOTER, least=0)
        _check_count("buttons", len(self.choices), MOST_BUTTONS)
        for choice in self.choices:
            _check("button", choice.title, MOST_TITLE)
            _check("button id", choice.id, MOST_BUTTON_ID)
        _check_different("buttons", [c.title for c in self.choices])
        _check_different("button ids", [c.id for c in self.choices])

    def content(self) -> dict[str, Any]:
        """The part of the request that is this message."""
        buttons = [{"type": "reply", "reply": {"id": c.id, "title": c.title}} for c in self.choices]
        return _interactive("button", self.body, {"buttons": buttons}, self.footer)


@dataclass(frozen=True)
class Rows:
    """Words with a button that opens a list of up to ten rows."""

    needs_window: ClassVar[bool] = True
    body: str
    button: str
    choices: Sequence[Choice]
    footer: str = ""

    def __post_init__(self) -> None:
        _check("body", self.body, MOST_LIST_BODY)
        _check("footer", self.footer, MOST_FOOTER, least=0)
        _check("button", self.button, MOST_TITLE)
        _check_count("rows", len(self.choices), MOST_ROWS)
        for choice in self.choices:
            _check("row", choice.title, MOST_ROW_TITLE)
            _check("row id", choice.id, MOST_ROW_ID)
            _check("description", choice.description, MOST_DESCRIPTION, least=0)
        _check_different("row ids", [c.id for c in self.choices])

    def content(self) -> dict[str, Any]:
        """The part of the request that is this message."""
        rows = [
            {"id": c.id, "title": c.title}
            | ({"description": c.description} if c.description else {})
            for c in self.choices
        ]
        action = {"button": self.button, "sections": [{"rows": rows}]}
        return _interactive("list", self.body, action, self.footer)


@dataclass(frozen=True)
class AskPlace:
    """Words with a button that sends the place."""

    needs_window: ClassVar[bool] = True
    body: str

    def __post_init__(self) -> None:
        _check("body", self.body, MOST_BODY)

    def content(self) -> dict[str, Any]:
        """The part of the request that is this message."""
        return _interactive("location_request_message", self.body, {"name": "send_location"}, "")


@dataclass(frozen=True)
class Image:
    """A picture that was uploaded before."""

    needs_window: ClassVar[bool] = True
    media_id: str
    caption: str = ""

    def __post_init__(self) -> None:
        _check("media id", self.media_id, MOST_BUTTON_ID)
        _check("caption", self.caption, MOST_CAPTION, least=0)

    def content(self) -> dict[str, Any]:
        """The part of the request that is this message."""
        caption = {"caption": self.caption} if self.caption else {}
        return {"type": "image", "image": {"id": self.media_id} | caption}


@dataclass(frozen=True)
class Template:
    """A text that Meta approved, with what is filled in. Line breaks there are refused, so they
    become spaces. `payloads` are what its quick-reply buttons send back."""

    needs_window: ClassVar[bool] = False
    name: str
    language: str = "id"
    parameters: Sequence[str] = ()
    payloads: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        if not TEMPLATE.fullmatch(self.name):
            raise Unsendable(_("“%(name)s” is no name of a template.") % {"name": self.name})
        if not LANGUAGE.fullmatch(self.language):
            told = {"language": self.language}
            raise Unsendable(_("“%(language)s” is no language of a template.") % told)
        object.__setattr__(self, "parameters", [" ".join(p.split()) for p in self.parameters])
        for words in self.parameters:
            _check("parameter", words, MOST_PARAMETER)
        _check_count("quick replies", len(self.payloads) or 1, MOST_ROWS)
        for payload in self.payloads:
            _check("button id", payload, MOST_BUTTON_ID)

    def content(self) -> dict[str, Any]:
        """The part of the request that is this message."""
        parts: list[dict[str, Any]] = []
        if self.parameters:
            words = [{"type": "text", "text": words} for words in self.parameters]
            parts.append({"type": "body", "parameters": words})
        for place, payload in enumerate(self.payloads):
            button = {"type": "button", "sub_type": "quick_reply", "index": str(place)}
            parts.append(button | {"parameters": [{"type": "payload", "payload": payload}]})
        template: dict[str, Any] = {"name": self.name, "language": {"code": self.language}}
        return {"type": "template", "template": template | ({"components": parts} if parts else {})}


def _interactive(kind: str, body: str, action: dict[str, Any], footer: str) -> dict[str, Any]:
    below = {"footer": {"text": footer}} if footer else {}
    inner = {"type": kind, "body": {"text": body}, "action": action} | below
    return {"type": "interactive", "interactive": inner}


def address(who: str, phone: str = "") -> dict[str, str]:
    """To whom: a number goes into `to`, a user id into `recipient`. A user id in `to` is taken
    for a number there and the message silently lost. The number is used where it is known: while
    both write to each other by number, Meta goes on telling it."""
    number = re.sub(r"\D", "", phone) or (who if who.isascii() and who.isdecimal() else "")
    if number:
        return {"to": number}
    if USER_ID.fullmatch(who):
        return {"recipient": who}
    raise Unsendable(_("This is nobody to whom WhatsApp could send."))


def request(
    message: Message, who: str, *, phone: str = "", reply_to: str = "", reference: str = ""
) -> dict[str, Any]:
    """The whole request. `reference` is our own name for the message; every receipt of it
    repeats that, also where the answer to the request was lost."""
    _check("reference", reference, MOST_REFERENCE, least=0)
    body: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    body |= address(who, phone) | message.content()
    if reply_to:
        body["context"] = {"message_id": reply_to}
    if reference:
        body["biz_opaque_callback_data"] = reference
    return body
