"""What is made of a journal of a hundred thousand rows: the board as it was, the heads of its
days, the case file of an incident with twenty rows and of one with ten thousand.

`python -m bench.record PASSWORD` fills an empty database and measures in it.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tools.postgres import private_cluster

from .product import Product, product
from .table import Measure

if TYPE_CHECKING:
    from sigap.fleet.models import Unit
    from sigap.incidents.models import Incident, IncidentType

DAYS, A_DAY = 60, 94
LONG = 10_000  # rows of the long incident
TURNS = 15
# What each unit does, after how many seconds, and in which state it is then.
STEPS = (
    ("notify", 1, "notified"),
    ("acknowledge", 30, "acknowledged"),
    ("depart", 90, "en_route"),
    ("arrive", 420, "on_scene"),
    ("complete", 2400, "completed"),
)


def run() -> list[Measure]:
    """Both databases."""
    with product() as served:
        found = _measure(served, "SQLite")
    with private_cluster() as url, product(url) as served:
        return found + _measure(served, "PostgreSQL")


def _measure(served: Product, name: str) -> list[Measure]:
    told = json.loads(served.cost("bench.record", served.password).printed.splitlines()[-1])
    limits = {"board as it was": 500, "case file as PDF": 1000}
    return [
        Measure(f"{name}: {what}", value, unit, at_most=limits.get(what))
        for what, (value, unit) in told.items()
    ]


def main(password: str) -> None:
    """Fill and measure; the last line printed says what was found."""
    from sigap.config.cli import setup, start_django

    start_django()
    from sigap.core import clock

    start = clock.now() - timedelta(days=DAYS + 1)
    assert setup.callback is not None
    with clock.frozen(start):
        setup.callback("kediri", "bench-administrator", "Bench", password)
    print(json.dumps(_found(_fill(start), start)))


def _fill(start: datetime) -> "Incident":
    """Days of incidents, each with two units; returns one that has very many rows."""
    from sigap.core import clock
    from sigap.core.actors import system
    from sigap.core.journal import record
    from sigap.core.kinds import NoteAdded
    from sigap.core.transaction import transaction
    from sigap.fleet.models import Unit
    from sigap.incidents.models import IncidentType

    chance, long = random.Random(112), None
    kinds, units = list(IncidentType.objects.all()), list(Unit.objects.all())
    for day in range(DAYS):
        with transaction():
            for at in sorted(chance.uniform(0, 86_000) for _n in range(A_DAY)):
                began = start + timedelta(days=day, seconds=at)
                incident = _incident(began, chance.choice(kinds), chance.sample(units, 2))
                long = long or incident
        with transaction(), clock.frozen(start + timedelta(days=day, seconds=86_399)):
            for _n in range(LONG // DAYS):
                case = f"incident:{long.pk}" if long else ""
                body = NoteAdded(text_id=1)
                record("incident.note", subject=case, case=case, actor=system("x"), body=body)
    assert long is not None
    return long


def _incident(at: datetime, kind: "IncidentType", units: "list[Unit]") -> "Incident":
    """One incident to its end, as its rows in tables and journal. Its steps overlap with those of
    others in life; here they stand together, which is no easier to follow."""
    from sigap.core import clock
    from sigap.core.actors import system
    from sigap.core.journal import record
    from sigap.core.kinds import AssignmentMade, AssignmentMoved, IncidentOpened, Outcome, Reason
    from sigap.dispatch.models import Assignment
    from sigap.incidents.models import Incident

    by, end = system("bench"), at + timedelta(seconds=2400)
    made = Incident.objects.create(
        type=kind,
        priority=3,
        state="closed",
        opened_at=at,
        resolved_at=end,
        closed_at=end,
        lat=-7.82,
        lng=112.01,
    )
    case = f"incident:{made.pk}"

    def tell(kind: str, subject: str, late_s: float, **more: Any) -> None:
        with clock.frozen(at + timedelta(seconds=late_s)):
            record(kind, subject=subject, case=case, actor=by, **more)

    opened = IncidentOpened(type=kind.code, priority=3)
    tell("incident.opened", case, 0, after="open", body=opened)
    sent = [
        Assignment.objects.create(
            incident=made,
            unit=unit,
            agency_id=unit.agency_id,
            state="completed",
            created_at=at,
            state_at=end,
        )
        for unit in units
    ]
    for job in sent:
        body = AssignmentMade(unit=job.unit.call_sign, incident=made.pk)
        tell("assignment.made", f"assignment:{job.pk}", 0, after="proposed", body=body)
    tell("incident.start", case, 1, before="open", after="in_progress", body=Reason())
    for command, after_s, state in STEPS:
        for job in sent:
            moved = AssignmentMoved(unit=job.unit.call_sign, source="crew")
            subject = f"assignment:{job.pk}"
            tell(f"assignment.{command}", subject, after_s, before="x", after=state, body=moved)
    tell("incident.resolve", case, 2400, before="in_progress", after="resolved", body=Outcome())
    tell("incident.close", case, 2400, before="resolved", after="closed", body=Outcome())
    return made


def _found(long: "Incident", start: datetime) -> dict[str, tuple[float, str]]:
    from sigap.console.papers.incidents import incident_paper
    from sigap.console.papers.pdf import as_json, as_pdf
    from sigap.core import clock
    from sigap.core.actions.days import close_days
    from sigap.core.actors import system
    from sigap.core.check_case import verify_case
    from sigap.core.days import day_heads, verify_days
    from sigap.core.models import Journal
    from sigap.incidents.models import Incident

    by, chance = system("bench"), random.Random(7)
    began = time.perf_counter()
    while close_days(actor=by):
        pass
    closing = (time.perf_counter() - began) / DAYS
    now = clock.now()
    times = [start + timedelta(seconds=chance.uniform(1, DAYS * 86_400)) for _n in range(TURNS)]
    boards = [_took(partial(_board, at, now)) for at in times]
    short = Incident.objects.latest("pk")
    papers = [incident_paper(one, by, "full") for one in (short, long)]
    heads = day_heads()
    assert not any(verify_case(paper, heads) for paper in papers)
    return {
        "journal rows": (Journal.objects.count(), ""),
        "board as it was": (statistics.median(boards), "ms"),
        "board as it was, slowest": (max(boards), "ms"),
        "closing a day": (closing * 1000, "ms"),
        "all days verified": (_took(verify_days), "ms"),
        "case file as PDF": (_took(lambda: as_pdf(incident_paper(short, by, "full"))), "ms"),
        "case file as JSON": (_took(lambda: as_json(incident_paper(short, by, "full"))), "ms"),
        "its size as PDF": (len(as_pdf(papers[0])) / 1024, "KiB"),
        "of 10,000 rows as PDF": (_took(lambda: as_pdf(incident_paper(long, by, "full"))), "ms"),
        "of 10,000 rows as JSON": (_took(lambda: as_json(incident_paper(long, by, "full"))), "ms"),
        "its size as JSON": (len(as_json(papers[1])) / 1024, "KiB"),
        "of 10,000 rows checked": (_took(lambda: verify_case(papers[1], heads)), "ms"),
    }


def _board(at: datetime, now: datetime) -> None:
    from sigap.console.past.board import moment, told

    told(moment(at), now)


def _took(run: Callable[[], object]) -> float:
    """Milliseconds, the better of two."""
    times = []
    for _turn in range(2):
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1000)
    return min(times)


if __name__ == "__main__":
    main(*sys.argv[1:])
