"""The journal in words, in the language of whoever reads it."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sigap.calls.machine import CALL, PARTY, REVIEW
from sigap.calls.models import PhoneBookEntry
from sigap.complaints.machine import COMPLAINT, REFERRAL
from sigap.complaints.models import Category
from sigap.complaints.survey.machine import FOLLOW_UP, SURVEY
from sigap.core.models import ALARM, Journal, ReasonCode, User
from sigap.core.names import named
from sigap.dispatch.machine import ASSIGNMENT
from sigap.fleet.machine import UNIT
from sigap.fleet.models import Agency
from sigap.incidents.machine import INCIDENT
from sigap.incidents.models import Disposition, IncidentType, Question
from sigap.places.models import Area

from .chatwords import chat_templates
from .complaintwords import TELL_THEIR_REASON, complaint_templates
from .surveywords import survey_templates

_ALL = (
    *(CALL, PARTY, REVIEW, INCIDENT, COMPLAINT, REFERRAL, SURVEY, FOLLOW_UP),
    *(ASSIGNMENT, UNIT, ALARM),
)
MACHINES = {machine.name: machine for machine in _ALL}


class Words:
    """Sentences for journal rows; knows the people and the city's names that they mention."""

    def __init__(self, kind: IncidentType | None = None) -> None:
        """`kind` is the type whose questions the case was asked."""
        self.kind = kind
        self.people = {f"user:{pk}": name for pk, name in User.objects.values_list("id", "name")}
        self.types = {row.code: named(row) for row in IncidentType.objects.all()}
        self.outcomes = {row.code: named(row) for row in Disposition.objects.all()}
        listed = {row.code: named(row) for row in ReasonCode.objects.order_by("-id")}
        self.reasons = unreached_names() | listed
        self.phone_book = {row.code: named(row) for row in PhoneBookEntry.objects.all()}
        self.areas = dict(Area.objects.values_list("code", "name"))

    def actor(self, code: str) -> str:
        """Who acted: a person's name, or that it happened by itself."""
        if code in self.people:
            return self.people[code]
        return _("system (%(name)s)") % {"name": code.removeprefix("system:")}

    def reason(self, code: str) -> str:
        """A reason's name, the city's or a machine's; a code that is no longer on a list stands
        for itself."""
        return self.reasons.get(code) or cause_names().get(code, code)

    def sentence(self, row: Journal) -> str:
        """What the row says happened."""
        by_themselves = row.actor == f"user:{row.body.get('operator')}"
        template = _of_themselves().get(row.kind) if by_themselves else None
        if row.kind == "call.fact" and row.body.get("source"):
            template = _("Call %(id)s: one more sign")
        template = template or _templates().get(row.kind)
        if template is None:
            return row.kind
        text = template % self._facts(row)
        more = [self._classes().get(row.body.get("call_class", ""), "")]
        more.append(gate_names().get(row.body.get("source", ""), ""))
        more.append(self.reason(row.body.get("reason", "")))
        more.append(self.outcomes.get(row.body.get("disposition", ""), ""))
        if row.kind in _TELL_THEIR_REASON:
            text = ": ".join([text, *[m for m in more if m]])
        return text

    def _facts(self, row: Journal) -> dict[str, Any]:
        noun, _colon, key = row.subject.partition(":")
        body = row.body
        operator = body.get("operator")
        rule = body.get("rule", "")
        return {
            "id": key,
            "noun": noun,
            "call": body.get("call", ""),
            "party": self._party(body),
            "unit": body.get("unit", ""),
            "other": body.get("other") or body.get("incident") or "",
            "type": self.types.get(body.get("type") or "", body.get("type") or ""),
            "area": self.areas.get(body.get("area") or "", _("place unknown")),
            "priority": f"P{body.get('chosen') or body.get('priority') or ''}",
            "suggested": f"P{body.get('suggested') or ''}" + (f" ({rule})" if rule else ""),
            "operator": self.people.get(f"user:{operator}", _("somebody")),
            "fields": ", ".join(field_names().get(f, f) for f in body.get("fields") or ()),
            "answers": "; ".join(
                f"{self._questions.get(q, q)} {self._answers.get((q, a), a)}"
                for q, a in (body.get("answers") or {}).items()
            ),
            "attempt": body.get("attempt", 0),
            "alarm": alarm_names().get(body.get("alarm", ""), body.get("alarm", "")),
            "fix": self._fix(body),
            "category": self._categories.get(body.get("category", ""), "–"),
            "agency": self._agencies.get(body.get("agency", ""), body.get("agency", "")),
            "officer": self.people.get(f"user:{body.get('officer')}", _("somebody")),
            "score": body.get("score") or "–",
            "state": state_names("assignment").get(body.get("state", ""), ""),
        }

    def _party(self, body: dict[str, Any]) -> str:
        if entry := body.get("entry"):
            return self.phone_book.get(entry, str(entry))
        return self.people.get(f"user:{body.get('user')}", _("somebody"))

    def _fix(self, body: dict[str, Any]) -> str:
        radius = f"±{body['radius_m']} m" if "radius_m" in body else ""
        source = fix_sources().get(body.get("source", ""), "")
        fault = _("not usable") if body.get("fault") else ""
        return ", ".join(filter(None, (radius, source, fault))) or _("how exactly is unknown")

    @cached_property
    def _categories(self) -> dict[str, str]:
        return {row.code: named(row) for row in Category.objects.all()}

    @cached_property
    def _agencies(self) -> dict[str, str]:
        return dict(Agency.objects.values_list("code", "short"))

    @cached_property
    def _asked(self) -> list[Question]:
        return list(self.kind.questions.all()) if self.kind else []

    @cached_property
    def _questions(self) -> dict[str, str]:
        # Also of other types: what was merged into an incident may be of one.
        return {q.code: named(q) for q in (*Question.objects.all(), *self._asked)}

    @cached_property
    def _answers(self) -> dict[tuple[str, str], str]:
        return {
            (q.code, code): name
            for q in Question.objects.all()
            for code, name in q.answer_names().items()
        }

    def _classes(self) -> dict[str, str]:
        return class_names()


