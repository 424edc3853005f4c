"""The scans as figures: what is expected, what is unusual, how rare it is by chance."""

import numpy as np
import pytest

from sigap.insight.warning.bursts import RAREST, find_burst, hours_of_day
from sigap.insight.warning.calibrate import PERIODS, Curve, calibrate
from sigap.insight.warning.rise import last_week, rise_scores
from sigap.insight.warning.scan import (
    WINDOW,
    Zones,
    expected_of,
    most_unusual,
    prior_of,
    scores,
    zones_of,
)

AREAS = 12
LINE = np.abs(np.arange(AREAS)[:, None] - np.arange(AREAS)) * 1000.0
ZONES = zones_of(LINE, most=4, radius_m=2000)
EQUAL = np.full(AREAS, 1 / AREAS)


def days(
    n: int = 300, a_day: float = 2.0, seed: int = 1
) -> "np.ndarray[tuple[int, int], np.dtype[np.int_]]":
    return np.random.default_rng(seed).poisson(a_day / AREAS, (n, AREAS))


def test_a_neighbourhood_is_near_and_small() -> None:
    assert len(set(ZONES.members)) == len(ZONES.members)
    assert {len(zone) for zone in ZONES.members} == {1, 2, 3, 4}
    assert all(LINE[np.ix_(zone, zone)].max() <= 4000 for zone in ZONES.members)
    assert zones_of(LINE, most=4, radius_m=500).members == tuple((n,) for n in range(AREAS))


def test_what_is_expected_is_what_usually_comes() -> None:
    counts = days(800)
    ends = np.arange(500, 800)
    level, share = expected_of(counts, EQUAL, ends)
    assert level[:, 0].mean() == pytest.approx(2.0, rel=0.1)
    assert level[:, WINDOW - 1].mean() == pytest.approx(2.0 * WINDOW, rel=0.1)
    assert share.sum(axis=1) == pytest.approx(1.0)


def test_what_is_expected_knows_nothing_of_the_window_itself() -> None:
    counts = days()
    flooded = counts.copy()
    flooded[-WINDOW:] += 50
    end = np.array([len(counts) - 1])
    for one, other in zip(
        expected_of(counts, EQUAL, end), expected_of(flooded, EQUAL, end), strict=True
    ):
        assert np.array_equal(one, other)


def test_an_area_without_any_case_still_expects_some() -> None:
    counts = days()
    counts[:, 3] = 0
    _level, share = expected_of(counts, prior_of([counts], AREAS), np.array([len(counts) - 1]))
    assert 0 < share[0, 3] < share[0, 4]


def test_what_was_put_in_is_found_where_and_since_when() -> None:
    counts = days()
    counts[-4:, 5] += 3
    found = most_unusual(counts, ZONES, EQUAL, least=3)
    assert found is not None
    assert 5 in found.areas and found.days == 4 and found.seen >= 12 > 3 * found.expected
    assert scores(counts, ZONES, EQUAL, least=3, last=1)[0] == pytest.approx(found.score)


def test_an_empty_city_has_nothing_unusual() -> None:
    nothing = np.zeros((100, AREAS), dtype=np.int_)
    assert most_unusual(nothing, ZONES, EQUAL, least=3) is None
    assert not scores(nothing, ZONES, EQUAL, least=3, last=90).any()
    assert not rise_scores(nothing.sum(axis=1), least=3, last=90).any()


def test_weeks_that_always_differ_make_a_high_one_less_unusual() -> None:
    steady = np.full(210, 1)
    restless = np.repeat(np.tile([0, 2], 15), 7)
    for city in (steady, restless):
        city[-7:] = 3
    assert last_week(steady, least=3).score > last_week(restless, least=3).score > 0


def test_before_eight_weeks_are_known_a_week_says_nothing() -> None:
    assert last_week(np.full(49, 5), least=3).score == 0


def test_the_same_past_gives_the_same_thresholds_and_rarer_is_higher() -> None:
    counts = days()
    one, other = (calibrate(counts, ZONES, EQUAL, least=3, name="a") for _n in range(2))
    assert one == other
    for curve in (one.scan, one.rise, one.either):
        assert tuple(curve.scores) == PERIODS
        assert list(curve.scores.values()) == sorted(curve.scores.values())
    assert float(one.once_in(np.array(0.0), np.array(0.0))) == 0
    assert float(one.once_in(np.array(99.0), np.array(0.0))) > 300


def test_alarms_on_the_days_that_were_played_are_as_rare_as_promised() -> None:
    fresh = days(3000, seed=9)
    known = calibrate(fresh[:400], ZONES, EQUAL, least=3, name="b")
    last = 2500
    scan = scores(fresh, ZONES, EQUAL, least=3, last=last)
    rise = rise_scores(fresh.sum(axis=1), least=3, last=last)
    alarms, quiet = 0, -1
    for day in np.nonzero(known.once_in(scan, rise) >= 30)[0].tolist():
        if day > quiet:
            alarms, quiet = alarms + 1, day + 6
    assert 0.3 <= alarms * 30 / last <= 1.6


def test_of_periods_with_one_score_the_longest_holds() -> None:
    flat = Curve(dict.fromkeys(PERIODS, 4.0))
    assert flat.once_in(np.array([3.9, 4.0])) == pytest.approx([7.0, 720.0])


def test_a_burst_is_close_in_time_and_place() -> None:
    hourly = np.full((3, AREAS), 0.002)
    close = find_burst(
        np.array([0.1, 0.4, 0.6, 1.2, 1.4]), np.array([5, 6, 5, 6, 5]), hourly, ZONES, least=4
    )
    assert close is not None and close.seen == 5 and close.once_in == pytest.approx(RAREST)
    apart = find_burst(np.array([0.1] * 4), np.array([0, 4, 8, 11]), hourly, ZONES, least=4)
    assert apart is None
    busy = find_burst(
        np.array([0.1] * 4), np.array([5, 5, 6, 6]), np.full((3, AREAS), 1.0), ZONES, least=4
    )
    assert busy is not None and busy.once_in < 1


def test_hours_of_a_day_sum_up_to_it() -> None:
    profile = hours_of_day([18, 19, 19, 20])
    assert profile.sum() == pytest.approx(24) and profile.argmax() == 19


def test_a_column_for_unknown_places_is_in_no_neighbourhood() -> None:
    zones = Zones(ZONES.members, AREAS + 1)
    assert not zones.matrix[AREAS].any()
