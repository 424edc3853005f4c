"""How a report is sorted on the first day, by words, and who decides when there is a model too."""

import tomllib
from collections.abc import Collection
from pathlib import Path

import pytest

from sigap.complaints.classify.danger import Danger
from sigap.complaints.classify.decide import Decider
from sigap.complaints.classify.guess import Guess
from sigap.complaints.classify.lexicon import Lexicon
from sigap.complaints.classify.spelling import words

KEDIRI = Path(__file__).parents[2] / "sigap" / "packs" / "kediri"


def read(name: str) -> dict[str, list[dict[str, object]]]:
    return tomllib.loads((KEDIRI / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rules() -> Lexicon:
    return Lexicon({str(row["code"]): row["words"] for row in read("categories.toml")["category"]})  # type: ignore[misc]


@pytest.fixture(scope="module")
def danger() -> Danger:
    return Danger(**read("danger.toml"))  # type: ignore[arg-type]


def test_every_category_is_told_once_and_belongs_to_somebody() -> None:
    rows = read("categories.toml")["category"]
    assert 20 <= len(rows) <= 30
    assert len({row["code"] for row in rows}) == len({row["name"] for row in rows}) == len(rows)
    assert {row["complaint_class"] for row in rows} == {
        "complaint",
        "supervision",
        "information",
        "aspiration",
    }
    assert {row["publish"] for row in rows} == {"never"}
    assert all(row["agency"] and row["group"] and row["name_en"] and row["words"] for row in rows)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Lampune dalan ngarep omah mati wis seminggu, peteng", "pju"),
        ("LMPU JLN PADAMMM di gg 3", "pju"),
        ("p.j.u. depan sd blm nyala", "pju"),
        ("Wit gede wis miring, wedi ambruk kena omah", "pohon"),
        ("min tolong dahannya dipangkas nutupi kabel", "pohon"),
        ("uwuh numpuk nang pinggir kali ora dijupuk", "sampah"),
        ("got depan rumah mampet baunya gak ketulungan", "saluran"),
        ("selokan buntu airnya meluap ke jalan", "saluran"),
        ("banjir sampe lutut pak", "banjir"),
        ("dalan bolong2 akeh sing tibo", "jalan"),
        ("aspal depan pasar rusak parah", "jalan"),
        ("PKH ibu saya kok blm cair ya", "bansos"),
        ("tetangga yg kaya malah dpt bansos, salah sasaran", "bansos"),
        ("ada ODGJ teriak2 di depan toko", "sosial"),
        ("wong edan turu nang emperan", "sosial"),
        ("banyu PDAM buthek ora iso dinggo masak", "pdam"),
        ("air ledeng gak keluar dari subuh", "pdam"),
        ("mati listrik se kampung dari isya", "listrik"),
        ("anak saya gagal PPDB padahal zonasi dekat", "pendidikan"),
        ("puskesmas antri lama dokter tidak ada", "kesehatan"),
        ("KTP el belum jadi2 sudah 3 bulan rekam", "adminduk"),
        ("sound horeg tetangga sampe pagi", "ketertiban"),
        ("jukir narik 10rb parkir motor", "parkir"),
        ("bangjo perempatan mati bikin macet", "lalu_lintas"),
        ("ono ulo mlebu omah", "hewan"),
        ("dimintai uang sama oknum petugas, pungli", "pungli"),
        ("mau tanya syarat ngurus pindah apa saja", "informasi"),
        ("sekedar usul, alangkah baiknya ada jalur sepeda", "usulan"),
        ("asap pabrik tahu masuk rumah", "polusi"),
        ("gas melon langka di kampung saya", "pasar"),
    ],
)
def test_what_people_write_is_understood(rules: Lexicon, text: str, code: str) -> None:
    found = rules.guess(text)
    assert found and found[0].code == code, found


def test_a_guess_tells_by_which_words(rules: Lexicon) -> None:
    best = rules.guess("lampu di gang kami mati sejak senin")[0]
    assert best.because == ("lampu gang", "lampu mati")
    assert 0 < best.confidence < 1


