"""Which counts anybody may read: none that is small, and none that gives a small one away.

A count from 1 to `least` - 1 is hidden. Where the published totals minus what is shown beside it
would tell it all the same, others are hidden too, until for each small count at least one table
with the same published figures has `least` or more in its place. Pure: no database.

Hidden counts look alike, whether they are small or keep the secret of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Cell = tuple[str, str]  # row, column
REST = ""  # in a reduced table: the rows, or columns, whose own totals are hidden


@dataclass(frozen=True)
class Shown:
    """A table as it may be published; None is a count that is hidden."""

    total: int | None
    rows: dict[str, int | None]
    columns: dict[str, int | None]
    cells: dict[Cell, int | None]


def is_small(count: int, least: int) -> bool:
    """Whether a count is of so few that it is hidden. Nobody is not few."""
    return 0 < count < least


def shown(count: int, least: int) -> int | None:
    """A count that stands alone."""
    return None if is_small(count, least) else count


def rounded(count: int, least: int) -> int | None:
    """A count that still grows, downwards to a multiple of `least`: whoever reads it again and
    again learns when it has grown by some, never by whom. None below the first."""
    return count // least * least or (None if count else 0)


def shown_line(counts: Mapping[str, int], least: int) -> dict[str, int | None]:
    """The parts of a total that is itself published (and is 0, or at least `least`)."""
    hidden = _hidden_parts(counts, least)
    return {key: None if key in hidden else n for key, n in counts.items()}


def shown_table(
    counts: Mapping[Cell, int], rows: list[str], columns: list[str], least: int
) -> Shown:
    """A table with the totals of its rows and columns. What is not in `counts` is 0."""
    by_row = {row: sum(counts.get((row, c), 0) for c in columns) for row in rows}
    by_column = {column: sum(counts.get((r, column), 0) for r in rows) for column in columns}
    total = sum(by_row.values())
    if is_small(total, least):
        nothing = {(r, c): None for r in rows for c in columns}
        return Shown(None, dict.fromkeys(rows), dict.fromkeys(columns), dict(nothing))
    few, rare = _hidden_parts(by_row, least), _hidden_parts(by_column, least)
    within = _Within(least)
    for (row, column), n in counts.items():
        within.add(REST if row in few else row, REST if column in rare else column, n)
    for row in by_row.keys() - few:
        within.rows.setdefault(row, None)
    for column in by_column.keys() - rare:
        within.columns.setdefault(column, None)
    within.protect()
    return Shown(
        total,
        {row: None if row in few else n for row, n in by_row.items()},
        {column: None if column in rare else n for column, n in by_column.items()},
        {
            (r, c): None
            if r in few or c in rare or (r, c) in within.hidden
            else counts.get((r, c), 0)
            for r in rows
            for c in columns
        },
    )


def _hidden_parts(counts: Mapping[str, int], least: int) -> set[str]:
    """The small ones; with them the next larger ones, until their sum leaves room for each to be
    `least` or more. Whoever reads 0 knows that a hidden one is at least 1."""
    order = sorted((key for key, n in counts.items() if n), key=lambda key: (counts[key], key))
    hidden = [key for key in order if counts[key] < least]
    if not hidden:
        return set()
    for key in order[len(hidden) :]:
        if _leaves_room(sum(counts[h] for h in hidden), len(hidden), least):
            break
        hidden.append(key)
    if _leaves_room(sum(counts[h] for h in hidden), len(hidden), least):
        return set(hidden)
    return set(counts)  # then not even which of them are 0


def _leaves_room(together: int, many: int, least: int) -> bool:
    return many > 1 and together >= least + many - 1


@dataclass
class _Within:
    """The inside of a table, all of whose totals are known (and none of them small)."""

    least: int
    counts: dict[Cell, int] = field(default_factory=dict)
    rows: dict[str, None] = field(default_factory=dict)  # in order, as a set
    columns: dict[str, None] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)

    def add(self, row: str, column: str, n: int) -> None:
        """Count `n` more in a cell."""
        self.rows.setdefault(row)
        self.columns.setdefault(column)
        self.counts[row, column] = self.counts.get((row, column), 0) + n

    def protect(self) -> None:
        """Hide the small ones, and for each the corners of rectangles along which counts can be
        moved without changing any total: up by as much as it lacks, and down beside it."""
        small = [cell for cell, n in self.counts.items() if is_small(n, self.least)]
        self.hidden |= set(small)
        for cell in sorted(small, key=lambda cell: (-self.counts[cell], cell)):
            corners = self._corners(cell)
            if corners is None:
                self.hidden = {(r, c) for r in self.rows for c in self.columns}
                return
            self.hidden |= corners

    def _corners(self, cell: Cell) -> set[Cell] | None:
        """What else is to be hidden for a cell, at the least cost; None where nothing will do."""
        row, column = cell
        lacks = self.least - self.counts[cell]
        found: list[tuple[int, set[Cell]]] = []
        for other in self.columns:
            if other != column and self.counts.get((row, other), 0) >= lacks:
                pairs = [((r, column), (r, other)) for r in self.rows if r != row]
                found += self._enough((row, other), pairs, lacks)
        for other in self.rows:
            if other != row and self.counts.get((other, column), 0) >= lacks:
                pairs = [((row, c), (other, c)) for c in self.columns if c != column]
                found += self._enough((other, column), pairs, lacks)
        return min(found, key=lambda one: (one[0], sorted(one[1])))[1] if found else None

    def _enough(
        self, beside: Cell, pairs: list[tuple[Cell, Cell]], lacks: int
    ) -> list[tuple[int, set[Cell]]]:
        """One way: the first of each pair goes down, the second up by as much."""
        corners, cost, moved = {beside}, self._cost(beside), 0
        ways = [
            (self._cost(down) + self._cost(up), -self.counts[down], down, up)
            for down, up in pairs
            if self.counts.get(down, 0)
        ]
        for price, less, down, up in sorted(ways):
            corners |= {down, up}
            cost += price
            moved -= less
            if moved >= lacks:
                return [(cost, corners)]
        return []

    def _cost(self, cell: Cell) -> int:
        """What the public loses by it; something even where it is 0."""
        return 0 if cell in self.hidden else self.counts.get(cell, 0) + 1
