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
from django.utils.translation import gettext as _

from sigap.calls.desks import Doing, doings, exchanges
from sigap.calls.machine import RINGING, TALKING
from sigap.calls.models import INCOMING, UNANSWERED, UNHEARD, Call, CallParty, Recording
from sigap.calls.order import in_order
from sigap.calls.queries import (
    EXCHANGE,
    abandoned,
    at_gate,
    exchanges_that_dial,
    live,
    parties,
    silent_before,
    to_look_after,
    unmatched,
    with_silent_console,
)
from sigap.core import clock
from sigap.core.actors import Role
from sigap.core.inbox import refused
from sigap.core.models import Alarm, JobRun, Journal, Shift, User
from sigap.core.names import reasons, role_names
from sigap.evaluation import period
from sigap.evaluation.breaches import breaches, limits
from sigap.evaluation.gate import gate_figures
from sigap.incidents.models import Incident
from sigap.notify.queries import channel_health

from .words.alerts import channel_names, why
from .words.names import cause_names, gate_names, job_names, operator_states

ALARM_MINUTES = 10
# A job may be late by this many turns before it is called overdue, and by a minute at least.
MISSED_TURNS = 3
SHOWN = 30
GATE_DAYS = 30


@dataclass(frozen=True)
class Desk:
    """A person on shift (or who took calls today) and what they did."""

    user: User
    shift: Shift | None
    role: str
    taken: int
    closed: int
    talking: list["Talk"]
    doing: Doing | None
    does: str
    pause: str


@dataclass(frozen=True)
class Talk:
    """A call in hand, whether it can be listened to, and the supervisor who does."""

    call: Call
    audible: bool
    listener: CallParty | None


@dataclass(frozen=True)
class Waiting:
    """A call that rings, and why the gate let it through."""

    call: Call
    gate: str


@dataclass(frozen=True)
class Missed:
    """A caller to be rung back, and how far that is."""

    call: Call
    progress: str


@dataclass(frozen=True)
class JobState:
    """A job of the worker and whether it is late."""

    row: JobRun
    name: str
    overdue: bool


def rows() -> dict[str, Any]:
    """The live part: desks, queue, call-backs, stale claims; with a mark of its state."""
    calls = list(live())
    now = clock.now()
    asked = set(Call.objects.filter(at_gate(now)).values_list("pk", flat=True))
    ringing = [c for c in calls if c.state in RINGING and c.pk not in asked]
    silent = silent_before(now)
    stale = list(with_silent_console(silent).select_related("operator"))
    missed = list(abandoned()[:SHOWN])
    found = {
        "left": [p for p in parties().select_related("call") if p.call.left_at],
        "desks": desks([c for c in calls if c.state in TALKING]),
        "queue": [Waiting(call, _through(call)) for call in in_order(ringing)],
        "asked": len(asked),
        "callbacks": [Missed(call, _progress(call, calls)) for call in missed],
        "callback_count": abandoned().count(),
        "stale": stale,
        "silent_before": silent,
        "answer_target": limits()["answer"][""],
    }
    return found | {"revision": _mark(found)}


def desks(talking: Sequence[Call]) -> list[Desk]:
    """Everybody on shift, and whoever took calls today without one."""
    since = period.today().start
    connected = exchanges_that_dial(clock.now())
    ears = {p.call_id: p for p in parties().filter(how__in=UNHEARD)}
    shifts = {s.user_id: s for s in Shift.objects.filter(ended_at=None)}
    taken = _per_operator(Q(answered_at__gte=since))
    closed = _per_operator(Q(closed_at__gte=since))
    people = User.objects.filter(pk__in={*shifts, *taken, *closed}).order_by("name", "pk")
    names: dict[str, str] = {role.value: name for role, name in role_names().items()}
    doing, states, pauses = doings(shifts.values()), operator_states(), dict(reasons("pause"))
    return [
        Desk(
            user=user,
            shift=shifts.get(user.pk),
            role=names.get(shifts[user.pk].role, "") if user.pk in shifts else "",
            taken=taken[user.pk],
            closed=closed[user.pk],
            talking=[
                Talk(c, c.source in connected and c.state in ("answered", "held"), ears.get(c.pk))
                for c in talking
                if c.operator_id == user.pk
            ],
            doing=doing.get(user.pk),
            does=states[doing[user.pk].state] if user.pk in doing else "",
            pause=_pause(shifts[user.pk], pauses) if user.pk in shifts else "",
        )
        for user in people
    ]


