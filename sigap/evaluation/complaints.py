"""Complaints of a period: what they were about, whether they were dealt with in time, and what
their citizens said. Counted by the database: a few statements, whatever their number."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import repeat
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from sigap.complaints.machine import COMPLAINT, GONE
from sigap.complaints.models import Category, Complaint, Referral
from sigap.complaints.names import channel_names, class_of_complaint_names
from sigap.core import clock
from sigap.core.names import named
from sigap.fleet.models import Agency
from sigap.places.models import Area

from .complainttimes import (
    NO_TIMES,
    Column,
    Seconds,
    TimeResult,
    by_key,
    fate_of,
    first_answers,
    states_then,
)
from .period import Period
from .survey import SCORES, Survey, survey_of

APART = ("archived", "attached", "promoted")  # states
IMPORT = "import"  # a channel: its times are those of an older system
OTHER = (*APART, "imported")
# An agency that still has it, or has answered.
HAS = ~Q(state__in=GONE)
DEADLINES = ("forwarded", "planned", "solved")
DIMENSIONS = {
    "by_class": "complaint_class",
    "by_category": "category_id",
    "by_area": "area_id",
    "by_channel": "channel",
    "by_state": "state",
}
SECTIONS = (*DIMENSIONS, "by_agency")
TIMES = ("first_answer", "closing")
TIME_FATES = ("n", "missing", "excluded")
WAITING, WITHIN, LATE, OPEN, STOPPED = range(5)  # what became of a deadline


@dataclass(frozen=True)
class Kept:
    """A deadline over a set: all = within + late + stopped + waiting. Of those that are late,
    `open` still wait; the clock of the stopped ones stands still."""

    all: int
    within: int
    late: int
    open: int
    stopped: int
    waiting: int
    within_percent: float | None  # of within + late


@dataclass(frozen=True)
class Figures:
    """What is counted of one set of complaints."""

    complaints: int
    deadlines: dict[str, Kept]
    answered: int  # an answer reached the citizen, at least once
    reopened: int  # of these, contested by the citizen
    reopened_percent: float | None
    times: dict[str, TimeResult]  # to the first answer, to the end
    survey: Survey


@dataclass(frozen=True)
class ComplaintGroup(Figures):
    """The same of one class, category, agency, kelurahan, channel or state."""

    code: str
    name: str


@dataclass(frozen=True)
class ComplaintTable(Figures):
    """All complaints of the period: `all` is `complaints` and what is counted apart."""

    all: int
    other: dict[str, int]
    states: dict[str, dict[str, int]]  # of all: when the period ended, and now
    by_class: list[ComplaintGroup]
    by_category: list[ComplaintGroup]
    by_area: list[ComplaintGroup]
    by_channel: list[ComplaintGroup]
    by_state: list[ComplaintGroup]
    by_agency: list[ComplaintGroup]


@dataclass(frozen=True)
class _Rows:
    """What was read of complaints, or of what agencies have to do: for each dimension its
    column, and what is so of each, as a number."""

    keys: dict[str, Sequence[Any]]
    facts: Sequence[int]
    times: dict[str, Column]
    pks: Sequence[int] = ()
    plans: Sequence[int] = ()


@dataclass
class _Sum:
    """Sums of one set."""

    own: Counter[str] = field(default_factory=Counter)  # of complaints
    plans: Counter[str] = field(default_factory=Counter)  # of what agencies have to do
    times: dict[str, TimeResult] = field(default_factory=dict)


def complaint_table(period: Period, agency: str = "") -> ComplaintTable:
    """Count the complaints that were filed in the period; with `agency`, those that this
    agency has or has answered."""
    filed, sent = _asked(period, agency)
    now = clock.now()
    lines = _lines(filed)
    own = filed.exclude(channel=IMPORT)
    rows = _read(own.exclude(state__in=APART), now)
    jobs = _read_jobs(sent, rows, now)

    def by(section: str) -> list[ComplaintGroup]:
        # A complaint counts once for each agency that has it.
        of = jobs if section == "by_agency" else rows
        found = _sums(of.keys[section], of, jobs.keys[section], jobs.plans)
        return _groups(found, _names(section))

    total = _sums([None] * len(rows.facts), rows, repeat(None), jobs.plans)
    return ComplaintTable(
        **_figures(total.get(None) or _Sum(times=dict.fromkeys(rows.times, NO_TIMES))),
        all=lines.total(),
        other={key: lines[key] for key in OTHER},
        states=_states(lines, states_then(own, period)),
        by_class=by("by_class"),
        by_category=by("by_category"),
        by_area=by("by_area"),
        by_channel=by("by_channel"),
        by_state=by("by_state"),
        by_agency=by("by_agency"),
    )


def complaints_of(
    period: Period, agency: str = "", *, line: str = "counted", section: str = "", code: str = ""
) -> list[int]:
    """The complaints behind a figure, each as often as it counts there: `all`, `other.archived`,
    `counted`, one that is so of them (`solved_late`, `closing.missing`, `reopened`, `answered`,
    `asked`, `marked`), of one group (`section`, `code`) or of all."""
    filed, sent = _asked(period, agency)
    own = filed.exclude(channel=IMPORT)
    if line == "all":
        return list(filed.values_list("pk", flat=True))
    if line.startswith("other."):
        state = line.removeprefix("other.")
        apart = filed.filter(channel=IMPORT) if state == "imported" else own.filter(state=state)
        return list(apart.values_list("pk", flat=True))
    now = clock.now()
    rows = _read(own.exclude(state__in=APART), now)
    jobs = _read_jobs(sent, rows, now)
    planned = line.startswith("planned")
    of = jobs if planned or section == "by_agency" else rows
    facts = [_kept_of("planned", plan) | {"n": 1} for plan in jobs.plans] if planned else None
    keys = of.keys[section] if section else [code] * len(of.pks)
    coded = {pk: told[0] for pk, told in _names(section).items()}
    time, _dot, fate = line.partition(".")
    column = of.times.get(time)

    def holds(n: int) -> bool:
        if column is not None:
            return fate_of(column[n]) == fate
        return _is_so(facts[n] if facts else _told(of.facts[n]), line)

    return [
        pk
        for n, pk in enumerate(of.pks)
        if (coded.get(keys[n]) or keys[n] or "") == code
        if holds(n)
    ]


def _is_so(told: dict[str, int], line: str) -> bool:
    if line in ("counted", *DEADLINES):
        return True
    if line == "marked":
        return any(told.get(f"score_{score}") for score in SCORES)
    deadline, _mark, fate = line.partition("_")
    if fate == "waiting":
        return not any(told[f"{deadline}_{other}"] for other in ("within", "late", "stopped"))
    return bool(told.get(line))


def _asked(period: Period, agency: str) -> tuple[QuerySet[Complaint], QuerySet[Referral]]:
    filed = Complaint.objects.filter(filed_at__gte=period.start, filed_at__lt=period.end)
    sent = Referral.objects.filter(
        HAS, complaint__filed_at__gte=period.start, complaint__filed_at__lt=period.end
    )
    if agency:
        sent = sent.filter(agency__code=agency)
        theirs = Referral.objects.filter(HAS, complaint=OuterRef("pk"), agency__code=agency)
        filed = filed.filter(Exists(theirs))
    return filed, sent


def _lines(filed: QuerySet[Complaint]) -> Counter[str]:
    """How many are in which line; those that are counted are in that of their state."""
    found: Counter[str] = Counter()
    rows = filed.order_by().values_list("state", "channel").annotate(n=Count("pk"))
    for state, channel, n in rows:
        found[line_of(state, channel)] += n
    return found


def line_of(state: str, channel: str) -> str:
    """The one line that a complaint is in: one of OTHER, or its state where it is counted."""
    return "imported" if channel == IMPORT else state


def _states(lines: Counter[str], then: Counter[str] | None) -> dict[str, dict[str, int]]:
    now = {state: n for state, n in lines.items() if state != "imported"}
    ended = now if then is None else then
    return {
        state: {"end": ended.get(state, 0), "now": now.get(state, 0)}
        for state in COMPLAINT.states
        if state in now or state in ended
    }


def _read(counted: QuerySet[Complaint], now: datetime) -> _Rows:
    """Every complaint with what is so of it, and how long it took."""
    found = counted.order_by().values_list(
        *DIMENSIONS.values(),
        _facts(now),
        "pk",
        Seconds(F("done_at"), F("filed_at")),
        Case(When(state="closed", then=Seconds(F("closed_at"), F("filed_at")))),
    )
    *keys, facts, pks, answers, ends = _columns(found, len(DIMENSIONS) + 4)
    contested = {fact for fact in set(facts) if _told(fact)["reopened"]}
    again = [n for n, fact in enumerate(facts) if fact in contested]
    given, first = first_answers([pks[n] for n in again]), list(answers)
    for n in again:
        first[n] = given.get(pks[n])
    times: dict[str, Column] = dict(zip(TIMES, (first, ends), strict=True))
    return _Rows(dict(zip(DIMENSIONS, keys, strict=True)), facts, times, pks)


def _read_jobs(sent: QuerySet[Referral], rows: _Rows, now: datetime) -> _Rows:
    """What each agency has to do about these complaints, with what is so of the complaint."""
    sent = sent.annotate(said_at=Coalesce("plan__at", "answered_at"))
    plan = _deadline("said_at", "plan_due_at", Q(complaint__state="held"), now)
    place = {pk: n for n, pk in enumerate(rows.pks)}
    found = sent.order_by().values_list("complaint_id", "agency_id", plan)
    jobs = ((place[pk], agency, told) for pk, agency, told in found if pk in place)
    places, agencies, plans = _columns(jobs, 3)
    keys: dict[str, Sequence[Any]] = {
        section: [column[n] for n in places] for section, column in rows.keys.items()
    }
    times: dict[str, Column] = {
        name: [column[n] for n in places] for name, column in rows.times.items()
    }
    facts = [rows.facts[n] for n in places]
    pks = [rows.pks[n] for n in places]
    return _Rows(keys | {"by_agency": agencies}, facts, times, pks, plans)


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) or [()] * width


def _facts(now: datetime) -> CombinedExpression:
    """All that is counted of a complaint in one number: the database sends one column and not
    ten, and equal numbers are counted together. `_told` reads it."""
    held, contested = Q(state="held"), Q(contests__gt=0)
    told = Q(state__in=("done", "closed", "contested")) | contested
    return (
        _deadline("disposed_at", "forward_due_at", held, now)
        + _deadline("answered_at", "solve_due_at", held, now) * 10
        + Coalesce("score", 0) * 100
        + _bit(contested, 1000)
        + _bit(told, 2000)
        + _bit(Q(state="closed"), 4000)
    )


def _bit(condition: Q, worth: int) -> Case:
    return Case(When(condition, then=worth), default=0, output_field=IntegerField())


def _deadline(done: str, due: str, held: Q, now: datetime) -> Case:
    """WAITING, WITHIN, LATE, OPEN or STOPPED. The last day has ended at `due`."""
    waits = Q(**{f"{done}__isnull": True})
    return Case(
        When(Q(**{f"{done}__lt": F(due)}), then=WITHIN),
        When(Q(**{f"{done}__gte": F(due)}), then=LATE),
        When(waits & held, then=STOPPED),
        When(waits & Q(**{f"{due}__lte": now}), then=OPEN),
        default=WAITING,
        output_field=IntegerField(),
    )


@cache
def _told(fact: int) -> dict[str, int]:
    """What a number of `_facts` says."""
    bits, score = fact // 1000, fact // 100 % 10
    found = {"n": 1, "reopened": bits & 1, "answered": bits >> 1 & 1, "asked": bits >> 2 & 1}
    if score:
        found[f"score_{score}"] = 1
    return found | _kept_of("solved", fact // 10 % 10) | _kept_of("forwarded", fact % 10)


def _kept_of(name: str, state: int) -> dict[str, int]:
    return {
        f"{name}_within": int(state == WITHIN),
        f"{name}_late": int(state in (LATE, OPEN)),
        f"{name}_open": int(state == OPEN),
        f"{name}_stopped": int(state == STOPPED),
    }


def _sums(
    keys: Sequence[Any], rows: _Rows, job_keys: Iterable[Any], plans: Sequence[int]
) -> dict[Any, _Sum]:
    """By key, what is so of how many complaints, and of how many plans of agencies."""
    found: dict[Any, _Sum] = defaultdict(_Sum)
    # As often as a number stands there, but no more steps than there are different ones.
    for (key, fact), many in Counter(zip(keys, rows.facts, strict=True)).items():
        for name, one in _told(fact).items():
            found[key].own[name] += one * many
    for (key, plan), many in Counter(zip(job_keys, plans, strict=False)).items():
        found[key].plans["n"] += many
        for name, one in _kept_of("planned", plan).items():
            found[key].plans[name] += one * many
    for name, column in rows.times.items():
        for key, result in by_key(keys, column).items():
            found[key].times[name] = result
    return found


def _groups(sums: dict[Any, _Sum], names: dict[Any, tuple[str, str]]) -> list[ComplaintGroup]:
    found = []
    for key, members in sums.items():
        code, name = names.get(key) or (key or "", key or _("unknown"))
        found.append(ComplaintGroup(code=code, name=name, **_figures(members)))
    return sorted(found, key=lambda group: (-group.complaints, group.code))


def _figures(found: _Sum) -> dict[str, Any]:
    own = found.own
    return {
        "complaints": own["n"],
        "deadlines": {
            name: _kept(found.plans if name == "planned" else own, name) for name in DEADLINES
        },
        "answered": own["answered"],
        "reopened": own["reopened"],
        "reopened_percent": _percent(own["reopened"], own["answered"]),
        "times": found.times,
        "survey": survey_of(own["asked"], {s: own[f"score_{s}"] for s in SCORES}),
    }


def _kept(sums: Counter[str], name: str) -> Kept:
    within, late = sums[f"{name}_within"], sums[f"{name}_late"]
    stopped = sums[f"{name}_stopped"]
    return Kept(
        all=sums["n"],
        within=within,
        late=late,
        open=sums[f"{name}_open"],
        stopped=stopped,
        waiting=sums["n"] - within - late - stopped,
        within_percent=_percent(within, within + late),
    )


def _names(section: str) -> dict[Any, tuple[str, str]]:
    """The code and the name of each key of a section."""
    rows: Iterable[Any] = ()
    if section == "by_area":
        rows = Area.objects.all()
    elif section == "by_agency":
        rows = Agency.objects.all()
    elif section == "by_category":
        rows = Category.objects.all()
    coded: dict[str, Any] = {}
    if section == "by_class":
        coded = class_of_complaint_names()
    elif section == "by_channel":
        coded = channel_names()
    elif section == "by_state":
        coded = dict(COMPLAINT.names)
    return {row.pk: (row.code, named(row)) for row in rows} | {
        code: (code, str(name)) for code, name in coded.items()
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
