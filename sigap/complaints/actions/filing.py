"""How a complaint comes in, and what is said of it."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import contact_for, keep_all
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Missing
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ComplaintFiled, ComplaintSorted
from sigap.core.machine import expect
from sigap.core.queries import fetch
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction
from sigap.places.queries import is_outside, place_of

from ..machine import OPEN
from ..models import CHANNELS, CLASSES, Category, Complaint
from ..queries import categories, forward_due, get, solve_due
from .steps import change_dues

# Said aloud and typed on a phone: no letter that is taken for another or for a digit.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def file_complaint(
    *,
    channel: str,
    body: str,
    actor: Actor,
    external_id: str | None = None,
    category: str = "",
    guesses: Sequence[tuple[str, float]] = (),
    guessed_by: str = "",
    lat: float | None = None,
    lng: float | None = None,
    location_source: str = "",
    address: str = "",
    area: str = "",
    landmark_id: int | None = None,
    asset: str = "",
    number: str | None = None,
    name: str = "",
    anonymous: bool = False,
    secret: bool = False,
    origin: str = "",
) -> Complaint:
    """Take in what a citizen reports. The same report of the same channel again is the one that
    is there already. A category that nobody has chosen stays open: a person decides."""
    if channel not in CHANNELS:
        raise Invalid(_("Unknown channel."), code="channel")
    with transaction():
        if external_id and (known := row(Complaint, channel=channel, external_id=external_id)):
            return known
        if not body.strip():
            raise Invalid(_("Say what it is about."), code="body")
        kind = categories().get(category)
        if category and kind is None:
            raise Missing(_("There is no such category."), code="category")
        if lat is not None and lng is not None and is_outside(lat, lng):
            raise Invalid(_("This place is not in the city."), code="far")
        place = place_of(lat, lng, area, landmark_id, location_source)
        now = clock.now()
        due = forward_due(now)
        complaint = Complaint(
            channel=channel,
            external_id=external_id or None,
            number=_number(),
            token=secrets.token_urlsafe(24),
            category=kind,
            complaint_class=kind.complaint_class if kind else "complaint",
            guesses=[[code, round(sure, 3)] for code, sure in guesses],
            guessed_by=guessed_by,
            asset=asset,
            reporter=contact_for(number, at=now),
            anonymous=anonymous,
            secret=secret,
            origin=origin,
            filed_at=now,
            forward_due_at=due,
            due_at=due,
            **place,
        )
        insert(complaint)
        subject = subject_of(complaint)
        texts = keep_all(subject, actor=actor, body=body, address=address, reporter_name=name)
        for field, text in texts.items():
            setattr(complaint, field, text)
        write(complaint, *texts)
        record(
            "complaint.filed",
            subject=subject,
            case=subject,
            actor=actor,
            after=complaint.state,
            body=ComplaintFiled(channel=channel, category=category, guessed_by=guessed_by),
        )
        return complaint


def sort_complaint(
    complaint_id: int,
    *,
    category: str,
    actor: Actor,
    complaint_class: str = "",
    version: int | None = None,
) -> Complaint:
    """Say what it is about. What was thought of it before stays beside it."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        if complaint.state not in OPEN:
            raise complaint.MACHINE.refusal(complaint.state)
        kind = fetch(Category, code=category, active=True)
        chosen = complaint_class or kind.complaint_class
        if chosen not in CLASSES:
            raise Invalid(_("Unknown class of complaint."), code="class")
        before = complaint.category.code if complaint.category else ""
        fields: dict[str, Any] = {"category": kind, "complaint_class": chosen}
        if complaint.disposed_at:
            fields["solve_due_at"] = solve_due(chosen, complaint.disposed_at)
        change_dues(complaint, **fields)
        record(
            "complaint.sorted",
            subject=subject_of(complaint),
            case=subject_of(complaint),
            actor=actor,
            body=ComplaintSorted(category=category, before=before, complaint_class=chosen),
        )
        return complaint


def _number() -> str:
    drawn = "".join(secrets.choice(LETTERS) for _n in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
