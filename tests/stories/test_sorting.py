"""What a report is about is found by the city's own words, and by what it has taught."""

import csv
import importlib.util
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from django.test import Client, override_settings

from sigap.complaints import actions as complaints
from sigap.complaints import learning, sorting
from sigap.complaints.cli import classify
from sigap.complaints.models import Category, Complaint, DangerWords, ModelRun
from sigap.complaints.sorted_weeks import last_weeks
from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.core.models import Journal, Text
from sim.reports import reports

from ..conftest import START
from .proofs import proves

SETUP, TIMER, WEB = system("setup"), system("timer"), system("web")
Who = Callable[[str], Actor]
Put = Callable[[str, float], None]
needs_training = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="the extra `classify` is not installed"
)


def filed(body: str, **more: Any) -> Complaint:
    """A report from the web."""
    return complaints.file_complaint(channel="web", body=body, actor=WEB, **more)


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


# --- at filing ------------------------------------------------------------------------


def test_what_is_surely_about_something_is_sorted_by_itself() -> None:
    complaint = filed("lampu jalan depan rumah mati")
    assert complaint.category is not None and complaint.category.code == "pju"
    assert (complaint.sorted_by, complaint.guessed_by) == ("rules", "rules")
    assert complaint.guesses[0][0] == "pju"
    row = Journal.objects.get(kind="complaint.filed")
    assert (row.body["category"], row.body["sorted_by"]) == ("pju", "rules")


def test_what_is_not_sure_waits_for_a_person_with_the_guesses_beside(actor: Who) -> None:
    complaint = filed("lampu dan sampah")
    assert (complaint.category, complaint.sorted_by) == (None, "")
    assert {code for code, _ in complaint.guesses} >= {"pju", "sampah"}
    done = complaints.sort_complaint(complaint.pk, category="sampah", actor=actor("call_taker"))
    assert (done.sorted_by, done.guesses) == ("person", complaint.guesses)


def test_what_was_sorted_by_itself_is_corrected_by_a_person(actor: Who) -> None:
    complaint = filed("lampu jalan depan rumah mati")
    done = complaints.sort_complaint(complaint.pk, category="pohon", actor=actor("call_taker"))
    assert (done.category.code, done.sorted_by) == ("pohon", "person")  # type: ignore[union-attr]
    assert done.guesses[0][0] == "pju", "what it was thought to be stays beside it"


def test_what_the_citizen_chose_is_kept_whatever_is_guessed() -> None:
    complaint = filed("lampu jalan depan rumah mati", category="pohon")
    assert complaint.category is not None and complaint.category.code == "pohon"
    assert (complaint.sorted_by, complaint.guesses[0][0]) == ("citizen", "pju")


def test_guesses_that_were_shown_before_are_not_made_again() -> None:
    complaint = filed("lampu jalan mati", guesses=[("pohon", 0.4)], guessed_by="model")
    assert (complaint.category, complaint.guesses) == (None, [["pohon", 0.4]])


# --- learning -------------------------------------------------------------------------


@pytest.fixture
def models(tmp_path: Path) -> Iterator[Path]:
    """An empty folder of models."""
    env = settings.ENV.model_copy(update={"data_dir": tmp_path})
    with override_settings(ENV=env):
        yield tmp_path / "models"


def answered(count: int, seed: int, start: datetime) -> None:
    """So many made-up reports that were answered."""
    codes = {row.code: row for row in Category.objects.all()}
    for report in reports(count, seed, start, weeks=8):
        complaint = filed(report.text)
        Complaint.objects.filter(pk=complaint.pk).update(
            category=codes[report.category], state="closed", filed_at=report.at
        )


@needs_training
def test_the_city_s_answered_reports_teach_a_model(
    models: Path, journal: Callable[[], list[str]]
) -> None:
    answered(700, 1, START)
    run = complaints.learn_sorting(actor=TIMER)
    assert (run.kept, run.why, run.learned, run.judged) == (True, "first", 700, 140)
    assert run.macro_f1 is not None and run.macro_f1 > 0.6
    assert [path.name for path in models.iterdir()] == [run.file]
    assert journal()[-1] == "model.learned"
    found = sorting.suggest("lampu jalan mati pak")
    assert found.by == "model" and found.best is not None and found.best.code == "pju"


