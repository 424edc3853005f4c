"""A document as data: sections of tables, drawings and words, whose every figure knows what it is
of. It is made once and written in several ways: a page, a PDF, a table (CSV), lines of text.
Frozen, it is these same bytes for ever."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from . import drawing
from .written import day, in_days, percent, seconds, whole

FORMAT = 1
Unit = Literal["count", "percent", "points", "seconds", "days", "hours", "mark", "text"]
NONE = "–"
FEW = "*"  # behind a number that few stand behind


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """One cell: what it is, whether few stand behind it, and by which question its records are
    found again (see `records`). Without a value it is unknown, never 0."""

    value: int | float | str | None
    unit: Unit = "count"
    few: bool = False
    records: str = ""

    def __str__(self) -> str:
        """As people of the language in force write it."""
        if self.value is None:
            return NONE
        text = self.value if isinstance(self.value, str) else _NUMBERS[self.unit](self.value)
        return f"{text} {FEW}" if self.few else text


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number_format(value, decimal_pos=2)}"


def _decimal(value: float) -> str:
    return number_format(value, decimal_pos=2)


_NUMBERS: dict[str, Any] = {
    "count": whole,
    "percent": percent,
    "points": _signed,
    "seconds": seconds,
    "days": in_days,
    "hours": _decimal,
    "mark": _decimal,
    "text": str,
}


class Column(_Part):
    """A column of figures."""

    key: str
    title: str


class Line(_Part):
    """A line of a table; a part belongs to the line before it, a sum closes what is above."""

    key: str
    name: str
    cells: list[Figure]
    kind: Literal["", "part", "sum"] = ""


class Table(_Part):
    """Figures with a head. `standing` are those of the moment at which it was made: they are not
    expected to be the same later."""

    block: Literal["table"] = "table"
    key: str
    title: str
    corner: str
    columns: list[Column]
    lines: list[Line]
    note: str = ""
    standing: bool = False


class Bars(_Part):
    """One small picture for each series of a table, each in its own scale: the classes differ a
    hundredfold."""

    block: Literal["bars"] = "bars"
    key: str
    title: str
    names: list[str]  # of the bars
    series: list[tuple[str, list[float]]]

    @property
    def alt(self) -> str:
        """What it shows, for those who do not see it."""
        parts = [
            f"{name}: "
            + ", ".join(f"{n} {_plain(v)}" for n, v in zip(self.names, bars, strict=True))
            for name, bars in self.series
        ]
        return f"{self.title}. " + "; ".join(parts)


def _plain(value: float) -> str:
    return whole(int(value)) if value == int(value) else _decimal(value)


class Ground(_Part):
    """One area of a map: its outline in the map's own units, and what is counted there."""

    code: str
    name: str
    outline: str  # as the `d` of an SVG path
    count: int
    few: bool = False
    records: str = ""


class Map(_Part):
    """A map of the areas, as they were when it was made."""

    block: Literal["map"] = "map"
    key: str
    title: str
    width: int
    height: int
    areas: list[Ground]
    note: str = ""

    @property
    def alt(self) -> str:
        """What it shows, for those who do not see it."""
        most = sorted(self.areas, key=lambda area: (-area.count, area.code))[:10]
        named = ", ".join(f"{area.name} {whole(area.count)}" for area in most if area.count)
        return f"{self.title}. " + (_("Most: %(areas)s.") % {"areas": named} if named else NONE)


class Words(_Part):
    """A paragraph."""

    block: Literal["words"] = "words"
    text: str


Block = Annotated[Table | Bars | Map | Words, Field(discriminator="block")]


class Section(_Part):
    """A part of the document under a heading."""

    key: str
    title: str
    blocks: list[Block]


