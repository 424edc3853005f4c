"""Units' work of an older system."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Imported
from sigap.core.personal import source_key
from sigap.core.rows import append, insert, row, rows
from sigap.core.transaction import transaction
from sigap.fleet.models import Unit
from sigap.incidents.actions import close_imported
from sigap.incidents.models import Incident

from ..models import Assignment, AssignmentTime


def import_assignment(
    incident: Incident,
    unit: Unit,
    *,
    source: str,
    external_id: str,
    times: Mapping[str, datetime],
    actor: Actor,
) -> Assignment:
    """Bring in one unit's finished work of an older system, or return it when it is here
    already. `times` is by state; they are kept as they are, and a missing one stays missing."""
    actor.require(Permission.ADMINISTER)
    key = f"{source}:{external_id}"
    if not times or len(key) > 64:  # noqa: PLR2004 - the length of the column
        raise Invalid(_("Not usable: no time at all, or a key that is too long."), code="row")
    if max(times.values()) > clock.now():
        raise Invalid(_("The time lies in the future."), code="future")
    with transaction():
        for earlier in rows(Assignment, incident_id=incident.pk, unit_id=unit.pk):
            if row(AssignmentTime, assignment_id=earlier.pk, external_id=key):
                return earlier
        assignment = Assignment(
            # Whatever the old system left open is over by now.
            state="completed",
            incident=incident,
            unit=unit,
            agency_id=unit.agency_id,
            reason="import",
            created_at=min(times.values()),
            state_at=max(times.values()),
        )
        insert(assignment)
        now, first = clock.now(), next(iter(times))
        append(
            [
                AssignmentTime(
                    assignment=assignment,
                    state=state,
                    occurred_at=at,
                    recorded_at=now,
                    source="import",
                    external_id=key if state == first else None,
                )
                for state, at in times.items()
            ]
        )
        close_imported(incident, assignment.state_at)
        record(
            "assignment.imported",
            subject=subject_of(assignment),
            case=subject_of(incident),
            actor=actor,
            after=assignment.state,
            occurred_at=assignment.created_at,
            body=Imported(source=source, external=source_key(source, external_id)),
        )
        return assignment
