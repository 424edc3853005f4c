"""What arrives from WhatsApp, and the few things that matter of it.

Meta adds kinds and fields as it likes, and people send anything: what cannot be read is kept as
`unsupported`, so that nothing that somebody wrote is lost, and nothing is an error.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sigap.core.personal import normal_number

from .parts import (
    MOST_ID,
    MOST_NAME,
    ContactPart,
    ErrorPart,
    Incoming,
    InteractivePart,
    LocationPart,
    MediaPart,
    Pricing,
    StatusPart,
    SystemPart,
    checked,
    clean,
    listed,
    number_of,
    object_of,
)

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
LATEST = timedelta(minutes=10)  # so much may their clock be ahead of ours

Kind = Literal[
    "text",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "choice",  # a button or a row of a list that we had offered
    "form",  # an answered Flow
    "reaction",
    "edit",
    "revoke",
    "moved",  # another telephone number or user id, the same person
    "unsupported",
]
MEDIA = ("image", "audio", "video", "document", "sticker")
# What has been heard of a message of ours, in the order in which it means more. A phone may
# get what another of the same person failed to: `failed` yields to what came after all.
RANKS = {"sent": 1, "failed": 2, "delivered": 3, "read": 4, "played": 5}


@dataclass(frozen=True)
class Media:
    """A file that was sent along."""

    id: str
    mime: str
    sha256: str
    caption: str = ""
    name: str = ""
    voice: bool = False


@dataclass(frozen=True)
class Heard:
    """What somebody told the city's number. `who` is the key: the user id that Meta gives this
    business, or the number where there is none yet."""

    id: str
    who: str
    at: datetime
    kind: Kind
    text: str = ""
    choice: str = ""
    point: tuple[float, float] | None = None
    place: str = ""
    media: Media | None = None
    reply_to: str = ""
    name: str = ""
    phone: str = ""
    given_kind: str = ""  # Meta's word, where it is unsupported
    code: int = 0
    was: str = ""  # moved: the key before
    was_phone: str = ""
    number_id: str = ""  # which of our numbers it was sent to
    group: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of a message of ours."""

    wamid: str
    status: str
    rank: int
    at: datetime
    who: str = ""
    code: int = 0  # failed: why
    reference: str = ""  # what we had called it
    billable: bool = False
    category: str = ""
    number_id: str = ""


@dataclass(frozen=True)
class Notice:
    """Something about the account: a template, the quality, the limit, a fault of Meta's."""

    field: str
    event: str
    code: int = 0


def read(payload: str, now: datetime) -> Heard | Receipt | Notice:
    """What a letter of the inbox says; `now` is when it came in, for times that cannot be."""
    letter = json.loads(payload)
    if "status" in letter:
        return _receipt(letter, now)
    if "message" in letter:
        return _heard(letter, now)
    value = object_of(letter.get("value")) or {}
    errors = listed(value.get("errors"))
    code = ErrorPart.model_validate(errors[0]).code if errors else 0
    return Notice(
        clean(letter.get("notice"), MOST_NAME), clean(value.get("event"), MOST_NAME), code
    )


def _heard(letter: dict[str, Any], now: datetime) -> Heard:
    given = object_of(letter["message"]) or {}
    contact = checked(ContactPart, letter.get("contact"))
    bare = {name: given.get(name) for name in ("id", "type", "from_user_id", "group_id")}
    message = checked(Incoming, given | {"from_": given.get("from")}, bare)
    phone = message.from_ or contact.wa_id
    said = _said(message)
    who = contact.user_id or message.from_user_id or phone
    if message.type == "system" and message.system:
        said, who, phone = _moved(message.system, who, phone)
    return Heard(
        id=message.id,
        who=who,
        at=_moment(given.get("timestamp"), now),
        reply_to=said.pop("reply_to", message.context.id if message.context else ""),
        name=contact.profile.name if contact.profile else "",
        phone=normal_number(f"+{phone}") if phone.isascii() and phone.isdecimal() else "",
        number_id=clean(letter.get("number_id"), MOST_ID),
        group=message.group_id,
        **said,
    )


