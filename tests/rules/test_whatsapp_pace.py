"""How fast the city's number speaks, when it tries again, and when it costs too much."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from sigap.gateways.whatsapp.pace import Pace, after, pause_s
from sigap.gateways.whatsapp.refusals import (
    Away,
    FarEnd,
    Outside24h,
    Refused,
    TooOften,
    refusal,
)

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    """So many seconds from now."""
    return NOW + timedelta(seconds=seconds)


def test_one_person_hears_a_few_at_once_and_then_one_in_six_seconds() -> None:
    pace = Pace(burst=3)
    assert [pace.ask("siti", later(n / 10)) for n in range(3)] == [0, 0, 0]
    wait = pace.ask("siti", later(0.3))
    assert 5 < wait <= 6
    assert pace.ask("siti", later(0.3 + wait)) == 0
    assert pace.ask("siti", later(0.4 + wait)) > 5


def test_one_persons_waiting_holds_up_nobody_else() -> None:
    pace = Pace(burst=1)
    assert pace.ask("siti", NOW) == 0 and pace.ask("siti", later(1)) > 0
    assert pace.ask("budi", later(1)) == 0


def test_never_more_than_eighty_go_in_any_second() -> None:
    pace = Pace()
    sent, names = [], count()
    for tick in range(3000):
        at = later(tick / 1000)
        if pace.ask(str(next(names)), at) == 0:
            sent.append(at)
    assert all(sent[n + 80] - sent[n] >= timedelta(seconds=1) for n in range(len(sent) - 80))
    assert len(sent) > 3 * 60


def test_what_comes_in_takes_from_the_same_eighty() -> None:
    pace = Pace()
    pace.heard(NOW, 80)
    assert pace.ask("siti", NOW) > 0.5
    assert pace.ask("siti", later(1.2)) == 0


def test_a_refusal_holds_back_the_person_or_everybody() -> None:
    pace = Pace()
    pace.slow_down("siti", TooOften(131056), 16, NOW)
    assert pace.ask("siti", NOW) == pytest.approx(16)
    assert pace.ask("budi", NOW) == 0
    pace.slow_down("siti", TooOften(130429), 4, NOW)
    assert pace.ask("dewi", NOW) == pytest.approx(4)
    assert pace.ask("dewi", later(4)) == 0


def test_a_clock_that_is_set_back_does_not_let_all_through() -> None:
    pace = Pace(burst=1)
    pace.ask("siti", NOW)
    assert pace.ask("siti", later(-60)) > 0


def test_those_who_have_not_been_written_to_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigap.gateways.whatsapp.pace.KEPT", 10)
    pace = Pace()
    for n in range(100):
        pace.ask(str(n), later(n * 10))
    assert len(pace._pairs) < 15


def waits(refused: FarEnd, chance: float = 0.0) -> list[float | None]:
    """How long the first six times are."""
    return [pause_s(n, refused, lambda: chance) for n in range(1, 7)]


def test_too_often_to_one_person_waits_as_meta_asks() -> None:
    assert waits(TooOften(131056)) == [1, 4, 16, 64, 256, 900]


def test_else_it_doubles_and_never_waits_longer_than_a_quarter_of_an_hour() -> None:
    assert waits(Away(status=503)) == [1, 2, 4, 8, 16, 32]
    assert pause_s(500, Away(status=503), lambda: 0.0) == 900


def test_it_waits_at_least_as_long_as_it_is_told_and_not_all_at_once() -> None:
    assert waits(TooOften(status=429, after_s=30))[0] == 30
    assert waits(Away(), 0.0) != waits(Away(), 1.0)
    assert waits(Refused(100)) == [None] * 6


def test_what_is_refused_is_tried_again_said_otherwise_or_given_up() -> None:
    assert after(Away(status=503), NOW, later(3600)) == "again"
    assert after(TooOften(130429), NOW, later(60)) == "again"
    assert after(Outside24h(131047), NOW, NOW) == "template"
    assert after(Refused(131026), NOW, NOW) == "give_up"
    assert after(Away(status=503), NOW, later(86_400)) == "give_up"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 131047, Outside24h),
        (400, 131056, TooOften),
        (400, 130429, TooOften),
        (400, 80007, TooOften),
        (429, 0, TooOften),
        (400, 4, TooOften),
        (500, 0, Away),
        (503, 2, Away),
        (400, 131000, Away),
        (400, 131016, Away),
        (400, 100, Refused),
        (401, 190, Away),
        (400, 131026, Refused),
        (403, 10, Away),
        (404, 132001, Refused),
    ],
)
def test_an_answer_is_known_by_its_code_before_its_status(
    status: int, code: int, kind: type[FarEnd]
) -> None:
    said = refusal(status, {"error": {"code": code, "message": "to 6281233451190"}}, "7")
    assert type(said) is kind and said.code == code
    assert "6281233451190" not in str(said)
    assert said.after_s == (7 if kind in (TooOften, Away) else 0)


@pytest.mark.parametrize("body", [None, [], "no", {}, {"error": None}, {"error": {"code": "x"}}])
def test_an_answer_without_a_code_is_known_by_its_status(body: object) -> None:
    assert type(refusal(502, body, "soon")) is Away
    assert type(refusal(403, body, "-1")) is Refused
