"""What the city's own words, and the model that it has trained, say of a report.

Read from the database at most every few seconds and built anew only where something changed: a
report costs no statement for it.
"""

import logging
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .classify.danger import Danger
from .classify.decide import Decider, Decision
from .classify.guess import Guess
from .classify.lexicon import Lexicon
from .classify.model import Model, NotAModel
from .models import DANGER_LISTS, Category, DangerWords, ModelRun

log = logging.getLogger("sigap.sorting")
_FRESH_S = 10.0
Words = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass
class _Kept:
    """What this process has read, and when."""

    read_at: float = float("-inf")
    categories: dict[str, Category] = field(default_factory=dict)
    decider: Decider = field(default_factory=lambda: Decider(Lexicon({})))
    danger: Danger = field(default_factory=lambda: Danger(()))
    unreadable: str = ""


_kept = _Kept()


def suggest(text: str) -> Decision:
    """What a report seems to be about; where it is not sure, a person decides."""
    return _fresh().decider.decide(text)


def danger() -> Danger:
    """What reads messages for danger, by the city's words."""
    return _fresh().danger


def guesses_of(decision: Decision) -> list[Guess]:
    """All that is offered: the best guess and the others."""
    return [*([decision.best] if decision.best else []), *decision.others]


def as_pairs(decision: Decision) -> list[tuple[str, float]]:
    """What is offered, as it is kept with a report."""
    return [(guess.code, guess.confidence) for guess in guesses_of(decision)]


def known_category(code: str) -> Category | None:
    """The category in use with this code, as it was a few seconds ago."""
    return _fresh().categories.get(code)


def in_use() -> ModelRun | None:
    """The run whose model is in use; None while the rules are alone."""
    return ModelRun.objects.filter(kept=True).order_by("-id").first()


def folder() -> Path:
    """Where trained models are kept. A file is never changed: a new model has a new name."""
    name = "drill-models" if settings.ENV.drill else "models"
    return Path(settings.ENV.data_dir) / name


def forget() -> None:
    """Read all of it anew at the next question."""
    _kept.read_at = float("-inf")


def rules() -> Lexicon:
    """The city's words alone."""
    rows = Category.objects.filter(active=True).order_by("rank", "code")
    return _rules(tuple((row.code, tuple(row.words)) for row in rows))


def model(file: str) -> Model:
    """The model in a file. Raises NotAModel, or FileNotFoundError."""
    return _model(file)


def _fresh() -> _Kept:
    if time.monotonic() - _kept.read_at > _FRESH_S:
        rows = Category.objects.filter(active=True).order_by("rank", "code")
        _kept.categories = {row.code: row for row in rows.select_related("agency")}
        words = tuple((code, tuple(row.words)) for code, row in _kept.categories.items())
        _kept.decider = _decider(words, in_use())
        lists = DangerWords.objects.filter(code__in=DANGER_LISTS).order_by("code")
        _kept.danger = _danger(tuple((row.code, tuple(row.phrases)) for row in lists))
        _kept.read_at = time.monotonic()
    return _kept


def _decider(words: Words, run: ModelRun | None) -> Decider:
    if run is None:
        return Decider(_rules(words))
    try:
        return Decider(_rules(words), _model(run.file), run.threshold)
    except (OSError, NotAModel) as error:
        # The rules alone, and reports go on coming.
        if _kept.unreadable != run.file:
            log.error("the model in use cannot be read: %s", type(error).__name__)
            _kept.unreadable = run.file
        return Decider(_rules(words))


@lru_cache(maxsize=1)
def _danger(lists: Words) -> Danger:
    return Danger(**({"words": ()} | dict(lists)))


@lru_cache(maxsize=1)
def _rules(words: Words) -> Lexicon:
    return Lexicon(dict(words))


@lru_cache(maxsize=1)
def _model(file: str) -> Model:
    return Model.read(folder() / file)
