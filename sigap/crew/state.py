"""All that a crew's phone must know to go on without us: its snapshot."""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Q

from sigap.calls.models import PhoneBookEntry
from sigap.core.journal import subject_of
from sigap.core.models import ReasonCode
from sigap.core.names import named
from sigap.core.remembered import remembered
from sigap.dispatch.field.names import PURPOSES, condition_names, form_names
from sigap.dispatch.field.queries import Asked, asked, colleagues, on_board
from sigap.dispatch.jobs import COMMANDS, Job, jobs_of, ways_of
from sigap.dispatch.machine import TARGETS
from sigap.dispatch.models import Assignment
from sigap.fleet.models import MoveUp, Unit

# The entry of the phone book that is the control room's own number.
CONTROL_ROOM = "control_room"
REASONS = ("decline", "unavailable", "mayday_over")


def snapshot(unit: Unit) -> dict[str, Any]:
    """What the page of this unit shows, with the ways on from every state of a job."""
    jobs = jobs_of([unit.pk])
    rows = _counted([job.id for job in jobs])
    told = asked([unit, *rows.values()])
    aboard, room = on_board(unit), _room()
    found: dict[str, Any] = {
        "unit": {
            "call_sign": unit.call_sign,
            "kind": unit.kind,
            "state": unit.state,
            "on_duty": unit.on_duty,
            "readiness": unit.readiness,
        },
        "jobs": [
            {k: v for k, v in asdict(job).items() if k not in ("next", "further", "version")}
            | {"destination": _hospital(job), "destinations": _hospitals(job)}
            | {"at": _ms(job.at), "photos": row.n_photos, "reports": row.n_reports}
            | {"caller": _times(told.get(("wants_caller", subject_of(row))))}
            for job in jobs
            if (row := rows.get(job.id))
        ],
        "ways": {state: asdict(way) for state, way in ways_of(unit).items()},
        "targets": {command: TARGETS[command] for command in COMMANDS},
        "commands": {command: str(name) for command, name in COMMANDS.items()},
        "waits": MoveUp.objects.filter(unit=unit, state="accepted")
        .values("name", "lat", "lng")
        .first(),
        "mayday": _times(told.get(("mayday", subject_of(unit)))),
        "room": {"name": named(room[0]), "number": room[0].number} if room else None,
        "aboard": {"people": aboard.people, "count": aboard.count} if aboard else None,
        "colleagues": [[user.pk, user.name] for user in colleagues(unit)],
        "reasons": {purpose: _listed(purpose) for purpose in REASONS},
        "forms": [[form, name, _lines(form)] for form, name in form_names().items()],
    }
    written = json.dumps(found, sort_keys=True, cls=DjangoJSONEncoder)
    found["revision"] = hashlib.sha256(written.encode()).hexdigest()[:16]
    return found


def _hospital(job: Job) -> dict[str, Any] | None:
    """Where it drives, and whether that hospital sends ambulances elsewhere."""
    found = job.destination
    if found is None:
        return None
    return {"code": found.code, "name": found.name, "warns": bool(found.warns)}


def _hospitals(job: Job) -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in job.destinations]


def _counted(ids: list[int]) -> dict[int, Any]:
    """These jobs with how much was told of each already."""
    if not ids:
        return {}
    kept = Count("photos", filter=Q(photos__kept_at__isnull=False), distinct=True)
    rows = Assignment.objects.filter(pk__in=ids).annotate(
        n_photos=kept, n_reports=Count("reports", distinct=True)
    )
    return {row.pk: row for row in rows}


@remembered
def _room() -> list[PhoneBookEntry]:
    return list(PhoneBookEntry.objects.filter(code=CONTROL_ROOM, active=True))


@remembered
def _reasons() -> dict[str, list[ReasonCode]]:
    found: dict[str, list[ReasonCode]] = defaultdict(list)
    wanted = (*REASONS, *PURPOSES.values())
    for row in ReasonCode.objects.filter(purpose__in=wanted, active=True).order_by("id"):
        found[row.purpose].append(row)
    return found


def _listed(purpose: str) -> list[tuple[str, str]]:
    return [(row.code, named(row)) for row in _reasons().get(purpose, ())]


def _lines(form: str) -> list[tuple[str, str]]:
    if form == "patients":
        return list(condition_names().items())
    return _listed(PURPOSES[form])


def _times(found: Asked | None) -> dict[str, int | None] | None:
    return {"at": _ms(found.at), "heard_at": _ms(found.heard_at)} if found else None


def _ms(at: datetime | None) -> int | None:
    return round(at.timestamp() * 1000) if at else None
