"""How things stand at this moment, by agency, and when the service itself failed. Reads only."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sigap.core import clock
from sigap.core.models import Alarm, JobRun, Journal
from sigap.core.queries import batched
from sigap.fleet.models import Unit
from sigap.fleet.queries import blocked_units
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident

from .period import Period
from .rows import Case

# Alarms that say that something of the service did not work.
SERVICE = ("channel_down", "unkept", "refused", "warnings_silent")


@dataclass(frozen=True)
class Readiness:
    """The vehicles of one agency now: all in use, those that can be sent, those kept back for want
    of equipment."""

    units: int
    ready: int
    blocked: int


def readiness() -> dict[str, Readiness]:
    """The readiness of each agency that has vehicles, by its code."""
    blocked = blocked_units()
    units, ready, held = Counter[str](), Counter[str](), Counter[str]()
    rows = Unit.objects.filter(active=True).values_list(
        "call_sign", "agency__code", "state", "on_duty", "readiness"
    )
    for sign, agency, state, on_duty, told in rows:
        units[agency] += 1
        held[agency] += sign in blocked
        able = state == "available" and on_duty and told == "ready"
        ready[agency] += able and sign not in blocked
    return {code: Readiness(n, ready[code], held[code]) for code, n in units.items()}


def unfinished(cases: list[Case]) -> Counter[str]:
    """How many of these incidents are not closed, by the agencies that were sent; "" is all."""
    found: Counter[str] = Counter()
    for case in cases:
        if case.state in UNFINISHED:
            found.update({"", *(job.agency for job in case.jobs if job.times)})
    return found


@dataclass(frozen=True)
class Outage:
    """What did not work: how often, for how long in all (s), how often it still does not."""

    code: str
    times: int
    seconds: float
    going_on: int


def outages(period: Period) -> list[Outage]:
    """What of the service did not work in the period, as its alarms know."""
    rows = Alarm.objects.filter(
        code__in=SERVICE, raised_at__gte=period.start, raised_at__lt=period.end
    )
    alarms = list(rows.values_list("pk", "code", "state", "raised_at"))
    ended = _ended([pk for pk, *_rest in alarms])
    found = []
    for code in SERVICE:
        mine = [(pk, state, at) for pk, one, state, at in alarms if one == code]
        going_on = [state != "done" for _pk, state, _at in mine]
        lasted = [((ended.get(pk) or clock.now()) - at).total_seconds() for pk, _state, at in mine]
        if mine:
            found.append(Outage(code, len(mine), sum(lasted), sum(going_on)))
    return found


def _ended(ids: list[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in batched(ids):
        subjects = {f"alarm:{pk}": pk for pk in some}
        rows = Journal.objects.filter(subject__in=list(subjects), kind="alarm.finish")
        found |= {subjects[subject]: at for subject, at in rows.values_list("subject", "at")}
    return found


def entered_afterwards(period: Period) -> int:
    """Incidents of the period that were entered long after they happened, as in an outage."""
    return Incident.objects.filter(
        afterwards=True, opened_at__gte=period.start, opened_at__lt=period.end
    ).count()


def failing_jobs() -> list[str]:
    """The jobs of the worker whose last run went wrong."""
    failed = JobRun.objects.exclude(error="").order_by("name")
    return list(failed.values_list("name", flat=True))
