"""What the warehouse holds: ids, codes and times, never a name, a number or words.

The facts (calls, incidents, readings, complaints) come from the very code that `sigap monev`
computes with, so that there is one definition; the journal comes as it is. Times are whole
microseconds since 1970 in UTC, which every engine subtracts alike; `day` is the city's own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from django.db.models import F

from sigap.complaints.models import Complaint, Referral
from sigap.core.journal import digest
from sigap.core.models import Journal
from sigap.incidents.models import Disposition

from ..calls import counted_calls
from ..complaints import HAS, OTHER, line_of
from ..evaluate import agencies_of
from ..models import CLOCKS, Target
from ..period import Period
from ..rows import load_cases, measure

# Grows by one when a column changes its meaning; what is older is exported anew.
VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


TEXT, WHOLE, FLAG, DAY = pa.string(), pa.int64(), pa.bool_(), pa.date32()
SCHEMAS: dict[str, pa.Schema] = {
    # Appended to: every row, by the local month in which it was recorded.
    "journal": _schema(
        seq=WHOLE,
        at_us=WHOLE,
        occurred_us=WHOLE,
        actor=TEXT,
        kind=TEXT,
        subject=TEXT,
        case=TEXT,
        before=TEXT,
        after=TEXT,
        body=TEXT,
        hash=TEXT,
    ),
    # By the local month in which it began; a month is written anew when anything in it changed.
    "calls": _schema(call=WHOLE, day=DAY, line=TEXT, unanswered=FLAG, emergency_without_unit=FLAG),
    "incidents": _schema(
        incident=WHOLE,
        agency=TEXT,
        day=DAY,
        state=TEXT,
        merged=WHOLE,
        without_unit=FLAG,
        type=TEXT,
        area=TEXT,
        priority=TEXT,
    ),
    "readings": _schema(
        incident=WHOLE,
        agency=TEXT,
        day=DAY,
        clock=TEXT,
        us=WHOLE,
        derived=FLAG,
        unit_kind=TEXT,
        type_group=TEXT,
        type=TEXT,
        area=TEXT,
        priority=TEXT,
    ),
    "complaints": _schema(
        complaint=WHOLE,
        day=DAY,
        line=TEXT,
        counted=FLAG,
        complaint_class=TEXT,
        category=TEXT,
        area=TEXT,
        channel=TEXT,
        state=TEXT,
    ),
    "referrals": _schema(complaint=WHOLE, day=DAY, agency=TEXT, counted=FLAG),
    # As they are today.
    "targets": _schema(
        rank=WHOLE,
        clock=TEXT,
        target_group=TEXT,
        statistic=TEXT,
        percent=WHOLE,
        seconds=WHOLE,
        source=TEXT,
    ),
    "dispositions": _schema(disposition=TEXT, followed_up=FLAG),
}
MONTHLY = ("calls", "incidents", "readings", "complaints", "referrals")
TODAY = ("targets", "dispositions")


def micros(at: datetime | None) -> int | None:
    """A time as the warehouse holds it; exact, which a float of seconds is not."""
    return None if at is None else (at - EPOCH) // timedelta(microseconds=1)


def journal_rows(after: int, head: str) -> Iterator[tuple[datetime, Row]]:
    """The rows after number `after`, whose hash is `head`, each with when it was recorded.
    ValueError at a row that does not continue the chain."""
    for row in Journal.objects.filter(seq__gt=after).order_by("seq").iterator(chunk_size=5000):
        after, head = after + 1, digest(row, head)
        if (row.seq, row.hash) != (after, head):
            raise ValueError(f"row {after}")
        yield (
            row.at,
            {
                "seq": row.seq,
                "at_us": micros(row.at),
                "occurred_us": micros(row.occurred_at),
                **{
                    name: getattr(row, name)
                    for name in ("actor", "kind", "subject", "case", "before", "after", "hash")
                },
                "body": json.dumps(
                    row.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False
                ),
            },
        )


def facts_of(month: Period) -> Iterator[tuple[str, pa.Table]]:
    """All tables of facts of one month, one after the other."""
    yield "calls", _table("calls", _calls(month))
    incidents, readings = _incidents(month)
    yield "incidents", _table("incidents", incidents)
    yield "readings", _table("readings", readings)
    complaints, referrals = _complaints(month)
    yield "complaints", _table("complaints", complaints)
    yield "referrals", _table("referrals", referrals)


def as_today() -> Iterator[tuple[str, pa.Table]]:
    """The city's targets, and which outcomes count as followed up."""
    targets = Target.objects.order_by("pk").values(
        "clock", "statistic", "percent", "seconds", "source", rank=F("pk"), target_group=F("group")
    )
    yield "targets", _table("targets", targets)
    ends = Disposition.objects.order_by("code").values_list("code", "valid")
    yield (
        "dispositions",
        _table("dispositions", ({"disposition": c, "followed_up": v} for c, v in ends)),
    )


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])


def _calls(month: Period) -> Iterator[Row]:
    for call in counted_calls(month):
        yield {
            "call": call.id,
            "day": _day(call.began_at, month),
            "line": call.line,
            "unanswered": call.unanswered,
            "emergency_without_unit": call.emergency_without_unit,
        }


def _incidents(month: Period) -> tuple[list[Row], list[Row]]:
    """One row per incident, and one more for each agency that was sent to it; `agency` is
    empty where all units count. Beside them the five clocks of each, a row per clock."""
    incidents, readings = [], []
    for case in sorted(load_cases(month), key=lambda case: case.id):
        assert case.received is not None  # or it would be in no period
        agencies = sorted(agencies_of(case))
        facts = {
            "incident": case.id,
            "day": _day(case.received.at, month),
            "type": case.type,
            "area": case.area,
            "priority": str(case.priority),
        }
        for agency in ("", *agencies):
            found = measure(case, agency)
            own = {**facts, "agency": agency}
            incidents.append(
                {**own, "state": case.state, "merged": case.merged, "without_unit": not agencies}
            )
            for clock in CLOCKS:
                reading = found.readings[clock]
                readings.append(
                    {
                        **own,
                        "clock": clock,
                        "us": None if reading.seconds is None else round(reading.seconds * 1e6),
                        "derived": reading.derived,
                        "unit_kind": found.kind,
                        "type_group": case.group,
                    }
                )
    return incidents, readings


def _complaints(month: Period) -> tuple[list[Row], list[Row]]:
    filed = Complaint.objects.filter(filed_at__gte=month.start, filed_at__lt=month.end)
    complaints = []
    for pk, filed_at, of_class, category, area, channel, state in filed.order_by("pk").values_list(
        "pk", "filed_at", "complaint_class", "category__code", "area__code", "channel", "state"
    ):
        line = line_of(state, channel)
        complaints.append(
            {
                "complaint": pk,
                "day": _day(filed_at, month),
                "line": line,
                "counted": line not in OTHER,
                "complaint_class": of_class,
                "category": category or "",
                "area": area or "",
                "channel": channel,
                "state": state,
            }
        )
    of = {row["complaint"]: row for row in complaints}
    sent = Referral.objects.filter(
        HAS, complaint__filed_at__gte=month.start, complaint__filed_at__lt=month.end
    )
    pairs = sent.order_by("pk").values_list("complaint_id", "agency__code")
    referrals = [
        {"complaint": pk, "agency": agency, **{k: of[pk][k] for k in ("day", "counted")}}
        for pk, agency in pairs
        if pk in of
    ]
    return complaints, referrals


def _day(at: datetime, month: Period) -> Any:
    return at.astimezone(month.zone).date()
