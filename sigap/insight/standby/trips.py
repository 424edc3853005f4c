"""The city's own past cases: where and when they were, what their plan asks for, how long each step
took. Everything that is computed about waiting places and other fleets is learned from these."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any

from sigap.core.queries import batched
from sigap.dispatch.models import Assignment, AssignmentTime, ResponsePlan
from sigap.dispatch.recommend import Need
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.places.queries import area_at

# Fewer cases than this say nothing about a place.
FEWEST = 30
# So many of the newest are looked at; a year of a city like Kediri.
MOST = 2000
# Nobody works longer on one case; a job that nobody ended is not that long.
LONGEST_S = 12 * 3600.0
_STATES = ("notified", "en_route", "on_scene", "completed")
_NO_JOB: dict[str, datetime] = {}


@dataclass(frozen=True)
class PastCase:
    """One incident that carries on by itself. Seconds are None where a time is unknown or was only
    derived: unknown is not zero."""

    id: int
    at: datetime  # the first time that is known of it
    lat: float
    lng: float
    rough: bool  # the point stands for its kelurahan
    area: str
    type: str
    priority: int
    level: int
    needs: tuple[Need, ...]  # what the plan of today asks for
    answer_s: float | None = None  # first ring, to the first answer
    processing_s: float | None = None  # answered, to the first unit notified
    turnout_s: float | None = None  # of the unit that arrived first
    travel_s: float | None = None
    total_s: float | None = None  # first ring, to the first unit on scene
    work_s: float | None = None  # on scene, to the end of the job: the middle of its units


@dataclass(frozen=True)
class Past:
    """Past cases, the oldest first, and how many could not be used."""

    cases: list[PastCase]
    nowhere: int = 0  # without a point or kelurahan
    unplanned: int = 0  # of a type without a response plan


class Plans:
    """All response plans at once; `of` chooses as the dispatcher's advice does."""

    def __init__(self) -> None:
        self._plans: dict[str, dict[tuple[int, int], tuple[Need, ...]]] = {}
        rows = ResponsePlan.objects.select_related("type").prefetch_related("steps__agency")
        for plan in rows.order_by("level"):
            needs = tuple(
                Need(s.agency.code, s.capability, s.count, s.min_crew, frozenset(s.equipment))
                for s in plan.steps.all()
            )
            self._plans.setdefault(plan.type.code, {})[plan.priority, plan.level] = needs

    def of(self, type_code: str, priority: int, level: int) -> tuple[Need, ...]:
        """What is sent to a type: at the highest level up to this one for which there is a plan,
        of its priority before the general one."""
        plans = self._plans.get(type_code, {})
        for wanted in (priority, 0):
            levels = [at for prio, at in plans if prio == wanted and at <= level]
            if levels:
                return plans[wanted, max(levels)]
        return ()


def past(most: int = MOST) -> Past:
    """The newest located cases that something was planned for. What is still open, was
    cancelled or is part of another does not count; a drill has a database of its own."""
    rows = Incident.objects.filter(merged_into=None).exclude(state__in=(*ACTIVE, "cancelled"))
    found = list(rows.select_related("type", "area").order_by("-opened_at", "-pk")[:most])
    jobs, plans = _jobs([row.pk for row in found]), Plans()
    cases: list[PastCase] = []
    nowhere = unplanned = 0
    for row in found:
        lat, lng, area = row.lat, row.lng, row.area
        if area is not None and (lat is None or lng is None):
            lat, lng = area.lat, area.lng
        needs = plans.of(row.type.code, row.priority, row.level)
        if lat is None or lng is None:
            nowhere += 1
            continue
        if not needs:
            unplanned += 1
            continue
        area = area or area_at(lat, lng)
        case = PastCase(
            id=row.pk,
            at=row.began_at,
            lat=lat,
            lng=lng,
            rough=row.point is None,
            area=area.code if area else "",
            type=row.type.code,
            priority=row.priority,
            level=row.level,
            needs=needs,
        )
        cases.append(replace(case, **_clocks(row, jobs.get(row.pk, []))))
    return Past(sorted(cases, key=lambda case: (case.at, case.id)), nowhere, unplanned)


def _jobs(incidents: list[int]) -> dict[int, list[dict[str, datetime]]]:
    """When the units of each incident were in which state, by what was last said of it."""
    found: dict[int, dict[int, dict[str, datetime]]] = {}
    for ids in batched(incidents):
        jobs = Assignment.objects.filter(incident_id__in=ids).exclude(state="declined")
        for pk, incident in jobs.values_list("pk", "incident_id"):
            found.setdefault(incident, {})[pk] = {}
        told = AssignmentTime.objects.filter(assignment__in=jobs, state__in=_STATES)
        for job, incident, state, at, source in told.order_by("recorded_at", "pk").values_list(
            "assignment_id", "assignment__incident_id", "state", "occurred_at", "source"
        ):
            if source != "derived":
                found[incident][job][state] = at
    return {incident: list(jobs.values()) for incident, jobs in found.items()}


def _clocks(row: Incident, jobs: list[dict[str, datetime]]) -> dict[str, Any]:
    """How long each step took, as far as both of its ends are known and in their order."""
    notified = min((job["notified"] for job in jobs if "notified" in job), default=None)
    there = [job for job in jobs if "on_scene" in job]
    first = min(there, key=lambda job: job["on_scene"], default=_NO_JOB)
    work = [_seconds(job.get("on_scene"), job.get("completed")) for job in there]
    known = [took for took in work if took is not None and took < LONGEST_S]
    return {
        "answer_s": _seconds(row.received_at, row.answered_at),
        "processing_s": _seconds(row.answered_at, notified),
        "turnout_s": _seconds(first.get("notified"), first.get("en_route")),
        "travel_s": _seconds(first.get("en_route"), first.get("on_scene")),
        "total_s": _seconds(row.received_at, first.get("on_scene")),
        "work_s": median(known) if known else None,
    }


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def middle(values: Iterable[float | None], otherwise: float) -> float:
    """The median of what is known; `otherwise` where nothing is."""
    known = [value for value in values if value is not None]
    return median(known) if known else otherwise
