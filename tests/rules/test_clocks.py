"""The statistics of intervals."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap.evaluation.clocks import MISSING, Moment, Reading, between, nearest_rank, summarise

AT = datetime(2025, 4, 1, tzinfo=UTC)
SECONDS = st.floats(0, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("percent", "expected"), [(5, 15), (30, 20), (40, 20), (50, 35), (90, 50), (100, 50)]
)
def test_the_nearest_rank_is_one_of_the_values(percent: float, expected: float) -> None:
    assert nearest_rank([15, 20, 35, 40, 50], percent) == expected


@given(st.lists(SECONDS, min_size=1), st.sampled_from([50, 90]))
def test_at_least_the_percentage_lies_at_or_below_and_no_smaller_value_does(
    values: list[float], percent: int
) -> None:
    ordered = sorted(values)
    found = nearest_rank(ordered, percent)
    assert found in ordered
    assert sum(v <= found for v in ordered) * 100 >= percent * len(ordered)
    assert sum(v < found for v in ordered) * 100 < percent * len(ordered)


def test_without_values_there_is_no_percentile_and_nothing_is_zero() -> None:
    found = summarise([MISSING, Reading(-3)])
    assert (found.n, found.missing, found.excluded) == (0, 1, 1)
    assert found.mean is found.p50 is found.p90 is found.share_within(60) is None
    with pytest.raises(ValueError, match="no values"):
        nearest_rank([], 90)


def test_each_case_is_counted_in_exactly_one_place() -> None:
    readings = [Reading(5), Reading(0), Reading(-1), Reading(7, derived=True), MISSING]
    found = summarise(readings)
    assert found.values == (0, 5)
    counts = (found.n, found.missing, found.derived, found.excluded, found.zero)
    assert counts == (2, 1, 1, 1, 1)
    assert sum(counts[:4]) == len(readings)


def test_a_negative_derived_value_is_derived() -> None:
    found = summarise([Reading(-5, derived=True)])
    assert (found.derived, found.excluded) == (1, 0)


@given(st.lists(st.builds(Reading, st.none() | st.floats(-1e4, 1e4), st.booleans())))
def test_no_reading_is_lost(readings: list[Reading]) -> None:
    found = summarise(readings)
    assert found.n + found.missing + found.derived + found.excluded == len(readings)
    assert found.zero <= found.n
    if found.mean is not None:
        assert math.isclose(found.mean, sum(found.values) / found.n, abs_tol=1e-6)


def test_the_share_within_a_target_counts_the_target_itself() -> None:
    assert summarise([Reading(60), Reading(61), Reading(10)]).share_within(60) == pytest.approx(
        200 / 3
    )


def test_an_interval_needs_both_times_and_is_derived_when_either_is() -> None:
    start, end = Moment(AT), Moment(AT + timedelta(seconds=90), derived=True)
    assert between(start, end) == Reading(90, derived=True)
    assert between(end, start).seconds == -90
    assert between(None, end) is MISSING
    assert between(start, None) is MISSING
