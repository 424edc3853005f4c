"""A complaint that was an emergency becomes an incident, and stays what it was."""

from collections.abc import Mapping

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.journal import subject_of
from sigap.core.kinds.complaints import Crossed
from sigap.core.machine import expect
from sigap.core.models import Text
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident

from ..models import Complaint
from ..queries import active
from .steps import step

_WORDS = ("body", "address", "reporter_name", "landmark")


def promote_complaint(
    complaint_id: int,
    *,
    type_code: str,
    actor: Actor,
    answers: Mapping[str, str] | None = None,
    priority: int | None = None,
    version: int | None = None,
) -> Incident:
    """Open an incident with what the citizen told: nobody types it again; the agencies that are
    sent there read who reported it, unless they wanted to stay unknown. It rang nowhere, so its
    first ring stays unknown. The agencies that had it need do nothing more."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = fetch(Complaint.objects.select_related("area", *_WORDS), pk=complaint_id)
        expect(complaint, version)
        # Refused before anything is opened.
        complaint.MACHINE.next(complaint.state, "promote")
        incident = open_incident(
            type_code,
            actor=actor,
            chronology=_words(complaint.body),
            address=_words(complaint.address),
            reporter="" if complaint.anonymous else _words(complaint.reporter_name),
            lat=complaint.lat,
            lng=complaint.lng,
            location_source=complaint.location_source,
            area_code=complaint.area.code if complaint.area else "",
            landmark_id=complaint.landmark_id,
            answers=answers,
            priority=priority,
            source=subject_of(complaint),
        )
        carry_on(complaint, incident, actor)
        return incident


def demote_complaint(complaint_id: int, *, actor: Actor, version: int | None = None) -> Complaint:
    """It was no emergency after all: the complaint goes on. Of the incident its own room says
    how it ends."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = fetch(Complaint, pk=complaint_id)
        expect(complaint, version)
        step(complaint, "demote", actor=actor, incident=None)
        return complaint


def recall_all(complaint: Complaint, actor: Actor) -> None:
    """Its agencies need do nothing more about it."""
    for referral in active(complaint):
        step(referral, "recall", actor=actor, ended_at=clock.now())


def carry_on(complaint: Complaint, incident: Incident, actor: Actor) -> None:
    """Part of an action: from here on the incident carries on for the complaint."""
    recall_all(complaint, actor)
    step(
        complaint,
        "promote",
        actor=actor,
        body=Crossed(incident=incident.pk),
        incident=incident,
        held_at=None,
    )


def _words(text: Text | None) -> str:
    return text.body if text else ""
