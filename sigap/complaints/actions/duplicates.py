"""What several citizens report alike: joined, kept apart, supported."""

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import Joined
from sigap.core.machine import change, expect
from sigap.core.queries import fetch
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction
from sigap.incidents.machine import ACTIVE as UNDER_WAY
from sigap.incidents.models import Incident

from ..duplicates import repeated
from ..machine import OPEN
from ..models import Apart, Complaint, Supporter
from ..queries import get
from .crossing import carry_on, recall_all
from .steps import step


def attach_complaint(
    complaint_id: int, to_id: int, *, actor: Actor, version: int | None = None
) -> Complaint:
    """Join a report with another about the same, which goes on for both; whoever reported either
    is told. To one that is joined itself it is joined where that one is."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        _attach(complaint, get(to_id), actor)
        return complaint


def attach_repeats(*, actor: Actor) -> int:
    """Join what one person has sent twice in nearly the same words, and say why. Returns how
    many."""
    if not repeated():  # asked without the city's lock, which most turns need not take
        return 0
    with transaction():
        found = repeated()
        for later, first in found:
            _attach(get(later.pk), get(first.pk), actor, reason="same_text")
        return len(found)


def detach_complaint(complaint_id: int, *, actor: Actor, version: int | None = None) -> Complaint:
    """Handle a report by itself again. It is not suggested for the other one any more."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        main = complaint.attached_to
        body = Joined(other=main.pk) if main else None
        step(complaint, "detach", actor=actor, body=body, attached_to=None)
        if main is not None:
            _keep_apart(complaint, main, actor)
        return complaint


def keep_apart(complaint_id: int, other_id: int, *, actor: Actor) -> None:
    """Say that two reports are not about the same: it is not suggested again."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint, other = get(complaint_id), get(other_id)
        if complaint.pk == other.pk:
            raise Invalid(_("This is the same report."), code="self")
        _keep_apart(complaint, other, actor)


def attach_to_incident(
    complaint_id: int, incident_id: int, *, actor: Actor, version: int | None = None
) -> Complaint:
    """Say that a report is about an incident that is being worked on, which carries on for it."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        incident = fetch(Incident, pk=incident_id)
        if incident.state not in UNDER_WAY:
            raise incident.MACHINE.refusal(incident.state)
        carry_on(complaint, incident, actor)
        return complaint


def add_supporter(complaint_id: int, key: str, *, actor: Actor) -> Complaint:
    """Somebody says "me too"; the same `key` again changes nothing."""
    with transaction():
        complaint = get(complaint_id)
        if row(Supporter, complaint=complaint.pk, key=key) is None:
            insert(Supporter(complaint=complaint, key=key, at=clock.now()))
            change(complaint, supporters=complaint.supporters + 1)
            subject = subject_of(complaint)
            record("complaint.supported", subject=subject, case=subject, actor=actor)
        return complaint


def _attach(complaint: Complaint, other: Complaint, actor: Actor, reason: str = "") -> None:
    main = other.attached_to or other
    if complaint.pk == main.pk:
        raise Invalid(_("This is the same report."), code="self")
    if main.state not in OPEN:
        raise Refused(_("The other report is not being worked on any more."), code="ended")
    recall_all(complaint, actor)
    step(
        complaint,
        "attach",
        actor=actor,
        body=Joined(other=main.pk, reason=reason),
        attached_to=main,
        held_at=None,
    )
    for joined in complaint.attached.all():
        change(joined, attached_to=main)
        subject = subject_of(joined)
        body = Joined(other=main.pk)
        record("complaint.moved", subject=subject, case=subject, actor=actor, body=body)


def _keep_apart(complaint: Complaint, other: Complaint, actor: Actor) -> None:
    one, two = sorted((complaint.pk, other.pk))
    if row(Apart, one=one, other=two) is None:
        insert(Apart(one_id=one, other_id=two))
        subject = subject_of(complaint)
        body = Joined(other=other.pk)
        record("complaint.apart", subject=subject, case=subject, actor=actor, body=body)
