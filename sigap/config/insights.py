"""The jobs that look for what is unusual and for what comes back. The readers find, and what they
found is handed to `proposals`, which keeps each scan once however many workers there are."""

from datetime import datetime, timedelta

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.insight.warning.returns import find_returns
from sigap.insight.warning.watch import due, watch_days, watch_hours
from sigap.proposals.actions import note_scan
from sigap.proposals.queries import was_run


def seek_trends(actor: Actor) -> int:
    """Once a day: what was unusual in the last two weeks. Returns how many alarms were raised."""
    until = due(clock.now())
    if was_run("days", until):
        return 0
    found = watch_days(until)
    opened = note_scan(
        "days", until, found.findings, calibrated=found.calibrated, why=found.why, actor=actor
    )
    return len(opened)


def seek_bursts(actor: Actor) -> int:
    """At each full hour: many at once in one neighbourhood."""
    until = _full_hour(clock.now())
    if was_run("hours", until):
        return 0
    found = watch_hours(until)
    return len(note_scan("hours", until, found.findings, why=found.why, actor=actor))


def seek_returns(actor: Actor) -> int:
    """Once a day: what comes back."""
    until = due(clock.now())
    if was_run("returns", until):
        return 0
    return len(note_scan("returns", until, find_returns(until), actor=actor))


def _full_hour(now: datetime) -> datetime:
    return now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
