"""One spelling for what people write: informal Indonesian, abbreviations, everyday Javanese.

No stemming: it was measured on a city's reports and did not help. Numbers become 0, so that no
telephone or identity number is ever learned.
"""

import re
import unicodedata

MOST_LETTERS = 20_000  # of a text that are read; WhatsApp carries 4,096
LONG_WITH_NYA = 7  # "hanya", "punya" and "tanya" end so by themselves

_WORD = re.compile(r"[a-z]+|[0-9]+")
_LONG = re.compile(r"([a-z])\1{2,}")  # "tolooong"
_TWICE = re.compile(r"\b([a-z]{3,})2(?=[a-z]{0,3}\b)")  # "lubang2", "lubang2nya"
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b")  # "p.j.u."
_JOINED = re.compile(r"(?<=[a-z])-(?=[a-z])")  # "lubang-lubang"

# What is written -> what is meant.
_SAME = {
    "jalan": "jl jln jlan jalanan dalan ndalan dalanan",
    "gang": "gg",
    "lampu": "lmp lmpu",
    "mati": "mt pejah matek",
    "padam": "pdm",
    "hidup": "hdp nyala menyala urip murup idup",
    "belum": "blm blom blum belom durung dereng urung",
    "tidak": "tdk gak ga gk nggak ngga enggak engga ndak ora ra mboten tak kagak",
    "sudah": "sdh udh udah dah wis wes sampun uwis",
    "ada": "onten wonten enek ono eneng",
    "bukan": "bkn dudu sanes",
    "jangan": "jgn ojo",
    "banget": "bgt bngt bgtt tenan",
    "yang": "yg sing ingkang",
    "dengan": "dgn dg karo kalih",
    "untuk": "utk tuk kanggo kangge",
    "karena": "krn karna soale mergo amargi",
    "kalau": "kl klo kalo nek yen menawi",
    "bisa": "bs iso saged isa",
    "sama": "sm",
    "saya": "sy aku kulo kula ane gue",
    "kami": "kita",
    "tolong": "tlg tlong tulung tulong nulung",
    "mohon": "mhn mhon nyuwun",
    "minta": "mnta njaluk",
    "orang": "org wong tiyang uwong",
    "rumah": "rmh omah griyo griya omahe",
    "air": "banyu toya toyo banyune airnya",
    "pohon": "phn uwit wit wite pohone",
    "besar": "bsr gede guede ageng",
    "bau": "mambu mambune",
    "sampah": "smph uwuh sampahe",
    "got": "kalen kalenan selokan parit comberan gorong",
    "berlubang": "lubang lobang bolong berlobang lubangi lubange bolongan growong",
    "rusak": "rsk risak rusake",
    "sekolah": "skul sekolahan skolah sekolahe",
    "anak": "ank anake",
    "banjir": "bnjr kebanjiran banjire",
    "malam": "mlm bengi dalu",
    "gelap": "peteng glap petengan",
    "hari": "hr dino dinten",
    "lama": "suwe dangu",
    "warga": "wrg",
    "petugas": "ptgs",
    "bantuan": "bntuan bantuane",
    "dapat": "dpt dapet entuk angsal",
    "bocor": "bcr mbocor bocore",
    "kotor": "reged",
    "tumbang": "ambruk rubuh tugel roboh ambrok",
    "ular": "ulo",
    "listrik": "lstrk",
    "bayar": "byr mbayar",
    "kebakaran": "kobong kobongan kobaran kbakaran kebakar kobar obong",
    "kecelakaan": "laka kclakaan kecelakaaan lakalantas kecelakan",
    "tenggelam": "klelep kelelep kerem keli",
    "napas": "nafas ambegan",
    "bernapas": "bernafas",
    "sesak": "sesek seseg",
    "pingsan": "semaput semaputen",
    "kesetrum": "kesetrom kestrum tersetrum kestrom nyetrum",
    "tabrakan": "tubrukan ketabrak ketubruk tertabrak ditabrak",
}
_MEANT = {form: meant for meant, forms in _SAME.items() for form in forms.split()}


def words(text: str) -> list[str]:
    """The words of a text in the one spelling; a word said twice in a row counts once."""
    plain = (
        unicodedata.normalize("NFKD", text[:MOST_LETTERS])
        .lower()
        .encode("ascii", "ignore")
        .decode()
    )
    plain = _DOTTED.sub(lambda found: found[0].replace(".", ""), plain)
    plain = _JOINED.sub(" ", _TWICE.sub(r"\1 ", plain))
    found: list[str] = []
    for raw in _WORD.findall(plain):
        word = "0" if raw[0].isdigit() else meant(_LONG.sub(r"\1", raw))
        if not found or found[-1] != word:
            found.append(word)
    return found


def meant(word: str) -> str:
    """The usual spelling of a word, also behind the endings that mean "the" or "its"."""
    if word in _MEANT or word in _SAME:
        return _MEANT.get(word, word)
    for ending in ("nya", "ne", "e", "lah"):
        start = word.removesuffix(ending)
        if start != word and (start in _MEANT or start in _SAME):
            return _MEANT.get(start, start)
    # Of other words only what no other word ends in.
    return word[:-3] if word.endswith("nya") and len(word) >= LONG_WITH_NYA else word
