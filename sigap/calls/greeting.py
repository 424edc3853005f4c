"""How the gate is to greet a caller. What is known of a number changes its prompt and its order,
never its right to be heard; no number is no reason for anything."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from sigap.core import clock
from sigap.core.parameters import value
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident
from sigap.places.geo import distance_m

from .models import Call
from .order import is_often_silent
from .queries import caller_histories, surge


@dataclass(frozen=True)
class Greeting:
    """`skip` is why the caller need not pass the gate, empty when they must; `longer` asks for
    the longer prompt."""

    skip: str = ""
    longer: bool = False


def greeting_of(call: Call) -> Greeting:
    """What the gate is to do with this call."""
    if not value("gate.on"):
        return Greeting("off")
    if surge():
        return Greeting("surge")
    if _is_near_incident(call):
        return Greeting("near_incident")
    if _is_known_good(call):
        return Greeting("known")
    known = caller_histories([call.contact_id]) if call.contact_id else {}
    return Greeting(longer=is_often_silent(known.get(call.contact_id or 0)))


def _earlier(call: Call, **which: object) -> Q:
    """Other calls of the same number."""
    return Q(contact_id=call.contact_id, **which) & ~Q(pk=call.pk)


def _is_known_good(call: Call) -> bool:
    """Whether the number has reported something real lately."""
    if call.contact_id is None:
        return False
    since = clock.now() - timedelta(days=value("gate.known_days"))
    real = Q(incident__isnull=False) | Q(call_class="complaint", field_action=True)
    return Call.objects.filter(_earlier(call, began_at__gte=since) & real).exists()


def _is_near_incident(call: Call) -> bool:
    """Whether the caller reported a young open incident, or last reported from near one."""
    if call.contact_id is None:
        return False
    since = clock.now() - timedelta(minutes=value("gate.near_min"))
    young = Incident.objects.filter(state__in=UNFINISHED, opened_at__gte=since)
    mine = Call.objects.filter(_earlier(call, incident__isnull=False)).order_by("-began_at")
    last = mine.select_related("incident").first()
    if last is None or last.incident is None:
        return False
    at = last.incident
    if at.opened_at >= since and at.state in UNFINISHED:
        return True
    if at.lat is None or at.lng is None:
        return False
    near = value("gate.near_m")
    lat, lng = at.lat, at.lng
    points = young.filter(lat__isnull=False)
    return any(p.lat and p.lng and distance_m(lat, lng, p.lat, p.lng) <= near for p in points)