@needs_training
def test_the_better_of_two_models_stays(models: Path, put: Put) -> None:
    put("complaints.learn_new", 100)
    answered(700, 1, START)
    first = complaints.learn_sorting(actor=TIMER)
    assert complaints.learn_sorting(actor=TIMER).why == "wait"
    answered(300, 2, START + timedelta(weeks=9))
    again = complaints.learn_sorting(actor=TIMER)
    assert (again.why, again.compared) == ("better", 150)
    assert sorting.in_use() == again
    assert {path.name for path in models.iterdir()} == {first.file, again.file}
    # Most of the older reports are spoiled: what is learned from them is worse.
    most = [pk for pk in Complaint.objects.values_list("pk", flat=True) if pk % 4]
    Complaint.objects.filter(pk__in=most).update(category=Category.objects.get(code="pju"))
    answered(120, 3, START + timedelta(weeks=20))
    worse = complaints.learn_sorting(actor=TIMER)
    assert (worse.why, worse.file) == ("worse", "")
    assert sorting.in_use() == again
    assert {path.name for path in models.iterdir()} == {first.file, again.file}


@proves("complaints.learn_from")
def test_nothing_is_learned_from_a_few_reports(models: Path, put: Put) -> None:
    answered(60, 1, START)
    assert complaints.learn_sorting(actor=TIMER).why == "too_few"
    put("complaints.learn_from", 61)
    assert complaints.learn_sorting(actor=TIMER).why == "too_few"
    assert sorting.in_use() is None and not models.exists()


@needs_training
@proves("complaints.learn_new")
def test_a_new_model_waits_for_new_reports(models: Path, put: Put) -> None:
    answered(700, 1, START)
    assert complaints.learn_sorting(actor=TIMER).kept
    answered(60, 2, START + timedelta(weeks=9))
    assert complaints.learn_sorting(actor=TIMER).why == "wait"
    put("complaints.learn_new", 60)
    assert complaints.learn_sorting(actor=TIMER).why in ("better", "worse")


@needs_training
@proves("complaints.sure_percent")
def test_the_model_sorts_by_itself_only_where_enough_of_its_guesses_were_right(
    models: Path, put: Put
) -> None:
    answered(700, 1, START)
    put("complaints.sure_percent", 50)
    assert (lax := complaints.learn_sorting(actor=TIMER)).sure
    ModelRun.objects.all().delete()
    put("complaints.sure_percent", 100)
    strict = complaints.learn_sorting(actor=TIMER)
    assert lax.sure > (strict.sure or 0)


@needs_training
def test_a_model_that_cannot_be_read_leaves_the_rules(models: Path) -> None:
    answered(700, 1, START)
    run = complaints.learn_sorting(actor=TIMER)
    ModelRun.objects.filter(pk=run.pk).update(file="gone.npz")
    sorting.forget()
    assert sorting.suggest("lampu jalan mati").by == "rules"
    (models / "gone.npz").write_bytes(b"PK no model")
    sorting.forget()
    assert sorting.suggest("lampu jalan mati").by == "rules"


def test_what_nobody_has_answered_for_teaches_nothing(actor: Who) -> None:
    sure, sorted_by_hand = filed("lampu jalan mati"), filed("lampu jalan padam")
    complaints.sort_complaint(sorted_by_hand.pk, category="pohon", actor=actor("call_taker"))
    assert [code for _, code, _ in learning.answered_reports()] == ["pohon"]
    Complaint.objects.filter(pk=sure.pk).update(state="closed")
    assert len(learning.answered_reports()) == 2
    Text.objects.update(body="")
    assert learning.answered_reports() == [], "words that were erased teach nothing"