_TELL_THEIR_REASON = {
    *("call.close", "call.reclassify", "call.claimed", "call.waive", "call.refuse", "party.fail"),
    *("call.screen", "call.set_aside", "call.queue", "call.fact", "call.reviewed"),
    *("call.call_back", "call.miss", "call.give_up"),
    *("surge.declared", "shift.paused"),
    *("incident.resolve", "incident.close", "incident.cancel", "incident.reopen"),
    *("assignment.decline", "assignment.cancel", "assignment.corrected", "unit.withdraw"),
    *("incident.note_struck", "personal.hold"),
    *("alarm.shelve", "alarm.finish", "follow_up.close"),
    *TELL_THEIR_REASON,
}


def class_names() -> dict[str, str]:
    """What people call the classes of calls."""
    return {
        "emergency": _("Emergency"),
        "complaint": _("Complaint"),
        "information": _("Information"),
        "prank": _("Prank"),
        "abandoned": _("Abandoned"),
        "misdial": _("Misdial"),
        "silent": _("Silent"),
        "noise": _("Noise"),
        "repeat": _("Repeat"),
        "test": _("Test"),
        "out_of_area": _("Out of area"),
    }


def alarm_names() -> dict[str, str]:
    """What each alarm says."""
    return {
        "ringing": _("A call rings too long"),
        "stale_claim": _("An operator's console is silent"),
        "callback": _("A call-back is due"),
        "undispatched": _("No unit is at work there"),
        "unacknowledged": _("A unit does not acknowledge"),
        "declined": _("A unit declines"),
        "unattended": _("Nobody looks after a caller"),
        "refused": _("A message from another system could not be carried out"),
        "set_aside": _("A call has been set aside for long"),
        "unkept": _("Recordings cannot be kept"),
        "unrecorded": _("A recording is lost"),
        "unclaimed": _("A recording belongs to no call that is known"),
        "danger": _("A report tells of danger: call back"),
        "unforwarded": _("Complaints are with no agency in time"),
        "unchecked": _("Answers to complaints were not checked in time"),
        "unplanned": _("An agency has not planned in time"),
        "unsolved": _("An agency has not answered complaints in time"),
        "low_mark": _("A low mark asks to be looked into"),
        "budget": _("Paid WhatsApp messages near or over the month's budget"),
    }


