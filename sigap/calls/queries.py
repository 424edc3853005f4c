"""Reads about calls that are used in more than one place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, QuerySet

from sigap.core import clock
from sigap.core.models import Shift
from sigap.core.parameters import value
from sigap.core.queries import fetch

from .machine import LIVE, RINGING, TALKING
from .models import Call


def get(call_id: int) -> Call:
    """The call; Missing when there is none. Its caller, operator and incident are asked for
    where they are needed: most commands need none of them."""
    return fetch(Call, pk=call_id)


def live() -> QuerySet[Call]:
    """Ringing and talking calls, the longest waiting first."""
    return (
        Call.objects.select_related("contact", "operator")
        .filter(state__in=LIVE)
        .order_by("began_at", "id")
    )


@dataclass(frozen=True)
class History:
    """What is known of a caller: calls per class in the last days, and real reports before."""

    classes: dict[str, int]
    total: int
    days: int
    last_at: datetime | None
    incidents: list[int]


def caller_histories(contact_ids: list[int]) -> dict[int, History]:
    """The histories of several callers at once, without the calls that are still open."""
    days = int(value("calls.history_days"))
    since = clock.now() - timedelta(days=days)
    rows = (
        Call.objects.filter(contact_id__in=contact_ids, began_at__gte=since)
        .exclude(call_class="")
        .values("contact_id", "call_class")
        .annotate(n=Count("id"), last=Max("began_at"))
    )
    found: dict[int, History] = {}
    links: dict[int, list[int]] = {}
    for contact_id, incident_id in (
        Call.objects.filter(contact_id__in=contact_ids, incident__isnull=False)
        .order_by("-began_at")
        .values_list("contact_id", "incident_id")[:50]
    ):
        if contact_id is not None and incident_id is not None:
            links.setdefault(contact_id, []).append(incident_id)
    for contact_id in contact_ids:
        mine = [r for r in rows if r["contact_id"] == contact_id]
        found[contact_id] = History(
            classes={r["call_class"]: r["n"] for r in mine},
            total=sum(r["n"] for r in mine),
            days=days,
            last_at=max((r["last"] for r in mine), default=None),
            incidents=list(dict.fromkeys(links.get(contact_id, [])))[:5],
        )
    return found


def abandoned() -> QuerySet[Call]:
    """Abandoned callers who are still to be rung back, the longest waiting first."""
    return (
        Call.objects.select_related("contact")
        .filter(state__in=("callback_due", "no_answer"))
        .order_by("began_at")
    )


def ringing_since(before: datetime) -> QuerySet[Call]:
    """Calls that have rung since before this time."""
    return Call.objects.filter(state__in=RINGING, began_at__lte=before)


def with_silent_console(before: datetime) -> QuerySet[Call]:
    """Open calls whose operator's console has not been heard since before this time."""
    alive = Shift.objects.filter(ended_at=None, heartbeat_at__gt=before).values("user_id")
    return Call.objects.filter(
        state__in=TALKING, operator__isnull=False, claimed_at__lte=before
    ).exclude(operator_id__in=alive)
