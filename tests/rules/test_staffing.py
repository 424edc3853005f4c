"""Operators and shifts: Erlang's formulas against published values and a simulated queue."""

import heapq
import random
from pathlib import Path

import pytest

from sigap.insight.demand.staffing import (
    PATTERNS,
    Pattern,
    cover,
    erlang_a,
    erlang_b,
    erlang_c,
    needed,
    read_patterns,
)


@pytest.mark.parametrize(
    ("load", "lines"), [(0.153, 2), (1.361, 5), (4.461, 10), (12.03, 20), (84.06, 100)]
)
def test_erlang_b_agrees_with_the_printed_tables(load: float, lines: int) -> None:
    """The traffic at which one call in a hundred is lost."""
    assert erlang_b(load, lines) == pytest.approx(0.01, abs=5e-5)


def test_erlang_c_agrees_with_the_usual_example() -> None:
    """100 calls in half an hour of 180 s each: fourteen agents answer 88.8 % within 20 s."""
    found = erlang_c(200, 180, 14, 20)
    assert found.waits == pytest.approx(0.174, abs=5e-4)
    assert found.within == pytest.approx(0.888, abs=5e-4)
    assert found.mean_s == pytest.approx(7.8, abs=0.05)
    assert found.busy == pytest.approx(0.714, abs=5e-4)
    # 80 % within 20 s takes fourteen, not thirteen
    assert needed(200, 180, 80, 20) == 14


def test_two_operators_have_a_closed_form() -> None:
    assert erlang_c(90, 60, 2, 0).waits == pytest.approx(2 * 0.75**2 / 1.75)


def test_erlang_a_agrees_with_the_published_comparison() -> None:
    """48 calls a minute of one minute each, fifty agents, patience two minutes (Garnett,
    Mandelbaum, Reiman): 3.1 % give up, mean wait 3.7 s against 20.8 s, P90 12.5 s against 58.1 s,
    agents busy 93 % against 96 %."""
    patient, impatient = erlang_c(2880, 60, 50, 58.1), erlang_a(2880, 60, 50, 120, 12.5)
    assert (patient.mean_s, patient.over) == (
        pytest.approx(20.8, abs=0.05),
        pytest.approx(0.1, abs=1e-3),
    )
    assert impatient.gives_up == pytest.approx(0.031, abs=5e-4)
    assert impatient.mean_s == pytest.approx(3.7, abs=0.05)
    assert impatient.over == pytest.approx(0.1, abs=2e-3)
    assert (patient.busy, impatient.busy) == (pytest.approx(0.96), pytest.approx(0.93, abs=5e-3))


def test_great_patience_makes_erlang_a_of_erlang_c() -> None:
    for per_hour, operators in ((40, 2), (17, 1), (200, 5)):
        a, c = erlang_a(per_hour, 60, operators, 1e7, 10), erlang_c(per_hour, 60, operators, 10)
        assert a.waits == pytest.approx(c.waits, rel=2e-3)
        assert a.over == pytest.approx(c.over, rel=2e-3)
        assert a.within == pytest.approx(c.within, rel=2e-3)


def queue(
    per_hour: float, handle_s: float, operators: int, patience_s: float, within_s: float
) -> tuple[float, float, float]:
    """A simulated queue: which part waits longer, gives up, is answered in time."""
    chance, calls = random.Random(112), 60_000
    free = [0.0] * operators
    now = over = gone = within = 0.0
    for _call in range(calls):
        now += chance.expovariate(per_hour / 3600)
        patience = chance.expovariate(1 / patience_s)
        start = max(now, free[0])
        wait = min(start - now, patience)
        over += wait > within_s
        if start - now > patience:
            gone += 1
            continue
        within += start - now <= within_s
        heapq.heapreplace(free, start + chance.expovariate(1 / handle_s))
    return over / calls, gone / calls, within / calls


