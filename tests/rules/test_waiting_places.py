"""Where units should wait, as arithmetic: the best choice, demand that few cases only hint at,
coverage that breaks, and means that know how uncertain they are."""

from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest

from sigap.insight.standby.choosing import (
    Floats,
    demand,
    mean_seconds,
    mexclp,
    move_up,
    p_median,
    shrink,
    who_goes,
)
from sigap.insight.standby.simulate import interval
from sigap.places.roads.graph import Roads, Router


def town(seed: int, places: int = 9, areas: int = 12) -> tuple[Floats, Floats]:
    """Seconds from made-up places to areas, and the areas' shares of the demand."""
    draw = np.random.default_rng(seed)
    weights = draw.gamma(1.0, 1.0, areas)
    return draw.uniform(60, 900, (places, areas)), weights / weights.sum()


@pytest.mark.parametrize("seed", range(8))
def test_no_other_choice_of_places_has_a_shorter_mean(seed: int) -> None:
    seconds, weights = town(seed)
    for vehicles in (1, 2, 3, 4):
        chosen = p_median(seconds, weights, vehicles)
        best = min(
            mean_seconds(seconds, weights, choice)[0]
            for choice in combinations(range(len(seconds)), vehicles)
        )
        assert chosen.proven and chosen.gap == 0
        assert len(set(chosen.places)) == vehicles
        assert mean_seconds(seconds, weights, chosen.places)[0] == pytest.approx(best)


@pytest.mark.parametrize("seed", range(6))
def test_no_other_choice_of_places_covers_more_while_some_are_busy(seed: int) -> None:
    seconds, weights = town(seed, places=6, areas=9)
    busy = 0.35

    def covered(places: tuple[int, ...] | list[int]) -> float:
        reach = (seconds[list(places)] <= 300).sum(axis=0)  # noqa: PLR2004 - seconds
        return float((weights * (1 - busy**reach)).sum())

    chosen = mexclp(seconds, weights, 3, within_s=300, busy=busy)
    best = max(covered(choice) for choice in combinations_with_replacement(range(6), 3))
    assert chosen.proven
    assert covered(chosen.places) == pytest.approx(best)


def test_an_area_that_nobody_reaches_has_no_time_and_does_not_bend_the_choice() -> None:
    seconds = np.array([[100.0, 200.0, np.inf], [200.0, 100.0, np.inf]])
    chosen = p_median(seconds, np.array([0.5, 0.1, 0.4]), 1)
    assert chosen.places == [0]
    mean, left = mean_seconds(seconds, np.array([0.5, 0.1, 0.4]), chosen.places)
    assert mean == pytest.approx((0.5 * 100 + 0.1 * 200) / 0.6)
    assert left == pytest.approx(0.4)


def test_an_island_with_a_place_gets_its_own_vehicle() -> None:
    seconds = np.array([[60.0, 90.0, np.inf], [90.0, 60.0, np.inf], [np.inf, np.inf, 60.0]])
    assert 2 in p_median(seconds, np.array([0.6, 0.3, 0.1]), 2).places  # noqa: PLR2004


def test_without_vehicles_or_places_nothing_is_chosen() -> None:
    seconds, weights = town(1)
    assert p_median(seconds, weights, 0).places == []
    assert mexclp(np.zeros((0, 3)), np.ones(3) / 3, 2, within_s=300, busy=0.1).places == []
    assert np.isnan(mean_seconds(seconds, weights, [])[0])


def test_few_cases_say_little_and_many_say_much() -> None:
    prior = np.full(4, 0.25)
    few = shrink(np.array([2.0, 0.0, 0.0, 0.0]), prior)
    many = shrink(np.array([800.0, 0.0, 0.0, 0.0]), prior)
    assert few.sum() == pytest.approx(1) and many.sum() == pytest.approx(1)
    assert 0.25 <= few[0] < many[0]  # noqa: PLR2004 - the prior
    assert all(few > 0)  # where nothing happened yet something may


def test_areas_that_differ_by_chance_alone_are_taken_as_alike() -> None:
    counts = np.random.default_rng(5).poisson(10.0, 46).astype(float)
    drawn = shrink(counts, np.full(46, 1 / 46))
    assert np.ptp(drawn) < np.ptp(counts / counts.sum()) / 2


