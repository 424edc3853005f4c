"""The records behind a figure. Whoever doubts a number asks the same question here and gets as many
rows as the number says: ids, codes, times and marks, and nothing of a person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from sigap.complaints.models import Complaint
from sigap.complaints.survey.ikm import ELEMENTS
from sigap.complaints.survey.models import CaseSurvey, IkmAnswer
from sigap.core.codes import Code
from sigap.core.errors import Invalid
from sigap.core.queries import batched
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident

from .calls import OTHER, PARTS, PUBLIC, calls_of
from .complaints import APART, DEADLINES, SECTIONS, TIME_FATES, TIMES, complaints_of
from .gate import gate_calls
from .models import CLOCKS
from .outreach import LINES as USES
from .outreach import uses_in
from .period import Period, period_of
from .rows import Families, Measured, load_cases, measure

UNKNOWN = "-"  # as the code of a group: those of which it is not known
FATES = ("n", "missing", "derived", "excluded", "zero", "within")
GATE = ("presented", "gated", "waiting", "kept_off", "by_person", "by_sign", "reached", "reviewed")
CALL_LINES = frozenset(
    {"all", "total", "unanswered", "without_unit", *PUBLIC}
    | {f"{one}.{part}" for one, parts in PARTS.items() for part in parts}
    | {f"other.{line}" for line in OTHER}
    | {f"gate.{line}" for line in (*GATE, "wrong", "saved", "timed")}
)
INCIDENT_LINES = ("", "cancelled", "without_unit", "merged", "unfinished", "survey", "marked")
COMPLAINT_LINES = frozenset(
    {"all", "counted", "answered", "reopened", "asked", "marked", "other.imported", *DEADLINES}
    | {f"other.{state}" for state in APART}
    | {f"{time}.{fate}" for time in TIMES for fate in TIME_FATES}
    | {
        f"{deadline}_{fate}"
        for deadline in DEADLINES
        for fate in ("within", "late", "open", "stopped", "waiting")
    }
)
PAGE = 100


class Wanted(BaseModel):
    """Which records: what of, of which days and which agency, and what is so of them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    of: Literal["calls", "incidents", "complaints", "answers", "uses"]
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    agency: Code = ""
    line: Code = ""
    # Of incidents: one group, and what became of a clock (within so many seconds).
    type: Code = ""
    area: Code = ""
    priority: Code = ""
    group: Code = ""
    clock: Code = ""
    fate: Code = ""
    seconds: int = 0
    # Of complaints: one group.
    section: Code = ""
    code: Code = ""
    page: int = Field(1, ge=1, le=100_000)


class Links:
    """Writes the questions of a period, of all or of one agency."""

    def __init__(self, period: Period, agency: str = "") -> None:
        self._days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
        self._agency = agency

    def calls(self, line: str) -> str:
        """Calls that stand in this line."""
        return urlencode({"of": "calls", **self._days, "line": line})

    def incidents(self, line: str = "", **more: Any) -> str:
        """Incidents of which this is so."""
        return self._of("incidents", {"line": line, **more})

    def complaints(self, line: str = "counted", **more: Any) -> str:
        """Complaints of which this is so."""
        return self._of("complaints", {"line": line, **more})

    def answers(self, year: int) -> str:
        """The answers to the yearly survey."""
        return urlencode({"of": "answers", "from": f"{year}-01-01", "to": f"{year}-12-31"})

    def uses(self, line: str, area: str) -> str:
        """Calls and complaints, as they are counted around an event of outreach."""
        return self._of("uses", {"line": line, "area": area})

    def _of(self, what: str, more: dict[str, Any]) -> str:
        asked = {"of": what, **self._days, "agency": self._agency, **more}
        return urlencode({key: value for key, value in asked.items() if value})


@dataclass(frozen=True)
class Found:
    """How many records there are, and those of one page as columns and lines; an address leads to
    the record where there is a screen for it."""

    total: int
    columns: list[str]
    lines: list[tuple[str, str, list[Any]]]  # name, address, cells
    pages: int


def records(wanted: Wanted) -> Found:
    """The records of a figure, the newest first."""
    period = period_of(wanted.first, wanted.last)
    _check(wanted)
    kinds: dict[str, Callable[[Wanted, Period], Found]] = {
        "calls": _calls,
        "incidents": _incidents,
        "complaints": _complaints,
        "answers": _answers,
        "uses": _uses,
    }
    return kinds[wanted.of](wanted, period)


def count(wanted: Wanted) -> int:
    """How many there are."""
    return records(wanted).total


def _check(wanted: Wanted) -> None:
    lines: Iterable[str] = {
        "calls": CALL_LINES,
        "incidents": INCIDENT_LINES,
        "complaints": COMPLAINT_LINES,
        "answers": ("",),
        "uses": USES,
    }[wanted.of]
    wrong = wanted.line not in lines or wanted.clock not in ("", *CLOCKS)
    wrong |= bool(wanted.clock) is not bool(wanted.fate) or wanted.fate not in ("", *FATES)
    if wrong or wanted.section not in ("", *SECTIONS):
        raise Invalid(_("No figure is counted like that."), code="line")


def _calls(wanted: Wanted, period: Period) -> Found:
    gate = wanted.line.removeprefix("gate.")
    is_plain = gate == wanted.line
    found = calls_of(period, gate) if is_plain else gate_calls(period, gate)
    found = found.order_by("-began_at", "-pk")
    total = found.count()
    rows = found[_slice(wanted)].values_list(
        "pk", "began_at", "call_class", "state", "gate", "incident_id"
    )
    # A call has no screen of its own: its incident has.
    lines = [
        (f"{pk}", f"/incidents/{incident}" if incident else "", [*cells, incident or ""])
        for pk, *cells, incident in rows
    ]
    heads = [_("Began"), _("Class"), _("State"), _("Gate"), _("Incident")]
    return Found(total, heads, lines, _pages(total))


