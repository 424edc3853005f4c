"""What operators do with a call."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actions.personal import contact_for, keep
from sigap.core.actions.shifts import be_on_shift
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, NeedsConfirmation, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    CallClosed,
    CallLinked,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import Journal
from sigap.core.parameters import value
from sigap.core.personal import is_unclear_number
from sigap.core.queries import check_reason
from sigap.core.rows import insert, write
from sigap.core.transaction import transaction
from sigap.incidents.actions import open_incident
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident
from sigap.incidents.queries import carrier
from sigap.incidents.queries import get as get_incident

from ..machine import LIVE, TALKING, UNTAKEN
from ..models import CLASSES, Call
from ..queries import exchanges_that_dial, get
from .handset import take_positions
from .parties import end_parties, leave_lines
from .quality import draw
from .returns import close_return, link_return
from .steps import abandon, answer, case_of, claim, fact, got_through, note_fact, time_incident


def take_call(call_id: int, *, actor: Actor, reason: str = "") -> Call:
    """Claim a call and answer it. One that somebody holds can be taken only after the free
    take has run out, by a supervisor with a reason."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        if call.state not in LIVE:
            raise Refused(_("This call is over."), state=call.state)
        if call.operator_id != actor.user_id or call.operator_id is None:
            _claim(call, actor, reason)
        if call.state == "set_aside":
            change(call, gate="released", gate_reason="")
            finish_alarm("set_aside", call, actor=actor)
        if call.state in UNTAKEN:
            answer(call, clock.now(), actor, source="operator")
        return call


def hold_call(call_id: int, *, actor: Actor) -> Call:
    """Put the caller on hold, once the operator's telephone is on the line."""
    with transaction():
        call = _own(call_id, actor)
        if call.answered_source == "operator" and call.source in exchanges_that_dial(clock.now()):
            raise Refused(_("Your telephone is not on the line yet."), code="telephone")
        case, body = case_of(call), fact(call)
        move(call, "hold", actor=actor, case=case, body=body, held_at=clock.now())
        return call


def resume_call(call_id: int, *, actor: Actor) -> Call:
    """Talk to the held caller again."""
    return _move_own(call_id, "resume", actor, held_at=None, resumed_at=clock.now())


def end_call(call_id: int, *, actor: Actor) -> Call:
    """The conversation is over; the class is still to be given."""
    with transaction():
        call = _move_own(call_id, "end", actor, ended_at=clock.now(), held_at=None)
        end_parties(call, clock.now(), actor)
        return call


def close_call(
    call_id: int,
    call_class: str,
    *,
    actor: Actor,
    note: str = "",
    field_action: bool = False,
    confirmed: bool = False,
    version: int | None = None,
) -> Call:
    """Give a call its class and close it.

    An emergency must have an incident and a repeat must name the one it repeats, so that
    neither can be closed away. A call of an open incident that is to be neither needs
    `confirmed=True`, a second key press. One that ended before the line opened may be
    `abandoned`: then it is not closed, and the caller is rung back. A caller who was reached
    by ringing back has a class too; that the first call was lost stays on record.
    """
    with transaction():
        call = _own(call_id, actor, states=(*TALKING, "reached"))
        expect(call, version)
        _check_class(call, call_class, confirmed=confirmed)
        text = keep(subject_of(call), "note", note, actor=actor)
        finish_alarm("stale_claim", call, actor=actor)
        if call_class == "abandoned":
            abandon(call, call.ended_at or clock.now(), actor)
            time_incident(call.incident_id, actor)
            return call
        acted = field_action and call_class == "complaint"
        move(
            call,
            "close",
            actor=actor,
            case=case_of(call),
            body=CallClosed(
                call_class=call_class, field_action=acted, text_id=text.pk if text else None
            ),
            call_class=call_class,
            field_action=acted,
            closed_at=clock.now(),
            held_at=None,
            ended_at=call.ended_at or clock.now(),
            operator_id=call.operator_id or actor.user_id,
            note=text or call.note,
        )
        close_return(call, "", actor)
        got_through(call, actor)
        draw(call, actor)
        return call


def reclassify_call(
    call_id: int,
    call_class: str,
    *,
    actor: Actor,
    field_action: bool = False,
    confirmed: bool = False,
    version: int | None = None,
) -> Call:
    """Correct the class of a closed call; the record keeps both. As at the close, a call of
    an open incident needs `confirmed=True` for a class that says it is none."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        expect(call, version)
        _check_class(call, call_class, confirmed=confirmed)
        before = call.call_class
        acted = field_action and call_class == "complaint"
        body = CallClosed(call_class=call_class, class_before=before, field_action=acted)
        move(
            call,
            "reclassify",
            actor=actor,
            case=case_of(call),
            body=body,
            call_class=call_class,
            field_action=acted,
        )
        close_return(call, before, actor)
        got_through(call, actor)
        return call


def open_incident_for_call(call_id: int, type_code: str, *, actor: Actor, **facts: Any) -> Incident:
    """Open an incident from a call; the clocks start at the call's ring, if that is known."""
    with transaction():
        call = _own(call_id, actor, states=(*TALKING, "closed", "reached"))
        if call.incident_id:
            raise Refused(_("This call has an incident already."), incident=call.incident_id)
        incident = open_incident(
            type_code,
            actor=actor,
            received_at=call.presented_at,
            answered_at=call.answered_at,
            source=call.source if call.source in ("manual", "text") else "call",
            call_id=call.pk,
            occurred_at=_told_time(call),
            **facts,
        )
        _link(call, incident, actor)
        return incident


