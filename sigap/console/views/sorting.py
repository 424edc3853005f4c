"""How well reports are sorted: the model in use, what it takes for what, and the last weeks."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.complaints import learning, sorting
from sigap.complaints.classify.decide import RULES_SURE
from sigap.complaints.models import Category, ModelRun
from sigap.complaints.sorted_weeks import last_weeks
from sigap.core.actors import Permission
from sigap.core.names import named
from sigap.core.parameters import value
from sigap.core.web import Request, view

P = Permission
ATTEMPTS = 10
MOST_CONFUSED = 15
MUCH = 0.25  # from here on the confidence has moved so far that somebody should look


@view(P.EVALUATE)
def screen(request: Request) -> HttpResponseBase:
    """The figures, each with how many reports it rests on; no person and no text is named."""
    run = sorting.in_use()
    found = last_weeks(run)
    names = {row.code: named(row) for row in Category.objects.all()}
    context = {
        "run": run,
        "answered": learning.answered_count(),
        "least": value("complaints.learn_from"),
        "wanted": value("complaints.sure_percent"),
        "rules_sure": RULES_SURE,
        "can_train": learning.can_train(),
        "weeks": found.weeks,
        "much": MUCH,
        "confused_now": [_pair(names, was, guess, n) for guess, was, n in found.confused],
        "confused": [_pair(names, *row) for row in run.confused[:MOST_CONFUSED]] if run else [],
        "attempts": [
            {"run": one, "why": _why().get(one.why, one.why)}
            for one in ModelRun.objects.order_by("-id")[:ATTEMPTS]
        ],
    }
    return render(request, "console/sorting.html", context)


def _pair(names: dict[str, str], was: str, guess: str, n: int) -> dict[str, Any]:
    return {
        "was": names.get(was, was),
        "guess": names.get(guess, guess) or _("nothing"),
        "n": n,
    }


def _why() -> dict[str, str]:
    return {
        learning.FIRST: _("in use: better than the words alone"),
        learning.BETTER: _("in use: at least as good as the one before"),
        learning.WORSE: _("not used: the one before sorts better"),
        learning.FEW: _("not trained: too few reports"),
        learning.WAIT: _("not trained: too few new reports"),
        learning.MISSING: _("not trained: scikit-learn is not installed on this machine"),
    }


urlpatterns = [path("sorting", screen)]
