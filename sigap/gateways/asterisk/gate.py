"""The gate in front of the operators ("Filter 0") as a table. No network here.

It asks each caller for a sign: the key 0, any other key, a voice, or a sound that does not stop.
Whoever gives one is queued. Who gives none is asked again, then set aside with the line open.
Whatever is broken lets the caller through.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..voice.rule import Rule

# state -> what happens -> next state
GATE: dict[str, dict[str, str]] = {
    "first": {
        "key": "key",
        "speech": "speech",
        "noise": "noise",
        "broken": "open",
        "played": "listening",
    },
    "listening": {
        "key": "key",
        "speech": "speech",
        "noise": "noise",
        "broken": "open",
        "time": "again",
    },
    "again": {
        "key": "key",
        "speech": "speech",
        "noise": "noise",
        "broken": "open",
        "played": "listening_again",
    },
    "listening_again": {
        "key": "key",
        "speech": "speech",
        "noise": "noise",
        "broken": "open",
        "time": "silent",
    },
    # The line stays open, and is listened to.
    "silent": {"key": "key", "speech": "speech", "noise": "noise", "released": "released"},
}
# Where it ends, and the event that tells so.
EVENTS = {
    "key": "gate_key",
    "speech": "gate_speech",
    "noise": "gate_noise",
    "open": "gate_open",
    "silent": "gate_silent",
}
# Whom the operators hear first, among those who wait; the smaller the earlier.
RANKS = {"callback": 0, "skipped": 0, "speech": 0, "open": 1, "key": 1, "noise": 2, "released": 2}
LEAST_HEARD = 0.5  # of the time listened: less sound than that has come in proves nothing


@dataclass(frozen=True)
class Numbers:
    """The numbers of the city that an exchange reckons with, by their names there."""

    given: Mapping[str, float]

    def value(self, name: str) -> float:
        """The number in force."""
        return self.given[name]


@dataclass
class Gate:
    """One caller at the gate. `state` is one of the table's, or how it ended."""

    numbers: Numbers
    longer: bool = False
    state: str = "first"

    def prompt(self) -> str:
        """The sound to be played now; empty where there is none."""
        if self.state == "first":
            return "gate-longer" if self.longer else "gate"
        return {"again": "gate-again", "silent": "aside"}.get(self.state, "")

    def wait_s(self) -> float | None:
        """For how long it listens in this state before "time" happens; None where it does not."""
        if self.state == "listening":
            return self.numbers.value("gate.first_s")
        if self.state == "listening_again":
            return self.numbers.value("gate.second_s")
        return None

    def happens(self, what: str) -> str | None:
        """Something happens; the new state, or None where it means nothing now."""
        after = GATE.get(self.state, {}).get(what)
        if after:
            self.state = after
        return after


def rule(numbers: Numbers) -> Rule:
    """What the voice detector is to go by."""
    return Rule(
        speech_s=numbers.value("gate.speech_s"),
        floor_db=numbers.value("gate.floor_db"),
        noise_s=numbers.value("gate.noise_s"),
        noise_db=numbers.value("gate.noise_db"),
        sound_db=numbers.value("gate.sound_db"),
    )


def is_some_sound(sound_s: float, numbers: Numbers) -> bool:
    """Whether there was so much sound that nobody should be called silent. A whisper, a tap and a
    breath cannot be told from cloth that rubs on a microphone: after the second prompt each of
    them is a sign, and only a line without a sound is set aside."""
    enough = numbers.value("gate.sound_s")
    return 0 < enough <= sound_s


def has_proof(heard_s: float, listened_s: float) -> bool:
    """Whether enough sound came in for "we heard nobody" to mean something."""
    return heard_s >= LEAST_HEARD * listened_s > 0
