"""What happens by the clock: who is reminded, asked again, told what is late."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import keep_alarms
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.complaints import Assigned, Late
from sigap.core.machine import change
from sigap.core.models import Deployment, User
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency

from ..machine import ACTIVE
from ..models import Complaint, Referral
from ..queries import calendar
from .days import follow_calendar
from .ending import close_unanswered
from .routing import own
from .steps import case_of, step

MOST_PER_TURN = 200


def alarm_deadlines(*, actor: Actor) -> int:
    """Show the supervisor which agencies have not planned or answered in time, and whether
    anything waits at the desk for too long: one alarm each, however many complaints it is about.
    Returns how many are new."""
    now = clock.now()
    late_here = Complaint.objects.filter(due_at__lte=now)
    late = Referral.objects.filter(due_at__lte=now)
    causes: dict[str, Iterable[Model]] = {
        "unforwarded": _here(late_here.filter(state="filed")),
        "unchecked": _here(late_here.filter(state="answered")),
        "unplanned": _whose(late.filter(state__in=("sent", "accepted"))),
        "unsolved": _whose(late.filter(state__in=ACTIVE, complaint__solve_due_at__lte=now)),
    }
    with transaction():
        return sum(
            keep_alarms(code, which, owner="supervisor", urgency=3, actor=actor)
            for code, which in causes.items()
        )


def mind_deadlines(*, actor: Actor) -> int:
    """All that the clock brings. Returns how much happened."""
    return sum(
        run(actor=actor)
        for run in (
            *(follow_calendar, alarm_deadlines, remind_agencies, escalate_late),
            *(ask_citizens_again, close_unanswered),
        )
    )


def remind_agencies(*, actor: Actor) -> int:
    """Remind the agencies of what is due within the next working days, once. Returns how many."""
    soon = calendar().due(clock.now(), int(value("complaints.remind_days")))
    due = Referral.objects.filter(state__in=ACTIVE, due_at__lte=soon, reminded_at=None)
    return _each(due, "reminded", actor, "reminded_at")


def escalate_late(*, actor: Actor) -> int:
    """Put what an agency has not done in time before its head, once. Returns how many."""
    late = Referral.objects.filter(state__in=ACTIVE, due_at__lte=clock.now(), escalated_at=None)
    return _each(late, "escalated", actor, "escalated_at")


def see_escalated(
    referral_id: int, *, note: str, actor: Actor, version: int | None = None
) -> Referral:
    """The head of the agency has seen what is late, and says what follows."""
    actor.require(Permission.AGENCY_HEAD)
    with transaction():
        referral = own(referral_id, actor, version)
        if referral.escalated_at is None:
            raise Refused(_("This complaint is not late."), code="late")
        text = keep(subject_of(referral), "note", note, actor=actor)
        if text is None:
            raise Invalid(_("Say what follows."), code="note")
        change(referral, seen_at=clock.now())
        record(
            "referral.seen",
            subject=subject_of(referral),
            case=case_of(referral),
            actor=actor,
            body=Reason(text_id=text.pk),
        )
        return referral


def assign_officer(
    referral_id: int, *, officer_id: int, actor: Actor, version: int | None = None
) -> Referral:
    """Say who at the agency looks after it."""
    actor.require(Permission.AGENCY_HEAD)
    with transaction():
        referral = own(referral_id, actor, version)
        officer = fetch(User, pk=officer_id, is_active=True)
        if officer.agency != referral.agency.code:
            raise Invalid(_("This person is not of the agency."), code="officer")
        change(referral, officer=officer)
        record(
            "referral.assigned",
            subject=subject_of(referral),
            case=case_of(referral),
            actor=actor,
            body=Assigned(officer=officer.pk),
        )
        return referral


def ask_citizens_again(*, actor: Actor) -> int:
    """Ask those once more who have not answered for days. Returns how many."""
    before = clock.now() - timedelta(days=value("complaints.ask_again_days"))
    with transaction():
        waiting = Complaint.objects.filter(state="held", asked_at=None, held_at__lte=before)
        found = list(waiting[:MOST_PER_TURN])
        for complaint in found:
            step(complaint, "ask_again", actor=actor, asked_at=clock.now())
        return len(found)


def _here(late: QuerySet[Complaint]) -> Iterable[Model]:
    """The desk of this city, where there are any."""
    return Deployment.objects.all() if late.exists() else ()


def _whose(late: QuerySet[Referral]) -> QuerySet[Agency]:
    return Agency.objects.filter(Exists(late.filter(agency=OuterRef("pk"))))  # one is enough


def _each(which: QuerySet[Referral], kind: str, actor: Actor, mark: str) -> int:
    with transaction():
        found = list(which.select_related("complaint", "agency")[:MOST_PER_TURN])
        for referral in found:
            change(referral, **{mark: clock.now()})
            record(
                f"referral.{kind}",
                subject=subject_of(referral),
                case=case_of(referral),
                actor=actor,
                body=Late(agency=referral.agency.code, due_at=referral.due_at),
            )
        return len(found)
