"""The city's table of call classes: every call of the period in exactly one line."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When

from sigap.calls.models import GHOST, INCOMING, UNANSWERED, Call
from sigap.core.queries import batched
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.incidents.models import Incident

from .period import Period
from .rows import Families

# A unit that was sent and neither declined nor was called back before it got there.
WORKED = (*OPEN, "completed")
PUBLIC = ("valid", "prank", "ghost", "information")
OTHER = (
    "abandoned",
    "test",
    "out_of_area",
    "complaint_without_action",
    "repeat_without_action",
    "unclassified",
)
PARTS: dict[str, tuple[str, ...]] = {
    "valid": ("emergency", "complaint", "repeat"),
    "ghost": GHOST,
}
# These classes are counted where they stand; the others need a look at what was done.
PLAIN = ("prank", "information", "abandoned", "test", "out_of_area", *GHOST)


@dataclass(frozen=True)
class ClassLine:
    """One of the four public classes; its share is of the four together."""

    key: str
    calls: int
    share_percent: float | None
    parts: dict[str, int]


@dataclass(frozen=True)
class CallTable:
    """All calls of the period. `total` is the four public classes', `all` is every call."""

    classes: list[ClassLine]
    total: int
    other: dict[str, int]
    all: int
    abandon_rate_percent: float | None
    emergency_without_unit: int


def call_table(period: Period) -> CallTable:
    """Count the calls that began in the period."""
    begun = begun_in(period)
    tally = dict(begun.order_by().values_list("call_class").annotate(n=Count("pk")))
    judged = Judged(period)
    lines = judged.lines + Counter({c: tally.get(c, 0) for c in PLAIN})
    lines["unclassified"] = tally.get("", 0)
    return table_of(lines, begun.filter(UNANSWERED).count(), len(judged.without_unit))


@dataclass(frozen=True, slots=True)
class CountedCall:
    """One call with the line of the table that it is in."""

    id: int
    began_at: datetime
    line: str
    unanswered: bool
    emergency_without_unit: bool


def counted_calls(period: Period) -> Iterator[CountedCall]:
    """The calls that `call_table` counts, one by one, by the same rules."""
    judged = Judged(period)
    unanswered = Case(
        When(UNANSWERED, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    rows = begun_in(period).annotate(unanswered=unanswered).order_by("pk")
    for pk, began_at, call_class, lost in rows.values_list(
        "pk", "began_at", "call_class", "unanswered"
    ).iterator():
        line = judged.line_of.get(pk) or call_class or "unclassified"
        yield CountedCall(pk, began_at, line, lost, pk in judged.without_unit)


def begun_in(period: Period) -> QuerySet[Call]:
    """The calls that began in the period, without those that we made."""
    return Call.objects.filter(INCOMING, began_at__gte=period.start, began_at__lt=period.end)


def calls_of(period: Period, line: str) -> QuerySet[Call]:
    """The calls that stand in a line of the table: a class, a part of one (`valid.emergency`), one
    that is counted apart (`other.test`), `total`, `all`, `unanswered`, `without_unit`."""
    begun = begun_in(period)
    if line == "all":
        return begun
    if line == "unanswered":
        return begun.filter(UNANSWERED)
    if line == "without_unit":
        return begun.filter(pk__in=Judged(period).without_unit)
    if line == "other.unclassified":
        return begun.filter(call_class="")
    key = line.rpartition(".")[2]
    keys = PUBLIC if key == "total" else (key,)
    lines = {part for one in keys for part in PARTS.get(one, (one,))}
    judged = [pk for pk, own in Judged(period).line_of.items() if own in lines]
    return begun.filter(Q(call_class__in=lines & set(PLAIN)) | Q(pk__in=judged))


def table_of(lines: Counter[str], unanswered: int, emergency_without_unit: int) -> CallTable:
    """The table, from how many calls are in each line."""
    sums = {key: sum(lines[p] for p in PARTS.get(key, (key,))) for key in PUBLIC}
    total = sum(sums.values())
    other = {key: lines[key] for key in OTHER}
    every = total + sum(other.values())
    return CallTable(
        classes=[
            ClassLine(
                key, n, _percent(n, total), {part: lines[part] for part in PARTS.get(key, ())}
            )
            for key, n in sums.items()
        ],
        total=total,
        other=other,
        all=every,
        abandon_rate_percent=_percent(unanswered, every),
        emergency_without_unit=emergency_without_unit,
    )


class Judged:
    """Emergencies, complaints and repeats of the period, by whether the field acted."""

    def __init__(self, period: Period) -> None:
        calls = list(
            begun_in(period)
            .filter(call_class__in=PARTS["valid"])
            .values_list("pk", "call_class", "field_action", "incident_id")
        )
        families = Families()
        roots = {families.root(i) for _pk, _c, _f, i in calls if i is not None}
        worked = _worked(families, roots)
        followed = worked - _not_followed(roots)
        repeated = {families.root(i) for _pk, c, _f, i in calls if c == "repeat" and i is not None}
        real = followed | _reported(families, repeated)
        self.line_of: dict[int, str] = {}
        self.without_unit: set[int] = set()
        for pk, call_class, field_action, incident_id in calls:
            root = families.root(incident_id) if incident_id is not None else None
            acted = field_action or root in followed
            if call_class == "emergency":
                self.line_of[pk] = "emergency"
                if root not in worked:
                    self.without_unit.add(pk)
            elif call_class == "complaint":
                self.line_of[pk] = "complaint" if acted else "complaint_without_action"
            else:
                self.line_of[pk] = "repeat" if root in real else "repeat_without_action"

    @property
    def lines(self) -> Counter[str]:
        """How many are in each line."""
        return Counter(self.line_of.values())


def _worked(families: Families, roots: set[int]) -> set[int]:
    """Those of `roots` that a unit worked on."""
    found: set[int] = set()
    for ids in batched(families.members(roots)):
        jobs = Assignment.objects.filter(incident_id__in=ids, state__in=WORKED)
        found |= {families.root(pk) for pk in jobs.values_list("incident_id", flat=True)}
    return found


def _not_followed(roots: set[int]) -> set[int]:
    """Those of `roots` whose disposition says that nobody in the field dealt with it."""
    found: set[int] = set()
    for ids in batched(roots):
        ended = Incident.objects.filter(pk__in=ids, disposition__valid=False)
        found.update(ended.values_list("pk", flat=True))
    return found


def _reported(families: Families, roots: set[int]) -> set[int]:
    """Those of `roots` that any emergency, or complaint with field action, reported."""
    found: set[int] = set()
    for ids in batched(families.members(roots)):
        calls = Call.objects.filter(incident_id__in=ids)
        acted = Q(call_class="emergency") | Q(call_class="complaint", field_action=True)
        reported = calls.filter(acted).values_list("incident_id", flat=True)
        found |= {families.root(pk) for pk in reported if pk is not None}
    return found


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
