"""How likely two reports are about the same, and what says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sigap.complaints.likeness import POINTS, Likeness, Told, compare, texts
from sim.pairs import hard_pairs

AT = datetime(2026, 11, 2, tzinfo=UTC)
HERE = Told("lampu jalan mati", AT, category="pju", lat=-7.82, lng=112.01, exact=True)


def points(found: Likeness) -> dict[str, float]:
    return {part.name: part.points for part in found.parts}


def test_every_part_is_shown_with_what_it_adds() -> None:
    found = compare(HERE, replace(HERE, at=AT + timedelta(days=3)), text=0.5)
    assert set(points(found)) == {"text", "distance", "time", "category"}
    assert all(POINTS[n][1] <= p <= POINTS[n][0] for n, p in points(found).items())
    assert {part.name: part.found for part in found.parts}["time"] == 3
    weights = [abs(part.points) for part in found.parts]
    assert weights == sorted(weights, reverse=True)


def test_near_and_soon_speaks_for_it_far_and_late_against() -> None:
    near = compare(HERE, replace(HERE, lat=-7.8202), 0.2)
    far = compare(HERE, replace(HERE, lat=-7.83), 0.2)
    late = compare(HERE, replace(HERE, at=AT + timedelta(days=29)), 0.2)
    assert near.score > late.score > far.score


def test_the_number_on_the_post_outweighs_the_point() -> None:
    one, other = replace(HERE, asset="PJU-12"), replace(HERE, asset="PJU-13")
    assert compare(one, other, 0.5).score < 0.5 < compare(one, one, 0.0).score
    assert "distance" not in points(compare(one, other, 0.5))


def test_what_is_unknown_speaks_neither_for_it_nor_against() -> None:
    nothing = Told("lampu", AT)
    assert set(points(compare(nothing, HERE, 0.3))) == {"text", "time"}
    rough = replace(HERE, exact=False, area="35.71.01.1001")
    assert points(compare(rough, rough, 0.3))["area"] == POINTS["area"][0]


def test_words_that_few_use_make_texts_alike() -> None:
    mine = "pohon sono tumbang menutup gang buntu"
    others = ["phon sono ambruk nutup gang buntu", "pohon di taman", "air pdam mati", ""]
    alike = texts(mine, others)
    assert alike[0] > alike[1] > alike[2] >= alike[3] == 0
    assert texts(mine, [mine])[0] == pytest.approx(1)


def test_place_time_and_kind_tell_more_than_the_words_alone() -> None:
    made = list(hard_pairs(300, seed=5, start=AT))
    pool = [pair.other.text for pair in made[:100]]
    words = [texts(pair.one.text, [pair.other.text, *pool])[0] for pair in made]
    both = [
        compare(pair.one.told(), pair.other.told(), text).score
        for pair, text in zip(made, words, strict=True)
    ]
    same = [pair.same for pair in made]
    assert area_under(both, same) > area_under(words, same) + 0.05


def area_under(scores: list[float], same: list[bool]) -> float:
    """The share of (same, other) pairs that stand in the right order."""
    yes = [s for s, is_same in zip(scores, same, strict=True) if is_same]
    no = [s for s, is_same in zip(scores, same, strict=True) if not is_same]
    return sum((a > b) + (a == b) / 2 for a in yes for b in no) / (len(yes) * len(no))
