"""Reads about incidents that are used in more than one place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from sigap.core import clock
from sigap.core.journal import subject_of
from sigap.core.models import Journal
from sigap.core.names import named
from sigap.core.queries import fetch
from sigap.places.geo import distance_m

from .machine import UNFINISHED
from .models import Incident, IncidentType, Need

WITH_FACTS = ("type", "area", "address", "chronology", "reporter", "landmark", "disposition")


def get(incident_id: int) -> Incident:
    """The incident with its facts; Missing when there is none."""
    return fetch(Incident.objects.select_related(*WITH_FACTS), pk=incident_id)


def family_ids(incident: Incident) -> list[int]:
    """The incident and all that were merged into it, however deep."""
    found, frontier = [incident.pk], [incident.pk]
    while frontier:
        frontier = list(
            Incident.objects.filter(merged_into_id__in=frontier).values_list("pk", flat=True)
        )
        found += frontier
    return found


def carrier(incident: Incident) -> Incident:
    """The incident that carries on for this one: itself, unless it was merged."""
    while incident.merged_into_id is not None:
        incident = get(incident.merged_into_id)
    return incident


def held_ids() -> set[int]:
    """Incidents of which nothing may be erased: those tied to a legal case, with all that
    they were merged into or that was merged into them."""
    tied = Incident.objects.exclude(legal_hold="")
    return {pk for incident in tied for pk in family_ids(carrier(incident))}


def reopened_at(incident: Incident) -> datetime | None:
    """When it was last taken up again; None when it never ended."""
    rows = Journal.objects.filter(subject=subject_of(incident), kind="incident.reopen")
    return rows.order_by("-seq").values_list("at", flat=True).first()


@dataclass(frozen=True)
class Candidate:
    """An open incident that may be the same one, with the reasons."""

    incident: Incident
    metres: int | None
    minutes: int
    same_type: bool
    same_area: bool


def duplicate_candidates(
    *,
    type_id: int | None,
    point: tuple[float, float] | None,
    area_id: int | None,
    exclude_id: int | None = None,
    at: datetime | None = None,
) -> list[Candidate]:
    """Unfinished incidents near in time (to `at`, else to now), place and type; nearest first.
    With neither a point nor an area nothing can be said, and nothing is."""
    kind = IncidentType.objects.filter(pk=type_id).first() if type_id else None
    minutes = kind.duplicate_minutes if kind else 60
    metres = kind.duplicate_metres if kind else 500
    now, window = clock.now(), timedelta(minutes=minutes)
    at = at or now
    rows = (
        Incident.objects.select_related(*WITH_FACTS)
        .filter(state__in=UNFINISHED, opened_at__gte=at - window, opened_at__lte=at + window)
        .exclude(pk=exclude_id or 0)
    )
    found = []
    for row in rows:
        away = round(distance_m(*point, *row.point)) if point and row.point else None
        same_area = area_id is not None and row.area_id == area_id
        near = away <= metres if away is not None else same_area
        same_group = kind is None or row.type.group == kind.group
        if near and same_group:
            age = round((now - row.opened_at).total_seconds() / 60)
            found.append(Candidate(row, away, age, row.type_id == type_id, same_area))
    return sorted(found, key=lambda c: (not c.same_type, c.metres if c.metres is not None else 1e9))


def timeline(incident: Incident) -> list[Journal]:
    """All journal rows of the incident, of what was merged into it, and of its calls."""
    family = [f"incident:{pk}" for pk in family_ids(incident)]
    calls = Journal.objects.filter(case__in=family, subject__startswith="call:").values("subject")
    return list(
        Journal.objects.filter(
            Q(case__in=family) | Q(subject__in=family) | Q(subject__in=calls)
        ).order_by("seq")
    )


def answered(incident: Incident) -> list[tuple[str, str]]:
    """The questions that were answered, with their answers, in words."""
    return [
        (named(question), question.answer_names().get(code, code))
        for question in incident.type.questions.all()
        if (code := incident.answers.get(question.code))
    ]


def open_needs(incident_ids: Iterable[int]) -> dict[int, list[Need]]:
    """What each of them lacks, as far as it is still needed."""
    found: dict[int, list[Need]] = defaultdict(list)
    for need in Need.objects.filter(incident_id__in=list(incident_ids), ended_at=None):
        found[need.incident_id].append(need)
    return found
