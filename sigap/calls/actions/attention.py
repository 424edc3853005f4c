"""Callers who wait: call-backs, and the alarms about calls."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actions.alarms import keep_alarms, raise_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.journal import subject_of
from sigap.core.machine import expect
from sigap.core.parameters import value
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction

from ..models import Call
from ..queries import (
    exchanges_that_dial,
    get,
    ringing_since,
    set_aside_since,
    silent_before,
    unattended,
    with_silent_console,
)
from .steps import miss, reach, waive


def report_call_back(
    call_id: int, *, reached: bool, actor: Actor, note: str = "", version: int | None = None
) -> Call:
    """Note one attempt to ring an abandoned caller back. Raises Conflict when a colleague has
    noted one since `version`: two may ring the same caller at once, but one attempt is one."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        expect(call, version)
        keep(subject_of(call), "note", note, actor=actor)
        if reached:
            reach(call, actor)
        else:
            miss(call, actor)
        return call


def waive_call_back(call_id: int, *, reason: str, actor: Actor, version: int | None = None) -> Call:
    """Decide not to ring back, with the reason."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        check_reason("waive", reason)
        call = get(call_id)
        expect(call, version)
        waive(call, reason, actor)
        return call


def alarm_ringing(*, actor: Actor) -> int:
    """Show the calls that have rung too long. Returns how many are new."""
    limit = clock.now() - timedelta(seconds=value("calls.ring_alarm_s"))
    with transaction():
        late = ringing_since(limit)
        return keep_alarms("ringing", late, owner="call_taker", urgency=1, actor=actor)


def alarm_stale_claims(*, actor: Actor) -> int:
    """Show calls whose operator's console has fallen silent; nothing is moved by itself."""
    with transaction():
        silent = with_silent_console(silent_before(clock.now()))
        return keep_alarms("stale_claim", silent, owner="supervisor", urgency=1, actor=actor)


def alarm_unattended(*, actor: Actor) -> int:
    """Show callers who are on hold for long, and answered calls that nobody has claimed."""
    limit = clock.now() - timedelta(seconds=value("calls.unattended_s"))
    with transaction():
        alone = unattended(limit)
        return keep_alarms("unattended", alone, owner="call_taker", urgency=2, actor=actor)


def alarm_set_aside(*, actor: Actor) -> int:
    """Show a supervisor the calls that the gate set aside and that nobody has looked at."""
    limit = clock.now() - timedelta(seconds=value("gate.silent_alarm_s"))
    with transaction():
        waiting = set_aside_since(limit)
        return keep_alarms("set_aside", waiting, owner="supervisor", urgency=3, actor=actor)


def alarm_call_backs(*, actor: Actor) -> int:
    """Raise an alarm for each call-back whose time has come. Returns how many. Where the
    exchange rings back by itself, only for those that it has not come to in time."""
    now = clock.now()
    dials = value("calls.callback_dials") and exchanges_that_dial(now)
    grace = timedelta(seconds=value("calls.callback_due_s") if dials else 0)
    with transaction():
        due = list(Call.objects.filter(callback_due_at__lte=now - grace))
        for call in due:
            late = round((now - (call.callback_due_at or now)).total_seconds())
            Call.objects.filter(pk=call.pk).update(callback_due_at=None)
            raise_alarm("callback", call, owner="call_taker", urgency=3, actor=actor, late_s=late)
        return len(due)
