"""Guesses by words and phrases: what a city has before it has taught a model anything."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import OSA

from .guess import Guess
from .spelling import words

GAP = 3  # words that may stand between two of a phrase: "lampu di gang saya mati"
TYPO_FROM = 6  # letters; shorter words are too often one letter away from another
OTHER_LETTER_FROM = 10  # "ngamuk" is not "nyamuk", though "smapah" is "sampah"
PHRASE = 1.5  # each further word of a phrase says more than a word alone
DOUBT = 1.0  # how much speaks against the best guess before anything is read
# Said of anything, so the words in them speak for nothing; only where they stand side by side.
COURTESIES = (
    *("mohon bantuan", "minta bantuan", "tolong bantuan", "tolong bantu", "atas bantuan"),
    *("minta tolong", "sumbangan saran", "belum ada tindakan", "gang buntu", "jalan buntu"),
)
MOST_WORDS = 400  # of a text that are read
DECIDED = 4  # the first so many hits decide; a long text repeats itself


class Lexicon:
    """The words and phrases of each category. A phrase matches in its order, with few words in
    between; a word that ends in * also matches longer ones ("sumbat*" does "sumbatan")."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.codes = tuple(entries)
        owners: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for code, phrases in entries.items():
            for phrase in phrases:
                if parts := _parts(phrase):
                    owners[parts].add(code)
        for courtesy in COURTESIES:
            owners.setdefault(tuple(words(courtesy)), set())
        # By the first word; words with a star apart, by their first three letters.
        self._by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for parts in owners:
            self._by_word[_key(parts[0])].append(parts)
        self._owners = owners
        self._known = {part.rstrip("*") for parts in owners for part in parts}
        self._long: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            if len(word) >= TYPO_FROM:
                self._long[word[0]].append(word)

    def guess(self, text: str, limit: int = 3) -> list[Guess]:
        """The likeliest categories, best first, each with the words that led to it; nothing
        where no word is known. The confidence is a share of what speaks for anything at all: it
        ranks, and it is no probability."""
        read = [self._corrected(word) for word in words(text)[:MOST_WORDS]]
        points: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
        for parts, said in self._hits(read):
            owners = self._owners[parts]
            if not owners:
                continue
            weight = (1 + PHRASE * (len(parts) - 1)) / len(owners)
            for code in owners:
                points[code].setdefault(said, weight)
        totals = {
            code: sum(sorted(hits.values(), reverse=True)[:DECIDED])
            for code, hits in points.items()
        }
        whole = sum(totals.values()) + DOUBT
        ranked = sorted(totals, key=lambda code: (-totals[code], self.codes.index(code)))
        return [
            Guess(code, round(totals[code] / whole, 3), _said(points[code]))
            for code in ranked[:limit]
        ]

    def explain(self, text: str) -> list[tuple[str, tuple[str, ...]]]:
        """Every category that any word speaks for, and these words."""
        return [(g.code, g.because) for g in self.guess(text, limit=len(self.codes))]

    def _hits(self, read: list[str]) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
        """The phrases found. Where one lies wholly in a longer one, only the longer counts."""
        found: list[tuple[tuple[str, ...], frozenset[int]]] = []
        for start, word in enumerate(read):
            for key in {word, word[:3] + "*"}:
                for parts in self._by_word.get(key, ()):
                    gap = GAP if self._owners[parts] else 0
                    if places := _places(parts, read, start, gap):
                        found.append((parts, frozenset(places)))
        for parts, at in found:
            if not any(at < other for _parts_, other in found):
                yield parts, tuple(read[n] for n in sorted(at))

    def _corrected(self, word: str) -> str:
        """A longer word that is one slip away from a known one is meant to be that."""
        if len(word) < TYPO_FROM or word in self._known:
            return word
        for known in self._long.get(word[0], ()):
            swapped = sorted(word) == sorted(known)
            if len(word) == len(known) < OTHER_LETTER_FROM and not swapped:
                continue
            if OSA.distance(word, known, score_cutoff=1) <= 1:
                return known
        return word


def _parts(phrase: str) -> tuple[str, ...]:
    """A phrase of the lexicon in the one spelling; stars stay."""
    return tuple(
        part + "*" if written.endswith("*") else part
        for written in phrase.split()
        for part in (written[:-1].lower(),) * written.endswith("*") or words(written)
    )


def _key(part: str) -> str:
    return part[:3] + "*" if part.endswith("*") else part


def _same(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


def _places(parts: tuple[str, ...], read: list[str], start: int, gap: int) -> list[int]:
    """Where the words of a phrase stand that begins at `start`; empty where it does not."""
    if not _same(parts[0], read[start]):
        return []
    at = [start]
    for part in parts[1:]:
        near = range(at[-1] + 1, min(at[-1] + 2 + gap, len(read)))
        following = next((n for n in near if _same(part, read[n])), None)
        if following is None:
            return []
        at.append(following)
    return at


def _said(hits: Mapping[tuple[str, ...], float]) -> tuple[str, ...]:
    strongest = sorted(hits, key=lambda said: (-hits[said], said))
    return tuple(" ".join(said) for said in strongest[:DECIDED])
