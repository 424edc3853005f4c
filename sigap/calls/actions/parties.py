"""Who else is on the line of a call: agencies, interpreters, colleagues, a supervisor."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission, of_user
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import PartyMoved
from sigap.core.machine import change, move
from sigap.core.models import User
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.rows import insert, rows
from sigap.core.transaction import transaction

from ..machine import ON_THE_LINE, ON_THE_PHONE
from ..models import UNHEARD, Call, CallParty, PhoneBookEntry
from ..queries import exchanges_that_dial, free_shifts, get, parties
from .steps import case_of, hand_over, leave

SILENT = timedelta(minutes=1)  # so much later than it must, an exchange tells nothing any more
# Why somebody did not come, besides that it failed.
UNREACHED = ("busy", "no_answer", "declined", "absent")


def invite_party(
    call_id: int, *, actor: Actor, entry: str = "", user_id: int | None = None
) -> CallParty:
    """Have somebody rung who is to talk with the caller too: an entry of the phone book by its
    code, or a colleague."""
    with transaction():
        call = _own(call_id, actor)
        if entry:
            found = fetch(PhoneBookEntry, code=entry, active=True)
            return _invite(call, actor, how="talk", entry=found)
        return _invite(call, actor, how="talk", user=_free(user_id))


def transfer_call(call_id: int, user_id: int, *, actor: Actor) -> CallParty:
    """Hand a call over to a colleague. It stays with its operator until the colleague's
    telephone has taken it, and for good when it does not."""
    with transaction():
        call = _own(call_id, actor)
        here = [p for p in _there(call) if p.user_id == user_id and p.state == "joined"]
        if here and here[0].how == "talk":
            return _take_part(here[0], "take", actor)
        user = _free(user_id)
        if not of_user(user).may(Permission.TAKE_CALLS):
            raise Refused(_("%(name)s takes no calls.") % {"name": user}, code="role")
        return _invite(call, actor, how="take", user=user)


def drop_party(party_id: int, *, actor: Actor) -> CallParty:
    """Let somebody off the line, or ring them no more. A listener is the supervisors' alone."""
    with transaction():
        actor.require(Permission.TAKE_CALLS)
        party = fetch(CallParty, pk=party_id)
        if party.how in UNHEARD:
            actor.require(Permission.SUPERVISE)
        else:
            _refuse_others(party.call, actor)
        _end(party, "leave", clock.now(), actor)
        return party


def leave_call(call_id: int, *, actor: Actor) -> Call:
    """Leave the conversation to the caller and an outside party that has joined it. What is
    left for the operator is to say what the call was."""
    with transaction():
        call = _own(call_id, actor)
        if not any(p.state == "joined" and p.entry_id for p in rows(CallParty, call=call.pk)):
            raise Refused(_("Nobody else talks with the caller."), code="alone")
        leave(call, clock.now(), actor)
        return call


