"""All that may be done to a call."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import contact_for, keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    CallAnswered,
    CallBack,
    CallClaimed,
    CallClosed,
    CallFact,
    CallLinked,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import User
from sigap.core.parameters import value
from sigap.core.transaction import transaction
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident
from sigap.incidents.queries import get as get_incident

from .machine import RINGING, TALKING
from .models import CLASSES, Call
from .queries import get, ringing_since, with_silent_console

EVENTS = (
    "presented",
    "gate_key",
    "gate_speech",
    "queued",
    "answered",
    "held",
    "resumed",
    "ended",
)


def report_event(
    kind: str,
    *,
    source: str,
    external_id: str,
    at: datetime,
    actor: Actor,
    number: str | None = None,
    trunk: str = "",
    operator: str = "",
) -> Call:
    """Take in one event of a telephone exchange. Repeats and disorder are harmless: a time
    is filled in where it was missing, and the state only ever moves as its table allows."""
    if kind not in EVENTS:
        raise Invalid(_("Unknown event."), code="kind")
    with transaction():
        call = Call.objects.filter(source=source, external_id=external_id).first()
        if call is None:
            call = _present(source, external_id, kind, at, number, trunk, actor)
        else:
            _learn(call, at, number, trunk)
        _EVENT[kind](call, at, actor, _operator(operator))
        return call


def take_call(call_id: int, *, actor: Actor, reason: str = "") -> Call:
    """Claim a call and answer it. One that somebody holds can be taken only after the free
    take has run out, by a supervisor with a reason."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        if call.state not in (*RINGING, *TALKING):
            raise Refused(_("This call is over."), state=call.state)
        if call.operator_id != actor.user_id or call.operator_id is None:
            _claim(call, actor, reason)
        if call.state in RINGING:
            _answer(call, clock.now(), actor, source="operator")
        return call


def hold_call(call_id: int, *, actor: Actor) -> Call:
    """Put the caller on hold."""
    return _move_own(call_id, "hold", actor, held_at=clock.now())


def resume_call(call_id: int, *, actor: Actor) -> Call:
    """Talk to the held caller again."""
    return _move_own(call_id, "resume", actor, held_at=None)


def end_call(call_id: int, *, actor: Actor) -> Call:
    """The conversation is over; the class is still to be given."""
    return _move_own(call_id, "end", actor, ended_at=clock.now(), held_at=None)


def close_call(
    call_id: int,
    call_class: str,
    *,
    actor: Actor,
    note: str = "",
    field_action: bool = False,
    version: int | None = None,
) -> Call:
    """Give a call its class and close it.

    An emergency must have an incident and a repeat must name the one it repeats, so that
    neither can be closed away.
    """
    with transaction():
        call = _own(call_id, actor)
        expect(call, version)
        _check_class(call, call_class)
        text = keep(subject_of(call), "note", note, actor=actor)
        move(
            call,
            "close",
            actor=actor,
            case=_case(call),
            body=CallClosed(call_class=call_class),
            call_class=call_class,
            field_action=field_action and call_class == "complaint",
            closed_at=clock.now(),
            held_at=None,
            ended_at=call.ended_at or clock.now(),
            **({"note": text} if text else {}),
        )
        finish_alarm("stale_claim", call, actor=actor)
        return call


def reclassify_call(
    call_id: int, call_class: str, *, actor: Actor, version: int | None = None
) -> Call:
    """Correct the class of a closed call; the record keeps both."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        expect(call, version)
        _check_class(call, call_class)
        body = CallClosed(call_class=call_class, class_before=call.call_class)
        move(call, "reclassify", actor=actor, case=_case(call), body=body, call_class=call_class)
        return call


def open_incident_for_call(call_id: int, type_code: str, *, actor: Actor, **facts: Any) -> Incident:
    """Open an incident from a call; the clocks start at the call's first ring."""
    with transaction():
        call = _own(call_id, actor, states=(*TALKING, "closed", "reached"))
        if call.incident_id:
            raise Refused(_("This call has an incident already."), incident=call.incident_id)
        incident = open_incident(
            type_code,
            actor=actor,
            received_at=call.presented_at or call.answered_at,
            answered_at=call.answered_at,
            source=call.source if call.source in ("manual", "text") else "call",
            call_id=call.pk,
            occurred_at=call.answered_at if call.source == "manual" else None,
            **facts,
        )
        _link(call, incident, actor)
        return incident


