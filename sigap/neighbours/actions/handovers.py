"""A call that is another centre's, in both directions. Whatever the other side does with it, ours
is closed by a person here."""

from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from sigap.calls.queries import get as get_call
from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission, Role
from sigap.core.errors import Invalid, Missing, Refused
from sigap.core.journal import subject_of
from sigap.core.machine import change, expect, move
from sigap.core.parameters import value
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction
from sigap.incidents.actions import open_incident
from sigap.incidents.queries import get as get_incident

from ..models import Centre, Handover
from ..notes import HandoverAnswer, Withdrawn
from ..queries import city_code, get, record_of, record_of_incident, type_of, with_reference
from ..record import PARTS, Record, only
from .links import make_link
from .steps import (
    MOST_BY,
    MOST_RECORD,
    body_of,
    case_of,
    centre_of,
    check_ours,
    code_or_other,
    codes,
    due_in,
    keep_record,
    note,
    post,
    role_of,
)

MOST_REFERENCE = 200


def hand_over(
    told: Record,
    centre_code: str,
    parts: list[str],
    *,
    actor: Actor,
    call_id: int | None = None,
    incident_id: int | None = None,
) -> Handover:
    """Offer a call, or an incident, to a neighbouring centre: of `told` what these parts name.
    What is sent is what was seen before. A centre without an address gets a link, and is rung."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        centre, now = centre_of(centre_code), clock.now()
        call = get_call(call_id) if call_id is not None else None
        incident = get_incident(incident_id) if incident_id is not None else None
        if call is None and incident is None:
            raise Invalid(_("Choose a call or an incident."), code="what")
        if call is not None and incident is None:
            incident = call.incident
        open_ones = Handover.objects.filter(ours=True, state="offered", centre=centre)
        same = open_ones.filter(call=call) if call else open_ones.filter(incident=incident)
        if same.exists():
            raise Refused(_("It is offered to this centre already."), code="offered")
        reference = f"urn:emergency:uid:incidentid:{uuid4().hex}:{city_code()}"
        chosen = codes(parts, PARTS)
        sent = only(told.model_copy(update={"id": reference, "updated_at": now}), chosen)
        row = Handover.objects.create(
            centre=centre,
            ours=True,
            reference=reference,
            call=call,
            incident=incident,
            created_at=now,
            answer_due_at=due_in(value("neighbours.answer_s")),
            told_state=incident.state if incident else "",
        )
        keep_record(row, sent, actor)
        note(row, "handover.offered", actor, after=row.state, parts=chosen)
        post(row, "record", sent.model_dump_json(), actor)
        if not centre.url and centre.access_code:
            make_link(row, actor=actor)
        if call is not None:
            for before in Handover.objects.filter(call=call, state="declined"):
                finish_alarm("handover_declined", before, actor=actor)
        return row


def receive_record(told: Record, centre: Centre, *, actor: Actor) -> Handover:
    """Take in what another centre tells of an incident: one that is new here waits for a person,
    with an alarm; news of a known one go into its timeline. Nothing is opened or closed by it."""
    if not told.id or len(told.id) > MOST_REFERENCE:
        raise Invalid(_("The record has no name by which it could be known again."), code="no_id")
    with transaction():
        row = with_reference(Handover, centre, told.id)
        if row is not None:
            _keep_news(row, told, actor)
            note(row, "handover.updated", actor)
            return row  # type: ignore[no-any-return]
        row = Handover.objects.create(
            centre=centre,
            ours=False,
            reference=told.id,
            created_at=clock.now(),
            type=type_of(told),
        )
        keep_record(row, told, actor)
        note(row, "handover.received", actor, after=row.state)
        raise_alarm(
            "handover_in",
            row,
            owner=Role.CALL_TAKER,
            urgency=1,
            actor=actor,
            centre=centre.code,
        )
        return row


def accept_handover(
    handover_id: int,
    *,
    actor: Actor,
    type_code: str = "",
    priority: int | None = None,
    incident_id: int | None = None,
    version: int | None = None,
) -> Handover:
    """Take over what another centre hands to us: open an incident with what it told, or say that
    it is one that is known here already. The other centre is told who took it, by the role."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Handover, handover_id)
        expect(row, version)
        check_ours(row, ours=False)
        told = record_of(row) or Record()
        if incident_id is not None:
            incident = get_incident(incident_id)
        else:
            outside = told.lat is None or told.lng is None
            incident = open_incident(
                type_code or (row.type.code if row.type else ""),
                actor=actor,
                address=told.address,
                chronology=_story(told),
                reporter=told.caller,
                lat=None if outside else told.lat,
                lng=None if outside else told.lng,
                location_source="" if outside else "neighbour",
                accuracy_m=round(told.radius_m) if told.radius_m is not None else None,
                victims=told.victims,
                priority=priority,
                source="neighbour",
            )
        row.incident = incident
        move(
            row,
            "accept",
            actor=actor,
            case=case_of(row),
            body=body_of(row),
            incident=incident,
            answered_at=clock.now(),
            told_state=incident.state,
        )
        said = HandoverAnswer(
            reference=row.reference,
            answer="accepted",
            by=role_of(actor),
            number=str(incident.pk),
            at=clock.now(),
        )
        post(row, "note", said.model_dump_json(), actor)
        finish_alarm("handover_in", row, actor=actor)
        return row  # type: ignore[no-any-return]


