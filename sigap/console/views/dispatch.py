"""The dispatcher's screen, the second monitor's map and the wall, with their commands."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from pydantic import BaseModel, Field

from sigap.core.actions.alarms import acknowledge_alarm, close_alarm, shelve_alarm
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import SigapError
from sigap.core.web import LocalTime, Request, body, view
from sigap.dispatch.actions import (
    TOGETHER,
    accept_seen,
    cancel_assignment,
    correct_time,
    send_units,
    set_availability,
    set_duty,
    step,
)
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import get as get_job
from sigap.dispatch.queries import (
    open_jobs,
    plan_needs,
    recommend_for,
    recommend_together,
    states_to_tell,
)
from sigap.dispatch.recommend import Pick
from sigap.dispatch.schemas import Seen, Step
from sigap.fleet.models import Unit
from sigap.fleet.schemas import Duty
from sigap.incidents.models import Incident
from sigap.incidents.queries import Candidate, duplicate_candidates
from sigap.incidents.queries import get as get_incident

from ..ground import ground_part, map_settings
from ..rows import iso


class Send(BaseModel):
    """Units by call sign, and when they were notified, if that was earlier; `confirm` is the
    second press for one that is busy or not ready, `choice` the reason for one that is sent
    instead of another that was recommended."""

    units: list[Code] = Field(max_length=50)
    occurred_at: LocalTime | None = None
    confirm: bool = False
    choice: Code = ""
    version: int | None = None


class Together(BaseModel):
    """What to send to each of several incidents, as it was proposed for all of them at once."""

    class One(BaseModel):
        """The units for one of them."""

        incident: int
        version: int
        units: list[Code] = Field(max_length=50)

    send: list[One] = Field(min_length=1, max_length=500)


class Because(BaseModel):
    """A reason from the city's lists."""

    reason: Code = ""
    version: int | None = None


class Correction(BaseModel):
    """When a state was really reached, and why it was recorded otherwise."""

    state: Code
    occurred_at: LocalTime
    reason: Code = ""


class Availability(BaseModel):
    """reserve, release, withdraw (with a reason) or return."""

    command: Code
    reason: Code = ""
    version: int | None = None


class Shelve(BaseModel):
    """For how long, and why."""

    minutes: int
    reason: Code = ""


# Pages


@view(Permission.DISPATCH)
def dispatch_page(request: Request) -> HttpResponse:
    """The dispatcher's screen."""
    return render(request, "console/dispatch.html", {"map_settings": map_settings()})


@view(Permission.CONSOLE)
def map_page(request: Request) -> HttpResponse:
    """The map alone, for a second monitor."""
    return render(request, "console/map.html", {"map_settings": map_settings()})


@view(Permission.WALL)
def wall_page(request: Request) -> HttpResponse:
    """The wall: figures, map and ageing incidents, without personal data."""
    return render(request, "console/wall.html", {"map_settings": map_settings()})


@view(Permission.WALL)
def ground_file(request: Request) -> HttpResponse:
    """A range of the PMTiles file that was set as the map's ground."""
    return ground_part(settings.ENV.pmtiles, request.headers.get("Range", ""))


# Advice


@view(Permission.CONSOLE)
def advice(request: Request, incident_id: int) -> JsonResponse:
    """The units to send with reasons and shortfalls, and incidents that may be the same."""
    incident = get_incident(incident_id)
    found = recommend_for(incident)
    jobs = {a.unit.call_sign: a.incident_id for rows in open_jobs().values() for a in rows}
    duplicates = duplicate_candidates(
        type_id=incident.type_id,
        point=incident.point,
        area_id=incident.area_id,
        exclude_id=incident.pk,
        at=incident.opened_at,
    )
    return JsonResponse(
        {
            "incident": incident.pk,
            "v": incident.version,
            "planned": bool(plan_needs(incident)),
            "picks": [_pick(p, jobs) for p in found.picks],
            "others": [_pick(p, jobs) for p in found.others[:20]],
            "diversions": [_pick(p, jobs) for p in found.diversions],
            "shortfalls": [
                {
                    "agency": lack.need.agency,
                    "capability": lack.need.capability,
                    "count": lack.count,
                    "why": lack.why,
                }
                for lack in found.shortfalls
            ],
            "duplicates": [_duplicate(c) for c in duplicates[:5]],
        }
    )