def link_call(call_id: int, incident_id: int, *, actor: Actor) -> Call:
    """Say that a call is about an incident that is known already."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        incident = get_incident(incident_id)
        if call.incident_id != incident.pk:
            _link(call, incident, actor)
            # The first ring of all its calls starts the clocks.
            if call.presented_at and (
                incident.received_at is None or call.presented_at < incident.received_at
            ):
                change(incident, received_at=call.presented_at)
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
    at = occurred_at or now
    with transaction():
        call = Call.objects.create(
            state="answered",
            source="manual",
            contact=contact_for(number, at=at),
            began_at=at,
            answered_at=at,
            answered_source="manual",
            operator_id=actor.user_id,
            claimed_at=now,
        )
        call.note = keep(subject_of(call), "note", note, actor=actor)
        if call.note:
            call.save(update_fields=["note"])
        _record(call, "call.entered", actor, occurred_at=occurred_at)
        return call


def report_call_back(call_id: int, *, reached: bool, actor: Actor, note: str = "") -> Call:
    """Note one attempt to ring an abandoned caller back."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        call = get(call_id)
        attempt = call.callback_attempts + 1
        keep(subject_of(call), "note", note, actor=actor)
        limit_met = attempt >= value("calls.callback_limit")
        command = "reach" if reached else ("give_up" if limit_met else "miss")
        again = clock.now() + timedelta(seconds=value("calls.callback_due_s"))
        move(
            call,
            command,
            actor=actor,
            case=_case(call),
            body=CallBack(attempt=attempt),
            callback_attempts=attempt,
            callback_due_at=again if command == "miss" else None,
            operator_id=actor.user_id or call.operator_id,
        )
        finish_alarm("callback", call, actor=actor)
        return call


def waive_call_back(call_id: int, *, reason: str, actor: Actor) -> Call:
    """Decide not to ring back, with the reason."""
    actor.require(Permission.TAKE_CALLS)
    if not reason:
        raise Invalid(_("Choose a reason."), code="reason")
    with transaction():
        call = get(call_id)
        _waive(call, reason, actor)
        return call


def alarm_ringing(*, actor: Actor) -> int:
    """Raise an alarm for each call that has rung too long. Returns how many are new."""
    limit = clock.now() - timedelta(seconds=value("calls.ring_alarm_s"))
    with transaction():
        return sum(
            raise_alarm("ringing", call, owner="call_taker", urgency=1, actor=actor) is not None
            for call in ringing_since(limit)
        )


def alarm_stale_claims(*, actor: Actor) -> int:
    """Show calls whose operator's console has fallen silent; nothing is moved by itself."""
    silence = value("calls.heartbeat_s") * value("calls.missed_heartbeats")
    with transaction():
        return sum(
            raise_alarm("stale_claim", call, owner="supervisor", urgency=1, actor=actor) is not None
            for call in with_silent_console(clock.now() - timedelta(seconds=silence))
        )


def alarm_call_backs(*, actor: Actor) -> int:
    """Raise an alarm for each call-back whose time has come. Returns how many."""
    now = clock.now()
    with transaction():
        due = list(Call.objects.filter(callback_due_at__lte=now))
        for call in due:
            late = round((now - (call.callback_due_at or now)).total_seconds())
            Call.objects.filter(pk=call.pk).update(callback_due_at=None)
            raise_alarm("callback", call, owner="call_taker", urgency=3, actor=actor, late_s=late)
        return len(due)


def _present(
    source: str,
    external_id: str,
    kind: str,
    at: datetime,
    number: str | None,
    trunk: str,
    actor: Actor,
) -> Call:
    call = Call.objects.create(
        source=source,
        external_id=external_id,
        trunk=trunk,
        contact=contact_for(number, at=at),
        began_at=at,
        presented_at=at if kind == "presented" else None,
    )
    _record(call, "call.presented", actor, occurred_at=at)
    return call


