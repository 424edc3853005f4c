"""What the model sees of a text: its words, pairs of words, and the pieces of 2 to 5 letters
within each word. Each is one number: a piece is its own bytes, which fit in 40 bits; a word or a
pair is a checksum of 32 bits with a mark above them. So a model, which outlives the reports that
it learned from, holds pieces of words, but no sentence and no name longer than five letters. The
same text is the same numbers on every machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from .spelling import words

PIECES = (2, 3, 4, 5)
MOST_WORDS = 400  # of a text; a report is shorter
_WORD, _PAIR = 1 << 48, 1 << 49
_SPACE = ord(" ")

Codes = NDArray[np.uint64]


@dataclass(frozen=True)
class Seen:
    """The features of one text: pieces of letters, and words with pairs of words."""

    pieces: Codes
    words: Codes

    def blocks(self) -> Iterator[Codes]:
        """Both kinds, which are weighed apart."""
        yield self.pieces
        yield self.words


def seen(text: str) -> Seen:
    """What is seen of a text."""
    return _seen(words(text)[:MOST_WORDS])


def parts(text: str) -> Iterator[tuple[str, Seen]]:
    """The words and pairs of words of a text, each with what is seen because of it."""
    said = words(text)[:MOST_WORDS]
    for word in dict.fromkeys(said):
        yield word, _seen([word])
    none = np.empty(0, np.uint64)
    for pair in dict.fromkeys(zip(said, said[1:], strict=False)):
        yield " ".join(pair), Seen(none, np.array([_pair(*pair)], np.uint64))


def _seen(said: list[str]) -> Seen:
    whole = [_WORD | crc32(word.encode()) for word in said]
    pairs = [_pair(*pair) for pair in zip(said, said[1:], strict=False)]
    return Seen(_pieces(said), np.array(whole + pairs, np.uint64))


def _pair(first: str, second: str) -> int:
    return _PAIR | crc32(f"{first} {second}".encode())


def _pieces(said: list[str]) -> Codes:
    """All pieces at once: a letter after another shifts the one before by a byte."""
    text = np.frombuffer(f" {'  '.join(said)} ".encode("ascii"), np.uint8).astype(np.uint64)
    # Where a word begins: a piece may not reach over the two spaces between words.
    word = np.cumsum((text == _SPACE) & (np.roll(text, 1) == _SPACE))
    found, code = [], text
    for size in range(2, max(PIECES) + 1):
        if len(text) < size:
            break
        code = (code[:-1] << np.uint64(8)) | text[size - 1 :]
        if size in PIECES:
            found.append(code[word[: len(code)] == word[size - 1 :]])
    return np.concatenate(found) if found else np.empty(0, np.uint64)