def incident_ids(wanted: Wanted, period: Period) -> list[int]:
    """The incidents behind a figure, each as often as it counts there."""
    if wanted.line in ("survey", "marked"):
        rows = CaseSurvey.objects.filter(asked_at__gte=period.start, asked_at__lt=period.end)
        rows = rows.filter(score__isnull=False) if wanted.line == "marked" else rows
        return list(rows.values_list("incident_id", flat=True))
    cases = load_cases(period)
    if wanted.agency:
        cases = [c for c in cases if any(j.times and j.agency == wanted.agency for j in c.jobs)]
    found = [m for m in (measure(c, wanted.agency) for c in cases) if _is_so(wanted, m)]
    ids = [m.case.id for m in found]
    if wanted.line == "merged":
        families, roots = Families(), set(ids)
        return [pk for pk in families.into if families.root(pk) in roots]
    return ids


def _is_so(wanted: Wanted, one: Measured) -> bool:
    case = one.case
    groups = ((wanted.type, case.type), (wanted.area, case.area or UNKNOWN))
    if any(code and code != has for code, has in (*groups, (wanted.priority, str(case.priority)))):
        return False
    if wanted.group and wanted.group != (
        one.kind if wanted.clock in ("turnout", "travel") else case.group
    ):
        return False
    if wanted.line == "cancelled" and case.state != "cancelled":
        return False
    if wanted.line == "unfinished" and case.state not in UNFINISHED:
        return False
    if wanted.line == "without_unit" and any(job.times for job in case.jobs):
        return False
    return not wanted.clock or _fate(one, wanted)


def _fate(one: Measured, wanted: Wanted) -> bool:
    reading = one.readings[wanted.clock]
    if reading.seconds is None:
        return wanted.fate == "missing"
    if reading.derived:
        return wanted.fate == "derived"
    if reading.seconds < 0:
        return wanted.fate == "excluded"
    asked: dict[str, Callable[[float], bool]] = {
        "n": lambda _seconds: True,
        "zero": lambda seconds: seconds == 0,
        "within": lambda seconds: seconds <= wanted.seconds,
    }
    return wanted.fate in asked and asked[wanted.fate](reading.seconds)


def _incidents(wanted: Wanted, period: Period) -> Found:
    ids = sorted(incident_ids(wanted, period), reverse=True)
    shown = ids[_slice(wanted)]
    rows = Incident.objects.filter(pk__in=shown).values_list(
        "pk", "opened_at", "type__code", "priority", "area__name", "state"
    )
    known = {pk: cells for pk, *cells in rows}
    lines = [(f"#{pk}", f"/incidents/{pk}", list(known[pk])) for pk in shown if pk in known]
    heads = [_("Opened"), _("Type"), _("Priority"), _("Area"), _("State")]
    return Found(len(ids), heads, lines, _pages(len(ids)))


def _complaints(wanted: Wanted, period: Period) -> Found:
    code = "" if wanted.code == UNKNOWN else wanted.code
    ids = sorted(
        complaints_of(period, wanted.agency, line=wanted.line, section=wanted.section, code=code),
        reverse=True,
    )
    shown = ids[_slice(wanted)]
    known = _facts_of(shown)
    lines = [(known[pk][0], f"/complaints/{pk}", list(known[pk][1:])) for pk in shown]
    heads = [_("Filed"), _("Class"), _("Category"), _("Area"), _("State")]
    return Found(len(ids), heads, lines, _pages(len(ids)))


def _answers(wanted: Wanted, period: Period) -> Found:
    """The nine marks of each, and not who gave them."""
    found = IkmAnswer.objects.filter(year=period.first.year).order_by("-pk")
    total = found.count()
    rows = found[_slice(wanted)].values_list("pk", "entered_at", "agency__code", *ELEMENTS)
    lines = [(f"#{pk}", "", list(cells)) for pk, *cells in rows]
    heads = [_("Entered"), _("Agency"), *(code.upper() for code in ELEMENTS)]
    return Found(total, heads, lines, _pages(total))


def _uses(wanted: Wanted, period: Period) -> Found:
    calls, complaints = uses_in(period, wanted.line, wanted.area)
    total = calls.count() + complaints.count()
    newest = slice(0, wanted.page * PAGE)
    of_calls = calls.order_by("-began_at", "-pk")[newest].values_list(
        "began_at", "pk", "call_class", "incident_id"
    )
    of_complaints = complaints.order_by("-filed_at", "-pk")[newest].values_list(
        "filed_at", "pk", "number", "category__code"
    )
    lines: list[tuple[str, str, list[Any]]] = [
        *(
            (f"{pk}", f"/incidents/{case}" if case else "", [at, _("Call"), kind, ""])
            for at, pk, kind, case in of_calls
        ),
        *(
            (number, f"/complaints/{pk}", [at, _("Complaint"), "", kind or ""])
            for at, pk, number, kind in of_complaints
        ),
    ]
    lines.sort(key=lambda line: (line[2][0], line[0]), reverse=True)
    heads = [_("Began"), _("Kind"), _("Class"), _("Category")]
    return Found(total, heads, lines[_slice(wanted)], _pages(total))


def _facts_of(ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    found: dict[int, Any] = {}
    for some in batched(set(ids)):
        rows = Complaint.objects.filter(pk__in=some).values_list(
            "pk", "number", "filed_at", "complaint_class", "category__code", "area__name", "state"
        )
        found |= {pk: tuple(cells) for pk, *cells in rows}
    return found


def _slice(wanted: Wanted) -> slice:
    return slice((wanted.page - 1) * PAGE, wanted.page * PAGE)


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))
