"""What arrives from WhatsApp, and the few things that matter of it.

Meta adds kinds and fields as it likes, and people send anything: what cannot be read is kept as
`unsupported`, so that nothing that somebody wrote is lost, and nothing is an error.
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from sigap.core.personal import normal_number

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
LATEST = timedelta(minutes=10)  # so much may their clock be ahead of ours
MOST_WORDS = 8192
MOST_NAME = 200
MOST_ID = 200

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


def clean(given: Any, most: int = MOST_WORDS) -> str:
    """Text as it may be kept: no NUL, no half of an emoji, and not without end."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    return str(given).replace("\x00", "").encode("utf-8", "replace").decode()[:most]


def _number(given: Any) -> Any:
    try:
        return float(given) if not isinstance(given, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        return math.nan


def listed(given: Any) -> list[Any]:
    """The objects of a list; none where it is none."""
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def object_of(given: Any) -> Any:
    """An object as it is; None for anything else."""
    return given if isinstance(given, dict) else None


Words = Annotated[str, BeforeValidator(clean)]
Name = Annotated[str, BeforeValidator(lambda given: clean(given, MOST_NAME))]
Id = Annotated[str, BeforeValidator(lambda given: clean(given, MOST_ID).strip())]
Model = TypeVar("Model", bound=BaseModel)
Number = Annotated[float, BeforeValidator(_number)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class TextPart(_Part):
    """Typed words."""

    body: Words = ""


class MediaPart(_Part):
    """A file: it lies with Meta for seven days, and its address lives for minutes."""

    id: Id = ""
    mime_type: Name = ""
    sha256: Id = ""
    caption: Words = ""
    filename: Name = ""
    voice: bool = False


class LocationPart(_Part):
    """A pin."""

    latitude: Number = math.nan
    longitude: Number = math.nan
    name: Name = ""
    address: Name = ""


class ChoicePart(_Part):
    """What was tapped."""

    id: Id = ""
    title: Name = ""
    description: Name = ""


class FormPart(_Part):
    """The answers to a Flow, as JSON."""

    name: Name = ""
    body: Words = ""
    response_json: Words = ""


class InteractivePart(_Part):
    """An answer to something offered."""

    button_reply: ChoicePart | None = None
    list_reply: ChoicePart | None = None
    nfm_reply: FormPart | None = None


class ButtonPart(_Part):
    """A quick reply below a template."""

    payload: Id = ""
    text: Name = ""


class ReactionPart(_Part):
    """An emoji on a message; without one it was taken away."""

    message_id: Id = ""
    emoji: Name = ""


class RevokePart(_Part):
    """A message that its sender deleted."""

    original_message_id: Id = ""


class EditPart(_Part):
    """A message that its sender wrote anew."""

    original_message_id: Id = ""
    message: Annotated[dict[str, Any] | None, BeforeValidator(object_of)] = None


class SystemPart(_Part):
    """That a person's number or user id changed."""

    type: Name = ""
    body: Words = ""
    wa_id: Id = ""
    new_wa_id: Id = ""
    customer: Id = ""
    user_id: Id = ""
    previous_user_id: Id = ""


class ContextPart(_Part):
    """Which message this one answers."""

    id: Id = ""


class ErrorPart(_Part):
    """Why something failed."""

    code: Annotated[int, BeforeValidator(lambda given: int(_number(given) or 0))] = 0


class Incoming(_Part):
    """One element of `messages`."""

    id: Id = ""
    type: Name = ""
    from_: Id = ""
    from_user_id: Id = ""
    group_id: Id = ""
    timestamp: Id = ""
    context: ContextPart | None = None
    text: TextPart | None = None
    image: MediaPart | None = None
    audio: MediaPart | None = None
    video: MediaPart | None = None
    document: MediaPart | None = None
    sticker: MediaPart | None = None
    location: LocationPart | None = None
    contacts: Annotated[list[dict[str, Any]], BeforeValidator(listed)] = []
    interactive: InteractivePart | None = None
    button: ButtonPart | None = None
    reaction: ReactionPart | None = None
    revoke: RevokePart | None = None
    edit: EditPart | None = None
    system: SystemPart | None = None
    errors: list[ErrorPart] = []


class Profile(_Part):
    """How somebody calls themselves."""

    name: Name = ""
    username: Name = ""


class ContactPart(_Part):
    """Who wrote. The number is missing where its owner goes by a user name."""

    profile: Profile | None = None
    wa_id: Id = ""
    user_id: Id = ""


class Pricing(_Part):
    """What a message costs."""

    billable: bool = False
    category: Name = ""


class StatusPart(_Part):
    """One element of `statuses`."""

    id: Id = ""
    status: Name = ""
    timestamp: Id = ""
    recipient_id: Id = ""
    recipient_user_id: Id = ""
    biz_opaque_callback_data: Annotated[str, BeforeValidator(lambda t: clean(t, 512))] = ""
    pricing: Pricing | None = None
    errors: list[ErrorPart] = []


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
    contact = _checked(ContactPart, letter.get("contact"))
    bare = {name: given.get(name) for name in ("id", "type", "from_user_id", "group_id")}
    message = _checked(Incoming, given | {"from_": given.get("from")}, bare)
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
        phone=normal_number(f"+{phone}") if phone.isdigit() else "",
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
        anew = _said(_checked(Incoming, message.edit.message))
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
    before = normal_number(f"+{old_phone}") if old_phone.isdigit() else ""
    was = {"was": system.previous_user_id or old_phone, "was_phone": before}
    return {"kind": "moved"} | was, key, number


def _receipt(letter: dict[str, Any], now: datetime) -> Receipt:
    given = object_of(letter["status"]) or {}
    bare = {name: given.get(name) for name in ("id", "status", "timestamp", "recipient_user_id")}
    status = _checked(StatusPart, given, bare)
    contact = _checked(ContactPart, letter.get("contact"))
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


def _checked(model: type[Model], *tries: Any) -> Model:
    """The first of these that can be read; else an empty one."""
    for given in tries:
        try:
            return model.model_validate(given)
        except ValidationError:
            continue
    return model()


def _moment(given: Any, now: datetime) -> datetime:
    seconds = _number(given)
    if not EARLIEST.timestamp() <= seconds <= (now + LATEST).timestamp():
        return now
    return datetime.fromtimestamp(seconds, UTC)
