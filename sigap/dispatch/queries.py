"""Reads about plans and assignments that are used in more than one place."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import isnan, nan

import numpy as np
from django.db.models import Q, QuerySet

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.fleet.models import Unit
from sigap.fleet.queries import blocked_units, in_order, moved_up
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.incidents.queries import family_ids, reopened_at
from sigap.places.geo import distance_m
from sigap.places.queries import travel_matrix, travel_times

from .machine import OPEN
from .models import Assignment, PlanStep, ResponsePlan
from .recommend import Held, Need, Recommendation, Rules, UnitFacts, fits, recommend
from .together import Floats, Match, Wish, match


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
    """The response plan of the incident's type at its alarm level, or at the highest below it for
    which there is one: of its priority, else the general one."""
    rows = ResponsePlan.objects.filter(type_id=incident.type_id, level__lte=incident.level)
    plans = {p.priority: p for p in rows.order_by("level")}
    return plans.get(incident.priority) or plans.get(0)


def acknowledge_s(incident: Incident) -> int:
    """Within how many seconds a unit that is sent to this incident must acknowledge."""
    plan = plan_of(incident)
    own = plan.acknowledge_s if plan else None
    return own or int(value("dispatch.acknowledge_s"))


def plan_needs(incident: Incident) -> list[Need]:
    """What the response plan asks for."""
    plan = plan_of(incident)
    if plan is None:
        return []
    return [
        Need(
            step.agency.code,
            step.capability,
            step.count,
            step.min_crew,
            frozenset(step.equipment),
        )
        for step in plan.steps.select_related("agency")
    ]


def unit_facts(asked: Mapping[str, str]) -> list[UnitFacts]:
    """All active units as the recommendation sees them now; `asked` says which of them were
    proposed for the incident, or have declined it."""
    jobs, ended, now = open_jobs(), _ended_lately(), clock.now()
    blocked = blocked_units()
    # Most cities' plans ask for none, and it is a long list.
    carries = in_order() if PlanStep.objects.exclude(equipment=[]).exists() else {}
    facts, moved = [], moved_up()
    for unit in Unit.objects.select_related("agency").filter(active=True):
        known = unit.position_at is not None and unit.lat is not None
        home = moved.get(unit.pk, (unit.station_lat, unit.station_lng))
        facts.append(
            UnitFacts(
                call_sign=unit.call_sign,
                agency=unit.agency.code,
                capabilities=frozenset(unit.capabilities),
                lat=unit.lat if known else home[0],
                lng=unit.lng if known else home[1],
                position_age_s=(now - unit.position_at).total_seconds()
                if known and unit.position_at
                else None,
                state=unit.state,
                on_duty=unit.on_duty,
                readiness=unit.readiness,
                jobs=tuple(
                    Held(a.incident_id, a.incident.priority, a.state) for a in jobs.get(unit.pk, ())
                ),
                asked=asked.get(unit.call_sign, ""),
                crew=unit.crew,
                equipment=carries.get(unit.call_sign, frozenset()),
                rested_s=(now - ended[unit.pk]).total_seconds() if unit.pk in ended else None,
                blocked=tuple(blocked.get(unit.call_sign, ())),
            )
        )
    return facts


def _ended_lately() -> dict[int, datetime]:
    """When units ended their last job, of those that may still need their rest."""
    since = clock.now() - timedelta(seconds=value("dispatch.rest_s"))
    done = Assignment.objects.filter(state="completed", state_at__gt=since)
    return dict(done.order_by("state_at").values_list("unit_id", "state_at"))


def rules() -> Rules:
    """The city's numbers for a recommendation."""
    return Rules(
        speed_kmh=value("dispatch.speed_kmh"),
        detour=value("dispatch.detour"),
        stale_s=value("dispatch.position_age_s"),
        stale_costs_s=value("dispatch.stale_costs_s"),
        rest_s=value("dispatch.rest_s"),
        rest_costs_s=value("dispatch.rest_costs_s"),
        coverage_m=value("dispatch.coverage_m"),
        coverage_costs_s=value("dispatch.coverage_costs_s"),
        divert_gain_s=value("dispatch.divert_gain_s"),
    )


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


def recommend_for(incident: Incident, named: Collection[str] = ()) -> Recommendation:
    """The units to send to this incident now; those that work there, or did, are counted, and
    those `named` are listed in any case."""
    family = Assignment.objects.filter(incident_id__in=family_ids(incident)).order_by("id")
    states = dict(family.values_list("unit__call_sign", "state"))
    units = unit_facts(
        {s: state for s, state in states.items() if state in ("proposed", "declined")}
    )
    # Without a plan nothing is asked for, and everything that could go is listed.
    anything = dict.fromkeys(
        Need(u.agency, capability, 0) for u in units for capability in sorted(u.capabilities)
    )
    return recommend(
        plan_needs(incident) or list(anything),
        units,
        lat=incident.lat,
        lng=incident.lng,
        rules=rules(),
        priority=incident.priority,
        already=frozenset(serving(incident).values_list("unit__call_sign", flat=True)),
        named=named,
        by_road=_by_road(incident, units),
    )


def _by_road(incident: Incident, units: Sequence[UnitFacts]) -> dict[str, float]:
    """Seconds to the incident by road, of the units that stand near one: infinite where no open
    road leads there."""
    if incident.lat is None or incident.lng is None:
        return {}
    there = [(u.call_sign, u.lat, u.lng) for u in units if u.lat is not None and u.lng is not None]
    times = travel_times((incident.lat, incident.lng), [(lat, lng) for _sign, lat, lng in there])
    return {sign: float(s) for (sign, *_at), s in zip(there, times, strict=True) if not isnan(s)}


def recommend_together() -> list[Match]:
    """The units to send to all incidents that still lack some, matched at once."""
    incidents = list(
        Incident.objects.select_related("type").filter(state__in=ACTIVE, merged_into=None)
    )
    units = unit_facts({})
    by_sign = {unit.call_sign: unit for unit in units}
    wishes, goals = [], []
    for incident in incidents:
        if incident.lat is None or incident.lng is None:
            continue
        family = Assignment.objects.filter(incident_id__in=family_ids(incident))
        said_no = family.filter(state="declined").values_list("unit__call_sign", flat=True)
        declined = frozenset(said_no)
        there = [
            by_sign[sign]
            for sign in serving(incident).values_list("unit__call_sign", flat=True)
            if sign in by_sign
        ]
        for need in plan_needs(incident):
            at_work = [unit for unit in there if fits(unit, need)][: need.count]
            there = [unit for unit in there if unit not in at_work]
            wish = Wish(incident.pk, incident.priority, replace(need, count=1), declined)
            wishes += [wish] * (need.count - len(at_work))
            goals += [(incident.lat, incident.lng)] * (need.count - len(at_work))
    return match(wishes, units, _seconds(goals, units))


def _seconds(goals: Sequence[tuple[float, float]], units: Sequence[UnitFacts]) -> Floats:
    """How long every unit would take to every goal, a row for each goal."""
    nowhere = (nan, nan)
    places = [(u.lat, u.lng) if u.lat is not None and u.lng is not None else nowhere for u in units]
    distinct = list(dict.fromkeys(goals))
    times = travel_matrix(distinct, places)
    city = rules()
    straight_s = city.detour / (city.speed_kmh / 3.6)
    for goal, place in np.argwhere(np.isnan(times)):
        times[goal, place] = distance_m(*places[place], *distinct[goal]) * straight_s
    row: Floats = times[[distinct.index(goal) for goal in goals]]
    return row


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
