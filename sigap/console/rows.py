"""Rows as the live screens want them: codes and numbers, the same for every console.

Names of codes come from the catalogue in each person's language.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from sigap.calls.desks import doings
from sigap.calls.handset import best
from sigap.calls.machine import LIVE
from sigap.calls.models import INCOMING, Call, HandsetPosition
from sigap.calls.order import ranks
from sigap.calls.queries import (
    abandoned,
    at_gate,
    caller_histories,
    exchanges_that_dial,
    hidden_listening,
    live,
    parties,
    surge,
)
from sigap.core import clock
from sigap.core.actions.alarms import OF_EVENTS
from sigap.core.models import Alarm, Shift, Text
from sigap.dispatch.machine import OPEN, WAITING
from sigap.dispatch.models import Assignment
from sigap.fleet.models import MoveUp, Unit
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident, IncidentLink
from sigap.incidents.queries import open_needs
from sigap.neighbours.queries import lent_units
from sigap.notify.recipients import is_reached

from .parts import families, sums

Row = dict[str, Any]
TEXT_CALLS = "whatsapp"


def iso(at: datetime | None) -> str | None:
    """A time for a script: UTC with milliseconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def call_rows(calls: Iterable[Call]) -> list[Row]:
    """Calls with their caller's history while they are live."""
    calls = list(calls)
    contacts = {c.contact_id for c in calls if c.contact_id and c.state in LIVE}
    histories = caller_histories(sorted(contacts)) if contacts else {}
    told: dict[int, list[HandsetPosition]] = defaultdict(list)
    for position in _told(call__in=[c.pk for c in calls]):
        told[position.call_id or 0].append(position)
    others = _parties([c.pk for c in calls])
    connected = exchanges_that_dial(clock.now()) if calls else []
    rank = ranks(calls, histories)
    asked = _asked(calls)
    written = _written(calls)
    rows = []
    for call in calls:
        known = histories.get(call.contact_id or 0)
        rows.append(
            {
                "id": call.pk,
                "v": call.version,
                "state": call.state,
                "number": call.contact.number if call.contact else None,
                "phone": call.contact.spoken if call.contact else None,
                "manual": call.source == "manual",
                # Whether a telephone exchange does with it what people want here.
                "connected": call.source in connected,
                "parties": others[call.pk],
                "gate": call.gate,
                "gate_reason": call.gate_reason,
                "at_gate": call.pk in asked,
                "rank": rank.get(call.pk, 0),
                "set_aside_at": iso(call.set_aside_at),
                "trunk": call.line,
                "said": written.get(call.pk, call.said),
                "chat": _chat(call),
                "began_at": iso(call.began_at),
                "presented_at": iso(call.presented_at),
                "answered_at": iso(call.answered_at),
                "unopened": call.ended_unopened,
                "held_at": iso(call.held_at),
                "ended_at": iso(call.ended_at),
                "operator": call.operator_id,
                "claimed_at": iso(call.claimed_at),
                "class": call.call_class,
                "incident": call.incident_id,
                "attempts": call.callback_attempts,
                "due": iso(call.callback_due_at),
                "dialled_at": iso(call.dialled_at),
                "result": call.callback_result,
                "returns": call.returns_id,
                "located": _located(told[call.pk]),
                "history": {
                    "total": known.total,
                    "days": known.days,
                    "classes": known.classes,
                    "incidents": known.incidents,
                }
                if known
                else None,
            }
        )
    return rows


def _written(calls: Sequence[Call]) -> dict[int, str]:
    """What those have written who cannot telephone."""
    texts = [call.note_id for call in calls if call.source == TEXT_CALLS]
    words = dict(Text.objects.filter(pk__in=texts).values_list("pk", "body")) if texts else {}
    return {c.pk: words.get(c.note_id or 0, "") for c in calls if c.source == TEXT_CALLS}


def _chat(call: Call) -> int | None:
    """The conversation that a text call is."""
    number = (call.external_id or "").partition("-")[0]
    return int(number) if call.source == TEXT_CALLS and number.isdecimal() else None


def _parties(calls: Sequence[int]) -> dict[int, list[Row]]:
    """Who else is on the line of these calls; of those who listen only where the city wants
    operators to see it."""
    found: dict[int, list[Row]] = defaultdict(list)
    hidden = hidden_listening()
    for party in parties().filter(call_id__in=calls):
        if party.how not in hidden:
            row = {
                "id": party.pk,
                "entry": party.entry.code if party.entry else "",
                "user": party.user_id,
                "how": party.how,
                "state": party.state,
            }
            found[party.call_id].append(row)
    return found


