"""Where a unit takes its patient."""

from django.utils.translation import gettext as _

from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.readiness import DestinationChosen
from sigap.core.machine import change
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.fleet.hospitals import known_now
from sigap.fleet.models import Hospital
from sigap.fleet.queries import may_work_for

from ..machine import OPEN
from ..models import Assignment
from ..queries import get


def choose_destination(assignment_id: int, hospital: str, *, actor: Actor) -> Assignment:
    """Say to which hospital a unit drives; "" when that is not known any more. One that sends
    ambulances away may be chosen: who drives there knows more than the board."""
    with transaction():
        assignment = get(assignment_id)
        if not actor.may(Permission.DISPATCH) and not may_work_for(assignment.unit, actor):
            raise Forbidden(_("This assignment is not yours."))
        if assignment.state not in OPEN:
            raise Refused(_("This job has ended."), state=assignment.state)
        take_to(assignment, hospital, actor=actor)
        return assignment


def take_to(assignment: Assignment, hospital: str, *, actor: Actor) -> None:
    """Keep the destination of a job and put it on record. Part of an action."""
    with transaction():
        rows = Hospital.objects.select_related("status").prefetch_related("beds")
        row = fetch(rows, code=hospital) if hospital else None
        if assignment.destination == row:
            return
        change(assignment, destination=row)
        record(
            "assignment.destination",
            subject=subject_of(assignment),
            case=subject_of(assignment.incident),
            actor=actor,
            body=DestinationChosen(
                unit=assignment.unit.call_sign,
                hospital=hospital,
                diverted=row is not None and known_now([row])[0].warns,
            ),
        )