def test_it_learns_at_night_when_there_is_something_new(time: clock.Frozen, put: Put) -> None:
    put("complaints.learn_from", 60)
    put("complaints.learn_new", 20)
    answered(60, 1, START - timedelta(weeks=9))
    assert not learning.is_due(), "it is eight in the morning"
    time.forward(18 * 3600)
    assert learning.is_due()
    run = ModelRun.objects.create(at=clock.now(), learned=60, kept=True, until=START, why="first")
    time.forward(24 * 3600)
    assert not learning.is_due(), "nothing is new"
    answered(20, 2, START + timedelta(hours=1))
    assert learning.is_due()
    ModelRun.objects.filter(pk=run.pk).update(at=clock.now())
    assert not learning.is_due(), "it was tried just now"


# --- the command ----------------------------------------------------------------------


def command(*words: str) -> Result:
    return CliRunner().invoke(classify, words)


def written(path: Path, count: int) -> Path:
    """Made-up reports as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "category", "date"])
        rows.writerows((r.text, r.category, r.at.date()) for r in reports(count, 5, START))
    return path


def test_the_command_explains_a_text() -> None:
    said = command("explain", "lampu jalan mati")
    assert said.exit_code == 0
    assert said.output.startswith("pju 0.") and "sorted by itself" in said.output
    assert "lampu jalan" in said.output
    nothing = command("explain", "blablabla")
    assert nothing.exit_code == 1 and "a person decides" in nothing.output


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    empty = command("evaluate")
    assert empty.exit_code == 1 and "Give a CSV file" in empty.output
    few = command("train", str(written(tmp_path / "few.csv", 30)))
    assert few.exit_code == 1 and "complaints.learn_from" in few.output
    (tmp_path / "other.csv").write_text("isi,kategori\nlampu,pju\n")
    wrong = command("evaluate", str(tmp_path / "other.csv"))
    assert wrong.exit_code == 1 and "no column category and text" in wrong.output
    (tmp_path / "date.csv").write_text("text,category,date\nlampu,pju,kemarin\n")
    wrong = command("evaluate", str(tmp_path / "date.csv"))
    assert wrong.exit_code == 1 and "line 2" in wrong.output


@needs_training
def test_the_command_trains_from_a_file_and_evaluates(models: Path, tmp_path: Path) -> None:
    file = str(written(tmp_path / "reports.csv", 600))
    judged = command("evaluate", file)
    assert judged.exit_code == 0, judged.output
    for told in ("rules, n = 600", "five folds, n = 600", "newest fifth, n = 120", "macro-F1"):
        assert told in judged.output
    assert sorting.in_use() is None, "looking changes nothing"
    trained = command("train", file)
    assert trained.exit_code == 0, trained.output
    assert "in use from now on" in trained.output
    said = command("explain", "lampu jalan mati")
    assert "by the model" in said.output and "+0." in said.output


# --- the page -------------------------------------------------------------------------


def test_the_page_says_what_the_words_alone_do(browser_of: Callable[[str | None], Client]) -> None:
    assert 'href="/sorting"' in browser_of("evaluator").get("/monev").content.decode()
    page = browser_of("evaluator").get("/sorting").content.decode()
    assert "500" in page and "scikit" not in page


@needs_training
def test_the_page_shows_model_weeks_and_mistakes_with_n(
    models: Path, actor: Who, browser_of: Callable[[str | None], Client]
) -> None:
    answered(700, 1, START - timedelta(weeks=9))
    complaints.learn_sorting(actor=TIMER)
    sorting.forget()
    filed("???")
    wrong = filed("lampu jalan depan rumah mati")
    complaints.sort_complaint(wrong.pk, category="pohon", actor=actor("call_taker"))
    filed("lampu jalan gang mati total")
    run = sorting.in_use()
    [week, *before] = last_weeks(run).weeks
    assert (week.n, week.unknown, week.by_itself, week.decided, week.wrong) == (3, 1, 1, 2, 1)
    assert len(before) == 11 and sum(one.n for one in before) == 700
    page = browser_of("supervisor").get("/sorting").content.decode()
    assert "Penerangan jalan" in page and "700" in page and "140" in page
    assert browser_of("call_taker").get("/sorting").status_code == 403