def job_names() -> dict[str, str]:
    """What the worker's jobs do."""
    return {
        "inbox": _("Takes in the exchange's events"),
        "ringing": _("Finds calls that ring too long"),
        "stale_claims": _("Finds silent consoles"),
        "call_backs": _("Finds call-backs that are due"),
        "undispatched": _("Finds incidents without a unit"),
        "unacknowledged": _("Finds units that do not answer"),
        "unattended": _("Finds callers whom nobody looks after"),
        "set_aside": _("Finds calls set aside for long"),
        "parties": _("Frees whom no exchange has rung"),
        "silent_ends": _("Ends silent calls, where the city wants that"),
        "dial": _("Has callers rung back"),
        "quiet_alarms": _("Brings quiet alarms back"),
        "recordings": _("Keeps the recordings of calls"),
        "repeats": _("Joins reports that somebody sent twice"),
        "sorting": _("Learns to sort reports"),
        "complaints": _("Minds the deadlines of complaints"),
        "chat_news": _("Tells citizens what became of their reports"),
        "chat_drafts": _("Asks those who have not finished a report"),
        "chat_sender": _("Sends WhatsApp messages"),
        "chat_files": _("Fetches what was sent by WhatsApp"),
        "erased_files": _("Removes erased recordings from the disk"),
        "sign_ins": _("Forgets old sign-ins"),
        "retention": _("Erases personal data at its time"),
    }


def gate_names() -> dict[str, str]:
    """How the gate let a call through."""
    return {
        "callback": _("we rang back"),
        "speech": _("spoke at the gate"),
        "skipped": _("need not pass the gate"),
        "open": _("the gate stood open"),
        "key": _("pressed a key at the gate"),
        "noise": _("noise at the gate"),
        "released": _("let through by a person"),
        "silent": _("nobody was heard at the gate"),
    }


def cause_names() -> dict[str, str]:
    """Why the gate, an exchange or the system itself did something."""
    return {
        # the gate let somebody through who gave no sign
        "off": _("the gate is switched off"),
        "surge": _("surge"),
        "near_incident": _("near an open incident"),
        "known": _("a real report before"),
        "no_control_room": _("the control room could not be asked"),
        "no_voice_detector": _("no voice detector"),
        "not_heard": _("the line could not be listened to"),
        "no_sound": _("no sound came in from the line"),
        "no_prompt": _("the prompt could not be played"),
        "recovered": _("the exchange began anew"),
        "fault": _("fault of the gate"),
        # what it heard
        "other_key": _("another key than 0"),
        "no_sign": _("no sign"),
        "some_sound": _("some sound, no word"),
        "unheard": _("hung up without a sound"),
        # what a review heard
        "somebody": _("somebody was there"),
        "nobody": _("nobody was there"),
        # how a telephone did not take a call
        "declined": _("declined"),
        "busy": _("busy"),
        "no_answer": _("not picked up"),
        "absent": _("not there"),
        "failed": _("could not be reached"),
        "lost": _("the exchange lost it"),
        "other": _("another reason"),
        "hung_up": _("picked up and hung up again"),
        "no_word": _("the exchange did not say"),
        "returned": _("as the call said by which we rang back"),
        "silent": _("ended without a sound"),
    }


