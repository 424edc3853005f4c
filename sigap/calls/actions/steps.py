"""Steps that several actions on calls share; parts of their transactions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    CallAnswered,
    CallBack,
    CallClaimed,
    CallFact,
)
from sigap.core.machine import change, move
from sigap.core.models import Text, User
from sigap.core.parameters import value
from sigap.core.rows import rows
from sigap.incidents.actions import set_clocks

from ..models import SPOKE, Call

# Callers who are still to be rung back, in the words of the index that holds only them.
OWED = "state IN ('callback_due', 'no_answer')"


@dataclass(frozen=True)
class Told:
    """What an event says besides its kind: when, who answered, why, and for how long the gate
    had listened (None: not at all, or nobody knows)."""

    at: datetime
    operator: User | None = None
    reason: str = ""
    heard_s: float | None = None


def answer(call: Call, at: datetime, actor: Actor, *, source: str) -> None:
    """Somebody has answered."""
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
    # The exchange's word of it came first. What it held before the answer was the queue's music;
    # an operator's key cannot know.
    if call.held_at and (source == "operator" or call.held_at >= at):
        hold(call, call.held_at, actor)
    elif call.held_at:
        change(call, held_at=None)
    if call.left_at:  # likewise
        leave(call, call.left_at, actor)


def got_through(call: Call, actor: Actor) -> None:
    """That a caller spoke with somebody is the proof that nobody need ring back about a call
    from before. An open line without anybody is none: who rings from the same number may be
    somebody else."""
    if call.contact_id and call.call_class in SPOKE:
        spoke_at = call.answered_at or call.began_at
        for owed in rows(Call, OWED, contact=call.contact_id):
            if owed.began_at <= spoke_at:
                waive(owed, "called_again", actor)


def hold(call: Call, at: datetime, actor: Actor) -> None:
    """The exchange put the caller on hold."""
    body = fact(call)
    move(call, "hold", actor=actor, case=case_of(call), body=body, occurred_at=at, held_at=at)


def claim(call: Call, operator_id: int, actor: Actor, *, reason: str = "") -> None:
    """From now on the call is this operator's."""
    before = call.operator_id
    change(call, operator_id=operator_id, claimed_at=clock.now())
    record(
        "call.claimed",
        subject=subject_of(call),
        case=case_of(call),
        actor=actor,
        body=CallClaimed(operator=operator_id, taken_from=before, reason=reason),
    )


def hand_over(call: Call, operator: User, reason: str, actor: Actor) -> None:
    """The telephone of somebody else has the call: so do they."""
    if call.operator_id != operator.pk:
        claim(call, operator.pk, actor, reason=reason)


def leave(call: Call, at: datetime, actor: Actor) -> None:
    """The operator is on the line no more; part of another transaction."""
    move(
        call,
        "leave",
        actor=actor,
        case=case_of(call),
        body=fact(call),
        occurred_at=at,
        left_at=at,
        held_at=None,
    )


def abandon(call: Call, at: datetime, actor: Actor) -> None:
    """The caller hung up before anybody answered, and is rung back where that can be."""
    move(
        call,
        "abandon",
        actor=actor,
        case=case_of(call),
        body=fact(call),
        occurred_at=at,
        answered_at=None,
        answered_source="",
        ended_at=at,
        call_class="abandoned",
    )
    finish_alarm("ringing", call, actor=actor)
    if call.returns:
        # Whom we rang back has hung up again: that was an attempt, not a lost call of its own.
        if call.returns.state == "callback_due":
            miss(call.returns, actor, reason="hung_up")
    else:
        owe(call, actor)


def owe(call: Call, actor: Actor) -> None:
    """Whoever hung up before an answer is rung back, as soon as there is a number."""
    if call.contact_id is None:
        return
    due = clock.now() + timedelta(seconds=value("calls.callback_due_s"))
    move(call, "call_back", actor=actor, body=CallBack(due_at=due), callback_due_at=due)
    through = Call.objects.filter(contact_id=call.contact_id, answered_at__gte=call.began_at)
    if through.filter(call_class__in=SPOKE).exists():
        waive(call, "called_again", actor)


def reach(call: Call, actor: Actor, *, operator_id: int | None = None) -> None:
    """Somebody has spoken with the caller whom we rang back."""
    attempt = call.callback_attempts + 1
    move(
        call,
        "reach",
        actor=actor,
        case=case_of(call),
        body=CallBack(attempt=attempt),
        callback_attempts=attempt,
        callback_due_at=None,
        dialled_at=None,
        operator_id=operator_id or actor.user_id or call.operator_id,
        claimed_at=clock.now(),
    )
    finish_alarm("callback", call, actor=actor)


def miss(call: Call, actor: Actor, *, reason: str = "") -> None:
    """One more attempt to ring the caller back has reached nobody."""
    attempt = call.callback_attempts + 1
    # Of whom nobody has heard anything is rung once.
    unheard = call.gate == "silent" and not call.was_somebody
    limit = 1 if unheard else value("calls.callback_limit")
    command = "give_up" if attempt >= limit else "miss"
    again = clock.now() + timedelta(seconds=value("calls.callback_due_s"))
    move(
        call,
        command,
        actor=actor,
        case=case_of(call),
        body=CallBack(attempt=attempt, reason=reason),
        callback_attempts=attempt,
        callback_due_at=again if command == "miss" else None,
        callback_result=reason or "no_answer",
        dialled_at=None,
        operator_id=actor.user_id or call.operator_id,
    )
    finish_alarm("callback", call, actor=actor)


def waive(call: Call, reason: str, actor: Actor) -> None:
    """Nobody need ring back any more, for this reason."""
    body = CallBack(attempt=call.callback_attempts, reason=reason)
    fields = {"callback_due_at": None, "dialled_at": None}
    move(call, "waive", actor=actor, case=case_of(call), body=body, **fields)
    finish_alarm("callback", call, actor=actor, reason=reason)


def time_incident(incident_id: int | None, actor: Actor) -> None:
    """The clocks of an incident start at the ring of its first call and the first answer of
    all: said anew whenever its calls, or their times, turn out to be others. A first call
    whose ring nobody saw leaves the ring unknown."""
    if incident_id is None:
        return
    calls = rows(Call, incident=incident_id)
    first = min(calls, key=lambda call: call.began_at, default=None)
    set_clocks(
        incident_id,
        received_at=first.presented_at if first else None,
        answered_at=min((c.answered_at for c in calls if c.answered_at), default=None),
        actor=actor,
    )


def fact(
    call: Call,
    source: str = "",
    note: Text | None = None,
    *,
    reason: str = "",
    heard_s: float | None = None,
) -> CallFact:
    """The body of a journal row about what was learned of a call."""
    return CallFact(
        source=source,
        reason=reason,
        heard_s=heard_s,
        has_number=call.contact_id is not None,
        text_id=note.pk if note else None,
    )


def case_of(call: Call) -> str:
    """The case that rows about this call belong to: its incident's, if it has one."""
    return f"incident:{call.incident_id}" if call.incident_id else ""


def note_fact(
    call: Call,
    kind: str,
    actor: Actor,
    *,
    occurred_at: datetime | None = None,
    source: str = "",
    note: Text | None = None,
    reason: str = "",
    heard_s: float | None = None,
) -> None:
    """Record that a fact about a call was learned without its state changing."""
    record(
        kind,
        subject=subject_of(call),
        case=case_of(call),
        actor=actor,
        after=call.state if kind in ("call.presented", "call.entered") else "",
        occurred_at=occurred_at,
        body=fact(call, source, note, reason=reason, heard_s=heard_s),
    )
