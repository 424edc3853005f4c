"""How a complaint ends: checked by a second person, confirmed or contested by the citizen."""

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import keep_alarms
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.complaints import Rated
from sigap.core.machine import expect, move
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..machine import WITH_AGENCY
from ..models import Complaint, Referral
from ..queries import calendar, get
from .routing import case_of


def approve_answer(complaint_id: int, *, actor: Actor, version: int | None = None) -> Complaint:
    """Tell the citizen that it is done. Not by the one who answered."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        _second_person(complaint, actor)
        now = clock.now()
        for referral in complaint.referrals.filter(state="answered"):
            move(referral, "approve", actor=actor, case=case_of(referral), ended_at=now)
        move(
            complaint,
            "approve",
            actor=actor,
            case=subject_of(complaint),
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
        move(
            complaint,
            "refuse",
            actor=actor,
            case=subject_of(complaint),
            body=Reason(text_id=text.pk),
            answered_at=None,
            answered_by=None,
        )
        _return(complaint, actor)
        return complaint


def confirm_complaint(complaint_id: int, *, actor: Actor, score: int | None = None) -> Complaint:
    """The citizen says that it is solved, and how it was, from 1 to 5."""
    with transaction():
        complaint = get(complaint_id)
        checked = _score(score)
        move(
            complaint,
            "confirm",
            actor=actor,
            case=subject_of(complaint),
            body=Rated(score=checked),
            closed_at=clock.now(),
            reply_due_at=None,
            score=checked,
        )
        return complaint


def contest_complaint(complaint_id: int, *, why: str, actor: Actor) -> Complaint:
    """The citizen says that it is not solved: it goes back to its agencies, once."""
    with transaction():
        complaint = get(complaint_id)
        if complaint.contests:
            raise Refused(_("This complaint was reopened before."), code="contested")
        text = keep(subject_of(complaint), "contest", why, actor=actor)
        move(
            complaint,
            "contest",
            actor=actor,
            case=subject_of(complaint),
            body=Reason(text_id=text.pk if text else None),
            contests=complaint.contests + 1,
            reply_due_at=None,
            done_at=None,
            answered_at=None,
            answered_by=None,
            solve_due_at=calendar().due(clock.now(), int(value("complaints.contest_days"))),
        )
        _return(complaint, actor)
        return complaint


def close_unanswered(*, actor: Actor) -> int:
    """Close those whose citizen has not replied in the days that the rules give. Returns how
    many."""
    with transaction():
        due = list(Complaint.objects.filter(state="done", reply_due_at__lte=clock.now()))
        for complaint in due:
            move(
                complaint,
                "expire",
                actor=actor,
                case=subject_of(complaint),
                closed_at=clock.now(),
                reply_due_at=None,
            )
        return len(due)


def alarm_deadlines(*, actor: Actor) -> int:
    """Show what is not with an agency, not planned or not answered in time, to the supervisor.
    Returns how many are new."""
    now = clock.now()
    late = Complaint.objects.filter(state="filed", forward_due_at__lte=now)
    unsolved = Complaint.objects.filter(state__in=WITH_AGENCY, solve_due_at__lte=now)
    unplanned = Referral.objects.filter(state__in=("sent", "accepted"), plan_due_at__lte=now)
    causes = {"unforwarded": late, "unsolved": unsolved, "unplanned": unplanned}
    with transaction():
        return sum(
            keep_alarms(code, which, owner="supervisor", urgency=3, actor=actor)
            for code, which in causes.items()
        )


def _second_person(complaint: Complaint, actor: Actor) -> None:
    if actor.user_id is not None and actor.user_id == complaint.answered_by_id:
        raise Refused(_("Somebody else has to check your answer."), code="own")


def _return(complaint: Complaint, actor: Actor) -> None:
    for referral in complaint.referrals.filter(state__in=("answered", "finished")):
        move(referral, "return", actor=actor, case=case_of(referral), ended_at=None)


def _score(score: int | None) -> int | None:
    if score is not None and score not in range(1, 6):
        raise Invalid(_("The score is a number from 1 to 5."), code="score")
    return score
