"""The yearly survey is reckoned as the regulation says, to the last hundredth."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap.complaints.survey.ikm import ELEMENTS, band, converted, index, mean_of

NINE = len(ELEMENTS)


def test_there_are_nine_elements_and_all_count_the_same() -> None:
    assert NINE == 9
    one_better = [index([4 if n == m else 3 for n in range(NINE)], 1) for m in range(NINE)]
    assert len(set(one_better)) == 1


def test_the_weight_is_a_ninth_and_not_eleven_hundredths() -> None:
    """With 0.11 nobody could ever reach 100."""
    assert index([4] * NINE, 1) == Decimal("100.00")
    assert index([1] * NINE, 1) == Decimal("25.00")


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        ("100.00", "A"),
        ("88.31", "A"),
        ("88.30", "B"),
        ("76.61", "B"),
        ("76.60", "C"),
        ("65.00", "C"),
        ("64.99", "D"),
        ("25.00", "D"),
    ],
)
def test_a_band_begins_where_the_regulation_says(value: str, letter: str) -> None:
    assert band(Decimal(value)) == letter


def test_the_band_goes_by_the_rounded_value() -> None:
    """318 of 900 points short of all: 88.305… is 88.31 by hand, and A."""
    n = 2000
    total = 63580  # of 9 * 4 * 2000
    totals = [total // NINE] * (NINE - 1)
    totals.append(total - sum(totals))
    exact = Fraction(25 * total, NINE * n)
    assert Fraction("88.305") < exact < Fraction("88.31")
    assert (index(totals, n), band(index(totals, n))) == (Decimal("88.31"), "A")


def test_a_half_is_rounded_upwards() -> None:
    assert mean_of(25, 8) == Decimal("3.13")  # 3.125
    assert converted(3, 1) == Decimal("75.00")
    assert index([3] * 8 + [4], 1) == Decimal("77.78")  # 77.777…


def test_means_are_not_rounded_on_the_way() -> None:
    """Three people: means of 3.33 and 3.67, rounded before, would lose a hundredth."""
    totals = [10, 10, 10, 10, 10, 11, 11, 11, 11]
    assert index(totals, 3) == Decimal("87.04")  # 87.037…
    of_rounded = sum(mean_of(total, 3) for total in totals) * 25 / NINE
    assert of_rounded != Decimal("87.04")


@given(st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=30))
def test_every_set_of_answers_has_a_value_and_a_band(people: list[list[int]]) -> None:
    totals = [sum(column) for column in zip(*people, strict=True)]
    value = index(totals, len(people))
    assert Decimal(25) <= value <= Decimal(100)
    assert band(value) in "ABCD"
    assert abs(Fraction(value) - Fraction(25 * sum(totals), 9 * len(people))) <= Fraction(1, 200)
