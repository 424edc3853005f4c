"""The past board as the screens want it: the rows of the live board, and what follows them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Max, Min, OuterRef, Q, QuerySet, Subquery

from sigap.core.models import Journal
from sigap.core.parameters import value
from sigap.core.queries import batched
from sigap.dispatch.machine import OPEN
from sigap.evaluation.breaches import limits
from sigap.fleet.models import Unit
from sigap.fleet.positions.models import TrackPoint
from sigap.incidents.models import Incident, IncidentType
from sigap.reviews.notes.queries import notes_between

from ..casefile import LOOKS
from ..rows import Row, incident_rows, iso, unit_rows
from ..words import Words
from .fold import Past, PastIncident, PastJob, PastUnit, Touched

CHUNK, TICK = timedelta(minutes=10), timedelta(milliseconds=1)
MOST_ROWS = 1500  # of one chunk; after a flood the next one begins earlier
BEFORE = 12  # rows that are told of what was just before
UNIT_KINDS = ("unit.changed", "unit.blocked", "unit.unblocked")
UNIT_MOVES = ("unit.reserve", "unit.release", "unit.withdraw", "unit.return")


@dataclass(frozen=True)
class Moment:
    """A time, and the last row of the journal until then."""

    at: datetime
    seq: int


def moment(at: datetime) -> Moment:
    """What the board knew at a time: what was recorded until then, not what was known later."""
    seqs = Journal.objects.filter(at__lte=at).order_by("-at", "-seq").values_list("seq", flat=True)
    return Moment(at, seqs.first() or 0)


def past_at(then: Moment) -> Past:
    """The board of that moment, by the rows of what was open, or may have been."""
    past = Past()
    candidates = Incident.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=then.at), opened_at__lte=then.at
    )
    _follow(past, candidates.values_list("pk", flat=True), then.seq)
    _follow_units(past, then.seq)
    return past


def _follow(past: Past, incidents: Iterable[int], until: int) -> None:
    for some in batched([f"incident:{pk}" for pk in incidents]):
        rows = Journal.objects.filter(case__in=some, seq__lte=until).exclude(kind__in=LOOKS)
        for row in rows.order_by("seq"):
            past.apply(row)


def _follow_units(past: Past, until: int) -> None:
    """The last word of each sort about each unit: there are very many before it."""
    rows = Journal.objects.filter(seq__lte=until, subject__startswith="unit:")
    last = [
        rows.filter(kind__in=UNIT_MOVES),
        rows.filter(kind="unit.changed", body__has_key="on_duty"),
        rows.filter(kind="unit.changed", body__has_key="readiness"),
        rows.filter(kind__in=UNIT_KINDS[1:]),
    ]
    seqs = {
        seq
        for sort in last
        for seq in sort.values("subject").annotate(last=Max("seq")).values_list("last", flat=True)
    }
    for some in batched(sorted(seqs)):
        for row in Journal.objects.filter(seq__in=some).order_by("seq"):
            past.apply(row)


class Board:
    """Makes rows of a past board; the facts that the journal does not hold are read once."""

    def __init__(self, past: Past, then: Moment) -> None:
        self.past = past
        self.groups = dict(IncidentType.objects.values_list("code", "group"))
        self.facts: dict[int, Row] = {}
        self.received: dict[int, datetime | None] = {}
        self.learn(past.incidents)
        units = Unit.objects.filter(active=True)
        self.units = {row["id"]: row for row in unit_rows(units)}
        self.unsaid = _unsaid(then.seq)
        self.places = _places(then.at)

    def learn(self, incidents: Iterable[int]) -> None:
        """Read what is known of these incidents now."""
        fresh = [pk for pk in incidents if pk not in self.facts]
        if not fresh:
            return
        found = Incident.objects.filter(pk__in=fresh)
        self.facts |= {row["id"]: row for row in incident_rows(found)}
        self.received |= dict(found.values_list("pk", "received_at"))

    def whole(self) -> dict[str, list[Row]]:
        """Everything that the board showed."""
        return {
            "incidents": self.incident_rows(self.past.open_incidents()),
            "units": self.unit_rows(self.units),
        }

    def incident_rows(self, ids: Iterable[int]) -> list[Row]:
        """Incidents as the board showed them, with what had been merged into them."""
        families = self.past.families()
        return [
            self._incident(self.past.incidents[pk], families.get(pk, []))
            for pk in ids
            if pk in self.facts and self.past.incidents[pk].state
        ]

    def _incident(self, one: PastIncident, family: list[PastIncident]) -> Row:
        known = self.facts[one.id]
        rings = [ring for i in family if (ring := self.received.get(i.id))]
        jobs = sorted((job for i in family for job in i.jobs.values()), key=lambda job: job.id)
        return known | {
            "v": 0,
            "state": one.state,
            "type": one.type or known["type"],
            "group": self.groups.get(one.type, known["group"]),
            "priority": one.priority or known["priority"],
            "level": one.level,
            "siren": one.siren,
            "area": one.area if one.type else known["area"],
            "located": None,
            "received_at": iso(min(rings, default=None)),
            "resolved_at": iso(one.resolved_at),
            "disposition": one.disposition,
            "parked": iso(one.parked_at),
            "merged": sorted(i.id for i in family if i.id != one.id),
            "calls": len({call for i in family for call in i.calls}),
            "needs": [],
            "links": [],
            "jobs": [self._job(job) for job in jobs],
        }

    def _job(self, job: PastJob) -> Row:
        return {
            "id": job.id,
            "v": 0,
            "unit": job.unit,
            "agency": next(
                (u["agency"] for u in self.units.values() if u["call_sign"] == job.unit), ""
            ),
            "state": job.state,
            "at": iso(job.at),
            "eta_s": job.eta_s,
            "answer_s": None,
            "reason": job.reason,
            "incident": job.incident,
            "seen_near": None,
            "seen_leaving": None,
        }

    def unit_rows(self, ids: Iterable[int]) -> list[Row]:
        """Units as the board showed them, with the jobs that they had."""
        jobs: dict[str, list[PastJob]] = defaultdict(list)
        for incident in self.past.incidents.values():
            for job in incident.jobs.values():
                if job.state in OPEN:
                    jobs[job.unit].append(job)
        return [self._unit(self.units[pk], jobs) for pk in ids if pk in self.units]

    def _unit(self, known: Row, jobs: dict[str, list[PastJob]]) -> Row:
        past = self.past.units.get(known["id"], PastUnit())
        unsaid = self.unsaid.get(known["id"], PastUnit())
        told = self.places.get(known["id"])
        duty = past.on_duty if past.on_duty is not None else unsaid.on_duty
        readiness = past.readiness or unsaid.readiness or known["readiness"]
        state = past.state or unsaid.state or known["state"]
        silent = past.state is None and unsaid.state is None  # nothing was ever said of it
        return known | {
            "v": 0,
            "state": state,
            "reason": past.reason or past.readiness_reason or (known["reason"] if silent else ""),
            "since": iso(past.since) if not silent else known["since"],
            "on_duty": known["on_duty"] if duty is None else duty,
            "readiness": readiness,
            "blocked": past.blocked if past.blocked is not None else unsaid.blocked or [],
            "lent": None,
            "lat": told.lat if told else known["home"][0],
            "lng": told.lng if told else known["home"][1],
            "position_at": iso(told.at) if told else None,
            "accuracy_m": told.accuracy_m if told else None,
            "mark": "",
            "jobs": [
                {"id": j.id, "incident": j.incident, "state": j.state, "at": iso(j.at)}
                for j in sorted(jobs[known["call_sign"]], key=lambda j: j.id)
            ],
        }


def _unsaid(until: int) -> dict[int, PastUnit]:
    """What units were of which the journal had said nothing yet: what it says first afterwards
    tells what it was before, a unit being on duty and ready to begin with."""
    rows = Journal.objects.filter(seq__gt=until, subject__startswith="unit:")
    changed = rows.filter(kind="unit.changed")
    found: dict[int, PastUnit] = defaultdict(PastUnit)
    firsts = rows.filter(kind__in=UNIT_MOVES).values("subject").annotate(first=Min("seq"))
    for some in batched(firsts.values_list("first", flat=True)):
        for row in Journal.objects.filter(seq__in=some):
            found[_key(row.subject)].state = row.before
    for subject in _subjects(changed.filter(body__has_key="on_duty")):
        found[_key(subject)].on_duty = True
    for subject in _subjects(changed.filter(body__has_key="readiness")):
        found[_key(subject)].readiness = "ready"
    return dict(found)


def _subjects(rows: QuerySet[Journal]) -> Iterable[str]:
    return rows.values_list("subject", flat=True).distinct()


def _key(subject: str) -> int:
    return int(subject.partition(":")[2])


def _places(at: datetime) -> dict[int, TrackPoint]:
    """Where each unit was heard of last, as far as tracks are kept."""
    last = TrackPoint.objects.filter(unit=OuterRef("pk"), at__lte=at).order_by("-at", "-pk")
    found = Unit.objects.filter(active=True).annotate(point=Subquery(last.values("pk")[:1]))
    points = [point for point in found.values_list("point", flat=True) if point]
    return {
        p.unit_id: p for some in batched(points) for p in TrackPoint.objects.filter(pk__in=some)
    }


def told(then: Moment, now: datetime) -> dict[str, Any]:
    """The board at a moment, and what follows within the chunk: each change as the live stream
    would have sent it, with the second at which it is to be shown."""
    past, until = past_at(then), min(then.at + CHUNK, now)
    rows = list(
        Journal.objects.filter(seq__gt=then.seq, at__lte=until)
        .exclude(kind__in=LOOKS)
        .order_by("seq")[:MOST_ROWS]
    )
    if len(rows) == MOST_ROWS:
        until = rows[-1].at
    ahead = {_incident_of(row) for row in rows} - {None} - set(past.incidents)
    _follow(past, [pk for pk in ahead if pk is not None], then.seq)
    board = Board(past, then)
    board.learn(pk for pk in ahead if pk is not None)
    snapshot = board.whole()
    words = Words()
    before = Journal.objects.filter(seq__lte=then.seq).exclude(kind__in=LOOKS).order_by("-seq")
    recent = [row for row in before[: BEFORE * 4] if _is_shown(row)][:BEFORE]
    return {
        "at": iso(then.at),
        "until": iso(until),
        "ended": until >= now,
        "snapshot": snapshot
        | {"seq": then.seq, "parameters": _parameters(), "targets": limits(), "surge": None},
        "batches": _batches(board, rows),
        "moves": _moves(then.at, until),
        "rows": [_line(r, words) for r in (*reversed(recent), *rows) if _is_shown(r)],
        "notes": note_lines(then.at, until, words),
    }


def _incident_of(row: Journal) -> int | None:
    noun, _colon, key = row.case.partition(":")
    return int(key) if noun == "incident" and key.isdigit() else None


def _batches(board: Board, rows: list[Journal]) -> list[Row]:
    """What each second changed, as the state of all that it touched at its end."""
    found = []
    for _second, of_it in groupby(rows, key=lambda row: row.at.replace(microsecond=0)):
        touched = Touched()
        for row in of_it:
            board.past.apply(row, touched)
            last = row
        incidents = [pk for pk in touched.incidents if pk in board.past.incidents]
        signs = touched.signs
        units = touched.units | {
            pk for pk, unit in board.units.items() if unit["call_sign"] in signs
        }
        put = {"incidents": board.incident_rows(incidents), "units": board.unit_rows(units)}
        if any(put.values()):
            # Where they were at the chunk's beginning: the moves carry them on.
            for unit in put["units"]:
                for name in ("lat", "lng", "position_at", "accuracy_m"):
                    unit.pop(name)
            found.append({"at": iso(last.at), "seq": last.seq, "put": put})
    return found


def _moves(since: datetime, until: datetime) -> list[list[Any]]:
    """Where units were heard of within the chunk, in order."""
    points = TrackPoint.objects.filter(at__gt=since, at__lte=until, unit__active=True)
    return [
        [iso(at), sign, lat, lng, accuracy]
        for at, sign, lat, lng, accuracy in points.order_by("at", "pk").values_list(
            "at", "unit__call_sign", "lat", "lng", "accuracy_m"
        )
    ]


def _is_shown(row: Journal) -> bool:
    """What is told beside the board: what happened to cases and units, and to the shift."""
    return row.kind.startswith(
        ("incident.", "assignment.", "call.presented", "call.answer", "call.close", "surge.")
    ) or row.kind in (*UNIT_MOVES, *UNIT_KINDS, "unit.mayday", "alarm.raised")


def _line(row: Journal, words: Words) -> Row:
    return {
        "seq": row.seq,
        "at": iso(row.at),
        "incident": _incident_of(row),
        "text": words.sentence(row),
        "by": words.actor(row.actor),
    }


def note_lines(since: datetime, until: datetime, words: Words) -> list[Row]:
    """After-action notes at the moments of the chunk."""
    return [
        {
            "id": note.pk,
            "at": iso(note.at),
            "incident": note.incident_id,
            "text": "" if note.text.erased_at else note.text.body,
            "by": words.actor(note.text.author),
            "struck": note.text.struck_at is not None,
        }
        for note in notes_between(since, until)
    ]


def next_incident(at: datetime, now: datetime, *, back: bool = False) -> datetime | None:
    """When the next incident, or the one before, has come onto the board; None where there is
    none. Screens know milliseconds."""
    opened = Journal.objects.filter(kind="incident.opened").values_list("at", flat=True)
    if back:
        found = opened.filter(at__lt=at - 2 * TICK).order_by("-at").first()
    else:
        found = opened.filter(at__gt=at).order_by("at").first()
    return min(found + TICK, now) if found else None


def _parameters() -> dict[str, float]:
    return {
        "position_age_s": value("dispatch.position_age_s"),
        "accuracy_m": value("positions.accuracy_m"),
        "fresh_s": value("positions.fresh_s"),
    }
