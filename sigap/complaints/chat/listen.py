"""What somebody means by what they write: informal Indonesian, everyday Javanese, some English.

Pure. What is no command here is what they want to say."""

import re

from ..classify.spelling import words


def _said(*phrases: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words(phrase)) for phrase in phrases)


# Said to be polite; they change nothing.
_POLITE = {*words("pak bapak bu ibu min kak kakak mas mbak mba admin dong deh lah nih gan bos")}
_POLITE |= {*words("tolong mohon saja aja")}
YES = _said(
    *("ya", "iya", "iyaa", "y", "yes", "yup", "yoi", "ok", "oke", "okay", "okey", "sip", "siap"),
    *("betul", "benar", "bener", "setuju", "lanjut", "lanjutkan", "kirim", "sudah benar"),
    *("iya betul", "iya benar", "ya benar", "ya betul", "boleh", "sesuai", "correct"),
    *("yes please", "iyo bener", "nggih leres"),
    *(
        "nggih",
        "inggih",
        "njih",
        "enggih",
        "nggeh",
        "yo",
        "iyo",
        "iyo bener",
        "leres",
        "nggih leres",
    ),
    *("inggih leres", "sampun leres", "monggo", "mangga", "heeh", "kirim saja", "send"),
)
NO = _said(
    *("tidak", "gak", "nggak", "enggak", "bukan", "salah", "no", "nope", "n", "ubah", "ganti"),
    *("ora", "mboten", "moh", "emoh", "dudu", "sanes", "ndak", "wrong", "jangan", "keliru"),
    *("tidak benar", "masih salah", "lepat", "belum benar", "ndak usah", "tidak usah"),
)
SOLVED = YES | _said(
    *("sudah", "sudah selesai", "selesai", "beres", "sudah beres", "rampung", "wis rampung"),
    *("sampun", "sampun rampung", "solved", "done", "sudah bagus", "sudah baik", "sudah nyala"),
)
UNSOLVED = NO | _said(
    *("belum", "belum selesai", "durung", "dereng", "belum beres", "durung rampung", "not yet"),
    *("belum rampung", "dereng rampung", "masih", "belum ada perubahan"),
)
_COMMANDS = {
    "cancel": _said(
        *("batal", "batalkan", "batal saja", "cancel", "tidak jadi", "gak jadi", "ora sido"),
        *("gak sido", "mboten sios", "stop", "ora usah"),
    ),
    "status": _said(
        *("status", "cek", "cek status", "cek laporan", "status laporan", "laporan saya", "lacak"),
        *("sampai mana", "sudah sampai mana", "sampai mana laporan saya", "tekan endi", "track"),
        *("pripun laporan kulo", "piye laporanku", "bagaimana laporan saya"),
    ),
    "add": _said(
        *("tambah", "tambahan", "tambahkan", "nambah", "tambah laporan", "mau tambah", "add"),
        *("imbuh", "tambah foto", "tambah keterangan"),
    ),
    "help": _said("bantuan", "help", "menu", "petunjuk", "cara lapor", "caranya", "carane piye"),
    "anonymous": _said(
        *("anonim", "anonymous", "tanpa nama", "sembunyikan nama", "sembunyikan nama saya"),
        *("rahasiakan nama", "rahasiakan nama saya", "jangan sebut nama saya"),
        *("nama disembunyikan", "ojo disebut jenengku", "hide my name"),
    ),
    "secret": _said(
        *("rahasia", "rahasiakan", "rahasiakan laporan", "rahasiakan laporan saya", "confidential"),
        *("jangan dipublikasikan", "jangan ditampilkan", "laporan rahasia", "secret"),
    ),
    "rescore": _said(
        *("ubah nilai", "ganti nilai", "ralat nilai", "ubah penilaian", "ganti penilaian"),
        *("mau ubah nilai", "salah nilai", "ubah rating", "change rating", "change score"),
        *("nilai", "beri nilai", "penilaian", "rating", "ganti biji"),
    ),
    "wants_person": _said(
        *("petugas", "operator", "manusia", "bicara dengan petugas", "admin", "human", "agent"),
        *("mau bicara dengan petugas", "hubungi petugas", "customer service", "cs"),
    ),
    "thanks": _said(
        *("terima kasih", "terimakasih", "makasih", "trims", "thanks", "thank you", "suwun"),
        *("matur nuwun", "matur suwun", "nuwun", "oke terima kasih", "ok makasih", "thx", "tks"),
        *("terima kasih banyak", "siap terima kasih", "maturnuwun", "matursuwun", "mksh", "tq"),
    ),
}
_GREETING = {
    *words("halo hallo hai hi hello hey pagi siang sore malam selamat assalamualaikum p permisi"),
    *words(
        "salam kulo kula nuwun sewu sugeng enjing siyang sonten dalu test tes ping good morning"
    ),
    *words("mau saya ingin lapor melapor melaporkan laporan pengaduan mengadu arep badhe pengen"),
    *words(
        "assalamu alaikum wr wb waalaikumsalam om swastiastu shalom bisa untuk to report want i"
    ),
}
MOST_GREETING = 7
_ENGLISH = {"the", "is", "are", "please", "street", "there", "hello", "my", "not", "broken", "hi"}
_ENGLISH |= {"want", "report", "has", "have", "been", "water", "and", "in", "near", "i", "good"}
_INDONESIAN = {"di", "dan", "yang", "ada", "saya", "tidak", "sudah", "mati", "jalan", "lampu"}
LANGUAGES = {"english": "en", "inggris": "en", "indonesia": "id", "bahasa indonesia": "id"}

