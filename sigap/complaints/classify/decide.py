"""Who guesses: the model that the city has trained, and the rules for whatever it does not know."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from .guess import Guess

BUTTONS = 3  # the best guess and two others
RULES_SURE = 0.7  # two phrases for one category and nothing for another


class Model(Protocol):
    """What is asked of a model; the module of that name needs numpy, this one does not."""

    @property
    def codes(self) -> Collection[str]: ...
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
    """Rules alone, or a model with the rules beside it. `threshold` is the confidence from which
    the model was right often enough when it was evaluated; without it the model is never sure."""

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
        self._learned = self._in_use & set(model.codes) if model else set()

    def decide(self, text: str) -> Decision:
        """The best guess, who made it, whether it is sure, and two others for buttons."""
        ruled = self._rules.guess(text, limit=BUTTONS)
        learned: list[Guess] = []
        if self._model and self._learned:
            all_of_them = self._model.guess(text, limit=len(self._model.codes))
            learned = [guess for guess in all_of_them if guess.code in self._in_use]
        if not learned:
            return self._by_rules(ruled, ruled)
        sure = self._threshold is not None and learned[0].confidence >= self._threshold
        # What the model has never learned it cannot guess, however plainly it is said.
        unknown = [guess for guess in ruled if guess.code not in self._learned]
        if unknown[:1] == ruled[:1] and unknown and unknown[0].confidence >= self._rules_sure:
            if not sure:
                return self._by_rules(ruled, [*learned, *ruled])
            sure = False  # both are, of two things: a person decides
        others = _others(learned[0], [*unknown[:1], *learned, *ruled])
        return Decision("model", learned[0], sure, others)

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
