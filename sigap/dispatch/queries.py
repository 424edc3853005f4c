"""Reads about plans and assignments that are used in more than one place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from django.db.models import Q, QuerySet

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident
from sigap.incidents.queries import family_ids, reopened_at
from sigap.places.roads.kept import router

from .machine import OPEN
from .models import Assignment, ResponsePlan
from .recommend import Need, Recommendation, UnitFacts, recommend


def get(assignment_id: int) -> Assignment:
    """The assignment with its incident and unit; Missing when there is none."""
    rows = Assignment.objects.select_related("incident", "incident__type", "unit", "unit__agency")
    return fetch(rows, pk=assignment_id)


def open_jobs(unit_ids: Iterable[int] | None = None) -> dict[int, list[Assignment]]:
    """The open assignments by unit id, oldest first."""
    rows = Assignment.objects.select_related("incident", "unit").filter(state__in=OPEN)
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=list(unit_ids))
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.unit_id].append(row)
    return found


def plan_of(incident: Incident) -> ResponsePlan | None:
    """The response plan of the incident's type: of its priority, else the general one."""
    plans = {p.priority: p for p in ResponsePlan.objects.filter(type_id=incident.type_id)}
    return plans.get(incident.priority) or plans.get(0)


def acknowledge_s(incident: Incident) -> int:
    """Within how many seconds a unit that is sent to this incident must acknowledge."""
    plan = plan_of(incident)
    own = plan.acknowledge_s if plan else None
    return own or int(value("dispatch.acknowledge_s"))


def plan_needs(incident: Incident) -> list[Need]:
    """What the response plan asks for: the plan of this priority, else the type's general one."""
    plan = plan_of(incident)
    if plan is None:
        return []
    return [
        Need(step.agency.code, step.capability, step.count)
        for step in plan.steps.select_related("agency")
    ]


def unit_facts(asked: Mapping[str, str]) -> list[UnitFacts]:
    """All active units as the recommendation sees them now; `asked` says which of them were
    proposed for the incident, or have declined it."""
    jobs, now = open_jobs(), clock.now()
    facts = []
    for unit in Unit.objects.select_related("agency").filter(active=True):
        known = unit.position_at is not None and unit.lat is not None
        facts.append(
            UnitFacts(
                call_sign=unit.call_sign,
                agency=unit.agency.code,
                capabilities=frozenset(unit.capabilities),
                lat=unit.lat if known else unit.station_lat,
                lng=unit.lng if known else unit.station_lng,
                position_age_s=(now - unit.position_at).total_seconds()
                if known and unit.position_at
                else None,
                state=unit.state,
                on_duty=unit.on_duty,
                readiness=unit.readiness,
                jobs=tuple(a.incident_id for a in jobs.get(unit.pk, ())),
                asked=asked.get(unit.call_sign, ""),
            )
        )
    return facts


def is_served(incident: Incident) -> bool:
    """Whether a unit that was sent since the incident was last taken up is at work for it,
    or has done its work."""
    return serving(incident).exists()


def serving(incident: Incident) -> QuerySet[Assignment]:
    """The units' work: what is under way, and what was done since the incident was last taken
    up."""
    sent = Assignment.objects.filter(
        incident_id__in=family_ids(incident), state__in=(*OPEN, "completed")
    )
    again = reopened_at(incident)
    return sent.filter(Q(created_at__gte=again) | Q(state__in=OPEN)) if again else sent


def recommend_for(incident: Incident) -> Recommendation:
    """The units to send to this incident now; those that work there, or did, are counted."""
    family = Assignment.objects.filter(incident_id__in=family_ids(incident)).order_by("id")
    states = dict(family.values_list("unit__call_sign", "state"))
    units = unit_facts(
        {s: state for s, state in states.items() if state in ("proposed", "declined")}
    )
    # Without a plan nothing is asked for, and everything that could go is listed.
    anything = [Need(u.agency, capability, 0) for u in units for capability in u.capabilities]
    return recommend(
        plan_needs(incident) or anything,
        units,
        lat=incident.lat,
        lng=incident.lng,
        already=frozenset(serving(incident).values_list("unit__call_sign", flat=True)),
        speed_kmh=value("dispatch.speed_kmh"),
        detour=value("dispatch.detour"),
        stale_s=value("dispatch.position_age_s"),
        by_road=_by_road(incident, units),
    )


def _by_road(incident: Incident, units: Sequence[UnitFacts]) -> dict[str, float]:
    """Seconds to the incident by road, of the units to which a road leads."""
    roads = router()
    if roads is None or incident.lat is None or incident.lng is None:
        return {}
    there = [(u.call_sign, u.lat, u.lng) for u in units if u.lat is not None and u.lng is not None]
    times = roads.times_to(incident.lat, incident.lng, [(lat, lng) for _sign, lat, lng in there])
    return {sign: float(s) for (sign, *_at), s in zip(there, times, strict=True) if isfinite(s)}


def states_to_tell(assignment: Assignment) -> list[str]:
    """The states that a time can be told of: those it was in, and those that lie before the
    furthest of them, through which it may have gone unsaid."""
    known = set(assignment.times.values_list("state", flat=True))
    reached = [n for n, state in enumerate(OPEN) if state in known]
    passed = OPEN if assignment.state == "completed" else OPEN[: max(reached, default=0)]
    return [state for state in assignment.MACHINE.states if state in known or state in passed]


def assignments_of(incident: Incident) -> list[Assignment]:
    """All assignments of the incident and of what was merged into it, with their times."""
    return list(
        Assignment.objects.select_related("unit", "agency")
        .prefetch_related("times")
        .filter(incident_id__in=family_ids(incident))
        .order_by("id")
    )
