"""What a city teaches the model, and how its guesses are judged. All reports are made up."""

import json
import math
import pickle
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sigap.complaints.classify import evaluate
from sigap.complaints.classify.evaluate import Judged
from sigap.complaints.classify.guess import Guess
from sim.reports import pairs, reports

np = pytest.importorskip("numpy", reason="the extra `classify` is not installed")
pytest.importorskip("sklearn", reason="the extra `classify` is not installed")

from sigap.complaints.classify.model import Model, NotAModel, TooFew, train  # noqa: E402

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def known() -> list[tuple[str, str]]:
    return pairs(1500, seed=11)


@pytest.fixture(scope="module")
def model(known: list[tuple[str, str]]) -> Model:
    return train(known, until="2026-01-05T00:00:00+00:00")


def test_what_was_taught_is_known_of_new_reports(model: Model) -> None:
    found = evaluate.score(evaluate.judge(model.guess, pairs(400, seed=12)))
    assert found.accuracy > 0.7 and found.top3 > found.accuracy


def test_three_guesses_come_with_falling_confidence(model: Model) -> None:
    found = model.guess("lampu gang mati, gelap kalau malam")
    assert found[0].code == "pju" and len(found) == 3
    assert [g.confidence for g in found] == sorted((g.confidence for g in found), reverse=True)
    assert 0 < sum(g.confidence for g in found) <= 1.0001


def test_the_words_that_spoke_for_a_guess_are_told(model: Model) -> None:
    told = [words for words, _ in model.explain("permisi pohon besar mau roboh di banjaran")]
    assert "pohon" in told[:3] and "permisi" not in told[:3]


@pytest.mark.parametrize("text", ["", "👍", "مرحبا", "?!"])
def test_of_a_text_without_words_nothing_is_guessed(model: Model, text: str) -> None:
    assert model.guess(text) == [] and model.explain(text) == []


def test_a_very_long_text_is_read_as_any_other(model: Model) -> None:
    assert model.guess("lampu jalan mati " * 20_000)[0].code == "pju"
    assert model.guess("a" * 100_000) == model.guess("a" * 100_000)


def test_the_same_reports_make_the_same_model(known: list[tuple[str, str]], model: Model) -> None:
    again = train(known)
    assert np.array_equal(again.weights, model.weights)
    assert np.array_equal(again.columns, model.columns)
    assert again.sharpness == model.sharpness


def test_a_category_with_few_examples_is_left_to_the_rules(known: list[tuple[str, str]]) -> None:
    few = [("kucing naik pohon", "rare")] * 9
    assert "rare" not in train([*known, *few]).codes
    assert train([*known, *few], fewest=5).examples["rare"] == 9


def test_two_categories_are_enough_and_one_is_not() -> None:
    water = [(f"air mati di gang {n}", "pdam") for n in "abcdefghijkl"]
    tree = [(f"pohon tumbang di gang {n}", "pohon") for n in "abcdefghijkl"]
    both = train([*water, *tree])
    assert both.guess("pohon")[0].code == "pohon" and both.guess("air")[0].code == "pdam"
    with pytest.raises(TooFew):
        train(water)
    with pytest.raises(TooFew):
        train([])