def test_more_words_for_one_thing_are_surer_than_one(rules: Lexicon) -> None:
    one = rules.guess("ada pju")[0].confidence
    more = rules.guess("pju mati, lampu jalan gelap gulita")[0].confidence
    assert more > one


def test_two_matters_in_one_report_are_both_offered(rules: Lexicon) -> None:
    found = rules.guess("pohon tumbang menutup jalan berlubang")
    assert {"pohon", "jalan"} <= {guess.code for guess in found}


@pytest.mark.parametrize("text", ["", "   ", "👍🙏", "ok siap", "?!", "1234", "مرحبا"])
def test_what_says_nothing_of_any_matter_is_not_guessed(rules: Lexicon, text: str) -> None:
    assert rules.guess(text) == []


def test_a_text_that_is_far_too_long_is_read_from_its_beginning(rules: Lexicon) -> None:
    assert rules.guess("pju mati. " + "sampah numpuk " * 100_000)[0].code == "sampah"
    assert rules.guess("pju mati " + "x y " * 100_000 + "sampah")[0].code == "pju"


def test_a_plea_for_help_is_no_plea_for_social_aid(rules: Lexicon) -> None:
    found = rules.guess("mohon bantuannya pak, aspal ambles")
    assert [guess.code for guess in found] == ["jalan"]


def test_a_slip_of_the_finger_is_forgiven_but_not_in_short_words(rules: Lexicon) -> None:
    assert rules.guess("smapah di pinggir kali")[0].code == "sampah"
    assert all(g.code != "kesehatan" for g in rules.guess("orang ngamuk"))  # no mosquito


def test_numbers_are_never_read() -> None:
    assert words("hubungi 081234567890 atau 3571012345678901") == ["hubungi", "0", "atau", "0"]


def test_a_word_is_one_however_it_is_spelt() -> None:
    assert words("Blm") == words("durung") == words("blom") == ["belum"]
    assert words("lubang-lubang") == words("lobang2") == ["berlubang"]
    assert words("toloooong") == ["tolong"]


@pytest.mark.parametrize(
    "text",
    [
        "ada kebakaran di belakang pasar",
        "OMAH KOBONG PAK",
        "laka motor bus depan terminal",
        "enek wong kelelep nang brantas",
        "bapak saya semaput ga sadar",
        "anak kesetrum tiang lampu",
        "tolong!!!",
        "tulung tulung",
        "pak tolong!!",
        "tolong pak tolong",
        "Tolong tolong ada maling",
        "kecelakaan, korban tidak sadar",
        "tidak ada yang datang, kebakaran makin besar",
        "wong edan ngamuk bawa parang",
        "sesak napas bu, butuh ambulans",
        "bapakku ora ambegan",
        "pengen mati ae",
        "rumah ambruk ada orang di dalam",
        "mobil pemadam kebakaran belum datang padahal rumah kebakaran",
    ],
)
def test_words_of_danger_are_heard(danger: Danger, text: str) -> None:
    found = danger.read(text)
    assert found is not None and found.level == "now", found


@pytest.mark.parametrize(
    "text",
    [
        "jalan berlubang rawan kecelakaan",
        "takut ada kebakaran kabelnya menjuntai",
        "sering kecelakaan mohon pasang rambu",
        "kecelakaan minggu lalu di sini, lampu belum diperbaiki",
        "kabel kendor bisa kesetrum",
        "ada ular masuk rumah",
        "bantuan korban kebakaran belum cair",
    ],
)
def test_a_danger_that_is_feared_or_over_is_asked_about(danger: Danger, text: str) -> None:
    found = danger.read(text)
    assert found is not None and found.level == "ask", found


@pytest.mark.parametrize(
    "text",
    [
        "tolong diperbaiki lampunya",
        "tolong diperbaiki!",
        "minta tolong pohon dipangkas, tolong segera",
        "banyak yang kena demam berdarah minta fogging",
        "minta tolong pohon dipangkas pak",
        "mohon tolong segera",
        "jangan kebakaran jenggot ya",
        "tidak ada kebakaran kok",
        "bukan kecelakaan, cuma macet",
        "biar tidak ada kecelakaan pasang rambu",
        "nomor pemadam kebakaran berapa",
        "lampu jalan mati",
        "",
    ],
)
def test_courtesies_figures_and_denials_are_no_danger(danger: Danger, text: str) -> None:
    assert danger.read(text) is None


