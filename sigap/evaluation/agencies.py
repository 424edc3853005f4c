"""Chapters of the report about the agencies and about the service itself."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sigap.core.names import named
from sigap.fleet.models import Agency

from .evaluate import Evaluation
from .gate import gate_figures
from .ink import Ink, columns, text
from .paper import Figure, Line, Section, Table
from .period import Period
from .records import Links
from .rows import Case
from .standing import (
    Readiness,
    entered_afterwards,
    failing_jobs,
    outages,
    readiness,
    unfinished,
)

SIDE_BY_SIDE = ("turnout", "travel", "total")


def work_section(found: Evaluation, cases: list[Case], ink: Ink, period: Period) -> Section:
    """The agencies side by side: their times, what is unfinished, and their readiness."""
    groups = {group.code: group for group in found.by_agency}
    filed = {group.code: group for group in found.complaints.by_agency}
    ready, left = readiness(), unfinished(cases)
    codes = [found.agency] if found.agency else [*dict.fromkeys((*groups, *filed, *ready))]
    names = {agency.code: named(agency) for agency in Agency.objects.all()}
    times, open_work = [], []
    for code in codes:
        links, group, late = Links(period, code), groups.get(code), filed.get(code)
        clocks = [group.clocks[clock] if group else None for clock in SIDE_BY_SIDE]
        cells = [ink.n(group.incidents if group else 0, links.incidents())]
        for clock, r in zip(SIDE_BY_SIDE, clocks, strict=True):
            n, timed = r.n if r else 0, links.incidents(clock=clock, fate="n")
            cells += [ink.n(n, timed), ink.of(r.p90_s if r else None, "seconds", n, timed)]
        times.append(Line(key=code, name=names.get(code, code), cells=cells))
        overdue = Links(period).complaints("solved_open", section="by_agency", code=code)
        of_all = Links(period).complaints(section="by_agency", code=code)
        cells = [
            ink.n(left[code], links.incidents("unfinished")),
            ink.n(late.complaints if late else 0, of_all),
            ink.n(late.deadlines["solved"].open if late else 0, overdue),
            *_ready(ready.get(code), ink),
        ]
        open_work.append(Line(key=code, name=names.get(code, code), cells=cells))
    return Section(
        key="agencies",
        title=_("Agencies side by side"),
        blocks=[_times(times), _open_work(open_work)],
    )


def _ready(of: Readiness | None, ink: Ink) -> list[Figure]:
    if of is None:
        return [Figure(value=None), Figure(value=None), Figure(value=None)]
    return [Figure(value=n) for n in (of.units, of.ready, of.blocked)]


def _times(lines: list[Line]) -> Table:
    return Table(
        key="agencies",
        title=_("Times by agency, in seconds"),
        corner=_("Agency"),
        columns=columns(
            incidents=_("Incidents"),
            turnout_n=_("Turnout, n"),
            turnout_p90=_("Turnout, P90"),
            travel_n=_("Travel, n"),
            travel_p90=_("Travel, P90"),
            total_n=_("Total, n"),
            total_p90=_("Total, P90"),
        ),
        lines=lines,
        note=_(
            "By agency: the first unit of that agency; an incident counts once for each agency."
        ),
    )


def _open_work(lines: list[Line]) -> Table:
    return Table(
        key="agencies_now",
        title=_("Unfinished work and readiness, when this was made"),
        corner=_("Agency"),
        columns=columns(
            unfinished=_("Incidents unfinished"),
            complaints=_("Complaints"),
            overdue=_("Complaints overdue"),
            units=_("Vehicles"),
            ready=_("Ready"),
            blocked=_("Kept back for equipment"),
        ),
        lines=lines,
        standing=True,
    )


def service_names() -> dict[str, str]:
    """What of the service may fail, by the code of its alarm."""
    return {
        "channel_down": _("A way of alerting crews did not work"),
        "unkept": _("Recordings could not be kept"),
        "refused": _("A message from another system could not be carried out"),
        "warnings_silent": _("A source of warnings was silent"),
    }


def service_section(period: Period, ink: Ink) -> Section:
    """When the service itself did not work, as far as it knows."""
    names, lines = service_names(), []
    for one in outages(period):
        cells = [
            ink.n(one.times),
            Figure(value=round(one.seconds / 3600, 2), unit="hours"),
            Figure(value=one.going_on),
        ]
        lines.append(Line(key=one.code, name=names[one.code], cells=cells))
    opened = sum(n for gate, _reason, n in gate_figures(period).through if gate == "open")
    more: Iterable[tuple[str, str, int]] = (
        ("gate_open", _("Calls let through because the gate was open or broken"), opened),
        ("afterwards", _("Incidents entered long afterwards"), entered_afterwards(period)),
    )
    for key, name, n in more:
        lines.append(Line(key=key, name=name, cells=[ink.n(n), text(""), text("")]))
    failing = failing_jobs()
    told = _("Jobs that fail now: %(jobs)s.") % {"jobs": ", ".join(failing)} if failing else ""
    blind = _("While the whole server stood still nothing could be noted here.")
    table = Table(
        key="service",
        title=_("When the service itself did not work"),
        corner=_("What"),
        columns=columns(times=_("Times"), hours=_("Hours in all"), now=_("Still so")),
        lines=lines,
        note=f"{told} {blind}".strip(),
        # What still lasts grows.
        standing=True,
    )
    return Section(key="service", title=_("The service itself"), blocks=[table])
