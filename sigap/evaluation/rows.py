"""Bulk reads for the evaluation: the incidents of a period with their times."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.functions import Coalesce

from sigap.calls.models import INCOMING, Call
from sigap.core.queries import batched
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.incidents.models import Incident

from .clocks import MISSING, Moment, Reading, between
from .period import Period

# Whose times the clocks need.
STATES = ("notified", "en_route", "on_scene")


@dataclass(slots=True)
class Job:
    """One unit's work for an incident; of several times of a state the latest record counts."""

    agency: str
    kind: str
    state: str
    times: dict[str, Moment] = field(default_factory=dict)


@dataclass(slots=True)
class Case:
    """One incident with all that was merged into it: earliest ring, earliest answer, and
    every unit that was sent to any of them."""

    id: int
    state: str
    type: str
    group: str
    area: str
    priority: int
    received: Moment | None = None
    answered: Moment | None = None
    # The first call that was answered: when it rang, if that is known, and when answered.
    call: tuple[Moment | None, Moment] | None = None
    jobs: list[Job] = field(default_factory=list)
    merged: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """The five clocks of one case, and whose unit turnout and travel are of."""

    case: Case
    readings: dict[str, Reading]
    kind: str


def measure(case: Case, agency: str = "") -> Measured:
    """Read the five clocks; with `agency`, of that agency's units only."""
    jobs = [j for j in case.jobs if "notified" in j.times or "on_scene" in j.times]
    if agency:
        jobs = [j for j in jobs if j.agency == agency]
    notified = _first(jobs, "notified")
    arrived = _first(jobs, "on_scene")
    unit = arrived or _first([j for j in jobs if j.state != "declined"], "notified")
    readings = {
        "answer": between(*case.call) if case.call else MISSING,
        "processing": between(case.answered, _at(notified, "notified")),
        "turnout": between(_at(unit, "notified"), _at(unit, "en_route")),
        "travel": between(_at(unit, "en_route"), _at(unit, "on_scene")),
        "total": between(case.received, _at(arrived, "on_scene")),
    }
    return Measured(case, readings, unit.kind if unit else "")


def _first(jobs: list[Job], state: str) -> Job | None:
    there = [j for j in jobs if state in j.times]
    return min(there, key=lambda j: j.times[state].at, default=None)


def _at(job: Job | None, state: str) -> Moment | None:
    return job.times.get(state) if job else None


class Families:
    """Merged incidents, each of which stands for the one that carries on (its root)."""

    def __init__(self) -> None:
        merged = Incident.objects.filter(merged_into__isnull=False)
        self.into: dict[int, int] = {
            pk: into for pk, into in merged.values_list("pk", "merged_into_id") if into is not None
        }

    def root(self, incident_id: int) -> int:
        """The one that carries on; a lone incident is its own root."""
        while incident_id in self.into:
            incident_id = self.into[incident_id]
        return incident_id

    def members(self, roots: set[int]) -> list[int]:
        """These roots and all that were merged into them."""
        return [*roots, *(pk for pk in self.into if self.root(pk) in roots)]


def load_cases(period: Period) -> list[Case]:
    """The incidents whose first ring lies in the period, merged ones with the one that
    carries on."""
    cases = _read(period, Families())
    root_of = {member: root for root, (_case, members) in cases.items() for member in members}
    for ids in batched(root_of):
        _add_jobs(cases, root_of, ids)
        _add_first_call(cases, root_of, ids)
    return [case for case, _members in cases.values()]


def _read(period: Period, families: Families) -> dict[int, tuple[Case, list[int]]]:
    """By the id of the one that carries on: the case, and the ids of all its members."""
    start, end = period.start, period.end
    rows = Incident.objects.annotate(began=Coalesce("received_at", "answered_at", "opened_at"))
    # A family may begin before the period or end after it: all of its members are read.
    carries_on = Incident.objects.filter(merged_into__isnull=False).values("merged_into_id")
    family = Q(merged_into__isnull=False) | Q(pk__in=carries_on)
    wanted = Q(began__gte=start, began__lt=end) | family
    found: dict[int, tuple[Case, list[int]]] = {}
    parts = []
    for pk, state, type_code, group, area, priority, began, ring, answered in rows.filter(
        wanted
    ).values_list(
        "pk",
        "state",
        "type__code",
        "type__group",
        "area__code",
        "priority",
        "began",
        "received_at",
        "answered_at",
    ):
        # Without a ring the first time that is known stands for it.
        parts.append((families.root(pk), pk, Moment(began, derived=ring is None), answered))
        found[pk] = (Case(pk, state, type_code, group, area or "", priority), [])
    for root, pk, began, answered in parts:
        case, ids = found[root]
        ids.append(pk)
        case.merged += root != pk
        case.received = _earlier(case.received, began)
        case.answered = _earlier(case.answered, Moment(answered) if answered else None)
    return {
        root: (case, ids)
        for root, (case, ids) in found.items()
        if ids and case.received and start <= case.received.at < end
    }


def _earlier(known: Moment | None, other: Moment | None) -> Moment | None:
    return min(filter(None, (known, other)), key=lambda moment: moment.at, default=None)


def _add_jobs(
    cases: dict[int, tuple[Case, list[int]]], root_of: dict[int, int], ids: list[int]
) -> None:
    jobs: dict[int, Job] = {}
    rows = Assignment.objects.filter(incident_id__in=ids).order_by("pk")
    for pk, incident, state, agency, kind in rows.values_list(
        "pk", "incident_id", "state", "agency__code", "agency__kind"
    ):
        jobs[pk] = Job(agency, kind, state)
        cases[root_of[incident]][0].jobs.append(jobs[pk])
    times = AssignmentTime.objects.filter(assignment__incident_id__in=ids, state__in=STATES)
    for pk, state, at, source in times.order_by("pk").values_list(
        "assignment_id", "state", "occurred_at", "source"
    ):
        jobs[pk].times[state] = Moment(at, source == "derived")


def _add_first_call(
    cases: dict[int, tuple[Case, list[int]]], root_of: dict[int, int], ids: list[int]
) -> None:
    calls = Call.objects.filter(INCOMING, incident_id__in=ids, answered_at__isnull=False)
    for incident, presented, answered in calls.order_by("pk").values_list(
        "incident_id", "presented_at", "answered_at"
    ):
        if incident is None or answered is None:
            continue
        case = cases[root_of[incident]][0]
        if case.call is None or answered < case.call[1].at:
            case.call = (Moment(presented) if presented else None, Moment(answered))
