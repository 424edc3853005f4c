"""One step of a complaint or of what an agency does about it, with the deadline that follows."""

from datetime import datetime
from typing import Any

from sigap.core.actors import Actor
from sigap.core.journal import subject_of
from sigap.core.kinds import Body
from sigap.core.machine import change, move

from ..models import Complaint, Referral
from .dangers import danger_was_seen


def step(
    row: Complaint | Referral,
    command: str,
    *,
    actor: Actor,
    body: Body | None = None,
    **fields: Any,
) -> None:
    """Move one of them along its machine. `due_at` says from then on by when somebody has to do
    the next thing, so that a list of many is in order without asking what each waits for."""
    due = _due(row, row.MACHINE.next(row.state, command), fields)
    if isinstance(row, Referral):
        fields |= _minded_anew(row, due)
    move(row, command, actor=actor, case=case_of(row), body=body, due_at=due, **fields)
    if isinstance(row, Complaint):
        danger_was_seen(row, actor=actor)


def case_of(row: Complaint | Referral) -> str:
    """The case that its journal rows belong to."""
    return subject_of(row) if isinstance(row, Complaint) else f"complaint:{row.complaint_id}"


def change_dues(complaint: Complaint, **fields: Any) -> None:
    """Write other deadlines, and what follows from them for its agencies."""
    change(complaint, due_at=_due(complaint, complaint.state, fields), **fields)
    for referral in complaint.referrals.filter(state="planned"):
        set_due(referral)


def set_due(referral: Referral, **fields: Any) -> None:
    """Write by when an agency has to do the next thing, after its complaint's deadlines changed."""
    due = _due(referral, referral.state, fields)
    change(referral, due_at=due, **fields, **_minded_anew(referral, due))


def _minded_anew(referral: Referral, due: datetime | None) -> dict[str, None]:
    """Of another deadline the agency is reminded, and its head told, as if there had been none."""
    if due is None or due == referral.due_at:
        return {}
    return {"reminded_at": None, "escalated_at": None, "seen_at": None}


def _due(row: Complaint | Referral, state: str, fields: dict[str, Any]) -> datetime | None:
    def known(name: str) -> datetime | None:
        found: datetime | None = fields[name] if name in fields else getattr(row, name)
        return found

    if isinstance(row, Referral):
        if row.complaint.state == "held":
            return None  # the clock stands still
        if state in ("sent", "accepted"):
            return known("plan_due_at")
        return row.complaint.solve_due_at if state == "planned" else None
    if state == "filed":
        return known("forward_due_at")
    if state == "done":
        return known("reply_due_at")
    if state in ("disposed", "in_progress", "answered", "contested"):
        return known("solve_due_at")
    return None
