"""Takes a model into use that learned from the city's reports, and notes each attempt."""

from collections.abc import Sequence
from datetime import datetime

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ModelLearned
from sigap.core.rows import insert
from sigap.core.transaction import transaction

from .. import learning, sorting
from ..models import ModelRun

MOST_CONFUSED = 30


def learn_sorting(
    *, actor: Actor, reports: Sequence[tuple[str, str, datetime]] | None = None
) -> ModelRun:
    """Learn from the city's answered reports, or from these, and use the model where it is the
    better one. What came of it is kept either way. Training takes its time: no command waits."""
    actor.require(Permission.ADMINISTER)
    known = learning.answered_reports() if reports is None else list(reports)
    before = sorting.in_use()
    outcome = learning.learn(known, before)
    run = ModelRun(at=clock.now(), learned=outcome.learned, kept=outcome.kept, why=outcome.why)
    if (compared := outcome.comparison) is not None:
        run.compared = compared.new.n
        run.before_f1, run.after_f1 = compared.old.macro_f1, compared.new.macro_f1
    if (trained := outcome.trained) is not None:
        run.judged, run.accuracy = trained.score.n, trained.score.accuracy
        run.macro_f1, run.top3 = trained.score.macro_f1, trained.score.top3
        run.calibration = trained.score.calibration
        run.threshold, run.sure = trained.threshold, trained.sure
        run.confused = [list(row) for row in trained.score.confused(MOST_CONFUSED)]
        run.confidences, run.until = trained.confidences, trained.until
        run.file = trained.file if outcome.kept else ""
    with transaction():
        insert(run)
        record(
            "model.learned",
            subject=subject_of(run),
            actor=actor,
            body=ModelLearned(learned=run.learned, judged=run.judged, kept=run.kept, why=run.why),
        )
    if run.kept:
        sorting.forget()
        # Another process may be about to read the one before.
        learning.remove_unused(run.file, before.file if before else "")
    return run
