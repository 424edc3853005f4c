"""What a unit does for an incident, as its crew, its agency or the dispatcher says."""

from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import TimeCorrected
from sigap.core.machine import expect
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction
from sigap.fleet.queries import may_work_for

from ..machine import OPEN, TARGETS
from ..models import Assignment, AssignmentTime
from ..queries import get, states_to_tell
from .attention import ask_for_another
from .destinations import take_to
from .parts import advance, note_time, settle, when

# The commands of a crew or its agency; a dispatcher may give them too.
STEPS = ("acknowledge", "decline", "depart", "arrive", "transport", "reach", "complete")


def step(
    assignment_id: int,
    command: str,
    *,
    actor: Actor,
    source: str,
    occurred_at: datetime | None = None,
    reason: str = "",
    external_id: str | None = None,
    version: int | None = None,
    destination: str = "",
) -> Assignment:
    """Move an assignment: acknowledge, decline, depart, arrive, transport, reach, complete.
    `destination` is the hospital to which a unit transports.

    `occurred_at` is when it happened, where that was before now; `external_id` is the
    crew phone's name for the press, so that sending it again changes nothing. A press that
    comes after what follows it moves nothing: its time is kept.
    """
    if command not in STEPS:
        raise Invalid(_("Unknown step."), code="step")
    _check_source(source)
    with transaction():
        assignment = get(assignment_id)
        if not actor.may(Permission.DISPATCH) and not may_work_for(assignment.unit, actor):
            raise Forbidden(_("This assignment is not yours."))
        if external_id and assignment.times.filter(external_id=external_id).exists():
            return assignment
        at, source = when(assignment, command, occurred_at, source)
        if occurred_at and _is_late(assignment, command, at):
            _keep_time(
                assignment, "assignment.told_late", TARGETS[command], at, source, actor, external_id
            )
            if command == "transport" and destination and assignment.destination_id is None:
                take_to(assignment, destination, actor=actor)
            return assignment
        expect(assignment, version)
        if command == "decline":
            check_reason("decline", reason)
        else:
            reason = ""
        advance(
            assignment,
            command,
            actor=actor,
            at=at,
            source=source,
            reason=reason,
            external_id=external_id,
        )
        if command == "transport" and destination:
            take_to(assignment, destination, actor=actor)
        if command == "decline":
            settle(assignment.incident, actor)
            ask_for_another("declined", assignment, actor=actor)
        return assignment


def cancel_assignment(
    assignment_id: int, *, reason: str, actor: Actor, version: int | None = None
) -> Assignment:
    """Call a unit back, or drop a proposal, with the reason."""
    actor.require(Permission.DISPATCH)
    with transaction():
        assignment = get(assignment_id)
        expect(assignment, version)
        check_reason("cancel", reason)
        advance(
            assignment, "cancel", actor=actor, at=clock.now(), source="dispatcher", reason=reason
        )
        settle(assignment.incident, actor)
        return assignment


def correct_time(
    assignment_id: int,
    state: str,
    occurred_at: datetime,
    *,
    reason: str,
    actor: Actor,
    source: str,
) -> AssignmentTime:
    """Say when a state was really reached, and why; the time before it stays on record. A
    state that was passed over unsaid is told so as well."""
    actor.require(Permission.DISPATCH)
    _check_source(source)
    with transaction():
        check_reason("correct", reason)
        assignment = get(assignment_id)
        if state not in states_to_tell(assignment):
            raise Invalid(_("The assignment was never in that state."), code="state")
        at, source = when(assignment, state, occurred_at, source)
        if assignment.state == state:
            assignment.state_at = at
            assignment.save(update_fields=["state_at"])
        return _keep_time(
            assignment, "assignment.corrected", state, at, source, actor, reason=reason
        )


def _is_late(assignment: Assignment, command: str, at: datetime) -> bool:
    """Whether the unit has gone on, or was called back, since it did this."""
    state = TARGETS[command]
    if assignment.MACHINE.allows(assignment.state, command) or at >= assignment.state_at:
        return False
    if state not in OPEN or assignment.times.filter(state=state).exists():
        return False
    return assignment.state == "cancelled" or state in states_to_tell(assignment)


def _keep_time(
    assignment: Assignment,
    kind: str,
    state: str,
    at: datetime,
    source: str,
    actor: Actor,
    external_id: str | None = None,
    reason: str = "",
) -> AssignmentTime:
    body = TimeCorrected(unit=assignment.unit.call_sign, source=source, state=state, reason=reason)
    record(
        kind,
        subject=subject_of(assignment),
        case=subject_of(assignment.incident),
        actor=actor,
        occurred_at=at,
        body=body,
    )
    return note_time(assignment, state, at, source, external_id)


def _check_source(source: str) -> None:
    if source not in AssignmentTime.SOURCES:
        raise Invalid(_("Unknown source of a time."), code="source")
