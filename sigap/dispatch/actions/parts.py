"""Parts that several actions on assignments share; inside their transactions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import AssignmentMade, AssignmentMoved
from sigap.core.machine import move
from sigap.core.parameters import value
from sigap.fleet.models import Unit
from sigap.fleet.queries import unit as find_unit
from sigap.incidents.actions import start_incident, wait_incident
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.incidents.queries import carrier, family_ids

from ..models import Assignment, AssignmentTime
from ..queries import is_served, recommend_for
from ..recommend import Pick, Recommendation

# By so much clocks may differ.
TOLERANCE = timedelta(seconds=60)


def make(
    incident: Incident,
    unit: Unit,
    kind: str,
    actor: Actor,
    rank: int | None,
    pick: Pick | None,
    *,
    advice: Recommendation,
    choice: str = "",
    passed_over: Sequence[Pick] = (),
) -> Assignment:
    """A unit put before the dispatcher, or chosen by one, with the reason; what was recommended
    then is kept beside it."""
    now = clock.now()
    reason = "+".join(pick.reasons)[:128] if pick else "manual"
    assignment = Assignment.objects.create(
        incident=incident,
        unit=unit,
        agency_id=unit.agency_id,
        reason=reason,
        rank=rank,
        eta_s=pick.eta_s if pick else None,
        advised=[[p.call_sign, p.eta_s] for p in advice.picks],
        choice=choice,
        created_at=now,
        state_at=now,
    )
    record(
        kind,
        subject=subject_of(assignment),
        case=subject_of(incident),
        actor=actor,
        after=assignment.state,
        body=AssignmentMade(
            unit=unit.call_sign,
            incident=incident.pk,
            reason=reason,
            rank=rank,
            eta_s=assignment.eta_s,
            passed_over=[p.call_sign for p in passed_over],
            choice=choice,
        ),
    )
    return assignment


def when(
    assignment: Assignment, state: str, occurred_at: datetime | None, source: str
) -> tuple[datetime, str]:
    """When an act happened and on whose word. Without a time it happened now, except for an
    incident that was entered afterwards: then "now" says only when it was entered, and the
    time is derived.

    A unit is notified when the incident has begun, and does all else when it was notified.
    """
    now = clock.now()
    if assignment.incident.afterwards and (occurred_at or now) > now - TOLERANCE:
        source = "derived"
    if occurred_at is None:
        return now, source
    if occurred_at > now + TOLERANCE:
        raise Invalid(_("The time lies in the future."), code="future")
    since = assignment.incident.began_at
    if state != "notified":
        told = assignment.times.filter(state="notified").order_by("pk").last()
        since = told.occurred_at if told and told.source != "derived" else since
    if occurred_at < since - TOLERANCE:
        raise Invalid(_("The time lies before the unit was sent."), code="too_early")
    return occurred_at, source


def notify(
    assignment: Assignment, actor: Actor, *, second_job: bool, occurred_at: datetime | None = None
) -> None:
    """Tell the unit; from then on its acknowledgement is waited for, also where it was told
    before and nobody knows whether it has answered. Nobody waits for one of an incident that
    was entered afterwards."""
    at, source = when(assignment, "notified", occurred_at, "dispatcher")
    due = clock.now() + timedelta(seconds=value("dispatch.acknowledge_s"))
    move(
        assignment,
        "notify",
        actor=actor,
        case=subject_of(assignment.incident),
        body=AssignmentMoved(unit=assignment.unit.call_sign, source=source, second_job=second_job),
        occurred_at=occurred_at,
        state_at=at,
        acknowledge_due_at=None if assignment.incident.afterwards else due,
    )
    note_time(assignment, assignment.state, at, source)


def advance(
    assignment: Assignment,
    command: str,
    *,
    actor: Actor,
    at: datetime,
    source: str,
    reason: str = "",
    external_id: str | None = None,
) -> None:
    """Move a job as somebody said; nobody waits for its acknowledgement any more."""
    move(
        assignment,
        command,
        actor=actor,
        case=subject_of(assignment.incident),
        body=AssignmentMoved(unit=assignment.unit.call_sign, source=source, reason=reason),
        occurred_at=at,
        state_at=at,
        acknowledge_due_at=None,
        ended_reason=reason,
    )
    note_time(assignment, assignment.state, at, source, external_id)
    finish_alarm("unacknowledged", assignment, actor=actor)


def settle(incident: Incident, actor: Actor) -> None:
    """Bring the state of the incident that carries on in line with what its units do: it
    waits for one unless a unit is at work or has done its work."""
    incident = carrier(incident)
    if is_served(incident):
        start_incident(incident, actor=actor)
    else:
        wait_incident(incident, actor=actor)


def propose_next(assignment: Assignment, actor: Actor) -> Assignment | None:
    """Put the next suitable free unit before the dispatcher; a key press sends it."""
    incident = carrier(assignment.incident)
    if incident.state not in ACTIVE:
        return None
    family = Assignment.objects.filter(incident_id__in=family_ids(incident))
    tried = set(family.values_list("unit__call_sign", flat=True))
    advice = recommend_for(incident)
    wanted = set(assignment.unit.capabilities)
    for rank, pick in enumerate([*advice.picks, *advice.others]):
        same_work = (
            pick.need.agency == assignment.unit.agency.code and pick.need.capability in wanted
        )
        if same_work and not pick.busy and pick.call_sign not in tried:
            unit = find_unit(pick.call_sign)
            return make(incident, unit, "assignment.proposed", actor, rank + 1, pick, advice=advice)
    return None


def note_time(
    assignment: Assignment, state: str, at: datetime, source: str, external_id: str | None = None
) -> AssignmentTime:
    """Keep when a state was reached, and on whose word."""
    return AssignmentTime.objects.create(
        assignment=assignment,
        state=state,
        occurred_at=at,
        recorded_at=clock.now(),
        source=source,
        external_id=external_id,
    )
