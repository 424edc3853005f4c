"""What the parts of a mass event come to together: whoever leads it sees the whole."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sigap.dispatch.field.models import FieldReport
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident, IncidentLink

Row = dict[str, Any]


def wholes_of(ids: Collection[int]) -> set[int]:
    """The incidents that any of these is a part of, however far above."""
    found: set[int] = set()
    frontier = set(ids)
    while frontier:
        links = IncidentLink.objects.filter(kind="parent", incident_id__in=frontier)
        frontier = set(links.values_list("other_id", flat=True)) - found
        found |= frontier
    return found


def sums(ids: Iterable[int]) -> dict[int, Row]:
    """For each of these that has parts, all parts below it, however deep, each once: how many
    there are and how many go on, the units at work, their jobs by state, victims and patients as
    far as somebody said, and the oldest part that nobody has been sent to. What was cancelled
    counts nowhere."""
    below = _below(ids)
    every = {part for parts in below.values() for part in parts}
    if not every:
        return {}
    rows = Incident.objects.filter(pk__in=every).exclude(state__in=("cancelled", "merged"))
    known = {row.pk: row for row in rows.only("state", "victims", "opened_at", "priority")}
    family, _merged, _rings = families(list(known))
    states: dict[int, list[tuple[str, int]]] = defaultdict(list)
    jobs = Assignment.objects.filter(incident_id__in=family, state__in=(*OPEN, "completed"))
    for incident, state, unit in jobs.values_list("incident_id", "state", "unit_id"):
        states[family[incident]].append((state, unit))
    patients = _patients(family)
    return {
        whole: _sum([known[pk] for pk in sorted(parts) if pk in known], states, patients)
        for whole, parts in below.items()
        if parts
    }


def _sum(
    parts: list[Incident],
    states: dict[int, list[tuple[str, int]]],
    patients: dict[int, Counter[str]],
) -> Row:
    jobs = [job for part in parts for job in states[part.pk]]
    said = [part.victims for part in parts if part.victims is not None]
    unserved = [part for part in parts if part.state in ACTIVE and not states[part.pk]]
    oldest = min(unserved, key=lambda part: (part.opened_at, part.pk), default=None)
    return {
        "parts": len(parts),
        "open": sum(part.state in ACTIVE for part in parts),
        "units": len({unit for state, unit in jobs if state in OPEN}),
        "jobs": dict(Counter(state for state, _unit in jobs)),
        # Nobody said: unknown is not zero.
        "victims": sum(said) if said else None,
        "unsaid": len(parts) - len(said),
        "patients": dict(sum((patients[part.pk] for part in parts), Counter())),
        "unserved": len(unserved),
        "oldest": {
            "id": oldest.pk,
            "opened_at": oldest.opened_at,
            "priority": oldest.priority,
        }
        if oldest
        else None,
    }


def _below(ids: Iterable[int]) -> dict[int, set[int]]:
    """All parts of each, without those that only stand above it."""
    children: dict[int, set[int]] = defaultdict(set)
    wanted = list(ids)
    frontier, seen = set(wanted), set(wanted)
    while frontier:
        links = IncidentLink.objects.filter(kind="parent", other_id__in=frontier)
        frontier = set()
        for child, whole in links.values_list("incident_id", "other_id"):
            children[whole].add(child)
            frontier |= {child} - seen
        seen |= frontier
    return {whole: _reach(whole, children) for whole in wanted}


def _reach(whole: int, children: dict[int, set[int]]) -> set[int]:
    found: set[int] = set()
    frontier = {whole}
    while frontier:
        frontier = {c for pk in frontier for c in children.get(pk, ())} - found - {whole}
        found |= frontier
    return found


def _patients(family: dict[int, int]) -> dict[int, Counter[str]]:
    """Of each part the patients by condition: of each unit the last it told, since a later form
    says how it stands then."""
    last: dict[int, tuple[int, dict[str, int]]] = {}
    reports = FieldReport.objects.filter(form="patients", assignment__incident_id__in=family)
    told = reports.order_by("occurred_at", "id")
    for job, incident, counts in told.values_list(
        "assignment_id", "assignment__incident_id", "counts"
    ):
        last[job] = (family[incident], counts)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for part, counts in last.values():
        found[part].update(counts)
    return found


def families(
    ids: list[int],
) -> tuple[dict[int, int], dict[int, list[int]], dict[int, list[datetime | None]]]:
    """For each incident and each one merged into it (however deep), the one that carries on;
    and of that one, what was merged into it and when these rang."""
    family = {pk: pk for pk in ids}
    merged: dict[int, list[int]] = defaultdict(list)
    rings: dict[int, list[datetime | None]] = defaultdict(list)
    frontier = ids
    # One of `ids` may have been merged into another: its calls and units are that one's now.
    while frontier:
        children = Incident.objects.filter(merged_into_id__in=frontier).values_list(
            "pk", "merged_into_id", "received_at"
        )
        frontier = []
        for child, parent, ring in children:
            if parent is not None and family.get(child) != family[parent]:
                family[child] = family[parent]
                merged[family[parent]].append(child)
                rings[family[parent]].append(ring)
                frontier.append(child)
    return family, merged, rings