def listen_in(call_id: int, *, actor: Actor, whisper: bool = False) -> CallParty:
    """Hear a colleague's call, heard by nobody; or by the colleague alone (whisper)."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        call = _connected(get(call_id))
        how = "whisper" if whisper else "listen"
        if call.operator_id in (None, actor.user_id):
            raise Refused(_("There is nobody to listen to."), code="own")
        mine = [p for p in _there(call) if p.user_id == actor.user_id]
        if not mine:
            return _invite(call, actor, how=how, user=fetch(User, pk=actor.person_id()))
        (party,) = mine
        if party.how not in UNHEARD:
            raise Refused(_("You are on this line already."), code="there")
        return party if party.how == how else _take_part(party, how, actor)


def report_party(
    party_id: int, what: str, *, source: str, external_id: str, at: datetime, actor: Actor
) -> CallParty:
    """Take in what the exchange says of a party: `joined`, `left`, or why it did not come.
    Repeats and disorder are harmless."""
    with transaction():
        party = fetch(CallParty, pk=party_id)
        if (party.call.source, party.call.external_id) != (source, external_id):
            raise Invalid(_("This party is of another call."), code="party")
        if what == "joined":
            _joined(party, at, actor)
        elif what == "left":
            _end(party, "leave", at, actor)
        else:
            _end(party, "fail", at, actor, reason=what if what in UNREACHED else "failed")
        return party


def leave_lines(call: Call, actor: Actor) -> None:
    """Who has this call now is no party of it any more, if they were one that listened."""
    for party in _there(call):
        if party.user_id == actor.user_id and party.how in UNHEARD:
            _end(party, "leave", clock.now(), actor)


def end_parties(call: Call, at: datetime, actor: Actor) -> None:
    """The call is over, and so it is for everybody on its line."""
    for party in _there(call):
        _end(party, "leave", at, actor)


def _take_part(party: CallParty, how: str, actor: Actor) -> CallParty:
    """From now on they take part in another way."""
    party.how = how
    move(party, "change", actor=actor, case=case_of(party.call), body=_who(party), how=how)
    return party


def fail_parties(*, actor: Actor) -> int:
    """Whoever was to be rung, and of whom no exchange has told anything for long, has not come:
    they are free for others. Returns how many."""
    limit = clock.now() - timedelta(seconds=value("calls.party_answer_s")) - SILENT
    with transaction():
        lost = list(parties().filter(state="ringing", invited_at__lt=limit))
        for party in lost:
            _end(party, "fail", clock.now(), actor, reason="failed")
        return len(lost)


def _joined(party: CallParty, at: datetime, actor: Actor) -> None:
    # Also when it was called off just then: the exchange has put the colleague through.
    comes = party.joined_at is None or party.state == "joined"
    if party.how == "take" and party.user and comes and party.call.state in ON_THE_PHONE:
        hand_over(party.call, party.user, "transfer", actor)
    if party.joined_at is None:
        change(party, joined_at=at)
    command = "take" if party.how == "take" else "join"
    if party.MACHINE.allows(party.state, command):
        move(
            party,
            command,
            actor=actor,
            case=case_of(party.call),
            body=_who(party),
            occurred_at=at,
            ended_at=at if command == "take" else None,
        )


def _end(party: CallParty, command: str, at: datetime, actor: Actor, reason: str = "") -> None:
    if party.MACHINE.allows(party.state, command):
        move(
            party,
            command,
            actor=actor,
            case=case_of(party.call),
            body=_who(party, reason),
            occurred_at=at,
            reason=reason,
            ended_at=at,
        )


def _invite(
    call: Call,
    actor: Actor,
    *,
    how: str,
    entry: PhoneBookEntry | None = None,
    user: User | None = None,
) -> CallParty:
    there = _there(call)
    if any((p.entry_id, p.user_id) == (entry and entry.pk, user and user.pk) for p in there):
        raise Refused(_("They are on this line already."), code="there")
    if how == "take" and any(p.how == "take" for p in there):
        raise Refused(_("This call is being handed over already."), code="transfer")
    party = CallParty(call=call, entry=entry, user=user, how=how, invited_at=clock.now())
    insert(party)
    record(
        "party.invite",
        subject=subject_of(party),
        case=case_of(call),
        actor=actor,
        after=party.state,
        body=_who(party),
    )
    return party


def _who(party: CallParty, reason: str = "") -> PartyMoved:
    entry = party.entry.code if party.entry else ""
    return PartyMoved(
        call=party.call_id, how=party.how, entry=entry, user=party.user_id, reason=reason
    )


def _there(call: Call) -> list[CallParty]:
    return [party for party in rows(CallParty, call=call.pk) if party.state in ON_THE_LINE]


def _free(user_id: int | None) -> User:
    """A colleague who is at their desk and has nobody on the line."""
    user = fetch(User, pk=user_id or 0, is_active=True)
    if not free_shifts().filter(user_id=user.pk).exists():
        raise Refused(_("%(name)s is not free.") % {"name": user}, code="busy")
    return user


def _own(call_id: int, actor: Actor) -> Call:
    """The call, where this actor talks with its caller through an exchange that obeys."""
    actor.require(Permission.TAKE_CALLS)
    call = get(call_id)
    _refuse_others(call, actor)
    return _connected(call)


def _connected(call: Call) -> Call:
    if call.state not in ON_THE_PHONE:
        raise call.MACHINE.refusal(call.state)
    if call.source not in exchanges_that_dial(clock.now()):
        raise Refused(_("No telephone exchange is connected for this call."), code="exchange")
    return call


def _refuse_others(call: Call, actor: Actor) -> None:
    if call.operator_id != actor.user_id and not actor.may(Permission.SUPERVISE):
        raise Refused(_("%(name)s has this call.") % {"name": call.operator}, code="claimed")
