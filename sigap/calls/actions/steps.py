"""Steps that several actions on calls share; parts of their transactions."""

from datetime import datetime

from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    CallAnswered,
    CallBack,
    CallFact,
)
from sigap.core.machine import move
from sigap.core.rows import rows

from ..models import Call

# Callers who are still to be rung back, in the words of the index that holds only them.
OWED = "state IN ('callback_due', 'no_answer')"


def answer(call: Call, at: datetime, actor: Actor, *, source: str) -> None:
    """Somebody has answered; call-backs that were owed to the caller are waived."""
    move(
        call,
        "answer",
        actor=actor,
        body=CallAnswered(source=source, operator=call.operator_id),
        occurred_at=at,
        answered_at=at,
        answered_source=source,
    )
    finish_alarm("ringing", call, actor=actor)
    if call.contact_id:
        # That the caller got through is the proof that nobody need ring back.
        for earlier in rows(Call, OWED, contact=call.contact_id):
            waive(earlier, "called_again", actor)


def waive(call: Call, reason: str, actor: Actor) -> None:
    """Nobody need ring back any more, for this reason."""
    body = CallBack(attempt=call.callback_attempts, reason=reason)
    move(call, "waive", actor=actor, case=case_of(call), body=body, callback_due_at=None)
    finish_alarm("callback", call, actor=actor, reason=reason)


def fact(call: Call, source: str = "") -> CallFact:
    """The body of a journal row about what was learned of a call."""
    return CallFact(source=source, has_number=call.contact_id is not None)


def case_of(call: Call) -> str:
    """The case that rows about this call belong to: its incident's, if it has one."""
    return f"incident:{call.incident_id}" if call.incident_id else ""


def note_fact(
    call: Call, kind: str, actor: Actor, *, occurred_at: datetime | None = None, source: str = ""
) -> None:
    """Record that a fact about a call was learned without its state changing."""
    record(
        kind,
        subject=subject_of(call),
        case=case_of(call),
        actor=actor,
        after=call.state if kind in ("call.presented", "call.entered") else "",
        occurred_at=occurred_at,
        body=fact(call, source),
    )
