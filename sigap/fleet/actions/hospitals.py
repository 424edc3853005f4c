"""What hospitals say of themselves: whether they receive, and which beds are free."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.readiness import BedsCounted, HospitalDiverted, HospitalReceives
from sigap.core.machine import change, expect
from sigap.core.queries import check_reason, fetch
from sigap.core.transaction import transaction

from ..hospitals import may_report
from ..models import Hospital, HospitalBeds, HospitalStatus

MOST_DIVERSION = timedelta(days=3)
BEDS_MOST = 5000
Beds = Mapping[str, tuple[int | None, int | None]]


def say_receiving(
    code: str,
    receiving: str,
    *,
    actor: Actor,
    refused: Sequence[str] = (),
    version: int | None = None,
) -> HospitalStatus:
    """Say whether a hospital receives patients: yes, no, or all but some specialties. A
    diversion ends with it."""
    if receiving not in HospitalStatus.RECEIVING:
        raise Invalid(_("Say whether the hospital receives patients."), code="receiving")
    with transaction():
        hospital, status = _status(code, actor, version)
        gone = list(dict.fromkeys(refused)) if receiving == "limited" else []
        if receiving == "limited" and not gone:
            raise Invalid(_("Say which specialties it does not receive."), code="refused")
        if unknown := sorted(set(gone) - set(hospital.specialties)):
            raise Invalid(
                _("The hospital has no such specialty: %(names)s") % {"names": ", ".join(unknown)},
                code="refused",
            )
        change(
            status,
            receiving=receiving,
            refused=gone,
            said_at=clock.now(),
            source=_source(actor),
            diversion_reason="",
            diverted_until=None,
        )
        body = HospitalReceives(hospital=code, receiving=receiving, refused=gone)
        record("hospital.receiving", subject=subject_of(hospital), actor=actor, body=body)
        return status


def divert(
    code: str, *, reason: str, until: datetime, actor: Actor, version: int | None = None
) -> HospitalStatus:
    """Let ambulances go elsewhere until a time. After it nobody knows whether the hospital
    receives, until somebody says so."""
    check_reason("diversion", reason)
    now = clock.now()
    if not now < until <= now + MOST_DIVERSION:
        raise Invalid(
            _("The end must lie ahead, by %(days)s days at most.") % {"days": MOST_DIVERSION.days},
            code="until",
        )
    with transaction():
        hospital, status = _status(code, actor, version)
        change(
            status,
            diversion_reason=reason,
            diverted_until=until,
            said_at=now,
            source=_source(actor),
        )
        body = HospitalDiverted(hospital=code, reason=reason, until=until)
        record("hospital.diverted", subject=subject_of(hospital), actor=actor, body=body)
        return status


def count_beds(code: str, beds: Beds, *, actor: Actor) -> int:
    """Keep how many beds of which kinds are free, and how many there are. None: nothing is said
    of it, and what was said before stands, as old as it is. Returns how many kinds were told."""
    told = {kind: pair for kind, pair in beds.items() if pair != (None, None)}
    if not told:
        raise Invalid(_("Give at least one number."), code="beds")
    with transaction():
        hospital, _known = _status(code, actor, None)
        before = {row.kind: row for row in HospitalBeds.objects.filter(hospital=hospital)}
        for kind, (free, total) in told.items():
            if kind not in HospitalBeds.KINDS:
                raise Invalid(_("Unknown kind of beds."), code="kind")
            row = before.get(kind) or HospitalBeds(hospital=hospital, kind=kind)
            if free is not None:
                row.free, row.counted_at = free, clock.now()
            if total is not None:
                row.total = total
            _check_beds(row)
            row.source = _source(actor)
            row.save()
            body = BedsCounted(hospital=code, bed=kind, free=row.free, total=row.total)
            record("hospital.beds", subject=subject_of(hospital), actor=actor, body=body)
        return len(told)


def _check_beds(row: HospitalBeds) -> None:
    if not all(n is None or 0 <= n <= BEDS_MOST for n in (row.free, row.total)):
        raise Invalid(_("This is no number of beds."), code="beds")
    if row.free is not None and row.total is not None and row.free > row.total:
        raise Invalid(_("More beds are free than there are."), code="beds")


def _source(actor: Actor) -> str:
    """Whose word it is: an agency's, or that of the control room."""
    return actor.agency or "112"


def _status(code: str, actor: Actor, version: int | None) -> tuple[Hospital, HospitalStatus]:
    hospital = fetch(Hospital.objects.select_related("agency"), code=code)
    if not actor.may(Permission.DISPATCH) and not may_report(hospital, actor):
        raise Forbidden(_("Another agency speaks for this hospital."))
    status, _made = HospitalStatus.objects.get_or_create(hospital=hospital)
    expect(status, version)
    return hospital, status
