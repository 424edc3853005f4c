"""Finds the kelurahan or landmark that a caller's words name. Pure: no database, no network.

Every run of words in the text is compared with every known name, spaces left out, in a spelling
that ignores the old orthography (Tjoe, Dhoho), so "Setono Pande", "setonopande" and "Setonopandhe"
are one. What the words around a name say (Kel., Kec., Jl., Kab.) decides what the name means.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from rapidfuzz import fuzz, process

Kind = Literal["landmark", "area", "district"]
Precision = Literal["exact", "area", "district"]

MAX_WORDS = 60  # of a text; an address is shorter
PREFIX_LETTERS = 3  # that must be typed before a name is completed
STREET_FACTOR = 0.7  # a street called after a kelurahan often lies elsewhere
QUALIFIER_FACTOR = 0.5  # "Lirboyo, Mojoroto": Mojoroto is the kecamatan
OUTSIDE_FACTOR = 0.6  # the text speaks of the Kabupaten or of a village
INSIDE_FACTOR = 0.8  # "Pasar Campurejo" says less about the kelurahan than about the market

_WORD_FORMS = {
    "rumah sakit umum daerah": "rsud",
    "rumah sakit": "rs",
    "pondok pesantren": "ponpes",
    "pabrik gula": "pg",
    "kelenteng": "klenteng",
    "mesjid": "masjid",
    "gua": "goa",
    "universitas": "univ",
}
_AREA_WORDS = {"kel", "kelurahan"}
_DISTRICT_WORDS = {"kec", "kecamatan"}
_VILLAGE_WORDS = {"ds", "desa"}
_REGENCY_WORDS = {"kab", "kabupaten"}
_STREET_WORDS = {"jl", "jln", "jalan", "gg", "gang"}
_MARKS = _AREA_WORDS | _DISTRICT_WORDS | _VILLAGE_WORDS | _REGENCY_WORDS | _STREET_WORDS
# Words too common in addresses to be taken for a misspelt name.
_COMMON = _MARKS | {
    *("rt", "rw", "no", "nomor", "depan", "belakang", "samping", "sebelah", "dekat", "timur"),
    *("barat", "utara", "selatan", "kota", "kediri", "kampung", "pasar", "perum", "perumahan"),
    *("rumah", "warung", "toko", "sekolah", "masjid", "simpang", "perempatan", "pertigaan"),
}


@dataclass(frozen=True)
class Entry:
    """A name the gazetteer knows. `also_outside`: a village beyond the city has the name too."""

    kind: Literal["landmark", "area"]
    id: str
    name: str
    area_code: str
    lat: float
    lng: float
    precision: Literal["exact", "area"] = "area"
    aliases: tuple[str, ...] = ()
    district: str = ""
    also_outside: bool = False


@dataclass(frozen=True)
class Match:
    """A place that a text may mean; score 0 to 100. `ambiguous`: ask before relying on it."""

    kind: Kind
    id: str
    name: str
    area_code: str | None
    lat: float
    lng: float
    precision: Precision
    score: float
    ambiguous: bool
    words: str


class AreaLike(Protocol):
    """What `entries_from` reads of an area."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def district(self) -> str: ...
    @property
    def lat(self) -> float: ...
    @property
    def lng(self) -> float: ...
    @property
    def aliases(self) -> Sequence[str]: ...


class LandmarkLike(Protocol):
    """What `entries_from` reads of a landmark."""

    @property
    def name(self) -> str: ...
    @property
    def area_code(self) -> str: ...
    @property
    def lat(self) -> float | None: ...
    @property
    def lng(self) -> float | None: ...
    @property
    def aliases(self) -> Sequence[str]: ...


def entries_from(
    areas: Iterable[AreaLike],
    landmarks: Iterable[LandmarkLike],
    names_also_outside: Iterable[str] = (),
) -> list[Entry]:
    """Gazetteer entries of a city's areas and landmarks.

    An area's id is its code, a landmark's its `landmark_id`. A landmark without a point of its
    own stands at the label point of its area, with precision "area".
    """
    outside = set(names_also_outside)
    entries: dict[str, Entry] = {}
    for area in areas:
        entries[area.code] = Entry(
            kind="area",
            id=area.code,
            name=area.name,
            area_code=area.code,
            lat=area.lat,
            lng=area.lng,
            aliases=tuple(area.aliases),
            district=area.district,
            also_outside=area.name in outside,
        )
    result = list(entries.values())
    for landmark in landmarks:
        home = entries[landmark.area_code]
        exact = landmark.lat is not None and landmark.lng is not None
        result.append(
            Entry(
                kind="landmark",
                id=landmark_id(landmark),
                name=landmark.name,
                area_code=landmark.area_code,
                lat=home.lat if landmark.lat is None else landmark.lat,
                lng=home.lng if landmark.lng is None else landmark.lng,
                precision="exact" if exact else "area",
                aliases=tuple(landmark.aliases),
                district=home.district,
            )
        )
    return result


