"""No small count can be worked out of a published table: an attacker with all its figures, and
linear programming, still finds `least` or more possible in its place."""

import random
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from sigap.evaluation.disclosure import Shown, rounded, shown, shown_line, shown_table

LEAST = 5


def most_possible(table: Shown, rows: list[str], columns: list[str], cell: tuple[str, str]) -> int:
    """The most that a hidden cell can be, for all that is published."""
    index = {one: n for n, one in enumerate(product(rows, columns))}
    known, values = [], []

    def say(cells: list[tuple[str, str]], value: int | None) -> None:
        if value is not None:
            line = np.zeros(len(index))
            line[[index[one] for one in cells]] = 1
            known.append(line)
            values.append(value)

    say(list(index), table.total)
    for row in rows:
        say([(row, c) for c in columns], table.rows[row])
    for column in columns:
        say([(r, column) for r in rows], table.columns[column])
    for one, value in table.cells.items():
        say([one], value)
    wanted = np.zeros(len(index))
    wanted[index[cell]] = -1
    found = linprog(wanted, A_eq=np.array(known), b_eq=values, bounds=(0, None))
    assert found.status == 0, found.message
    return round(-found.fun)


def tables() -> list[dict[tuple[str, str], int]]:
    """Sparse and dense, large and small ones, always the same."""
    dice, found = random.Random(112), []
    for many, width, top in product((2, 5, 9), (2, 4, 6), (3, 8, 40)):
        for empty in (0.0, 0.5, 0.85):
            found.append(
                {
                    (f"r{r}", f"c{c}"): 0 if dice.random() < empty else dice.randint(0, top)
                    for r, c in product(range(many), range(width))
                }
            )
    return found


@pytest.mark.parametrize("counts", tables())
def test_no_small_count_follows_from_the_published_ones(counts: dict[tuple[str, str], int]) -> None:
    rows, columns = sorted({r for r, _c in counts}), sorted({c for _r, c in counts})
    table = shown_table(counts, rows, columns, LEAST)
    published = [table.total, *table.rows.values(), *table.columns.values(), *table.cells.values()]
    assert not any(n is not None and 0 < n < LEAST for n in published)
    if table.total is None:
        assert 0 < sum(counts.values()) < LEAST
        return
    for cell, n in counts.items():
        assert table.cells[cell] in (n, None), "what is shown is right"
        if 0 < n < LEAST:
            assert most_possible(table, rows, columns, cell) >= LEAST


def test_a_full_table_is_shown_whole() -> None:
    counts = {(r, c): 7 for r in "ab" for c in "xyz"}
    table = shown_table(counts, ["a", "b"], ["x", "y", "z"], LEAST)
    assert table.cells == counts and table.total == 42
    assert table.rows == {"a": 21, "b": 21} and table.columns == {"x": 14, "y": 14, "z": 14}


def test_what_is_shown_is_more_than_nothing() -> None:
    counts = {(f"r{r}", c): 20 + r for r in range(8) for c in "wxyz"} | {("r3", "x"): 2}
    table = shown_table(counts, [f"r{r}" for r in range(8)], list("wxyz"), LEAST)
    hidden = [cell for cell, n in table.cells.items() if n is None]
    assert len(hidden) == 4 and ("r3", "x") in hidden


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 10, "b": 20}, set()),
        ({"a": 10, "b": 0}, set()),
        ({"a": 2, "b": 20, "c": 30}, {"a", "b"}),  # else the total minus the others tells a
        ({"a": 1, "b": 1, "c": 30, "d": 40}, {"a", "b", "c"}),  # together they would be two
        ({"a": 4, "b": 4, "c": 30}, {"a", "b"}),
        ({"a": 3, "b": 2, "c": 0}, {"a", "b", "c"}),
    ],
)
def test_parts_of_a_total(counts: dict[str, int], hidden: set[str]) -> None:
    found = shown_line(counts, LEAST)
    assert {key for key, n in found.items() if n is None} == hidden
    assert all(n in (counts[key], None) for key, n in found.items())


def test_a_count_alone_and_one_that_grows() -> None:
    assert [shown(n, LEAST) for n in (0, 1, 4, 5)] == [0, None, None, 5]
    assert [rounded(n, LEAST) for n in (0, 1, 4, 5, 9, 10)] == [0, None, None, 5, 5, 10]