def _asked(calls: Iterable[Call]) -> set[int]:
    """Those of the calls that a gate is asking for a sign just now."""
    ids = [call.pk for call in calls if call.state == "presented"]
    asked = Call.objects.filter(at_gate(clock.now()), pk__in=ids) if ids else ()
    return {call.pk for call in asked}


def _told(**which: Any) -> QuerySet[HandsetPosition]:
    """What phones told and what is not erased yet."""
    told = HandsetPosition.objects.filter(erased_at=None, **which)
    return told.select_related("area").order_by("id")


def _located(told: Sequence[HandsetPosition]) -> Row | None:
    """The best of what the phone told; without a point where none can be believed."""
    if not told:
        return None
    shown = best(told)
    return {
        "n": len(told),
        "lat": shown.lat if shown else None,
        "lng": shown.lng if shown else None,
        "radius_m": shown.radius_m if shown else None,
        "source": shown.source if shown else "",
        "at": iso(shown.measured_at) if shown else None,
        "area": shown.area.code if shown and shown.area else None,
        "damaged": bool(shown and shown.fault),
    }


def incident_rows(incidents: QuerySet[Incident]) -> list[Row]:
    """Incidents with their jobs and those of what was merged into them."""
    found = list(incidents.select_related("type", "area", "address", "landmark", "disposition"))
    family, merged, rings = families([i.pk for i in found])
    links = _links([i.pk for i in found])
    needs = open_needs([i.pk for i in found])
    parts = sums([i.pk for i in found])
    jobs: dict[int, list[Row]] = defaultdict(list)
    for job in (
        Assignment.objects.select_related("unit", "unit__agency")
        .filter(incident_id__in=list(family))
        .order_by("id")
    ):
        jobs[family[job.incident_id]].append(
            {
                "id": job.pk,
                "v": job.version,
                "unit": job.unit.call_sign,
                "agency": job.unit.agency.code,
                "state": job.state,
                "at": iso(job.state_at),
                "eta_s": job.eta_s,
                "answer_s": job.answer_s,
                "reason": job.ended_reason or job.reason,
                "incident": job.incident_id,
                "seen_near": iso(job.seen_near_at) if job.state == "en_route" else None,
                "seen_leaving": iso(job.seen_leaving_at) if job.state in WAITING else None,
            }
        )
    calls: dict[int, int] = defaultdict(int)
    for row in (
        Call.objects.filter(INCOMING, incident_id__in=list(family))
        .values("incident_id")
        .annotate(n=Count("id"))
    ):
        calls[family[row["incident_id"] or 0]] += row["n"]
    told: dict[int, list[HandsetPosition]] = defaultdict(list)
    for position in _told(call__incident__in=list(family)).select_related("call"):
        if position.call and position.call.incident_id:
            told[family[position.call.incident_id]].append(position)
    return [
        {
            "id": i.pk,
            "v": i.version,
            "state": i.state,
            "type": i.type.code,
            "group": i.type.group,
            "priority": i.priority,
            "level": i.level,
            "siren": i.siren,
            "suggested": i.suggested_priority,
            "rule": i.suggested_rule,
            "address": i.address.body if i.address else "",
            "landmark": i.landmark.name if i.landmark else "",
            "area": i.area.code if i.area else None,
            "lat": i.lat,
            "lng": i.lng,
            "location_source": i.location_source,
            "located": _located(told[i.pk]),
            "received_at": iso(min(filter(None, (i.received_at, *rings[i.pk])), default=None)),
            "opened_at": iso(i.opened_at),
            "resolved_at": iso(i.resolved_at),
            "victims": i.victims,
            "answers": i.answers,
            "calls": calls[i.pk],
            "merged": merged[i.pk],
            "links": links[i.pk],
            "sum": _told_sum(parts.get(i.pk)),
            "disposition": i.disposition.code if i.disposition else None,
            "parked": iso(i.parked_at),
            "staging": [i.staging_lat, i.staging_lng] if i.staging_lat is not None else None,
            "needs": [
                {"id": n.pk, "v": n.version, "what": n.what, "count": n.count, "met": n.met}
                for n in needs[i.pk]
            ],
            "jobs": jobs[i.pk],
        }
        for i in found
    ]


def _told_sum(parts: Row | None) -> Row | None:
    """The sum of its parts, for a script."""
    if parts is None or parts["oldest"] is None:
        return parts
    oldest = parts["oldest"]
    return parts | {"oldest": oldest | {"opened_at": iso(oldest["opened_at"])}}


