"""A-law (G.711), and what can be told of a sound: 8000 samples per second, 16 bits, one channel."""

import math
import wave
from array import array
from bisect import bisect_left
from pathlib import Path

RATE = 8000
FRAME = 160  # samples in 20 ms, which is one packet


def _value(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    size = (mantissa << 4) + 8 if not exponent else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


def _nearest(sample: int) -> int:
    at = bisect_left(_ASCENDING, (sample, 0))
    near = _ASCENDING[max(at - 1, 0) : at + 1]
    return min(near, key=lambda pair: abs(pair[0] - sample))[1]


DECODED = [_value(code) for code in range(256)]
_ASCENDING = sorted((value, code) for code, value in enumerate(DECODED))
_ENCODED = [_nearest((step << 4) + 8) for step in range(-2048, 2048)]
_SQUARES = [value * value for value in DECODED]
SILENCE = bytes([_nearest(0)]) * FRAME


def encode(pcm: bytes) -> bytes:
    """A-law from 16-bit samples."""
    return bytes([_ENCODED[(sample >> 4) + 2048] for sample in array("h", pcm)])


def decode(alaw: bytes) -> bytes:
    """16-bit samples from A-law."""
    return array("h", [DECODED[code] for code in alaw]).tobytes()


def level(alaw: bytes) -> float:
    """The loudness in dB below the loudest possible; -99 for no sound at all."""
    power = sum([_SQUARES[code] for code in alaw]) / max(len(alaw), 1)
    return 10 * math.log10(power / 32768**2) if power > 100 else -99.0


def tone_share(alaw: bytes, hertz: float) -> float:
    """Which part of the sound, 0 to 1, is a tone of this frequency (Goertzel's way)."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    before = last = 0.0
    for code in alaw:
        before, last = last, DECODED[code] + turn * last - before
    total = sum([_SQUARES[code] for code in alaw])
    power = before * before + last * last - turn * before * last
    return 2 * power / (total * len(alaw)) if total else 0.0


def tones(seconds: float, *hertz: float, loudness: float = 0.5) -> bytes:
    """Samples of these tones together."""
    size = 32767 * loudness / len(hertz)
    turns = [2 * math.pi * each / RATE for each in hertz]
    count = range(round(seconds * RATE))
    return array("h", [round(size * sum(math.sin(t * n) for t in turns)) for n in count]).tobytes()


def read(sound: bytes | Path) -> bytes:
    """The samples of a WAV file; samples stay what they are."""
    if isinstance(sound, bytes):
        return sound
    with wave.open(str(sound), "rb") as file:
        form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        assert form == (RATE, 1, 2), f"{sound} is not 8000 Hz, mono, 16 bits: {form}"
        return file.readframes(file.getnframes())


def write(path: Path, pcm: bytes) -> None:
    """Samples to a WAV file, e.g. to listen to what a call has heard."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
