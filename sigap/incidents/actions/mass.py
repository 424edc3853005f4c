"""Many incidents at once: what can wait is put behind, what is lacking is listed, units gather."""

from datetime import timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, keep_alarms
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.kinds.mass import NeedAsked, NeedMet, Parked, Staged
from sigap.core.machine import change, expect
from sigap.core.parameters import value
from sigap.core.queries import check_reason, fetch
from sigap.core.transaction import transaction
from sigap.places.queries import is_far

from ..machine import ACTIVE, WAITING
from ..models import Incident, Need
from ..queries import get
from .checks import record_about

MAY_WAIT = 3  # P3 and P4
MOST = 10_000


def park_incident(incident_id: int, *, actor: Actor, version: int | None = None) -> Incident:
    """Put an incident that is not urgent, and for which nobody works yet, behind the others. It
    stays open; after a time that the city sets somebody is asked to look again."""
    actor.require(Permission.DISPATCH)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        if incident.priority < MAY_WAIT:
            raise Refused(_("Only P3 and P4 can wait."), code="urgent")
        if incident.state not in WAITING:
            raise Refused(_("Somebody works on it already, or it is over."), state=incident.state)
        if incident.parked_at:
            return incident
        now = clock.now()
        until = now + timedelta(seconds=value("incidents.parked_s"))
        change(incident, parked_at=now, parked_until=until)
        record_about(incident, "incident.parked", actor, Parked(until=until))
        return incident


def unpark_incident(incident_id: int, *, actor: Actor, version: int | None = None) -> Incident:
    """Take it up with the others again."""
    actor.require(Permission.DISPATCH)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        take_up(incident, actor=actor)
        return incident


def take_up(incident: Incident, *, actor: Actor) -> None:
    """It waits no longer: part of what made it so, inside its transaction."""
    if incident.parked_at:
        change(incident, parked_at=None, parked_until=None)
        record_about(incident, "incident.unparked", actor, Parked())
    finish_alarm("parked", incident, actor=actor)


def alarm_parked(*, actor: Actor) -> int:
    """Ask the dispatcher to look again at what has been put behind for long."""
    due = Incident.objects.filter(state__in=WAITING, parked_until__lte=clock.now())
    return keep_alarms("parked", due, owner="dispatcher", urgency=3, actor=actor)


def ask_need(
    incident_id: int, what: str, count: int, *, actor: Actor, version: int | None = None
) -> Need:
    """Say what is lacking there and how much of it, or that it is more or less than was said."""
    actor.require(Permission.MANAGE_INCIDENTS)
    if not 0 < count <= MOST:
        raise Invalid(_("The number must be 1 to %(most)s.") % {"most": MOST}, code="count")
    with transaction():
        check_reason("need", what)
        incident = _active(incident_id)
        need = Need.objects.filter(incident=incident, what=what, ended_at=None).first()
        if need is None:
            need = Need.objects.create(
                incident=incident, what=what, count=count, asked_at=clock.now()
            )
        else:
            expect(need, version)
            change(need, count=count)
        _touch(incident, "need.asked", actor, NeedAsked(what=what, count=count))
        return need


def meet_need(
    need_id: int, met: int, *, actor: Actor, ended: bool = False, version: int | None = None
) -> Need:
    """Say how much of it has come; `ended`: no more of it is needed."""
    actor.require(Permission.MANAGE_INCIDENTS)
    if not 0 <= met <= MOST:
        raise Invalid(_("The number must be 0 to %(most)s.") % {"most": MOST}, code="count")
    with transaction():
        need = fetch(Need.objects.select_related("incident"), pk=need_id)
        expect(need, version)
        if need.ended_at:
            raise Refused(_("No more of it is needed."), code="ended")
        change(need, met=met, ended_at=clock.now() if ended else None)
        body = NeedMet(what=need.what, count=need.count, met=met, ended=ended)
        _touch(get(need.incident_id), "need.met", actor, body)
        return need


def set_staging(
    incident_id: int,
    lat: float | None,
    lng: float | None,
    *,
    actor: Actor,
    version: int | None = None,
) -> Incident:
    """Say where units gather, or (without a point) that they do no longer."""
    actor.require(Permission.DISPATCH)
    if (lat is None) != (lng is None):
        raise Invalid(_("This is not a point on the map."), code="point")
    if lat is not None and lng is not None and is_far(lat, lng):
        raise Invalid(_("This point is far outside the city."), code="point")
    with transaction():
        incident = _active(incident_id)
        expect(incident, version)
        change(incident, staging_lat=lat, staging_lng=lng)
        record_about(incident, "incident.staging", actor, Staged(has_point=lat is not None))
        return incident


def _active(incident_id: int) -> Incident:
    incident = get(incident_id)
    if incident.state not in ACTIVE:
        raise Refused(_("This incident is not open."), state=incident.state)
    return incident


def _touch(incident: Incident, kind: str, actor: Actor, body: NeedAsked | NeedMet) -> None:
    """Whoever looks at the incident sees it anew."""
    change(incident)
    record_about(incident, kind, actor, body)
