"""The one clock."""

from datetime import UTC, datetime, timedelta, timezone

from sigap.core import clock

WHEN = datetime(2026, 11, 2, 8, 0, tzinfo=timezone(timedelta(hours=7)))


def test_the_time_is_aware_and_in_utc_whatever_it_was_frozen_in() -> None:
    with clock.frozen(WHEN):
        assert clock.now() == WHEN
        assert clock.now().tzinfo is UTC


def test_a_frozen_clock_moves_only_when_told_and_also_back() -> None:
    with clock.frozen(WHEN) as time:
        assert clock.now() == clock.now()
        time.forward(90)
        assert clock.now() == WHEN + timedelta(seconds=90)
        time.forward(-100)
        assert clock.now() == WHEN - timedelta(seconds=10)


def test_freezing_ends_where_it_began_also_when_nested() -> None:
    with clock.frozen(WHEN):
        with clock.frozen(WHEN + timedelta(days=1)):
            assert clock.now() == WHEN + timedelta(days=1)
        assert clock.now() == WHEN


def test_the_simulated_city_runs_its_own_clock_and_gives_it_back() -> None:
    with clock.frozen(WHEN):
        clock.run_from(lambda: WHEN + timedelta(days=30))
        assert clock.now() == WHEN + timedelta(days=30)
        clock.run_from(None)
        assert abs(clock.now().timestamp() - datetime.now(UTC).timestamp()) < 60
