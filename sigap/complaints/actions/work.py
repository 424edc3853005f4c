"""What an agency does about a complaint: takes it on, plans, reports, answers."""

from datetime import date

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.complaints import Planned
from sigap.core.transaction import transaction

from ..models import Referral
from ..queries import active
from .routing import own
from .steps import step


def accept_referral(referral_id: int, *, actor: Actor, version: int | None = None) -> Referral:
    """The agency has it, and somebody there looks after it."""
    with transaction():
        referral = own(referral_id, actor, version)
        officer = actor.user_id if referral.agency.code == actor.agency else referral.officer_id
        step(referral, "accept", actor=actor, officer_id=officer)
        return referral


def plan_referral(
    referral_id: int,
    *,
    plan: str,
    actor: Actor,
    planned_for: date | None = None,
    version: int | None = None,
) -> Referral:
    """Say what will be done, and when: the follow-up plan that the rules ask for."""
    with transaction():
        referral = own(referral_id, actor, version)
        text = keep(subject_of(referral), "plan", plan, actor=actor)
        if text is None:
            raise Invalid(_("Say what will be done."), code="plan")
        step(
            referral,
            "plan",
            actor=actor,
            body=Planned(text_id=text.pk, planned_for=planned_for),
            plan=text,
            planned_for=planned_for,
        )
        _start(referral, actor)
        return referral


def report_progress(referral_id: int, *, note: str, actor: Actor) -> Referral:
    """Say how far it is; the citizen can read it."""
    with transaction():
        referral = own(referral_id, actor)
        text = keep(subject_of(referral), "progress", note, actor=actor)
        if text is None:
            raise Invalid(_("Say how far it is."), code="note")
        step(
            referral,
            "progress",
            actor=actor,
            body=Reason(text_id=text.pk),
        )
        return referral


def answer_referral(
    referral_id: int, *, answer: str, actor: Actor, version: int | None = None
) -> Referral:
    """Say what was done. When all agencies have, a second person checks it."""
    with transaction():
        referral = own(referral_id, actor, version)
        text = keep(subject_of(referral), "answer", answer, actor=actor)
        if text is None:
            raise Invalid(_("Say what was done."), code="answer")
        now = clock.now()
        step(
            referral,
            "answer",
            actor=actor,
            body=Reason(text_id=text.pk),
            answer=text,
            answered_at=now,
        )
        complaint = referral.complaint
        if not active(complaint):
            step(
                complaint,
                "answer",
                actor=actor,
                answered_at=now,
            )
        return referral


def _start(referral: Referral, actor: Actor) -> None:
    complaint = referral.complaint
    if complaint.MACHINE.allows(complaint.state, "start"):
        step(complaint, "start", actor=actor)