def operator_states() -> dict[str, str]:
    """What somebody at a desk does."""
    return {
        "free": pgettext("operator", "Free"),
        "talking": _("Talking"),
        "held": _("On hold"),
        "wrap_up": _("Wrap-up"),
        "joined": _("On a colleague's line"),
        "paused": _("Paused"),
        "silent": _("Console silent"),
    }


def field_names() -> dict[str, str]:
    """The facts of an incident that may be corrected."""
    return {
        "address": _("address"),
        "chronology": _("what happened"),
        "reporter": _("reporter"),
        "type": _("type"),
        "victims": _("victims"),
        "lat": _("position"),
        "lng": _("position"),
        "area": _("kelurahan"),
        "landmark": _("landmark"),
        "location_source": _("source of the position"),
        "accuracy_m": _("accuracy"),
        "answers": _("answers"),
        "suggested_priority": _("proposed priority"),
        "suggested_rule": _("rule"),
        "received_at": _("first ring"),
        "answered_at": _("first answer"),
    }


def fix_sources() -> dict[str, str]:
    """How a phone found out where it is."""
    return {"gps": _("GPS"), "wifi": _("Wi-Fi"), "cell": _("cell"), "fused": _("several sources")}


def unreached_names() -> dict[str, str]:
    """Why somebody did not come to the telephone, as the exchange says it; and why a call
    changed hands by it."""
    return {
        "busy": _("busy"),
        "no_answer": _("no answer"),
        "declined": _("declined"),
        "absent": _("no telephone connected"),
        "failed": _("no connection"),
        "transfer": _("handed over"),
        "telephone": _("the telephone of somebody else has the call"),
    }


def state_names(machine: str) -> dict[str, str]:
    """What people call the states of a machine."""
    return {state: str(name) for state, name in MACHINES[machine].names.items()}


def _of_themselves() -> dict[str, str]:
    """Where the one who acts is the one whom it is about: a name said twice reads as two."""
    return {
        "call.answer": _("Call %(id)s answered"),
        "call.late_answer": _("Call %(id)s had been answered"),
        "call.claimed": _("Call %(id)s claimed"),
    }


