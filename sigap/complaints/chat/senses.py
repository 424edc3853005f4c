"""What the city's own lists say of a message: danger, and what it is about. Read anew at most
every ten seconds."""

import time
from dataclasses import dataclass

from sigap.core.queries import deployment

from ..classify.danger import Alarm, Danger
from ..classify.decide import Decider, Decision
from ..classify.lexicon import Lexicon
from ..models import Category

_FRESH_S = 10.0


@dataclass(frozen=True)
class Senses:
    """The lists, ready to be asked."""

    danger: Danger
    decider: Decider
    names: dict[str, tuple[str, str]]  # by category: Indonesian and English

    def alarm(self, text: str) -> Alarm | None:
        """The danger that a message tells of."""
        return self.danger.read(text)

    def decide(self, text: str) -> Decision:
        """What it seems to be about."""
        return self.decider.decide(text)


_senses: Senses | None = None
_built_at = float("-inf")


def senses() -> Senses:
    """The city's lists."""
    global _senses, _built_at  # noqa: PLW0603 - a cache of this process
    if _senses is None or time.monotonic() - _built_at > _FRESH_S:
        served = deployment()
        lists = (served.pack.get("danger") if served else None) or {"words": ["darurat"]}
        categories = list(Category.objects.filter(active=True).order_by("rank", "id"))
        _senses = Senses(
            Danger(**lists),
            Decider(Lexicon({row.code: row.words for row in categories})),
            {row.code: (row.name, row.name_en) for row in categories},
        )
        _built_at = time.monotonic()
    return _senses


def forget() -> None:
    """Read the lists anew at the next question."""
    global _built_at  # noqa: PLW0603 - a cache of this process
    _built_at = float("-inf")
