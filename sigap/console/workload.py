"""What a supervisor watches: how much each desk does, what was missed, what is late."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from sigap.calls.machine import RINGING, TALKING
from sigap.calls.models import UNANSWERED, Call
from sigap.calls.queries import abandoned, live, unmatched, with_silent_console
from sigap.core import clock
from sigap.core.actors import Role
from sigap.core.inbox import refused
from sigap.core.models import Alarm, JobRun, Journal, Shift, User
from sigap.core.names import role_names
from sigap.core.parameters import value
from sigap.evaluation import period
from sigap.evaluation.breaches import breaches, limits
from sigap.incidents.models import Incident

from .words import job_names

ALARM_MINUTES = 10
# A job may be late by this many turns before it is called overdue, and by a minute at least.
MISSED_TURNS = 3
SHOWN = 30


@dataclass(frozen=True)
class Desk:
    """A person on shift (or who took calls today) and what they did."""

    user: User
    shift: Shift | None
    role: str
    taken: int
    closed: int
    talking: list[Call]


@dataclass(frozen=True)
class JobState:
    """A job of the worker and whether it is late."""

    row: JobRun
    name: str
    overdue: bool


def rows() -> dict[str, Any]:
    """The live part: desks, queue, call-backs, stale claims; with a mark of its state."""
    calls = list(live())
    queue = [c for c in calls if c.state in RINGING]
    silent = clock.now() - timedelta(
        seconds=value("calls.heartbeat_s") * value("calls.missed_heartbeats")
    )
    stale = list(with_silent_console(silent).select_related("operator"))
    missed = list(abandoned()[:SHOWN])
    found = {
        "desks": desks([c for c in calls if c.state in TALKING]),
        "queue": queue,
        "callbacks": missed,
        "callback_count": abandoned().count(),
        "stale": stale,
        "silent_before": silent,
        "answer_target": limits()["answer"][""],
    }
    return found | {"revision": _mark(found)}


def desks(talking: Sequence[Call]) -> list[Desk]:
    """Everybody on shift, and whoever took calls today without one."""
    since = period.today().start
    shifts = {s.user_id: s for s in Shift.objects.filter(ended_at=None)}
    taken = _per_operator(Q(answered_at__gte=since))
    closed = _per_operator(Q(closed_at__gte=since))
    people = User.objects.filter(pk__in={*shifts, *taken, *closed}).order_by("name", "pk")
    names: dict[str, str] = {role.value: name for role, name in role_names().items()}
    return [
        Desk(
            user=user,
            shift=shifts.get(user.pk),
            role=names.get(shifts[user.pk].role, "") if user.pk in shifts else "",
            taken=taken[user.pk],
            closed=closed[user.pk],
            talking=[c for c in talking if c.operator_id == user.pk],
        )
        for user in people
    ]


def figures() -> dict[str, Any]:
    """The part that changes slowly: breaches, alarm rate, jobs, disk, journal."""
    return {
        "late": late(),
        "today": _today_counts(),
        "alarm_rates": alarm_rates(),
        "jobs": jobs(),
        "disk": disk(),
        "unmatched": unmatched()[:SHOWN],
        "refused": {"count": refused().count(), "newest": refused()[:SHOWN]},
        "journal": Journal.objects.order_by("-seq").only("seq", "at", "hash").first(),
        "alarm_minutes": ALARM_MINUTES,
        "now": clock.now(),
    }


def late() -> dict[str, Any]:
    """What broke its target today: how often on each clock, and the newest."""
    found = breaches(period.today())
    return {
        "total": len(found),
        "counts": Counter(breach.clock for breach in found),
        "limits": {clock: by_group.get("") for clock, by_group in limits().items()},
        "newest": found[:SHOWN],
    }


def alarm_rates() -> list[dict[str, Any]]:
    """Alarms of the last ten minutes per operator of the role that owns them; 1 is the most
    that people can take in."""
    since = clock.now() - timedelta(minutes=ALARM_MINUTES)
    raised = Counter(Alarm.objects.filter(raised_at__gte=since).values_list("owner", flat=True))
    there = Counter(Shift.objects.filter(ended_at=None).values_list("role", flat=True))
    names = role_names()
    owners = sorted({*raised, Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR})
    return [
        {
            "role": names.get(Role(owner), owner) if owner in set(Role) else owner,
            "alarms": raised[owner],
            "operators": there[owner],
            "rate": raised[owner] / max(1, there[owner]),
        }
        for owner in owners
    ]


def jobs() -> list[JobState]:
    """The worker's jobs, the overdue ones first."""
    now, names = clock.now(), job_names()
    states = []
    for row in JobRun.objects.order_by("name"):
        last = row.ended_at
        allowed = timedelta(seconds=max(60, MISSED_TURNS * row.every_s))
        overdue = last is None or now - last > allowed
        states.append(JobState(row, names.get(row.name, row.name), overdue))
    return sorted(states, key=lambda s: (not s.overdue, not s.row.error, s.row.name))


def disk() -> dict[str, Any]:
    """Free space where the data lies; under a tenth or 1 GB it is a warning."""
    usage = shutil.disk_usage(settings.ENV.data_dir)
    share = usage.free / usage.total if usage.total else 0
    return {
        "free_gb": usage.free / 1e9,
        "share": share * 100,
        "low": share < 0.1 or usage.free < 1e9,  # noqa: PLR2004
    }


def _today_counts() -> dict[str, int]:
    since = period.today().start
    calls = Call.objects.filter(began_at__gte=since)
    return {
        "presented": calls.count(),
        "answered": calls.filter(answered_at__isnull=False).count(),
        "abandoned": calls.filter(UNANSWERED).count(),
        "incidents": Incident.objects.filter(opened_at__gte=since).count(),
    }


def _per_operator(which: Q) -> Counter[int]:
    rows = Call.objects.filter(which, operator__isnull=False).values_list("operator", flat=True)
    return Counter(pk for pk in rows if pk is not None)


def _mark(found: dict[str, Any]) -> str:
    seen = [
        [[c.pk, c.version] for c in (*found["queue"], *found["callbacks"], *found["stale"])],
        [
            [d.user.pk, d.shift and d.shift.pk, d.taken, d.closed, [c.pk for c in d.talking]]
            for d in found["desks"]
        ],
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]