def test_no_cases_at_all_leave_every_area_alike() -> None:
    nobody = np.zeros(0, int)
    assert demand(nobody, nobody.astype(bool), nobody.astype(bool), 4).tolist() == [0.25] * 4


def test_all_cases_in_one_place_draw_the_demand_there_and_leave_the_rest_some() -> None:
    areas = np.zeros(200, int)
    everything = np.ones(200, bool)
    share = demand(areas, everything, everything, 10)
    assert share[0] > 0.9 and share.min() > 0 and share.sum() == pytest.approx(1)  # noqa: PLR2004


def test_whoever_is_nearest_goes_so_that_all_drive_the_least() -> None:
    assert who_goes(np.array([[5.0, 1.0], [1.0, 9.0]])) == [1, 0]
    assert who_goes(np.array([[5.0], [1.0]])) == [None, 0]


# Two areas with a vehicle each, which reaches only its own from its place.
APART = np.array([[100.0, 900.0], [900.0, 100.0]])


def test_nothing_is_proposed_while_nothing_is_broken() -> None:
    half = np.array([0.5, 0.5])
    assert move_up(APART, APART, APART, half, within_s=300, least=0.05) is None


def test_a_vehicle_is_proposed_to_wait_where_more_is_asked_for() -> None:
    best = move_up(APART[1:], APART, APART, np.array([0.8, 0.2]), within_s=300, least=0.05)
    assert best is not None
    assert (best.vehicle, best.place, best.regained) == (0, 0, [0])
    # What it leaves counts against what it brings back.
    assert best.gain == pytest.approx(0.6) and best.left == pytest.approx(0.2)


def test_a_vehicle_stays_where_moving_would_only_open_another_gap() -> None:
    assert move_up(APART[1:], APART, APART, np.array([0.4, 0.6]), within_s=300, least=0.0) is None


def test_what_is_never_reached_in_time_is_no_gap_that_has_just_opened() -> None:
    far = np.array([[100.0, 900.0]])
    assert move_up(far, far, far, np.array([0.5, 0.5]), within_s=300, least=0.0) is None


def test_an_interval_is_of_days_and_needs_enough_cases() -> None:
    assert interval([(1, 5.0)] * 29) is None
    same = interval([(n, 5.0) for n in range(30)])
    assert same is not None and (same.mean, same.low, same.high) == (5.0, 5.0, 5.0)
    draw = np.random.default_rng(3)
    told = interval([(n // 2, float(x)) for n, x in enumerate(draw.normal(-10, 20, 200))])
    assert told is not None and told.low < told.mean < told.high
    assert (told.n, told.days) == (200, 100)
    # One bad day with all cases is one day, not many.
    one_day = interval([(1, float(x)) for x in range(40)])
    assert one_day is not None and one_day.low == one_day.high == one_day.mean


def test_roads_turned_round_tell_how_long_it_takes_from_a_place() -> None:
    draw = np.random.default_rng(9)
    corners = np.array([[-7.82 + 0.004 * (n // 6), 112.0 + 0.004 * (n % 6)] for n in range(36)])
    pairs = [(n, n + 1) for n in range(36) if n % 6 < 5] + [(n, n + 6) for n in range(30)]  # noqa: PLR2004
    tail, head = np.array(pairs).T
    metres = np.hypot(*((corners[tail] - corners[head]) * 111_000).T)
    roads = Roads(
        tail=tail,
        head=head,
        metres=metres,
        kind=draw.integers(2, 7, len(tail)),
        both=draw.random(len(tail)) > 0.3,  # noqa: PLR2004
        first=np.arange(len(tail) + 1) * 2,
        shape=np.stack([corners[tail], corners[head]], axis=1).reshape(-1, 2),
        name=np.zeros(len(tail), int),
        junctions=36,
    )
    places = [(float(a), float(b)) for a, b in corners[[0, 7, 20]] + 0.0003]
    goals = [(float(a), float(b)) for a, b in corners[[35, 14, 9, 2]] - 0.0002]
    there = Router(roads).times(goals, places)
    # Asked of the roads turned round the few places are the goals.
    again = Router(roads.turned).times(places, goals).T
    assert again == pytest.approx(there)
