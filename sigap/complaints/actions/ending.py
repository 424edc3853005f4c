"""How a complaint ends: checked by a second person, confirmed or contested by the citizen."""

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.complaints import Rated
from sigap.core.machine import change, expect
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import Complaint
from ..queries import answered_some, calendar, get, may_rate
from ..survey.actions import follow_low_mark
from .dangers import speaks_of_danger, tell_of_danger
from .steps import step


def approve_answer(complaint_id: int, *, actor: Actor, version: int | None = None) -> Complaint:
    """Tell the citizen that it is done. Not by one of those who answered."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        _second_person(complaint, actor)
        now = clock.now()
        for referral in complaint.referrals.filter(state="answered"):
            step(referral, "approve", actor=actor, ended_at=now)
        step(
            complaint,
            "approve",
            actor=actor,
            done_at=now,
            reply_due_at=calendar().due(now, int(value("complaints.reply_days"))),
        )
        return complaint


def refuse_answer(
    complaint_id: int, *, note: str, actor: Actor, version: int | None = None
) -> Complaint:
    """Send an answer back to the agencies, saying what is missing."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        text = keep(subject_of(complaint), "note", note, actor=actor)
        if text is None:
            raise Invalid(_("Say what is missing."), code="note")
        step(
            complaint,
            "refuse",
            actor=actor,
            body=Reason(text_id=text.pk),
            answered_at=None,
        )
        _return(complaint, actor)
        return complaint


def confirm_complaint(complaint_id: int, *, actor: Actor, score: int | None = None) -> Complaint:
    """The citizen says that it is solved, and how it was, from 1 to 5."""
    with transaction():
        complaint = get(complaint_id)
        checked = _score(score)
        step(
            complaint,
            "confirm",
            actor=actor,
            body=Rated(score=checked),
            closed_at=clock.now(),
            reply_due_at=None,
            score=checked,
        )
        follow_low_mark(subject_of(complaint), checked, actor=actor)
        return complaint


def rate_complaint(complaint_id: int, *, score: int, actor: Actor) -> Complaint:
    """The citizen says how it was, from 1 to 5, after it was closed; for some days they may think
    better of it."""
    with transaction():
        complaint = get(complaint_id)
        if not may_rate(complaint):
            raise Refused(_("This complaint cannot be rated now."), code="rated")
        if _score(score) == complaint.score:
            return complaint
        change(complaint, score=score)
        record(
            "complaint.rated",
            subject=subject_of(complaint),
            case=subject_of(complaint),
            actor=actor,
            body=Rated(score=score),
        )
        follow_low_mark(subject_of(complaint), score, actor=actor)
        return complaint


def contest_complaint(complaint_id: int, *, why: str, actor: Actor) -> Complaint:
    """The citizen says that it is not solved: it goes back to its agencies, once."""
    with transaction():
        complaint = get(complaint_id)
        if complaint.contests:
            raise Refused(_("This complaint was reopened before."), code="contested")
        text = keep(subject_of(complaint), "contest", why, actor=actor)
        step(
            complaint,
            "contest",
            actor=actor,
            body=Reason(text_id=text.pk if text else None),
            contests=complaint.contests + 1,
            reply_due_at=None,
            done_at=None,
            answered_at=None,
            solve_due_at=calendar().due(clock.now(), int(value("complaints.contest_days"))),
        )
        _return(complaint, actor)
        if speaks_of_danger(why, actor):
            tell_of_danger(complaint, actor=actor)
        return complaint


def close_unanswered(*, actor: Actor) -> int:
    """Close those whose citizen has not replied in the days that the rules give. Returns how
    many."""
    with transaction():
        due = list(Complaint.objects.filter(state="done", reply_due_at__lte=clock.now()))
        for complaint in due:
            step(
                complaint,
                "expire",
                actor=actor,
                closed_at=clock.now(),
                reply_due_at=None,
            )
        return len(due)


def _second_person(complaint: Complaint, actor: Actor) -> None:
    if answered_some(complaint, actor):
        raise Refused(_("Somebody else has to check your answer."), code="own")


def _return(complaint: Complaint, actor: Actor) -> None:
    for referral in complaint.referrals.filter(state__in=("answered", "finished")):
        step(referral, "return", actor=actor, ended_at=None)


def _score(score: int | None) -> int | None:
    if score is not None and score not in range(1, 6):
        raise Invalid(_("The score is a number from 1 to 5."), code="score")
    return score
