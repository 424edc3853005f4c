"""How calls are scored: the form, the draw, and what the scores of an operator say."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sigap.core.errors import Invalid
from sigap.core.models import User

from .models import Call, Criterion, Review, Scoring

NOT_APPLICABLE = "na"
# What each answer is worth, by the kind of the question.
WORTH: dict[str, dict[str, float]] = {
    "yes_no_na": {"yes": 1, "no": 0},
    "one_to_five": {"1": 0, "2": 0.25, "3": 0.5, "4": 0.75, "5": 1},
}
# From so many scored calls a mean says something of the person rather than of the calls.
ENOUGH = 5

Question = dict[str, Any]


def is_drawn(call: Call, percent: float) -> bool:
    """Whether a call is in the sample. Nobody can know before, since it hangs on the secret
    key; and nobody can choose, since it hangs on nothing else: it can be worked out again."""
    key = settings.SECRET_KEY.encode()
    name = f"sample:{call.source}:{call.external_id or call.pk}".encode()
    drawn = int.from_bytes(hmac.new(key, name, hashlib.sha256).digest()[:8], "big")
    return drawn < percent / 100 * 2**64


def form_now() -> list[Question]:
    """The form as the city has it now, in a shape that is kept with each score."""
    fields = ("code", "text", "text_en", "kind", "weight")
    return list(Criterion.objects.filter(active=True).order_by("rank", "pk").values(*fields))


def last_scoring(review: Review) -> Scoring | None:
    """The score that counts."""
    return review.scorings.select_related("by", "note").order_by("-id").first()


def form_of(review: Review) -> list[Question]:
    """The form that a drawn call is scored on: the one of its first score, else today's."""
    last = last_scoring(review)
    return last.form if last else form_now()


def percent_of(form: Iterable[Question], answers: Mapping[str, str]) -> float:
    """The score, 0 to 100: the weighted mean of all questions that apply. Invalid names the
    first question without an answer."""
    total, reached = 0.0, 0.0
    for question in form:
        answer, worth = answers.get(question["code"], ""), WORTH[question["kind"]]
        if answer == NOT_APPLICABLE:
            continue
        if answer not in worth:
            raise Invalid(
                _("Answer this question too: %(text)s") % {"text": question["text"]},
                code="answers",
            )
        total += question["weight"]
        reached += question["weight"] * worth[answer]
    if not total:
        raise Invalid(_("At least one question must apply."), code="answers")
    return round(100 * reached / total, 1)


@dataclass
class Result:
    """What an operator's scored calls of a period say."""

    operator: User
    percents: list[float] = field(default_factory=list)  # in the order of the calls
    questions: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def n(self) -> int:
        """How many calls were scored."""
        return len(self.percents)

    @property
    def mean(self) -> float:
        """Their mean score."""
        return fmean(self.percents)

    @property
    def few(self) -> bool:
        """Whether they are too few to judge a person by."""
        return self.n < ENOUGH

    @property
    def change(self) -> float | None:
        """By how much the later half is better than the earlier one; None while either is
        too small to say."""
        half = self.n // 2
        if half < ENOUGH:
            return None
        return fmean(self.percents[-half:]) - fmean(self.percents[:half])

    def by_question(self, code: str) -> float | None:
        """The mean of one question in percent; None where it never applied."""
        worth = self.questions.get(code)
        return 100 * fmean(worth) if worth else None


def results(since: datetime, reviews: QuerySet[Review] | None = None) -> list[Result]:
    """The results of all operators whose calls were drawn since then, by name."""
    rows = (
        (Review.objects.all() if reviews is None else reviews)
        .filter(drawn_at__gte=since)
        .exclude(state=Review.MACHINE.initial)
        .select_related("operator")
        .prefetch_related("scorings")
        .order_by("operator__name", "operator_id", "drawn_at", "id")
    )
    found: dict[int, Result] = {}
    for review in rows:
        result = found.setdefault(review.operator_id, Result(review.operator))
        last = max(review.scorings.all(), key=lambda scoring: scoring.pk)
        result.percents.append(last.percent)
        for question in last.form:
            worth = WORTH[question["kind"]].get(last.answers.get(question["code"], ""))
            if worth is not None:
                result.questions[question["code"]].append(worth)
    return list(found.values())
