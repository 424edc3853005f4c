"""What a city's own reports teach: a model is trained anew from all of them, judged by the newest,
and taken into use only where it is the better one. Nothing is written here but the model's file.
"""

import csv
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.models import Q, QuerySet

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import city_zone

from . import sorting
from .classify import evaluate
from .classify.decide import Decider
from .classify.evaluate import Comparison, Dated, Guesser, Judged, Pairs, Score
from .classify.model import Model, NotAModel, TooFew, train
from .models import Complaint, ModelRun

# Somebody has answered for the category of these, even where nobody has corrected it.
ANSWERED = ("answered", "done", "closed", "contested")
MOST_LEARNED = 30_000  # reports: what people write about changes, and a night is short
CONFIDENCES = 1000  # kept of a judged model, evenly from the least to the surest
NIGHT = range(1, 5)  # hours, where the city is
REST_HOURS = 20
FIRST, BETTER, WORSE = "first", "better", "worse"
FEW, WAIT, MISSING = "too_few", "wait", "not_installed"


@dataclass(frozen=True)
class Trained:
    """A model in its file, and how it fared, with the rules beside it, on the newest fifth of
    the reports."""

    file: str
    until: datetime | None
    score: Score
    threshold: float | None
    sure: float  # the share of the reports that reach the threshold
    confidences: list[float]


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt to learn. `trained` is there where the new model is kept, or was
    judged and is worse."""

    learned: int
    kept: bool
    why: str
    trained: Trained | None = None
    comparison: Comparison | None = None


def is_due() -> bool:
    """Whether to learn tonight: it is late, enough reports were answered that nothing has learned
    from, and nobody has tried in the last hours. It is cheap to ask."""
    now = clock.now()
    if now.astimezone(city_zone()).hour not in NIGHT:
        return False
    if ModelRun.objects.filter(at__gt=now - timedelta(hours=REST_HOURS)).exists():
        return False
    known, in_use = _answered(), sorting.in_use()
    if in_use is not None:
        newer = known.filter(filed_at__gt=in_use.until or in_use.at)
        if newer.count() < value("complaints.learn_new"):
            return False
    return known.count() >= value("complaints.learn_from")


def answered_count() -> int:
    """How many there are to learn from."""
    return _answered().count()


def answered_reports() -> list[tuple[str, str, datetime]]:
    """The texts of the city's reports with their final category, the oldest first: those that
    were answered, and those that a person has sorted; of very many the newest."""
    known = _answered().order_by("-filed_at", "-id")
    newest = known.values_list("body__body", "category__code", "filed_at")[:MOST_LEARNED]
    return list(newest)[::-1]


def from_file(path: Path) -> list[tuple[str, str, datetime]]:
    """Reports from a CSV file with the columns text, category and perhaps date (ISO). Without
    dates the file's order is that of their coming. Raises ValueError naming the line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = set(rows.fieldnames or ())
        if missing := {"text", "category"} - columns:
            raise ValueError(f"no column {' and '.join(sorted(missing))}")
        start = datetime(2000, 1, 1, tzinfo=UTC)
        found = []
        for n, row in enumerate(rows):
            text, code = (row["text"] or "").strip(), (row["category"] or "").strip()
            if not text or not code:
                continue
            try:
                day = (row.get("date") or "").strip()
                at = datetime.fromisoformat(day) if day else start + timedelta(minutes=n)
            except ValueError as error:
                raise ValueError(f"line {rows.line_num}: {error}") from error
            found.append((text, code, at if at.tzinfo else at.replace(tzinfo=UTC)))
    return found


def can_train() -> bool:
    """Whether what trains is installed (the extra `classify`)."""
    try:
        import sklearn  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        return False
    return True


def learn(dated: Dated, in_use: ModelRun | None) -> Outcome:
    """Train a model from all of these reports and compare it with what is in use, by reports that
    neither has seen. The file of one that is not kept is removed again."""
    n = len(dated)
    if n < value("complaints.learn_from"):
        return Outcome(n, False, FEW)
    if not can_train():
        return Outcome(n, False, MISSING)
    try:
        comparison = _compared(dated, in_use)
        if comparison is None:
            return Outcome(n, False, WAIT)
        trained = _trained(dated)
    except TooFew:
        return Outcome(n, False, FEW)
    if not comparison.keep_new:
        (sorting.folder() / trained.file).unlink(missing_ok=True)
        return Outcome(n, False, WORSE, trained, comparison)
    return Outcome(n, True, BETTER if in_use else FIRST, trained, comparison)


def remove_unused(*names: str) -> None:
    """Remove all models but these from the folder."""
    for path in sorting.folder().glob("*.npz"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def beside_rules(model: Model | None) -> Guesser:
    """What is offered for a report by a model with the rules beside it, or by the rules alone."""
    decider = Decider(sorting.rules(), model)
    return lambda text: sorting.guesses_of(decider.decide(text))


def folded(dated: Dated) -> list[Judged]:
    """Each report judged by a model of the other four fifths, beside the rules. Raises TooFew."""
    return evaluate.cross(_make, [(text, code) for text, code, _ in dated])


def newest(dated: Dated) -> list[Judged]:
    """The newest fifth judged by a model of the older reports, beside the rules: the harder test,
    as what people write about changes. Raises TooFew."""
    return evaluate.by_time(_make, dated)


def believed(judged: Sequence[Judged]) -> tuple[float | None, float]:
    """The confidence from which as many are right as the city wants, and the share of the
    reports that reach it."""
    level = evaluate.threshold(judged, value("complaints.sure_percent") / 100)
    sure = sum(level is not None and one.confidence >= level for one in judged)
    return level, sure / len(judged) if judged else 0.0


def _answered() -> QuerySet[Complaint]:
    rows = Complaint.objects.filter(
        Q(state__in=ANSWERED) | Q(sorted_by="person"), category__isnull=False
    )
    return rows.exclude(body=None).exclude(body__body="")


def _compared(dated: Dated, in_use: ModelRun | None) -> Comparison | None:
    if in_use is None:  # then the rules are, which have learned from nobody
        older, newer = evaluate.split(dated)
        old = evaluate.judge(beside_rules(None), newer)
        return Comparison(evaluate.score(old), evaluate.score(evaluate.judge(_make(older), newer)))
    try:
        model = sorting.model(in_use.file)
    except (OSError, NotAModel):
        model = None
    least = int(value("complaints.learn_new"))
    since = in_use.until or in_use.at
    return evaluate.compare(beside_rules(model), since, _make, dated, least=least)


def _trained(dated: Dated) -> Trained:
    judged = newest(dated)
    level, sure = believed(judged)
    until = max(at for _, _, at in dated)
    model = train([(text, code) for text, code, _ in dated], until=until.isoformat())
    file = f"{clock.now():%Y%m%d-%H%M}-{secrets.token_hex(4)}.npz"
    sorting.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    model.write(sorting.folder() / file)
    ordered = [one.confidence for one in sorted(judged, key=lambda one: one.confidence)]
    return Trained(
        file=file,
        until=until,
        score=evaluate.score(judged),
        threshold=level,
        sure=sure,
        confidences=ordered[:: max(1, len(ordered) // CONFIDENCES)],
    )


def _make(pairs: Pairs) -> Guesser:
    return beside_rules(train(pairs))
