"""What comes in about the work of units."""

from typing import Literal

from pydantic import BaseModel

from sigap.core.codes import Code
from sigap.core.web import LocalTime


class Seen(BaseModel):
    """What positions show that is taken as done."""

    command: Literal["arrive", "depart"]
    version: int | None = None


class Step(BaseModel):
    """A step of a job, and when it was done, if that was earlier."""

    command: Literal["acknowledge", "decline", "depart", "arrive", "transport", "reach", "complete"]
    reason: Code = ""
    occurred_at: LocalTime | None = None
    version: int | None = None
