"""The canonical events of any telephone exchange, and what they mean here."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from sigap.calls.actions import report_event, report_party, report_recording
from sigap.calls.vault import NAME
from sigap.core.actors import Actor
from sigap.core.codes import Code
from sigap.core.errors import Invalid

# The type of error of a time that only a wrong clock can tell, theirs or ours.
CLOCK = "clock"
MOST_WORDS = 64
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# A strange or long word about a call is no reason to lose it: what is not of use is left out.
Words = Annotated[str, StringConstraints(max_length=1000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _plausible(at: datetime, info: ValidationInfo) -> datetime:
    implausible = PydanticCustomError(CLOCK, "not a time that has come")
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise implausible from None
    # The future is refused only at the door, which gives the time: once an event is
    # kept, a clock that was set back since must not lose it.
    latest = info.context["now"] + timedelta(seconds=60) if info.context else at
    if not EARLIEST <= at <= latest:
        raise implausible
    return at


# When another system says that something happened.
Moment = Annotated[AwareDatetime, Strict(), AfterValidator(_plausible)]


class CallEvent(BaseModel):
    """One event of one call. `event_id` makes a repeat harmless; order does not matter."""

    model_config = ConfigDict(extra="forbid")

    event_id: Id = Field(description="Unique per event of a call; a repeat is answered alike.")
    call_id: Id = Field(description="The exchange's name for the call.")
    kind: Literal[
        "presented",
        "gate_key",
        "gate_speech",
        "gate_noise",
        "gate_skipped",
        "gate_open",
        "gate_silent",
        "queued",
        "answered",
        "refused",
        "held",
        "resumed",
        "left",
        "party",
        "ended",
        "unreached",
        "recorded",
    ]
    at: Moment = Field(description="When it happened, with its offset from UTC.")
    number: Words | None = Field(None, description="The caller's number; none when withheld.")
    trunk: Words | None = Field(None, description="The line that it came in on.")
    operator: Words | None = Field(None, description="User name of whoever answered, if known.")
    reason: Code = Field("", description="Why, as a word: of the gate's decision, of a refusal.")
    heard_s: Annotated[float, Strict(), Field(ge=0, lt=86_400)] | None = Field(
        None, description="For how long the gate had listened when it decided."
    )
    returns: Id | None = Field(
        None, description="The lost call that this one rings back about (see the orders)."
    )
    party: Annotated[int, Field(ge=1, lt=2**63)] | None = Field(
        None,
        description="Only of `party`: whom the order to invite named. `reason` says what became "
        "of them: joined, left, or why they did not come (busy, no_answer, declined, absent, "
        "failed).",
    )
    file: Annotated[str, StringConstraints(pattern=f"^{NAME}$")] | None = Field(
        None,
        description="Only of `recorded`, which says that a recording was finished at this time: "
        "what stands before `-in.wav` and `-out.wav` in the names of its files.",
    )
    exchange: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,20}$")] = Field(
        "pbx", description="Which exchange, where there are several."
    )


def letter_id(event: CallEvent) -> str:
    """By what the inbox knows an event again. The call and the kind are part of it, so that an
    exchange that counts its events anew does not lose the calls of the second count."""
    return "\x1f".join((event.event_id, event.call_id, event.kind))


def understand_call(payload: str, actor: Actor) -> None:
    """Turn a kept event into what it does to its call."""
    event = CallEvent.model_validate_json(payload)
    if event.kind == "recorded":
        _recorded(event, actor)
        return
    if event.kind == "party":
        _party(event, actor)
        return
    report_event(
        event.kind,
        source=event.exchange,
        external_id=event.call_id,
        at=event.at,
        number=event.number,
        trunk=_plain(event.trunk),
        operator=_plain(event.operator),
        reason=event.reason,
        heard_s=event.heard_s,
        returns=event.returns or "",
        actor=actor,
    )


def _recorded(event: CallEvent, actor: Actor) -> None:
    if event.file is None:
        raise Invalid(_("recorded must name its file."), code="file")
    report_recording(
        event.file, source=event.exchange, external_id=event.call_id, at=event.at, actor=actor
    )


def _party(event: CallEvent, actor: Actor) -> None:
    if event.party is None or not event.reason:
        raise Invalid(_("party must say who, and what became of them."), code="party")
    report_party(
        event.party,
        event.reason,
        source=event.exchange,
        external_id=event.call_id,
        at=event.at,
        actor=actor,
    )


def _plain(words: str | None) -> str:
    """The words as a column takes them: printable, and not longer than it."""
    return "".join(c for c in words or "" if c.isprintable())[:MOST_WORDS]