class Fixed:
    """A guesser that always says the same."""

    def __init__(self, *guesses: tuple[str, float], codes: Collection[str] = ()) -> None:
        self.guesses = [Guess(*guess) for guess in guesses]
        self.codes = tuple(codes) or tuple(code for code, _ in guesses)
        self.examples = dict.fromkeys(self.codes, 50)

    def guess(self, text: str, limit: int = 3) -> list[Guess]:
        return self.guesses[:limit]


def test_without_a_model_the_rules_decide(rules: Lexicon) -> None:
    found = Decider(rules).decide("lampu jalan padam, gang gelap gulita")
    assert found.by == "rules" and found.best and found.best.code == "pju"
    assert found.sure


def test_of_what_nobody_understands_a_person_decides(rules: Lexicon) -> None:
    found = Decider(rules).decide("???")
    assert (found.by, found.best, found.sure, found.others) == ("nobody", None, False, ())


def test_a_model_is_sure_from_its_threshold_on() -> None:
    rules = Fixed(codes=("tree", "water", "road", "waste"))
    model = Fixed(("tree", 0.7), ("water", 0.2), ("road", 0.06), ("waste", 0.04))
    found = Decider(rules, model, threshold=0.7).decide("x")
    assert found.by == "model" and found.sure
    assert [guess.code for guess in found.others] == ["water", "road"]
    assert not Decider(rules, model, threshold=0.71).decide("x").sure


def test_a_model_whose_threshold_is_unknown_is_never_sure() -> None:
    rules = Fixed(codes=("tree", "water"))
    assert not Decider(rules, Fixed(("tree", 0.99), ("water", 0.01))).decide("x").sure


def test_the_rules_speak_for_a_category_that_the_model_never_learned() -> None:
    rules = Fixed(("animal", 0.8), codes=("tree", "water", "animal"))
    model = Fixed(("tree", 0.5), ("water", 0.4))
    found = Decider(rules, model, threshold=0.9).decide("x")
    assert found.by == "rules" and found.best == Guess("animal", 0.8) and found.sure
    assert [guess.code for guess in found.others] == ["tree", "water"]


@pytest.mark.parametrize("said", [0.8, 0.99])
def test_where_both_are_sure_of_two_things_a_person_decides(said: float) -> None:
    rules = Fixed(("animal", said), codes=("tree", "water", "animal"))
    model = Fixed(("tree", 0.95), ("water", 0.05))
    found = Decider(rules, model, threshold=0.9).decide("x")
    assert found.best and not found.sure
    assert {found.best.code, found.others[0].code} == {"tree", "animal"}


def test_the_rules_count_less_the_more_the_model_has_seen() -> None:
    rules = Fixed(("tree", 0.6), codes=("tree", "water"))
    model = Fixed(("water", 0.7), ("tree", 0.3))
    model.examples = {"water": 5, "tree": 5}
    assert (young := Decider(rules, model).decide("x").best) and young.code == "tree"
    model.examples = {"water": 500, "tree": 500}
    assert (old := Decider(rules, model).decide("x").best) and old.code == "water"


def test_a_category_that_is_no_longer_used_is_not_guessed() -> None:
    rules = Fixed(codes=("water", "road"))
    model = Fixed(("tree", 0.9), ("water", 0.06), ("road", 0.04))
    found = Decider(rules, model, threshold=0.9).decide("x")
    assert found.best == Guess("water", 0.06) and not found.sure


def test_where_the_model_knows_nothing_of_a_text_the_rules_are_asked() -> None:
    rules = Fixed(("tree", 0.5), codes=("tree", "water"))
    found = Decider(rules, Fixed(codes=("tree", "water")), threshold=0.5).decide("x")
    assert found.by == "rules" and not found.sure
