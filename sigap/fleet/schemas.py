"""What comes in about units."""

from typing import Literal

from pydantic import BaseModel

from sigap.core.codes import Code


class InUse(BaseModel):
    """Out of service, or back."""

    command: Literal["withdraw", "return"]
    reason: Code = ""
    version: int | None = None


class Duty(BaseModel):
    """Whether a unit is on duty, and how ready it is."""

    on_duty: bool | None = None
    readiness: Literal["ready", "limited", "not_ready"] | None = None
    reason: Code = ""
    version: int | None = None
