"""The pieces of Meta's JSON that are read, each as tolerant as can be."""

import math
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

MOST_WORDS = 8192
MOST_NAME = 200
MOST_ID = 200


def clean(given: Any, most: int = MOST_WORDS) -> str:
    """Text as it may be kept: no NUL, no half of an emoji, and not without end."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    return str(given).replace("\x00", "").encode("utf-8", "replace").decode()[:most]


def number_of(given: Any) -> Any:
    """A number; NaN, which is in no range, for anything else."""
    try:
        found = float(given) if not isinstance(given, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def code_of(given: Any) -> int:
    """A code of Meta's; 0 for anything else."""
    found = number_of(given)
    return 0 if math.isnan(found) else int(found)


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
Number = Annotated[float, BeforeValidator(number_of)]


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

    code: Annotated[int, BeforeValidator(code_of)] = 0


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


def checked(model: type[Model], *tries: Any) -> Model:
    """The first of these that can be read; else an empty one."""
    for given in tries:
        try:
            return model.model_validate(given)
        except ValidationError:
            continue
    return model()
