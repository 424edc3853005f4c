"""The semantic layer: it compiles for every engine, and its cubes merge."""

import inspect
import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache
from types import ModuleType
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap.evaluation.clocks import nearest_rank
from sigap.evaluation.warehouse import fromjournal, measures
from sigap.evaluation.warehouse.tables import SCHEMAS, TODAY

PERIOD = {"kediri": (0, 1), "blitar": (3, 4)}
WANTED = [measures.Wanted("turnout", "fire", 80), measures.Wanted("answer", "", 10)]


def the(name: str) -> Any:
    own = ibis.Schema.from_pyarrow(SCHEMAS[name])
    path = {"city": "string"} if name in TODAY else {"city": "string", "month": "string"}
    return ibis.table({**own, **path}, name=name)


CALLS, READINGS, JOURNAL = the("calls"), the("readings"), the("journal")
LINKED = fromjournal.linked_calls(JOURNAL)
OF_CALLS = ("valid", "prank", "ghost", "information", "counted_apart")
OF_READINGS = ("counts", "missing", "derived", "excluded", "zero", "bucket")
# Each expression of the semantic layer, by the name of the function that makes it.
MEASURES: dict[str, Callable[[], Any]] = {
    **{name: lambda n=name: getattr(measures, n)(CALLS) for name in OF_CALLS},
    **{name: lambda n=name: getattr(measures, n)(READINGS) for name in OF_READINGS},
    "total": lambda: measures.total(CALLS.unanswered, "n"),
    "share": lambda: measures.share(READINGS.count(), READINGS.us.sum()),
    "class_lines": lambda: measures.class_lines(CALLS),
    "class_shares": lambda: measures.class_shares(CALLS, "month"),
    "within": lambda: measures.within(READINGS, 60),
    "compared": lambda: measures.compared(READINGS, WANTED[0]),
    "clock_figures": lambda: measures.clock_figures(READINGS, ["agency"]),
    "target_figures": lambda: measures.target_figures(READINGS, WANTED, ["type"]),
    "different_targets": lambda: measures.different_targets(the("targets")),
    "cube": lambda: measures.cube(READINGS),
    "merged": lambda: measures.merged(measures.cube(READINGS)),
    "cube_figures": lambda: measures.cube_figures(measures.cube(READINGS)),
    "incident_counts": lambda: measures.incident_counts(the("incidents")),
    "counted_by": lambda: measures.counted_by(the("complaints"), ["category", "channel"]),
}
FROM_JOURNAL: dict[str, Callable[[], Any]] = {
    "text": lambda: fromjournal.text(JOURNAL, "call_class"),
    "number": lambda: fromjournal.number(JOURNAL, "incident"),
    "happened": lambda: fromjournal.happened(JOURNAL),
    "classed_calls": lambda: fromjournal.classed_calls(JOURNAL),
    "has_class": lambda: fromjournal.has_class(fromjournal.classed_calls(JOURNAL), "prank"),
    "lost_calls": lambda: fromjournal.lost_calls(JOURNAL, fromjournal.classed_calls(JOURNAL)),
    "linked_calls": lambda: LINKED,
    "roots": lambda: fromjournal.roots(JOURNAL),
    "carried": lambda: fromjournal.carried(LINKED, fromjournal.roots(JOURNAL)),
    "jobs": lambda: fromjournal.jobs(JOURNAL),
    "calls": lambda: fromjournal.calls(JOURNAL, the("dispositions"), PERIOD),
    "in_period": lambda: fromjournal.in_period(fromjournal.classed_calls(JOURNAL), PERIOD),
    "readings": lambda: fromjournal.readings(JOURNAL, PERIOD),
}


def public(module: ModuleType) -> set[str]:
    found = inspect.getmembers(module, inspect.isfunction)
    return {n for n, f in found if f.__module__ == module.__name__ and n[0] != "_"}


