"""Places that a report names in passing: offered with the words that led there, never imposed."""

from dataclasses import dataclass

from sigap.places.gazetteer import MAX_WORDS, Match
from sigap.places.queries import find_places

LEAST = 85.0  # below it only the beginning of a name was there, or another spelling of another
SHOWN = 3
OVERLAP = 6  # words; no name is longer
MOST_WORDS = 400  # of a text that are read


@dataclass(frozen=True)
class Named:
    """A place that the words may mean. `doubtful`: a village outside the city, a kecamatan or
    something else is called so too ("pojok", "pesantren")."""

    kind: str  # area, landmark
    id: str
    name: str
    area_code: str
    words: str
    doubtful: bool


def named_places(text: str, limit: int = SHOWN) -> list[Named]:
    """The kelurahan and landmarks that a text may name, the likeliest first. A landmark comes
    before the kelurahan whose name is a part of it."""
    best: dict[tuple[str, str], Match] = {}
    said = text.split()[:MOST_WORDS]
    for start in range(0, max(1, len(said)), MAX_WORDS - OVERLAP):
        for match in find_places(" ".join(said[start : start + MAX_WORDS]), limit=2 * limit):
            known = best.get((match.kind, match.id))
            enough = match.kind != "district" and match.score >= LEAST
            if enough and (known is None or known.score < match.score):
                best[(match.kind, match.id)] = match
    ranked = sorted(best.values(), key=lambda match: (-match.score, -len(match.words)))
    return [
        Named(
            kind=match.kind,
            id=match.id,
            name=match.name,
            area_code=match.area_code or "",
            words=match.words,
            doubtful=match.ambiguous,
        )
        for match in ranked[:limit]
    ]
