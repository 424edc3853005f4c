"""The evaluation as text, CSV and JSON. The keys of the last two are described, and
promised, in docs/monev.md."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from .calls import CallTable
from .complaint_report import complaint_lines, complaint_rows, survey_line, survey_rows
from .definitions import definitions, group_names, label
from .evaluate import ClockResult, Evaluation, Group, IncidentCount, TargetResult
from .written import day, percent, seconds, whole

FORMAT = 1
GROUPS = ("by_agency", "by_type", "by_area", "by_priority")
MEASURES = ("cases", "n", "missing", "derived", "excluded", "zero", "mean_s", "p50_s", "p90_s")


def as_dict(found: Evaluation) -> dict[str, Any]:
    """The evaluation as plain data, with its definitions."""
    plain = asdict(found)
    plain["calls"]["classes"] = [
        {**line, "label": label(line["key"])} for line in plain["calls"]["classes"]
    ]
    head = {"city", "city_name", "drill", "days", "time_zone", "made_at", "agency", "agency_name"}
    return {
        "format": FORMAT,
        **{key: plain[key] for key in plain if key in head},
        "from": found.first,
        "to": found.last,
        **{key: plain[key] for key in plain if key not in head | {"first", "last"}},
        "definitions": definitions(),
    }


def as_json(found: Evaluation) -> str:
    """The evaluation as JSON."""
    return json.dumps(as_dict(found), ensure_ascii=False, indent=2) + "\n"


def as_csv(found: Evaluation) -> str:
    """One figure per line: section, code, clock, measure, value, name."""
    return csv_of(_csv_rows(found))


def csv_of(rows: Iterable[tuple[Any, ...]]) -> str:
    """Lines under the heads that all evaluations have."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("section", "code", "clock", "measure", "value", "name"))
    for row in rows:
        writer.writerow(["" if cell is None else harmless(cell) for cell in row])
    return out.getvalue()