def landmark_id(landmark: LandmarkLike) -> str:
    """What tells landmarks apart: many areas have a mosque of the same name."""
    return f"{landmark.area_code}:{landmark.name}"


def slug(name: str) -> str:
    """A name as lower-case ASCII words joined by hyphens."""
    return "-".join(_plain(name).split())


def normalise(text: str) -> str:
    """A place name in the form that is compared: no Kel. or Jl., no punctuation, no spaces."""
    return "".join(_spelling(word) for word in _words(text) if word not in _MARKS)


@dataclass(frozen=True)
class _Name:
    entry: int
    key: str
    size: int  # words in the name


@dataclass(frozen=True)
class _Hit:
    entry: int
    start: int
    end: int
    score: float

    def covers(self, other: "_Hit") -> bool:
        """Whether this run of words holds the other one and more."""
        longer = self.end - self.start > other.end - other.start
        return longer and self.start <= other.start and self.end >= other.end

    def rivals(self, other: "_Hit") -> bool:
        """Whether the same words may mean another place."""
        return self.entry != other.entry and (self.start, self.end) == (other.start, other.end)

    def overlaps(self, other: "_Hit") -> bool:
        return self.start < other.end and other.start < self.end


class Gazetteer:
    """Search over a fixed list of entries; build it once and share it between threads."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        names: dict[tuple[int, str], _Name] = {}
        for number, entry in enumerate(self._entries):
            for name in (entry.name, *entry.aliases):
                key = normalise(name)
                if key:
                    names.setdefault((number, key), _Name(number, key, len(_words(name))))
        self._names = list(names.values())
        self._keys = [name.key for name in self._names]
        self._longest = 1 + max((name.size for name in self._names), default=0)
        self._districts = self._find_districts()

    def search(self, text: str, limit: int = 5) -> list[Match]:
        """The places a text may name, best first.

        Finds misspelt names, names inside a longer address, and the beginning of a name at the
        end of the text, so that it can also serve a search field while it is being typed in.
        """
        words = _words(text)[:MAX_WORDS]
        if not words or limit < 1:
            return []
        hits = self._hits(words)
        matches: dict[tuple[Kind, str], Match] = {}
        for hit in hits:
            for match in self._meanings(hit, hits, words):
                key = (match.kind, match.id)
                if key not in matches or matches[key].score < match.score:
                    matches[key] = match
        ranked = sorted(matches.values(), key=_rank)
        return ranked[:limit]

    def _find_districts(self) -> dict[str, Match]:
        """Each district by its comparable name, at the middle of its areas."""
        grouped: dict[str, list[Entry]] = {}
        for entry in self._entries:
            if entry.kind == "area" and entry.district:
                grouped.setdefault(entry.district, []).append(entry)
        return {
            normalise(name): Match(
                kind="district",
                id=slug(name),
                name=name,
                area_code=None,
                lat=sum(entry.lat for entry in areas) / len(areas),
                lng=sum(entry.lng for entry in areas) / len(areas),
                precision="district",
                score=0.0,
                ambiguous=True,
                words="",
            )
            for name, areas in grouped.items()
        }

    def _hits(self, words: Sequence[str]) -> list[_Hit]:
        """Every run of words that is like a name, without those a better run makes implausible."""
        best: dict[tuple[int, int, int], float] = {}
        for start in range(len(words)):
            for end in range(start + 1, min(start + self._longest, len(words)) + 1):
                run = words[start:end]
                if run[0] in _MARKS or run[-1] in _MARKS:
                    continue
                key = "".join(_spelling(word) for word in run)
                for number, score in self._like(key, run, is_last=end == len(words)):
                    place = (self._names[number].entry, start, end)
                    best[place] = max(score, best.get(place, 0.0))
        hits = [_Hit(*place, score) for place, score in best.items()]
        sure = [hit for hit in hits if hit.score == 100.0]
        # "Banaran" is two letters from "Banjaran": where a name is written out, nothing like it.
        return [
            hit
            for hit in hits
            if hit.score == 100.0
            or not any(exact.overlaps(hit) and not hit.covers(exact) for exact in sure)
        ]

    def _like(self, key: str, run: Sequence[str], *, is_last: bool) -> Iterable[tuple[int, float]]:
        fuzzy = len(key) > 4 and not all(word in _COMMON for word in run)
        cutoff = (88.0 if len(key) < 7 else 85.0) if fuzzy else 100.0
        for _, score, number in process.extract(
            key, self._keys, scorer=fuzz.ratio, score_cutoff=cutoff, limit=None
        ):
            yield int(number), float(score)
        if is_last and len(key) >= PREFIX_LETTERS and run[-1] not in _COMMON:
            for number, name in enumerate(self._keys):
                if name != key and name.startswith(key):
                    yield number, 60.0 + 30.0 * len(key) / len(name)

    def _meanings(self, hit: _Hit, hits: Sequence[_Hit], words: Sequence[str]) -> Iterable[Match]:
        entry = self._entries[hit.entry]
        before = words[hit.start - 1] if hit.start else ""
        match = Match(
            kind=entry.kind,
            id=entry.id,
            name=entry.name,
            area_code=entry.area_code,
            lat=entry.lat,
            lng=entry.lng,
            precision=entry.precision,
            score=hit.score,
            ambiguous=any(other.rivals(hit) for other in hits),
            words=" ".join(words[hit.start : hit.end]),
        )
        if any(other.covers(hit) and other.score >= hit.score for other in hits):
            match = replace(match, score=match.score * INSIDE_FACTOR)
        if entry.kind == "landmark":
            yield match
            return
        if before in _STREET_WORDS:
            match = replace(match, score=match.score * STREET_FACTOR, ambiguous=True)
        if before in _VILLAGE_WORDS or not _REGENCY_WORDS.isdisjoint(words):
            match = replace(match, score=match.score * OUTSIDE_FACTOR, ambiguous=True)
        if entry.also_outside and not self._says_city(entry, hit, words):
            match = replace(match, ambiguous=True)
        district = self._districts.get(normalise(entry.name))
        if district is None or before in _AREA_WORDS:
            yield match
            return
        # The name of a kelurahan and of a kecamatan.
        said = replace(district, score=match.score, words=match.words)
        if before in _DISTRICT_WORDS:
            factor = QUALIFIER_FACTOR if self._others(hit, hits) else 1.0
            yield replace(said, score=said.score * factor, ambiguous=False)
        elif self._qualifies(entry, hit, hits):
            yield replace(said, score=said.score * QUALIFIER_FACTOR, ambiguous=False)
            yield replace(match, score=match.score * QUALIFIER_FACTOR, ambiguous=True)
        else:
            yield replace(said, score=said.score - 1.0)
            yield replace(match, ambiguous=True)

    def _qualifies(self, entry: Entry, hit: _Hit, hits: Sequence[_Hit]) -> bool:
        """Whether the name stands beside a place of the district of that name."""
        name = normalise(entry.name)
        return any(normalise(other.district) == name for other in self._others(hit, hits))

    def _others(self, hit: _Hit, hits: Sequence[_Hit]) -> list[Entry]:
        """What the text names elsewhere, with fair certainty."""
        return [
            self._entries[other.entry]
            for other in hits
            if other.score >= 85.0 and other.entry != hit.entry and not other.overlaps(hit)
        ]

    def _says_city(self, entry: Entry, hit: _Hit, words: Sequence[str]) -> bool:
        """Whether the text places the name in the city: its kecamatan or "Kota Kediri"."""
        rest = [*words[: hit.start], "", *words[hit.end :]]
        pairs = list(zip(rest, rest[1:], strict=False))
        if ("kota", "kediri") in pairs:
            return True
        district = _words(entry.district)
        if district == ["kota"]:  # too common a word to count on its own
            return any(first in _DISTRICT_WORDS and second == "kota" for first, second in pairs)
        size = len(district)
        return any(rest[i : i + size] == district for i in range(len(rest) - size + 1))


def _rank(match: Match) -> tuple[float, int, int, str]:
    kinds: tuple[Kind, ...] = ("landmark", "area", "district")
    return (-match.score, -len(match.words), kinds.index(match.kind), match.id)


def _plain(text: str) -> str:
    """Lower-case ASCII letters and digits, everything else a space."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", ascii_only.lower()).strip()


def _words(text: str) -> list[str]:
    # Cut first: what follows is linear, but a caller may paste anything.
    plain = f" {_plain(text[: MAX_WORDS * 20])} "
    plain = re.sub(r" ([a-z]{3,})2(?= )", r" \1 \1", plain)  # "alun2" is how alun-alun is typed
    for long, short in _WORD_FORMS.items():
        plain = plain.replace(f" {long} ", f" {short} ")
    return plain.split()


def _spelling(word: str) -> str:
    """A word in one orthography: Tjoe and Cu, Dhoho and Doho are the same."""
    for old, new in (("oe", "u"), ("tj", "c"), ("dj", "j"), ("dh", "d"), ("th", "t")):
        word = word.replace(old, new)
    return re.sub(r"([a-z])\1", r"\1", word)
