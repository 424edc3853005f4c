"""How good the guesses are: on reports that whoever guesses had not seen."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .guess import Guess

FOLDS = 5
NEWEST = 0.2  # of the reports, by which a time split judges
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LEAST = 30  # reports by which a threshold may be judged
LEAST_NEW = 100  # reports by which two models may be compared
BINS = 10
EMPTY = 1e-4  # share of an empty bin, as a logarithm of nothing is none

Guesser = Callable[[str], Sequence[Guess]]
Pairs = Sequence[tuple[str, str]]
Dated = Sequence[tuple[str, str, datetime]]
Maker = Callable[[Pairs], Guesser]  # learns from pairs; rules learn nothing


@dataclass(frozen=True)
class Judged:
    """What was guessed of a report, and what it was."""

    code: str
    guesses: tuple[Guess, ...]

    @property
    def right(self) -> bool:
        """Whether the first guess was right."""
        return bool(self.guesses) and self.guesses[0].code == self.code

    @property
    def confidence(self) -> float:
        """Of the first guess; 0 where there was none."""
        return self.guesses[0].confidence if self.guesses else 0.0


@dataclass(frozen=True)
class Cut:
    """Of the reports at or above a threshold: their share, and the share guessed right."""

    threshold: float
    coverage: float
    accuracy: float


@dataclass(frozen=True)
class Kind:
    """How one category fares."""

    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Score:
    """The figures. `confusion` counts (what it was, what was guessed); "" is no guess."""

    n: int
    accuracy: float
    macro_f1: float
    top3: float
    calibration: float  # how far confidence and truth lie apart, on average
    cuts: tuple[Cut, ...]
    kinds: Mapping[str, Kind]
    confusion: Mapping[tuple[str, str], int]

    def confused(self, limit: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent mistakes: what it was, what was guessed, how often."""
        wrong = [(*pair, n) for pair, n in self.confusion.items() if pair[0] != pair[1]]
        return sorted(wrong, key=lambda row: (-row[2], row))[:limit]


def judge(guesser: Guesser, pairs: Pairs) -> list[Judged]:
    """What is guessed of each."""
    return [Judged(code, tuple(guesser(text))) for text, code in pairs]


def folds(pairs: Pairs, seed: int = 0, count: int = FOLDS) -> list[list[int]]:
    """Parts of equal size with an equal share of each category, also of the rarest."""
    by_code: dict[str, list[int]] = defaultdict(list)
    for n, (_, code) in enumerate(pairs):
        by_code[code].append(n)
    chance, dealt = random.Random(seed), []
    for code in sorted(by_code):
        chance.shuffle(by_code[code])
        dealt += by_code[code]
    return [sorted(dealt[part::count]) for part in range(count)]


def cross(make: Maker, pairs: Pairs, seed: int = 0, count: int = FOLDS) -> list[Judged]:
    """Each report judged by a guesser that learned from the other parts only."""
    judged: dict[int, Judged] = {}
    for part in folds(pairs, seed, count):
        held = set(part)
        guesser = make([pair for n, pair in enumerate(pairs) if n not in held])
        told = judge(guesser, [pairs[n] for n in part])
        judged.update(zip(part, told, strict=True))
    return [judged[n] for n in sorted(judged)]


def split(
    dated: Sequence[tuple[str, str, datetime]], newest: float = NEWEST
) -> tuple[Pairs, Pairs]:
    """The older reports and the newest: how it will fare tomorrow is better told by these than
    by folds, which learn from the future."""
    ordered = sorted(dated, key=_at)
    cut = len(ordered) - math.ceil(len(ordered) * newest)
    pairs = [(text, code) for text, code, _ in ordered]
    return pairs[:cut], pairs[cut:]


def by_time(make: Maker, dated: Dated, newest: float = NEWEST) -> list[Judged]:
    """The newest reports judged by a guesser that learned from the older ones."""
    older, newer = split(dated, newest)
    return judge(make(older), newer)


def score(judged: Sequence[Judged]) -> Score:
    """The figures of what was judged. Raises ValueError for nothing."""
    if not judged:
        raise ValueError("nothing to judge by")
    n = len(judged)
    confusion = Counter((j.code, j.guesses[0].code if j.guesses else "") for j in judged)
    kinds = _kinds(confusion)
    return Score(
        n=n,
        accuracy=sum(j.right for j in judged) / n,
        macro_f1=sum(kind.f1 for kind in kinds.values()) / len(kinds),
        top3=sum(j.code in [guess.code for guess in j.guesses[:3]] for j in judged) / n,
        calibration=_calibration(judged),
        cuts=tuple(_cut(judged, threshold) for threshold in THRESHOLDS),
        kinds=kinds,
        confusion=dict(confusion),
    )


