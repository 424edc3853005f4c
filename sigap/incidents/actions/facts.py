"""What is known of an incident: opened, corrected, judged, noted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    Answered,
    IncidentChanged,
    IncidentOpened,
    LevelChosen,
    NoteAdded,
    NoteStruck,
)
from sigap.core.machine import change, expect
from sigap.core.models import Text
from sigap.core.personal import clean
from sigap.core.queries import check_reason, fetch
from sigap.core.transaction import transaction
from sigap.places.queries import place_of

from ..machine import WAITING
from ..models import Incident, IncidentType
from ..queries import get
from ..triage import answers_to
from .checks import (
    checked_answers,
    checked_level,
    checked_priority,
    checked_victims,
    dispatch_due,
    not_in_future,
    proposal_of,
    record_about,
    record_priority,
)
from .mass import MAY_WAIT, take_up

WORDS = ("address", "chronology", "reporter")
# An incident that is entered later than this is not what units are being sent to now.
AFTERWARDS = timedelta(minutes=15)


def open_incident(
    type_code: str,
    *,
    actor: Actor,
    address: str = "",
    chronology: str = "",
    reporter: str = "",
    lat: float | None = None,
    lng: float | None = None,
    location_source: str = "",
    accuracy_m: int | None = None,
    area_code: str = "",
    landmark_id: int | None = None,
    victims: int | None = None,
    answers: Mapping[str, str] | None = None,
    priority: int | None = None,
    siren: bool | None = None,
    received_at: datetime | None = None,
    answered_at: datetime | None = None,
    occurred_at: datetime | None = None,
    source: str = "",
    call_id: int | None = None,
) -> Incident:
    """Open an incident. Without `priority` the triage rule's proposal is taken as it is.

    `occurred_at` is given when it is entered after the fact (an outage). The clocks start
    at `received_at`, the first ring, which stays unknown where nobody saw it.
    """
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        kind = fetch(IncidentType, code=type_code, active=True)
        place = place_of(lat, lng, area_code, landmark_id, location_source)
        given = checked_answers(kind, answers or {})
        proposal = proposal_of(kind, given)
        chosen = checked_priority(priority) if priority is not None else proposal.priority
        now = clock.now()
        opened = not_in_future(occurred_at) or now
        afterwards = now - opened > AFTERWARDS
        incident = Incident.objects.create(
            type=kind,
            priority=chosen,
            suggested_priority=proposal.priority,
            suggested_rule=proposal.rule,
            siren=proposal.siren if siren is None else siren,
            answers=given,
            victims=checked_victims(victims),
            accuracy_m=accuracy_m,
            received_at=received_at,
            answered_at=answered_at,
            opened_at=opened,
            afterwards=afterwards,
            dispatch_due_at=dispatch_due(chosen, afterwards=afterwards),
            **place,
        )
        subject = subject_of(incident)
        words = {
            name: keep(subject, name, text, actor=actor)
            for name, text in zip(WORDS, (address, chronology, reporter), strict=True)
        }
        if any(words.values()):
            for name, text_row in words.items():
                setattr(incident, name, text_row)
            incident.save(update_fields=list(words))
        record(
            "incident.opened",
            subject=subject,
            case=subject,
            actor=actor,
            after=incident.state,
            occurred_at=opened if opened != now else None,
            body=IncidentOpened(
                type=kind.code,
                priority=chosen,
                area=incident.area.code if incident.area else "",
                source=source,
                call=call_id,
            ),
        )
        if given:
            record_about(incident, "incident.answered", actor, Answered(answers=given))
        record_priority(incident, actor, accepted=chosen == proposal.priority)
        return incident


def change_facts(
    incident_id: int, *, actor: Actor, version: int | None = None, **facts: Any
) -> Incident:
    """Correct what is known: type_code, address, chronology, reporter, lat and lng with
    location_source, area_code, landmark_id, victims. Only what is given changes.

    Raises Conflict when somebody else changed the incident since `version`.
    """
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        fields: dict[str, Any] = {}
        for name in WORDS:
            if name in facts:
                old = getattr(incident, name)
                if clean(facts[name]) != (old.body if old else ""):
                    fields[name] = keep(subject_of(incident), name, facts[name], actor=actor)
        if "type_code" in facts and facts["type_code"] != incident.type.code:
            kind = fetch(IncidentType, code=facts["type_code"], active=True)
            fields |= {"type": kind, **_triage_as(kind, incident.answers)}
        if "victims" in facts:
            fields["victims"] = checked_victims(facts["victims"])
        place = {"lat", "lng", "area_code", "landmark_id"}
        if place & set(facts):
            fields |= place_of(
                facts.get("lat"),
                facts.get("lng"),
                facts.get("area_code", ""),
                facts.get("landmark_id"),
                facts.get("location_source", ""),
            )
            fields["accuracy_m"] = facts.get("accuracy_m")
        fields = {n: v for n, v in fields.items() if getattr(incident, n) != v}
        if not fields:
            return incident
        change(incident, **fields)
        body = IncidentChanged(
            fields=sorted(fields),
            type=incident.type.code if "type" in fields else None,
            area=incident.area.code if "area" in fields and incident.area else None,
        )
        record_about(incident, "incident.changed", actor, body)
        return incident


def set_clocks(
    incident_id: int,
    *,
    received_at: datetime | None,
    answered_at: datetime | None,
    actor: Actor,
) -> None:
    """Start the clocks of an incident at other times, as its calls say: part of what changed
    these, inside its transaction."""
    incident = get(incident_id)
    given = {"received_at": received_at, "answered_at": answered_at}
    fields = {name: at for name, at in given.items() if getattr(incident, name) != at}
    if fields:
        change(incident, **fields)
        record_about(incident, "incident.changed", actor, IncidentChanged(fields=sorted(fields)))


def answer_questions(
    incident_id: int, answers: Mapping[str, str], *, actor: Actor, version: int | None = None
) -> Incident:
    """Keep triage answers and what the rules now propose; the priority itself stays until a
    person chooses it with `set_priority`."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        given = {**incident.answers, **checked_answers(incident.type, answers)}
        given = {q: a for q, a in given.items() if a}
        proposal = proposal_of(incident.type, given)
        change(
            incident,
            answers=given,
            suggested_priority=proposal.priority,
            suggested_rule=proposal.rule,
        )
        record_about(incident, "incident.answered", actor, Answered(answers=given))
        return incident