@view(Permission.DISPATCH)
def together(_request: Request) -> JsonResponse:
    """The units for all incidents that lack some, matched at once."""
    found = recommend_together()
    versions = dict(
        Incident.objects.filter(pk__in={m.wish.incident for m in found}).values_list(
            "id", "version"
        )
    )
    return JsonResponse(
        {
            "matches": [
                {
                    "incident": m.wish.incident,
                    "v": versions[m.wish.incident],
                    "agency": m.wish.need.agency,
                    "capability": m.wish.need.capability,
                    "unit": m.call_sign,
                    "eta_s": m.eta_s,
                }
                for m in found
            ]
        }
    )


@view(Permission.DISPATCH, "POST")
def send_together(request: Request) -> JsonResponse:
    """Send what was matched: each incident by itself, so that one that has changed since holds up
    no other. Answers what was sent and, by incident, why not."""
    sent, refused = [], {}
    for one in body(request, Together).send:
        try:
            jobs = send_units(
                one.incident,
                one.units,
                version=one.version,
                choice=TOGETHER,
                actor=request.actor,
            )
        except SigapError as error:
            refused[one.incident] = str(error)
        else:
            sent += [job.pk for job in jobs]
    return JsonResponse({"ok": not refused, "jobs": sent, "refused": refused})


def _pick(pick: Pick, jobs: dict[str, int]) -> dict[str, Any]:
    return {
        "unit": pick.call_sign,
        "agency": pick.need.agency,
        "capability": pick.need.capability,
        "eta_s": pick.eta_s,
        "metres": pick.metres,
        "reasons": pick.reasons,
        "by_road": pick.by_road,
        "costs": sum(seconds for _reason, seconds in pick.costs),
        "leaves": [{"incident": job.incident, "priority": job.priority} for job in pick.leaves],
        "busy": pick.busy,
        "job": jobs.get(pick.call_sign),
    }


def _duplicate(candidate: Candidate) -> dict[str, Any]:
    return {
        "incident": candidate.incident.pk,
        "metres": candidate.metres,
        "minutes": candidate.minutes,
        "same_type": candidate.same_type,
        "same_area": candidate.same_area,
    }


# Commands


@view(Permission.DISPATCH, "POST")
def send(request: Request, incident_id: int) -> JsonResponse:
    """Send units, all or none."""
    wanted = body(request, Send)
    sent = send_units(
        incident_id,
        wanted.units,
        actor=request.actor,
        confirmed=wanted.confirm,
        choice=wanted.choice,
        occurred_at=wanted.occurred_at,
        version=wanted.version,
    )
    return JsonResponse({"ok": True, "jobs": [a.pk for a in sent]})


@view(Permission.DISPATCH, "POST")
def job_step(request: Request, job_id: int) -> JsonResponse:
    """Move a job as its crew said over the radio."""
    wanted = body(request, Step)
    job = step(
        job_id,
        wanted.command,
        actor=request.actor,
        source="dispatcher",
        occurred_at=wanted.occurred_at,
        reason=wanted.reason,
        version=wanted.version,
    )
    return _job(job)


@view(Permission.DISPATCH, "POST")
def job_seen(request: Request, job_id: int) -> JsonResponse:
    """Take what the unit's positions show as what it did, at that time."""
    wanted = body(request, Seen)
    return _job(accept_seen(job_id, wanted.command, version=wanted.version, actor=request.actor))


@view(Permission.DISPATCH, "POST")
def job_cancel(request: Request, job_id: int) -> JsonResponse:
    """Call a unit back, or drop a proposal."""
    wanted = body(request, Because)
    return _job(
        cancel_assignment(job_id, reason=wanted.reason, actor=request.actor, version=wanted.version)
    )


@view(Permission.CONSOLE)
def job_times(_request: Request, job_id: int) -> JsonResponse:
    """When the job reached each of its states, as far as is known now."""
    job = get_job(job_id)
    last = {time.state: time for time in job.times.order_by("recorded_at", "pk")}
    return JsonResponse(
        {
            "job": job.pk,
            "unit": job.unit.call_sign,
            "times": [
                {"state": t.state, "at": iso(t.occurred_at), "source": t.source}
                for t in sorted(last.values(), key=lambda t: (t.occurred_at, t.pk))
            ],
            "missing": [state for state in states_to_tell(job) if state not in last],
        }
    )


