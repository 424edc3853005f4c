"""The figures as text, CSV and JSON, in the words and with the keys of `sigap monev`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from sigap.core.errors import Invalid

from ..definitions import label
from ..report import call_lines, call_rows, clock_lines, clock_rows, csv_of, target_lines
from ..written import day, percent, seconds, whole
from .figures import CUBE, SECTIONS, CodeGroup, Figures

FORMAT = 1
ABOUT = ("engine", "percentiles", "percentile_error_percent")
CLASSES = ("valid", "prank", "ghost", "information")


def check_drill(found: Figures, drill: bool) -> None:
    """A drill's figures must not be taken for a city's, nor the other way round."""
    if found.drill and not drill:
        raise Invalid(_("This is the export of a drill, which never counts. Add --drill."))
    if drill and not found.drill:
        raise Invalid(_("These are a city's own figures, not a drill's."))


def as_json(found: Figures) -> str:
    """The figures as JSON: the keys of `sigap monev`, as far as they are here."""
    plain = asdict(found)
    plain["from"], plain["to"] = plain.pop("first"), plain.pop("last")
    return json.dumps({"format": FORMAT, **plain}, ensure_ascii=False, indent=2) + "\n"


def as_csv(found: Figures) -> str:
    """One figure per line: section, code, clock, measure, value, name."""
    return csv_of(_rows(found))


def _rows(found: Figures) -> Iterator[tuple[Any, ...]]:
    yield "about", "", "", "format", FORMAT, ""
    yield "about", "", "", "drill", int(found.drill), ""
    yield "about", "", "", "from", found.first, ""
    yield "about", "", "", "to", found.last, ""
    yield "about", "", "", "cities", " ".join(found.cities), ""
    for key in ABOUT:
        yield "about", "", "", key, getattr(found, key), ""
    yield from call_rows(found.calls)
    for section in ("by_city", "by_month"):
        for row in getattr(found, section):
            code = row[section.removeprefix("by_")]
            for key in ("all", "total", *CLASSES):
                yield section, code, "", key, row[key], ""
    if found.incidents:
        for key, n in asdict(found.incidents).items():
            yield "incidents", key, "", "incidents", n, ""
    yield from clock_rows("clocks", "", "", found.clocks)
    for section in SECTIONS:
        for group in getattr(found, section):
            yield section, group.code, "", "incidents", group.incidents, ""
            yield from clock_rows(section, group.code, "", group.clocks)
    yield from _complaint_rows(found.complaints or {})


def _complaint_rows(complaints: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for key, value in complaints.items():
        if isinstance(value, int):
            yield "complaints", key, "", "complaints", value, ""
        elif isinstance(value, dict):
            for code, n in value.items():
                yield "complaints", f"other.{code}", "", "complaints", n, ""
        else:
            for row in value:
                yield f"complaints_{key}", row["code"], "", "complaints", row["complaints"], ""


def as_text(found: Figures) -> str:
    """The figures to read on a terminal."""
    lines: list[str] = []
    if found.drill:
        lines += ["*** " + _("LATIHAN") + " – " + _("Drill: not figures of the city") + " ***", ""]
    lines.append(_("Evaluation of %(city)s") % {"city": ", ".join(found.cities)})
    lines += [f"{day(found.first)} – {day(found.last)}", ""]
    lines += [*call_lines(found.calls), ""]
    for section in ("by_city", "by_month"):
        lines += _shares(getattr(found, section), section.removeprefix("by_"))
    if found.incidents:
        lines += [*clock_lines(found.incidents, found.clocks), *_about_percentiles(found), ""]
        lines += [*target_lines(found.clocks), ""]
    for section in SECTIONS:
        lines += _groups(label(section), getattr(found, section))
    if found.complaints:
        lines.append(_("Complaints: %(n)s") % {"n": whole(found.complaints["complaints"])})
        lines += [
            f"  {row['code']:<34}{whole(row['complaints']):>10}"
            for row in found.complaints["by_category"]
        ]
    return "\n".join(lines) + "\n"


def _about_percentiles(found: Figures) -> Iterator[str]:
    if found.percentiles == CUBE:
        yield _("Of several cities: P50 and P90 are within %(error)s of the true value.") % {
            "error": percent(found.percentile_error_percent)
        }


def _shares(rows: list[dict[str, Any]], by: str) -> list[str]:
    if not rows:
        return []
    heads = (_("calls"), *(label(key) for key in CLASSES))
    lines = [f"{'':<20}" + "".join(f"{head[:16]:>18}" for head in heads)]
    for row in rows:
        cells = (f"{whole(row[key])} ({percent(row[f'{key}_percent'])})" for key in CLASSES)
        lines.append(f"{row[by]:<20}{whole(row['all']):>18}" + "".join(f"{c:>18}" for c in cells))
    return [*lines, ""]


def _groups(title: str, groups: list[CodeGroup]) -> list[str]:
    if not groups:
        return []
    clocks = list(groups[0].clocks)
    lines = [
        f"{title + ' (n, P90)':<36}{_('incidents'):>10}"
        + "".join(f"{label(clock):>18}" for clock in clocks)
    ]
    for group in groups:
        cells = (
            f"{whole(group.clocks[c].n):>9}{seconds(group.clocks[c].p90_s):>9}" for c in clocks
        )
        name = group.code or _("unknown")
        lines.append(f"  {name[:33]:<34}{whole(group.incidents):>10}" + "".join(cells))
    return [*lines, ""]


FORMS: dict[str, Callable[[Figures], str]] = {"text": as_text, "csv": as_csv, "json": as_json}
