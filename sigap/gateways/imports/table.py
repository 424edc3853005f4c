"""Reading a CSV file as it comes: any separator, line end or quote, a BOM, broken rows."""

import csv
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _

from sigap.core.errors import Invalid

LONGEST_CELL = 4000
# Beyond this the reader itself gives up on a cell (a quote that is never closed).
READ_LIMIT = 64 * 1024 * 1024
SEPARATORS = ",;\t|"


class Table:
    """The header and the rows of a CSV file, each row with its line number."""

    def __init__(self, path: Path, encoding: str = "utf-8") -> None:
        encoding = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
        try:
            "".encode(encoding)
            self._raw = path.open("rb")
        except LookupError:
            raise Invalid(_("Unknown encoding: %(name)s") % {"name": encoding}) from None
        except OSError as error:
            raise Invalid(
                _("The file cannot be read: %(why)s") % {"why": error.strerror or path}, code="file"
            ) from None
        self.bytes = path.stat().st_size
        # Kept, since it closes the file when it goes.
        self._text = io.TextIOWrapper(self._raw, encoding, errors="surrogateescape", newline="")
        csv.field_size_limit(READ_LIMIT)
        try:
            first = self._text.readline()
            self.separator = max(SEPARATORS, key=first.count)
            # Strict: a quote left open must not make the rest of the file a part of one cell.
            lines = chain([first], self._text)  # a name of a column may go over a line's end
            self._rows = csv.reader(lines, delimiter=self.separator, strict=True)
            self.header = [" ".join(name.split()) for name in next(self._rows, [])]
        except (csv.Error, UnicodeError) as error:
            raise Invalid(
                _("The first line cannot be read: %(why)s") % {"why": error}, code="header"
            ) from None
        if not any(self.header) or any(_broken(name) for name in self.header):
            raise Invalid(
                _("The first line must name the columns, in UTF-8 or in --encoding."),
                code="header",
            )

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_error: object) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        """How many bytes have been read, for the progress bar."""
        return self._raw.tell()

    def rows(self) -> Iterator[tuple[int, list[str] | Invalid]]:
        """Each row with the line that it begins on, or what is wrong with it. Lines that
        hold nothing at all are no rows."""
        while True:
            begins = self._rows.line_num + 1
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except (csv.Error, UnicodeError) as error:
                text = _("Not CSV: %(why)s.") % {"why": error} + self._swallowed(begins)
                yield begins, Invalid(text, code="csv")
                continue
            if any(cell.strip() for cell in row):
                yield begins, self._fault(row, begins) or row

    def _fault(self, row: list[str], begins: int) -> Invalid | None:
        if len(row) != len(self.header):
            text = _("%(n)d cells where the header has %(wanted)d.") % {
                "n": len(row),
                "wanted": len(self.header),
            }
            return Invalid(text + self._swallowed(begins), code="cells")
        for name, cell in zip(self.header, row, strict=True):
            if len(cell) > LONGEST_CELL:
                text = _("“%(name)s” holds %(n)d characters, at most %(max)d are taken.") % {
                    "name": name,
                    "n": len(cell),
                    "max": LONGEST_CELL,
                }
                return Invalid(text + self._swallowed(begins), code="long")
            if _broken(cell):
                return Invalid(
                    _("“%(name)s” is not in the file's encoding.") % {"name": name},
                    code="encoding",
                )
        return None

    def _swallowed(self, begins: int) -> str:
        """An open quote makes many lines one row: say which ones are lost with it."""
        ends = self._rows.line_num
        if ends == begins:
            return ""
        return " " + _("Lines %(first)d to %(last)d were read as one row; is a quote open?") % {
            "first": begins,
            "last": ends,
        }


def _broken(text: str) -> bool:
    # Bytes that are no text were read as lone surrogates.
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)
