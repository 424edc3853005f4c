"""The report of a period, chapter by chapter: what stands where, and of which records."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import deployment

from .agencies import service_section, work_section
from .areas import area_map
from .calls import call_table
from .comparison import Side, comparison, side_of
from .definitions import definitions, label, title
from .evaluate import ClockResult, Evaluation, Group, evaluate
from .gate import gate_figures
from .ink import Ink, columns, text
from .paper import Bars, Block, Figure, Line, Paper, Section, Table, Words
from .period import Period, period_of
from .records import UNKNOWN, Links
from .report import verdict, wanted
from .rows import load_cases
from .trend import stretches
from .voices import complaint_section, outreach_section, survey_section

MOST_TYPES = 10
CLOCK_COUNTS = ("cases", "n", "missing", "derived", "excluded", "zero")


def report_of(period: Period, agency: str = "", compared: Period | None = None) -> Paper:
    """The whole report, in the language in force."""
    ink, links = Ink(int(value("report.few"))), Links(period, agency)
    found = evaluate(period, agency)
    beside = [comparison(Side(found, links), side_of(compared, agency), ink)] if compared else []
    cases = load_cases(period)
    sections = [
        _calls(found, period, ink, Links(period)),
        _gate(period, ink, Links(period)),
        _clocks(found, ink, links),
        _types(found, ink, links),
        _areas(found, ink, links),
        work_section(found, cases, ink, period),
        complaint_section(found, ink, links),
        survey_section(found, period, ink, links),
        outreach_section(period, ink),
        service_section(period, ink),
        *beside,
        _definitions(),
    ]
    return paper_of("report", _("Evaluation report"), found, sections, ink, compared)


def paper_of(
    kind: str,
    name: str,
    found: Evaluation,
    sections: list[Section],
    ink: Ink,
    compared: Period | None = None,
) -> Paper:
    """A document about these figures."""
    period = period_of_evaluation(found)
    return Paper(
        language=get_language() or "id",
        kind=kind,
        title=name,
        city=found.city_name,
        drill=found.drill,
        first=period.first,
        last=period.last,
        days=found.days,
        zone=f"{clock.now().astimezone(period.zone):%Z}, {found.time_zone}",
        made_at=found.made_at,
        agency=found.agency,
        agency_name=found.agency_name,
        compared=(compared.first, compared.last) if compared else None,
        few=ink.few,
        sections=sections,
    )


def period_of_evaluation(found: Evaluation) -> Period:
    """The days that it is about."""
    return period_of(date.fromisoformat(found.first), date.fromisoformat(found.last))


def _calls(found: Evaluation, period: Period, ink: Ink, links: Links) -> Section:
    calls, lines = found.calls, []
    for one in calls.classes:
        of_class = links.calls(one.key)
        cells = [
            ink.n(one.calls, of_class),
            ink.of(one.share_percent, "percent", one.calls, of_class),
        ]
        lines.append(Line(key=one.key, name=label(one.key), cells=cells))
        for part, n in one.parts.items():
            key = f"{one.key}.{part}"
            cells = [ink.n(n, links.calls(key)), text("")]
            lines.append(Line(key=key, name=label(part), cells=cells, kind="part"))
    whole = Figure(value=100.0 if calls.total else None, unit="percent")
    total = [ink.n(calls.total, links.calls("total")), whole]
    lines.append(Line(key="total", name=_("All calls in these classes"), cells=total, kind="sum"))
    for key, n in calls.other.items():
        cells = [ink.n(n, links.calls(f"other.{key}")), text("")]
        lines.append(Line(key=f"other.{key}", name=label(key), cells=cells, kind="part"))
    every = [ink.n(calls.all, links.calls("all")), text("")]
    lines.append(Line(key="all", name=_("All calls of the period"), cells=every, kind="sum"))
    unanswered = links.calls("unanswered")
    # Calls that nobody answered are more than those of the class: some were told by ringing back.
    lost = [text(""), ink.of(calls.abandon_rate_percent, "percent", calls.all, unanswered)]
    lines.append(Line(key="abandon_rate", name=_("Abandon rate"), cells=lost))
    alone = [ink.n(calls.emergency_without_unit, links.calls("without_unit")), text("")]
    lines.append(Line(key="without_unit", name=_("Emergencies without a unit"), cells=alone))
    table = Table(
        key="calls",
        title=_("Calls by class"),
        corner=_("Class"),
        columns=columns(calls=_("Calls"), share=_("Share")),
        lines=lines,
    )
    return Section(key="calls", title=_("Calls"), blocks=[table, *_trend(period, ink)])


def _trend(period: Period, ink: Ink) -> Iterator[Block]:
    parts = [(name, one, call_table(one)) for name, one in stretches(period)]
    keys = [line.key for line in parts[0][2].classes]
    names = {key: label(key) for key in keys}
    if len(parts) > 1:
        yield Bars(
            key="trend_bars",
            title=_("Calls over the period"),
            names=[name for name, _one, _table in parts],
            series=[
                (names[key], [float(t.classes[i].calls) for _name, _one, t in parts])
                for i, key in enumerate(keys)
            ],
        )
    yield Table(
        key="trend",
        title=_("Calls over the period"),
        corner=_("Stretch"),
        columns=columns(days=_("Days"), **names, all=_("All calls")),
        lines=[
            Line(
                key=one.first.isoformat(),
                name=name,
                cells=[
                    Figure(value=one.days),
                    *(ink.n(line.calls, Links(one).calls(line.key)) for line in table.classes),
                    ink.n(table.all, Links(one).calls("all")),
                ],
            )
            for name, one, table in parts
        ],
    )


def _gate(period: Period, ink: Ink, links: Links) -> Section:
    found = gate_figures(period)
    names = {
        "presented": _("Rang"),
        "gated": _("Set aside at first"),
        "kept_off": _("Kept off the operators"),
        "by_sign": _("Let through by a sign"),
        "by_person": _("Let through by a person"),
        "reached": _("Reached by ringing back"),
        "reviewed": _("Kept off, and reviewed by a person"),
        "wrong": _("Of these, somebody was there"),
    }
    lines = [
        Line(key=key, name=name, cells=[ink.n(getattr(found, key), links.calls(f"gate.{key}"))])
        for key, name in names.items()
    ]
    off = links.calls("gate.saved")
    saved = ink.of(found.saved_hours, "hours", found.ghosts.n, off)
    share = ink.of(found.share_percent, "percent", found.ghosts.n, off)
    timed = ink.n(found.ghosts.n, links.calls("gate.timed"))
    lines += [
        Line(key="saved_hours", name=_("Operators' time saved, in hours"), cells=[saved]),
        Line(key="saved_share", name=_("Its share of their time with calls"), cells=[share]),
        Line(key="ghosts_n", name=_("Ghost calls timed (n)"), cells=[timed]),
    ]
    blocks: list[Block] = [
        Table(
            key="gate",
            title=_("What the gate did"),
            corner=_("Figure"),
            columns=columns(value=_("Value")),
            lines=lines,
            note=_(
                "Time saved: the calls kept off, without those in which a review found somebody, "
                "times the median time that a ghost call took. While none was timed it is unknown."
            ),
        )
    ]
    return Section(key="gate", title=_("The gate"), blocks=blocks)


def clock_table(clocks: dict[str, ClockResult], ink: Ink, links: Links) -> Table:
    """The clocks with the quality of their data; where nothing counts it says so."""
    lines = []
    for key, r in clocks.items():
        counts = [
            ink.n(
                getattr(r, count),
                links.incidents(clock=key, fate=count) if count != "cases" else links.incidents(),
            )
            for count in CLOCK_COUNTS
        ]
        timed = links.incidents(clock=key, fate="n")
        times = [ink.of(s, "seconds", r.n, timed) for s in (r.mean_s, r.p50_s, r.p90_s)]
        enough = text(_("not enough data") if not r.n else "")
        lines.append(Line(key=key, name=label(key), cells=[*counts, *times, enough]))
    return Table(
        key="clocks",
        title=_("Clocks, in seconds"),
        corner=_("Clock"),
        columns=columns(
            cases=_("Cases"),
            n="n",
            missing=_("Missing"),
            derived=_("Derived"),
            excluded=_("Negative"),
            zero=_("Zero"),
            mean=_("Mean"),
            p50="P50",
            p90="P90",
            data=_("Data"),
        ),
        lines=lines,
        note=_("Unit of analysis: one incident, with its first unit. Times in seconds."),
    )


def target_table(clocks: dict[str, ClockResult], ink: Ink, links: Links) -> Table:
    """What was reached of each target."""
    lines = []
    for key, result in clocks.items():
        for target in result.targets:
            asked = {"clock": key, "group": target.group}
            share = target.statistic == "share"
            timed = links.incidents(**asked, fate="n")
            within = links.incidents(**asked, fate="within", seconds=target.seconds)
            met = verdict(target) if target.n else _("not enough data")
            unit = "percent" if share else "seconds"
            cells = [
                ink.n(target.n, timed),
                ink.of(target.value, unit, target.n, within if share and target.n else timed),
                text(met),
            ]
            name = f"{label(key)}: {wanted(target)}"
            code = f"{key}.{target.statistic}.{target.seconds}.{target.group}"
            lines.append(Line(key=code, name=name, cells=cells))
    return Table(
        key="targets",
        title=_("Targets"),
        corner=_("Target"),
        columns=columns(n="n", reached=_("Value reached"), verdict=_("Verdict")),
        lines=lines,
    )


def _clocks(found: Evaluation, ink: Ink, links: Links) -> Section:
    counts = found.incidents
    lines = [
        Line(key=key, name=name, cells=[ink.n(n, links.incidents(line))])
        for key, name, n, line in (
            ("total", _("Incidents"), counts.total, ""),
            ("merged", _("Merged into these"), counts.merged, "merged"),
            ("cancelled", _("Cancelled"), counts.cancelled, "cancelled"),
            ("without_unit", _("Without a unit"), counts.without_unit, "without_unit"),
        )
    ]
    about = Table(
        key="incidents",
        title=_("Incidents"),
        corner=_("Incidents"),
        columns=columns(incidents=_("Number")),
        lines=lines,
    )
    tables = [about, clock_table(found.clocks, ink, links), target_table(found.clocks, ink, links)]
    return Section(key="clocks", title=_("Clocks"), blocks=[*tables])


def _types(found: Evaluation, ink: Ink, links: Links) -> Section:
    top = found.by_type[:MOST_TYPES]
    lines = [_group_line(group, found, ink, links, type=group.code) for group in top]
    name = _("Most frequent types")
    return Section(key="types", title=name, blocks=[_groups("types", name, _("Type"), lines)])


def _groups(key: str, name: str, corner: str, lines: list[Line]) -> Table:
    return Table(
        key=key,
        title=name,
        corner=corner,
        columns=columns(
            incidents=_("Incidents"), share=_("Share"), n=_("Total, n"), p90=_("Total, P90 (s)")
        ),
        lines=lines,
    )


def _group_line(group: Group, found: Evaluation, ink: Ink, links: Links, **of: str) -> Line:
    every, total = found.incidents.total, group.clocks["total"]
    records, timed = links.incidents(**of), links.incidents(**of, clock="total", fate="n")
    share = round(100 * group.incidents / every, 2) if every else None
    cells = [
        ink.n(group.incidents, records),
        ink.of(share, "percent", group.incidents, records),
        ink.n(total.n, timed),
        ink.of(total.p90_s, "seconds", total.n, timed),
    ]
    return Line(key=group.code or UNKNOWN, name=group.name, cells=cells)


def _areas(found: Evaluation, ink: Ink, links: Links) -> Section:
    def asked(code: str) -> str:
        return links.incidents(area=code or UNKNOWN)

    counts = {group.code: group.incidents for group in found.by_area}
    drawn = area_map(counts, ink.few, asked)
    lines = [
        _group_line(group, found, ink, links, area=group.code or UNKNOWN) for group in found.by_area
    ]
    table = _groups("areas", _("Incidents by kelurahan"), _("Kelurahan"), lines)
    blocks: list[Block] = [drawn] if drawn else []
    return Section(key="areas", title=_("By kelurahan"), blocks=[*blocks, table])


def _definitions() -> Section:
    served = deployment()
    lines = [
        Line(key=key, name=title(key), cells=[text(words)]) for key, words in definitions().items()
    ]
    table = Table(
        key="definitions",
        title=_("Definitions and what is left out"),
        corner=_("Word"),
        columns=columns(meaning=_("Meaning")),
        lines=lines,
    )
    made = Words(
        text=_("Worked out by Sigap from the records of %(city)s.")
        % {"city": served.name if served else ""}
    )
    return Section(key="definitions", title=_("Definitions"), blocks=[table, made])
