"""Units that one centre lends the other: asked for, answered, working there, given back."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.configuration import define
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission, Role, system
from sigap.core.codes import LETTERS
from sigap.core.errors import Invalid, Missing, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.neighbours import UnitLent
from sigap.core.machine import change, expect, move
from sigap.core.parameters import value
from sigap.core.personal import clean
from sigap.core.queries import check_reason, fetch
from sigap.core.transaction import transaction
from sigap.dispatch.actions import define_unit, set_availability
from sigap.fleet.models import Agency, Capability, Unit
from sigap.fleet.queries import unit as find_unit
from sigap.incidents.queries import get as get_incident

from ..models import Aid, Centre, Loan
from ..notes import AidAnswer, AidRequest, LentUnit, LoanEnded, Withdrawn
from ..queries import get, with_reference
from .steps import (
    MOST_BY,
    body_of,
    case_of,
    centre_of,
    check_ours,
    code_or_other,
    due_in,
    note,
    post,
    role_of,
)

MOST_HOURS = 72
LENT = "lent"


def ask_aid(
    centre_code: str,
    *,
    capability: str,
    count: int,
    hours: float,
    reason: str,
    actor: Actor,
    place: str = "",
    words: str = "",
    incident_id: int | None = None,
) -> Aid:
    """Ask a neighbouring centre for units: what they must be able to do, how many, where, until
    when and why. Nobody comes by this alone: a person there answers."""
    actor.require(Permission.DISPATCH)
    with transaction():
        check_reason("aid", reason)
        fetch(Capability, code=capability)
        if not 1 <= count <= 99 or not 0 < hours <= MOST_HOURS:  # noqa: PLR2004
            raise Invalid(_("Give 1 to 99 units and at most 72 hours."), code="count")
        centre, now = centre_of(centre_code), clock.now()
        incident = get_incident(incident_id) if incident_id is not None else None
        lat, lng = incident.point or (None, None) if incident else (None, None)
        row = Aid.objects.create(
            centre=centre,
            ours=True,
            reference=f"aid:{uuid4().hex}",
            incident=incident,
            created_at=now,
            answer_due_at=due_in(value("neighbours.aid_answer_s")),
            capability=capability,
            count=count,
            lat=lat,
            lng=lng,
            until=now + timedelta(hours=hours),
            reason=reason,
        )
        _keep_words(row, place, words, actor)
        note(row, "aid.asked", actor, after=row.state, reason=reason, until=row.until)
        said = AidRequest(
            reference=row.reference,
            capability=capability,
            count=count,
            until=row.until,
            reason=reason,
            place=clean(place),
            words=clean(words),
            lat=lat,
            lng=lng,
        )
        post(row, "note", said.model_dump_json(), actor)
        return row


def take_request(said: AidRequest, centre: Centre, *, actor: Actor) -> Aid:
    """Another centre asks for units: a person here answers."""
    with transaction():
        row = with_reference(Aid, centre, said.reference)
        if row is not None:
            return row  # type: ignore[no-any-return]
        row = Aid.objects.create(
            centre=centre,
            ours=False,
            reference=said.reference,
            created_at=clock.now(),
            capability=code_or_other(said.capability, 32),
            count=said.count,
            lat=said.lat,
            lng=said.lng,
            until=said.until,
            reason=code_or_other(said.reason, 32),
        )
        _keep_words(row, said.place, said.words, actor)
        note(row, "aid.received", actor, after=row.state, reason=row.reason, until=row.until)
        raise_alarm(
            "aid_in", row, owner=Role.SUPERVISOR, urgency=2, actor=actor, centre=centre.code
        )
        return row


def lend_units(
    aid_id: int,
    call_signs: list[str],
    *,
    actor: Actor,
    minutes: int | None = None,
    version: int | None = None,
) -> Aid:
    """Accept a request and lend these units until its end. Each is out of service here from now
    on; one that has a job is not lent."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        row = get(Aid, aid_id)
        expect(row, version)
        check_ours(row, ours=False)
        if not call_signs:
            raise Invalid(_("Choose at least one unit."), code="units")
        if minutes is not None and not 0 <= minutes <= 24 * 60:
            raise Invalid(_("Minutes to arrive: 0 to 1440."), code="minutes")
        _move(row, "accept", actor)
        arrives = clock.now() + timedelta(minutes=minutes) if minutes is not None else None
        told = []
        for sign in dict.fromkeys(call_signs):
            unit = set_availability(sign, "withdraw", reason=LENT, actor=actor)
            _lend(row, unit, sign, guest=False, arrives_at=arrives, until=row.until, actor=actor)
            abilities = [str(code) for code in unit.capabilities][:20]
            told.append(
                LentUnit(sign=sign, kind=unit.kind, capabilities=abilities, arrives_at=arrives)
            )
        _answer(row, actor, units=told)
        return row  # type: ignore[no-any-return]


