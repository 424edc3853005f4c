"""All that a crew's phone must know to go on without us: its snapshot."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Q

from sigap.calls.models import PhoneBookEntry
from sigap.core.names import named, reasons
from sigap.dispatch.field.names import form_names, lines_of
from sigap.dispatch.field.queries import asked, colleagues, on_board
from sigap.dispatch.jobs import COMMANDS, Job, jobs_of, ways_of
from sigap.dispatch.machine import TARGETS
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit

# The entry of the phone book that is the control room's own number.
CONTROL_ROOM = "control_room"


def snapshot(unit: Unit) -> dict[str, Any]:
    """What the page of this unit shows, with the ways on from every state of a job."""
    jobs = jobs_of([unit.pk])
    aboard = on_board(unit)
    room = PhoneBookEntry.objects.filter(code=CONTROL_ROOM, active=True).first()
    found: dict[str, Any] = {
        "unit": {
            "call_sign": unit.call_sign,
            "kind": unit.kind,
            "state": unit.state,
            "on_duty": unit.on_duty,
            "readiness": unit.readiness,
        },
        "jobs": _jobs(jobs),
        "ways": {state: asdict(way) for state, way in ways_of(unit).items()},
        "targets": {command: TARGETS[command] for command in COMMANDS},
        "commands": {command: str(name) for command, name in COMMANDS.items()},
        "mayday": _times(asked("mayday", unit)),
        "room": {"name": named(room), "number": room.number} if room else None,
        "aboard": {"people": aboard.people, "count": aboard.count} if aboard else None,
        "colleagues": [[user.pk, user.name] for user in colleagues(unit)],
        "reasons": {p: reasons(p) for p in ("decline", "unavailable", "mayday_over")},
        "forms": [[form, name, lines_of(form)] for form, name in form_names().items()],
    }
    written = json.dumps(found, sort_keys=True, cls=DjangoJSONEncoder)
    found["revision"] = hashlib.sha256(written.encode()).hexdigest()[:16]
    return found


def _jobs(jobs: list[Job]) -> list[dict[str, Any]]:
    """The jobs, each with what was told of it already."""
    kept = Count("photos", filter=Q(photos__kept_at__isnull=False), distinct=True)
    told = Count("reports", distinct=True)
    rows = Assignment.objects.filter(pk__in=[job.id for job in jobs]).select_related("unit")
    by_id = {row.pk: row for row in rows.annotate(n_photos=kept, n_reports=told)}
    found = []
    for job in jobs:
        row = by_id[job.id]
        more = {
            "photos": row.n_photos,
            "reports": row.n_reports,
            "caller": _times(asked("wants_caller", row)),
        }
        plain = {k: v for k, v in asdict(job).items() if k not in ("next", "further", "version")}
        found.append(plain | {"at": _ms(job.at)} | more)
    return found


def _times(found: dict[str, datetime | None] | None) -> dict[str, int | None] | None:
    return {name: _ms(at) for name, at in found.items()} if found else None


def _ms(at: datetime | None) -> int | None:
    return round(at.timestamp() * 1000) if at else None