def _pause(shift: Shift, names: dict[str, str]) -> str:
    return names.get(shift.pause_reason, shift.pause_reason)


def _through(call: Call) -> str:
    """Why the gate let the call through, in words."""
    if call.returns_id:
        return _("call-back for call %(id)s") % {"id": call.returns_id}
    why = cause_names().get(call.gate_reason, "")
    passed = "" if call.gate == "skipped" and why else gate_names().get(call.gate, "")
    return ": ".join(filter(None, (passed, why)))


def _progress(missed: Call, calls: Sequence[Call]) -> str:
    """How far ringing back is, in words: what happens now, else how the last attempt ended."""
    returning = next((call for call in calls if call.returns_id == missed.pk), None)
    if returning:
        return _("picked up: call %(id)s") % {"id": returning.pk}
    if missed.dialled_at:
        return _("is being rung")
    return cause_names().get(missed.callback_result, "")


def gate() -> dict[str, Any]:
    """What the gate did today and in the last 30 days. How long a ghost call takes is known
    from the longer time."""
    month = gate_figures(period.last_days(GATE_DAYS))
    today = gate_figures(period.today(), month.ghosts)
    return {
        "gate_days": GATE_DAYS,
        "gates": (today, month),
        "gate_today": today,
        "gate_month": month,
        "gate_through": [
            (gate_names().get(passed, passed), cause_names().get(why, why), n)
            for passed, why, n in month.through
        ],
    }


def figures() -> dict[str, Any]:
    """The part that changes slowly: breaches, alarm rate, jobs, disk, journal."""
    return {
        "late": late(),
        "today": _today_counts(),
        "exchanges": exchanges(),
        "channels": channels(),
        "alarm_rates": alarm_rates(),
        "jobs": jobs(),
        "disk": disk(),
        "unmatched": unmatched()[:SHOWN],
        "refused": {"count": refused().count(), "newest": refused()[:SHOWN]},
        "recordings": Recording.objects.filter(to_look_after()).count(),
        "journal": Journal.objects.order_by("-seq").only("seq", "at", "hash").first(),
        "alarm_minutes": ALARM_MINUTES,
        "now": clock.now(),
    }


def channels() -> list[dict[str, Any]]:
    """How each way of alerting crews does that is set up or was used."""
    names = channel_names()
    return [
        {"health": health, "name": names[health.name], "why": why(health.error)}
        for health in channel_health()
        if health.is_set_up or health.success_at or health.failed or health.waiting
    ]


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
        states.append(JobState(row, _job_name(row.name, names), overdue))
    return sorted(states, key=lambda s: (not s.overdue, not s.row.error, s.row.name))


def _job_name(code: str, names: dict[str, str]) -> str:
    if code.startswith(EXCHANGE):
        return _("Telephone exchange %(name)s") % {"name": code.removeprefix(EXCHANGE)}
    return names.get(code, code)


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
    calls = Call.objects.filter(INCOMING, began_at__gte=since)
    return {
        "presented": calls.count(),
        "answered": calls.filter(answered_at__isnull=False).count(),
        "abandoned": calls.filter(UNANSWERED).count(),
        "incidents": Incident.objects.filter(opened_at__gte=since).count(),
    }


def _per_operator(which: Q) -> Counter[int]:
    rows = Call.objects.filter(which, operator__isnull=False).values_list("operator", flat=True)
    return Counter(pk for pk in rows if pk is not None)


def _seen(talk: Talk) -> list[Any]:
    ear = talk.listener
    return [talk.call.pk, talk.audible, ear and (ear.pk, ear.version)]


def _mark(found: dict[str, Any]) -> str:
    seen = [
        [[w.call.pk, w.call.version, w.gate] for w in found["queue"]],
        [[m.call.pk, m.call.version, m.progress] for m in found["callbacks"]],
        [[c.pk, c.version] for c in found["stale"]],
        [found["asked"], found["callback_count"]],
        [[p.pk, p.version] for p in found["left"]],
        [
            [
                *(d.user.pk, d.shift and d.shift.pk, d.taken, d.closed, d.does, d.pause),
                [_seen(t) for t in d.talking],
            ]
            for d in found["desks"]
        ],
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]