def decline_aid(aid_id: int, *, reason: str, actor: Actor, version: int | None = None) -> Aid:
    """Say that we can spare nobody, and why."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        check_reason("not_accepted", reason)
        row = get(Aid, aid_id)
        expect(row, version)
        check_ours(row, ours=False)
        _move(row, "decline", actor, reason=reason)
        _answer(row, actor, reason=reason)
        return row  # type: ignore[no-any-return]


def withdraw_aid(aid_id: int, *, actor: Actor, version: int | None = None) -> Aid:
    """Take a request back that nobody has answered."""
    actor.require(Permission.DISPATCH)
    with transaction():
        row = get(Aid, aid_id)
        expect(row, version)
        check_ours(row, ours=True)
        _move(row, "withdraw", actor)
        said = Withdrawn(what="aid", reference=row.reference)
        post(row, "note", said.model_dump_json(), actor)
        finish_alarm("aid_unanswered", row, actor=actor)
        return row  # type: ignore[no-any-return]


def note_aid(
    aid_id: int,
    *,
    accepted: bool,
    by: str,
    actor: Actor,
    signs: list[str] | None = None,
    reason: str = "",
    version: int | None = None,
) -> Aid:
    """Write down what the other centre said by telephone: by which role, which units come."""
    actor.require(Permission.DISPATCH)
    with transaction():
        row = get(Aid, aid_id)
        expect(row, version)
        check_ours(row, ours=True)
        if not by.strip():
            raise Invalid(_("Say who answered there: the role."), code="by")
        if accepted and not signs:
            raise Invalid(_("Write which units come."), code="units")
        if not accepted:
            check_reason("not_accepted", reason)
        units = [LentUnit(sign=sign[:40], capabilities=[row.capability]) for sign in signs or []]
        said = AidAnswer(
            reference=row.reference,
            answer="accepted" if accepted else "declined",
            by=by[:MOST_BY],
            reason="" if accepted else reason,
            units=units,
        )
        _answered(row, said, actor)
        return row  # type: ignore[no-any-return]


def take_aid_answer(said: AidAnswer, centre: Centre, *, actor: Actor) -> None:
    """The other centre has answered: its units are guests on our board until given back."""
    with transaction():
        row = with_reference(Aid, centre, said.reference)
        if row is None or not row.ours:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        command = "accept" if said.answer == "accepted" else "decline"
        if row.MACHINE.allows(row.state, command):
            _answered(row, said, actor)


def take_aid_withdrawal(said: Withdrawn, centre: Centre, *, actor: Actor) -> None:
    """The other centre needs nobody any more. What was lent by then is given back by a press."""
    with transaction():
        row = with_reference(Aid, centre, said.reference)
        if row is None or row.ours:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        if row.state == "asked":
            _move(row, "withdraw", actor)
            finish_alarm("aid_in", row, actor=actor)


def give_back(loan_id: int, *, actor: Actor) -> Loan:
    """Say that a unit works for its own centre again. A guest goes when its job is over; one of
    ours is available again by this press, and by no clock."""
    actor.require(Permission.DISPATCH)
    with transaction():
        loan = fetch(Loan.objects.select_related("aid__centre", "unit__agency"), pk=loan_id)
        aid, unit = loan.aid, loan.unit
        move(
            loan,
            "give_back",
            actor=actor,
            case=case_of(aid),
            body=UnitLent(centre=aid.centre.code, unit=unit.call_sign),
            returned_at=clock.now(),
        )
        if loan.guest:
            define_unit(Unit, key={"pk": unit.pk}, active=False, actor=system("neighbours"))
            said = LoanEnded(reference=aid.reference, sign=loan.sign)
            post(aid, "note", said.model_dump_json(), actor)
        elif unit.state == "unavailable" and unit.reason == LENT:
            set_availability(unit.call_sign, "return", actor=actor)
        finish_alarm("loan_over", loan, actor=actor)
        if not aid.loans.filter(state="lent").exists() and aid.MACHINE.allows(aid.state, "end"):
            move(aid, "end", actor=actor, case=case_of(aid), body=body_of(aid))
        return loan


def take_loan_end(said: LoanEnded, centre: Centre, *, actor: Actor) -> None:
    """The other centre says that it needs a unit of ours no more. Whether it is back, a person
    here says."""
    with transaction():
        row = with_reference(Aid, centre, said.reference)
        loan = row.loans.filter(sign=said.sign, guest=False).first() if row else None
        if row is None or loan is None:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        if loan.told_back_at is None:
            change(loan, told_back_at=clock.now())
            record(
                "loan.told_back",
                subject=subject_of(loan),
                case=case_of(row),
                actor=actor,
                body=UnitLent(centre=centre.code, unit=loan.unit.call_sign),
            )


def _move(row: Aid, command: str, actor: Actor, reason: str = "") -> None:
    move(
        row,
        command,
        actor=actor,
        case=case_of(row),
        body=body_of(row, reason=reason),
        answered_at=clock.now(),
        answer_reason=reason,
        answer_due_at=None,
    )


def _answer(
    row: Aid, actor: Actor, *, units: list[LentUnit] | None = None, reason: str = ""
) -> None:
    said = AidAnswer(
        reference=row.reference,
        answer="accepted" if units else "declined",
        by=role_of(actor),
        reason=reason,
        until=row.until,
        units=units or [],
    )
    post(row, "note", said.model_dump_json(), actor)
    finish_alarm("aid_in", row, actor=actor)


def _answered(row: Aid, said: AidAnswer, actor: Actor) -> None:
    accepted = said.answer == "accepted"
    reason = "" if accepted else code_or_other(said.reason, 32)
    _move(row, "accept" if accepted else "decline", actor, reason)
    keep(subject_of(row), "answer", said.by.strip()[:MOST_BY], actor=actor)
    finish_alarm("aid_unanswered", row, actor=actor)
    until = said.until or row.until
    for told in said.units if accepted else ():
        unit = _guest(row.centre, told)
        _lend(
            row, unit, told.sign, guest=True, arrives_at=told.arrives_at, until=until, actor=actor
        )


def _lend(
    row: Aid,
    unit: Unit,
    sign: str,
    *,
    guest: bool,
    arrives_at: datetime | None,
    until: datetime,
    actor: Actor,
) -> None:
    if unit.loans.filter(state="lent").exists():
        raise Refused(_("%(unit)s is lent already.") % {"unit": unit.call_sign}, code="lent")
    loan = Loan.objects.create(
        aid=row,
        unit=unit,
        guest=guest,
        sign=code_or_other(sign, 32),
        arrives_at=arrives_at,
        until=until,
    )
    record(
        "loan.lent",
        subject=subject_of(loan),
        case=case_of(row),
        actor=actor,
        after=loan.state,
        body=UnitLent(centre=row.centre.code, unit=unit.call_sign, until=until),
    )


def _guest(centre: Centre, told: LentUnit) -> Unit:
    """The other centre's unit on our board, under its centre's name; the same one when it comes
    again."""
    own = re.sub(f"[^{LETTERS}]", "-", told.sign)[:18]
    sign = f"{centre.code.upper()[:12]}:{own}"
    entered = system("neighbours")
    agency = define(
        Agency,
        key={"code": f"{centre.code}.112"},
        actor=entered,
        name=centre.name,
        name_en=centre.name_en,
        short=centre.name[:20],
        rank=900,
    )
    known = set(Capability.objects.values_list("code", flat=True))
    define_unit(
        Unit,
        key={"call_sign": sign},
        actor=entered,
        agency=agency,
        kind=clean(told.kind)[:60] or _("Vehicle of another centre"),
        capabilities=[code for code in told.capabilities if code in known],
        station=centre.area[:80],
        active=True,
    )
    return find_unit(sign)


def _keep_words(row: Aid, place: str, words: str, actor: Actor) -> None:
    keep(subject_of(row), "place", place, actor=actor)
    keep(subject_of(row), "words", words, actor=actor)