def set_priority(
    incident_id: int,
    priority: int,
    *,
    actor: Actor,
    siren: bool | None = None,
    version: int | None = None,
) -> Incident:
    """Choose the priority, as proposed or otherwise; the record keeps both."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        chosen = checked_priority(priority)
        fields: dict[str, Any] = {"priority": chosen}
        if siren is not None:
            fields["siren"] = siren
        due = dispatch_due(chosen, afterwards=incident.afterwards)
        if incident.state in WAITING:
            fields["dispatch_due_at"] = due and (incident.dispatch_due_at or due)
        if chosen < MAY_WAIT:
            take_up(incident, actor=actor)
        change(incident, **fields)
        record_priority(incident, actor, accepted=chosen == incident.suggested_priority)
        if due is None:
            finish_alarm("undispatched", incident, actor=actor)
        return incident


def set_level(
    incident_id: int, level: int, *, actor: Actor, version: int | None = None
) -> Incident:
    """Raise the alarm level, by which the response plan asks for more units, or take it back."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        before, chosen = incident.level, checked_level(level)
        if before != chosen:
            change(incident, level=chosen)
            body = LevelChosen(level=chosen, before=before)
            record_about(incident, "incident.level", actor, body)
        return incident


def add_note(
    incident_id: int, text: str, *, actor: Actor, occurred_at: datetime | None = None
) -> Text:
    """Write a note into the timeline. Whoever works on the incident may. `occurred_at` is when it
    was written, where it comes late."""
    with transaction():
        incident = get(incident_id)
        note = keep(subject_of(incident), "note", text, actor=actor, at=occurred_at)
        if note is None:
            raise Invalid(_("The note is empty."), code="empty")
        body = NoteAdded(text_id=note.pk)
        record_about(incident, "incident.note", actor, body, occurred_at)
        return note


def strike_note(incident_id: int, text_id: int, *, reason: str, actor: Actor) -> None:
    """Strike a wrong note through, with the reason; it stays readable."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        check_reason("strike", reason)
        incident = get(incident_id)
        note = fetch(Text, pk=text_id, subject=subject_of(incident), field="note")
        if note.struck_at is None:
            note.struck_at = clock.now()
            note.save(update_fields=["struck_at"])
            body = NoteStruck(text_id=note.pk, reason=reason)
            record_about(incident, "incident.note_struck", actor, body)


def _triage_as(kind: IncidentType, answers: Mapping[str, str]) -> dict[str, Any]:
    """The answers that also count for another type, and what its rules make of them."""
    questions = {q.code: q for q in kind.questions.all()}
    kept = {q: a for q, a in answers.items() if q in questions and a in answers_to(questions[q])}
    proposal = proposal_of(kind, kept)
    return {
        "answers": kept,
        "suggested_priority": proposal.priority,
        "suggested_rule": proposal.rule,
    }
