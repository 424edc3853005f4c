"""The canonical events of any telephone exchange, and what they mean here."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from sigap.calls.actions import report_event
from sigap.core.actors import Actor

# The type of error of a time that only a wrong clock can tell, theirs or ours.
CLOCK = "clock"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
Words = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CallEvent(BaseModel):
    """One event of one call. `event_id` makes a repeat harmless; order does not matter."""

    model_config = ConfigDict(extra="forbid")

    event_id: Id = Field(description="Unique per event and exchange; a repeat is answered alike.")
    call_id: Id = Field(description="The exchange's name for the call.")
    kind: Literal[
        "presented",
        "gate_key",
        "gate_speech",
        "queued",
        "answered",
        "held",
        "resumed",
        "ended",
    ]
    at: Annotated[AwareDatetime, Strict()] = Field(
        description="When it happened, with its offset from UTC."
    )
    number: Words | None = Field(None, description="The caller's number; none when withheld.")
    trunk: Words | None = Field(None, description="The line that it came in on.")
    operator: Words | None = Field(None, description="User name of whoever answered, if known.")
    exchange: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,20}$")] = Field(
        "pbx", description="Which exchange, where there are several."
    )

    @field_validator("at")
    @classmethod
    def _plausible(cls, at: datetime, info: ValidationInfo) -> datetime:
        implausible = PydanticCustomError(CLOCK, "lies in the future or before the year 2000")
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


def understand_call(payload: str, actor: Actor) -> None:
    """Turn a kept event into what it does to its call."""
    event = CallEvent.model_validate_json(payload)
    report_event(
        event.kind,
        source=event.exchange,
        external_id=event.call_id,
        at=event.at,
        number=event.number,
        trunk=event.trunk or "",
        operator=event.operator or "",
        actor=actor,
    )


# The first word of an inbox source, and what understands its letters.
UNDERSTAND = {"call": understand_call}
