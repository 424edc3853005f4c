"""Sound files as whatever records calls writes them."""

import math
import struct
import wave
from functools import cache
from pathlib import Path

RATE = 8000


@cache
def tone(seconds: float, hertz: int) -> bytes:
    """Samples of a tone, each voice its own."""
    times = (n / RATE for n in range(int(seconds * RATE)))
    samples = [round(8000 * math.sin(2 * math.pi * hertz * t)) for t in times]
    return struct.pack(f"<{len(samples)}h", *samples)


def write_leg(path: Path, seconds: float, hertz: int = 440) -> Path:
    """A finished leg of a recording."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone(seconds, hertz))
    return path
