"""`sigap classify`: what sorts the reports, on the command line."""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .classify.evaluate import Judged

Reports = list[tuple[str, str, datetime]]
File = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN = 8  # mistakes and categories, the most frequent first


@click.group()
def classify() -> None:
    """Sort reports by category: train on the city's own, evaluate, explain."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    django.setup()


@classify.command("train")
@click.argument("file", type=File, required=False)
@click.option("--by-night", is_flag=True, hidden=True, help="As the worker asks: out of the way.")
def train_model(file: Path | None, by_night: bool) -> None:
    """Learn from the city's answered reports, or from a CSV FILE (text,category[,date]), and use
    the new model where it is the better one."""
    if by_night:
        os.nice(19)  # calls go before
    from sigap.core.actors import system

    from .actions import learn_sorting

    run = learn_sorting(
        actor=system("timer" if by_night else "cli"), reports=_read(file) if file else None
    )
    click.echo(_why(run))
    if run.accuracy is not None:
        click.echo(
            f"Of the newest {run.judged}: {run.accuracy:.3f} right, macro-F1 {run.macro_f1:.3f}, "
            f"among three {run.top3:.3f}, confidence off the truth by {run.calibration:.3f}."
        )
    if run.compared:
        click.echo(
            f"On {run.compared} reports that neither had seen: macro-F1 {run.after_f1:.3f}, "
            f"what was in use {run.before_f1:.3f}."
        )
    if run.kept and run.threshold is None:
        click.echo("It sorts nothing by itself: no confidence is right often enough.")
    elif run.kept:
        click.echo(f"It sorts by itself from {run.threshold:.2f}: {run.sure:.0%} of the reports.")
    if not run.kept:
        sys.exit(1)


@classify.command("evaluate")
@click.argument("file", type=File, required=False)
def evaluate_model(file: Path | None) -> None:
    """How well rules and model sort the city's answered reports, or those of a CSV FILE. The
    model is trained anew on parts of them; the one in use stays."""
    from . import learning, sorting
    from .classify import evaluate
    from .classify.model import TooFew

    reports = _read(file) if file else learning.answered_reports()
    if not reports:
        sys.exit("There are no answered reports with a category yet. Give a CSV file instead.")
    pairs = [(text, code) for text, code, _ in reports]
    click.echo(f"{len(reports)} reports, {len({code for _, code in pairs})} categories.")
    tests: list[tuple[str, list[Judged]]] = [
        ("rules", evaluate.judge(sorting.rules().guess, pairs))
    ]
    if learning.can_train():
        try:
            tests.append(("model beside rules, five folds", learning.folded(reports)))
            tests.append(("model beside rules, newest fifth", learning.newest(reports)))
        except TooFew as few:
            click.echo(f"No model: {few}.", err=True)
    else:
        click.echo("No model: the extra `classify` is not installed.", err=True)
    for who, judged in tests:
        click.echo("")
        for line in _figures(who, judged):
            click.echo(line)


@classify.command()
@click.argument("text")
def explain(text: str) -> None:
    """What TEXT seems to be about, how sure that is, and the words that say so."""
    from . import sorting

    found = sorting.suggest(text)
    if found.best is None:
        sys.exit("No word of this is known: a person decides.")
    sure = "sorted by itself" if found.sure else "a person decides"
    click.echo(f"{found.best.code} {found.best.confidence:.2f} by the {found.by}: {sure}")
    for other in found.others:
        click.echo(f"  or {other.code} {other.confidence:.2f}")
    run = sorting.in_use()
    if found.by == "model" and run is not None:
        for words, weight in sorting.model(run.file).explain(text):
            click.echo(f"  {words} {weight:+.3f}")
    else:
        click.echo(f"  {', '.join(found.best.because)}")


def _read(file: Path) -> Reports:
    from .learning import from_file

    try:
        return from_file(file)
    except (ValueError, OSError) as error:
        sys.exit(f"{file.name}: {error}")


def _why(run: Any) -> str:
    from sigap.core.parameters import value

    least, more = value("complaints.learn_from"), value("complaints.learn_new")
    told = {
        "first": "in use from now on: better than the rules",
        "better": "in use from now on: at least as good as the one before",
        "worse": "not used: what is in use sorts better",
        "too_few": f"not trained: {least:.0f} are needed (complaints.learn_from), "
        "ten each of two categories",
        "wait": f"not trained: too few new ones, {more:.0f} are needed (complaints.learn_new)",
        "not_installed": "not trained: the extra `classify` is not installed "
        "(pip install 'sigap[classify]')",
    }
    return f"{run.learned} reports: {told[run.why]}."


def _figures(who: str, judged: "Sequence[Judged]") -> Iterator[str]:
    from .classify import evaluate
    from .learning import believed

    found = evaluate.score(judged)
    yield f"{who}, n = {found.n}"
    yield (
        f"  right {found.accuracy:.3f}   macro-F1 {found.macro_f1:.3f}   "
        f"among three {found.top3:.3f}   confidence off the truth by {found.calibration:.3f}"
    )
    level, sure = believed(judged)
    if level is None:
        yield "  surest: at no confidence are enough right (complaints.sure_percent)"
    else:
        yield f"  surest: {sure:.1%} reach {level:.2f}, where enough are right"
    for cut in found.cuts:
        share = f"{cut.coverage:6.1%} of the reports, {cut.accuracy:.3f} right"
        yield f"    from {cut.threshold:.2f}: {share}"
    yield "  by category (n, precision, recall, F1)"
    for code, kind in sorted(found.kinds.items(), key=lambda pair: -pair[1].n):
        yield f"    {code:<20}{kind.n:>6} {kind.precision:.2f} {kind.recall:.2f} {kind.f1:.2f}"
    yield "  taken for another most often"
    for was, guessed, n in found.confused(SHOWN):
        yield f"    {was} for {guessed or 'nothing'}: {n}"