@pytest.mark.parametrize(
    ("per_hour", "handle_s", "operators", "patience_s"),
    [(60, 45, 1, 40), (60, 90, 2, 120), (400, 60, 6, 30), (30, 200, 4, 90)],
)
def test_erlang_a_agrees_with_a_simulated_queue(
    per_hour: float, handle_s: float, operators: int, patience_s: float
) -> None:
    found = erlang_a(per_hour, handle_s, operators, patience_s, 10)
    over, gone, within = queue(per_hour, handle_s, operators, patience_s, 10)
    assert found.over == pytest.approx(over, abs=0.012)
    assert found.gives_up == pytest.approx(gone, abs=0.012)
    assert found.within == pytest.approx(within, abs=0.012)


def test_erlang_c_agrees_with_a_simulated_queue() -> None:
    over, gone, within = queue(60, 90, 3, 1e12, 10)
    found = erlang_c(60, 90, 3, 10)
    assert gone == 0
    assert (found.over, found.within) == (
        pytest.approx(over, abs=0.012),
        pytest.approx(within, abs=0.012),
    )


def test_no_calls_need_one_operator_and_too_many_wait_for_ever() -> None:
    assert needed(0, 60, 90, 10) == 1
    assert erlang_c(0, 60, 1, 10).within == erlang_a(0, 60, 1, 60, 10).within == 1
    assert erlang_c(100, 60, 1, 10).within == 0
    full = erlang_a(100_000, 60, 3, 60, 10)
    assert full.gives_up == pytest.approx(1 - 3 / (100_000 / 60), abs=1e-3)
    assert erlang_a(1, 1, 400, 60, 10).waits == 0
    with pytest.raises(ValueError, match="more operators"):
        needed(1e6, 60, 90, 10)


# --- shifts ---------------------------------------------------------------------------

WATCHES = (Pattern(7, 8), Pattern(15, 8), Pattern(23, 8))


def test_shifts_cover_each_hour_with_the_fewest_hours() -> None:
    need = [(1 if hour % 24 in (23, 0, 1, 2, 3, 4, 5, 6) else 2) for hour in range(168)]
    plan = cover(need, WATCHES)
    assert plan.best
    assert plan.person_hours == sum(need)
    assert all(there >= wanted for there, wanted in zip(plan.there, need, strict=True))
    assert sum(n * p.length for _day, p, n in plan.shifts) == plan.person_hours


def test_nobody_is_alone_in_a_break_and_somebody_is_always_there() -> None:
    halves = (Pattern(0, 12, 6, 1.0), Pattern(12, 12, 6, 1.0))
    plan = cover([0] * 168, (*halves, Pattern(5, 8), Pattern(16, 8)))
    assert min(plan.there) >= 1
    assert plan.person_hours == 7 * (12 + 12 + 8 + 8)  # somebody stands in for each break
    with pytest.raises(ValueError, match="no shift reaches 06:00"):
        cover([0] * 168, halves)


def test_a_shift_at_the_end_of_the_week_is_there_on_its_first_morning() -> None:
    plan = cover([1] * 168, WATCHES)
    assert plan.there[:7] == [1] * 7


def test_shifts_that_reach_no_hour_of_the_night_are_no_plan() -> None:
    with pytest.raises(ValueError, match="no shift reaches 00:00"):
        cover([1] * 168, (Pattern(7, 8), Pattern(14, 8)))


def test_the_usual_shifts_reach_every_hour() -> None:
    assert min(cover([1] * 168, PATTERNS).there) >= 1


def test_a_city_has_shifts_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "shifts.csv"
    assert read_patterns(file) == PATTERNS
    file.write_text("start,length,break_after,break_min\n7,8,4,30\n19,12,,\n")
    assert read_patterns(file) == (Pattern(7, 8, 4, 0.5), Pattern(19, 12))
    for line in ("25,8,4,30", "7,8,9,30", "7,8,4,90", "early,8,4,30", "7,,,"):
        file.write_text(f"start,length,break_after,break_min\n{line}\n")
        with pytest.raises(ValueError, match=r"shifts\.csv, line 2"):
            read_patterns(file)
    file.write_text("start,length\n")
    with pytest.raises(ValueError, match="no shift"):
        read_patterns(file)
