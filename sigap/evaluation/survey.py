"""What people answered to the one question, from 1 to 5. The mean never stands alone: beside it how
many were asked, and how many answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from sigap.complaints.survey.models import CaseSurvey
from sigap.core.parameters import value

from .period import Period

SCORES = range(1, 6)


@dataclass(frozen=True)
class Survey:
    """The answers of one set of people; `low` are those that ask for a follow-up."""

    asked: int
    n: int
    response_percent: float | None
    mean: float | None
    low: int
    scores: dict[str, int]


def survey_of(asked: int, scores: Mapping[int, int]) -> Survey:
    """The answers by their number."""
    n = sum(scores.values())
    lowest = value("survey.low_score")
    return Survey(
        asked=asked,
        n=n,
        response_percent=round(100 * n / asked, 2) if asked else None,
        mean=round(sum(score * many for score, many in scores.items()) / n, 2) if n else None,
        low=sum(many for score, many in scores.items() if score <= lowest),
        scores={str(score): scores.get(score, 0) for score in SCORES},
    )


def case_survey(period: Period) -> Survey:
    """What callers of 112 said who were asked in the period after their case was closed."""
    rows = CaseSurvey.objects.filter(asked_at__gte=period.start, asked_at__lt=period.end)
    tally = dict(rows.order_by().values_list("score").annotate(n=Count("pk")))
    asked = sum(tally.values())
    return survey_of(asked, {score: n for score, n in tally.items() if score is not None})
