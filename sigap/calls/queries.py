"""Reads about calls that are used in more than one place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from sigap.core import clock
from sigap.core.models import JobRun, Shift
from sigap.core.parameters import value
from sigap.core.queries import fetch

from .machine import LIVE, RINGING, TALKING
from .models import Call, HandsetPosition, Surge

# By so much clocks may differ.
TOLERANCE = timedelta(seconds=60)
# What an exchange that listens to our orders is called among the jobs, and for how long after
# its last sign of life we still count on it.
EXCHANGE = "exchange:"
HEARD = timedelta(seconds=30)
# Of a caller's incidents before.
SHOWN_REPORTS = 5


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
    incidents: list[int]  # the latest first


def caller_histories(contact_ids: Collection[int]) -> dict[int, History]:
    """The histories of several callers at once, without the calls that are still open."""
    days = int(value("calls.history_days"))
    calls = Call.objects.filter(contact_id__in=contact_ids)
    lately = calls.filter(began_at__gte=clock.now() - timedelta(days=days)).exclude(call_class="")
    tallies = lately.values_list("contact_id", "call_class").annotate(n=Count("*"))
    classes: dict[int | None, dict[str, int]] = {pk: {} for pk in contact_ids}
    for contact, name, n in tallies:
        classes[contact][name] = n
    reports = calls.filter(incident__isnull=False).values_list("contact_id", "incident_id")
    incidents: dict[int | None, list[int]] = {pk: [] for pk in contact_ids}
    for contact, incident, _last in reports.annotate(last=Max("began_at")).order_by("-last"):
        incidents[contact].append(incident or 0)  # never none: the filter says so
    return {
        pk: History(classes[pk], sum(classes[pk].values()), days, incidents[pk][:SHOWN_REPORTS])
        for pk in contact_ids
    }


def abandoned() -> QuerySet[Call]:
    """Abandoned callers who are still to be rung back, the longest waiting first."""
    return (
        Call.objects.select_related("contact")
        .filter(state__in=("callback_due", "no_answer"))
        .order_by("began_at")
    )


def surge() -> Surge | None:
    """The surge that is declared now."""
    return Surge.objects.filter(ended_at=None).first()


def set_aside_since(before: datetime) -> QuerySet[Call]:
    """Calls that the gate has set aside since before this time."""
    return Call.objects.filter(state="set_aside", set_aside_at__lte=before)


def free_shifts() -> QuerySet[Shift]:
    """The shifts of those who can take a call now: at their desk, and with no call in hand."""
    silent = timedelta(seconds=value("calls.heartbeat_s") * value("calls.missed_heartbeats"))
    busy = Call.objects.filter(state__in=TALKING, operator__isnull=False).values("operator_id")
    there = Shift.objects.filter(ended_at=None, heartbeat_at__gt=clock.now() - silent)
    return there.exclude(user_id__in=busy)


def dial_next(now: datetime, given_up: datetime) -> Call | None:
    """The caller who is to be rung back first, while a line is free: an operator has nothing to
    do, nobody waits, and no other is being rung."""
    lost = Call.objects.filter(state="callback_due", contact__isnull=False)
    if Call.objects.filter(state__in=RINGING).exists() or not free_shifts().filter(role="call_taker").exists():
        return None
    if lost.filter(dialled_at__gt=given_up).exists():
        return None
    due = lost.filter(Q(callback_due_at__lte=now) | Q(callback_due_at=None))
    ours = due.filter(source__in=exchanges_that_dial(now))
    return ours.order_by("began_at", "id").first()


def exchanges_that_dial(now: datetime) -> list[str]:
    """The exchanges that listen to our orders."""
    heard = JobRun.objects.filter(name__startswith=EXCHANGE, ended_at__gt=now - HEARD)
    return [name.removeprefix(EXCHANGE) for name in heard.values_list("name", flat=True)]


def unmatched() -> QuerySet[HandsetPosition]:
    """What phones told that belongs to no call, until it is erased; the newest first."""
    alone = HandsetPosition.objects.filter(call=None, erased_at=None)
    return alone.select_related("area").order_by("-received_at")


def ringing_since(before: datetime) -> QuerySet[Call]:
    """Calls that have rung since before this time."""
    return Call.objects.filter(_is_past("began_at", before), state__in=RINGING)


def with_silent_console(before: datetime) -> QuerySet[Call]:
    """Open calls whose operator's console has not been heard since before this time."""
    alive = Shift.objects.filter(ended_at=None, heartbeat_at__gt=before).values("user_id")
    return (
        Call.objects.filter(state__in=TALKING, operator__isnull=False)
        .filter(_is_past("claimed_at", before) | Q(claimed_at=None))
        .exclude(operator_id__in=alive)
    )


def unattended(before: datetime) -> QuerySet[Call]:
    """Answered calls that nobody has looked after since before this time: callers on hold,
    and calls without an operator."""
    on_hold = Q(_is_past("held_at", before), state="held")
    alone = Q(_is_past("answered_at", before), operator=None)
    return Call.objects.filter(on_hold | alone, state__in=TALKING)


def _is_past(column: str, before: datetime) -> Q:
    """A time before this one; or one in the future, since then the clock was set back and
    nobody knows for how long it has been so."""
    ahead = clock.now() + TOLERANCE
    return Q(**{f"{column}__lte": before}) | Q(**{f"{column}__gt": ahead})
