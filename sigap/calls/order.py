"""Who among those who wait is answered first.

The sign that a caller gave at the gate says most: a voice before a key before a noise. In a surge,
whose place is known can be helped even if the line breaks. A number that was often silent lately
waits behind others like it; nobody is left out. Of equals, the one who has waited longest.
"""

from collections.abc import Collection, Iterable, Mapping

from sigap.core.parameters import value
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident

from .machine import RINGING
from .models import Call, HandsetPosition
from .queries import History, caller_histories, surge

# By how the gate let a call through. Telephones ring by it too, but know nothing of places.
RANKS = {"callback": 0, "skipped": 0, "speech": 0, "open": 1, "key": 1, "noise": 2, "released": 2}
UNKNOWN = 1  # no gate, or it has not decided


def is_often_silent(known: History | None) -> bool:
    """Whether the number was silent so often lately that it waits behind others like it."""
    return known is not None and known.classes.get("silent", 0) >= value("gate.silent_history")


def ranks(calls: Iterable[Call], histories: Mapping[int, History]) -> dict[int, int]:
    """For each call that rings the number by which it is put in order, the smaller the earlier."""
    ringing = [call for call in calls if call.state in RINGING]
    located = _located(ringing, histories) if ringing and surge() else None
    found = {}
    for call in ringing:
        later = is_often_silent(histories.get(call.contact_id or 0))
        is_lost = located is not None and call.pk not in located
        found[call.pk] = RANKS.get(call.gate, UNKNOWN) * 4 + is_lost * 2 + later
    return found


def in_order(calls: Collection[Call]) -> list[Call]:
    """Calls that ring, the one to be answered first in front."""
    known = caller_histories({call.contact_id for call in calls if call.contact_id})
    rank = ranks(calls, known)
    return sorted(calls, key=lambda call: (rank.get(call.pk, 0), call.began_at, call.pk))


def _located(calls: Iterable[Call], histories: Mapping[int, History]) -> set[int]:
    """Those of the calls whose place is known: the phone has told it, or the number has reported
    an incident with a place that is still open."""
    calls = list(calls)
    told = HandsetPosition.objects.filter(call__in=calls, erased_at=None, lat__isnull=False)
    found = set(told.exclude(fault="time").values_list("call_id", flat=True))
    reported = {pk for known in histories.values() for pk in known.incidents}
    placed = set(
        Incident.objects.filter(pk__in=reported, state__in=UNFINISHED)
        .exclude(lat=None, area=None)
        .values_list("pk", flat=True)
    )
    for call in calls:
        known = histories.get(call.contact_id or 0)
        if known and placed & set(known.incidents):
            found.add(call.pk)
    return {pk for pk in found if pk is not None}