def threshold(judged: Sequence[Judged], precision: float, least: int = LEAST) -> float | None:
    """The lowest confidence from which on at least this share is right. Below it a person
    decides; None where no confidence is enough, so that a person always does."""
    surest = sorted((j for j in judged if j.guesses), key=lambda j: -j.confidence)
    right, found = 0, None
    for n, one in enumerate(surest, 1):
        right += one.right
        last = n == len(surest) or surest[n].confidence < one.confidence
        if last and n >= least and right / n >= precision:
            found = one.confidence
    return found


def drift(before: Sequence[float], after: Sequence[float]) -> float:
    """How far the confidence has moved (population stability index over the tenths of `before`):
    under 0.1 hardly, from 0.25 on much, so that the city should look at what is new. Not a number
    where one of them is empty."""
    if not before or not after:
        return math.nan
    ordered = sorted(before)
    edges = [ordered[len(ordered) * n // BINS] for n in range(1, BINS)]
    was, now = _shares(before, edges), _shares(after, edges)
    return sum((b - a) * math.log(b / a) for a, b in zip(was, now, strict=True))


@dataclass(frozen=True)
class Week:
    """The confidence of a week's guesses. `since`: its Monday."""

    since: date
    n: int
    mean: float
    drift: float


def weeks(
    reference: Sequence[float], guessed: Iterable[tuple[datetime, float]], least: int = LEAST
) -> list[Week]:
    """The drift of each week against the confidence when the model was evaluated; a week with
    few reports has none. The times are in the zone of the city."""
    by_week: dict[date, list[float]] = defaultdict(list)
    for at, confidence in guessed:
        by_week[at.date() - timedelta(days=at.weekday())].append(confidence)
    return [
        Week(
            since,
            len(found),
            sum(found) / len(found),
            drift(reference, found) if len(found) >= least else math.nan,
        )
        for since, found in sorted(by_week.items())
    ]


@dataclass(frozen=True)
class Comparison:
    """Of the model in use and a new one, on the same reports that neither had seen."""

    old: Score
    new: Score

    @property
    def keep_new(self) -> bool:
        """A new one that is as good knows the newest reports, and is kept."""
        return self.new.macro_f1 >= self.old.macro_f1


def compare(
    old: Guesser,
    until: datetime,
    make: Maker,
    dated: Dated,
    least: int = LEAST_NEW,
) -> Comparison | None:
    """Judge the model in use, and one made anew, by reports that neither has seen: of those that
    came after `until`, when the one in use had learned, the new one learns the older half and
    both are judged by the newer. None where too few have come: wait. Whoever keeps the new one
    makes it once more from all reports."""
    known = [(text, code) for text, code, at in dated if at <= until]
    newer = [(text, code) for text, code, at in sorted(dated, key=_at) if at > until]
    if len(newer) < least:
        return None
    half = len(newer) // 2
    new = make([*known, *newer[:half]])
    return Comparison(score(judge(old, newer[half:])), score(judge(new, newer[half:])))


def _at(report: tuple[str, str, datetime]) -> datetime:
    return report[2]


def _kinds(confusion: Mapping[tuple[str, str], int]) -> dict[str, Kind]:
    was: Counter[str] = Counter()
    guessed: Counter[str] = Counter()
    for (code, guess), n in confusion.items():
        was[code] += n
        guessed[guess] += n
    kinds = {}
    for code, n in sorted(was.items()):
        hit = confusion.get((code, code), 0)
        precision = hit / guessed[code] if guessed[code] else 0.0
        kinds[code] = Kind(n, precision, hit / n, 2 * hit / (n + guessed[code]))
    return kinds


def _cut(judged: Sequence[Judged], level: float) -> Cut:
    above = [j for j in judged if j.guesses and j.confidence >= level]
    accuracy = sum(j.right for j in above) / len(above) if above else math.nan
    return Cut(level, len(above) / len(judged), accuracy)


def _calibration(judged: Sequence[Judged]) -> float:
    """Expected calibration error over ten bins of confidence."""
    bins: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        bins[min(int(one.confidence * BINS), BINS - 1)].append(one)
    off = (abs(sum(j.right - j.confidence for j in found)) for found in bins.values())
    return sum(off) / len(judged)


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    counts = Counter(sum(value >= edge for edge in edges) for value in values)
    return [max(counts[n] / len(values), EMPTY) for n in range(len(edges) + 1)]