def decline_handover(
    handover_id: int, *, reason: str, actor: Actor, version: int | None = None
) -> Handover:
    """Say that it is not ours, or that we cannot; the other centre is told why."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        check_reason("not_accepted", reason)
        row = get(Handover, handover_id)
        expect(row, version)
        check_ours(row, ours=False)
        move(
            row,
            "decline",
            actor=actor,
            case=case_of(row),
            body=body_of(row, reason=reason),
            answered_at=clock.now(),
            answer_reason=reason,
        )
        said = HandoverAnswer(
            reference=row.reference,
            answer="declined",
            by=role_of(actor),
            reason=reason,
            at=clock.now(),
        )
        post(row, "note", said.model_dump_json(), actor)
        finish_alarm("handover_in", row, actor=actor)
        return row  # type: ignore[no-any-return]


def withdraw_handover(handover_id: int, *, actor: Actor, version: int | None = None) -> Handover:
    """Take an offer back: it was ours after all."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Handover, handover_id)
        expect(row, version)
        check_ours(row, ours=True)
        move(row, "withdraw", actor=actor, case=case_of(row), body=body_of(row), answer_due_at=None)
        said = Withdrawn(what="handover", reference=row.reference)
        post(row, "note", said.model_dump_json(), actor)
        finish_alarm("handover_unanswered", row, actor=actor)
        return row  # type: ignore[no-any-return]


def note_answer(
    handover_id: int,
    *,
    accepted: bool,
    by: str,
    actor: Actor,
    number: str = "",
    reason: str = "",
    version: int | None = None,
) -> Handover:
    """Write down what the other centre said by telephone, and who there: the role, no name."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Handover, handover_id)
        expect(row, version)
        check_ours(row, ours=True)
        if not by.strip():
            raise Invalid(_("Say who answered there: the role."), code="by")
        if not accepted:
            check_reason("not_accepted", reason)
        _answered(row, accepted, by, number, reason if not accepted else "", actor)
        return row  # type: ignore[no-any-return]


def take_answer(said: HandoverAnswer, centre: Centre, *, actor: Actor) -> None:
    """The other centre has answered. What is ours stays as it is; a refusal needs somebody."""
    with transaction():
        row = with_reference(Handover, centre, said.reference)
        if row is None or not row.ours:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        accepted = said.answer == "accepted"
        if not row.MACHINE.allows(row.state, "accept" if accepted else "decline"):
            return  # said before, or the other answer came first: both stand in the journal
        why = code_or_other(said.reason, 32)
        _answered(row, accepted, said.by, said.number, why, actor, at=said.at)


def take_withdrawal(said: Withdrawn, centre: Centre, *, actor: Actor) -> None:
    """The other centre takes its offer back. What was taken over by then stays ours."""
    with transaction():
        row = with_reference(Handover, centre, said.reference)
        if row is None or row.ours:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        if row.state == "offered":
            move(row, "withdraw", actor=actor, case=case_of(row), body=body_of(row))
            finish_alarm("handover_in", row, actor=actor)
        else:
            note(row, "handover.updated", actor, reason="withdrawn")


def tell_states(*, actor: Actor) -> int:
    """Tell the centres how incidents go on that were handed over, and accepted: the state alone.
    Returns how many."""
    rows = Handover.objects.select_related("centre", "incident__type").filter(
        state="accepted", incident__isnull=False, centre__active=True
    )
    changed = [row for row in rows.exclude(centre__url="") if _is_news(row)]
    if not changed:
        return 0
    with transaction():
        for row in changed:
            incident = row.incident
            if incident is None:
                continue
            full = record_of_incident(incident, reference=row.reference)
            post(row, "record", only(full, ["state"]).model_dump_json(), actor)
            change(row, told_state=incident.state)
        return len(changed)


def _keep_news(row: Handover, told: Record, actor: Actor) -> None:
    """News of what we sent are kept beside it. Of what was sent to us they may be a part only: what
    they leave out stays as it was told before."""
    if row.ours:
        keep(subject_of(row), "news", told.model_dump_json(), actor=actor, most=MOST_RECORD)
        return
    known = record_of(row) or Record()
    said = {name: getattr(told, name) for name in told.model_fields_set if getattr(told, name)}
    keep_record(row, known.model_copy(update=said), actor)


def _is_news(row: Handover) -> bool:
    return row.incident is not None and row.incident.state != row.told_state


def _answered(
    row: Handover,
    accepted: bool,
    by: str,
    number: str,
    reason: str,
    actor: Actor,
    at: datetime | None = None,
) -> None:
    now = clock.now()
    move(
        row,
        "accept" if accepted else "decline",
        actor=actor,
        case=case_of(row),
        body=body_of(row, reason=reason),
        answered_at=min(at, now) if at else now,
        answer_reason=reason,
        answer_due_at=None,
    )
    words = " · ".join(filter(None, (by.strip()[:MOST_BY], number.strip()[:MOST_BY])))
    keep(subject_of(row), "answer", words, actor=actor)
    finish_alarm("handover_unanswered", row, actor=actor)
    if not accepted:
        raise_alarm(
            "handover_declined",
            row,
            owner=Role.SUPERVISOR,
            urgency=1,
            case=case_of(row),
            actor=actor,
            centre=row.centre.code,
        )


def _story(told: Record) -> str:
    """What was told in words, for whoever opens the incident here."""
    lines = [told.what, *(one.text for one in told.notes)]
    return "\n".join(line for line in lines if line.strip())[:4000]
