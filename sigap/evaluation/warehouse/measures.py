"""The semantic layer: what each figure means, once, as expressions that every engine compiles.

An expression takes a table of the warehouse (`tables.SCHEMAS`) or one made from the journal
(`fromjournal`), and gives a column or a table. Only such operations are used as DuckDB and Spark
both have, and whole numbers wherever two engines could round apart: sums, ranks and shares are
equal to the last digit. A test compiles every one of them for both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ibis  # type: ignore[import-untyped]
import ibis.expr.types as ir  # type: ignore[import-untyped]

from ..calls import OTHER, PARTS
from ..evaluate import UNIT_CLOCKS

SECOND = 1_000_000  # microseconds
# A bucket of the cube is so much wider than the one before it.
WIDTH = 1.01
# By so much a percentile from the cube may differ from the true one: it is told as the
# geometric middle of its bucket.
ERROR = math.sqrt(WIDTH) - 1
# Buckets beside those of positive values: those that do not count, and 0 s.
APART, ZERO = -2, -1
CUBE_KEYS = ("city", "month", "agency", "type", "clock")
PERCENTS = (50, 90)


def total(flag: ir.BooleanValue, name: str) -> ir.Value:
    """How many are so; 0 where there are none, since nobody is unknown."""
    return flag.cast("int64").sum().coalesce(0).name(name)


# ---- Calls


def valid(calls: ir.Table) -> ir.BooleanValue:
    """An emergency, a complaint that led to field action, or a repeat of one of these."""
    return calls.line.isin(PARTS["valid"])


def prank(calls: ir.Table) -> ir.BooleanValue:
    """A prank."""
    return calls.line == "prank"


def ghost(calls: ir.Table) -> ir.BooleanValue:
    """A pocket dial, an open line without a sound, or one with noise."""
    return calls.line.isin(PARTS["ghost"])


def information(calls: ir.Table) -> ir.BooleanValue:
    """A question."""
    return calls.line == "information"


def counted_apart(calls: ir.Table) -> ir.BooleanValue:
    """A call that is in none of the four public classes."""
    return calls.line.isin(OTHER)


CLASSES = {"valid": valid, "prank": prank, "ghost": ghost, "information": information}


def share(part: ir.Value, whole: ir.Value) -> ir.Value:
    """The percentage of a count in another; unknown where there is nothing."""
    return 100 * part.cast("float64") / whole.nullif(0).cast("float64")


def class_lines(calls: ir.Table) -> ir.Table:
    """How many calls are in each line of the table."""
    return calls.group_by("line").aggregate(
        calls=calls.count(),
        unanswered=total(calls.unanswered, "unanswered"),
        without_unit=total(calls.emergency_without_unit, "without_unit"),
    )


def class_shares(calls: ir.Table, by: str) -> ir.Table:
    """For each city or month: all calls, the four public classes and their shares of the
    four together."""
    table = calls.group_by(by).aggregate(
        **{key: total(is_it(calls), key) for key, is_it in CLASSES.items()},
        total=total(~counted_apart(calls), "total"),
        all=calls.count(),
    )
    shares = {f"{key}_percent": share(table[key], table.total) for key in CLASSES}
    return table.mutate(**shares).order_by(by)


# ---- Clocks


def counts(readings: ir.Table) -> ir.BooleanValue:
    """A reading that counts: both times known and reported, and not negative."""
    return readings.us.notnull() & ~readings.derived & (readings.us >= 0)


def missing(readings: ir.Table) -> ir.BooleanValue:
    """A time is unknown."""
    return readings.us.isnull()


def derived(readings: ir.Table) -> ir.BooleanValue:
    """A time was worked out, not reported."""
    return readings.us.notnull() & readings.derived


def excluded(readings: ir.Table) -> ir.BooleanValue:
    """Negative: one of the two times must be wrong."""
    return readings.us.notnull() & ~readings.derived & (readings.us < 0)


def zero(readings: ir.Table) -> ir.BooleanValue:
    """0 s, which counts and is shown, being suspect."""
    return counts(readings) & (readings.us == 0)


def within(readings: ir.Table, seconds: int) -> ir.BooleanValue:
    """A reading that counts and is at most so many seconds."""
    return counts(readings) & (readings.us <= seconds * SECOND)


def clock_figures(readings: ir.Table, by: Sequence[str] = ()) -> ir.Table:
    """For each clock (of each code of `by`): cases = n + missing + derived + excluded, zero,
    the sum, and P50 and P90 by nearest rank over the raw values."""
    keys = [*by, "clock"]
    read = readings.mutate(counted=counts(readings).cast("int64"))
    group = [read[key] for key in keys]
    # Those that count come first, in order; the rank is exact in whole numbers.
    ordered = ibis.window(group_by=group, order_by=[read.counted.desc(), read.us])
    ranked = read.mutate(
        rank=ibis.row_number().over(ordered) + 1,
        of=read.counted.sum().over(ibis.window(group_by=group)),
    )
    is_counted = ranked.counted == 1
    percentiles = {
        f"p{percent}_us": ranked.us.min(
            where=is_counted & (ranked["rank"] * 100 >= ranked["of"] * percent)
        )
        for percent in PERCENTS
    }
    return ranked.group_by(keys).aggregate(
        cases=ranked.count(),
        n=ranked.counted.sum(),
        missing=total(missing(ranked), "missing"),
        derived=total(derived(ranked), "derived"),
        excluded=total(excluded(ranked), "excluded"),
        zero=total(zero(ranked), "zero"),
        sum_us=ranked.us.sum(where=is_counted),
        **percentiles,
    )


@dataclass(frozen=True)
class Wanted:
    """A target: so many seconds on a clock; of all, or of a kind of unit or group of types."""

    clock: str
    group: str
    seconds: int


def compared(readings: ir.Table, wanted: Wanted) -> ir.BooleanValue:
    """A reading that counts and that a target is about. With a group, turnout and travel are
    of units of that kind, the other clocks of incidents of that group of types."""
    about = counts(readings) & (readings.clock == wanted.clock)
    if not wanted.group:
        return about
    of = readings.unit_kind if wanted.clock in UNIT_CLOCKS else readings.type_group
    return about & (of == wanted.group)


def target_figures(
    readings: ir.Table, targets: Sequence[Wanted], by: Sequence[str] = ()
) -> ir.Table:
    """What each target is compared with (of each code of `by`), by its place in the list: n,
    how many are within its seconds, and their sum."""
    found = {}
    for place, wanted in enumerate(targets):
        about = compared(readings, wanted)
        found[f"n_{place}"] = total(about, "n")
        found[f"within_{place}"] = total(about & within(readings, wanted.seconds), "within")
        found[f"sum_us_{place}"] = readings.us.sum(where=about)
    return readings.group_by(list(by)).aggregate(**found) if by else readings.aggregate(**found)


def different_targets(targets: ir.Table) -> ir.Table:
    """The targets of all cities, each once: cities agree on most of them, and each is compared
    with all that is read."""
    own = [column for column in targets.columns if column not in ("city", "rank")]
    return targets.group_by(own).aggregate(rank=targets["rank"].min())


# ---- The cube: percentiles that merge upward


def bucket(readings: ir.Table) -> ir.Value:
    """The number of the bucket of a reading: from WIDTH ** b to WIDTH ** (b + 1) microseconds.
    Whole milliseconds below a day lie so far from every edge that no engine's logarithm can
    put one on the wrong side."""
    power = (readings.us.nullif(0).abs().cast("float64").ln() / math.log(WIDTH)).floor()
    return ibis.cases(
        (~counts(readings), APART),
        (readings.us == 0, ZERO),
        else_=power.cast("int64"),
    )


def cube(readings: ir.Table, keys: Sequence[str] = CUBE_KEYS) -> ir.Table:
    """City, month, agency, type and clock with a row for each bucket that has anything: what a
    city hands on when it hands on no case. Cubes are merged by adding them up."""
    read = readings.mutate(bucket=bucket(readings))
    counted = counts(read)
    return read.group_by([*keys, "bucket"]).aggregate(
        cases=read.count(),
        n=total(counted, "n"),
        missing=total(missing(read), "missing"),
        derived=total(derived(read), "derived"),
        excluded=total(excluded(read), "excluded"),
        zero=total(zero(read), "zero"),
        sum_us=read.us.sum(where=counted),
        min_us=read.us.min(where=counted),
        max_us=read.us.max(where=counted),
    )


def merged(cubes: ir.Table, keys: Sequence[str] = CUBE_KEYS) -> ir.Table:
    """Several cubes as one, or one with fewer keys: equal to the cube of all their readings."""
    added = ("cases", "n", "missing", "derived", "excluded", "zero", "sum_us")
    return cubes.group_by([*keys, "bucket"]).aggregate(
        **{name: cubes[name].sum() for name in added},
        min_us=cubes.min_us.min(),
        max_us=cubes.max_us.max(),
    )


def cube_figures(cubes: ir.Table, by: Sequence[str] = ()) -> ir.Table:
    """The same figures as `clock_figures`, from a cube: all exact, but P50 and P90, which are
    given as buckets and the bounds between which they lie."""
    keys = [*by, "clock"]
    one = merged(cubes, keys)
    group = [one[key] for key in keys]
    so_far = ibis.window(group_by=group, order_by=one.bucket, preceding=None, following=0)
    run = one.mutate(
        so_far=one.n.sum().over(so_far), of=one.n.sum().over(ibis.window(group_by=group))
    )
    reached = {
        f"p{percent}_bucket": run.bucket.min(
            where=(run.bucket > APART) & (run.so_far * 100 >= run["of"] * percent)
        )
        for percent in PERCENTS
    }
    added = ("cases", "n", "missing", "derived", "excluded", "zero", "sum_us")
    return run.group_by(keys).aggregate(
        **{name: run[name].sum() for name in added},
        min_us=run.min_us.min(),
        max_us=run.max_us.max(),
        **reached,
    )


def told(bucket: int | None, least: int | None, most: int | None) -> float | None:
    """The microseconds that stand for a bucket: its geometric middle, and never less or more
    than any value was."""
    if bucket is None or least is None or most is None:
        return None
    if bucket == ZERO:
        return 0.0
    middle: float = WIDTH ** (bucket + 0.5)
    return min(max(middle, least), most)


# ---- Other counts


def incident_counts(incidents: ir.Table) -> ir.Table:
    """How many incidents the clocks are about, of the rows where all units count."""
    whole = incidents.filter(incidents.agency == "")
    return whole.aggregate(
        total=whole.count(),
        merged=whole.merged.sum().coalesce(0),
        cancelled=total(whole.state == "cancelled", "cancelled"),
        without_unit=total(whole.without_unit, "without_unit"),
    )


def counted_by(rows: ir.Table, columns: Sequence[str]) -> ir.Table:
    """How many rows have each code, of several columns: `column`, `code`, `n`."""
    return ibis.union(
        *(
            rows.group_by(rows[column].name("code"))
            .aggregate(n=rows.count())
            .select("code", "n", column=ibis.literal(column))
            for column in columns
        )
    )
