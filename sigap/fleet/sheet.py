"""The sheet on which a unit's equipment is checked: what is on it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from sigap.core.codes import Code
from sigap.core.names import named
from sigap.core.web import LocalTime

from .actions import Finding
from .models import Unit
from .names import why_names
from .queries import carried, overdue
from .shifts import today


@dataclass(frozen=True)
class Line:
    """One thing on the sheet: what is known of it, and what was ticked just now."""

    id: int
    version: int
    name: str
    label: str
    must_have: bool
    state: str
    state_name: str
    reason: str
    checked_at: datetime | None
    due: bool
    has_expiry: bool
    expires_on: date | None
    expired: bool
    result: str = ""
    given: str = ""

    @property
    def wrong(self) -> str:
        """What is the matter with it, in words; "" when nothing is."""
        names = why_names()
        if self.state in ("failed", "missing"):
            return names[self.state]
        if self.expired:
            return names["expired"]
        if self.checked_at is None:
            return names["unchecked"]
        return names["overdue"] if self.due else ""


class Found(BaseModel):
    """What was found of one thing."""

    equipment: Annotated[int, Field(ge=1, lt=2**63)]
    result: Literal["passed", "failed", "missing"]
    reason: Code = ""


class Sheet(BaseModel):
    """A sheet that comes back, from a form or from a phone's outbox: `result-7` and `reason-7`
    are of the thing with the number 7. `external_id` names it, so that it counts once."""

    external_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    occurred_at: LocalTime | None = None
    note: Annotated[str, StringConstraints(max_length=4000)] = ""
    items: Annotated[list[Found], Field(max_length=500)]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "items" in data:
            return data
        numbers = [name.removeprefix("result-") for name in data if name.startswith("result-")]
        items = [
            {"equipment": n, "result": data[f"result-{n}"], "reason": data.get(f"reason-{n}") or ""}
            for n in numbers
        ]
        return {**data, "items": items, "occurred_at": data.get("occurred_at") or None}

    def findings(self) -> list[Finding]:
        """What was found, as the action takes it."""
        return [Finding(f.equipment, f.result, f.reason) for f in self.items]


def lines(unit: Unit, given: Mapping[str, str] | None = None) -> list[Line]:
    """What is on the unit's sheet, with the answers that were `given` already."""
    ticked = given or {}
    late = set(carried().filter(overdue(), unit=unit).values_list("pk", flat=True))
    day = today()
    return [
        Line(
            id=piece.pk,
            version=piece.version,
            name=named(piece.kind),
            label=piece.label,
            must_have=piece.kind.must_have,
            state=piece.state,
            state_name=str(piece.MACHINE.names[piece.state]),
            reason=piece.reason,
            checked_at=piece.checked_at,
            due=piece.pk in late,
            has_expiry=piece.kind.has_expiry,
            expires_on=piece.expires_on,
            expired=bool(piece.kind.has_expiry and piece.expires_on and piece.expires_on < day),
            result=ticked.get(f"result-{piece.pk}", ""),
            given=ticked.get(f"reason-{piece.pk}", ""),
        )
        for piece in carried().filter(unit=unit)
    ]
