"""When what is heard on a line is speech, and when it is noise: numbers in, verdicts out."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass as checked

RATE = 8000  # samples per second
CHUNK = 256  # samples that the model judges at once
CHUNK_S = CHUNK / RATE
SILENT_DB = -100.0  # the level of nothing at all
# The model is sure of a word for a moment longer than it sounds, and of the stops within it. Both
# count, though they lie under the floor: without them "Halo?" is too short.
TAIL = 4 * CHUNK

What = Literal["speech", "noise"]
Seconds = Annotated[float, Field(gt=0, le=60)]
Level = Annotated[float, Field(ge=SILENT_DB, le=0)]  # dBFS: root mean square, full scale is 0


@checked(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class Rule:
    """The numbers of one call. With 0.6 s of speech a short "Halo?" is missed; without the floor
    a line's hiss counts as speech."""

    likely: Annotated[float, Field(gt=0, le=1)] = 0.2  # from here on the model's word counts
    floor_db: Level = -54.0
    speech_s: Seconds = 0.4
    speech_within_s: Seconds = 2.0
    noise_db: Level = -40.0
    noise_s: Seconds = 4.0
    noise_within_s: Seconds = 6.0
    sound_db: Level = -48.0  # from here on it is told how long there was any sound at all

    @model_validator(mode="after")
    def _possible(self) -> "Rule":
        if self.speech_s > self.speech_within_s or self.noise_s > self.noise_within_s:
            raise ValueError("more seconds are asked for than the window has")
        return self


@dataclass(frozen=True)
class Heard:
    """Speech or noise was heard on a call."""

    what: What
    after_s: float  # since the call's first packet, by its own clock
    level_db: float  # of what was heard, without the pauses in it


class _Window:
    """Whether there was enough of something within so many seconds."""

    def __init__(self, enough_s: float, within_s: float) -> None:
        # To the nearest chunk; 0.4 s are 12, for a word ends within one more often than with it.
        self._enough = max(1, math.ceil(round(enough_s / CHUNK_S - 0.5, 6)))
        self._within = round(within_s * RATE)
        self._found: deque[tuple[int, float]] = deque()

    def add(self, end: int, level_db: float) -> bool:
        """One more chunk of it, that ends at this sample; whether that makes it enough."""
        found = self._found
        found.append((end, level_db))
        while found[0][0] <= end - self._within:
            found.popleft()
        return len(found) >= self._enough

    def level_db(self) -> float:
        """The mean level of what is in the window."""
        powers = [10 ** (level / 10) for _end, level in self._found]
        return 10 * math.log10(sum(powers) / len(powers))


class Watch:
    """One call's audio as it goes by. What was lost on the way is not told, so it is neither
    speech nor silence; the ends of the chunks around it lie further apart."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.chunks = self.speech = self.noise = self.sound = 0
        self.loudest_db = SILENT_DB
        self._above = -TAIL  # the end of the last chunk over the floor
        self._speech: _Window | None = _Window(rule.speech_s, rule.speech_within_s)
        self._noise: _Window | None = _Window(rule.noise_s, rule.noise_within_s)

    def hear(self, end: int, likelihood: float, level_db: float) -> Heard | None:
        """The next chunk: where it ends, how likely it is speech, how loud it is. The answer is
        what has become true with it, once per kind."""
        rule = self.rule
        self.chunks += 1
        self.loudest_db = max(self.loudest_db, level_db)
        self.sound += level_db >= rule.sound_db
        if level_db >= rule.floor_db:
            self._above = end
        if likelihood >= rule.likely and end - self._above <= TAIL:
            self.speech += 1
            if self._speech and self._speech.add(end, level_db):
                heard = _heard("speech", end, self._speech)
                self._speech = None
                return heard
        elif level_db >= rule.noise_db:
            self.noise += 1
            if self._noise and self._noise.add(end, level_db):
                heard = _heard("noise", end, self._noise)
                self._noise = None
                return heard
        return None


def _heard(what: What, end: int, window: _Window) -> Heard:
    return Heard(what, round(end / RATE, 3), round(window.level_db(), 1))
