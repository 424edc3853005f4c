"""What the voice gate decides, and what people decide about it.

The gate may order and label a call, and set it aside where it has heard nobody; the line stays
open. Only the city's own setting ends such a call, and then it is kept for review and rung back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Refused
from sigap.core.kinds import CallBack, CallClosed
from sigap.core.machine import change, move
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import GATES, Call
from ..queries import get, kept_off, set_aside_since
from .steps import Told, case_of, fact, note_fact

# The events by which an exchange says that a call is through the gate, and what is kept of it.
PASSED = {
    "gate_key": "key",
    "gate_speech": "speech",
    "gate_noise": "noise",
    "gate_skipped": "skipped",
    "gate_open": "open",
}


def on_passed(passed: str) -> Callable[[Call, Told, Actor], None]:
    """What the event does to a call: the sign that says most counts, and one that comes from a
    call set aside brings it back."""

    def on_event(call: Call, told: Told, actor: Actor) -> None:
        if call.gate and GATES.index(passed) >= GATES.index(call.gate):
            return
        facts: dict[str, Any] = {"gate": passed, "gate_reason": told.reason}
        body = fact(call, passed, reason=told.reason, heard_s=told.heard_s)
        if call.state == "presented":
            move(call, "screen", actor=actor, body=body, occurred_at=told.at, **facts)
        elif call.state == "set_aside":
            facts["queued_at"] = told.at
            move(call, "queue", actor=actor, body=body, occurred_at=told.at, **facts)
        else:
            if call.state == "closed" and call.gate == "silent" and call.answered_at is None:
                # Nobody has heard them: it stays among those that a person has to review.
                facts = {"reviewed_at": None}
            change(call, **facts)
            note_fact(
                call,
                "call.fact",
                actor,
                occurred_at=told.at,
                source=passed,
                reason=told.reason,
                heard_s=told.heard_s,
            )

    return on_event


def on_silent(call: Call, told: Told, actor: Actor) -> None:
    """The gate has heard nobody. Without the proof that it listened this means nothing."""
    if not told.heard_s:
        on_passed("open")(call, told, actor)
    elif call.gate == "" and call.MACHINE.allows(call.state, "set_aside"):
        body = fact(call, "silent", reason=told.reason, heard_s=told.heard_s)
        move(
            call,
            "set_aside",
            actor=actor,
            body=body,
            occurred_at=told.at,
            gate="silent",
            gate_reason=told.reason,
            set_aside_at=told.at,
        )


def close_silent(call: Call, at: datetime, actor: Actor) -> None:
    """The caller whom the gate never heard has hung up: nobody need answer, and the call
    waits among those to be reviewed."""
    body = CallClosed(call_class="silent", reason="unheard")
    move(
        call,
        "close",
        actor=actor,
        case=case_of(call),
        body=body,
        occurred_at=at,
        call_class="silent",
        ended_at=at,
        closed_at=clock.now(),
    )


def end_silent_calls(*, actor: Actor) -> int:
    """Where the city has switched it on: end what has been set aside for so long. The caller
    is rung back once, where there is a number. Returns how many ended."""
    seconds = value("gate.silent_end_s")
    if not seconds:
        return 0
    now = clock.now()
    with transaction():
        calls = list(set_aside_since(now - timedelta(seconds=seconds)))
        for call in calls:
            if call.contact_id is None:
                close_silent(call, now, actor)
                continue
            due = now + timedelta(seconds=value("calls.callback_due_s"))
            move(
                call,
                "end_silent",
                actor=actor,
                case=case_of(call),
                body=CallBack(due_at=due, reason="silent"),
                call_class="silent",
                ended_at=now,
                callback_due_at=due,
            )
        return len(calls)


def release_call(call_id: int, *, actor: Actor) -> Call:
    """Let a call that the gate set aside ring for the operators."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        call = get(call_id)
        if call.state != "set_aside":
            raise Refused(_("This call is not set aside any more."), state=call.state)
        body, now = fact(call, "released"), clock.now()
        move(
            call,
            "queue",
            actor=actor,
            body=body,
            gate="released",
            gate_reason="",
            queued_at=now,
        )
        finish_alarm("set_aside", call, actor=actor)
        return call


def review_call(call_id: int, *, was_somebody: bool, actor: Actor) -> Call:
    """A person has listened to a call that the gate kept off the operators. Where somebody was
    there after all it was a caller who hung up unanswered, and is rung back at once."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        call = get(call_id)
        if not kept_off().filter(pk=call.pk).exists():
            raise Refused(_("This call is not among those to be reviewed."), state=call.state)
        now = clock.now()
        change(call, reviewed_at=now, reviewer_id=actor.user_id, was_somebody=was_somebody)
        reason = "somebody" if was_somebody else "nobody"
        note_fact(call, "call.reviewed", actor, reason=reason)
        if was_somebody:
            _is_lost(call, now, actor)
        return call


def _is_lost(call: Call, now: datetime, actor: Actor) -> None:
    """The caller is to be rung back now, as anybody who hung up before an answer."""
    if call.contact_id is None:
        body = CallClosed(call_class="abandoned", class_before=call.call_class, reason="somebody")
        case = case_of(call)
        move(call, "reclassify", actor=actor, case=case, body=body, call_class="abandoned")
    elif call.state == "callback_due":
        change(call, call_class="abandoned", callback_due_at=now)
    else:
        move(
            call,
            "call_back",
            actor=actor,
            case=case_of(call),
            body=CallBack(attempt=call.callback_attempts, due_at=now, reason="somebody"),
            call_class="abandoned",
            callback_due_at=now,
        )
