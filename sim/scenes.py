"""Made-up emergencies: what, where in words, how it is told, what the caller answers."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from sigap.incidents.triage import Proposal, propose
from sigap.packs.schema import Area, IncidentType, Pack

# How often each type is reported: dangerous animals, ambulances, traffic accidents and social
# problems lead, as in the city's own evaluation.
SHARES = {
    "hewan_berbahaya": 24,
    "sarang_tawon": 7,
    "ambulans": 19,
    "henti_jantung": 1.5,
    "persalinan": 1,
    "keracunan": 0.7,
    "bunuh_diri": 0.4,
    "kecelakaan_lalin": 16,
    "kecelakaan_kereta": 0.2,
    "odgj": 7,
    "orang_terlantar": 5,
    "pohon_tumbang": 4,
    "kebakaran_bangunan": 2.5,
    "kebakaran_lahan": 2.5,
    "kebakaran_kendaraan": 0.6,
    "kebocoran_gas": 0.8,
    "penyelamatan": 2,
    "orang_tenggelam": 0.3,
    "orang_hilang": 0.6,
    "banjir": 0.8,
    "tanah_longsor": 0.2,
    "kabel_listrik": 1.5,
    "tindak_kriminal": 1,
    "kdrt": 0.5,
    "gangguan_ketertiban": 1.5,
    "lainnya": 0.5,
}
# How much likelier in each month: trees fall and water rises with the rains, fields burn
# in the dry months.
SEASONS = {
    "pohon_tumbang": {1: 3, 2: 3, 3: 2, 4: 1.5, 10: 2, 11: 3, 12: 3},
    "banjir": {1: 4, 2: 4, 3: 2, 4: 1, 11: 3, 12: 4, 7: 0.1, 8: 0.1},
    "kebakaran_lahan": {7: 2, 8: 3, 9: 3, 10: 2, 1: 0.1, 2: 0.1},
}
STREETS = (
    "Jl. Melati Wangi",
    "Jl. Kenanga Indah",
    "Jl. Cempaka Raya",
    "Jl. Bougenville",
    "Gg. Anggrek",
    "Gg. Pinang",
    "Gg. Mawar Putih",
    "Perum Griya Contoh",
    "Perum Asri Contoh",
    "Jl. Sawo Kecik",
    "Jl. Jambu Mete",
    "Gg. Makam",
)
NEARBY = (
    "depan musala",
    "sebelah warung soto",
    "belakang balai RW",
    "dekat pos kamling",
    "timur jembatan kecil",
    "samping lapangan voli",
    "utara makam",
    "pertigaan dekat bengkel",
    "sebelah toko pertanian",
)
REPORTERS = ("warga sekitar", "ketua RT", "keluarga", "pengguna jalan", "penjaga warung", "")
STORIES = {
    "hewan_berbahaya": ("Ular masuk dapur, warga takut.", "Ular besar di kandang ayam."),
    "sarang_tawon": ("Sarang tawon besar di pohon mangga.", "Tawon bersarang di atap rumah."),
    "ambulans": ("Bapak sesak napas sejak subuh.", "Ibu lemas, minta ambulans ke rumah sakit."),
    "henti_jantung": ("Tidak sadar dan tidak bernapas.",),
    "persalinan": ("Ibu hamil mulas terus, air ketuban pecah.",),
    "kecelakaan_lalin": ("Dua sepeda motor bertabrakan.", "Motor menabrak pembatas jalan."),
    "odgj": ("Orang mengamuk di depan toko.", "Orang bingung berjalan di tengah jalan."),
    "orang_terlantar": ("Lansia duduk di emperan toko sejak kemarin.",),
    "pohon_tumbang": ("Pohon besar tumbang menutup jalan.",),
    "kebakaran_bangunan": ("Api dari dapur, asap tebal.", "Gudang kecil terbakar."),
    "kebakaran_lahan": ("Lahan kosong terbakar, asap ke rumah warga.",),
    "kabel_listrik": ("Kabel menjuntai di jalan.",),
    "penyelamatan": ("Cincin tidak bisa dilepas.", "Anak terkunci di kamar mandi."),
}
MEDICAL_ENDS = ("transported", "transported", "handled", "refused")
OTHER_ENDS = ("handled",) * 7 + ("handed_over", "gone_on_arrival", "not_found")
# Units of these groups carry people away.
CARRYING = ("medical", "traffic")


@dataclass(frozen=True)
class Scene:
    """One made-up emergency, as its first caller would tell it."""

    type: IncidentType
    area: Area
    lat: float
    lng: float
    address: str
    chronology: str
    reporter: str
    victims: int | None
    answers: dict[str, str]

    @property
    def priority(self) -> int:
        """What the city's own rules make of the answers."""
        default = Proposal(self.type.priority, self.type.siren, "")
        return propose(_rules(self.type), self.answers, default=default).priority