def _told_time(call: Call) -> datetime | None:
    """When a call was answered that was entered after the fact; None for one of now."""
    if call.source != "manual":
        return None
    entered = Journal.objects.filter(subject=subject_of(call), kind="call.entered")
    return call.answered_at if entered.exclude(occurred_at=None).exists() else None


def link_call(call_id: int, incident_id: int, *, actor: Actor, version: int | None = None) -> Call:
    """Say that a call is about an incident that is known already, or about the one that it
    was merged into. One that is over must be reopened first, so that somebody hears of it."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        expect(call, version)
        _refuse_others(call, actor)
        incident = carrier(get_incident(incident_id))
        # Of one that was merged into it, it is about it already; un-merged, it is that one's again.
        if call.incident is None or carrier(call.incident) != incident:
            if incident.state not in UNFINISHED:
                raise Refused(
                    _("Incident #%(id)s is over. Reopen it first.") % {"id": incident.pk},
                    code="over",
                    incident=incident.pk,
                )
            before = call.incident_id
            _link(call, incident, actor)
            time_incident(before, actor)
            time_incident(incident.pk, actor)
        return call


def enter_call(
    *,
    actor: Actor,
    number: str = "",
    occurred_at: datetime | None = None,
    note: str = "",
) -> Call:
    """Enter a call by hand: a telephone without integration, or after an outage with the
    time that it happened. Its ring time stays unknown."""
    actor.require(Permission.TAKE_CALLS)
    now = clock.now()
    if occurred_at is not None and occurred_at > now + timedelta(seconds=60):
        raise Invalid(_("The time lies in the future."), code="future")
    if is_unclear_number(number):
        raise Invalid(_("That is no number. Leave it empty when there is none."), code="number")
    at = occurred_at or now
    with transaction():
        be_on_shift(actor=actor)
        call = Call(
            # A call of earlier is over: what is left of it is to say what it was.
            state="answered" if occurred_at is None else "wrap_up",
            source="manual",
            contact=contact_for(number, at=at),
            began_at=at,
            answered_at=at,
            answered_source="manual",
            operator_id=actor.user_id,
            claimed_at=now,
        )
        insert(call)
        call.note = keep(subject_of(call), "note", note, actor=actor)
        if call.note:
            write(call, "note")
        note_fact(call, "call.entered", actor, occurred_at=occurred_at, note=call.note)
        take_positions(call, actor)
        return call


def _claim(call: Call, actor: Actor, reason: str) -> None:
    before, now = call.operator_id, clock.now()
    if before is not None:
        held = (now - call.claimed_at).total_seconds() if call.claimed_at else float("inf")
        # A claim that lies in the future is one from before the clock was set back.
        if 0 <= held < value("calls.free_take_s") or not actor.may(Permission.SUPERVISE):
            raise Refused(_("%(name)s has this call.") % {"name": call.operator}, code="claimed")
        if not reason:
            raise Refused(
                _("%(name)s has this call. Say why you take it over.") % {"name": call.operator},
                code="reason",
            )
        check_reason("takeover", reason)
    else:
        reason = ""
    be_on_shift(actor=actor)
    claim(call, actor.person_id(), actor, reason=reason)
    finish_alarm("stale_claim", call, actor=actor)
    leave_lines(call, actor)  # who talks does not listen too


def _own(call_id: int, actor: Actor, states: tuple[str, ...] = TALKING) -> Call:
    """The call, when this actor holds it (or supervises)."""
    actor.require(Permission.TAKE_CALLS)
    call = get(call_id)
    if call.state not in states:
        raise call.MACHINE.refusal(call.state)
    _refuse_others(call, actor)
    return call


def _move_own(call_id: int, command: str, actor: Actor, **fields: Any) -> Call:
    with transaction():
        call = _own(call_id, actor)
        move(call, command, actor=actor, case=case_of(call), body=fact(call), **fields)
        return call


def _check_class(call: Call, call_class: str, *, confirmed: bool) -> None:
    if call_class not in CLASSES or (call_class == "abandoned" and not call.ended_unopened):
        raise Invalid(_("Unknown class of call."), code="class")
    about_one = call_class in ("emergency", "repeat")
    if about_one and call.incident_id is None:
        raise Invalid(_("This class needs an incident. Open or choose one."), code="incident")
    if not (about_one or confirmed or call.incident is None):
        incident = carrier(call.incident)
        if incident.state in UNFINISHED:
            raise NeedsConfirmation(
                _("The call belongs to incident #%(id)s, which is open. Give it this class?")
                % {"id": incident.pk},
                incident=incident.pk,
            )


def _refuse_others(call: Call, actor: Actor) -> None:
    """A call in progress is its operator's; a closed one is everybody's."""
    others = call.state in TALKING and call.operator_id not in (None, actor.user_id)
    if others and not actor.may(Permission.SUPERVISE):
        raise Refused(_("%(name)s has this call.") % {"name": call.operator}, code="claimed")


def _link(call: Call, incident: Incident, actor: Actor) -> None:
    before = call.incident_id
    change(call, incident=incident)
    record(
        "call.linked",
        subject=subject_of(call),
        case=subject_of(incident),
        actor=actor,
        body=CallLinked(incident=incident.pk),
    )
    link_return(call, before, actor)
