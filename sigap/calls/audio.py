"""The two legs of a call as they were recorded, and the one sound file made of them.

A leg is a mono 16-bit WAV file of 8 kHz, whose header may be wrong: whoever wrote it was
killed, or the disk was full. What is in the file counts, not what the header says of it.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

# A line that somebody forgot to hang up must fit into memory: what is longer becomes several.
PART_S = 900
MOST_HEADER = 64 * 1024
RATE = 8000
PCM, EXTENSIBLE = 1, 0xFFFE


class NotAudio(Exception):
    """A file in which there is no sound that can be understood."""


@dataclass(frozen=True)
class Leg:
    """One voice: where its samples lie in the file, and how many there are."""

    path: Path
    start: int
    samples: int

    def read(self, first: int, count: int) -> "np.ndarray[Any, np.dtype[np.int16]]":
        """So many samples, silence behind the end."""
        import numpy as np

        there = max(0, min(count, self.samples - first))
        found = np.zeros(count, dtype="<i2")
        with self.path.open("rb") as file:
            file.seek(self.start + 2 * first)
            found[:there] = np.frombuffer(file.read(2 * there), dtype="<i2")
        return found


def leg(path: Path) -> Leg:
    """The leg in a file. Raises NotAudio when it is none, or of a kind that is not written."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(MOST_HEADER)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise NotAudio(path.name)
    at, known = 12, False
    while at + 8 <= len(head):
        name, length = head[at : at + 4], struct.unpack("<I", head[at + 4 : at + 8])[0]
        at += 8
        if name == b"fmt " and at + 16 <= len(head):
            kind, *form, _bytes, _block, bits = struct.unpack("<HHIIHH", head[at : at + 16])
            known = kind in (PCM, EXTENSIBLE) and (*form, bits) == (1, RATE, 16)
        if name == b"data" and known:
            # A header that was never finished says nothing, or all that a header can say.
            said = length if 0 < length < size - at else size - at
            return Leg(path, at, said // 2)
        at += length + length % 2
    raise NotAudio(path.name)


def combined(caller: Leg | None, heard: Leg | None) -> Iterator[tuple[bytes, float]]:
    """One stereo FLAC file for each quarter of an hour, with its seconds: the caller on the left,
    what the caller heard on the right. A leg that is missing is silent."""
    # The library is loaded where it is needed: without it calls still ring.
    import numpy as np
    import soundfile  # type: ignore[import-untyped]

    legs = [found for found in (caller, heard) if found is not None]
    samples = max(found.samples for found in legs)
    for first in range(0, samples, PART_S * RATE):
        count = min(PART_S * RATE, samples - first)
        both = np.zeros((count, 2), dtype="<i2")
        for side, found in enumerate((caller, heard)):
            if found is not None:
                both[:, side] = found.read(first, count)
        file = io.BytesIO()
        soundfile.write(file, both, RATE, format="FLAC", subtype="PCM_16")
        yield file.getvalue(), count / RATE


class Playable:
    """A kept recording as a WAV file, of which any part may be had without the rest: browsers
    play what is kept, but not all of them find a place in the middle of it."""

    HEADER = 44
    FRAME = 4  # two voices of 16 bits

    def __init__(self, kept: bytes) -> None:
        import soundfile

        self._file = soundfile.SoundFile(io.BytesIO(kept))
        self.size: int = self.HEADER + self.FRAME * self._file.frames

    def part(self, first: int, last: int) -> bytes:
        """The bytes from the first to the last, both included."""
        head = self._head()[first : last + 1]
        start = max(0, first - self.HEADER)
        end = max(0, last + 1 - self.HEADER)
        frame = start // self.FRAME
        self._file.seek(frame)
        frames = self._file.read(-(-end // self.FRAME) - frame, dtype="int16", always_2d=True)
        sound: bytes = frames.astype("<i2").tobytes()
        return head + sound[start - frame * self.FRAME : end - frame * self.FRAME]

    def _head(self) -> bytes:
        sound = self.size - self.HEADER
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            *(b"RIFF", sound + 36, b"WAVE", b"fmt ", 16, PCM, 2, RATE),
            *(RATE * self.FRAME, self.FRAME, 16, b"data", sound),
        )
