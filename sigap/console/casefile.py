"""One incident as a file to read: its facts with names, its story in words, its replay."""

from collections.abc import Iterable
from datetime import timedelta
from math import ceil
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from sigap.calls.models import Call
from sigap.calls.queries import audible, hidden_listening
from sigap.complaints.models import Complaint
from sigap.core import clock
from sigap.core.actions.personal import opened
from sigap.core.actors import Actor, Permission
from sigap.core.journal import subject_of
from sigap.core.models import Journal, Text
from sigap.core.names import named, reasons
from sigap.dispatch.actions import TOGETHER
from sigap.dispatch.field.names import condition_names
from sigap.dispatch.field.queries import photos_of, reports_of
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import assignments_of
from sigap.fleet.positions.judge import FUTURE
from sigap.fleet.positions.queries import track
from sigap.incidents.models import Incident, IncidentLink, IncidentType
from sigap.incidents.queries import answered, family_ids, timeline
from sigap.notify.queries import alerts_of

from .parts import sums
from .rows import Row, iso
from .words import Words, state_names
from .words.alerts import shown
from .words.field import form_in_words
from .words.names import class_names

# Rows that say who saw or heard it, not what happened.
LOOKS = ("person.opened", "recording.played")


def look(
    case: Incident | Call | Complaint, *, screen: str, actor: Actor, again_after_s: int = 0
) -> None:
    """Record that somebody looked at the people of a case; within `again_after_s` once."""
    subject = subject_of(case)
    since = clock.now() - timedelta(seconds=again_after_s)
    seen = Journal.objects.filter(
        kind="person.opened", subject=subject, actor=actor.code, at__gte=since
    )
    if again_after_s and seen.exists():
        return
    if isinstance(case, Complaint):
        file = subject
    else:
        incident = case.incident_id if isinstance(case, Call) else case.pk
        file = f"incident:{incident}" if incident else ""
    opened(subject, screen=screen, actor=actor, case=file)


def case_file(incident: Incident, actor: Actor) -> dict[str, Any]:
    """All that the incident's page shows to this person."""
    rows = story(incident, actor)
    family = family_ids(incident)
    return {
        "incident": incident,
        "type": named(incident.type),
        "state": state_names("incident").get(incident.state, incident.state),
        "outcome": named(incident.disposition) if incident.disposition else "",
        "rule": rule_words(incident),
        "source": _source_words(incident),
        "answers": answered(incident),
        "calls": _calls(family, actor),
        "jobs": [shown_job(job) for job in assignments_of(incident)],
        "alerts": [shown(alert) for alert in alerts_of(family)],
        "notes": _notes(family),
        "reports": _reports(family),
        "photos": photos_of(family),
        "merged": [pk for pk in family if pk != incident.pk],
        "links": _links(incident),
        "sum": _sum_in_words(incident),
        "story": [row for row in rows if row["kind"] not in LOOKS],
        "openings": [row for row in rows if row["kind"] in LOOKS],
    }


def story(incident: Incident, actor: Actor) -> list[Row]:
    """The journal of the case in words, oldest first, with the notes it points at. Whether a
    supervisor listened, supervisors see; others where the city wants it."""
    hidden = [] if actor.may(Permission.SUPERVISE) else hidden_listening()
    rows = [row for row in timeline(incident) if row.body.get("how", "") not in hidden]
    return told(rows, incident.type)


def told(
    rows: Iterable[Journal], kind: IncidentType | None = None, words: Words | None = None
) -> list[Row]:
    """Journal rows as sentences, with the notes that they point at."""
    rows, words = list(rows), words or Words(kind)
    texts = Text.objects.in_bulk([r.body["text_id"] for r in rows if r.body.get("text_id")])
    found = []
    for row in rows:
        note = texts.get(row.body.get("text_id", 0))
        late = row.occurred_at and abs((row.at - row.occurred_at).total_seconds()) > 1
        found.append(
            {
                "seq": row.seq,
                "at": iso(row.at),
                "recorded": row.at,
                "occurred": row.occurred_at if late else None,
                "occurred_at": iso(row.occurred_at) if late else None,
                "kind": row.kind,
                "subject": row.subject,
                "before": row.before,
                "after": row.after,
                "actor": row.actor,
                "by": words.actor(row.actor),
                "text": words.sentence(row),
                "note": _body(note) if note else None,
                "note_id": note.pk if note else None,
                "struck": bool(note and note.struck_at),
            }
        )
    return found