_ABUSE = re.compile(
    r"\b(bangsat|bajingan|goblo[kg]|tolol|kontol|memek|ngentot|jan+[ck]+o[kx]|jan[cd]uk|cok|asu"
    r"|bego|kampret|keparat|perek|lonte|fuck(ing)?|bitch|idiot|matamu|raimu|ndasmu|babi|anjing)\b",
    re.IGNORECASE,
)
_ALONE = {"babi", "anjing", "asu", "cok"}  # an animal may also be what a report is about
_SPAM = re.compile(
    r"slot gacor|judi online|pinjol|pinjaman (online|cepat|tanpa)|klik (link|tautan|di ?sini)"
    r"|menang(kan)? hadiah|togel|gacor|crypto|investasi .{0,20}(untung|profit)|followers murah"
    r"|situs (slot|togel|judi)|dapatkan hadiah|free money|bit\.ly/|wa\.me/\d",
    re.IGNORECASE,
)
_CHILD = re.compile(
    r"\b(kelas [1-6] sd|kelas (satu|dua|tiga|empat|lima|enam) sd|(masih|anak) sd\b|umur(ku)? "
    r"([5-9]|1[0-2])( tahun| th)?\b|(aku|saya|adek) (masih )?(sd|kecil|bocah)\b|murid sd|siswa sd)",
    re.IGNORECASE,
)
# Beside the number: "rumah no 112" is none.
_CALLING = {
    *[
        "112",
        "call",
        "telp",
        "telepon",
        "hubungi",
        "panggil",
        "sambungkan",
        "darurat",
        "ke",
        "butuh",
        "emergency",
    ]
}
_CALLING |= {
    *[
        "minta",
        "tolong",
        "please",
        "help",
        "nomor",
        "bantuan",
        "the",
        "number",
        "hub",
        "nelpon",
        "telfon",
    ]
}
FEW = 5  # in so few words nothing else is said
MOST_DIGITS = 18
_MARKS = {str(n): n for n in range(1, 6)}
_MARKS |= {"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5}
_MARKS |= {"siji": 1, "loro": 2, "telu": 3, "papat": 4, "limo": 5}
_MARKS |= {"setunggal": 1, "kalih": 2, "sekawan": 4, "gangsal": 5}
_MARKS |= {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_OF_A_MARK = {
    *["nilai", "nilainya", "ubah", "ganti", "ralat", "jadi", "menjadi", "saya", "beri", "kasih"],
    *["bintang", "skor", "rating", "poin", "angka", "star", "stars", "score", "change", "to"],
    *["rate", "my", "it", "ya", "terima", "makasih", "trims", "kok", "deh"],
}


def whole(text: str) -> int | None:
    """The number that a choice names. What a phone sends back may be anything: "²" and "٣" are
    digits, too, and a number may be longer than a database holds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def _plain(text: str) -> tuple[str, ...]:
    said = words(text)
    kept = tuple(word for word in said if word not in _POLITE)
    return kept or tuple(said)


def is_yes(text: str) -> bool:
    """Whether it is a yes and nothing else."""
    return _is(text, YES) or text.strip() in ("👍", "✅")


def is_no(text: str) -> bool:
    """Whether it is a no and nothing else."""
    return _is(text, NO) or text.strip() in ("👎", "❌")


def _is(text: str, phrases: frozenset[tuple[str, ...]]) -> bool:
    """Also one said in several ways: "njih leres", "iya betul"."""
    said = _plain(text)
    return bool({tuple(words(text)), said} & phrases) or (
        bool(said) and all((word,) in phrases for word in said)
    )


def verdict_on(text: str) -> str:
    """What somebody who was asked whether it is solved says: solved, unsolved, or neither."""
    said = {tuple(words(text)), _plain(text)}
    return "unsolved" if said & UNSOLVED else "solved" if said & SOLVED or is_yes(text) else ""


def score_in(text: str) -> int | None:
    """A number from 1 to 5 with nothing else beside it than that it is a mark, also as stars."""
    plain = text.strip()
    if found := re.fullmatch(r"([1-5])(\s*(bintang|stars?|/\s*5))?[.!]?", plain, re.IGNORECASE):
        return int(found[1])
    stars = plain.replace("\ufe0f", "")
    if stars and set(stars) <= {"⭐", "🌟"}:
        return len(stars) if len(stars) <= 5 else None  # noqa: PLR2004
    said = re.findall(r"\w+", plain.lower())
    left = [word for word in said if word not in _POLITE and word not in _OF_A_MARK]
    return _MARKS.get(left[0]) if len(left) == 1 else None


def calls_112(text: str) -> bool:
    """Whether somebody asks for the emergency service by its number."""
    said = re.findall(r"\w+(?:-\w+)*", text.lower())
    return "112" in said and all(word in _CALLING or word in _POLITE for word in said)


def command_in(text: str) -> str:
    """The command that a message is, if it is one: of the table's words."""
    plain = _plain(text)
    # "matur nuwun nggih": a yes along with it changes nothing.
    said = {tuple(words(text)), plain, tuple(word for word in plain if (word,) not in YES)}
    if text.strip() in ("?", "??"):
        return "help"
    for command, phrases in _COMMANDS.items():
        if said & phrases:
            return command
    if text.strip().lower().rstrip(".!") in LANGUAGES:
        return "language"
    return "greeting" if _is_greeting(text) else ""


def _is_greeting(text: str) -> bool:
    said = words(text)
    return 0 < len(said) <= MOST_GREETING and all(w in _GREETING or w in _POLITE for w in said)


def language_of(text: str) -> str:
    """The language that a first message is in; Indonesian unless it is plainly English."""
    said = set(re.findall(r"[a-z]+", text.lower()))
    english = len(said & _ENGLISH)
    return "en" if english > len(said & _INDONESIAN) and (english > 1 or len(said) == 1) else "id"


def mark_in(text: str) -> str:
    """How a message is marked for a person to see: abuse, spam, child; nothing of it is
    dropped."""
    if _SPAM.search(text):
        return "spam"
    abuse = {found[0].lower() for found in _ABUSE.finditer(text)}
    if abuse and (abuse - _ALONE or len(words(text)) <= 2):  # noqa: PLR2004
        return "abuse"
    return "child" if _CHILD.search(text) else ""


def is_only_abuse(text: str) -> bool:
    """Whether nothing is said but that."""
    return mark_in(text) == "abuse" and len(text.split()) < FEW
