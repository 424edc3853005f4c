"""What comes down a telephone line: people in need, and all that is not a person who speaks.

Made by espeak-ng and sox, kept in a folder of the user's cache, the same for the same seed.
"""

import hashlib
import math
import os
import subprocess
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from .sip import alaw

RATE = alaw.RATE
BAND = ("sinc", "300-3400")  # what a telephone line lets through
WORDS = (
    "Halo",
    "Tolong",
    "Halo, tolong saya",
    "Tolong ada kebakaran",
    "Ada kecelakaan di depan pasar",
    "Ayah saya pingsan, tolong kirim ambulans",
    "Ada orang masuk rumah saya",
    "Banjir sudah masuk rumah, kami di atap",
)
NEWS = (
    "Selamat malam pemirsa, berikut berita utama hari ini dari ibu kota.",
    "Harga beras di pasar turun sejak awal pekan, kata para pedagang.",
    "Hujan masih akan turun di sebagian besar wilayah sampai besok pagi.",
    "Tim nasional menang dua gol tanpa balas dalam pertandingan semalam.",
)
MEN = ("m1", "m2", "m3", "m4", "m5", "m6", "m7")
WOMEN = ("f1", "f2", "f3", "f4", "f5")


@dataclass(frozen=True)
class Kind:
    """A kind of sound: how it is made, and whether there is a caller who speaks in it."""

    make: Callable[[Random], bytes]
    is_speech: bool = False


def sound(kind: str, seed: int = 0) -> Path:
    """A WAV file (8000 Hz, mono, 16 bits) with a sound of this kind; other seeds, other sounds."""
    path = _folder() / f"{kind}-{seed}.wav"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}")
        alaw.write(part, KINDS[kind].make(Random(f"{kind} {seed}")))
        part.replace(path)
    return path


