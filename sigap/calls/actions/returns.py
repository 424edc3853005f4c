"""Callers whom the exchange rings back by itself when a line is free.

The call that comes of it is a call of its own, which waits in the queue like any other and says
which lost call it returns. What it is about becomes known of the lost one, which is the one that
counts: nobody called twice.
"""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds import CallBack, CallClosed, CallLinked
from sigap.core.machine import change, move
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import Call
from ..queries import dial_next, dialled_in_vain
from .steps import Told, case_of, miss, note_fact, reach, time_incident

# An exchange that has said nothing for so long does not ring any more.
DIALLING = timedelta(seconds=90)


def dial_due(*, actor: Actor) -> int:
    """Have the next caller rung who is due, when the city wants that, somebody is free and
    nobody else waits. Returns how many are rung."""
    now = clock.now()
    with transaction():
        for silent in dialled_in_vain(now - DIALLING):
            miss(silent, actor, reason="no_word")
        call = dial_next(now) if value("calls.callback_dials") else None
        if call is None:
            return 0
        change(call, dialled_at=now)
        body = CallBack(attempt=call.callback_attempts + 1)
        record("call.dialled", subject=subject_of(call), case=case_of(call), actor=actor, body=body)
        return 1


def present_return(call: Call, lost: Call | None, actor: Actor) -> None:
    """The caller whom we rang has picked up."""
    if lost is not None:
        change(call, returns=lost, contact_id=lost.contact_id, gate="callback")


def reach_return(call: Call, actor: Actor) -> None:
    """An operator speaks with the caller whom we rang: the lost call is settled."""
    lost = call.returns
    if lost and lost.MACHINE.allows(lost.state, "reach"):
        reach(lost, actor, operator_id=call.operator_id)


def link_return(call: Call, before: int | None, actor: Actor) -> None:
    """The call by which we rang back is about an incident: so was the lost one, unless somebody
    knows better. The clocks begin at its ring."""
    lost = call.returns
    if lost and call.incident and lost.incident_id == before:
        change(lost, incident=call.incident)
        record(
            "call.linked",
            subject=subject_of(lost),
            case=case_of(lost),
            actor=actor,
            body=CallLinked(incident=call.incident.pk),
        )
        time_incident(call.incident.pk, actor)


def close_return(call: Call, before: str, actor: Actor) -> None:
    """What the caller said whom we rang back is what the lost call was about. `before` is the
    class that the call had until now."""
    reach_return(call, actor)
    lost = call.returns
    if lost and lost.state == "reached":
        command = "close"
    elif lost and lost.state == "closed" and lost.call_class == before:
        command = "reclassify"
    else:
        return
    body = CallClosed(
        call_class=call.call_class,
        class_before=lost.call_class,
        field_action=call.field_action,
        reason="returned",
    )
    move(
        lost,
        command,
        actor=actor,
        case=case_of(lost),
        body=body,
        call_class=call.call_class,
        field_action=call.field_action,
        closed_at=lost.closed_at or clock.now(),
    )


def on_unreached(call: Call, told: Told, actor: Actor) -> None:
    """The exchange rang the caller of this lost call, and nobody picked up."""
    if call.state != "callback_due" or not call.dialled_at:
        return
    if told.reason != "failed":
        miss(call, actor, reason=told.reason)
        return
    # Our own line is down, so nobody was rung: it is no attempt, and a person had better try.
    again = clock.now() + timedelta(seconds=value("calls.callback_due_s"))
    change(call, dialled_at=None, callback_due_at=again, callback_result="failed")
    note_fact(call, "call.fact", actor, occurred_at=told.at, reason="failed")
    raise_alarm("callback", call, owner="call_taker", urgency=3, actor=actor)
