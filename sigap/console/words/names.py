"""What people call the codes of the machines, in the language of whoever reads it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .neighbours import neighbour_alarms
from .warnings import warning_alarms, warning_jobs


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
        "unreached": _("Nobody of a unit can be reached: use the radio"),
        "unanswered": _("Still nobody answers: look after it"),
        "channel_down": _("A way of alerting crews does not work"),
        "declined": _("A unit declines"),
        "mayday": _("A crew calls for help (mayday)"),
        "wants_caller": _("A crew wants to speak with the caller"),
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
        "checks_late": _("Equipment of units on duty is not checked"),
        "expiring": _("Must-have equipment expires soon"),
        "parked": _("An incident has been put behind for long"),
        "closure_check": _("Is the road still closed?"),
        "low_mark": _("A low mark asks to be looked into"),
        "budget": _("Paid WhatsApp messages near or over the month's budget"),
        **neighbour_alarms(),
        **warning_alarms(),
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
        "alerts": _("Alerts the crews of units that were sent"),
        "alert_sender": _("Sends alerts to phones"),
        "channels": _("Finds ways of alerting that do not work"),
        "unattended": _("Finds callers whom nobody looks after"),
        "set_aside": _("Finds calls set aside for long"),
        "parties": _("Frees whom no exchange has rung"),
        "silent_ends": _("Ends silent calls, where the city wants that"),
        "dial": _("Has callers rung back"),
        "callers": _("Sees what callers are to be told"),
        "caller_sender": _("Tells callers by SMS"),
        "parked": _("Asks about incidents that were put behind"),
        "closures": _("Asks about closed roads at their time"),
        "quiet_alarms": _("Brings quiet alarms back"),
        "recordings": _("Keeps the recordings of calls"),
        "neighbours": _("Minds what neighbouring centres owe an answer to"),
        "neighbours_sender": _("Sends to neighbouring centres"),
        "repeats": _("Joins reports that somebody sent twice"),
        "sorting": _("Learns to sort reports"),
        "demand": _("Forecasts the calls of the coming week"),
        "complaints": _("Minds the deadlines of complaints"),
        "chat_news": _("Tells citizens what became of their reports"),
        "chat_drafts": _("Asks those who have not finished a report"),
        "chat_sender": _("Sends WhatsApp messages"),
        "chat_files": _("Fetches what was sent by WhatsApp"),
        "erased_files": _("Removes erased recordings from the disk"),
        "readiness": _("Finds equipment that expires and checks that are late"),
        "trends": _("Seeks what is unusual in the last two weeks"),
        "bursts": _("Seeks many cases at once in one neighbourhood"),
        "returns": _("Seeks what comes back"),
        "journal_days": _("Publishes the heads of the journal's days"),
        "digest": _("Sends the weekly digest"),
        "editions": _("Publishes the figures of months that are over"),
        "sign_ins": _("Forgets old sign-ins"),
        "retention": _("Erases personal data at its time"),
        **warning_jobs(),
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
