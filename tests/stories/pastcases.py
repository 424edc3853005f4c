"""Past cases in bulk, as a city's record holds them: what happened where, and how long each step
took. Made without the actions, which stories of their own go through."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.models import User
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident, IncidentType
from sigap.places.models import Area

ANSWER_S, PROCESSING_S, TURNOUT_S, TRAVEL_S, WORK_S = 10, 50, 60, 400, 1500
TOTAL_S = ANSWER_S + PROCESSING_S + TURNOUT_S + TRAVEL_S


def cases(
    count: int,
    *,
    areas: Sequence[str] | None = None,
    type_code: str = "hewan_berbahaya",
    every: timedelta = timedelta(hours=7),
    unit: str = "DAM-04",
    travel_s: float = TRAVEL_S,
    answered: bool = True,
) -> list[Incident]:
    """So many closed cases before now, in these areas in turn (else in all)."""
    places = list(Area.objects.order_by("code"))
    if areas is not None:
        places = [place for place in places if place.code in areas]
    kind, sent = IncidentType.objects.get(code=type_code), Unit.objects.get(call_sign=unit)
    start = clock.now() - every * (count + 1)
    rows = []
    for n in range(count):
        ring, place = start + every * n, places[n % len(places)]
        answer = ring + timedelta(seconds=ANSWER_S)
        rows.append(
            Incident(
                state="closed",
                type=kind,
                priority=3,
                lat=place.lat,
                lng=place.lng,
                location_source="map",
                area=place,
                received_at=ring if answered else None,
                answered_at=answer if answered else None,
                opened_at=answer,
            )
        )
    made = Incident.objects.bulk_create(rows)
    for incident in made:
        notified = incident.opened_at + timedelta(seconds=PROCESSING_S)
        job = Assignment.objects.create(
            state="completed",
            incident=incident,
            unit=sent,
            agency=sent.agency,
            created_at=notified,
            state_at=notified,
        )
        left = notified + timedelta(seconds=TURNOUT_S)
        there = left + timedelta(seconds=travel_s)
        times = {
            "notified": notified,
            "en_route": left,
            "on_scene": there,
            "completed": there + timedelta(seconds=WORK_S),
        }
        AssignmentTime.objects.bulk_create(
            AssignmentTime(
                assignment=job, state=state, occurred_at=at, recorded_at=at, source="crew"
            )
            for state, at in times.items()
        )
    return made


def calls(incidents: Sequence[Incident], *, ghosts: int, gate: str = "") -> None:
    """The call of each of these, and before each so many ghosts, one a minute."""
    operators = list(User.objects.filter(username__in=("call_taker", "supervisor")))
    rows = []
    for number, incident in enumerate(incidents):
        ring = incident.received_at or incident.opened_at
        for n in range(ghosts, 0, -1):
            at = ring - timedelta(minutes=n)
            rows.append(_call(at, "silent", 90, operators[n % 2], gate, None))
        rows.append(_call(ring, "emergency", 60, operators[number % 2], gate, incident))
    Call.objects.bulk_create(rows)


def _call(
    at: datetime, kind: str, hand_s: int, who: User, gate: str, incident: Incident | None
) -> Call:
    answer = at + timedelta(seconds=5)
    return Call(
        state="closed",
        source="pbx",
        presented_at=at,
        queued_at=at,
        began_at=at,
        answered_at=answer,
        answered_source="exchange",
        ended_at=answer + timedelta(seconds=hand_s - 1),
        closed_at=answer + timedelta(seconds=hand_s),
        operator=who,
        call_class=kind,
        gate=gate,
        incident=incident,
    )
