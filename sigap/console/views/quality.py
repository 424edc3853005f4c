"""Call quality: the drawn calls, the form that they are scored on, what came of it."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.calls import quality
from sigap.calls.actions import acknowledge_review, score_call
from sigap.calls.models import Recording, Review, Scoring
from sigap.calls.queries import audible
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import SigapError
from sigap.core.journal import subject_of
from sigap.core.models import Journal, Text
from sigap.core.names import in_language, reasons
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view

from ..casefile import look, told
from ..rows import Row
from ..words import state_names
from ..words.names import class_names

P = Permission
PERIODS = (30, 90, 365)
SHOWN = 100
# The width and height of a trend, and how many of the last calls it shows.
TREND_W, TREND_H, TREND_N = 96, 22, 20


class Score(BaseModel):
    """The form as it was filled in; the answers come under names of their own."""

    note: str = ""
    reason: Code = ""
    version: int | None = None


class Reply(BaseModel):
    """What the operator says to a score."""

    reply: str = ""


@view(P.SUPERVISE)
def screen(request: Request) -> HttpResponseBase:
    """The drawn calls that wait, the oldest first, and the results of each operator."""
    reviews = Review.objects.select_related("call", "operator")
    waiting = reviews.filter(state="drawn").order_by("drawn_at", "id")
    done = reviews.exclude(state="drawn").prefetch_related("scorings__by").order_by("-drawn_at")
    days = _days(request)
    found = quality.results(clock.now() - timedelta(days=days))
    questions = _questions(quality.form_now())
    context = {
        "waiting": _listed(waiting[:SHOWN], request),
        "count": waiting.count(),
        "done": _listed(done[:SHOWN], request),
        "results": [_result(result, questions) for result in found],
        "questions": questions,
        "percent": value("quality.sample_percent"),
        "days": days,
        "periods": PERIODS,
        "enough": quality.ENOUGH,
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/quality.html", context)


@view(P.SUPERVISE)
def review(request: Request, review_id: int) -> HttpResponseBase:
    """One drawn call: what can be heard of it, what happened, and the form."""
    return _review_page(request, fetch(_reviews(), pk=review_id))


@view(P.SUPERVISE, "POST")
def score(request: Request, review_id: int) -> HttpResponseBase:
    """Score it, or correct its score."""
    found = fetch(_reviews(), pk=review_id)
    answers = {
        name.removeprefix("q-"): str(given)
        for name, given in request.POST.items()
        if name.startswith("q-")
    }
    try:
        given = body(request, Score)
        score_call(
            review_id,
            answers,
            note=given.note,
            reason=given.reason,
            version=given.version,
            actor=request.actor,
        )
    except SigapError as error:
        return _review_page(request, found, error, answers)
    request.session["told"] = _("Saved.")
    return redirect("/quality")


@view(P.TAKE_CALLS)
def mine(request: Request) -> HttpResponseBase:
    """The own scored calls, to read and to answer."""
    own = Review.objects.filter(operator_id=request.actor.user_id)
    rows = (
        own.exclude(state="drawn")
        .select_related("call", "operator", "reply")
        .prefetch_related("scorings__by", "scorings__note")
        .order_by("-drawn_at", "-id")[:SHOWN]
    )
    recordings = audible([row.call_id for row in rows], request.actor)
    found = quality.results(clock.now() - timedelta(days=PERIODS[1]), own)
    questions = _questions(quality.form_now())
    context = {
        "reviews": [
            _row(row, request) | {"recordings": recordings.get(row.call_id, [])} for row in rows
        ],
        "result": _result(found[0], questions) if found else None,
        "questions": questions,
        "days": PERIODS[1],
        "enough": quality.ENOUGH,
    }
    return render(request, "console/quality_mine.html", context)


@view(P.TAKE_CALLS, "POST")
def acknowledge(request: Request, review_id: int) -> HttpResponseBase:
    """Say that the score was read."""
    acknowledge_review(review_id, reply=body(request, Reply).reply, actor=request.actor)
    return redirect(f"/quality/mine#review-{review_id}")


def _reviews() -> Any:
    return Review.objects.select_related("call__contact", "call__incident", "operator", "reply")


def _review_page(
    request: Request,
    found: Review,
    error: SigapError | None = None,
    answers: dict[str, str] | None = None,
) -> HttpResponseBase:
    call = found.call
    look(call, screen="quality", actor=request.actor, again_after_s=600)
    subject = subject_of(call)
    story = Journal.objects.filter(subject=subject).exclude(kind="person.opened").order_by("seq")
    rows = told(story, call.incident.type if call.incident else None)
    notes = Text.objects.filter(subject=subject, field="note").order_by("id")
    last = quality.last_scoring(found)
    given = answers if answers is not None else (last.answers if last else {})
    context = {
        "review": found,
        "call": call,
        "class": class_names().get(call.call_class, ""),
        "recordings": audible([call.pk], request.actor).get(call.pk, []),
        "gone": Recording.objects.filter(call=call).exclude(state="stored").count(),
        "story": rows,
        # Those that stand in the story are read there.
        "notes": notes.exclude(pk__in=[row["note_id"] for row in rows if row["note_id"]]),
        "questions": [
            q | {"given": given.get(q["code"], "")} for q in _questions(quality.form_of(found))
        ],
        "scorings": [_scoring(s) for s in found.scorings.select_related("by", "note")],
        "last": last,
        "reasons": reasons("rescore"),
        "own": found.operator_id == request.actor.user_id,
        "error": error,
        "note": request.POST.get("note", ""),
        "reason": request.POST.get("reason", ""),
    }
    status = error.status if error else 200
    return render(request, "console/quality_review.html", context, status=status)


def _listed(rows: Any, request: Request) -> list[Row]:
    return [_row(row, request) for row in rows]


def _row(review: Review, request: Request) -> Row:
    scorings = sorted(review.scorings.all(), key=lambda scoring: scoring.pk)
    return {
        "review": review,
        "call": review.call,
        "class": class_names().get(review.call.call_class, ""),
        "own": review.operator_id == request.actor.user_id,
        "last": _scoring(scorings[-1]) if scorings else None,
        "before": [_scoring(scoring) for scoring in scorings[:-1]],
        "state": state_names("review").get(review.state, review.state),
    }


def _scoring(scoring: Scoring) -> Row:
    names, why = _answer_names(), dict(reasons("rescore"))
    return {
        "row": scoring,
        "by": scoring.by.name,
        "reason": why.get(scoring.reason, scoring.reason),
        "note": (_("(erased)") if scoring.note.erased_at else scoring.note.body)
        if scoring.note
        else "",
        "answers": [
            (q["text"], names.get(scoring.answers.get(q["code"], ""), scoring.answers[q["code"]]))
            for q in _questions(scoring.form)
        ],
    }


def _answer_names() -> dict[str, str]:
    return {"yes": _("Yes"), "no": _("No"), "na": _("Not applicable")}


def _questions(form: list[quality.Question]) -> list[Row]:
    """The questions in the reader's language, with the answers that they offer."""
    names = _answer_names()
    return [
        {
            "code": q["code"],
            "text": _words(q),
            "weight": q["weight"],
            "answers": [
                (code, names.get(code, code))
                for code in (*quality.WORTH[q["kind"]], quality.NOT_APPLICABLE)
            ],
        }
        for q in form
    ]


def _words(question: quality.Question) -> str:
    return in_language(type("Question", (), question), "text")


def _result(result: quality.Result, questions: list[Row]) -> Row:
    return {
        "operator": result.operator,
        "n": result.n,
        "mean": result.mean,
        "few": result.few,
        "change": result.change,
        "trend": _trend(result.percents[-TREND_N:]),
        "questions": [result.by_question(question["code"]) for question in questions],
    }


def _trend(percents: list[float]) -> str:
    """The points of a line through the last scores, the oldest left."""
    step = TREND_W / max(1, len(percents) - 1)
    return " ".join(
        f"{i * step:.1f},{TREND_H - 2 - p / 100 * (TREND_H - 4):.1f}"
        for i, p in enumerate(percents)
    )


def _days(request: Request) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else PERIODS[1]


urlpatterns = [
    path("quality", screen),
    path("quality/mine", mine),
    path("quality/<int:review_id>", review),
    path("quality/<int:review_id>/score", score),
    path("quality/<int:review_id>/acknowledge", acknowledge),
]
