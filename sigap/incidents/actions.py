"""All that may be done to an incident."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    Answered,
    IncidentChanged,
    IncidentOpened,
    Merged,
    NoteAdded,
    Outcome,
    PriorityChosen,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import Text
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.places.models import Area, Landmark
from sigap.places.queries import area_at

from .machine import ACTIVE
from .models import (
    PRIORITIES,
    Disposition,
    Incident,
    IncidentLink,
    IncidentType,
    Question,
    ReasonCode,
)
from .queries import family_ids, get
from .triage import Proposal, propose

WORDS = ("address", "chronology", "reporter")


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
    at `received_at`, the first ring, where it is known.
    """
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        kind = fetch(IncidentType, code=type_code, active=True)
        place = _place(lat, lng, area_code, landmark_id, location_source)
        given = _checked_answers(kind, answers or {})
        proposal = _propose(kind, given)
        chosen = _checked_priority(priority) if priority is not None else proposal.priority
        now = clock.now()
        opened = _not_in_future(occurred_at) or now
        incident = Incident.objects.create(
            type=kind,
            priority=chosen,
            suggested_priority=proposal.priority,
            suggested_rule=proposal.rule,
            siren=proposal.siren if siren is None else siren,
            answers=given,
            victims=_checked_victims(victims),
            accuracy_m=accuracy_m,
            received_at=received_at or opened,
            answered_at=answered_at,
            opened_at=opened,
            dispatch_due_at=_dispatch_due(chosen, now),
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
            _record(incident, "incident.answered", actor, Answered(answers=given))
        _record_priority(incident, actor, accepted=chosen == proposal.priority)
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
                text = keep(subject_of(incident), name, facts[name], actor=actor)
                old = getattr(incident, name)
                if (text.body if text else "") != (old.body if old else ""):
                    fields[name] = text
        if "type_code" in facts and facts["type_code"] != incident.type.code:
            fields["type"] = fetch(IncidentType, code=facts["type_code"], active=True)
        if "victims" in facts:
            fields["victims"] = _checked_victims(facts["victims"])
        place = {"lat", "lng", "area_code", "landmark_id"}
        if place & set(facts):
            fields |= _place(
                facts.get("lat"),
                facts.get("lng"),
                facts.get("area_code", ""),
                facts.get("landmark_id"),
                facts.get("location_source", ""),
            )
        fields = {n: v for n, v in fields.items() if getattr(incident, n) != v}
        if not fields:
            return incident
        change(incident, **fields)
        body = IncidentChanged(
            fields=sorted(fields),
            type=incident.type.code if "type" in fields else None,
            area=incident.area.code if "area" in fields and incident.area else None,
        )
        _record(incident, "incident.changed", actor, body)
        return incident


def answer_questions(
    incident_id: int, answers: Mapping[str, str], *, actor: Actor, version: int | None = None
) -> Incident:
    """Keep triage answers and what the rules now propose; the priority itself stays until a
    person chooses it with `set_priority`."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        given = {**incident.answers, **_checked_answers(incident.type, answers)}
        given = {q: a for q, a in given.items() if a}
        proposal = _propose(incident.type, given)
        change(
            incident,
            answers=given,
            suggested_priority=proposal.priority,
            suggested_rule=proposal.rule,
        )
        _record(incident, "incident.answered", actor, Answered(answers=given))
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
        chosen = _checked_priority(priority)
        fields: dict[str, Any] = {"priority": chosen}
        if siren is not None:
            fields["siren"] = siren
        if incident.dispatch_due_at is None and incident.state in ("open", "reopened"):
            fields["dispatch_due_at"] = _dispatch_due(chosen, clock.now())
        change(incident, **fields)
        _record_priority(incident, actor, accepted=chosen == incident.suggested_priority)
        return incident


def add_note(incident_id: int, text: str, *, actor: Actor) -> Text:
    """Write a note into the timeline. Whoever works on the incident may."""
    with transaction():
        incident = get(incident_id)
        note = keep(subject_of(incident), "note", text, actor=actor)
        if note is None:
            raise Invalid(_("The note is empty."), code="empty")
        _record(incident, "incident.note", actor, NoteAdded(text_id=note.pk))
        return note


def strike_note(incident_id: int, text_id: int, *, actor: Actor) -> None:
    """Strike a wrong note through; it stays readable."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        note = fetch(Text, pk=text_id, subject=subject_of(incident), field="note")
        if note.struck_at is None:
            note.struck_at = clock.now()
            note.save(update_fields=["struck_at"])
            _record(incident, "incident.note_struck", actor, NoteAdded(text_id=note.pk))


def start_incident(incident: Incident, *, actor: Actor) -> None:
    """Note that the first unit was notified: part of sending units, inside its transaction."""
    if incident.MACHINE.allows(incident.state, "start"):
        move(incident, "start", actor=actor, case=subject_of(incident), dispatch_due_at=None)
        finish_alarm("undispatched", incident, actor=actor)


def resolve_incident(
    incident_id: int, *, actor: Actor, disposition: str = "", version: int | None = None
) -> Incident:
    """Say that nothing more is expected of the field. How it ended may follow at the close."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        outcome = _disposition(disposition) if disposition else None
        move(
            incident,
            "resolve",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(disposition=disposition),
            disposition=outcome,
            resolved_at=clock.now(),
            dispatch_due_at=None,
        )
        finish_alarm("undispatched", incident, actor=actor)
        return incident


def close_incident(
    incident_id: int, *, disposition: str, actor: Actor, version: int | None = None
) -> Incident:
    """Close the file with how it ended. An active incident is resolved on the way."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        outcome = _disposition(disposition)
        if incident.state in ACTIVE:
            incident = resolve_incident(incident_id, actor=actor)
        move(
            incident,
            "close",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(disposition=disposition),
            disposition=outcome,
            closed_at=clock.now(),
        )
        return incident


def cancel_incident(
    incident_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> Incident:
    """End an incident that needs nobody, with the reason."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        _checked_reason("cancel", reason)
        text = keep(subject_of(incident), "note", note, actor=actor)
        move(
            incident,
            "cancel",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(reason=reason, text_id=text.pk if text else None),
            closed_at=clock.now(),
            dispatch_due_at=None,
        )
        finish_alarm("undispatched", incident, actor=actor)
        return incident


def reopen_incident(
    incident_id: int, *, reason: str, actor: Actor, note: str = "", version: int | None = None
) -> Incident:
    """Take up a resolved, closed or cancelled incident again, with the reason."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        _checked_reason("reopen", reason)
        text = keep(subject_of(incident), "note", note, actor=actor)
        move(
            incident,
            "reopen",
            actor=actor,
            case=subject_of(incident),
            body=Outcome(reason=reason, text_id=text.pk if text else None),
            resolved_at=None,
            closed_at=None,
            disposition=None,
            dispatch_due_at=_dispatch_due(incident.priority, clock.now()),
        )
        return incident


def merge_incident(
    incident_id: int, into_id: int, *, actor: Actor, version: int | None = None
) -> Incident:
    """Say that two incidents are the same: this one rests, `into_id` carries on. Calls,
    units and history stay where they were and are shown with the one that carries on."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident, into = get(incident_id), get(into_id)
        expect(incident, version)
        if into.pk in family_ids(incident):
            raise Invalid(_("An incident cannot be merged into itself."), code="loop")
        if into.state not in ACTIVE:
            raise Refused(_("The other incident is not open any more."))
        move(
            incident,
            "merge",
            actor=actor,
            case=subject_of(incident),
            body=Merged(other=into.pk),
            merged_into=into,
            dispatch_due_at=None,
        )
        finish_alarm("undispatched", incident, actor=actor)
        change(into)
        _record(into, "incident.absorbed", actor, Merged(other=incident.pk))
        return into


def unmerge_incident(incident_id: int, *, actor: Actor, version: int | None = None) -> Incident:
    """Take a merge back: the incident is open again on its own."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        into = incident.merged_into
        move(
            incident,
            "unmerge",
            actor=actor,
            case=subject_of(incident),
            body=Merged(other=into.pk if into else 0),
            merged_into=None,
            dispatch_due_at=_dispatch_due(incident.priority, clock.now()),
        )
        if into:
            change(into)
            _record(into, "incident.released", actor, Merged(other=incident.pk))
        return incident


def link_incidents(incident_id: int, other_id: int, kind: str, *, actor: Actor) -> None:
    """Say that two incidents belong together: `other` is the parent, or is related."""
    actor.require(Permission.MANAGE_INCIDENTS)
    if kind not in dict(IncidentLink.KINDS):
        raise Invalid(_("Unknown kind of link."), code="kind")
    with transaction():
        incident, other = get(incident_id), get(other_id)
        if incident == other:
            raise Invalid(_("An incident cannot be linked to itself."), code="loop")
        _link, made = IncidentLink.objects.get_or_create(incident=incident, other=other, kind=kind)
        if made:
            _record(incident, "incident.linked", actor, Merged(other=other.pk, link=kind))


def alarm_undispatched(*, actor: Actor) -> int:
    """Raise an alarm for each incident that should have had a unit by now."""
    now = clock.now()
    with transaction():
        due = list(Incident.objects.filter(dispatch_due_at__lte=now))
        for incident in due:
            late = round((now - (incident.dispatch_due_at or now)).total_seconds())
            Incident.objects.filter(pk=incident.pk).update(dispatch_due_at=None)
            raise_alarm(
                "undispatched",
                incident,
                owner="dispatcher",
                urgency=incident.priority,
                case=subject_of(incident),
                actor=actor,
                late_s=late,
            )
        return len(due)


def _record(incident: Incident, kind: str, actor: Actor, body: Any) -> None:
    subject = subject_of(incident)
    record(kind, subject=subject, case=subject, actor=actor, body=body)


def _record_priority(incident: Incident, actor: Actor, *, accepted: bool) -> None:
    body = PriorityChosen(
        suggested=incident.suggested_priority,
        rule=incident.suggested_rule,
        chosen=incident.priority,
        siren=incident.siren,
        accepted=accepted,
    )
    _record(incident, "incident.priority", actor, body)


def _propose(kind: IncidentType, answers: Mapping[str, str]) -> Proposal:
    default = Proposal(kind.priority, kind.siren, "")
    return propose(kind.rules.all(), answers, default=default)


def _checked_answers(kind: IncidentType, answers: Mapping[str, str]) -> dict[str, str]:
    """Only questions of this type, only answers that they offer; "" takes one back."""
    if not answers:
        return {}
    questions = {q.code: q for q in kind.questions.all()}
    for code, answer in answers.items():
        if code not in questions or answer not in ("", *_offered(questions[code])):
            raise Invalid(
                _("Not an answer to “%(code)s”: %(answer)s")
                % {"code": str(code)[:40], "answer": str(answer)[:40]},
                code="answer",
            )
    return dict(answers)


def _offered(question: Question) -> list[str]:
    if question.kind == "yes_no":
        return ["yes", "no", "unsure"]
    if question.kind == "count":
        return ["0", "1", "2", "3", "4+", "unsure"]
    return [option[0] for option in question.options]


def _place(
    lat: float | None, lng: float | None, area_code: str, landmark_id: int | None, source: str
) -> dict[str, Any]:
    """A point gives its area; a landmark or an area gives the point that stands for it."""
    area = fetch(Area, code=area_code) if area_code else None
    mark = None
    if landmark_id is not None:
        mark = fetch(Landmark.objects.select_related("area"), pk=landmark_id)
        area = area or mark.area
    if lat is not None and lng is not None:
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            raise Invalid(_("This is not a point on the map."), code="point")
        area, source = area_at(lat, lng) or area, source or "map"
    elif mark is not None and mark.lat is not None:
        lat, lng, source = mark.lat, mark.lng, "landmark"
    elif area is not None:
        lat, lng, source = area.lat, area.lng, "area"
    return {
        "lat": lat,
        "lng": lng,
        "area": area,
        "landmark": mark,
        "location_source": source if lat is not None else "",
    }


def _dispatch_due(priority: int, now: datetime) -> datetime | None:
    """P1 and P2 must have a unit notified soon; the others wait without an alarm."""
    if priority > 2:  # noqa: PLR2004 - P1 and P2
        return None
    return now + timedelta(seconds=value("incidents.undispatched_s"))


def _checked_priority(priority: int) -> int:
    if priority not in dict(PRIORITIES):
        raise Invalid(_("The priority must be 1 to 4."), code="priority")
    return priority


def _checked_victims(victims: int | None) -> int | None:
    if victims is not None and not 0 <= victims <= 100_000:  # noqa: PLR2004
        raise Invalid(_("The number of victims is not possible."), code="victims")
    return victims


def _disposition(code: str) -> Disposition:
    found = Disposition.objects.filter(code=code, active=True).first()
    if found is None:
        raise Invalid(_("Choose how it ended."), code="disposition")
    return found


def _checked_reason(purpose: str, code: str) -> None:
    if not ReasonCode.objects.filter(purpose=purpose, code=code, active=True).exists():
        raise Invalid(_("Choose a reason."), code="reason")


def _not_in_future(at: datetime | None) -> datetime | None:
    if at is not None and at > clock.now() + timedelta(seconds=60):
        raise Invalid(_("The time lies in the future."), code="future")
    return at
