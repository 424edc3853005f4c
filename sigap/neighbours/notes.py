"""What centres say to each other beside the records: answers, requests, ends. Plain JSON."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(max_length=200)]
# A code of ours where it is one; anything else that is sent becomes "other" (see `code_or_other`).
Any64 = Annotated[str, StringConstraints(max_length=200)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Lng = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Note(BaseModel):
    """The base: a field that we do not know is no reason not to listen."""

    model_config = ConfigDict(extra="ignore")

    reference: Reference


class HandoverAnswer(Note):
    """Whether a call was taken over; by which role, under which number there."""

    note: Literal["handover_answer"] = "handover_answer"
    answer: Literal["accepted", "declined"]
    by: Line = ""
    number: Line = ""
    reason: Any64 = ""
    at: AwareDatetime | None = None


class Withdrawn(Note):
    """An offer or a request is taken back."""

    note: Literal["withdrawn"] = "withdrawn"
    what: Literal["handover", "aid"]


class AidRequest(Note):
    """Units are asked for."""

    note: Literal["aid_request"] = "aid_request"
    capability: Any64
    count: Annotated[int, Field(ge=1, le=99)]
    until: AwareDatetime
    reason: Any64 = ""
    place: Annotated[str, StringConstraints(max_length=4000)] = ""
    words: Annotated[str, StringConstraints(max_length=4000)] = ""
    lat: Lat | None = None
    lng: Lng | None = None


class LentUnit(BaseModel):
    """A unit that comes."""

    model_config = ConfigDict(extra="ignore")

    sign: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    kind: Line = ""
    capabilities: Annotated[list[Any64], Field(max_length=20)] = []
    arrives_at: AwareDatetime | None = None


class AidAnswer(Note):
    """Which units come, or why none."""

    note: Literal["aid_answer"] = "aid_answer"
    answer: Literal["accepted", "declined"]
    by: Line = ""
    reason: Any64 = ""
    until: AwareDatetime | None = None
    units: Annotated[list[LentUnit], Field(max_length=50)] = []


class LoanEnded(Note):
    """A unit that was lent is needed no more."""

    note: Literal["loan_ended"] = "loan_ended"
    sign: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ShareOffer(Note):
    """An incident's record may be read here until a time."""

    note: Literal["share_offer"] = "share_offer"
    parts: Annotated[list[Any64], Field(max_length=20)] = []
    hours: Annotated[float, Field(gt=0, le=1000)]
    title: Line = ""


class ShareAnswer(Note):
    """Whether somebody there wants to read it."""

    note: Literal["share_answer"] = "share_answer"
    answer: Literal["accepted", "declined"]
    by: Line = ""


class ShareEnded(Note):
    """Nothing is read any more."""

    note: Literal["share_ended"] = "share_ended"
