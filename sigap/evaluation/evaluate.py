"""The evaluation of a period: class table, clocks, targets. Reads only."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.names import named
from sigap.core.queries import deployment, fetch
from sigap.fleet.models import Agency
from sigap.incidents.models import PRIORITIES, IncidentType
from sigap.places.models import Area

from .calls import CallTable, call_table
from .clocks import Statistics, summarise
from .complaints import ComplaintTable, complaint_table
from .models import CLOCKS, Target
from .period import Period
from .rows import Case, Measured, load_cases, measure
from .survey import Survey, case_survey

PRIORITY_NAMES = {str(number): name for number, name in PRIORITIES}
# Turnout and travel are of a unit, so a target for a group means the unit's agency kind;
# the other clocks are of the incident, and the group is that of its type.
UNIT_CLOCKS = ("turnout", "travel")


@dataclass(frozen=True)
class TargetResult:
    """A target and what was reached: a share in percent, or a mean in seconds."""

    group: str
    statistic: str
    percent: int
    seconds: int
    source: str
    n: int
    value: float | None
    met: bool | None


@dataclass(frozen=True)
class ClockResult:
    """One clock over a set of incidents; cases = n + missing + derived + excluded."""

    cases: int
    n: int
    missing: int
    derived: int
    excluded: int
    zero: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None
    targets: list[TargetResult]


@dataclass(frozen=True)
class Group:
    """The clocks of the incidents of one agency, type, area or priority."""

    code: str
    name: str
    incidents: int
    clocks: dict[str, ClockResult]


@dataclass(frozen=True)
class IncidentCount:
    """How many incidents the clocks are about; merged ones are in the one that carries on."""

    total: int
    merged: int
    cancelled: int
    without_unit: int


@dataclass(frozen=True)
class Evaluation:
    """All findings of a period. Its fields are the keys of the JSON; see docs/monev.md."""

    city: str
    city_name: str
    drill: bool
    first: str
    last: str
    days: int
    time_zone: str
    made_at: str
    agency: str
    agency_name: str
    calls: CallTable
    incidents: IncidentCount
    clocks: dict[str, ClockResult]
    by_agency: list[Group]
    by_type: list[Group]
    by_area: list[Group]
    by_priority: list[Group]
    complaints: ComplaintTable
    case_survey: Survey


def evaluate(period: Period, agency: str = "") -> Evaluation:
    """Evaluate a period; with `agency`, the clocks of that agency's units only."""
    served = deployment()
    chosen = fetch(Agency, code=agency) if agency else None
    targets = list(Target.objects.order_by("pk"))
    cases = load_cases(period)
    if agency:
        cases = [c for c in cases if agency in agencies_of(c)]
    measured = [measure(c, agency) for c in cases]
    return Evaluation(
        city=served.city if served else "",
        city_name=served.name if served else "",
        drill=served.drill if served else False,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        days=period.days,
        time_zone=period.zone.key,
        made_at=clock.now().astimezone(period.zone).isoformat(timespec="seconds"),
        agency=agency,
        agency_name=named(chosen) if chosen else "",
        calls=call_table(period),
        incidents=_count(measured),
        clocks=_clocks(measured, targets),
        by_agency=_by_agency(cases, agency, targets),
        by_type=_by(measured, lambda c: c.type, _names(IncidentType), targets),
        by_area=_by(measured, lambda c: c.area, _area_names(), targets),
        by_priority=sorted(
            _by(measured, lambda c: str(c.priority), PRIORITY_NAMES, targets), key=lambda g: g.code
        ),
        complaints=complaint_table(period, agency),
        case_survey=case_survey(period),
    )


def agencies_of(case: Case) -> set[str]:
    """The agencies of which a unit has done anything for it."""
    return {job.agency for job in case.jobs if job.times}


def _count(measured: list[Measured]) -> IncidentCount:
    return IncidentCount(
        total=len(measured),
        merged=sum(m.case.merged for m in measured),
        cancelled=sum(m.case.state == "cancelled" for m in measured),
        without_unit=sum(not any(j.times for j in m.case.jobs) for m in measured),
    )


def _clocks(measured: list[Measured], targets: list[Target]) -> dict[str, ClockResult]:
    return {name: _clock(name, measured, targets) for name in CLOCKS}


def _clock(name: str, measured: list[Measured], targets: list[Target]) -> ClockResult:
    found = summarise(m.readings[name] for m in measured)
    return ClockResult(
        cases=len(measured),
        n=found.n,
        missing=found.missing,
        derived=found.derived,
        excluded=found.excluded,
        zero=found.zero,
        mean_s=_seconds(found.mean),
        p50_s=_seconds(found.p50),
        p90_s=_seconds(found.p90),
        targets=[_reached(t, measured, found) for t in targets if t.clock == name],
    )


def _reached(target: Target, measured: list[Measured], found: Statistics) -> TargetResult:
    if target.group:
        of_unit = target.clock in UNIT_CLOCKS
        found = summarise(
            m.readings[target.clock]
            for m in measured
            if target.group == (m.kind if of_unit else m.case.group)
        )
    if target.statistic == "mean":
        value = found.mean
        met = None if value is None else value <= target.seconds
        shown = _seconds(value)
    else:
        value = found.share_within(target.seconds)
        met = None if value is None else value >= target.percent
        shown = None if value is None else round(value, 2)
    return TargetResult(
        group=target.group,
        statistic=target.statistic,
        percent=target.percent,
        seconds=target.seconds,
        source=target.source,
        n=found.n,
        value=shown,
        met=met,
    )


def _by(
    measured: Iterable[Measured],
    key: Callable[[Case], str],
    names: dict[str, str],
    targets: list[Target],
) -> list[Group]:
    sets: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        sets[key(one.case)].append(one)
    groups = [_group(code, names, members, targets) for code, members in sets.items()]
    return sorted(groups, key=lambda g: (-g.incidents, g.code))


def _by_agency(cases: list[Case], only: str, targets: list[Target]) -> list[Group]:
    """An incident to which several agencies were sent counts once for each of them."""
    sets: dict[str, list[Measured]] = defaultdict(list)
    for case in cases:
        for code in {only} if only else agencies_of(case):
            sets[code].append(measure(case, code))
    names = _names(Agency)
    groups = [_group(code, names, members, targets) for code, members in sets.items()]
    return sorted(groups, key=lambda g: (-g.incidents, g.code))


def _group(
    code: str, names: dict[str, str], members: list[Measured], targets: list[Target]
) -> Group:
    clocks = _clocks(members, targets)
    return Group(code, names.get(code) or code or _("unknown"), len(members), clocks)


def _names(model: type[Agency] | type[IncidentType]) -> dict[str, str]:
    return {row.code: named(row) for row in model._default_manager.all()}


def _area_names() -> dict[str, str]:
    return dict(Area.objects.values_list("code", "name"))


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
