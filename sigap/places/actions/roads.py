"""Roads are closed and opened, and their speeds follow the city's own trips."""

from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, keep_alarms
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.places import RoadClosed, RoadOpened, RoadsImported, SpeedsMeasured
from sigap.core.machine import change, expect
from sigap.core.queries import check_reason, fetch
from sigap.core.remembered import reconfigures
from sigap.core.transaction import transaction

from ..models import RoadClosure, RoadSpeeds
from ..queries import is_far
from ..roads import kept
from ..roads.speeds import Measured

LEAST_M, MOST_M = 10, 3000
_MOST_NAMES = 3


def close_road(
    lat: float,
    lng: float,
    radius_m: int,
    *,
    reason: str,
    actor: Actor,
    check_at: datetime | None = None,
) -> RoadClosure:
    """Say that nobody drives on the roads so near to a point, for one of the city's reasons. At
    `check_at` the dispatcher is asked whether that still holds; it ends only by hand. Twice the
    same is once."""
    actor.require(Permission.DISPATCH)
    if not LEAST_M <= radius_m <= MOST_M:
        raise Invalid(
            _("The distance must be %(low)s to %(high)s m.") % {"low": LEAST_M, "high": MOST_M},
            code="radius",
        )
    if not (-90 <= lat <= 90 and -180 <= lng <= 180) or is_far(lat, lng):
        raise Invalid(_("This point is far outside the city."), code="point")
    _check_later(check_at)
    names = _names(lat, lng, radius_m)
    with transaction():
        reconfigures()
        check_reason("closure", reason)
        what = {"lat": lat, "lng": lng, "radius_m": radius_m, "reason": reason}
        same = RoadClosure.objects.filter(**what, check_at=check_at, lifted_at=None)
        if known := same.first():
            return known
        closure = RoadClosure.objects.create(
            **what, names=names, closed_at=clock.now(), check_at=check_at
        )
        record(
            "closure.closed",
            subject=subject_of(closure),
            actor=actor,
            body=RoadClosed(reason=reason, radius_m=radius_m, check_at=check_at),
        )
        return closure


def prolong_closure(
    closure_id: int, check_at: datetime, *, actor: Actor, version: int | None = None
) -> RoadClosure:
    """Say that it still holds, and when to ask again."""
    actor.require(Permission.DISPATCH)
    _check_later(check_at)
    with transaction():
        closure = _open(closure_id, version)
        change(closure, check_at=check_at)
        body = RoadClosed(reason=closure.reason, radius_m=closure.radius_m, check_at=check_at)
        record("closure.prolonged", subject=subject_of(closure), actor=actor, body=body)
        finish_alarm("closure_check", closure, actor=actor)
        return closure


def lift_closure(closure_id: int, *, actor: Actor, version: int | None = None) -> RoadClosure:
    """Say that people drive there again."""
    actor.require(Permission.DISPATCH)
    with transaction():
        reconfigures()
        closure = _open(closure_id, version)
        change(closure, lifted_at=clock.now())
        record("closure.lifted", subject=subject_of(closure), actor=actor, body=RoadOpened())
        finish_alarm("closure_check", closure, actor=actor)
        return closure


def alarm_closures(*, actor: Actor) -> int:
    """Ask the dispatcher about closures whose time has come. Returns about how many new ones."""
    due = RoadClosure.objects.filter(lifted_at=None, check_at__lte=clock.now())
    return keep_alarms("closure_check", due, owner="dispatcher", urgency=3, actor=actor)


def keep_speeds(measured: Measured, *, actor: Actor) -> RoadSpeeds:
    """Reckon from now on with the speeds that the city's own trips say."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        reconfigures()
        row = RoadSpeeds.objects.create(
            at=clock.now(),
            trips=measured.trips,
            kinds=dict(measured.speeds.kinds),
            periods=dict(measured.speeds.periods),
            error_before=measured.error_before,
            error_after=measured.error_after,
        )
        body = SpeedsMeasured(
            trips=measured.trips,
            error_before=round(measured.error_before, 3),
            error_after=round(measured.error_after, 3),
        )
        record("roads.measured", subject=subject_of(row), actor=actor, body=body)
        return row


def note_roads(pieces: int, junctions: int, *, actor: Actor) -> None:
    """Record that other roads lie in the data folder from now on."""
    with transaction():
        body = RoadsImported(pieces=pieces, junctions=junctions)
        record("roads.imported", subject="roads", actor=actor, body=body)


def _open(closure_id: int, version: int | None) -> RoadClosure:
    closure = fetch(RoadClosure, pk=closure_id)
    expect(closure, version)
    if closure.lifted_at:
        raise Refused(_("People drive there again already."), code="lifted")
    return closure


def _check_later(check_at: datetime | None) -> None:
    if check_at is not None and check_at <= clock.now():
        raise Invalid(_("The time has gone by."), code="past")


def _names(lat: float, lng: float, radius_m: int) -> str:
    """What the roads are called, as far as the map says."""
    roads = kept.roads()
    if roads is None:
        return ""
    called = dict.fromkeys(roads.names[roads.name[n]] for n in roads.near(lat, lng, radius_m))
    return ", ".join(islice((name for name in called if name), _MOST_NAMES))[:200]