def plain(rows: list[Row]) -> list[Row]:
    """The same for a script, which reads the times from their text."""
    return [{k: v for k, v in row.items() if k not in ("recorded", "occurred")} for row in rows]


def replay_data(incident: Incident, *, with_tracks: bool) -> dict[str, Any]:
    """What a replay needs: who takes part, and each moment at which something changed."""
    rows = [r for r in timeline(incident) if r.kind not in LOOKS]
    words = Words(incident.type)
    family = Incident.objects.select_related("type", "area").filter(pk__in=family_ids(incident))
    jobs = assignments_of(incident)
    return {
        "incident": incident.pk,
        "moments": [
            {
                "at": iso(row.at),
                "subject": row.subject,
                "after": row.after,
                "priority": row.body.get("chosen") or row.body.get("priority"),
                "text": words.sentence(row),
                "by": words.actor(row.actor),
            }
            for row in rows
        ],
        "incidents": [
            {
                "id": i.pk,
                "type": i.type.code,
                "priority": i.priority,
                "area": i.area.code if i.area else None,
                "lat": i.lat,
                "lng": i.lng,
            }
            for i in family
        ],
        "calls": [{"id": c.pk} for c in _calls_of([i.pk for i in family])],
        "jobs": [
            {
                "id": job.pk,
                "incident": job.incident_id,
                "unit": job.unit.call_sign,
                "agency": job.agency.code,
                "lat": job.unit.station_lat,
                "lng": job.unit.station_lng,
            }
            for job in jobs
        ],
        "tracks": _tracks(jobs) if with_tracks else {},
        "states": {name: state_names(name) for name in ("incident", "call", "assignment")},
    }


def _tracks(jobs: list[Assignment]) -> dict[str, list[list[Any]]]:
    """Where the units were while they were at work for the incident, and not before or after."""
    found: dict[str, list[list[Any]]] = {}
    for job in jobs:
        # A device's clock may be ahead by as much as is believed.
        until = clock.now() + FUTURE if job.state in OPEN else job.state_at
        for point in track(job.unit_id, job.created_at, until):
            place = [iso(point.at), point.lat, point.lng, point.accuracy_m]
            found.setdefault(job.unit.call_sign, []).append(place)
    return found


def _calls_of(family: list[int]) -> Iterable[Call]:
    rows = Call.objects.select_related("contact", "operator", "note")
    return rows.filter(incident_id__in=family).order_by("began_at", "id")


def _calls(family: list[int], actor: Actor) -> list[Row]:
    states, classes = state_names("call"), class_names()
    calls = list(_calls_of(family))
    recordings = audible([call.pk for call in calls], actor)
    return [
        {
            "call": call,
            "number": number_of(call),
            "state": states.get(call.state, call.state),
            "class": classes.get(call.call_class, ""),
            "recordings": recordings.get(call.pk, []),
        }
        for call in calls
    ]


def number_of(call: Call) -> str:
    """The caller's number as people say it, or why there is none."""
    if call.contact is None:
        return _("no number")
    return call.contact.spoken or _("erased")


def _advised(job: Assignment) -> str:
    """Which units were recommended when this one was chosen, where it was none of them."""
    if any(sign == job.unit.call_sign for sign, _eta in job.advised):
        return ""
    return ", ".join(
        sign
        if eta is None
        else _("%(unit)s in %(minutes)s min") % {"unit": sign, "minutes": ceil(eta / 60)}
        for sign, eta in job.advised
    )


