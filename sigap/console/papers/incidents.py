"""The case file of an incident, with all that was merged into it."""

from typing import Any

from django.utils.translation import gettext as _

from sigap.calls.models import Call, Recording
from sigap.core.actors import Actor
from sigap.core.models import Journal
from sigap.core.names import named
from sigap.dispatch.field.queries import photos_of
from sigap.dispatch.queries import assignments_of
from sigap.incidents.models import Incident
from sigap.incidents.queries import answered, family_ids
from sigap.reviews.notes.queries import notes_of

from ..casefile import number_of, rule_words, said_of, shown_job
from ..rows import Row
from ..words import Words, state_names
from .paper import Edition, file_line, name_of, paper, said, stamp


def incident_paper(incident: Incident, actor: Actor, edition: Edition) -> Row:
    """All that is known of an incident, or of it what may be given out."""
    releases, family = edition == "release", family_ids(incident)
    case = f"incident:{incident.pk}"
    calls = _calls(family)
    covers = [*(f"incident:{pk}" for pk in family), *(f"call:{pk}" for pk in sorted(calls))]
    found = paper(case, covers, actor, edition, incident.type)
    rows = Call.objects.select_related("contact", "operator").filter(pk__in=calls).order_by("pk")
    return found | {
        "title": _("Incident %(id)s") % {"id": incident.pk},
        "facts": _facts(incident, releases=releases) + _merges(incident, family),
        "calls": [_call(call, releases=releases) for call in rows],
        "units": [_unit(shown_job(job)) for job in assignments_of(incident)],
        "words": [] if releases else _words(incident, family),
        "review_notes": [] if releases else _review_notes(family),
        "attachments": _attachments(family, calls),
    }


def _calls(family: list[int]) -> set[int]:
    """The calls that belong to it, or did at some time."""
    now = Call.objects.filter(incident_id__in=family).values_list("pk", flat=True)
    cases = [f"incident:{pk}" for pk in family]
    ever = Journal.objects.filter(case__in=cases, subject__startswith="call:")
    subjects = ever.values_list("subject", flat=True).distinct()
    return {*now, *(int(subject.partition(":")[2]) for subject in subjects)}


def _facts(incident: Incident, *, releases: bool) -> list[list[Any]]:
    """Label and value, in the order in which they are read. What is not known is left empty."""
    area, suggested = incident.area, incident.suggested_priority
    facts: list[list[Any]] = [
        [_("Type"), named(incident.type)],
        [_("State"), state_names("incident").get(incident.state, incident.state)],
        [_("Outcome"), named(incident.disposition) if incident.disposition else ""],
        [_("Priority, recommended"), f"P{suggested}" if suggested else ""],
        [_("By the rule"), rule_words(incident)],
        [_("Priority, chosen"), f"P{incident.priority}"],
        [_("Alarm level"), str(incident.level)],
        [_("Kelurahan"), f"{area.name}, {area.district}" if area else ""],
        [_("First ring"), stamp(incident.received_at)],
        [_("Answered"), stamp(incident.answered_at)],
        [_("Opened"), stamp(incident.opened_at)],
        [_("Resolved"), stamp(incident.resolved_at)],
        [_("Closed"), stamp(incident.closed_at)],
    ]
    if not releases:
        point = "" if incident.point is None else f"{incident.point[0]}, {incident.point[1]}"
        facts += [
            [_("Address"), said(incident.address)],
            [_("Landmark"), incident.landmark.name if incident.landmark else ""],
            [_("Point"), point],
            [_("Reporter"), said(incident.reporter)],
            [_("Victims"), "" if incident.victims is None else str(incident.victims)],
            *([question, answer] for question, answer in answered(incident)),
        ]
    return [[label, value or ""] for label, value in facts]


def _merges(incident: Incident, family: list[int]) -> list[list[Any]]:
    facts = []
    if incident.merged_into_id:
        facts.append([_("Merged into"), f"#{incident.merged_into_id}"])
    if merged := [f"#{pk}" for pk in family if pk != incident.pk]:
        facts.append([_("Also reported as"), ", ".join(merged)])
    return facts


def _call(call: Call, *, releases: bool) -> Row:
    return {
        "id": call.pk,
        "number": "" if releases else number_of(call),
        "rang_at": stamp(call.presented_at),
        "answered_at": stamp(call.answered_at),
        "ended_at": stamp(call.ended_at),
        "operator": name_of(call.operator, releases=releases),
        "state": state_names("call").get(call.state, call.state),
    }


def _unit(shown: Row) -> Row:
    """A unit with what was recommended, why it was chosen, and its times with their sources."""
    job = shown["job"]
    return {
        "incident": job.incident_id,
        "unit": job.unit.call_sign,
        "agency": named(job.agency),
        "state": shown["state"],
        "recommended": [
            {"unit": sign, "eta_s": eta, "rank": rank}
            for rank, (sign, eta) in enumerate(job.advised, 1)
        ],
        "rank": job.rank,
        "eta_s": job.eta_s,
        "why_other": shown["choice"] or "",
        "times": [
            {
                "state": time["state"],
                "occurred_at": stamp(time["occurred"]),
                "recorded_at": stamp(time["recorded"]),
                "source": time["source"],
                "corrected": time["corrected"],
            }
            for time in shown["times"]
        ],
    }


def _words(incident: Incident, family: list[int]) -> list[Row]:
    """What was typed of it: what happened, the notes, the crews' reports."""
    words = Words()
    found = []
    for one in Incident.objects.select_related("chronology").filter(pk__in=family).order_by("pk"):
        if text := one.chronology:
            what = _("What happened")
            found.append(_said(what, stamp(text.at), words.actor(text.author), said(text)))
    notes, reports = said_of(family)
    for row in notes:
        note = row["note"]
        line = _said(_("Note"), stamp(note.at), row["by"], row["text"])
        found.append(line | {"struck": note.struck_at is not None})
    for row in reports:
        at, told = stamp(row["report"].occurred_at), f"{row['form']} {row['text']}".strip()
        found.append(_said(_("Report of a crew"), at, row["by"], told))
    return sorted(found, key=lambda line: line["at"] or "")


def _said(what: str, at: str | None, by: str, text: str) -> Row:
    return {"what": what, "at": at, "by": by, "text": text, "struck": False}


def _review_notes(family: list[int]) -> list[Row]:
    words = Words()
    return [
        {
            "moment": stamp(note.at),
            "at": stamp(note.text.at),
            "by": words.actor(note.text.author),
            "text": said(note.text),
            "struck": note.text.struck_at is not None,
        }
        for note in notes_of(family)
    ]


def _attachments(family: list[int], calls: set[int]) -> list[Row]:
    """Recordings and photos by the hashes that were recorded when they were kept."""
    sounds = Recording.objects.filter(call_id__in=calls).exclude(sha256="").order_by("pk")
    return [
        *(
            file_line(
                _("Recording of call %(id)s") % {"id": sound.call_id},
                sound.pk,
                sound.sha256,
                sound.ended_at,
                erased=sound.state == "erased",
            )
            for sound in sounds
        ),
        *(
            file_line(
                _("Photo of %(unit)s") % {"unit": photo.assignment.unit.call_sign},
                photo.pk,
                photo.digest,
                photo.occurred_at,
                erased=photo.erased_at is not None,
            )
            for photo in photos_of(family)
        ),
    ]
