"""Who guesses: the model that the city has trained, and the rules for whatever it does not know."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from .guess import Guess

BUTTONS = 3  # the best guess and two others
RULES_SURE = 0.7  # two phrases for one category and nothing for another
# Examples of a category from which on the model's word for it counts more than the rules'. Found on
# made-up reports, where it hardly matters between 25 and 400.
FADING = 50


class Model(Protocol):
    """What is asked of a model; the module of that name needs numpy, this one does not."""

    @property
    def examples(self) -> Mapping[str, int]: ...  # that each category was learned from
    def guess(self, text: str, limit: int = 3) -> list[Guess]: ...


class Rules(Protocol):
    """What is asked of the rules. Their codes are the categories that are in use."""

    @property
    def codes(self) -> Collection[str]: ...
    def guess(self, text: str, limit: int = 3) -> list[Guess]: ...


@dataclass(frozen=True)
class Decision:
    """What a report seems to be about. Where it is not `sure`, a person decides."""

    by: Literal["rules", "model", "nobody"]
    best: Guess | None
    sure: bool
    others: tuple[Guess, ...] = ()


class Decider:
    """Rules alone, or a model with the rules beside it: what the rules say of a category counts
    less, the more examples of it the model has seen. `threshold` is the confidence from which both
    together were right often enough when they were evaluated; without it they are never sure."""

    def __init__(
        self,
        rules: Rules,
        model: Model | None = None,
        threshold: float | None = None,
        rules_sure: float = RULES_SURE,
    ) -> None:
        self._rules = rules
        self._model = model
        self._threshold = threshold
        self._rules_sure = rules_sure
        self._in_use = set(rules.codes)
        self._learned = self._in_use & set(model.examples) if model else set()

    def decide(self, text: str) -> Decision:
        """The best guess, who made it, whether it is sure, and two others for buttons."""
        ruled = self._rules.guess(text, limit=len(self._in_use))
        learned: list[Guess] = []
        if self._model and self._learned:
            learned = self._model.guess(text, limit=len(self._model.examples))
        if not any(guess.code in self._learned for guess in learned):
            return self._by_rules(ruled, ruled)
        both = self._both(learned, ruled)
        best = both[0]
        if best.code in self._learned:
            return Decision("model", best, self._reached(best), _others(best, both))
        # What the model has never learned it cannot guess, however plainly it is said; where it
        # is as sure of something else, a person decides.
        found = self._by_rules([guess for guess in ruled if guess.code == best.code], both)
        return replace(found, sure=found.sure and not self._reached(learned[0]))

    def _reached(self, guess: Guess) -> bool:
        return self._threshold is not None and guess.confidence >= self._threshold

    def _both(self, learned: list[Guess], ruled: list[Guess]) -> list[Guess]:
        examples = self._model.examples if self._model else {}
        spoken = {guess.code: guess.confidence for guess in learned}
        because = {guess.code: guess.because for guess in ruled}
        for guess in ruled:
            weight = FADING / (FADING + examples.get(guess.code, 0))
            spoken[guess.code] = spoken.get(guess.code, 0.0) + weight * guess.confidence
        whole = max(1.0, sum(spoken.values()))
        ranked = sorted(spoken.items(), key=lambda pair: (-pair[1], pair[0]))
        return [
            Guess(code, round(said / whole, 4), because.get(code, ()))
            for code, said in ranked
            if code in self._in_use
        ]

    def _by_rules(self, ruled: list[Guess], offered: list[Guess]) -> Decision:
        if not ruled:
            return Decision("nobody", None, sure=False)
        sure = ruled[0].confidence >= self._rules_sure
        return Decision("rules", ruled[0], sure, _others(ruled[0], offered))


def _others(best: Guess, offered: list[Guess]) -> tuple[Guess, ...]:
    first: dict[str, Guess] = {}
    for guess in offered:
        if guess.code != best.code:
            first.setdefault(guess.code, guess)
    return tuple(first.values())[: BUTTONS - 1]
