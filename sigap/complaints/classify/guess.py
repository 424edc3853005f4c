"""What a guess is, whoever makes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """A category that a report may belong to. `because`: the words that led there."""

    code: str
    confidence: float  # 0 to 1
    because: tuple[str, ...] = ()