class Paper(_Part):
    """The document, in the language that it was written in."""

    format: int = FORMAT
    language: str
    kind: Literal["report", "scorecard", "digest"]
    title: str
    city: str
    drill: bool
    first: date
    last: date
    days: int
    zone: str
    made_at: str
    agency: str = ""
    agency_name: str = ""
    compared: tuple[date, date] | None = None
    few: int
    sections: list[Section]

    @property
    def tables(self) -> Iterator[Table]:
        """All tables, in order."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block

    def frozen(self) -> str:
        """The document as the bytes that are hashed and kept."""
        plain = self.model_dump(mode="json")
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def seen(self) -> str:
        """A short name of its figures as they are: whoever signs has seen these and no others."""
        figures = sorted((*key, value) for key, value in self.figures(standing=False).items())
        return hashlib.sha256(json.dumps(figures).encode()).hexdigest()[:16]

    def figures(self, *, standing: bool = True) -> dict[tuple[str, str, str], Any]:
        """Every number by table, line and column."""
        return {
            (table.key, line.key, column.key): cell.value
            for table in self.tables
            if standing or not table.standing
            for line in table.lines
            for column, cell in zip(table.columns, line.cells, strict=True)
            if cell.unit != "text"
        }


def thawed(frozen: str) -> Paper:
    """A document that was frozen."""
    return Paper.model_validate_json(frozen)


def differences(old: Paper, new: Paper) -> list[tuple[str, str, str, str]]:
    """The figures that are not the same any more: where they stand, what stood there, what would
    now. Names do not count, nor what was only true of a moment."""
    with translation.override(old.language):
        before, after = _cells(old), _cells(new)
        keys = [*before, *(key for key in after if key not in before)]
        return [
            (*_place(before.get(key) or after[key]), _of(before, key), _of(after, key))
            for key in keys
            if _value(before, key) != _value(after, key)
        ]


_Cells = dict[tuple[str, str, str], tuple[Table, Line, Column, Figure]]


def _cells(paper: Paper) -> _Cells:
    return {
        (table.key, line.key, column.key): (table, line, column, cell)
        for table in paper.tables
        if not table.standing
        for line in table.lines
        for column, cell in zip(table.columns, line.cells, strict=True)
        if cell.unit != "text"
    }


def _value(cells: _Cells, key: tuple[str, str, str]) -> Any:
    return cells[key][3].value if key in cells else None


def _of(cells: _Cells, key: tuple[str, str, str]) -> str:
    return str(cells[key][3]) if key in cells else NONE


def _place(cell: tuple[Table, Line, Column, Figure]) -> tuple[str, str]:
    table, line, column, _figure = cell
    return table.title, f"{line.name}, {column.title}"


class Standing(_Part):
    """What stands beside the figures: the findings, and who signed them when."""

    findings: str = ""
    state: str = ""
    edition: int = 1
    name: str = ""
    role: str = ""
    at: str = ""
    sha256: str = ""


def shown(
    paper: Paper, standing: Standing | None = None, *, base: str | None = ""
) -> dict[str, Any]:
    """The document as words and drawings only, which a page and the PDF lay out alike. `base` goes
    before the addresses of records; None: whoever reads it may not see them."""
    with translation.override(paper.language):
        return {
            "language": paper.language,
            "title": paper.title,
            "city": paper.city,
            "drill": _("LATIHAN") if paper.drill else "",
            "drill_words": _("Drill: not figures of the city") if paper.drill else "",
            "about": list(_about(paper)),
            "few": _("%(mark)s fewer than %(n)s: it says little.")
            % {"mark": FEW, "n": whole(paper.few)},
            "sections": [_section(section, base) for section in paper.sections],
            "findings_title": _("Findings"),
            "findings": (standing.findings if standing else "").split("\n"),
            "has_findings": bool(standing and standing.findings),
            "signed": list(_signature(standing)) if standing else [],
            "page": _("Page"),
        }


def _about(paper: Paper) -> Iterator[tuple[str, str]]:
    period = _("%(first)s to %(last)s, %(days)s days (%(zone)s)") % {
        "first": day(paper.first.isoformat()),
        "last": day(paper.last.isoformat()),
        "days": whole(paper.days),
        "zone": paper.zone,
    }
    yield _("Period"), period
    if paper.compared:
        first, last = (day(one.isoformat()) for one in paper.compared)
        yield _("Compared with"), f"{first} – {last}"
    if paper.agency:
        yield _("Agency"), paper.agency_name
    made = datetime.fromisoformat(paper.made_at)
    yield _("Made at"), f"{day(made.date().isoformat())}, {made:%H.%M}"


def _signature(standing: Standing) -> Iterator[tuple[str, str]]:
    yield _("State"), standing.state
    yield _("Edition"), whole(standing.edition)
    if standing.name:
        yield _("Signed by"), f"{standing.name}, {standing.role}"
        yield _("Signed at"), standing.at
        yield _("SHA-256 of the figures"), standing.sha256


def _section(section: Section, base: str | None) -> dict[str, Any]:
    blocks = [_block(block, base) for block in section.blocks]
    return {"key": section.key, "title": section.title, "blocks": blocks}


def _block(block: Block, base: str | None) -> dict[str, Any]:
    if isinstance(block, Words):
        return {"block": "words", "text": block.text}
    if isinstance(block, Bars):
        svg = drawing.bars(block.names, block.series)
        return {"block": "svg", "title": block.title, "alt": block.alt, "svg": svg, "note": ""}
    if isinstance(block, Map):
        svg = drawing.ground(
            block.width,
            block.height,
            [(area.name, area.outline, area.count, area.few) for area in block.areas],
        )
        return {
            "block": "svg",
            "title": block.title,
            "alt": block.alt,
            "svg": svg,
            "note": block.note,
        }
    return {
        "block": "table",
        "key": block.key,
        "title": block.title,
        "corner": block.corner,
        "columns": [column.title for column in block.columns],
        "note": block.note,
        "lines": [
            {
                "name": line.name,
                "kind": line.kind,
                "cells": [
                    {
                        "text": str(cell),
                        "words": cell.unit == "text",
                        "url": _address(cell.records, base),
                    }
                    for cell in line.cells
                ],
            }
            for line in block.lines
        ],
    }


def _address(records: str, base: str | None) -> str:
    return f"{base}/monev/records?{records}" if records and base is not None else ""


def as_csv(paper: Paper, standing: Standing | None = None) -> str:
    """One figure per line: table, line, column, unit, value, few, and the names of these."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("table", "line", "column", "unit", "value", "few", "title", "name"))

    def about(key: str, value: Any) -> None:
        writer.writerow(("about", key, "", "text", harmless(value), "", "", ""))

    for key in ("title", "city", "first", "last", "days", "zone", "made_at", "agency"):
        about(key, getattr(paper, key))
    about("drill", int(paper.drill))
    if standing:
        about("sha256", standing.sha256)
    for table in paper.tables:
        for line in table.lines:
            for column, cell in zip(table.columns, line.cells, strict=True):
                value = "" if cell.value is None else harmless(cell.value)
                names = harmless(table.title), harmless(f"{line.name}: {column.title}")
                place = table.key, harmless(line.key), column.key
                writer.writerow((*place, cell.unit, value, int(cell.few), *names))
    return out.getvalue()


def harmless(cell: Any) -> Any:
    """A spreadsheet must not take a name for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def as_text(paper: Paper) -> str:
    """The document in lines, for a mail."""
    with translation.override(paper.language):
        lines = [f"*** {_('LATIHAN')} ***", ""] if paper.drill else []
        lines += [f"{paper.title} – {paper.city}", *(": ".join(pair) for pair in _about(paper))]
        for section in paper.sections:
            lines += ["", section.title.upper()]
            for block in section.blocks:
                if isinstance(block, Words):
                    lines.append(block.text)
                elif isinstance(block, Table):
                    lines += _as_lines(block)
        return "\n".join(lines) + "\n"


def _as_lines(table: Table) -> Iterator[str]:
    for line in table.lines:
        cells = zip(table.columns, line.cells, strict=True)
        yield f"- {line.name}: " + "; ".join(f"{column.title} {cell}" for column, cell in cells)
    if table.note:
        yield table.note
