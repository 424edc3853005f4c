"""Who has a complaint: sent to agencies, called back, refused, held, put away."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.complaints import Referred
from sigap.core.machine import expect
from sigap.core.queries import check_reason, fetch
from sigap.core.rows import insert
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency

from ..machine import ACTIVE, GONE, WITH_AGENCY
from ..models import Complaint, Referral
from ..queries import active, calendar, get, plan_due, solve_due
from .adding import keep_words
from .steps import case_of, set_due, step


def dispose_complaint(
    complaint_id: int, agencies: Sequence[str], *, actor: Actor, version: int | None = None
) -> Complaint:
    """Send a complaint to one or several agencies (disposisi); to one that has it already
    nothing is sent, and one that has answered has it again. It needs a category by then."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        if complaint.category_id is None:
            raise Invalid(_("Choose a category first."), code="category")
        if not agencies:
            raise Invalid(_("Choose an agency."), code="agency")
        now = clock.now()
        if complaint.state not in WITH_AGENCY:
            first = complaint.disposed_at or now
            step(
                complaint,
                "dispose",
                actor=actor,
                disposed_at=first,
                solve_due_at=complaint.solve_due_at or solve_due(complaint.complaint_class, first),
            )
        having = complaint.referrals.exclude(state__in=GONE).select_related("agency")
        there = {referral.agency.code: referral for referral in having}
        for code in dict.fromkeys(agencies):
            if code not in there:
                _send(complaint, fetch(Agency, code=code), actor)
            elif there[code].state not in ACTIVE:  # its answer was not the end
                step(there[code], "return", actor=actor, ended_at=None)
        return complaint


def refuse_referral(
    referral_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> Referral:
    """Say that a complaint is not the agency's (bukan wewenang), with the reason. With no other
    agency left it waits for the desk again."""
    with transaction():
        referral = own(referral_id, actor, version)
        check_reason("not_ours", reason)
        text = keep(subject_of(referral), "note", note, actor=actor)
        step(
            referral,
            "refuse",
            actor=actor,
            body=Reason(reason=reason, text_id=text.pk if text else None),
            reason=reason,
            ended_at=clock.now(),
        )
        go_on_if_alone(referral.complaint, actor)
        return referral


def recall_referral(referral_id: int, *, actor: Actor, version: int | None = None) -> Referral:
    """Take a complaint away from an agency again."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        referral = fetch(Referral, pk=referral_id)
        expect(referral, version)
        step(referral, "recall", actor=actor, ended_at=clock.now())
        go_on_if_alone(referral.complaint, actor)
        return referral


def hold_complaint(
    complaint_id: int,
    *,
    reason: str,
    actor: Actor,
    question: str = "",
    version: int | None = None,
) -> Complaint:
    """Wait for the citizen (tunda), who is asked the question: the clocks, also those of the
    agencies, stand still until they have answered."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        check_reason("hold", reason)
        text = keep(subject_of(complaint), "question", question, actor=actor)
        step(
            complaint,
            "hold",
            actor=actor,
            body=Reason(reason=reason, text_id=text.pk if text else None),
            held_at=clock.now(),
            asked_at=None,
        )
        for referral in active(complaint):
            set_due(referral)
        return complaint


def resume_complaint(complaint_id: int, *, actor: Actor) -> Complaint:
    """The citizen has answered, or need not: the clocks go on, later by the working days lost."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        resume(complaint, actor)
        return complaint


def answer_question(complaint_id: int, body: str, *, actor: Actor) -> Complaint:
    """What the citizen says to the question that it waited for; the clocks go on."""
    with transaction():
        complaint = get(complaint_id)
        keep_words(complaint, "words", body, actor=actor)
        resume(complaint, actor)
        return complaint


def resume(complaint: Complaint, actor: Actor) -> None:
    """Part of what makes a held complaint go on; inside its transaction."""
    now, days = clock.now(), calendar()
    held = complaint.held_at or now

    def later(due: datetime | None) -> datetime | None:
        return due and days.later(due, held, now)

    waiting = active(complaint)
    step(
        complaint,
        "go_on" if waiting else "resume",
        actor=actor,
        held_at=None,
        asked_at=None,
        forward_due_at=later(complaint.forward_due_at),
        solve_due_at=later(complaint.solve_due_at),
    )
    for referral in waiting:
        set_due(referral, plan_due_at=later(referral.plan_due_at))


def archive_complaint(
    complaint_id: int, *, reason: str, actor: Actor, version: int | None = None
) -> Complaint:
    """Put a complaint away without an answer, with the reason; it can be brought back."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        check_reason("archive", reason)
        now = clock.now()
        for referral in active(complaint):
            step(referral, "recall", actor=actor, ended_at=now)
        step(
            complaint,
            "archive",
            actor=actor,
            body=Reason(reason=reason),
            closed_at=now,
            held_at=None,
        )
        return complaint


def restore_complaint(complaint_id: int, *, actor: Actor) -> Complaint:
    """Bring back what was put away."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        step(complaint, "restore", actor=actor, closed_at=None)
        return complaint


def own(referral_id: int, actor: Actor, version: int | None = None) -> Referral:
    """What an agency has to do, for somebody of that agency; or for the desk."""
    referral = fetch(Referral.objects.select_related("agency", "complaint"), pk=referral_id)
    if not actor.may(Permission.HANDLE_COMPLAINTS):
        actor.require(Permission.AGENCY_BOARD)
        if referral.agency.code != actor.agency:
            raise Refused(_("This complaint is another agency's."), code="agency")
    expect(referral, version)
    return referral


def go_on_if_alone(complaint: Complaint, actor: Actor) -> None:
    """With no agency left that has to do something, what others have answered is checked; with
    no answer either a complaint waits for the desk again."""
    if active(complaint):
        return
    answered = complaint.referrals.filter(state="answered").exists()
    if answered and complaint.MACHINE.allows(complaint.state, "answer"):
        step(complaint, "answer", actor=actor, answered_at=clock.now())
    elif complaint.MACHINE.allows(complaint.state, "take_back"):
        step(complaint, "take_back", actor=actor)


def _send(complaint: Complaint, agency: Agency, actor: Actor) -> Referral:
    now = clock.now()
    due = plan_due(now)
    referral = Referral(
        complaint=complaint, agency=agency, sent_at=now, plan_due_at=due, due_at=due
    )
    insert(referral)
    record(
        "referral.sent",
        subject=subject_of(referral),
        case=case_of(referral),
        actor=actor,
        after=referral.state,
        body=Referred(agency=agency.code),
    )
    return referral
