"""How many will ring: distributions, the calendar of hours, and which method is used."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from sigap.complaints.calendar import Calendar
from sigap.insight.demand import methods as demand
from sigap.insight.demand.backtest import Backtest, Result, _used, backtest
from sigap.insight.demand.calendar import (
    CityDays,
    Weather,
    columns,
    flags,
    read_own,
    read_weather,
    unlearned,
)
from sigap.insight.demand.load import of_counts, silences
from sigap.insight.demand.methods import (
    Ahead,
    NotConverged,
    Past,
    Spread,
    extra,
    last_week,
    regression,
    same_hours,
    trees,
)
from sigap.insight.demand.shares import alike, shares

WIB = ZoneInfo("Asia/Jakarta")
DAYS = CityDays(Calendar(WIB, leave_is_free=True))
MONDAY = datetime(2025, 6, 2, tzinfo=WIB)


def hours_of(days: int, start: datetime = MONDAY) -> list[datetime]:
    return [start + timedelta(hours=n) for n in range(days * 24)]


def log(days: int, seed: int = 1, level: float = 12, alpha: float = 0.05) -> Past:
    """A made-up log with a day and a weekend."""
    hours = hours_of(days)
    mean = np.array(
        [
            level * (1.5 if 8 <= at.hour < 22 else 0.4) * (1.2 if at.weekday() > 4 else 1)
            for at in hours
        ]
    )
    chance = np.random.default_rng(seed)
    calls = chance.poisson(mean * chance.gamma(1 / alpha, alpha, len(mean)))
    return Past(hours, calls.astype(float), DAYS)


def spread(mean: float, alpha: float, n: int = 1) -> Spread:
    return Spread(np.full(n, mean), np.full(n, alpha))


# --- the distribution -----------------------------------------------------------------


@pytest.mark.parametrize(("mean", "alpha"), [(0.1, 0.3), (2.5, 0.0), (17, 0.06), (60, 0.5)])
def test_an_interval_holds_what_it_says_and_not_a_call_more(mean: float, alpha: float) -> None:
    law = spread(mean, alpha)
    for percent in (80, 95):
        low, high = (int(end[0]) for end in law.interval(percent))
        n, p = 1 / max(alpha, 1e-6), 1 / (1 + max(alpha, 1e-6) * mean)
        within = nbinom.cdf(high, n, p) - nbinom.cdf(low - 1, n, p)
        assert within >= percent / 100 - 1e-9
        tail = (1 - percent / 100) / 2
        assert nbinom.cdf(low - 1, n, p) <= tail + 1e-9
        assert high == 0 or nbinom.cdf(high - 1, n, p) < 1 - tail


def test_no_spread_is_poisson() -> None:
    law = spread(4, 0)
    assert law.below(np.array([3.0]))[0] == pytest.approx(poisson.cdf(3, 4), abs=1e-5)


def test_the_score_of_a_certain_forecast_is_the_plain_error_and_of_a_true_one_the_least() -> None:
    sure = spread(1e-9, 0)
    assert sure.crps(np.array([5.0]))[0] == pytest.approx(5, abs=1e-6)
    calls = np.random.default_rng(3).poisson(6, 4000).astype(float)
    scores = [float(np.mean(spread(m, 0, 4000).crps(calls))) for m in (4.5, 6, 7.5)]
    assert min(scores) == scores[1]


def test_the_score_agrees_with_its_other_definition() -> None:
    """E|X - y| - E|X - X'| / 2, by drawing."""
    chance = np.random.default_rng(5)
    n, p = 1 / 0.2, 1 / (1 + 0.2 * 8)
    x, other = chance.negative_binomial(n, p, (2, 200_000))
    drawn = np.mean(np.abs(x - 11)) - np.mean(np.abs(x - other)) / 2
    assert spread(8, 0.2).crps(np.array([11.0]))[0] == pytest.approx(drawn, abs=0.03)


@pytest.mark.parametrize(("mean", "alpha"), [(0.1, 0.3), (1, 0), (17, 0.06)])
def test_a_right_forecast_covers_exactly_what_it_says_also_where_calls_are_few(
    mean: float, alpha: float
) -> None:
    n, p = 1 / max(alpha, 1e-6), 1 / (1 + max(alpha, 1e-6) * mean)
    calls = np.arange(0, 200, dtype=float)
    weights = nbinom.pmf(calls, n, p)
    covered = spread(mean, alpha, 200).covered(calls, 80)
    assert float(covered @ weights) == pytest.approx(0.8, abs=1e-6)