def _learn(call: Call, at: datetime, number: str | None, trunk: str) -> None:
    """Fill in what an earlier event left open."""
    fields: dict[str, Any] = {}
    if at < call.began_at:
        fields["began_at"] = at
    if call.contact_id is None and number and (contact := contact_for(number, at=at)):
        fields["contact"] = contact
    if trunk and not call.trunk:
        fields["trunk"] = trunk
    if fields:
        change(call, **fields)


def _on_presented(call: Call, at: datetime, actor: Actor, _op: User | None) -> None:
    if call.presented_at is None:
        change(call, presented_at=at)
        _record(call, "call.fact", actor, occurred_at=at)


def _on_gate(passed: str) -> Any:
    def on_gate(call: Call, at: datetime, actor: Actor, _op: User | None) -> None:
        if call.gate:
            return
        if call.state == "presented":
            body = CallFact(source=passed)
            move(call, "screen", actor=actor, body=body, occurred_at=at, gate=passed)
        else:
            change(call, gate=passed)
            _record(call, "call.fact", actor, occurred_at=at, source=passed)

    return on_gate


def _on_queued(call: Call, at: datetime, actor: Actor, _op: User | None) -> None:
    if call.MACHINE.allows(call.state, "queue"):
        move(call, "queue", actor=actor, body=_fact(call), occurred_at=at, queued_at=at)
    elif call.queued_at is None:
        change(call, queued_at=at)
        _record(call, "call.fact", actor, occurred_at=at)


def _on_answered(call: Call, at: datetime, actor: Actor, operator: User | None) -> None:
    if call.state in RINGING:
        if operator and call.operator_id is None:
            change(call, operator=operator, claimed_at=clock.now())
            body = CallClaimed(operator=operator.pk)
            record("call.claimed", subject=subject_of(call), actor=actor, body=body)
        _answer(call, at, actor, source="exchange")
        return
    if call.MACHINE.allows(call.state, "late_answer"):
        move(
            call,
            "late_answer",
            actor=actor,
            body=CallAnswered(source="exchange", operator=call.operator_id),
            occurred_at=at,
            answered_at=at,
            answered_source="exchange",
            call_class="",
            callback_due_at=None,
            operator=operator or call.operator,
            claimed_at=clock.now() if operator else call.claimed_at,
        )
        finish_alarm("callback", call, actor=actor)
    elif call.answered_source != "exchange":
        # The exchange knows better than a key press when the line was opened.
        change(call, answered_at=at, answered_source="exchange")
        _record(call, "call.fact", actor, occurred_at=at)


def _on_held(call: Call, at: datetime, actor: Actor, _op: User | None) -> None:
    if call.state == "answered":
        move(call, "hold", actor=actor, body=_fact(call), occurred_at=at, held_at=at)


def _on_resumed(call: Call, at: datetime, actor: Actor, _op: User | None) -> None:
    if call.state == "held":
        move(call, "resume", actor=actor, body=_fact(call), occurred_at=at, held_at=None)


def _on_ended(call: Call, at: datetime, actor: Actor, _op: User | None) -> None:
    if call.state in RINGING:
        _abandon(call, at, actor)
    elif call.MACHINE.allows(call.state, "end"):
        move(
            call,
            "end",
            actor=actor,
            case=_case(call),
            body=_fact(call),
            occurred_at=at,
            ended_at=at,
            held_at=None,
        )
    elif call.ended_at is None or call.state == "closed":
        change(call, ended_at=at)
        _record(call, "call.fact", actor, occurred_at=at)


_EVENT = {
    "presented": _on_presented,
    "gate_key": _on_gate("key"),
    "gate_speech": _on_gate("speech"),
    "queued": _on_queued,
    "answered": _on_answered,
    "held": _on_held,
    "resumed": _on_resumed,
    "ended": _on_ended,
}


