"""All that may be done to an assignment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid, NeedsConfirmation, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import AssignmentMade, AssignmentMoved, Imported, TimeCorrected
from sigap.core.machine import expect, move
from sigap.core.parameters import value
from sigap.core.personal import source_key
from sigap.core.queries import check_reason
from sigap.core.rows import append, insert, row, rows
from sigap.core.transaction import transaction
from sigap.fleet.models import Unit
from sigap.fleet.queries import may_work_for
from sigap.fleet.queries import unit as find_unit
from sigap.incidents.actions import close_imported, start_incident
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.incidents.queries import get as get_incident

from .machine import OPEN
from .models import Assignment, AssignmentTime
from .queries import get, open_jobs, recommend_for
from .recommend import Pick

# The commands of a crew or its agency; a dispatcher may give them too.
STEPS = ("acknowledge", "decline", "depart", "arrive", "transport", "reach", "complete")
# The state that each step's time belongs to is where the machine leads.


def send_units(
    incident_id: int,
    call_signs: Sequence[str],
    *,
    actor: Actor,
    second_job: bool = False,
    version: int | None = None,
) -> list[Assignment]:
    """Notify units of an incident, all or none.

    A unit that has another job needs `second_job=True`, a second key press: without it
    NeedsConfirmation is raised and names those units and their jobs.
    """
    actor.require(Permission.DISPATCH)
    if not call_signs:
        raise Invalid(_("Choose at least one unit."), code="units")
    with transaction():
        incident = get_incident(incident_id)
        expect(incident, version)
        if incident.state not in ACTIVE:
            raise Refused(_("This incident is not open."), state=incident.state)
        units = [find_unit(sign) for sign in dict.fromkeys(call_signs)]
        _refuse_unusable(units)
        jobs = open_jobs([u.pk for u in units])
        busy = {
            u.call_sign: [a.incident_id for a in jobs[u.pk] if a.incident_id != incident.pk]
            for u in units
            if u.pk in jobs
        }
        if any(busy.values()) and not second_job:
            raise NeedsConfirmation(
                _("%(units)s already has another job. Send all the same?")
                % {"units": ", ".join(sign for sign, others in busy.items() if others)},
                busy=busy,
            )
        advice = recommend_for(incident)
        ranked = {p.call_sign: (i + 1, p) for i, p in enumerate([*advice.picks, *advice.others])}
        sent = []
        for unit in units:
            rank, pick = ranked.get(unit.call_sign, (None, None))
            assignment = Assignment.objects.filter(
                incident=incident, unit=unit, state__in=("proposed", *OPEN)
            ).first()
            if assignment is None:
                assignment = _make(incident, unit, "assignment.made", actor, rank, pick)
            elif assignment.state != "proposed":
                raise Refused(_("%(unit)s is on this incident already.") % {"unit": unit.call_sign})
            _notify(assignment, actor, second_job=bool(busy.get(unit.call_sign)))
            sent.append(assignment)
        start_incident(incident, actor=actor)
        return sent


def step(
    assignment_id: int,
    command: str,
    *,
    actor: Actor,
    source: str,
    occurred_at: datetime | None = None,
    reason: str = "",
    external_id: str | None = None,
    version: int | None = None,
) -> Assignment:
    """Move an assignment: acknowledge, decline, depart, arrive, transport, reach, complete.

    `occurred_at` is when it happened, where that was before now; `external_id` is the
    crew phone's name for the press, so that sending it again changes nothing.
    """
    if command not in STEPS:
        raise Invalid(_("Unknown step."), code="step")
    _check_source(source)
    with transaction():
        assignment = get(assignment_id)
        if not actor.may(Permission.DISPATCH) and not may_work_for(assignment.unit, actor):
            raise Forbidden(_("This assignment is not yours."))
        if external_id and assignment.times.filter(external_id=external_id).exists():
            return assignment
        expect(assignment, version)
        if command == "decline":
            check_reason("decline", reason)
        else:
            reason = ""
        at = _plausible(occurred_at, assignment)
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
        _time(assignment, at, source, external_id)
        finish_alarm("unacknowledged", assignment, actor=actor)
        if command == "decline":
            _propose_next(assignment, actor)
        return assignment


def cancel_assignment(
    assignment_id: int, *, reason: str, actor: Actor, version: int | None = None
) -> Assignment:
    """Call a unit back, or drop a proposal, with the reason."""
    actor.require(Permission.DISPATCH)
    with transaction():
        assignment = get(assignment_id)
        expect(assignment, version)
        check_reason("cancel", reason)
        now = clock.now()
        move(
            assignment,
            "cancel",
            actor=actor,
            case=subject_of(assignment.incident),
            body=AssignmentMoved(
                unit=assignment.unit.call_sign, source="dispatcher", reason=reason
            ),
            state_at=now,
            acknowledge_due_at=None,
            ended_reason=reason,
        )
        _time(assignment, now, "dispatcher", None)
        finish_alarm("unacknowledged", assignment, actor=actor)
        return assignment


def correct_time(
    assignment_id: int,
    state: str,
    occurred_at: datetime,
    *,
    reason: str,
    actor: Actor,
    source: str,
) -> AssignmentTime:
    """Say when a state was really reached, and why; the time before it stays on record."""
    actor.require(Permission.DISPATCH)
    _check_source(source)
    with transaction():
        check_reason("correct", reason)
        assignment = get(assignment_id)
        if not assignment.times.filter(state=state).exists():
            raise Invalid(_("The assignment was never in that state."), code="state")
        at = _plausible(occurred_at, assignment)
        if assignment.state == state:
            assignment.state_at = at
            assignment.save(update_fields=["state_at"])
        record(
            "assignment.corrected",
            subject=subject_of(assignment),
            case=subject_of(assignment.incident),
            actor=actor,
            occurred_at=at,
            body=TimeCorrected(
                unit=assignment.unit.call_sign, source=source, state=state, reason=reason
            ),
        )
        return AssignmentTime.objects.create(
            assignment=assignment,
            state=state,
            occurred_at=at,
            recorded_at=clock.now(),
            source=source,
        )


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


def alarm_unacknowledged(*, actor: Actor) -> int:
    """Raise an alarm for each unit that did not acknowledge in time, and propose the next
    one for a person to send. Returns how many."""
    now = clock.now()
    with transaction():
        due = list(
            Assignment.objects.select_related(
                "incident", "incident__type", "unit", "unit__agency"
            ).filter(acknowledge_due_at__lte=now)
        )
        for assignment in due:
            late = round((now - (assignment.acknowledge_due_at or now)).total_seconds())
            Assignment.objects.filter(pk=assignment.pk).update(acknowledge_due_at=None)
            proposal = _propose_next(assignment, actor)
            raise_alarm(
                "unacknowledged",
                assignment,
                owner="dispatcher",
                urgency=min(assignment.incident.priority, 3),
                case=subject_of(assignment.incident),
                actor=actor,
                unit=assignment.unit.call_sign,
                next=proposal.unit.call_sign if proposal else "",
                late_s=late,
            )
        return len(due)


def _refuse_unusable(units: list[Unit]) -> None:
    for unit in units:
        if not unit.active or not unit.on_duty or unit.state == "unavailable":
            raise Refused(
                _("%(unit)s is not available.") % {"unit": unit.call_sign}, code="unavailable"
            )


def _make(
    incident: Incident,
    unit: Unit,
    kind: str,
    actor: Actor,
    rank: int | None,
    pick: Pick | None,
) -> Assignment:
    now = clock.now()
    reason = "+".join(pick.reasons)[:32] if pick else "manual"
    assignment = Assignment.objects.create(
        incident=incident,
        unit=unit,
        reason=reason,
        rank=rank,
        eta_s=pick.eta_s if pick else None,
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
        ),
    )
    return assignment


def _notify(assignment: Assignment, actor: Actor, *, second_job: bool) -> None:
    now = clock.now()
    move(
        assignment,
        "notify",
        actor=actor,
        case=subject_of(assignment.incident),
        body=AssignmentMoved(
            unit=assignment.unit.call_sign, source="dispatcher", second_job=second_job
        ),
        state_at=now,
        acknowledge_due_at=now + timedelta(seconds=value("dispatch.acknowledge_s")),
    )
    _time(assignment, now, "dispatcher", None)


def _propose_next(assignment: Assignment, actor: Actor) -> Assignment | None:
    """Put the next suitable free unit before the dispatcher; a key press sends it."""
    incident = assignment.incident
    if incident.state not in ACTIVE:
        return None
    tried = set(incident.assignments.values_list("unit__call_sign", flat=True))
    advice = recommend_for(incident)
    wanted = set(assignment.unit.capabilities)
    for rank, pick in enumerate([*advice.picks, *advice.others]):
        same_work = (
            pick.need.agency == assignment.unit.agency.code and pick.need.capability in wanted
        )
        if same_work and not pick.busy and pick.call_sign not in tried:
            unit = find_unit(pick.call_sign)
            return _make(incident, unit, "assignment.proposed", actor, rank + 1, pick)
    return None


def _check_source(source: str) -> None:
    if source not in AssignmentTime.SOURCES:
        raise Invalid(_("Unknown source of a time."), code="source")


def _plausible(occurred_at: datetime | None, assignment: Assignment) -> datetime:
    now = clock.now()
    if occurred_at is None:
        return now
    if occurred_at > now + timedelta(seconds=60):
        raise Invalid(_("The time lies in the future."), code="future")
    if occurred_at < assignment.created_at - timedelta(seconds=60):
        raise Invalid(_("The time lies before the unit was sent."), code="too_early")
    return occurred_at


def _time(
    assignment: Assignment, occurred_at: datetime, source: str, external_id: str | None
) -> None:
    AssignmentTime.objects.create(
        assignment=assignment,
        state=assignment.state,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        source=source,
        external_id=external_id,
    )
