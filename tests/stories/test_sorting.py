"""What a report is about is found by the city's own words, and by what it has taught."""

import pytest

from sigap.complaints import sorting
from sigap.complaints.models import Category, DangerWords
from sigap.core.actions.configuration import define
from sigap.core.actors import system

SETUP = system("setup")


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    sorting.forget()


def test_the_words_of_the_pack_sort_from_the_first_day() -> None:
    found = sorting.suggest("lampu jalan depan rumah mati")
    assert found.best is not None
    assert (found.best.code, found.by, found.sure) == ("pju", "rules", True)


def test_a_word_that_the_city_adds_counts() -> None:
    assert sorting.suggest("ada blabakan").by == "nobody"
    define(Category, key={"code": "pju"}, actor=SETUP, words=["blabakan"])
    sorting.forget()
    found = sorting.suggest("ada blabakan")
    assert found.best is not None and found.best.code == "pju"


def test_words_of_danger_are_the_citys() -> None:
    alarm = sorting.danger().read("rumah tetangga kebakaran")
    assert alarm is not None and alarm.level == "now"
    assert sorting.danger().read("ada gondoruwo") is None
    define(DangerWords, key={"code": "maybe"}, actor=SETUP, phrases=["gondoruwo"])
    sorting.forget()
    alarm = sorting.danger().read("ada gondoruwo")
    assert alarm is not None and alarm.level == "ask"
