"""Words of danger in a message to the chatbot: tell the writer to call 112.

A false alarm costs a sentence, a miss may cost a life: only a figure of speech or a plain denial
silences a word, and whatever merely softens it ("rawan kecelakaan") makes it a question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .spelling import words

BEFORE = 2  # words in which a denial stands before what it denies
AROUND = 3  # words around it in which it is softened
AGAIN = 2  # words within which a cry is repeated: "tolong pak tolong"
SHORT = 4  # a message of so few words that "tolong" alone is a cry, not a courtesy

_Phrases = dict[str, list[tuple[str, ...]]]


@dataclass(frozen=True)
class Alarm:
    """What was read. `level`: danger now, or to be asked about."""

    level: Literal["now", "ask"]
    words: tuple[str, ...]


class Danger:
    """Reads messages for danger, by the city's lists: `words` of danger, those that `maybe` are
    one, `cries` that are one only in a short message, `figures` of speech, `denials` right before
    a word, what `softens` it before, and what says that it is `past`."""

    def __init__(
        self,
        words: Iterable[str],
        maybe: Iterable[str] = (),
        cries: Iterable[str] = (),
        figures: Iterable[str] = (),
        denials: Iterable[str] = (),
        softens: Iterable[str] = (),
        past: Iterable[str] = (),
    ) -> None:
        self._words = _phrases(words)
        self._maybe = _phrases(maybe)
        self._cries = set(_phrases(cries))
        self._figures = _phrases(figures)
        self._denials = _phrases(denials)
        self._softens = _phrases(softens)
        self._past = _phrases(past)

    def read(self, text: str) -> Alarm | None:
        """The alarm that a message gives, if any."""
        said = words(text)
        figures = _covered(self._figures, said)
        now: list[str] = []
        ask: list[str] = []
        for start, end in _found(self._words, said):
            if figures.issuperset(range(start, end)) or self._denied(said, start):
                continue
            softened = self._softened(said, start, end)
            (ask if softened else now).append(" ".join(said[start:end]))
        for start, end in _found(self._maybe, said):
            if not self._denied(said, start):
                ask.append(" ".join(said[start:end]))
        if not now and self._is_cry(text, said):
            now = sorted(self._cries.intersection(said))
        if now:
            return Alarm("now", tuple(dict.fromkeys(now)))
        return Alarm("ask", tuple(dict.fromkeys(ask))) if ask else None

    def _denied(self, said: Sequence[str], start: int) -> bool:
        """A denial close before the word; "tidak bisa keluar, kebakaran" and "kenapa tidak ada
        yang datang, kebakaran" are none, as too much stands between."""
        near = said[max(0, start - BEFORE) : start]
        return any(end == len(near) for _, end in _found(self._denials, near))

    def _softened(self, said: Sequence[str], start: int, end: int) -> bool:
        before, after = said[max(0, start - AROUND) : start], said[end : end + AROUND]
        doubts = [(self._softens, before), (self._past, before), (self._past, after)]
        return any(list(_found(phrases, near)) for phrases, near in doubts)

    def _is_cry(self, text: str, said: Sequence[str]) -> bool:
        """ "Tolong" as the whole message, repeated or shouted, but not "tolong diperbaiki!"."""
        raw = _raw(text)
        at = [n for n, word in enumerate(raw) if word in self._cries]
        if not at:
            return False
        again = any(later - n <= AGAIN for n, later in zip(at, at[1:], strict=False))
        alone = all(word in self._cries for word in said)
        return again or alone or ("!" in text and len(said) < SHORT and raw[-1] in self._cries)


def _raw(text: str) -> list[str]:
    """The words with those said twice in a row, which `words` takes as one."""
    return [word for piece in text.split() for word in _of_piece(piece)]


@lru_cache(4096)  # a language has few common words, and each message is read
def _of_piece(piece: str) -> tuple[str, ...]:
    return tuple(words(piece))


def _phrases(given: Iterable[str]) -> _Phrases:
    """By their first words, longest first: "pemadam kebakaran" is read before "pemadam"."""
    by_first: _Phrases = {}
    for phrase in sorted({tuple(words(phrase)) for phrase in given} - {()}, key=_longest):
        by_first.setdefault(phrase[0], []).append(phrase)
    return by_first


def _longest(phrase: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return -len(phrase), phrase


def _found(phrases: _Phrases, said: Sequence[str]) -> Iterable[tuple[int, int]]:
    start = 0
    while start < len(said):
        alike = phrases.get(said[start], ())
        length = next((len(p) for p in alike if tuple(said[start : start + len(p)]) == p), 0)
        if length:
            yield start, start + length
        start += length or 1


def _covered(phrases: _Phrases, said: Sequence[str]) -> set[int]:
    return {n for start, end in _found(phrases, said) for n in range(start, end)}
