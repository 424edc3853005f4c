"""What became of an import: nothing is dropped without a line that says so."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.formats import number_format
from django.utils.translation import gettext as _

SHOWN = 20


@dataclass(frozen=True)
class Remark:
    """Something about one line: refused, or taken as it is although it looks wrong."""

    line: int
    refused: bool
    code: str
    reason: str


@dataclass
class Outcome:
    """The counts and remarks of one import."""

    dry_run: bool = False
    read: int = 0
    new: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    unused_columns: list[str] = field(default_factory=list)

    def refuse(self, line: int, code: str, reason: str) -> None:
        """A line that was not taken."""
        self.remarks.append(Remark(line, True, code, reason))

    def flag(self, line: int, code: str, reason: str) -> None:
        """A line that was taken as it is, with what is odd about it."""
        self.remarks.append(Remark(line, False, code, reason))

    @property
    def refused(self) -> list[Remark]:
        """The lines that were not taken, in order."""
        return sorted((r for r in self.remarks if r.refused), key=lambda r: r.line)

    @property
    def flags(self) -> Counter[str]:
        """How often each oddity was seen on lines that were taken."""
        out = {r.line for r in self.remarks if r.refused}
        return Counter(r.code for r in self.remarks if not r.refused and r.line not in out)

    def lines(self) -> Iterator[str]:
        """The report for the terminal."""
        if self.dry_run:
            yield _("Trial run: nothing was written.")
        yield _("Lines read: %(n)s") % {"n": _n(self.read)}
        for noun, n in sorted(self.new.items()):
            yield _("New, %(what)s: %(n)s") % {"what": _noun(noun), "n": _n(n)}
        for noun, n in sorted(self.known.items()):
            yield _("Here already, %(what)s: %(n)s") % {"what": _noun(noun), "n": _n(n)}
        yield _("Refused: %(n)s") % {"n": _n(len(self.refused))}
        for remark in self.refused[:SHOWN]:
            yield "  " + _("line %(line)s: %(why)s") % {"line": remark.line, "why": remark.reason}
        if len(self.refused) > SHOWN:
            yield "  " + _("… and more; --report FILE lists all.")
        for code, n in sorted(self.flags.items()):
            yield _("Taken as it is, %(what)s: %(n)s") % {"what": code, "n": _n(n)}
        for name, n in sorted(self.missing.items()):
            yield _("Without a time, %(what)s: %(n)s") % {"what": name, "n": _n(n)}
        if self.unused_columns:
            yield _("Columns not used: %(names)s") % {"names": ", ".join(self.unused_columns)}
        if self.made:
            names = ", ".join(self.made[:SHOWN]) + (", …" if len(self.made) > SHOWN else "")
            yield _("Made as inactive records, %(n)s: %(names)s") % {
                "n": _n(len(self.made)),
                "names": names,
            }

    def write(self, path: Path) -> None:
        """All remarks as CSV: line, refused or taken, code, reason."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("line", "outcome", "code", "reason"))
            for r in sorted(self.remarks, key=lambda r: (r.line, r.code)):
                rows.writerow((r.line, "refused" if r.refused else "taken", r.code, r.reason))


def _noun(code: str) -> str:
    names = {"calls": _("calls"), "incidents": _("incidents"), "assignments": _("jobs of units")}
    return names[code]


def _n(number: int) -> str:
    return number_format(number, decimal_pos=0, force_grouping=True)