def test_what_differs_beyond_chance_is_found_again() -> None:
    past = log(300, alpha=0.2)
    mean = np.array([18.0 if 8 <= at.hour < 22 else 4.8 for at in past.hours])
    mean *= np.array([1.2 if at.weekday() > 4 else 1 for at in past.hours])
    assert extra(past.calls, mean) == pytest.approx(0.2, abs=0.03)
    chance = np.random.default_rng(2).poisson(5, 5000).astype(float)
    assert extra(chance, np.full(5000, 5.0)) < 0.01


# --- methods --------------------------------------------------------------------------


@pytest.mark.parametrize("method", [same_hours, regression, trees, last_week])
def test_each_method_finds_day_and_night_again(method: demand.Method) -> None:
    past = log(150)
    ahead = method(past, hours_of(7, past.hours[-1] + timedelta(hours=1)))
    mean = ahead.hours.mean.reshape(7, 24)
    # last week's numbers are one draw each, so all of a week's are taken together
    assert mean[:5, 8:22].mean() == pytest.approx(18, rel=0.12)
    assert mean[:5, :8].mean() == pytest.approx(4.8, rel=0.15)
    assert np.all(ahead.hours.alpha >= 0)


def test_fewer_days_make_the_interval_wider() -> None:
    ahead, spreads = hours_of(1, MONDAY + timedelta(days=500)), []
    for days in (21, 80):
        hours = hours_of(days)
        past = Past(hours, np.full(len(hours), 12.0), DAYS)  # so that the mean's own doubt is all
        spreads.append(same_hours(past, ahead).hours.alpha)
    assert np.all(spreads[0] > 2 * spreads[1])


def test_weekdays_that_are_alike_are_taken_together_and_others_are_not() -> None:
    ahead = hours_of(7, MONDAY + timedelta(days=84))
    means = same_hours(log(84), ahead).hours.mean.reshape(7, 24)
    assert np.std(means[:5, 8:22].mean(axis=1)) < 0.5  # by chance alone it would be over 0.4
    past = log(84)
    friday = np.array([3.0 if at.weekday() == 4 else 1.0 for at in past.hours])
    means = same_hours(Past(past.hours, past.calls * friday, DAYS), ahead).hours.mean
    means = means.reshape(7, 24)
    assert means[4].sum() == pytest.approx(3 * means[:4].sum(axis=1).mean(), rel=0.1)


def test_an_hour_in_which_nobody_ever_rang_breaks_no_regression() -> None:
    hours = hours_of(150)
    calls = np.array([20.0 if at.hour == 9 else 0.0 for at in hours])
    law = regression(Past(hours, calls, DAYS), hours_of(1, hours[-1] + timedelta(hours=1))).hours
    assert law.mean[9] == pytest.approx(20, rel=0.15)
    assert law.mean[3] < 0.3
    assert np.all(np.isfinite(law.alpha))


def test_a_regression_without_any_call_says_so() -> None:
    hours = hours_of(130)
    with pytest.raises(NotConverged):
        regression(Past(hours, np.zeros(len(hours)), DAYS), hours_of(1))


def test_a_leap_day_and_the_end_of_a_year_are_days_as_others() -> None:
    start = datetime(2027, 9, 1, tzinfo=WIB)
    hours = hours_of(170, start)  # over new year, up to 18 February 2028
    past = Past(hours, np.full(len(hours), 6.0), DAYS)
    ahead = hours_of(14, hours[-1] + timedelta(hours=1))
    assert any(at.date() == date(2028, 2, 29) for at in ahead)
    for method in (same_hours, regression):
        law = method(past, ahead).hours
        assert np.all(np.abs(law.mean - 6) < 1.5)


# --- the calendar ---------------------------------------------------------------------


