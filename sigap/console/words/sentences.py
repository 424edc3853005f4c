"""A sentence for each kind of journal row, in the language of whoever reads it."""

from django.utils.translation import gettext as _

from .alerts import TELL_WHY, alert_templates
from .chats import chat_templates
from .complaints import TELL_THEIR_REASON as OF_COMPLAINTS
from .complaints import complaint_templates
from .field import field_templates
from .mass import mass_templates
from .neighbours import TELL_THEIR_REASON as OF_NEIGHBOURS
from .neighbours import neighbour_templates
from .places import TELL_THEIR_REASON as OF_PLACES
from .places import place_templates
from .positions import position_templates
from .proposals import proposal_templates
from .readiness import readiness_templates
from .surveys import survey_templates
from .warnings import warning_templates

# Behind whose sentence the reason or class stands.
TELL_THEIR_REASON = {
    *("call.close", "call.reclassify", "call.claimed", "call.waive", "call.refuse", "party.fail"),
    *("call.screen", "call.set_aside", "call.queue", "call.fact", "call.reviewed"),
    *("call.call_back", "call.miss", "call.give_up"),
    *("surge.declared", "shift.paused"),
    *("incident.resolve", "incident.close", "incident.cancel", "incident.reopen"),
    *("assignment.decline", "assignment.cancel", "assignment.corrected", "unit.withdraw"),
    *("incident.note_struck", "review_note.struck", "personal.hold"),
    *("equipment.fail", "equipment.miss", "hospital.diverted"),
    *("alarm.shelve", "alarm.finish", "follow_up.close", "unit.mayday_over"),
    "proposal.dismiss",
    *(OF_COMPLAINTS | OF_NEIGHBOURS | OF_PLACES | TELL_WHY),
}


def of_themselves() -> dict[str, str]:
    """Where the one who acts is the one whom it is about: a name said twice reads as two."""
    return {
        "call.answer": _("Call %(id)s answered"),
        "call.late_answer": _("Call %(id)s had been answered"),
        "call.claimed": _("Call %(id)s claimed"),
    }


def templates() -> dict[str, str]:
    """A sentence for each kind of journal row."""
    return (
        complaint_templates()
        | chat_templates()
        | field_templates()
        | survey_templates()
        | neighbour_templates()
        | warning_templates()
        | alert_templates()
        | position_templates()
        | readiness_templates()
        | place_templates()
        | mass_templates()
        | proposal_templates()
        | {
            "edition.published": _("The figures of %(month)s are public"),
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
            "incident.level": _("Alarm level %(level)s"),
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
            "unit.reserve": _("%(unit)s reserved"),
            "unit.release": _("%(unit)s no longer reserved"),
            "unit.withdraw": _("%(unit)s taken out of service"),
            "unit.return": _("%(unit)s available again"),
            "unit.changed": _("%(unit)s: duty or readiness changed"),
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
            "journal.closed": _("The day's record was closed and its heads published"),
            "review_note.written": _("After-action note"),
            "review_note.struck": _("After-action note struck through"),
            "person.opened": _("Personal data opened"),
            "personal.erased": _("Personal data erased"),
        }
    )