def _folder() -> Path:
    """Named after what this file says, so that a change of it makes new sounds."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    return Path.home() / ".cache/sigap/sounds" / version


# People


def _speech(luck: Random) -> bytes:
    return _spoken(luck, luck.choice(WORDS), loudness=luck.uniform(-30, -18))


def _word(text: str) -> Callable[[Random], bytes]:
    return lambda luck: _spoken(luck, text, loudness=luck.uniform(-28, -20))


def _whisper(luck: Random) -> bytes:
    voice = luck.choice(("whisper", "whisperf"))
    return _spoken(luck, luck.choice(WORDS), voice, loudness=luck.uniform(-42, -36))


def _child(luck: Random) -> bytes:
    return _spoken(luck, luck.choice(WORDS), luck.choice(WOMEN), pitch=luck.randint(75, 92))


def _shout(luck: Random) -> bytes:
    word = luck.choice(("Tolong!", "Kebakaran!", "Cepat!"))
    voiced = _voice(f"{word} {word}", luck.choice(("m3", "f4")), 160, 70)
    return _framed(luck, _sox(_loud(voiced, -20), "overdrive", "25", *BAND), -10)


def _speech_in_street(luck: Random) -> bytes:
    """As loud as the street around."""
    said = _spoken(luck, luck.choice(WORDS[2:]), loudness=-24)
    return _mix(said, _loud(_street(luck, len(said) / 2 / RATE), -24))


def _spoken(
    luck: Random, text: str, voice: str = "", *, pitch: int = 0, loudness: float = -24
) -> bytes:
    voice = voice or luck.choice(MEN + WOMEN)
    said = _voice(text, voice, luck.randint(115, 165), pitch or luck.randint(30, 70))
    return _framed(luck, _sox(said, *BAND), loudness)


def _framed(luck: Random, said: bytes, loudness: float) -> bytes:
    """Somebody begins to speak after a moment, and falls silent."""
    return _silence(luck.uniform(0.3, 1.2)) + _loud(said, loudness) + _silence(0.8)


def _voice(text: str, variant: str, speed: int, pitch: int) -> bytes:
    """Read aloud in Indonesian."""
    speak = ["espeak-ng", "-v", f"id+{variant}", "-s", str(speed), "-p", str(pitch), "--stdout"]
    said = subprocess.run([*speak, text], capture_output=True, check=True).stdout
    return _run_sox(["-t", "wav", "--ignore-length", "-"], said, ())


# Everything else


def _hiss(luck: Random) -> bytes:
    return _loud(_noise(luck, 6), luck.uniform(-62, -50))


def _street(luck: Random, seconds: float = 8) -> bytes:
    """The rumble of a road, engines that pass, and a horn now and then."""
    rumble = _loud(_sox(_noise(luck, seconds), "lowpass", "500", "tremolo", "0.3", "50"), -30)
    parts = [rumble, _loud(_sox(_noise(luck, seconds), *BAND), -42)]
    for _engine in range(3):
        begin, lasting = luck.uniform(0, seconds * 0.7), luck.uniform(1.5, 3)
        hertz = luck.uniform(70, 140)
        passing = _synth(lasting, "sawtooth", f"{hertz:.0f}-{hertz * 0.8:.0f}", "lowpass", "900")
        passing = _sox(passing, "fade", "q", f"{lasting / 2}", f"{lasting}", f"{lasting / 2}")
        parts.append(_silence(begin) + _loud(passing, -32))
    horn = _loud(alaw.tones(luck.uniform(0.2, 0.6), 420, 530), -28)
    parts.append(_silence(luck.uniform(0, seconds * 0.8)) + horn)
    return _mix(*parts)[: round(seconds * RATE) * 2]


def _pocket(luck: Random) -> bytes:
    """Cloth that rubs on the microphone, and a knock."""
    envelope = [0.02] * (8 * RATE)
    for _rub in range(14):
        _swell(envelope, luck.uniform(0, 7), luck.uniform(0.05, 0.6), luck.uniform(0.2, 1))
    return _loud(_sox(_shaped(_noise(luck, 8), envelope), "lowpass", "1100"), -28)


def _breathing(luck: Random) -> bytes:
    envelope = [0.0] * (10 * RATE)
    at, pace = luck.uniform(0.2, 1), luck.uniform(1.2, 2.2)
    while at + pace < 10:
        _swell(envelope, at, pace * 0.4, 0.7)
        _swell(envelope, at + pace * 0.5, pace * 0.5, 1)
        at += pace * luck.uniform(0.95, 1.3)
    return _loud(_sox(_shaped(_noise(luck, 10), envelope), "bandpass", "900", "1.2q"), -38)


def _tapping(luck: Random) -> bytes:
    """Fingers on the telephone: the caller who cannot speak."""
    envelope = [0.0] * (8 * RATE)
    at = 0.5
    while at < 7.5:
        _swell(envelope, at, 0.012, luck.uniform(0.6, 1))
        at += luck.choice((0.25, 0.3, 0.35, 1.0))
    return _loud(_sox(_shaped(_noise(luck, 8), envelope), *BAND), -36)


def _music(luck: Random) -> bytes:
    """Plucked chords, as somebody plays them in the next room."""
    root = luck.uniform(180, 260)
    beat = luck.uniform(0.3, 0.5)
    bars = []
    for _chord in range(round(8 / (3 * beat))):
        step = luck.choice((0, 2, 4, 5, 7, 9))
        for third in (0, 4, 7):
            hertz = root * 2 ** ((step + third) / 12)
            bars.append(_synth(beat, "pluck", f"{hertz:.1f}"))
    return _loud(_sox(b"".join(bars), *BAND), luck.uniform(-30, -22))


def _television(luck: Random) -> bytes:
    """Several voices over music, from the other side of the room."""
    voices = [
        _silence(luck.uniform(0, 1))
        + _loud(_voice(text, voice, luck.randint(150, 190), luck.randint(35, 65)), -30)
        for text, voice in zip(luck.sample(NEWS, 3), luck.sample(MEN + WOMEN, 3), strict=True)
    ]
    mixed = _mix(*voices, _loud(_music(luck), -32))
    return _loud(_sox(mixed, "reverb", "60", "lowpass", "1800", *BAND), luck.uniform(-40, -34))


KINDS = {
    "silence": Kind(lambda luck: _silence(5)),
    "hiss": Kind(_hiss),
    "street": Kind(_street),
    "pocket": Kind(_pocket),
    "breathing": Kind(_breathing),
    "tapping": Kind(_tapping),
    "music": Kind(_music),
    "television": Kind(_television),  # there is speech in it, but no caller
    "speech": Kind(_speech, is_speech=True),
    "halo": Kind(_word("Halo?"), is_speech=True),
    "tolong": Kind(_word("Tolong"), is_speech=True),
    "fire": Kind(_word("Tolong ada kebakaran"), is_speech=True),
    "whisper": Kind(_whisper, is_speech=True),
    "child": Kind(_child, is_speech=True),
    "shout": Kind(_shout, is_speech=True),
    "speech_in_street": Kind(_speech_in_street, is_speech=True),
}


# Samples


def _silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


def _noise(luck: Random, seconds: float) -> bytes:
    """White noise."""
    coarse = array("b", luck.randbytes(round(seconds * RATE)))
    return array("h", [sample * 128 for sample in coarse]).tobytes()


def _synth(seconds: float, *what: str) -> bytes:
    """A sound of sox's own making."""
    return _run_sox(["-n"], b"", ("synth", f"{seconds:.3f}", *what))


def _sox(pcm: bytes, *effects: str) -> bytes:
    form = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    return _run_sox(form, pcm, effects)


def _run_sox(source: list[str], given: bytes, effects: tuple[str, ...]) -> bytes:
    """Random numbers are the same each time, and nothing is dithered."""
    target = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    command = ["sox", "-R", "-D", "-V1", *source, *target, *effects]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def _mix(*parts: bytes) -> bytes:
    """All at once; as long as the longest."""
    total = [0] * (max(len(part) for part in parts) // 2)
    for part in parts:
        for at, sample in enumerate(array("h", part)):
            total[at] += sample
    return array("h", [max(-32768, min(32767, sample)) for sample in total]).tobytes()


def _loud(pcm: bytes, loudness: float) -> bytes:
    """The same at this loudness: the root mean square in dB below the loudest possible."""
    samples = array("h", pcm)
    now = math.sqrt(sum(sample * sample for sample in samples) / max(len(samples), 1)) or 1
    factor = 32768 * 10 ** (loudness / 20) / now
    return array("h", [max(-32768, min(32767, round(s * factor))) for s in samples]).tobytes()


def _swell(envelope: list[float], begin: float, seconds: float, height: float) -> None:
    """Let a sound rise and fall once."""
    first, length = round(begin * RATE), round(seconds * RATE)
    for at in range(first, min(first + length, len(envelope))):
        envelope[at] = max(envelope[at], height * math.sin(math.pi * (at - first) / length) ** 2)


def _shaped(pcm: bytes, envelope: list[float]) -> bytes:
    pairs = zip(array("h", pcm), envelope, strict=True)
    return array("h", [round(sample * height) for sample, height in pairs]).tobytes()