def scene(rng: random.Random, pack: Pack, month: int) -> Scene:
    """An emergency of a likely type at a random place."""
    kind = rng.choices(pack.types, [_likelihood(t.code, month) for t in pack.types])[0]
    area = rng.choices(pack.areas, [math.sqrt(a.area_km2) for a in pack.areas])[0]
    lat, lng = point_in(rng, area)
    victims = rng.choice((1, 1, 1, 2, 3)) if kind.group in CARRYING else None
    return Scene(
        type=kind,
        area=area,
        lat=lat,
        lng=lng,
        address=address(rng, area),
        chronology=rng.choice(STORIES.get(kind.code, (f"{kind.name}, mohon bantuan.",))),
        reporter=rng.choice(REPORTERS),
        victims=victims,
        answers=_answers(rng, kind),
    )


def point_in(rng: random.Random, area: Area) -> tuple[float, float]:
    """A point near the label point, within the kelurahan if it were round."""
    reach = math.sqrt(area.area_km2 / math.pi) * 0.7 * math.sqrt(rng.random())  # km
    angle = rng.random() * 2 * math.pi
    lat = area.lat + reach * math.sin(angle) / 111.2
    lng = area.lng + reach * math.cos(angle) / (111.2 * math.cos(math.radians(area.lat)))
    return round(lat, 6), round(lng, 6)


def address(rng: random.Random, area: Area) -> str:
    """Words as an operator types them."""
    words = [f"{rng.choice(STREETS)} {rng.randint(1, 90)}"]
    if rng.random() < 0.6:
        words.append(f"RT {rng.randint(1, 6):02} RW {rng.randint(1, 9):02}")
    words.append(f"Kel. {area.name}" if rng.random() < 0.7 else area.name)
    if rng.random() < 0.5:
        words.append(rng.choice(NEARBY))
    return ", ".join(words)


def ending(rng: random.Random, group: str) -> str:
    """A disposition code that fits."""
    return rng.choice(MEDICAL_ENDS if group == "medical" else OTHER_ENDS)


def _likelihood(code: str, month: int) -> float:
    return SHARES.get(code, 0.2) * SEASONS.get(code, {}).get(month, 1)


def _answers(rng: random.Random, kind: IncidentType) -> dict[str, str]:
    """Most callers report the lesser case; some questions stay unasked."""
    found = {}
    for question in kind.question:
        if rng.random() < 0.1:
            continue
        offered = [a for a in question.answers if a != "unsure"]
        calm = [a for a in offered if not _alarming(kind, question.code, a)] or offered
        found[question.code] = rng.choice(calm if rng.random() < 0.88 else offered)
    return found


def _alarming(kind: IncidentType, question: str, answer: str) -> bool:
    return any(
        rule.priority == 1 and len(rule.when) == 1 and answer in rule.when.get(question, ())
        for rule in kind.rule
    )


@dataclass
class _Rule:
    code: str
    when: Mapping[str, list[str]]
    priority: int
    siren: bool


def _rules(kind: IncidentType) -> list[_Rule]:
    return [
        _Rule(r.code, {q: list(a) for q, a in r.when.items()}, r.priority, r.siren)
        for r in kind.rule
    ]
