"""When what is heard is speech, and when it is noise."""

from collections.abc import Iterator
from itertools import chain, repeat

import pytest
from pydantic import ValidationError

from sigap.gateways.voice.rule import CHUNK, CHUNK_S, RATE, Heard, Rule, Watch

SPEECH = (0.9, -25.0)
QUIET = (0.01, -70.0)
LOUD = (0.02, -30.0)

Chunks = Iterator[tuple[float, float]]


def lasting(seconds: float, chunk: tuple[float, float]) -> Chunks:
    return repeat(chunk, round(seconds / CHUNK_S))


def judge(*parts: Chunks, rule: Rule | None = None, watch: Watch | None = None) -> list[Heard]:
    """All that is heard when these follow each other without a gap."""
    watch = watch or Watch(rule or Rule())
    chunks = enumerate(chain(*parts), start=1)
    return [heard for n, chunk in chunks if (heard := watch.hear(n * CHUNK, *chunk))]


def kinds(heard: list[Heard]) -> list[str]:
    return [one.what for one in heard]


def test_four_tenths_of_a_second_are_speech_and_less_is_not() -> None:
    assert kinds(judge(lasting(0.4, SPEECH))) == ["speech"]
    assert judge(lasting(0.352, SPEECH), lasting(5, QUIET)) == []


def test_speech_may_come_in_pieces_within_two_seconds() -> None:
    def pieces(apart_s: float) -> list[Heard]:
        return judge(lasting(0.224, SPEECH), lasting(apart_s, QUIET), lasting(0.224, SPEECH))

    assert kinds(pieces(1.4)) == ["speech"]
    assert pieces(1.8) == []


def test_what_is_under_the_floor_is_no_speech_however_sure_the_model_is() -> None:
    assert judge(lasting(10, (0.99, -55.0))) == []
    assert kinds(judge(lasting(1, (0.99, -54.0)))) == ["speech"]


def test_the_end_of_a_word_counts_where_the_model_still_hears_it() -> None:
    assert kinds(judge(lasting(0.256, SPEECH), lasting(0.128, (0.9, -70.0)))) == ["speech"]
    assert judge(lasting(0.224, SPEECH), lasting(10, (0.9, -70.0))) == [], "not for ever"


def test_it_says_when_and_how_loud() -> None:
    [heard] = judge(lasting(1.6, QUIET), lasting(1, SPEECH))
    assert heard == Heard("speech", after_s=1.984, level_db=-25.0)


def test_four_seconds_of_loudness_within_six_are_noise() -> None:
    assert kinds(judge(lasting(4, LOUD))) == ["noise"]
    assert kinds(judge(lasting(2.016, LOUD), lasting(1.9, QUIET), lasting(2.016, LOUD))) == [
        "noise"
    ]
    assert judge(lasting(2.016, LOUD), lasting(2.1, QUIET), lasting(2.016, LOUD)) == []
    assert judge(lasting(20, (0.02, -41.0))) == []


def test_loud_speech_is_not_noise() -> None:
    assert kinds(judge(lasting(20, (0.9, -10.0)))) == ["speech"]


def test_speech_is_heard_after_noise_and_each_is_said_once() -> None:
    twice = (lasting(5, LOUD), lasting(1, SPEECH), lasting(5, LOUD), lasting(1, SPEECH))
    assert kinds(judge(*twice)) == ["noise", "speech"]


def test_what_was_not_heard_is_time_that_passes() -> None:
    watch = Watch(Rule())
    assert judge(lasting(0.224, SPEECH), watch=watch) == []
    late = 4 * RATE  # what lies between was lost on the way
    assert not any(watch.hear(late + n * CHUNK, *SPEECH) for n in range(7))
    assert watch.chunks * CHUNK_S == pytest.approx(0.448)
    assert any(watch.hear(late + n * CHUNK, *SPEECH) for n in range(7, 14))


def test_each_call_may_have_numbers_of_its_own() -> None:
    patient = Rule(speech_s=1.0, noise_db=-20.0)
    assert judge(lasting(0.9, SPEECH), lasting(9, QUIET), lasting(9, LOUD), rule=patient) == []
    all_of_it = Rule(speech_s=2.0, speech_within_s=2.0)
    assert kinds(judge(lasting(2.1, SPEECH), rule=all_of_it)) == ["speech"]


@pytest.mark.parametrize(
    "numbers",
    [
        {"speech_s": 3.0},
        {"noise_s": 7.0},
        {"noise_db": 3.0},
        {"likely": float("nan")},
        {"speech_s": 0},
        {"loudness": 1.0},
    ],
)
def test_numbers_that_make_no_sense_are_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Rule(**numbers)


def test_it_counts_what_it_heard() -> None:
    watch = Watch(Rule())
    judge(lasting(1.6, SPEECH), lasting(3.2, LOUD), lasting(0.96, QUIET), watch=watch)
    assert (watch.speech, watch.noise, watch.chunks) == (50, 100, 180)
    assert watch.loudest_db == -25.0