def test_every_expression_is_among_those_that_are_compiled() -> None:
    assert public(measures) - {"told"} == set(MEASURES)
    assert public(fromjournal) == set(FROM_JOURNAL)


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark"])
@pytest.mark.parametrize("name", [*MEASURES, *(f"journal:{name}" for name in FROM_JOURNAL)])
def test_an_expression_compiles_for_both_engines(name: str, dialect: str) -> None:
    getattr(ibis, dialect)  # registers it
    layer, _, of_journal = name.partition(":")
    expression = FROM_JOURNAL[of_journal]() if of_journal else MEASURES[layer]()
    if not isinstance(expression, ibis.expr.types.Table):
        expression = expression.name("it").as_table()
    assert "SELECT" in ibis.to_sql(expression, dialect=dialect)


@cache
def duckdb() -> Any:
    return ibis.duckdb.connect()


def rows(expression: Any) -> list[dict[str, Any]]:
    found = duckdb().to_pyarrow(expression).to_pylist()
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


# Negative, zero, a microsecond, the edges of buckets, days: all that a clock may say.
US = st.one_of(
    st.none(), st.integers(-(10**7), 10**11), st.integers(0, 400).map(lambda s: s * 10**6)
)
READING = st.fixed_dictionaries(
    {
        "city": st.sampled_from(["kediri", "blitar"]),
        "month": st.sampled_from(["2026-11", "2026-12"]),
        "agency": st.sampled_from(["", "damkar"]),
        "type": st.just("kebakaran_bangunan"),
        "clock": st.sampled_from(["answer", "total"]),
        "us": US,
        "derived": st.sampled_from([False, False, True]),
    }
)
COLUMNS = pa.schema(
    [(key, pa.string()) for key in measures.CUBE_KEYS]
    + [("us", pa.int64()), ("derived", pa.bool_())]
)


def memory(readings: list[dict[str, Any]], schema: pa.Schema = COLUMNS) -> Any:
    return ibis.memtable(pa.Table.from_pylist(readings, schema=schema))


@settings(max_examples=12, deadline=None)
@given(st.lists(READING, max_size=40), st.lists(READING, max_size=40))
def test_merging_the_cubes_of_cities_gives_the_cube_of_all(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    apart = ibis.union(measures.cube(memory(one)), measures.cube(memory(other)))
    assert rows(measures.merged(apart)) == rows(measures.cube(memory(one + other)))
    # Also to fewer keys: a province knows no cities.
    upward = ("month", "clock")
    assert rows(measures.merged(apart, upward)) == rows(measures.cube(memory(one + other), upward))


@settings(max_examples=12, deadline=None)
@given(st.lists(READING, min_size=1, max_size=60))
def test_a_percentile_from_the_cube_is_as_near_as_is_said(readings: list[dict[str, Any]]) -> None:
    exact = {r["clock"]: r for r in rows(measures.clock_figures(memory(readings)))}
    found = {r["clock"]: r for r in rows(measures.cube_figures(measures.cube(memory(readings))))}
    assert exact.keys() == found.keys()
    for clock, row in exact.items():
        same = ("cases", "n", "missing", "derived", "excluded", "zero", "sum_us")
        assert {key: row[key] for key in same} == {key: found[clock][key] for key in same}
        values = sorted(
            r["us"]
            for r in readings
            if r["clock"] == clock and r["us"] is not None and not r["derived"] and r["us"] >= 0
        )
        for percent in measures.PERCENTS:
            told = measures.told(
                found[clock][f"p{percent}_bucket"], found[clock]["min_us"], found[clock]["max_us"]
            )
            true = nearest_rank(values, percent) if values else None
            assert row[f"p{percent}_us"] == true
            if true is None or told is None:
                assert true is told
            else:
                assert math.isclose(told, true, rel_tol=measures.ERROR * 1.0001)


def test_no_whole_millisecond_of_a_day_is_so_near_an_edge_that_engines_could_disagree() -> None:
    """A logarithm in floating point is wrong by some 1e-12 of a bucket at most."""
    with localcontext() as context:
        context.prec = 40
        width, edge = Decimal(str(measures.WIDTH)), Decimal(1)
        nearest = Decimal(1)
        while edge < 24 * 3600 * measures.SECOND:
            edge *= width
            for ms in (int(edge / 1000), int(edge / 1000) + 1):
                nearest = min(nearest, abs(ms * 1000 / edge - 1) / (width - 1))
        assert nearest > Decimal("1e-11")
