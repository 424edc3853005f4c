"""Made-up reports of citizens, each with its category: for tests, benches and the drill.

Nobody wrote these. They are put together from templates, so a score on them says whether the parts
work and how fast, and little about how well real reports would be sorted.
"""

import csv
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "reports.toml"
BY_HAND = Path(__file__).parent / "by_hand.csv"
# Of a hundred reports: with another matter beside, saying nothing of the matter, sorted wrongly.
SECOND, VAGUE, WRONG = 0.15, 0.04, 0.03
TYPO, SHORTENED, JAVANESE = 0.04, 0.35, 0.3  # of the words; of the words that have such a form
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Report:
    """A made-up report, how it was sorted, and when it came."""

    text: str
    category: str
    at: datetime


@dataclass(frozen=True)
class _Words:
    openings: list[str]
    closings: list[str]
    places: list[str]
    since: list[str]
    vague: list[str]
    short: dict[str, list[str]]
    javanese: dict[str, list[str]]
    share: dict[str, int]
    category: dict[str, list[str]]
    later: dict[str, list[str]]  # matters that only come up in the last third


@cache
def _words() -> _Words:
    return _Words(**tomllib.loads(WORDS.read_text(encoding="utf-8")))


def reports(count: int, seed: int, start: datetime, weeks: int = 52) -> Iterator[Report]:
    """So many reports in the order of their coming. The same seed makes the same reports."""
    chance, said = random.Random(seed), _words()
    codes = sorted(said.category)
    shares = [said.share.get(code, 1) for code in codes]
    for n in range(count):
        code = chance.choices(codes, shares)[0]
        text = _text(code, chance, late=n * 3 > count * 2)
        sorted_as = chance.choice(codes) if chance.random() < WRONG else code
        yield Report(text, sorted_as, start + weeks * WEEK * n / count)


def pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """So many texts with their categories, as a model learns from."""
    start = datetime.fromisoformat("2025-01-06T00:00:00+00:00")
    return [(report.text, report.category) for report in reports(count, seed, start)]


def by_hand() -> list[tuple[str, str]]:
    """Texts that were written one by one as citizens might, without looking for words of the
    lists: four or five of each category. They are nobody's reports either."""
    with BY_HAND.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def _text(code: str, chance: random.Random, late: bool) -> str:
    said = _words()
    if chance.random() < VAGUE:
        matter = chance.choice(said.vague)
    else:
        own = said.category[code] + (said.later.get(code, []) if late else [])
        matter = _filled(chance.choice(own), chance)
    told = [matter]
    if chance.random() < SECOND:
        other = chance.choice(sorted(said.category))
        told.append(chance.choice(["apalagi", "terus", "juga", "selain itu"]))
        told.append(_filled(chance.choice(said.category[other]), chance))
    where = chance.choice(["di", "di daerah", "lokasi", "sekitar", "dekat"])
    place = f"{where} {chance.choice(said.places)}"
    rest = [place, chance.choice(said.since)] if chance.random() < 0.7 else [place]
    if chance.random() < 0.5:
        told += rest
    else:
        told = rest + told
    if chance.random() < 0.6:
        told.insert(0, chance.choice(said.openings))
    if chance.random() < 0.6:
        told.append(chance.choice(said.closings))
    return " ".join(_written(word, chance) for word in " ".join(told).split())


def matter(category: str, chance: random.Random) -> str:
    """What somebody could have to say about something of a category."""
    return _filled(chance.choice(_words().category[category]), chance)


def place(chance: random.Random) -> str:
    """How somebody could name a place."""
    return chance.choice(_words().places)


def retold(matter: str, place: str, chance: random.Random) -> str:
    """The same matter at the same place in somebody else's words and spelling."""
    said = _words()
    told = [matter, f"{chance.choice(['di', 'dekat', 'daerah'])} {place}"]
    chance.shuffle(told)
    if chance.random() < 0.6:
        told.insert(0, chance.choice(said.openings))
    told += chance.sample([*said.since, *said.closings], k=chance.randrange(3))
    return " ".join(_written(word, chance) for word in " ".join(told).split())


def categories() -> list[str]:
    """The categories of made-up reports."""
    return sorted(_words().category)


def _filled(template: str, chance: random.Random) -> str:
    """A template with one of each "[a/b/c]" chosen."""
    while "[" in template:
        before, _, rest = template.partition("[")
        choices, _, after = rest.partition("]")
        template = before + chance.choice(choices.split("/")) + after
    return template


def _written(word: str, chance: random.Random) -> str:
    said = _words()
    if word in said.javanese and chance.random() < JAVANESE:
        return chance.choice(said.javanese[word])
    if word in said.short and chance.random() < SHORTENED:
        return chance.choice(said.short[word])
    if len(word) > 3 and word.isalpha() and chance.random() < TYPO:
        return _slip(word, chance)
    return word


def _slip(word: str, chance: random.Random) -> str:
    """A letter left out, doubled, or written before its neighbour."""
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