def _said(message: Incoming) -> dict[str, Any]:
    """The fields of Heard that hang on the kind."""
    if message.type in MEDIA:
        part: MediaPart | None = getattr(message, message.type)
        if part and part.id:
            media = Media(
                part.id, part.mime_type, part.sha256, part.caption, part.filename, part.voice
            )
            return {"kind": message.type, "media": media, "text": part.caption}
    elif message.type == "text" and message.text:
        return {"kind": "text", "text": message.text.body}
    elif message.type == "location" and message.location:
        return _pin(message.location) or _unknown(message)
    elif message.type == "contacts" and message.contacts:
        return {"kind": "contacts"}  # other people's numbers: not ours to read
    elif message.type == "interactive" and message.interactive:
        return _answered(message.interactive) or _unknown(message)
    elif message.type == "button" and message.button:
        tapped = message.button
        return {"kind": "choice", "choice": tapped.payload or tapped.text, "text": tapped.text}
    elif message.type == "reaction" and message.reaction:
        on = message.reaction
        return {"kind": "reaction", "text": on.emoji, "reply_to": on.message_id}
    elif message.type == "revoke" and message.revoke:
        return {"kind": "revoke", "reply_to": message.revoke.original_message_id}
    elif message.type == "edit" and message.edit:
        anew = _said(checked(Incoming, message.edit.message))
        anew = anew if anew["kind"] in ("text", *MEDIA) else {}
        words = {"text": anew.get("text", ""), "media": anew.get("media")}
        return {"kind": "edit", "reply_to": message.edit.original_message_id} | words
    return _unknown(message)


def _unknown(message: Incoming) -> dict[str, Any]:
    code = message.errors[0].code if message.errors else 0
    words = message.text.body if message.text else ""
    return {"kind": "unsupported", "given_kind": message.type, "code": code, "text": words}


def _pin(pin: LocationPart) -> dict[str, Any] | None:
    place = ", ".join(dict.fromkeys(filter(None, (pin.name, pin.address))))
    if abs(pin.latitude) <= 90 and abs(pin.longitude) <= 180:  # noqa: PLR2004 - NaN is neither
        return {"kind": "location", "point": (pin.latitude, pin.longitude), "place": place}
    return {"kind": "location", "place": place} if place else None


def _answered(part: InteractivePart) -> dict[str, Any] | None:
    if tapped := part.button_reply or part.list_reply:
        return {"kind": "choice", "choice": tapped.id, "text": tapped.title}
    if form := part.nfm_reply:
        return {"kind": "form", "choice": form.name, "text": form.response_json}
    return None


def _moved(system: SystemPart, who: str, phone: str) -> tuple[dict[str, Any], str, str]:
    """Who somebody was, and who they are now; older versions of the API say less."""
    number = system.wa_id or system.new_wa_id
    key = system.user_id or number
    if not key:
        return {"kind": "unsupported", "given_kind": system.type or "system"}, who, phone
    old_phone = system.customer or phone
    digits = old_phone.isascii() and old_phone.isdecimal()
    before = normal_number(f"+{old_phone}") if digits else ""
    was = {"was": system.previous_user_id or old_phone, "was_phone": before}
    return {"kind": "moved"} | was, key, number


def _receipt(letter: dict[str, Any], now: datetime) -> Receipt:
    given = object_of(letter["status"]) or {}
    bare = {name: given.get(name) for name in ("id", "status", "timestamp", "recipient_user_id")}
    status = checked(StatusPart, given, bare)
    contact = checked(ContactPart, letter.get("contact"))
    pricing = status.pricing or Pricing()
    return Receipt(
        wamid=status.id,
        status=status.status,
        rank=RANKS.get(status.status, 0),
        at=_moment(given.get("timestamp"), now),
        who=status.recipient_user_id or contact.user_id or status.recipient_id,
        code=status.errors[0].code if status.errors else 0,
        reference=status.biz_opaque_callback_data,
        billable=pricing.billable,
        category=pricing.category,
        number_id=clean(letter.get("number_id"), MOST_ID),
    )


def _moment(given: Any, now: datetime) -> datetime:
    seconds = number_of(given)
    if not EARLIEST.timestamp() <= seconds <= (now + LATEST).timestamp():
        return now
    return datetime.fromtimestamp(seconds, UTC)
