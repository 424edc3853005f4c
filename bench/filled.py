"""Fills an empty database with a city's complaints of a year, in bulk and not by its commands:
`python -m bench.filled PASSWORD COUNT`.

Each has its words and address, every third one a photo, every tenth one goes to two agencies, and
the journal holds the steps of all, in the order of their times. Three in ten are not over, whatever
their age, as in a city that is far behind: that is harder for the lists than one that answers in
time.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sim.reports import Report, reports

if TYPE_CHECKING:
    from sigap.complaints.models import Complaint, Referral
    from sigap.core.models import Contact, Text

AGE, WEEKS = timedelta(days=365), 51
PEOPLE = 20_000
AT_ONCE = 5_000
PINNED, NEAR = 0.7, 0.005  # of the reports; degrees around the middle of a kelurahan
CHANNELS = ("whatsapp", "web", "open311", "call")
SHARES = {"closed": 66, "filed": 6, "disposed": 6, "in_progress": 10, "answered": 4, "done": 5}
SHARES |= {"held": 3}
# The steps, after how many hours, to which state, and when that was.
STEPS = (
    ("dispose", 3, "disposed", "disposed_at"),
    ("start", 30, "in_progress", ""),
    ("answer", 120, "answered", "answered_at"),
    ("approve", 130, "done", "done_at"),
    ("confirm", 160, "closed", "closed_at"),
)
TAKEN = {"filed": 0, "held": 2} | {state: n for n, (_c, _h, state, _at) in enumerate(STEPS, 1)}
JOBS = {"disposed": "sent", "in_progress": "planned", "held": "planned", "answered": "answered"}
Step = tuple[datetime, int, str, str, str]  # when, of which complaint, what, before, after


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
    _record(sorted(_complaints(int(count), start + timedelta(hours=1))))


def _people(password: str) -> str:
    """Who reads the lists: somebody of the desk, and of the agency that has most kinds."""
    from sigap.complaints.models import Category
    from sigap.core.actions.accounts import create_user
    from sigap.core.actors import system

    [(agency, _n)] = Counter(c.agency.code for c in Category.objects.all()).most_common(1)
    for name, role, of in (("desk", "call_taker", ""), ("agency", "agency", agency)):
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


def _complaints(count: int, start: datetime) -> Iterator[Step]:
    """Put the rows into their tables; tells the steps that are to be in the journal."""
    from sigap.complaints.models import Attachment, Category, Complaint, Referral
    from sigap.core.actions.personal import contact_for
    from sigap.core.models import Text
    from sigap.core.transaction import transaction

    # What the pack leaves to the city: most kinds are on the public list.
    Category.objects.exclude(agency__code="dinsos").update(publish="full")
    chance = random.Random(112)
    with transaction():
        people = [contact_for(f"0812{n:08}", at=start) for n in range(PEOPLE)]
    told = list(reports(count, 112, start, weeks=WEEKS))
    for begin in range(0, count, AT_ONCE):
        some = told[begin : begin + AT_ONCE]
        with transaction():
            words = Text.objects.bulk_create(_words(some, begin))
            rows = [
                _complaint(n, one, words[2 * i : 2 * i + 2], people[n % PEOPLE], chance)
                for i, (n, one) in enumerate(enumerate(some, begin))
            ]
            Complaint.objects.bulk_create(rows)
            Referral.objects.bulk_create([job for row in rows for job in _jobs(row, chance)])
            Attachment.objects.bulk_create(
                Attachment(
                    complaint=row,
                    name=row.number,
                    kind="image",
                    mime="image/jpeg",
                    digest="0" * 64,
                    size=1,
                    author="citizen",
                    at=row.filed_at,
                )
                for row in rows[::3]
            )
        for row in rows:
            yield row.filed_at, row.pk, "filed", "", "filed"
            before = "filed"
            for name, hours, after, _at in STEPS[: TAKEN[row.state]]:
                yield row.filed_at + timedelta(hours=hours), row.pk, name, before, after
                before = after


def _words(some: Sequence[Report], begin: int) -> "list[Text]":
    from sigap.core.models import Text

    return [
        Text(subject="complaint:0", field=field, body=body, author="bench", at=one.at)
        for n, one in enumerate(some, begin)
        for field, body in (("body", one.text), ("address", f"Jalan Uji {n}"))
    ]


def _complaint(
    n: int,
    said: Report,
    words: "Sequence[Text]",
    reporter: "Contact | None",
    chance: random.Random,
) -> "Complaint":
    from sigap.complaints.models import Complaint
    from sigap.complaints.queries import categories, forward_due, solve_due
    from sigap.places.queries import city

    kind, area = categories()[said.category], chance.choice(list(city().areas.values()))
    state = chance.choices(list(SHARES), list(SHARES.values()))[0]
    times = {
        name: said.at + timedelta(hours=hours)
        for _command, hours, _state, name in STEPS[: TAKEN[state]]
        if name
    }
    pinned = chance.random() < PINNED
    forward, solve = forward_due(said.at), None
    if sent := times.get("disposed_at"):
        solve = solve_due(kind.complaint_class, sent)
    return Complaint(
        state=state,
        channel=chance.choice(CHANNELS),
        number=f"{n // 10000:04}-{n % 10000:04}",
        token=f"bench{n}",
        category=kind,
        complaint_class=kind.complaint_class,
        sorted_by="model",
        guessed_by="model",
        guesses=[[said.category, 0.9], ["lainnya", 0.1]],
        body=words[0],
        address=words[1],
        released_text=words[0] if n % 4 == 0 else None,
        lat=area.lat + (chance.uniform(-NEAR, NEAR) if pinned else 0),
        lng=area.lng + (chance.uniform(-NEAR, NEAR) if pinned else 0),
        location_source="map" if pinned else "area",
        area=area,
        reporter=reporter,
        filed_at=said.at,
        forward_due_at=forward,
        solve_due_at=solve,
        due_at={"filed": forward, "held": None, "closed": None}.get(state, solve),
        held_at=said.at + timedelta(hours=40) if state == "held" else None,
        score=chance.randint(2, 5) if state == "closed" and n % 3 == 0 else None,
        **times,
    )


def _jobs(row: "Complaint", chance: random.Random) -> "Iterator[Referral]":
    """What the agency of its kind has to do about it, and sometimes another one."""
    from sigap.complaints.models import Referral
    from sigap.complaints.queries import categories, plan_due

    if row.disposed_at is None or row.category is None:
        return
    having = {row.category.agency_id: row.category.agency}
    if chance.random() < 0.1:  # noqa: PLR2004
        other = chance.choice(list(categories().values())).agency
        having[other.pk] = other
    state, plan = JOBS.get(row.state, "finished"), plan_due(row.disposed_at)
    for agency in having.values():
        yield Referral(
            complaint=row,
            agency=agency,
            state=state,
            sent_at=row.disposed_at,
            plan_due_at=plan,
            # As the product keeps it: it stands still while the citizen is asked.
            due_at={"sent": plan, "planned": row.due_at}.get(state),
            answered_at=row.answered_at,
            ended_at=row.done_at,
        )


def _record(steps: Sequence[Step]) -> None:
    """The journal of all that, at the time of each step."""
    from sigap.core import clock
    from sigap.core.actors import system
    from sigap.core.journal import record
    from sigap.core.kinds.complaints import ComplaintFiled
    from sigap.core.transaction import transaction

    by, filed = system("bench"), ComplaintFiled(channel="web", sorted_by="model")
    for begin in range(0, len(steps), AT_ONCE):
        with clock.frozen(steps[begin][0]) as still, transaction():
            for at, pk, name, before, after in steps[begin : begin + AT_ONCE]:
                still.at = at
                record(
                    f"complaint.{name}",
                    subject=f"complaint:{pk}",
                    case=f"complaint:{pk}",
                    actor=by,
                    before=before,
                    after=after,
                    body=filed if name == "filed" else None,
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
