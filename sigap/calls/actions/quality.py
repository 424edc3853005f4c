"""Calls drawn for scoring, scored by supervisors and read by those who took them."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason, Sampled, Scored
from sigap.core.machine import expect, move
from sigap.core.parameters import value
from sigap.core.queries import check_reason, fetch
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction

from ..models import Call, Review, Scoring
from ..quality import form_now, is_drawn, last_scoring, percent_of


def draw(call: Call, actor: Actor) -> None:
    """Put a call that was just closed into the sample, if the draw says so. Only one that an
    operator answered: there is nothing to score in others."""
    percent = value("quality.sample_percent")
    if call.operator_id is None or call.answered_at is None or call.source == "manual":
        return
    if not is_drawn(call, percent) or row(Review, call=call.pk):
        return
    review = Review(call=call, operator_id=call.operator_id, drawn_at=clock.now())
    insert(review)
    body = Sampled(operator=call.operator_id, percent=percent)
    record("call.sampled", subject=subject_of(call), actor=actor, body=body)


def score_call(
    review_id: int,
    answers: Mapping[str, str],
    *,
    actor: Actor,
    note: str = "",
    reason: str = "",
    version: int | None = None,
) -> Scoring:
    """Score a drawn call, or correct its score with a reason: on the same form, and both stay
    on record. Nobody scores the own calls."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        review = fetch(Review, pk=review_id)
        expect(review, version)
        if review.operator_id == actor.user_id:
            raise Refused(_("Nobody scores the own calls; a colleague does."), code="own")
        last = last_scoring(review)
        if last:
            check_reason("rescore", reason)
        form = last.form if last else form_now()
        scoring = Scoring(
            review=review,
            by_id=actor.person_id(),
            at=clock.now(),
            form=form,
            answers={q["code"]: answers.get(q["code"], "") for q in form},
            percent=percent_of(form, answers),
            reason=reason if last else "",
            note=keep(subject_of(review), "note", note, actor=actor),
        )
        insert(scoring)
        body = Scored(
            scoring=scoring.pk,
            percent=scoring.percent,
            reason=scoring.reason,
            text_id=scoring.note_id,
        )
        move(review, "correct" if last else "score", actor=actor, body=body)
        return scoring


def acknowledge_review(review_id: int, *, actor: Actor, reply: str = "") -> Review:
    """Say that the own score was read, with an answer to it."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        review = fetch(Review, pk=review_id)
        if review.operator_id != actor.user_id:
            raise Forbidden(_("This is the score of somebody else."), code="others")
        words = keep(subject_of(review), "reply", reply, actor=actor)
        move(
            review,
            "acknowledge",
            actor=actor,
            body=Reason(text_id=words.pk if words else None),
            reply=words or review.reply,
        )
        return review