def test_a_saved_model_guesses_the_same(model: Model, tmp_path: Path) -> None:
    model.write(tmp_path / "model.npz")
    again = Model.read(tmp_path / "model.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]
    assert (again.codes, again.examples, again.until) == (model.codes, model.examples, model.until)
    for text, _ in pairs(20, seed=13):
        assert again.guess(text) == model.guess(text)


def test_a_model_holds_neither_names_nor_numbers_of_citizens(tmp_path: Path) -> None:
    canary = "Suhartinah 081234567890"
    texts = [(f"air mati {canary} {n}", "pdam") for n in range(12)]
    texts += [(f"pohon tumbang {canary} {n}", "pohon") for n in range(12)]
    made = train(texts)
    made.write(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as file:
        held = b"".join(np.asarray(file[name]).tobytes() for name in file.files).lower()
    assert b"suhartinah" not in held and b"0812345" not in held


def test_a_file_that_is_no_model_is_refused_and_runs_nothing(tmp_path: Path, model: Model) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / "model.npz"
    attack = pickle.dumps(ran.touch)  # a file that runs code when it is unpickled
    about = json.dumps({"format": 1}).encode()
    for content in (b"", b"not a model", attack, b"PK\x03\x04" + b"\0" * 40, about):
        path.write_bytes(content)
        with pytest.raises(NotAModel):
            Model.read(path)
    np.savez(path, about=np.array([{"a": 1}], dtype=object))
    with pytest.raises(NotAModel):
        Model.read(path)
    with pytest.raises(FileNotFoundError):
        Model.read(tmp_path / "none.npz")
    assert not ran.exists()


def test_a_model_whose_parts_do_not_fit_is_refused(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    model.write(path)
    with np.load(path) as file:
        parts = dict(file)
    for name, broken in (
        ("weights", parts["weights"][:, :-1]),
        ("idf", parts["idf"][1:]),
        ("bias", parts["bias"] * np.nan),
        ("columns", parts["columns"][::-1]),
    ):
        np.savez(path, **(parts | {name: broken}))
        with pytest.raises(NotAModel):
            Model.read(path)


def test_confidence_is_about_true(known: list[tuple[str, str]]) -> None:
    judged = evaluate.cross(lambda pairs: train(pairs).guess, known, count=3)
    assert len(judged) == len(known)
    assert evaluate.score(judged).calibration < 0.1


def judged(*rows: tuple[str, str, float]) -> list[Judged]:
    return [Judged(code, (Guess(guess, sure),)) for code, guess, sure in rows]


def test_the_figures_are_those_of_a_sum_on_paper() -> None:
    found = evaluate.score(
        [
            *judged(("a", "a", 0.9), ("a", "a", 0.8), ("a", "b", 0.6), ("b", "b", 0.7)),
            Judged("b", (Guess("a", 0.4), Guess("b", 0.3))),
            Judged("c", ()),
        ]
    )
    assert found.n == 6 and found.accuracy == 0.5
    assert found.top3 == pytest.approx(4 / 6)
    # a: 2 of 3 guessed and 2 of 3 found; b: 1 of 2 and 1 of 2; c: none.
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found.confusion == {
        ("a", "a"): 2,
        ("a", "b"): 1,
        ("b", "b"): 1,
        ("b", "a"): 1,
        ("c", ""): 1,
    }
    assert found.confused(2) == [("a", "b", 1), ("b", "a", 1)]
    cut = next(cut for cut in found.cuts if cut.threshold == 0.7)
    assert (cut.coverage, cut.accuracy) == (0.5, 1.0)


def test_folds_have_each_report_once_and_every_category_in_each() -> None:
    texts = [(str(n), "often" if n % 5 else "seldom") for n in range(50)]
    parts = evaluate.folds(texts, seed=1)
    assert sorted(n for part in parts for n in part) == list(range(50))
    for part in parts:
        assert Counter(texts[n][1] for n in part) == {"often": 8, "seldom": 2}


def test_a_split_by_time_never_learns_from_the_future() -> None:
    dated = [(str(n), "a", MONDAY + timedelta(days=n)) for n in reversed(range(10))]
    older, newer = evaluate.split(dated)
    assert [text for text, _ in newer] == ["8", "9"] and len(older) == 8


def test_the_threshold_is_the_lowest_that_keeps_the_promise() -> None:
    rows = [*judged(*[("a", "a", 0.9)] * 50), *judged(*[("a", "a", 0.6)] * 40)]
    rows += judged(*[("a", "b", 0.6)] * 5, *[("a", "b", 0.3)] * 20)
    assert evaluate.threshold(rows, 0.94) == 0.6
    assert evaluate.threshold(rows, 0.99) == 0.9
    assert evaluate.threshold(judged(*[("a", "b", 0.9)] * 50), 0.9) is None
    assert evaluate.threshold(judged(*[("a", "a", 0.9)] * 29), 0.9) is None  # too few to tell


def test_drift_is_nothing_for_the_same_and_much_for_another_confidence() -> None:
    sure = [n / 1000 for n in range(500, 1000)]
    assert evaluate.drift(sure, sure) == pytest.approx(0)
    assert evaluate.drift(sure, [value - 0.4 for value in sure]) > 0.25
    assert math.isnan(evaluate.drift(sure, []))


def test_a_week_of_unknown_matters_stands_out() -> None:
    before = [n / 100 for n in range(50, 100)]
    quiet = [(MONDAY + timedelta(hours=n), value) for n, value in enumerate(before)]
    odd = [(at + timedelta(days=7), value - 0.45) for at, value in quiet]
    few = [(MONDAY + timedelta(days=14), 0.9)]
    found = evaluate.weeks(before, [*quiet, *odd, *few])
    assert [week.n for week in found] == [50, 50, 1]
    assert found[0].drift < 0.1 < 0.25 < found[1].drift
    assert math.isnan(found[2].drift)


def test_the_better_of_two_models_is_kept() -> None:
    dated = [(r.text, r.category, r.at) for r in reports(1500, seed=14, start=MONDAY)]
    until = dated[900][2]
    poor = train([(text, code) for text, code, _ in dated[:300]]).guess
    found = evaluate.compare(poor, until, lambda pairs: train(pairs).guess, dated)
    assert found is not None and found.keep_new
    assert found.new.n == found.old.n == 300
    useless = evaluate.compare(poor, until, lambda _: lambda text: [], dated)
    assert useless is not None and not useless.keep_new


def test_two_models_are_not_compared_by_a_handful_of_reports() -> None:
    dated = [(r.text, r.category, r.at) for r in reports(300, seed=15, start=MONDAY)]
    assert (
        evaluate.compare(lambda text: [], dated[-50][2], lambda _: lambda text: [], dated) is None
    )


def test_made_up_reports_are_the_same_for_the_same_seed_and_come_in_order() -> None:
    first = list(reports(200, seed=3, start=MONDAY))
    assert first == list(reports(200, seed=3, start=MONDAY))
    assert first != list(reports(200, seed=4, start=MONDAY))
    assert [r.at for r in first] == sorted(r.at for r in first)
