"""Recordings as whatever records calls leaves them in the folder."""

import os
import wave
from pathlib import Path

import numpy as np

from sigap.calls import vault
from sigap.core import clock

RATE = 8000


def tone(seconds: float, hertz: int) -> bytes:
    """Samples of a tone, each voice its own."""
    at = np.arange(int(seconds * RATE)) / RATE
    return bytes((np.sin(2 * np.pi * hertz * at) * 8000).astype("<i2").tobytes())


def leave(
    name: str, *, caller: float | None = 2.0, heard: float | None = 2.0, age_s: float = 0
) -> list[Path]:
    """Put the legs of a recording into the folder, so many seconds long; none: that leg is
    missing. `age_s`: written so long before the test's now."""
    made = []
    for side, seconds, hertz in (("in", caller, 440), ("out", heard, 660)):
        if seconds is None:
            continue
        path = vault.folder("incoming") / f"{name}-{side}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(tone(seconds, hertz))
        made.append(aged(path, age_s))
    return made


def aged(path: Path, age_s: float) -> Path:
    """The file as if it was written so long before the test's now."""
    at = clock.now().timestamp() - age_s
    os.utime(path, (at, at))
    return path


def waiting() -> list[str]:
    """What is in the folder still."""
    return sorted(path.name for path in vault.folder("incoming").iterdir())
