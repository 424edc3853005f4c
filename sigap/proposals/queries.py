"""Reads of proposals that are used twice."""

from datetime import datetime

from django.db.models import QuerySet

from .machine import OPEN
from .models import Advice, Proposal, Scan

GENERAL = "all"


def was_run(kind: str, until: datetime) -> bool:
    """Whether a scan up to this moment was noted."""
    return Scan.objects.filter(kind=kind, until=until).exists()


def of_agency(agency: str) -> QuerySet[Proposal]:
    """What was proposed to an agency."""
    return Proposal.objects.select_related("agency", "note").filter(agency__code=agency)


def waiting_for(agency: str) -> int:
    """How many proposals this agency has not answered."""
    return Proposal.objects.filter(agency__code=agency, state="proposed").count()


def open_first(rows: QuerySet[Proposal], most: int) -> list[Proposal]:
    """What waits for an end, the newest first, then what had one; `most` of each."""
    waiting = rows.filter(state__in=OPEN).order_by("-found_at", "-pk")[:most]
    ended = rows.exclude(state__in=OPEN).order_by("-answered_at", "-pk")[:most]
    return [*waiting, *ended]


def advice() -> dict[str, Advice]:
    """What the city proposes, by kind of case."""
    return {row.stream: row for row in Advice.objects.select_related("agency")}
