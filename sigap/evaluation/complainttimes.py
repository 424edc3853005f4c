"""How long complaints took, and in which state they were when a period ended."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FloatField,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat

from sigap.complaints.models import Complaint
from sigap.core import clock
from sigap.core.models import Journal
from sigap.core.queries import batched

from .clocks import Statistics
from .period import Period

# Seconds, or None where there are none.
Column = Sequence[float | None]


@dataclass(frozen=True)
class TimeResult:
    """One time over a set of complaints; cases = n + missing + excluded."""

    cases: int
    n: int
    missing: int
    excluded: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None


NO_TIMES = TimeResult(0, 0, 0, 0, None, None, None)


class Seconds(Func):
    """How long after the second time the first was. Django's own difference of two times is
    worked out in Python on SQLite, ten times as slowly."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """To the millisecond."""
        template = "ROUND((JULIANDAY(%(expressions)s)) * 86400, 3)"
        joiner = ") - JULIANDAY("
        return super().as_sql(compiler, connection, template=template, arg_joiner=joiner, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """The same, to the same millisecond."""
        template = "ROUND(EXTRACT(EPOCH FROM (%(expressions)s)), 3)::float8"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **more)


def first_answers(ids: Sequence[int]) -> dict[int, float]:
    """After how long a contested answer was given, which was taken back then: the journal
    knows."""
    found: dict[int, float] = {}
    for some in batched(ids):
        told: dict[str, datetime] = {}
        subjects = [f"complaint:{pk}" for pk in some]
        rows = Journal.objects.filter(subject__in=subjects, kind="complaint.approve")
        for subject, at in rows.order_by("seq").values_list("subject", "at"):
            told.setdefault(subject, at)
        for pk, filed in Complaint.objects.filter(pk__in=some).values_list("pk", "filed_at"):
            if said := told.get(f"complaint:{pk}"):
                found[pk] = (said - filed).total_seconds()
    return found


def by_key(keys: Sequence[Any], column: Column) -> dict[Any, TimeResult]:
    """One time of each set. All are put in order once, so those of each set are so already."""
    there = [(seconds, n) for n, seconds in enumerate(column) if seconds is not None]
    sets: defaultdict[Any, list[float]] = defaultdict(list)
    for seconds, n in sorted(there):
        sets[keys[n]].append(seconds)
    return {key: _result(sets[key], cases) for key, cases in Counter(keys).items()}


def states_then(filed: QuerySet[Complaint], period: Period) -> Counter[str] | None:
    """How many stood in which state when the period ended; None where it has not."""
    if period.end > clock.now():
        return None
    moves = Journal.objects.filter(
        subject=Concat(Value("complaint:"), Cast(OuterRef("pk"), CharField())),
        kind__startswith="complaint.",
        at__gte=period.end,
    ).exclude(before="")
    then = Case(
        # A complaint that is closed stays so.
        When(state="closed", closed_at__lt=period.end, then=F("state")),
        default=Coalesce(Subquery(moves.order_by("seq").values("before")[:1]), F("state")),
        output_field=CharField(),
    )
    rows = filed.order_by().annotate(then=then).values_list("then").annotate(n=Count("pk"))
    return Counter(dict(rows))


def fate_of(seconds: float | None) -> str:
    """In which of a result's counts a time stands."""
    if seconds is None:
        return "missing"
    return "n" if seconds >= 0 else "excluded"


def _result(ordered: list[float], cases: int) -> TimeResult:
    below = next((n for n, seconds in enumerate(ordered) if seconds >= 0), len(ordered))
    found = Statistics(tuple(ordered[below:]), missing=cases - len(ordered), excluded=below)
    return TimeResult(
        cases=cases,
        n=found.n,
        missing=found.missing,
        excluded=found.excluded,
        mean_s=_rounded(found.mean),
        p50_s=_rounded(found.p50),
        p90_s=_rounded(found.p90),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