def _templates() -> dict[str, str]:
    return complaint_templates() | {
        **chat_templates(),
        **survey_templates(),
        "call.presented": _("Call %(id)s rings"),
        "call.screen": _("Call %(id)s passed the gate"),
        "call.set_aside": _("Call %(id)s set aside, line open"),
        "call.queue": _("Call %(id)s waits in the queue"),
        "call.refuse": _("No telephone took call %(id)s: it waits again"),
        "call.answer": _("Call %(id)s answered by %(operator)s"),
        "call.late_answer": _("Call %(id)s had been answered by %(operator)s"),
        "call.hold": _("Call %(id)s on hold"),
        "call.resume": _("Call %(id)s resumed"),
        "call.stay": _("Call %(id)s: the operator talks on, the other party had gone"),
        "call.leave": _("Call %(id)s left to the caller and the other party"),
        "party.invite": _("Call %(call)s: %(party)s is rung"),
        "party.change": _("Call %(call)s: %(party)s takes part otherwise"),
        "party.join": _("Call %(call)s: %(party)s is on the line"),
        "party.take": _("Call %(call)s: %(party)s has taken it over"),
        "party.leave": _("Call %(call)s: %(party)s has left the line"),
        "party.fail": _("Call %(call)s: %(party)s was not reached"),
        "call.end": _("Call %(id)s hung up"),
        "call.abandon": _("Caller %(id)s hung up before the answer"),
        "call.fact": _("Call %(id)s: the exchange reports a time"),
        "call.close": _("Call %(id)s closed"),
        "call.reclassify": _("Call %(id)s put in another class"),
        "call.claimed": _("Call %(id)s claimed by %(operator)s"),
        "call.linked": _("Call %(id)s belongs to incident %(other)s"),
        "call.located": _("Call %(id)s: the phone tells its location (%(fix)s)"),
        "call.unlocated": _("Call %(id)s: a location of the phone was of another call"),
        "call.reviewed": _("Call %(id)s reviewed"),
        "call.end_silent": _("Silent call %(id)s ended; its caller is rung back once"),
        "call.dialled": _("The exchange rings caller %(id)s, attempt %(attempt)s"),
        "call.call_back": _("Caller %(id)s is to be rung back"),
        "call.reach": _("Caller %(id)s reached, attempt %(attempt)s"),
        "call.miss": _("Caller %(id)s not reached, attempt %(attempt)s"),
        "call.give_up": _("Caller %(id)s not reached, attempt %(attempt)s: given up"),
        "call.waive": _("Caller %(id)s will not be rung back"),
        "call.entered": _("Call %(id)s entered by hand"),
        "call.recorded": _("Call %(id)s: recording kept"),
        "call.unrecorded": _("Call %(id)s: a recording is lost"),
        "call.sampled": _("Call %(id)s drawn for scoring"),
        "recording.announced": _("A recording was finished"),
        "recording.played": _("Recording of call %(id)s played"),
        "review.score": _("A drawn call was scored"),
        "review.correct": _("The score of a call was corrected"),
        "review.acknowledge": _("The operator has read the score of a call"),
        "call.imported": _("Call %(id)s brought from an older system"),
        "incident.opened": _("Incident opened: %(type)s, %(area)s, %(priority)s"),
        "incident.imported": _("Incident brought from an older system"),
        "incident.changed": _("Corrected: %(fields)s"),
        "incident.answered": _("Answers: %(answers)s"),
        "incident.priority": _("Priority %(priority)s; proposed %(suggested)s"),
        "incident.start": _("First unit notified"),
        "incident.wait": _("Its units are gone: it waits for one again"),
        "incident.resolve": _("Resolved"),
        "incident.close": _("Closed"),
        "incident.cancel": _("Cancelled"),
        "incident.reopen": _("Reopened"),
        "incident.merge": _("Merged into incident %(other)s"),
        "incident.unmerge": _("Taken out of incident %(other)s again"),
        "incident.absorbed": _("Incident %(other)s merged into this one"),
        "incident.released": _("Incident %(other)s stands on its own again"),
        "incident.linked": _("Linked to incident %(other)s"),
        "incident.note": _("Note"),
        "incident.note_struck": _("Note struck through"),
        "personal.hold": _("Tied to a legal case: not erased"),
        "personal.lift": _("No longer tied to a legal case"),
        "assignment.proposed": _("%(unit)s proposed"),
        "assignment.made": _("%(unit)s chosen"),
        "assignment.imported": _("%(unit)s brought from an older system"),
        "assignment.notify": _("%(unit)s notified"),
        "assignment.acknowledge": _("%(unit)s acknowledges"),
        "assignment.decline": _("%(unit)s declines"),
        "assignment.depart": _("%(unit)s en route"),
        "assignment.arrive": _("%(unit)s on scene"),
        "assignment.transport": _("%(unit)s on the way to its destination"),
        "assignment.reach": _("%(unit)s at its destination"),
        "assignment.complete": _("%(unit)s done"),
        "assignment.cancel": _("%(unit)s called off"),
        "assignment.told_late": _("%(unit)s: time of “%(state)s” told later"),
        "assignment.corrected": _("%(unit)s: time of “%(state)s” corrected"),
        "alarm.raised": _("Alarm: %(alarm)s"),
        "alarm.acknowledge": _("Alarm acknowledged: %(alarm)s"),
        "alarm.shelve": _("Alarm shelved: %(alarm)s"),
        "alarm.repeat": _("Alarm is back: %(alarm)s"),
        "alarm.finish": _("Alarm over: %(alarm)s"),
        "surge.declared": _("Surge declared"),
        "surge.ended": _("Surge over"),
        "shift.started": _("Shift begun"),
        "shift.ended": _("Shift ended"),
        "shift.paused": _("Paused"),
        "shift.resumed": _("Back at the desk"),
        "person.opened": _("Personal data opened"),
        "personal.erased": _("Personal data erased"),
    }