def _links(ids: list[int]) -> dict[int, list[Row]]:
    """What each incident belongs with, seen from both sides."""
    links: dict[int, list[Row]] = defaultdict(list)
    rows = IncidentLink.objects.filter(Q(incident_id__in=ids) | Q(other_id__in=ids))
    for pk, other, kind in rows.order_by("id").values_list("incident_id", "other_id", "kind"):
        links[pk].append({"id": other, "kind": "part_of" if kind == "parent" else kind})
        links[other].append({"id": pk, "kind": "has_part" if kind == "parent" else kind})
    return links


def unit_rows(units: QuerySet[Unit]) -> list[Row]:
    """Units with their open jobs; without a position they stand at their station."""
    found = list(units.select_related("agency").order_by("agency__rank", "call_sign"))
    lent = lent_units([u.pk for u in found])
    held = MoveUp.objects.filter(unit_id__in=[u.pk for u in found], state="accepted")
    waits = {row.unit_id: row for row in held}
    jobs: dict[int, list[Row]] = defaultdict(list)
    open_jobs = Assignment.objects.filter(unit_id__in=[u.pk for u in found], state__in=OPEN)
    for job in open_jobs.order_by("id"):
        told = {"id": job.pk, "incident": job.incident_id, "state": job.state}
        jobs[job.unit_id].append(told | {"at": iso(job.state_at)})
    return [
        {
            "id": u.pk,
            "v": u.version,
            "call_sign": u.call_sign,
            "agency": u.agency.code,
            "kind": u.kind,
            "capabilities": u.capabilities,
            "state": u.state if u.active else "inactive",
            "reason": u.reason or u.readiness_reason,
            "since": iso(u.state_since),
            "on_duty": u.on_duty,
            "readiness": u.readiness,
            "blocked": u.blocked_by,
            "crew": u.crew,
            "station": u.station,
            "home": [u.station_lat, u.station_lng],
            "example": u.example,
            "lent": _lent(u, lent[u.pk]) if u.pk in lent else None,
            "waits": waits[u.pk].name if u.pk in waits else "",
            "lat": u.lat if u.position_at else _home(u, waits.get(u.pk))[0],
            "lng": u.lng if u.position_at else _home(u, waits.get(u.pk))[1],
            "position_at": iso(u.position_at),
            "accuracy_m": u.accuracy_m,
            "mark": u.position_mark,
            "jobs": jobs[u.pk],
        }
        for u in found
    ]


def _home(unit: Unit, moved: MoveUp | None) -> tuple[float | None, float | None]:
    """Where it is taken to be that tells no position."""
    return (moved.lat, moved.lng) if moved else (unit.station_lat, unit.station_lng)


def _lent(unit: Unit, loan: Row) -> Row:
    """A loan, and whether alerts reach the crew. Of our own none goes out: it works elsewhere."""
    return loan | {"alerted": loan["guest"] and is_reached(unit, clock.now())}


def alarm_rows(alarms: QuerySet[Alarm]) -> list[Row]:
    """Alarms with who must act and by when; those of agencies stand on their own boards."""
    return [
        {
            "id": a.pk,
            "v": a.version,
            "code": a.code,
            "subject": a.subject,
            "case": a.case,
            "owner": a.owner,
            "urgency": a.urgency,
            "state": a.state,
            "raised_at": iso(a.raised_at),
            "quiet_until": iso(a.quiet_until),
            "closable": a.code in OF_EVENTS,
            "details": a.details,
        }
        for a in alarms.exclude(owner="agency").order_by("urgency", "id")
    ]


def operator_rows() -> list[Row]:
    """Who is on shift, what each does and the call that each is in."""
    shifts = list(Shift.objects.filter(ended_at=None).order_by("id"))
    doing = doings(shifts, but=hidden_listening())
    rows = []
    for shift in shifts:
        does = doing[shift.user_id]
        rows.append(
            {
                "id": shift.user_id,
                "role": shift.role,
                "desk": shift.desk,
                "since": iso(shift.started_at),
                "heartbeat_at": iso(shift.heartbeat_at),
                "call": does.call.pk if does.state in ("talking", "held") and does.call else None,
                "does": does.state,
                "does_since": iso(does.since),
                "paused_at": iso(shift.paused_at),
                "pause_reason": shift.pause_reason,
            }
        )
    return rows


def surge_row() -> Row | None:
    """The surge that is declared now."""
    declared = surge()
    return {"reason": declared.reason, "since": iso(declared.started_at)} if declared else None


def whole_board() -> dict[str, list[Row]]:
    """Everything that is open now."""
    return {
        "calls": call_rows(live()),
        "callbacks": call_rows(abandoned()[:200]),
        "incidents": incident_rows(Incident.objects.filter(state__in=UNFINISHED)),
        "units": unit_rows(Unit.objects.filter(active=True)),
        "alarms": alarm_rows(Alarm.objects.exclude(state="done")),
        "operators": operator_rows(),
    }
