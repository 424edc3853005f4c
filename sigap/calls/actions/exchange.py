"""What the telephone exchange reports."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actions.personal import contact_for
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.kinds import (
    CallAnswered,
)
from sigap.core.machine import change, move
from sigap.core.models import User
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction

from ..machine import ON_THE_PHONE, RINGING, UNTAKEN
from ..models import CAUSES, Call
from .gate import PASSED, close_silent, on_passed, on_silent
from .handset import take_positions
from .parties import end_parties
from .returns import on_unreached, present_return, reach_return
from .steps import (
    Told,
    abandon,
    answer,
    case_of,
    claim,
    fact,
    hand_over,
    hold,
    leave,
    note_fact,
    owe,
    time_incident,
)

EVENTS = (
    "presented",
    *PASSED,
    "gate_silent",
    "queued",
    "answered",
    "refused",
    "held",
    "resumed",
    "left",
    "ended",
    "unreached",
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
    reason: str = "",
    heard_s: float | None = None,
    returns: str = "",
) -> Call:
    """Take in one event of a telephone exchange. Repeats and disorder are harmless: a time
    is filled in where it was missing, and the state only ever moves as its table allows."""
    if kind not in EVENTS:
        raise Invalid(_("Unknown event."), code="kind")
    with transaction():
        call = row(Call, source=source, external_id=external_id)
        if call is None:
            call = _present(source, external_id, kind, at, number, trunk, actor)
        else:
            _learn(call, kind, at, number, trunk, actor)
        if returns and call.returns_id is None:
            present_return(call, row(Call, source=source, external_id=returns), actor)
        if kind in _EVENT:
            why = reason if reason in ("", *CAUSES) else "other"
            told = Told(at, operator_named(operator), why, heard_s)
            _EVENT[kind](call, told, actor)
        if kind in ("presented", "answered"):
            time_incident(call.incident_id, actor)
        return call


def _present(
    source: str,
    external_id: str,
    kind: str,
    at: datetime,
    number: str | None,
    trunk: str,
    actor: Actor,
) -> Call:
    call = Call(
        source=source,
        external_id=external_id,
        trunk=trunk,
        contact=contact_for(number, at=at),
        began_at=at,
        presented_at=at if kind == "presented" else None,
    )
    insert(call)
    note_fact(call, "call.presented", actor, occurred_at=at)
    take_positions(call, actor)
    return call


def _learn(
    call: Call, kind: str, at: datetime, number: str | None, trunk: str, actor: Actor
) -> None:
    """Fill in what an earlier event left open."""
    fields: dict[str, Any] = {}
    if kind == "presented" and call.presented_at is None:
        fields["presented_at"] = at
    if at < call.began_at:
        fields["began_at"] = at
    if call.contact_id is None and number and (contact := contact_for(number, at=at)):
        fields["contact"] = contact
    if trunk and not call.trunk:
        fields["trunk"] = trunk
    if fields:
        change(call, **fields)
        note_fact(call, "call.fact", actor, occurred_at=at)
        if {"contact", "began_at"} & set(fields):
            take_positions(call, actor)
        if "contact" in fields and call.state == "abandoned" and not call.returns_id:
            owe(call, actor)


def _on_queued(call: Call, told: Told, actor: Actor) -> None:
    at = told.at
    if call.MACHINE.allows(call.state, "queue"):
        move(call, "queue", actor=actor, body=fact(call), occurred_at=at, queued_at=at)
    elif call.queued_at is None:
        change(call, queued_at=at)
        note_fact(call, "call.fact", actor, occurred_at=at)


def _on_answered(call: Call, told: Told, actor: Actor) -> None:
    _answered(call, told, actor)
    # Only now: a key press does not say that the caller heard anybody.
    reach_return(call, actor)


def _answered(call: Call, told: Told, actor: Actor) -> None:
    at, operator = told.at, told.operator
    if call.state in UNTAKEN:
        if operator and call.operator_id is None:
            claim(call, operator.pk, actor)
        answer(call, at, actor, source="exchange")
        return
    if call.MACHINE.allows(call.state, "late_answer"):
        move(
            call,
            "late_answer",
            actor=actor,
            body=CallAnswered(source="exchange", operator=operator.pk if operator else None),
            occurred_at=at,
            answered_at=at,
            answered_source="exchange",
            call_class="",
            held_at=None,
            callback_due_at=None,
            # Whoever rang back meanwhile is not who answered then.
            operator=operator,
            claimed_at=clock.now() if operator else None,
        )
        finish_alarm("callback", call, actor=actor)
        return
    if call.left_at and not call.ended_at and at > call.left_at:
        # Whoever they were left to had gone: the operator talks on.
        move(call, "stay", actor=actor, body=fact(call), occurred_at=at, left_at=None)
    elif call.answered_source != "exchange":
        # The exchange knows better than a key press when the line was opened.
        change(call, answered_at=at, answered_source="exchange")
        note_fact(call, "call.fact", actor, occurred_at=at)
    since = call.claimed_at or at
    if operator and call.state in ON_THE_PHONE and at >= since:
        hand_over(call, operator, "telephone", actor)  # it knows better who talks, too


def _on_refused(call: Call, told: Told, actor: Actor) -> None:
    """The operator's telephone did not take the call. Only a key press had said that it was
    answered, so the caller has heard nobody: it rings on, for everybody."""
    if call.state in ON_THE_PHONE and call.answered_source == "operator":
        move(
            call,
            "refuse",
            actor=actor,
            case=case_of(call),
            body=fact(call, reason=told.reason),
            occurred_at=told.at,
            operator=None,
            claimed_at=None,
            answered_at=None,
            answered_source="",
            held_at=None,
            queued_at=call.queued_at or told.at,
        )
        time_incident(call.incident_id, actor)


def _on_held(call: Call, told: Told, actor: Actor) -> None:
    at = told.at
    if call.state not in (*UNTAKEN, "answered", "held"):
        return
    if any(known and known >= at for known in (call.held_at, call.resumed_at)):
        return
    if call.state == "answered":
        hold(call, at, actor)
    else:  # its "answered", or the "resumed" between two holds, is still on the way
        change(call, held_at=at)
        note_fact(call, "call.fact", actor, occurred_at=at)


def _on_resumed(call: Call, told: Told, actor: Actor) -> None:
    at = told.at
    if call.resumed_at and call.resumed_at >= at:
        return
    over = call.held_at is not None and call.held_at <= at
    if call.state == "held" and over:
        move(
            call,
            "resume",
            actor=actor,
            case=case_of(call),
            body=fact(call),
            occurred_at=at,
            held_at=None,
            resumed_at=at,
        )
    elif call.state in (*UNTAKEN, "answered", "held"):
        # What came before it is still on the way, and must not put the caller on hold for good.
        change(call, resumed_at=at, held_at=None if over else call.held_at)
        note_fact(call, "call.fact", actor, occurred_at=at)


def _on_left(call: Call, told: Told, actor: Actor) -> None:
    """The operator has put the telephone down, and the caller talks on with somebody else."""
    if call.MACHINE.allows(call.state, "leave"):
        leave(call, told.at, actor)
    elif call.left_at is None and call.ended_at is None and call.state in UNTAKEN:
        change(call, left_at=told.at)  # its "answered" is still on the way
        note_fact(call, "call.fact", actor, occurred_at=told.at)


def _on_ended(call: Call, told: Told, actor: Actor) -> None:
    at = told.at
    end_parties(call, at, actor)
    if call.state == "set_aside":
        close_silent(call, at, actor)
    elif call.state in RINGING:
        abandon(call, at, actor)
    elif call.MACHINE.allows(call.state, "end"):
        move(
            call,
            "end",
            actor=actor,
            case=case_of(call),
            body=fact(call),
            occurred_at=at,
            ended_at=at,
            held_at=None,
        )
    elif call.ended_at is None or (call.state == "closed" and call.ended_at != at):
        change(call, ended_at=at)
        note_fact(call, "call.fact", actor, occurred_at=at)


# What is said of a call that is known already beyond what `_learn` takes from any event.
_EVENT = {
    **{kind: on_passed(passed) for kind, passed in PASSED.items()},
    "gate_silent": on_silent,
    "queued": _on_queued,
    "answered": _on_answered,
    "refused": _on_refused,
    "held": _on_held,
    "resumed": _on_resumed,
    "left": _on_left,
    "ended": _on_ended,
    "unreached": on_unreached,
}


def operator_named(username: str) -> User | None:
    """The active person of this user name, or None."""
    # A name that we do not know is no reason to lose the fact that somebody answered.
    return User.objects.filter(username=username, is_active=True).first() if username else None
