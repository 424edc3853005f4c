"""Places that a report names are offered with the words that led there."""

import pytest

from sigap.complaints import actions as complaints
from sigap.complaints.placenames import named_places
from sigap.core.actors import system


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("Lampu jalan mati di Bandar Lor dekat warung", "Bandar Lor", "bandar lor"),
        ("got mampet kelurahan bandar kidul rt 3", "Bandar Kidul", "bandar kidul"),
        ("sampah numpuk nang banddar kidul", "Bandar Kidul", "banddar kidul"),
        ("kios di pasar setono betek bocor", "Pasar Setono Betek", "pasar setono betek"),
    ],
)
def test_a_kelurahan_or_landmark_is_found_in_what_somebody_wrote(
    text: str, name: str, words: str
) -> None:
    found = named_places(text)
    assert (found[0].name, found[0].words, found[0].doubtful) == (name, words, False)


@pytest.mark.parametrize(
    "text",
    [
        "lampu mati di Blabak",  # also a village of the Kabupaten
        "banjir di Mojoroto",  # also a kecamatan
        "anak pesantren buang sampah sembarangan",  # also a school
        "kabel menjuntai di pojok jalan",  # also a corner
    ],
)
def test_a_name_that_means_more_than_one_thing_is_doubtful(text: str) -> None:
    assert all(found.doubtful for found in named_places(text))


def test_a_text_without_a_place_offers_none() -> None:
    for text in ("", "lampu mati total pak", "air kali meluap sampai kota"):
        assert named_places(text) == []


def test_a_place_at_the_end_of_a_long_text_is_found() -> None:
    assert named_places("mohon maaf pak " * 60 + "di Ngronggo")[0].name == "Ngronggo"


def test_what_is_offered_is_not_imposed() -> None:
    complaint = complaints.file_complaint(
        channel="web", body="Lampu jalan mati di Bandar Lor", actor=system("web")
    )
    assert complaint.area is None and complaint.lat is None