def _answer(call: Call, at: datetime, actor: Actor, *, source: str) -> None:
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
        for earlier in Call.objects.filter(contact_id=call.contact_id, state="callback_due"):
            _waive(earlier, "called_again", actor)


def _abandon(call: Call, at: datetime, actor: Actor) -> None:
    move(
        call,
        "abandon",
        actor=actor,
        body=_fact(call),
        occurred_at=at,
        ended_at=at,
        call_class="abandoned",
    )
    finish_alarm("ringing", call, actor=actor)
    if call.contact_id:
        due = clock.now() + timedelta(seconds=value("calls.callback_due_s"))
        move(call, "call_back", actor=actor, body=CallBack(due_at=due), callback_due_at=due)


def _waive(call: Call, reason: str, actor: Actor) -> None:
    body = CallBack(attempt=call.callback_attempts, reason=reason)
    move(call, "waive", actor=actor, case=_case(call), body=body, callback_due_at=None)
    finish_alarm("callback", call, actor=actor, reason=reason)


def _claim(call: Call, actor: Actor, reason: str) -> None:
    before, now = call.operator_id, clock.now()
    if before is not None:
        held = (now - call.claimed_at).total_seconds() if call.claimed_at else 0
        if held < value("calls.free_take_s") or not actor.may(Permission.SUPERVISE):
            raise Refused(_("%(name)s has this call.") % {"name": call.operator}, code="claimed")
        if not reason:
            raise Refused(
                _("%(name)s has this call. Say why you take it over.") % {"name": call.operator},
                code="reason",
            )
    change(call, operator_id=actor.user_id, claimed_at=now)
    record(
        "call.claimed",
        subject=subject_of(call),
        case=_case(call),
        actor=actor,
        body=CallClaimed(operator=actor.user_id or 0, taken_from=before, reason=reason),
    )
    finish_alarm("stale_claim", call, actor=actor)


def _own(call_id: int, actor: Actor, states: tuple[str, ...] = TALKING) -> Call:
    """The call, when this actor holds it (or supervises)."""
    actor.require(Permission.TAKE_CALLS)
    call = get(call_id)
    if call.state not in states:
        raise Refused(
            _("Not possible now: the state is “%(state)s”.") % {"state": call.state},
            state=call.state,
        )
    if call.operator_id not in (None, actor.user_id) and not actor.may(Permission.SUPERVISE):
        raise Refused(_("%(name)s has this call.") % {"name": call.operator}, code="claimed")
    return call


def _move_own(call_id: int, command: str, actor: Actor, **fields: Any) -> Call:
    with transaction():
        call = _own(call_id, actor)
        move(call, command, actor=actor, case=_case(call), body=_fact(call), **fields)
        return call


def _check_class(call: Call, call_class: str) -> None:
    if call_class not in CLASSES or call_class == "abandoned":
        raise Invalid(_("Unknown class of call."), code="class")
    if call_class in ("emergency", "repeat") and call.incident_id is None:
        raise Invalid(_("This class needs an incident. Open or choose one."), code="incident")


def _link(call: Call, incident: Incident, actor: Actor) -> None:
    change(call, incident=incident)
    record(
        "call.linked",
        subject=subject_of(call),
        case=subject_of(incident),
        actor=actor,
        body=CallLinked(incident=incident.pk),
    )


def _operator(username: str) -> User | None:
    # A name that we do not know is no reason to lose the fact that somebody answered.
    return User.objects.filter(username=username, is_active=True).first() if username else None


def _fact(call: Call, source: str = "") -> CallFact:
    return CallFact(source=source, has_number=call.contact_id is not None)


def _case(call: Call) -> str:
    return f"incident:{call.incident_id}" if call.incident_id else ""


def _record(
    call: Call, kind: str, actor: Actor, *, occurred_at: datetime | None = None, source: str = ""
) -> None:
    record(
        kind,
        subject=subject_of(call),
        case=_case(call),
        actor=actor,
        after=call.state if kind in ("call.presented", "call.entered") else "",
        occurred_at=occurred_at,
        body=_fact(call, source),
    )
