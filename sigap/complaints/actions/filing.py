"""How a complaint comes in, and what is said of it."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import contact_for, keep, keep_all
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Missing
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ComplaintFiled, ComplaintPlaced, ComplaintSorted
from sigap.core.machine import change, expect
from sigap.core.personal import clean
from sigap.core.queries import fetch
from sigap.core.rows import append, reserve, row
from sigap.core.transaction import transaction
from sigap.places.queries import is_outside, place_of

from ..likeness import ROUGH
from ..machine import OPEN
from ..models import CHANNELS, CLASSES, Category, Complaint
from ..queries import categories, forward_due, get, solve_due
from ..sorting import as_pairs, suggest
from .dangers import speaks_of_danger, tell_of_danger
from .steps import change_dues

# Said aloud and typed on a phone: no letter that is taken for another or for a digit.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
MOST_ASSET = 32  # characters of a number on a lamp post
GUESSERS = ("", "rules", "model", "nobody")


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
    is there already. Where nobody has chosen a category, or guessed at one before, it is what the
    report is surely about; else it stays open: a person decides."""
    if channel not in CHANNELS:
        raise Invalid(_("Unknown channel."), code="channel")
    if guessed_by not in GUESSERS:  # the journal repeats it
        raise ValueError("guessed_by")
    thought, sorted_by = None, ""
    if not guessed_by:
        thought = suggest(body)
        guesses, guessed_by = as_pairs(thought), thought.by
    if category:
        sorted_by = "citizen" if actor.user_id is None else "person"
    with transaction():
        if external_id and (known := row(Complaint, channel=channel, external_id=external_id)):
            return known
        if not clean(body):
            raise Invalid(_("Say what it is about."), code="body")
        kind = categories().get(category)
        if category and kind is None:
            raise Missing(_("There is no such category."), code="category")
        if kind is None and thought is not None and thought.best and thought.sure:
            kind, sorted_by = categories().get(thought.best.code), thought.by
        if lat is not None and lng is not None and is_outside(lat, lng):
            raise Invalid(_("This place is not in the city."), code="far")
        place = place_of(lat, lng, area, landmark_id, location_source)
        now = clock.now()
        due = forward_due(now)
        pk = reserve(Complaint)
        subject = f"complaint:{pk}"
        complaint = Complaint(
            pk=pk,
            channel=channel,
            external_id=external_id or None,
            number=_number(),
            token=secrets.token_urlsafe(24),
            category=kind,
            complaint_class=kind.complaint_class if kind else "complaint",
            guesses=[[code, round(sure, 3)] for code, sure in guesses],
            guessed_by=guessed_by,
            sorted_by=sorted_by if kind else "",
            asset=clean(asset, MOST_ASSET),
            reporter=contact_for(number, at=now),
            anonymous=anonymous,
            secret=secret,
            danger=speaks_of_danger(body, actor),
            origin=origin,
            filed_at=now,
            forward_due_at=due,
            due_at=due,
            **keep_all(subject, actor=actor, body=body, address=address, reporter_name=name),
            **place,
        )
        append([complaint])
        record(
            "complaint.filed",
            subject=subject,
            case=subject,
            actor=actor,
            after=complaint.state,
            body=ComplaintFiled(
                channel=channel,
                category=kind.code if kind else "",
                guessed_by=guessed_by,
                sorted_by=complaint.sorted_by,
            ),
        )
        if complaint.danger:
            tell_of_danger(complaint, actor=actor)
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
        fields["sorted_by"] = "person"
        if complaint.solve_due_at and complaint.disposed_at and not complaint.contests:
            # Whatever time its clock stood still stays added.
            since, was = complaint.disposed_at, complaint.complaint_class
            fields["solve_due_at"] = complaint.solve_due_at + (
                solve_due(chosen, since) - solve_due(was, since)
            )
        change_dues(complaint, **fields)
        record(
            "complaint.sorted",
            subject=subject_of(complaint),
            case=subject_of(complaint),
            actor=actor,
            body=ComplaintSorted(category=category, before=before, complaint_class=chosen),
        )
        return complaint


def place_complaint(
    complaint_id: int,
    *,
    actor: Actor,
    area: str = "",
    landmark_id: int | None = None,
    address: str = "",
    asset: str = "",
    version: int | None = None,
) -> Complaint:
    """Say where it is, as far as the citizen did not, or not right. A point that they gave stays:
    nobody at the desk knows it better."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        if complaint.state not in OPEN:
            raise complaint.MACHINE.refusal(complaint.state)
        pinned = complaint.lat is not None and complaint.location_source not in ROUGH
        at = (complaint.lat, complaint.lng) if pinned else (None, None)
        place = place_of(*at, area, landmark_id, complaint.location_source if pinned else "")
        text = keep(subject_of(complaint), "address", address, actor=actor)
        change(complaint, address=text, asset=clean(asset, MOST_ASSET), **place)
        found = place["area"]
        record(
            "complaint.placed",
            subject=subject_of(complaint),
            case=subject_of(complaint),
            actor=actor,
            body=ComplaintPlaced(area=found.code if found else ""),
        )
        return complaint


def _number() -> str:
    drawn = "".join(secrets.choice(LETTERS) for _n in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