def test_ramadan_has_its_hours_and_ends_with_lebaran() -> None:
    assert DAYS.in_ramadan(datetime(2026, 3, 1, 3, tzinfo=WIB))
    assert DAYS.in_ramadan(datetime(2026, 3, 20, 17, tzinfo=WIB))
    assert not DAYS.in_ramadan(datetime(2026, 3, 21, 3, tzinfo=WIB))
    assert not DAYS.in_ramadan(datetime(2026, 2, 10, 3, tzinfo=WIB))
    found = flags(DAYS, [datetime(2026, 3, 1, hour, tzinfo=WIB) for hour in range(24)])
    assert list(np.flatnonzero(found["sahur"])) == [2, 3, 4]
    assert list(np.flatnonzero(found["berbuka"])) == [17, 18]
    assert DAYS.to_lebaran(date(2026, 3, 21)) == 0
    assert DAYS.is_free(date(2026, 3, 24))  # cuti bersama
    assert not DAYS.is_free(date(2026, 3, 21))  # a Saturday is none that they do not work on


def test_the_citys_own_file_goes_before_what_is_reckoned(tmp_path: Path) -> None:
    file = tmp_path / "calendar.csv"
    file.write_text(
        "kind,first,last\nramadan,2026-02-20,2026-03-19\noutage,2026-01-02T08:00,2026-01-02T10:30\n"
    )
    days = CityDays(DAYS.working, read_own(file, WIB))
    assert not days.in_ramadan(datetime(2026, 2, 19, 3, tzinfo=WIB))
    assert days.in_ramadan(datetime(2026, 3, 19, 23, tzinfo=WIB))
    assert not days.in_ramadan(datetime(2026, 3, 20, 3, tzinfo=WIB))
    assert days.is_in("outage", datetime(2026, 1, 2, 9, tzinfo=WIB))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kind,first\n", "no column last"),
        ("kind,first,last\nfeast,2026-01-01,2026-01-02\n", "line 2: 'feast' is none of"),
        ("kind,first,last\nschool,2026-01-03,2026-01-01\n", "line 2: it ends before"),
        ("kind,first,last\nschool,soon,2026-01-01\n", "line 2"),
    ],
)
def test_a_fault_in_it_is_named_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "calendar.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=why):
        read_own(file, WIB)


def test_rain_counts_only_where_it_is_known_for_the_hours_ahead(tmp_path: Path) -> None:
    past, ahead = hours_of(130), hours_of(1, MONDAY + timedelta(days=130))
    file = tmp_path / "weather.csv"
    rows = [f"{at.isoformat()},{3 if at.day == 5 else 0}" for at in past]
    file.write_text("\n".join(["time,rain_mm", *rows]))
    known = CityDays(DAYS.working, {}, read_weather(file, WIB))
    assert not columns(known, past, ahead).weather
    more = {**known.weather.rain, **dict.fromkeys(ahead, 0.0)}
    assert columns(CityDays(DAYS.working, {}, Weather(more)), past, ahead).weather
    file.write_text("time,rain_mm\n2026-01-01T00:00,much\n")
    with pytest.raises(ValueError, match="line 2"):
        read_weather(file, WIB)


def test_what_the_past_has_not_shown_is_said() -> None:
    past = hours_of(150, datetime(2025, 9, 1, tzinfo=WIB))
    ramadan = hours_of(7, datetime(2026, 2, 23, tzinfo=WIB))
    assert {"ramadan", "sahur", "berbuka"} <= set(unlearned(DAYS, past, ramadan))
    assert unlearned(DAYS, past, hours_of(2, datetime(2026, 2, 3, tzinfo=WIB))) == []


# --- unknown is not zero --------------------------------------------------------------


def counts(past: Past) -> dict[datetime, int]:
    return {at.astimezone(UTC): int(n) for at, n in zip(past.hours, past.calls, strict=True)}


def test_a_month_without_a_call_is_unknown_and_moves_no_mean() -> None:
    past = log(200)
    found = counts(past)
    first, end = MONDAY + timedelta(days=60), MONDAY + timedelta(days=90)
    broken = {at: n for at, n in found.items() if not first <= at < end}
    loaded = of_counts(broken, MONDAY, MONDAY + timedelta(days=200), DAYS)
    (gap,) = loaded.gaps
    assert (gap.told, abs(gap.hours - 30 * 24) < 3) == (False, True)
    ahead = hours_of(7, MONDAY + timedelta(days=200))
    whole = of_counts(found, MONDAY, MONDAY + timedelta(days=200), DAYS)
    with_it, without = (regression(x.past, ahead).hours.mean for x in (loaded, whole))
    assert with_it.sum() == pytest.approx(without.sum(), rel=0.05)


