"""Recordings as whatever records calls leaves them in the folder."""

import os
from pathlib import Path

from sigap.calls import vault
from sigap.core import clock

from ..voices import write_leg


def leave(
    name: str, *, caller: float | None = 2.0, heard: float | None = 2.0, age_s: float = 0
) -> list[Path]:
    """Put the legs of a recording into the folder, so many seconds long; none: that leg is
    missing. `age_s`: written so long before the test's now."""
    made = []
    for side, seconds, hertz in (("in", caller, 440), ("out", heard, 660)):
        if seconds is not None:
            path = vault.folder("incoming") / f"{name}-{side}.wav"
            made.append(aged(write_leg(path, seconds, hertz), age_s))
    return made


def aged(path: Path, age_s: float) -> Path:
    """The file as if it was written so long before the test's now."""
    at = clock.now().timestamp() - age_s
    os.utime(path, (at, at))
    return path


def waiting() -> list[str]:
    """What is in the folder still."""
    return sorted(path.name for path in vault.folder("incoming").iterdir())
