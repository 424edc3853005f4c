"""Positions come in; what units are near or have left is put before the dispatcher, never set."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.positions import UnitSeen
from sigap.core.parameters import value
from sigap.core.rows import write
from sigap.core.transaction import transaction
from sigap.fleet.positions.actions import (
    TWO_PLACES,
    Moved,
    Report,
    erase_track,
    keep_positions,
    phone_of,
)
from sigap.fleet.positions.judge import Fix, Verdict, is_exact
from sigap.fleet.positions.models import Device
from sigap.fleet.positions.queries import outdated, place_at
from sigap.fleet.queries import may_work_for
from sigap.fleet.queries import unit as find_unit
from sigap.incidents.queries import held_ids
from sigap.places.geo import distance_m

from ..machine import OPEN, WAITING
from ..models import Assignment
from ..queries import get
from .work import step

POSITIONS = Actor(code="system:positions")
# What a fix that stands alone is refused for, in the words of a form.
NONSENSE = ("point", "future", "zero", "outside", "expired")


def take_positions(reports: Sequence[Report]) -> list[list[Verdict]]:
    """Keep what devices tell, in one transaction for all of them; a verdict for each fix."""
    with transaction():
        kept = keep_positions(reports)
        if kept.moved:
            _note_seen(kept.moved)
        return kept.verdicts


def take_phone(
    call_sign: str, fixes: Sequence[Fix], *, actor: Actor, source: str = "crew"
) -> list[Verdict]:
    """The same from the phone of somebody who works for the unit."""
    with transaction():
        unit = find_unit(call_sign)
        if not actor.may(Permission.DISPATCH) and not may_work_for(unit, actor):
            raise Forbidden(_("This unit is not yours."))
        phone = phone_of(unit, actor)
        [verdicts] = take_positions([Report(phone.pk, unit.pk, fixes, source)])
        return verdicts


def report_position(
    call_sign: str,
    lat: float,
    lng: float,
    *,
    actor: Actor,
    at: datetime | None = None,
    accuracy_m: int | None = None,
    source: str = "crew",
) -> bool:
    """The same of a single point; Invalid for one that cannot be. Returns whether the unit is
    there now: one that is older than what is known, or is doubted, moves nothing."""
    fix = Fix(lat, lng, at or clock.now(), accuracy_m)
    [verdict] = take_phone(call_sign, [fix], actor=actor, source=source)
    if verdict.fault in NONSENSE:
        raise Invalid(_refusal_of(verdict.fault), code=verdict.fault)
    return verdict.moved


def _refusal_of(fault: str) -> str:
    """Why a position is not taken, in words."""
    return {
        "future": _("The time lies in the future."),
        "expired": _("The time lies too far back."),
        "outside": _("This point is far from the city."),
    }.get(fault) or _("This is not a point on the map.")


def accept_seen(
    assignment_id: int, command: str, *, actor: Actor, version: int | None = None
) -> Assignment:
    """Take what positions show as what the unit did, at the time at which they showed it."""
    with transaction():
        job = get(assignment_id)
        seen = {"arrive": job.seen_near_at, "depart": job.seen_leaving_at}.get(command)
        if seen is None:
            raise Refused(_("Its positions do not show that."), code="unseen")
        return step(job.pk, command, source="gps", occurred_at=seen, version=version, actor=actor)


def erase_old_tracks(*, actor: Actor) -> int:
    """Forget where units were, after the city's days; but not on their way to an incident that
    is tied to a legal case. Returns how many points."""
    held = Assignment.objects.filter(
        Q(state__in=OPEN) | Q(state_at__gte=OuterRef("at")),
        incident_id__in=held_ids(),
        unit_id=OuterRef("unit_id"),
        created_at__lte=OuterRef("at"),
    )
    return erase_track(outdated().exclude(Exists(held)), actor=actor)


class _Pair(NamedTuple):
    """Two exact fixes of one device, one after the other."""

    device: Device
    before: Fix
    fix: Fix

    def metres(self, lat: float, lng: float) -> tuple[float, float]:
        """How far from a place each of them is."""
        one, other = self.before, self.fix
        return distance_m(one.lat, one.lng, lat, lng), distance_m(other.lat, other.lng, lat, lng)


def _note_seen(moved: Sequence[Moved]) -> None:
    """Which of the units that moved are where their jobs want them, or on the way there."""
    pairs: dict[int, list[_Pair]] = {}
    limit = value("positions.accuracy_m")
    for device, before, fix in ((m.device, m.before, m.fix) for m in moved):
        if before is None or device.unit.position_mark == TWO_PLACES:
            continue
        if all(is_exact(one, device.kind, limit) for one in (before, fix)):
            pairs.setdefault(device.unit_id, []).append(_Pair(device, before, fix))
    if not pairs:
        return
    jobs = Assignment.objects.select_related("incident", "unit").filter(
        Q(state="en_route", seen_near_at=None, incident__lat__isnull=False)
        | Q(state__in=WAITING, seen_leaving_at=None),
        unit_id__in=list(pairs),
    )
    for job in jobs.order_by("pk"):
        since = [pair for pair in pairs[job.unit_id] if pair.before.at >= job.state_at]
        if job.state == "en_route":
            _note_near(job, since)
        else:
            _note_leaving(job, since)


def _note_near(job: Assignment, pairs: Sequence[_Pair]) -> None:
    """Two fixes near the incident since the unit set out. The middle of an area is no place."""
    incident = job.incident
    if incident.lat is None or incident.lng is None or incident.location_source == "area":
        return
    near = value("positions.arrival_m")
    for pair in pairs:
        if max(metres := pair.metres(incident.lat, incident.lng)) <= near:
            _keep_seen(job, "seen_near", pair, metres[1])
            return


def _note_leaving(job: Assignment, pairs: Sequence[_Pair]) -> None:
    """Two fixes since it was told, both away from where the unit was then."""
    unit = job.unit
    lat, lng = place_at(unit.pk, job.created_at) or (unit.station_lat, unit.station_lng)
    if lat is None or lng is None:
        return
    far = value("positions.leave_m")
    for pair in pairs:
        if min(metres := pair.metres(lat, lng)) >= far:
            _keep_seen(job, "seen_leaving", pair, metres[1])
            return


def _keep_seen(job: Assignment, what: str, pair: _Pair, metres: float) -> None:
    # Beside the version: it must not come between a dispatcher and the key that is pressed now.
    setattr(job, f"{what}_at", pair.before.at)
    write(job, f"{what}_at")
    record(
        f"assignment.{what}",
        subject=subject_of(job),
        case=subject_of(job.incident),
        actor=POSITIONS,
        occurred_at=pair.before.at,
        body=UnitSeen(unit=job.unit.call_sign, device=pair.device.pk, metres=round(metres)),
    )
