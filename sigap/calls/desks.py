"""What the people at the desks do now, and whether the telephone exchanges are there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sigap.core import clock
from sigap.core.models import JobRun, Shift

from .machine import TALKING
from .models import Call, CallParty
from .queries import EXCHANGE, HEARD, parties, silent_before

# Of several calls in hand the first of these says what somebody does. "wrap_up" is a caller who
# has hung up and whose call is still to be closed.
IN_HAND = ("answered", "held", "wrap_up")
BUSY = {"answered": "talking", "held": "held", "wrap_up": "wrap_up"}


@dataclass(frozen=True)
class Doing:
    """What somebody on shift does: talking, held, wrap_up, joined (on a colleague's line, or
    called to it), paused, silent (their console) or free; since when, and with which call."""

    state: str
    since: datetime | None = None
    call: Call | None = None


def doings(shifts: Iterable[Shift], *, but: Iterable[str] = ()) -> dict[int, Doing]:
    """What the people of these open shifts do now, by the person's id; that somebody takes part
    in a call in one of the ways `but` is not told."""
    silent = silent_before(clock.now())
    in_hand: dict[int, Call] = {}
    calls = Call.objects.filter(state__in=TALKING, operator__isnull=False).order_by("-id")
    for call in sorted(calls, key=lambda call: -IN_HAND.index(call.state)):
        in_hand[call.operator_id or 0] = call
    others = parties().filter(user__isnull=False).exclude(how__in=but).select_related("call")
    joined = {party.user_id: party for party in others}
    return {
        shift.user_id: _doing(shift, in_hand.get(shift.user_id), joined.get(shift.user_id), silent)
        for shift in shifts
    }


def _doing(shift: Shift, call: Call | None, party: CallParty | None, silent: datetime) -> Doing:
    if call:
        since = {"answered": call.answered_at, "held": call.held_at}.get(call.state, call.ended_at)
        return Doing(BUSY[call.state], since, call)
    if party:
        return Doing("joined", party.joined_at or party.invited_at, party.call)
    if shift.paused_at:
        return Doing("paused", shift.paused_at)
    if shift.heartbeat_at <= silent:
        return Doing("silent", shift.heartbeat_at)
    return Doing("free")


@dataclass(frozen=True)
class Exchange:
    """A telephone exchange that has listened to our orders, and whether it still does."""

    name: str
    is_connected: bool
    heard_at: datetime | None


def exchanges() -> list[Exchange]:
    """All that have ever listened."""
    heard = clock.now() - HEARD
    return [
        Exchange(
            job.name.removeprefix(EXCHANGE),
            job.ended_at is not None and job.ended_at > heard,
            job.ended_at,
        )
        for job in JobRun.objects.filter(name__startswith=EXCHANGE).order_by("name")
    ]
