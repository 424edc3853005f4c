"""Fills an empty database with a city's complaints of a year, at once and not by its commands:
`python -m bench.filled PASSWORD COUNT`.

Each has its words and address, every third one a photo, every tenth one goes to two agencies, and
the journal holds the steps of all, in the order of their times. One in five is with an agency or
waits for one, whatever its age, as in a city that is far behind: that is harder for the lists than
a city that answers in time.
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sim.reports import reports

AGE, WEEKS = timedelta(days=365), 51
PEOPLE = 20_000
AT_ONCE = 5_000
STATES = {"closed": 65, "filed": 6, "disposed": 6, "in_progress": 10, "answered": 4, "done": 5}
STATES |= {"held": 3, "contested": 1}
# What each state has behind it: the step's name, and how many hours after the report.
STEPS = {"dispose": 3, "start": 30, "answer": 120, "approve": 130, "confirm": 160}
DONE = {
    "filed": 0,
    "disposed": 1,
    "in_progress": 2,
    "held": 2,
    "answered": 3,
    "done": 4,
    "contested": 4,
    "closed": 5,
}
REFERRALS = {"disposed": "sent", "in_progress": "planned", "held": "planned"}
REFERRALS |= {"answered": "answered", "contested": "planned"}
TIMES = ("disposed_at", "", "answered_at", "done_at", "closed_at")


def main(password: str, count: str) -> None:
    """Set the city up as it was a year ago, and let its complaints come."""
    from sigap.config.cli import setup, start_django

    start_django()
    from sigap.core import clock

    start = clock.now() - AGE
    assert setup.callback is not None
    with clock.frozen(start):
        setup.callback("kediri", "bench-administrator", "Bench", password)
        print(_people(password))
    steps = sorted(_complaints(int(count), start + timedelta(hours=1)))
    _record(steps)


def _people(password: str) -> str:
    """Who reads the lists: somebody of the desk, and of the agency with the most to do."""
    from collections import Counter

    from sigap.complaints.models import Category
    from sigap.core.actions.accounts import create_user
    from sigap.core.actors import system

    [(agency, _n)] = Counter(c.agency.code for c in Category.objects.all()).most_common(1)
    for name, role, of in (("desk", "supervisor", ""), ("agency", "agency_head", agency)):
        create_user(
            f"bench-{name}",
            name=name,
            password=password,
            roles=[role],
            agency=of,
            actor=system("bench"),
            must_change_password=False,
        )
    return agency


def _complaints(count: int, start: datetime) -> Iterator[tuple[datetime, int, str, dict[str, Any]]]:
    """Put the rows into their tables; the steps that are to be in the journal."""
    from sigap.complaints.models import Attachment, Category, Complaint, Referral
    from sigap.complaints.queries import categories, forward_due, plan_due, solve_due
    from sigap.core.actions.personal import contact_for
    from sigap.core.models import Text
    from sigap.core.transaction import transaction
    from sigap.fleet.models import Agency
    from sigap.places.models import Area

    chance = random.Random(112)
    # What the pack leaves to the city: most kinds are on the public list, with released words.
    Category.objects.exclude(agency__code="dinsos").update(publish="full")
    kinds, areas = categories(), list(Area.objects.order_by("code"))
    agencies = list(Agency.objects.order_by("code"))
    with transaction():
        people = [contact_for(f"0812{n:08}", at=start) for n in range(PEOPLE)]
    told = list(reports(count, 112, start, weeks=WEEKS))
    for begin in range(0, count, AT_ONCE):
        some = told[begin : begin + AT_ONCE]
        words = [
            Text(subject="complaint:0", field=field, body=body, author="bench", at=one.at)
            for n, one in enumerate(some, begin)
            for field, body in (("body", one.text), ("address", f"Jalan Uji {n}"))
        ]
        with transaction():
            words = Text.objects.bulk_create(words)
        rows, jobs, photos = [], [], []
        for n, one in enumerate(some, begin):
            state = chance.choices(list(STATES), list(STATES.values()))[0]
            kind: Category = kinds[one.category]
            area = chance.choice(areas)
            hours = list(STEPS.values())[: DONE[state]]
            fields = {
                name: one.at + timedelta(hours=after)
                for name, after in zip(TIMES, hours, strict=False)
                if name
            }
            forward = forward_due(one.at)
            solve = solve_due(kind.complaint_class, fields["disposed_at"]) if hours else None
            due = {"filed": forward, "held": None, "closed": None}.get(state, solve)
            rows.append(
                Complaint(
                    state=state,
                    channel=chance.choice(("whatsapp", "web", "open311", "call")),
                    number=f"{n // 10000:04}-{n % 10000:04}",
                    token=f"bench{n}",
                    category=kind,
                    complaint_class=kind.complaint_class,
                    sorted_by="model",
                    guessed_by="model",
                    guesses=[[one.category, 0.9], ["lainnya", 0.1]],
                    body=words[2 * (n - begin)],
                    address=words[2 * (n - begin) + 1],
                    released_text=words[2 * (n - begin)] if n % 4 == 0 else None,
                    lat=area.lat,
                    lng=area.lng,
                    area=area,
                    reporter=people[n % PEOPLE],
                    filed_at=one.at,
                    forward_due_at=forward,
                    solve_due_at=solve,
                    due_at=due,
                    held_at=one.at + timedelta(hours=40) if state == "held" else None,
                    contests=1 if state == "contested" else 0,
                    score=chance.randint(2, 5) if state == "closed" and n % 3 == 0 else None,
                    **fields,
                )
            )
        with transaction():
            rows = Complaint.objects.bulk_create(rows)
            for n, row in enumerate(rows, begin):
                if row.disposed_at:
                    having = [kinds[some[n - begin].category].agency]
                    if n % 10 == 0:
                        having += [a for a in chance.sample(agencies, 2) if a != having[0]][:1]
                    for agency in having:
                        jobs.append(
                            Referral(
                                complaint=row,
                                agency=agency,
                                state=REFERRALS.get(row.state, "finished"),
                                sent_at=row.disposed_at,
                                plan_due_at=plan_due(row.disposed_at),
                                due_at=_job_due(row, plan_due(row.disposed_at)),
                                answered_at=row.answered_at,
                                ended_at=row.done_at,
                            )
                        )
                if n % 3 == 0:
                    photos.append(
                        Attachment(
                            complaint=row,
                            name=f"bench{n}",
                            kind="image",
                            mime="image/jpeg",
                            digest="0" * 64,
                            size=1,
                            author="citizen",
                            at=row.filed_at,
                        )
                    )
            Referral.objects.bulk_create(jobs)
            Attachment.objects.bulk_create(photos)
        for row, one in zip(rows, some, strict=True):
            filed = {"channel": row.channel, "category": one.category, "sorted_by": "model"}
            yield one.at, row.pk, "complaint.filed", filed
            for name, hours_after in list(STEPS.items())[: DONE[row.state]]:
                at = one.at + timedelta(hours=hours_after)
                yield at, row.pk, f"complaint.{name}", {}


def _job_due(complaint: Any, plan: datetime) -> datetime | None:
    return {
        "sent": plan,
        "planned": complaint.solve_due_at if complaint.state != "held" else None,
    }.get(REFERRALS.get(complaint.state, ""))


def _record(steps: list[tuple[datetime, int, str, dict[str, Any]]]) -> None:
    """The journal of all that, at the time of each step."""
    from sigap.core import clock
    from sigap.core.actors import system
    from sigap.core.journal import record
    from sigap.core.kinds import KINDS
    from sigap.core.transaction import transaction

    by = system("bench")
    after = {"filed": "filed", "dispose": "disposed", "start": "in_progress"}
    after |= {"answer": "answered", "approve": "done", "confirm": "closed"}
    left = dict(zip(list(after)[1:], list(after.values()), strict=False))
    for begin in range(0, len(steps), AT_ONCE):
        with clock.frozen(steps[begin][0]) as still, transaction():
            for at, pk, kind, body in steps[begin : begin + AT_ONCE]:
                still.at = at
                name = kind.partition(".")[2]
                record(
                    kind,
                    subject=f"complaint:{pk}",
                    case=f"complaint:{pk}",
                    actor=by,
                    before=left.get(name, ""),
                    after=after[name],
                    body=KINDS[kind](**body),
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
