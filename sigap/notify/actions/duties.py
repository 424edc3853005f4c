"""Who works when: shifts begun on a phone, and the roster that an agency enters."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission, Role
from sigap.core.errors import Forbidden, Invalid, Missing, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.alerts import DutyChanged
from sigap.core.models import User
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency, Unit
from sigap.fleet.queries import unit as find_unit

from ..models import Duty
from ..recipients import officers_of

LONGEST = timedelta(days=2)
AHEAD = timedelta(days=62)


def begin_duty(*, actor: Actor) -> Duty:
    """This person works for their unit from now on; a shift that is open is the same one."""
    actor.require(Permission.CREW_PAGE)
    with transaction():
        person, unit, now = actor.person_id(), find_unit(actor.unit), clock.now()
        for known in _open(person):
            if known.unit_id == unit.pk:
                return known
            _end(known, now, actor)
        duty = Duty.objects.create(
            person_id=person,
            unit=unit,
            agency=unit.agency,
            role=Role.CREW,
            starts_at=now,
            source="phone",
        )
        _record("duty.begun", duty, actor)
        return duty


def end_duty(duty_id: int | None = None, *, actor: Actor) -> int:
    """End one's own shifts now, or, for an agency, one duty of its people before its time. From
    then on the person is not alerted. Returns how many have ended."""
    with transaction():
        now = clock.now()
        if duty_id is None:
            duties = [*_open(actor.person_id()), *_rostered(actor.person_id(), now)]
        else:
            duty = _of_agency(duty_id, actor)
            if duty.starts_at > now:
                raise Refused(_("It has not begun: take it out of the roster."), code="future")
            duties = [duty] if duty.ended_at is None and _goes_on(duty, now) else []
        for duty in duties:
            _end(duty, now, actor)
        return len(duties)


def enter_duty(
    user_id: int,
    *,
    call_sign: str,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
) -> Duty:
    """Put a person of the own agency on the roster: of a unit, or of the agency as a whole where
    there is no call sign. Twice the same is once."""
    actor.require(Permission.AGENCY_BOARD)
    with transaction():
        agency = Agency.objects.filter(code=actor.agency).first()
        if agency is None:
            raise Missing(_("Your account names no agency. Ask an administrator."))
        person = fetch(User, pk=user_id)
        if person not in officers_of(agency):
            raise Forbidden(_("This person is not of your agency."))
        unit = fetch(Unit, call_sign=call_sign) if call_sign else None
        if unit is not None and unit.agency_id != agency.pk:
            raise Forbidden(_("This unit is not yours."))
        now = clock.now()
        if not starts_at < ends_at <= starts_at + LONGEST:
            raise Invalid(_("A duty ends after it begins, within two days."), code="ends_at")
        if not now < ends_at or starts_at > now + AHEAD:
            raise Invalid(_("A duty lies ahead, by two months at most."), code="starts_at")
        same = Duty.objects.filter(
            person=person, unit=unit, agency=agency, starts_at=starts_at, ends_at=ends_at
        )
        if known := same.filter(ended_at=None).first():
            return known
        duty = Duty.objects.create(
            person=person,
            unit=unit,
            agency=agency,
            role=Role.CREW if unit else Role.AGENCY,
            starts_at=starts_at,
            ends_at=ends_at,
            source="roster",
        )
        _record("duty.entered", duty, actor)
        return duty


def remove_duty(duty_id: int, *, actor: Actor) -> None:
    """Take a duty that has not begun out of the roster."""
    with transaction():
        duty = _of_agency(duty_id, actor)
        if duty.starts_at <= clock.now():
            raise Refused(_("It has begun: end it instead."), code="begun")
        _record("duty.removed", duty, actor)
        duty.delete()


def open_shifts(call_sign: str) -> list[Duty]:
    """The shifts of a unit that were begun on a phone and go on. Part of an action."""
    duties = Duty.objects.select_related("unit", "agency")
    return list(duties.filter(unit__call_sign=call_sign, source="phone", ended_at=None))


def end_shift(duty: Duty, *, actor: Actor) -> None:
    """A shift is over because its unit is off duty. Part of an action."""
    _end(duty, clock.now(), actor)


def _of_agency(duty_id: int, actor: Actor) -> Duty:
    actor.require(Permission.AGENCY_BOARD)
    return fetch(Duty.objects.filter(agency__code=actor.agency), pk=duty_id)


def _open(person: int) -> list[Duty]:
    """The shifts that this person has begun on a phone and not ended."""
    return list(Duty.objects.filter(person_id=person, source="phone", ended_at=None))


def _rostered(person: int, now: datetime) -> list[Duty]:
    duties = Duty.objects.filter(person_id=person, source="roster", ended_at=None)
    return list(duties.filter(starts_at__lte=now, ends_at__gt=now))


def _goes_on(duty: Duty, now: datetime) -> bool:
    return duty.ends_at is None or duty.ends_at > now


def _end(duty: Duty, now: datetime, actor: Actor) -> None:
    duty.ended_at = now
    duty.save(update_fields=["ended_at"])
    _record("duty.ended", duty, actor)


def _record(kind: str, duty: Duty, actor: Actor) -> None:
    body = DutyChanged(
        person=duty.person_id,
        agency=duty.agency.code,
        unit=duty.unit.call_sign if duty.unit else "",
        source=duty.source,
    )
    record(kind, subject=subject_of(duty), actor=actor, body=body)
