"""Incidents of an older system."""

from datetime import datetime

from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    Imported,
)
from sigap.core.machine import change
from sigap.core.personal import source_key
from sigap.core.queries import fetch
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction
from sigap.places.queries import place_of

from ..models import Disposition, Incident, IncidentType
from .checks import (
    checked_priority,
    not_in_future,
)


def import_incident(
    type_code: str,
    *,
    source: str,
    external_id: str,
    priority: int,
    received_at: datetime,
    actor: Actor,
    answered_at: datetime | None = None,
    lat: float | None = None,
    lng: float | None = None,
    area_code: str = "",
    address: str = "",
    chronology: str = "",
    disposition: str = "",
) -> Incident:
    """Bring in a finished incident of an older system, or return it when it is here already.
    Its type may be one that the city no longer uses."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        known = row(Incident, source=source, external_id=external_id)
        if known is not None:
            return known
        incident = Incident(
            state="closed",
            source=source,
            external_id=external_id,
            type=fetch(IncidentType, code=type_code),
            priority=checked_priority(priority),
            received_at=not_in_future(received_at),
            answered_at=not_in_future(answered_at),
            opened_at=received_at,
            disposition=fetch(Disposition, code=disposition) if disposition else None,
            **place_of(lat, lng, area_code, None, "import"),
        )
        insert(incident)
        subject = subject_of(incident)
        incident.address = keep(subject, "address", address, actor=actor, at=received_at)
        incident.chronology = keep(subject, "chronology", chronology, actor=actor, at=received_at)
        if incident.address or incident.chronology:
            write(incident, "address", "chronology")
        record(
            "incident.imported",
            subject=subject,
            case=subject,
            actor=actor,
            after=incident.state,
            occurred_at=received_at,
            body=Imported(source=source, external=source_key(source, external_id)),
        )
        return incident


def close_imported(incident: Incident, at: datetime) -> None:
    """Note that an imported incident lasted until `at`, the end of its last unit's work:
    part of importing the assignment, inside its transaction and its journal row."""
    if incident.closed_at is None or at > incident.closed_at:
        change(incident, resolved_at=at, closed_at=at)