def shown_job(job: Assignment) -> Row:
    """The job with its times; of several for one state the last is the one that counts."""
    states, sources = state_names("assignment"), _time_sources()
    times = sorted(job.times.all(), key=lambda t: (t.recorded_at, t.pk))
    last = {t.state: t.pk for t in times}
    return {
        "job": job,
        "state": states.get(job.state, job.state),
        "advised": _advised(job),
        "choice": (
            {TOGETHER: _("matched with several incidents at once")} | dict(reasons("other_unit"))
        ).get(job.choice, job.choice),
        "times": [
            {
                "code": t.state,
                "state": states.get(t.state, t.state),
                "occurred": t.occurred_at,
                "recorded": t.recorded_at,
                "late": abs((t.recorded_at - t.occurred_at).total_seconds()) > 1,
                "source": sources.get(t.source, t.source),
                "corrected": last[t.state] != t.pk,
            }
            for t in times
        ],
    }


def said_of(family: list[int]) -> tuple[list[Row], list[Row]]:
    """The notes and the crews' reports of an incident and all that was merged into it."""
    return _notes(family), _reports(family)


def _notes(family: list[int]) -> list[Row]:
    calls = Call.objects.filter(incident_id__in=family).values_list("pk", flat=True)
    subjects = [f"incident:{pk}" for pk in family] + [f"call:{pk}" for pk in calls]
    words = Words()
    notes = Text.objects.filter(subject__in=subjects, field="note").order_by("id")
    return [
        {
            "note": note,
            "by": words.actor(note.author),
            "text": _body(note),
            "incident": int(note.subject.partition(":")[2])
            if note.subject.startswith("incident:")
            else None,
        }
        for note in notes
    ]


def _reports(family: list[int]) -> list[Row]:
    words = Words()
    return [
        {
            "report": report,
            "by": words.actor(report.author),
            "form": form_in_words({"form": report.form, "counts": report.counts}),
            "text": _body(report.words) if report.words else "",
        }
        for report in reports_of(family)
    ]


def _sum_in_words(incident: Incident) -> Row | None:
    """What its parts come to together."""
    found = sums([incident.pk]).get(incident.pk)
    if found is None:
        return None
    states, conditions = state_names("assignment"), condition_names()
    return found | {
        "jobs": [(states[code], found["jobs"][code]) for code in states if code in found["jobs"]],
        "patients": [
            (name, found["patients"][code])
            for code, name in conditions.items()
            if code in found["patients"]
        ],
    }


def _links(incident: Incident) -> list[Row]:
    rows = IncidentLink.objects.select_related("incident__type", "other__type").filter(
        Q(incident=incident) | Q(other=incident)
    )
    found = []
    for row in rows:
        outward = row.incident_id == incident.pk
        other = row.other if outward else row.incident
        if row.kind == "related":
            label = _("related to")
        else:
            label = _("part of") if outward else _("has as a part")
        found.append({"label": label, "id": other.pk, "type": named(other.type)})
    return found


def rule_words(incident: Incident) -> str:
    """The rule that proposed the priority."""
    rule = incident.type.rules.filter(code=incident.suggested_rule).first()
    if rule is None:
        return incident.suggested_rule
    return f"{rule.code}: {named(rule)}"


def _source_words(incident: Incident) -> str:
    return {
        "typed": _("from the typed address"),
        "landmark": _("from the landmark"),
        "area": _("somewhere in the kelurahan"),
        "map": _("pointed out on the map"),
        "handset": _("from the caller's phone"),
        "import": _("from an older system"),
        "neighbour": _("told by a neighbouring centre"),
    }.get(incident.location_source, "")


def _time_sources() -> dict[str, str]:
    return {
        "crew": _("crew"),
        "dispatcher": _("dispatcher"),
        "agency": _("agency"),
        "gps": _("GPS"),
        "derived": _("derived"),
        "import": _("older system"),
    }


def _body(note: Text) -> str:
    return _("(erased)") if note.erased_at else note.body
