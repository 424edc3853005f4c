"""Callers whom the exchange rings back by itself when a line is free.

The call that comes of it is a call of its own, which waits in the queue like any other and says
which lost call it returns.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds import CallBack
from sigap.core.machine import change
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import Call
from ..queries import dial_next
from .steps import case_of, miss, reach

if TYPE_CHECKING:
    from .exchange import Told

# An exchange that has said nothing for so long does not ring any more.
DIALLING = timedelta(seconds=90)


def dial_due(*, actor: Actor) -> int:
    """Have the next caller rung who is due, when the city wants that, somebody is free and
    nobody else waits. Returns how many are rung."""
    if not value("calls.callback_dials"):
        return 0
    with transaction():
        now = clock.now()
        call = dial_next(now, now - DIALLING)
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


def on_unreached(call: Call, told: "Told", actor: Actor) -> None:
    """The exchange rang the caller of this lost call, and nobody picked up."""
    if call.state == "callback_due" and call.dialled_at:
        miss(call, actor, reason=told.reason)
