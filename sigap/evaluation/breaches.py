"""What took longer than it should, one by one: the evaluation's own clocks against the targets."""

from dataclasses import dataclass
from datetime import datetime

from sigap.calls.models import INCOMING, Call

from .clocks import Moment, Reading, between
from .models import CLOCKS, Target
from .period import Period
from .rows import load_cases, measure

# Where the city has set no target of its own (NFPA 1225).
USUAL = {"answer": 10, "processing": 60}
# Seconds by clock and group.
Limits = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Breach:
    """A call that was answered late, or an incident whose first unit was notified late."""

    clock: str
    id: int  # of the call, or of the incident
    at: datetime
    seconds: int


def limits() -> Limits:
    """The seconds that people watch on each clock, by group; "" is for all that have none of
    their own. The strictest share that is wanted counts, else the mean."""
    found: Limits = {clock: {} for clock in CLOCKS}
    for target in Target.objects.order_by("-statistic", "seconds"):
        found[target.clock].setdefault(target.group, target.seconds)
    for clock, seconds in USUAL.items():
        found[clock].setdefault("", seconds)
    return found


def breaches(period: Period) -> list[Breach]:
    """The late answers and the late first notifications of a period, the newest first. What
    counts in no clock (a time that was worked out, or is wrong) breaks no target either."""
    answers = Call.objects.filter(
        INCOMING,
        presented_at__isnull=False,
        answered_at__gte=period.start,
        answered_at__lt=period.end,
    ).values_list("pk", "presented_at", "answered_at")
    limit = limits()
    readings = [
        ("answer", pk, _interval(rang, answered), limit["answer"][""])
        for pk, rang, answered in answers
    ]
    processing = limit["processing"]
    readings += [
        (
            "processing",
            case.id,
            measure(case).readings["processing"],
            processing.get(case.group, processing[""]),
        )
        for case in load_cases(period)
    ]
    late = [
        Breach(clock, pk, reading.ended, round(reading.seconds or 0))
        for clock, pk, reading, most in readings
        if reading.exceeds(most) and reading.ended
    ]
    return sorted(late, key=lambda breach: breach.at, reverse=True)


def _interval(start: datetime | None, end: datetime | None) -> Reading:
    return between(Moment(start) if start else None, Moment(end) if end else None)