def test_a_quiet_night_is_no_outage() -> None:
    past = log(100, level=1.0)
    assert (past.calls == 0).sum() > 500
    assert not silences(past.hours, past.calls).any()


def test_hours_of_a_known_outage_are_left_out_even_where_some_rang() -> None:
    past = log(30)
    stretch = (MONDAY + timedelta(hours=30), MONDAY + timedelta(hours=36))
    days = CityDays(DAYS.working, {"outage": [stretch]})
    loaded = of_counts(counts(past), MONDAY, MONDAY + timedelta(days=30), days)
    assert [(gap.first, gap.hours, gap.told) for gap in loaded.gaps] == [(stretch[0], 6, True)]
    assert len(loaded.past.hours) == 30 * 24 - 6


# --- which method ---------------------------------------------------------------------


def test_a_backtest_asks_only_what_was_known_before() -> None:
    past, asked = log(80), []

    def spy(known: Past, ahead: list[datetime]) -> Ahead:
        asked.append((known.hours[-1], ahead[0], len(ahead)))
        return same_hours(known, ahead)

    found = backtest(past, {"same_hours": spy})  # type: ignore[dict-item]
    assert all(last < first and n == 168 for last, first, n in asked)
    assert found.weeks == len(asked) == 7  # the first four weeks are only learned from
    assert found.results[0].n == 7 * 168


def test_means_beat_last_week_and_cover_what_they_say() -> None:
    found = backtest(log(110))
    known = {result.method: result for result in found.results}
    assert set(known) == {"last_week", "same_hours"}  # under 120 days nothing else is tried
    assert known["same_hours"].crps < known["last_week"].crps
    assert 77 <= known["same_hours"].covered_percent <= 83
    assert found.used == "same_hours"


def test_a_method_that_fails_is_named_and_not_used() -> None:
    def broken(_known: Past, _ahead: list[datetime]) -> Ahead:
        raise NotConverged("no steady answer")

    found = backtest(log(60), {"same_hours": same_hours, "regression": broken})  # type: ignore[dict-item]
    assert found.failed == {"regression": "no steady answer"}
    assert (found.used, [r.method for r in found.results]) == ("same_hours", ["same_hours"])


def result(method: str, better: float, low: float) -> Result:
    return Result(method, 2016, 3.0 - better / 100, 80, 82, better, low, 2 * better - low)


@pytest.mark.parametrize(
    ("regression_", "trees_", "used"),
    [
        ((2, -1), (3, -0.5), "same_hours"),  # better, but it may be chance
        ((2, 1), (3, 1.5), "regression"),  # trees are no better than it beyond chance
        ((2, 1), (6, 4), "trees"),
        ((-5, -7), (6, 4), "trees"),
    ],
)
def test_a_simpler_method_stays_until_another_is_better_beyond_chance(
    regression_: tuple[float, float], trees_: tuple[float, float], used: str
) -> None:
    results = [
        result("same_hours", 0, 0),
        result("regression", *regression_),
        result("trees", *trees_),
    ]
    assert _used(results) == used
    assert Backtest(12, results, used, {}).used == used


# --- shares ---------------------------------------------------------------------------


def test_shares_are_drawn_together_as_far_as_areas_are_alike() -> None:
    equal = [(f"a{n}", 10 + n % 3) for n in range(20)]
    uneven = [("big", 300), *((f"a{n}", n % 2) for n in range(19))]
    assert alike(np.array([n for _c, n in equal], dtype=float)) > 50
    assert alike(np.array([n for _c, n in uneven], dtype=float)) < 1
    found = shares(uneven)
    assert (found[0].code, found[0].n) == ("big", 300)
    assert sum(row.share for row in found) == pytest.approx(1)
    assert all(r.low95 <= r.low80 <= r.share <= r.high80 <= r.high95 for r in shares(equal))


def test_few_incidents_have_no_shares() -> None:
    assert shares([("a", 20), ("b", 9)]) == []
    assert shares([("a", 100)]) == []
    assert shares([]) == []
