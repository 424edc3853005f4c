"""The sounds for telephone tests: what they are made of is the same each time."""

from pathlib import Path

import pytest

from sim import voices
from sim.sip import alaw


def test_the_same_seed_makes_the_same_sound_and_another_seed_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for home in ("one", "other"):
        monkeypatch.setenv("HOME", str(tmp_path / home))
        made.append({kind: voices.sound(kind, 1).read_bytes() for kind in voices.KINDS})
    assert made[0] == made[1]
    for kind, first in made[0].items():
        assert kind == "silence" or voices.sound(kind, 2).read_bytes() != first, kind


@pytest.mark.parametrize("kind", voices.KINDS)
def test_a_sound_has_the_form_of_the_line_and_the_loudness_of_its_kind(kind: str) -> None:
    coded = alaw.encode(alaw.read(voices.sound(kind)))
    assert alaw.RATE < len(coded) < 15 * alaw.RATE
    if kind == "silence":
        assert alaw.level(coded) == -99
    else:
        assert -60 < alaw.level(coded) < -6


def test_a_sound_survives_the_line() -> None:
    loud = alaw.tones(1, 440)
    assert alaw.tone_share(alaw.encode(loud), 440) > 0.99
    assert alaw.tone_share(alaw.encode(loud), 1000) < 0.01
    assert alaw.encode(alaw.decode(bytes(range(256)))) == bytes(range(256))