@view(Permission.DISPATCH, "POST")
def job_time(request: Request, job_id: int) -> JsonResponse:
    """Say when a state was really reached."""
    wanted = body(request, Correction)
    correct_time(
        job_id,
        wanted.state,
        wanted.occurred_at,
        reason=wanted.reason,
        actor=request.actor,
        source="dispatcher",
    )
    return JsonResponse({"ok": True, "job": job_id})


@view(Permission.DISPATCH, "POST")
def unit_availability(request: Request, call_sign: str) -> JsonResponse:
    """Reserve, release, withdraw or return a unit."""
    wanted = body(request, Availability)
    return _unit(
        set_availability(
            call_sign,
            wanted.command,
            actor=request.actor,
            reason=wanted.reason,
            version=wanted.version,
        )
    )


@view(Permission.DISPATCH, "POST")
def unit_duty(request: Request, call_sign: str) -> JsonResponse:
    """Set duty and readiness of a unit."""
    wanted = body(request, Duty)
    return _unit(
        set_duty(
            call_sign,
            actor=request.actor,
            on_duty=wanted.on_duty,
            readiness=wanted.readiness,
            reason=wanted.reason,
            version=wanted.version,
        )
    )


# Alarms belong to a role, but whoever stands next to it may answer: any live board.


@view(Permission.CONSOLE, "POST")
def alarm_acknowledge(request: Request, alarm_id: int) -> JsonResponse:
    """Take an alarm on: its sound stops."""
    alarm = acknowledge_alarm(alarm_id, actor=request.actor)
    return JsonResponse({"ok": True, "alarm": alarm.pk, "state": alarm.state})


@view(Permission.CONSOLE, "POST")
def alarm_shelve(request: Request, alarm_id: int) -> JsonResponse:
    """Put an alarm aside for some minutes."""
    wanted = body(request, Shelve)
    alarm = shelve_alarm(
        alarm_id, minutes=wanted.minutes, reason=wanted.reason, actor=request.actor
    )
    return JsonResponse({"ok": True, "alarm": alarm.pk, "state": alarm.state})


@view(Permission.CONSOLE, "POST")
def alarm_done(request: Request, alarm_id: int) -> JsonResponse:
    """Say that what an alarm asked for is done."""
    alarm = close_alarm(alarm_id, actor=request.actor)
    return JsonResponse({"ok": True, "alarm": alarm.pk, "state": alarm.state})


def _job(job: Assignment) -> JsonResponse:
    return JsonResponse({"ok": True, "job": job.pk, "state": job.state, "v": job.version})


def _unit(unit: Unit) -> JsonResponse:
    return JsonResponse(
        {"ok": True, "unit": unit.call_sign, "state": unit.state, "v": unit.version}
    )


urlpatterns = [
    path("dispatch", dispatch_page),
    path("map", map_page),
    path("map/ground.pmtiles", ground_file),
    path("wall", wall_page),
    path("dispatch/together", together),
    path("dispatch/together/send", send_together),
    path("dispatch/incidents/<int:incident_id>/advice", advice),
    path("dispatch/incidents/<int:incident_id>/send", send),
    path("dispatch/jobs/<int:job_id>/step", job_step),
    path("dispatch/jobs/<int:job_id>/seen", job_seen),
    path("dispatch/jobs/<int:job_id>/cancel", job_cancel),
    path("dispatch/jobs/<int:job_id>/time", job_time),
    path("dispatch/jobs/<int:job_id>/times", job_times),
    path("dispatch/units/<str:call_sign>/availability", unit_availability),
    path("dispatch/units/<str:call_sign>/duty", unit_duty),
    path("dispatch/alarms/<int:alarm_id>/acknowledge", alarm_acknowledge),
    path("dispatch/alarms/<int:alarm_id>/shelve", alarm_shelve),
    path("dispatch/alarms/<int:alarm_id>/done", alarm_done),
]