def harmless(cell: Any) -> Any:
    """A cell of which a spreadsheet makes no formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def _csv_rows(found: Evaluation) -> Iterator[tuple[Any, ...]]:
    about = ("city", "city_name", "days", "time_zone", "made_at", "agency", "agency_name")
    yield "about", "", "", "format", FORMAT, ""
    yield "about", "", "", "drill", int(found.drill), ""
    yield "about", "", "", "from", found.first, ""
    yield "about", "", "", "to", found.last, ""
    for key in about:
        yield "about", "", "", key, getattr(found, key), ""
    yield from call_rows(found.calls)
    for key, n in asdict(found.incidents).items():
        yield "incidents", key, "", "incidents", n, ""
    yield from clock_rows("clocks", "", "", found.clocks)
    for section in GROUPS:
        for group in getattr(found, section):
            yield section, group.code, "", "incidents", group.incidents, group.name
            yield from clock_rows(section, group.code, group.name, group.clocks)
    yield from complaint_rows(found.complaints)
    yield from survey_rows("case_survey", "", "", found.case_survey)


def call_rows(calls: CallTable) -> Iterator[tuple[Any, ...]]:
    """The class table as lines of the CSV."""
    for line in calls.classes:
        yield "calls", line.key, "", "calls", line.calls, label(line.key)
        yield "calls", line.key, "", "share_percent", line.share_percent, label(line.key)
        for part, n in line.parts.items():
            yield "calls", f"{line.key}.{part}", "", "calls", n, label(part)
    yield "calls", "total", "", "calls", calls.total, ""
    for key, n in calls.other.items():
        yield "calls", f"other.{key}", "", "calls", n, label(key)
    yield "calls", "all", "", "calls", calls.all, ""
    yield "calls", "abandon_rate", "", "percent", calls.abandon_rate_percent, ""
    yield "calls", "emergency_without_unit", "", "calls", calls.emergency_without_unit, ""


def clock_rows(
    section: str, code: str, name: str, clocks: dict[str, ClockResult]
) -> Iterator[tuple[Any, ...]]:
    """Clocks as lines of the CSV."""
    for clock, result in clocks.items():
        for measure in MEASURES:
            yield section, code, clock, measure, getattr(result, measure), name
        for target in result.targets:
            if target.n or section == "clocks":
                yield section, code, clock, _target_key(target), target.value, name


def _target_key(target: TargetResult) -> str:
    """E.g. share_within_60_s, mean_target_900_s.fire."""
    what = "share_within" if target.statistic == "share" else "mean_target"
    return f"{what}_{target.seconds}_s" + (f".{target.group}" if target.group else "")


def as_text(found: Evaluation) -> str:
    """The evaluation to read on a terminal."""
    lines: list[str] = []
    if found.drill:
        lines += ["*** " + _("LATIHAN") + " – " + _("Drill: not figures of the city") + " ***", ""]
    lines += [
        *_head(found),
        "",
        *call_lines(found.calls),
        "",
        *clock_lines(found.incidents, found.clocks),
        "",
    ]
    lines += [*target_lines(found.clocks), ""]
    for section in GROUPS:
        groups: list[Group] = getattr(found, section)
        if groups:
            lines += [*_group_table(section, groups), ""]
    lines += [*complaint_lines(found.complaints), ""]
    lines += [survey_line(found.case_survey, label("case_survey")), ""]
    lines.append(_("Definitions"))
    lines += [f"  {key}: {text}" for key, text in definitions().items()]
    return "\n".join(lines) + "\n"


def _head(found: Evaluation) -> Iterator[str]:
    yield _("Evaluation of %(city)s") % {"city": found.city_name}
    yield _("%(first)s to %(last)s, %(days)s days (%(zone)s)") % {
        "first": day(found.first),
        "last": day(found.last),
        "days": whole(found.days),
        "zone": found.time_zone,
    }
    if found.agency:
        yield _("Clocks: only units of %(agency)s. Calls: all of the city.") % {
            "agency": found.agency_name
        }


def call_lines(calls: CallTable) -> Iterator[str]:
    """The class table, to read on a terminal."""
    yield _line(_("Calls"), _("calls"), _("share"))
    for line in calls.classes:
        yield _line(label(line.key), whole(line.calls), percent(line.share_percent))
        for part, n in line.parts.items():
            yield _line("  " + label(part), whole(n), "")
    yield _line(
        _("All calls in these classes"), whole(calls.total), percent(100.0 if calls.total else None)
    )
    yield _("Counted apart")
    for key, n in calls.other.items():
        yield _line("  " + label(key), whole(n), "")
    yield _line(_("All calls of the period"), whole(calls.all), "")
    yield _line(_("Abandon rate"), "", percent(calls.abandon_rate_percent))
    yield _line(_("Emergencies without a unit"), whole(calls.emergency_without_unit), "")


def _line(name: str, number: str, share: str) -> str:
    return f"{name:<36}{number:>12}{share:>12}".rstrip()


def clock_lines(counts: IncidentCount, clocks: dict[str, ClockResult]) -> Iterator[str]:
    """How many incidents, and the clocks of all, to read on a terminal."""
    yield _(
        "Incidents: %(total)s; merged into these %(merged)s; cancelled %(cancelled)s; "
        "without a unit %(without)s"
    ) % {
        "total": whole(counts.total),
        "merged": whole(counts.merged),
        "cancelled": whole(counts.cancelled),
        "without": whole(counts.without_unit),
    }
    yield _("Unit of analysis: one incident, with its first unit. Times in seconds.")
    heads = (_("missing"), _("derived"), _("negative"), _("zero"), _("mean"), "P50", "P90")
    yield f"{_('Clock'):<14}{'n':>9}" + "".join(f"{head:>10}" for head in heads)
    for clock, r in clocks.items():
        counted = (r.missing, r.derived, r.excluded, r.zero)
        yield (
            f"{label(clock):<14}{whole(r.n):>9}"
            + "".join(f"{whole(n):>10}" for n in counted)
            + "".join(f"{seconds(s):>10}" for s in (r.mean_s, r.p50_s, r.p90_s))
        )


def target_lines(clocks: dict[str, ClockResult]) -> Iterator[str]:
    """What was wanted and what was reached, to read on a terminal."""
    yield _("Targets")
    for clock, result in clocks.items():
        for target in result.targets:
            yield "  " + _("%(clock)s: %(wanted)s; reached %(value)s, n %(n)s: %(verdict)s") % {
                "clock": label(clock),
                "wanted": wanted(target),
                "value": reached(target),
                "n": whole(target.n),
                "verdict": verdict(target),
            }


def _group_table(section: str, groups: list[Group]) -> Iterator[str]:
    clocks = list(groups[0].clocks)
    yield (
        f"{label(section) + ' (n, P90)':<36}"
        + f"{_('incidents'):>10}"
        + "".join(f"{label(clock):>18}" for clock in clocks)
    )
    for group in groups:
        cells = (
            f"{whole(r.n):>9}{seconds(r.p90_s):>9}"
            for r in (group.clocks[clock] for clock in clocks)
        )
        yield f"  {group.name[:33]:<34}{whole(group.incidents):>10}" + "".join(cells)


def wanted(target: TargetResult) -> str:
    """A target in words."""
    group = f" ({group_names().get(target.group, target.group)})" if target.group else ""
    source = f", {target.source}" if target.source else ""
    if target.statistic == "mean":
        words = _("mean at most %(seconds)s s") % {"seconds": whole(target.seconds)}
    else:
        words = _("%(percent)s %% within %(seconds)s s") % {
            "percent": target.percent,
            "seconds": whole(target.seconds),
        }
    return words + group + source


def reached(target: TargetResult) -> str:
    """What was reached, in the target's own measure."""
    if target.value is None:
        return "–"
    return (
        percent(target.value)
        if target.statistic == "share"
        else f"{seconds(target.value)} {_('s')}"
    )


def verdict(target: TargetResult) -> str:
    """Whether the target was met; nothing is said without values."""
    if target.met is None:
        return _("no values")
    return _("met") if target.met else _("not met")
