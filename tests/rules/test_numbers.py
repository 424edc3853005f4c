"""What is made of the numbers that exchanges send."""

import pytest

from sigap.core.personal import clean, normal_number, number_key, spoken_number

MOBILE = "+6281233451190"


@pytest.mark.parametrize(
    "given",
    [
        "081233451190",
        "6281233451190",
        "+6281233451190",
        "006281233451190",
        " 0812-3345-1190 ",
        "(0812) 3345 1190",
        "tel:+62-812-3345-1190",
        "sip:081233451190@10.0.0.1",
        "sip:+6281233451190@ims.example;user=phone",
        "sips:081233451190@10.0.0.1:5061",
        "sip:081233451190;phone-context=+62@10.0.0.1",
        '"Seseorang" <sip:081233451190@10.0.0.1>',
        "<SIP:081233451190@host>",
        "٠٨١٢٣٣٤٥١١٩٠",
        "sip:%2B6281233451190@10.0.0.1",
        "sip:081233451190;ext=12@10.0.0.1",
        "0812-3345-1190 ext 12",
        "081233451190, 081299998888",
        '"Budi Santosa" <081233451190>',
        "Telkomsel Prabayar <081233451190>",
        '"Ambulans RSUD Gambiran" 0812-3345-1190',
    ],
)
def test_one_mobile_number_is_one_however_it_is_written(given: str) -> None:
    assert normal_number(given) == MOBILE


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "   ",
        "anonymous",
        "Anonymous",
        "UNKNOWN",
        "private",
        "sip:anonymous@anonymous.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "+",
        "📞",
        "Seseorang",
        "0000000000",
        "+620000000",
        "sip:0000@10.0.0.1",
        "unknown-1",
        "rumah nomor 12",
        "sip:anonymous1@10.0.0.1",
    ],
)
def test_a_withheld_number_or_none_is_no_number(given: str | None) -> None:
    assert normal_number(given) == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("112", "112"),
        ("119", "119"),
        ("14045", "14045"),
        ("771234", "771234"),  # a local number without its area code is nobody else's
        ("sip:0812@host", "0812"),  # the host's digits are not the caller's
        ("sip:112@10.0.0.1", "112"),
        ("📞 0812", "0812"),
        ("*123#", "123"),
        ("0812-abc", "0812"),
        ("9" * 40, "9" * 20),
    ],
)
def test_a_short_or_strange_number_is_kept_as_its_digits(given: str, kept: str) -> None:
    assert normal_number(given) == kept


def test_a_landline_and_a_foreign_number_keep_their_country() -> None:
    assert normal_number("0354 771234") == "+62354771234"
    assert normal_number("+1 650 253 0000") == "+16502530000"


@pytest.mark.parametrize("given", ["081233451190", "112", "sip:0812@host", "0354771234", "+1 650"])
def test_a_normal_number_stays_as_it_is(given: str) -> None:
    assert normal_number(normal_number(given)) == normal_number(given)


def test_the_key_of_a_number_depends_on_the_secret(settings: object) -> None:
    before = number_key(MOBILE)
    assert before == number_key(MOBILE) != number_key("+6281233451191")
    assert MOBILE[3:] not in before
    settings.SECRET_KEY = "another secret key that is long enough"  # type: ignore[attr-defined]
    assert number_key(MOBILE) != before


def test_text_loses_control_characters_and_keeps_lines_and_emoji() -> None:
    assert clean("  Jl. Doho\x00 1\r\n\t🚑 ke-2\x07 ") == "Jl. Doho 1\n\t🚑 ke-2"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (MOBILE, "0812-3345-1190"),
        ("+62354112112", "(0354) 112112"),
        ("+6561234567", "+65 6123 4567"),
        ("119", "119"),
        ("", ""),
        ("+", "+"),
    ],
)
def test_a_number_is_shown_as_people_here_say_it(known: str, said: str) -> None:
    assert spoken_number(known) == said
