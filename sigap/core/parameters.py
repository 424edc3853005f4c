"""The numbers that a city may set: one list, each with its default, bounds and unit.

They are changed on the administration screen; `docs/parameters.md` is made from this list.
"""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext_noop as _

from .models import Parameter
from .remembered import remembered


@dataclass(frozen=True)
class Known:
    """A number with its bounds: `unit` is shown to people, `what` says what it does."""

    default: float
    low: float
    high: float
    unit: str
    what: str


PARAMETERS: dict[str, Known] = {
    "calls.free_take_s": Known(
        20, 5, 120, "s", _("a claimed call cannot be taken over before this")
    ),
    "calls.heartbeat_s": Known(15, 5, 60, "s", _("how often an open console reports")),
    "calls.missed_heartbeats": Known(
        3, 1, 10, "", _("missed reports after which a claim is stale")
    ),
    "calls.ring_alarm_s": Known(20, 5, 300, "s", _("a call that rings longer raises an alarm")),
    "calls.unattended_s": Known(
        120, 15, 1800, "s", _("a caller on hold, or a call without an operator, for longer alarms")
    ),
    "calls.callback_due_s": Known(120, 10, 3600, "s", _("when an abandoned caller is to be rung")),
    "calls.callback_limit": Known(3, 1, 10, "", _("attempts before a call-back is given up")),
    "calls.callback_dials": Known(
        1, 0, 1, "", _("1: the exchange rings back by itself when a line is free; 0: people do")
    ),
    "calls.phones_ring_s": Known(
        10, 0, 300, "s", _("a call that nobody took rings all free telephones after this")
    ),
    "calls.supervisors_ring_s": Known(
        30, 5, 600, "s", _("and those of the supervisors after this")
    ),
    "calls.overflow_s": Known(
        60, 10, 1800, "s", _("and the second centre after this, where there is one")
    ),
    "calls.comfort_s": Known(
        30, 10, 300, "s", _("how often who waits hears that somebody is coming")
    ),
    "calls.exchange_silent_s": Known(
        30, 10, 600, "s", _("an Asterisk that answers nothing for so long is ended and begins anew")
    ),
    "calls.phone_answer_s": Known(
        15, 3, 60, "s", _("an operator's telephone must take a call that was taken on the screen")
    ),
    "calls.party_answer_s": Known(
        45, 10, 120, "s", _("whom an operator brings into a call must answer within this")
    ),
    "calls.listening_shows": Known(
        1, 0, 1, "", _("1: operators see on their screen that a supervisor listens; 0: they do not")
    ),
    "gate.on": Known(1, 0, 1, "", _("1: callers pass the voice gate; 0: every call rings")),
    "gate.wait_ms": Known(
        400, 50, 3000, "ms", _("the gate waits so long to be told what is known of a caller")
    ),
    "gate.first_s": Known(4, 1, 30, "s", _("listened after the first prompt")),
    "gate.second_s": Known(6, 1, 60, "s", _("listened after the second prompt")),
    "gate.speech_s": Known(0.4, 0.1, 2, "s", _("so much voice within two seconds is speech")),
    "gate.floor_db": Known(-54, -80, -20, "dBFS", _("quieter than this is never speech")),
    "gate.noise_s": Known(4, 1, 6, "s", _("so much noise within six seconds is suspicious")),
    "gate.noise_db": Known(-40, -80, -10, "dBFS", _("quieter than this is no noise")),
    "gate.sound_s": Known(
        0.2, 0, 10, "s", _("so much sound of any kind is a sign in the end; 0: it is none")
    ),
    "gate.sound_db": Known(-48, -80, -10, "dBFS", _("quieter than this is no sound of any kind")),
    "gate.known_days": Known(
        365, 0, 3650, "d", _("a caller with a real report in this time skips the gate")
    ),
    "gate.near_min": Known(
        10, 0, 120, "min", _("near an incident that is younger, callers skip the gate")
    ),
    "gate.near_m": Known(1000, 100, 10_000, "m", _("what is near an incident")),
    "gate.silent_history": Known(
        3, 1, 100, "", _("after so many silent calls a caller hears the longer prompt, waits later")
    ),
    "gate.silent_alarm_s": Known(
        120, 10, 3600, "s", _("a call that was set aside for longer alarms a supervisor")
    ),
    "gate.silent_end_s": Known(
        0, 0, 3600, "s", _("a call set aside is ended after this and rung back once; 0: never")
    ),
    "calls.history_days": Known(30, 1, 365, "d", _("how far back a caller's history counts")),
    "calls.aml_match_s": Known(
        300, 30, 3600, "s", _("a phone's location belongs to a call of its number so near in time")
    ),
    "incidents.undispatched_s": Known(
        60, 10, 900, "s", _("a P1 or P2 without any unit for longer raises an alarm")
    ),
    "callers.coarse_m": Known(
        500, 100, 5000, "m", _("callers see where a unit is on a grid as coarse as this")
    ),
    "incidents.parked_s": Known(
        3600,
        60,
        86_400,
        "s",
        _("what was put behind in a mass event is looked at again after this"),
    ),
    "dispatch.acknowledge_s": Known(60, 10, 600, "s", _("a unit must acknowledge within this")),
    "dispatch.speed_kmh": Known(30, 5, 100, "km/h", _("average speed for straight-line arrival")),
    "dispatch.detour": Known(1.35, 1, 3, "", _("road length over straight line")),
    "dispatch.position_age_s": Known(300, 10, 3600, "s", _("an older position is shown as stale")),
    "alerts.retry_s": Known(
        600, 30, 3600, "s", _("an alert that cannot be sent is tried again for so long")
    ),
    "alerts.screen_s": Known(
        30, 10, 300, "s", _("a station's screen that is silent for longer counts as cut off")
    ),
    "alerts.misses": Known(
        3, 1, 50, "", _("so many failures of a channel in a row alarm a supervisor")
    ),
    "positions.fresh_s": Known(60, 5, 3600, "s", _("a position is shown as fresh for this long")),
    "positions.accuracy_m": Known(
        50, 5, 1000, "m", _("a less exact position is shown as such, and proposes no arrival")
    ),
    "positions.outside_km": Known(
        120, 5, 2000, "km", _("a position further from the city than this is not believed")
    ),
    "positions.max_kmh": Known(
        200, 50, 1000, "km/h", _("a position that needs a higher speed waits for a second one")
    ),
    "positions.apart_m": Known(
        500, 50, 20_000, "m", _("devices of one unit further apart are shown as two places")
    ),
    "positions.arrival_m": Known(
        100, 20, 2000, "m", _("a unit seen twice so near its incident is proposed as on scene")
    ),
    "positions.leave_m": Known(
        200,
        50,
        5000,
        "m",
        _("seen twice so far from where it was when alerted, it is proposed en route"),
    ),
    "positions.track_s": Known(
        30, 1, 3600, "s", _("a point of a track is kept at least so often while a device reports")
    ),
    "positions.track_m": Known(100, 5, 10_000, "m", _("and whenever it has moved by this much")),
    "positions.track_days": Known(30, 1, 3650, "d", _("tracks of units are kept")),
    "dispatch.stale_costs_s": Known(
        120, 0, 3600, "s", _("a unit with such a position counts as so much later")
    ),
    "dispatch.rest_s": Known(
        600, 0, 14_400, "s", _("a crew rests for so long after a job, where another may go")
    ),
    "dispatch.rest_costs_s": Known(
        60, 0, 3600, "s", _("a crew that has not rested counts as so much later, but at P1")
    ),
    "dispatch.coverage_m": Known(
        3000, 100, 50_000, "m", _("a unit leaves a gap where no other free one is so near")
    ),
    "dispatch.coverage_costs_s": Known(
        90, 0, 3600, "s", _("a unit that leaves a gap counts as so much later, but at P1")
    ),
    "dispatch.divert_gain_s": Known(
        180, 0, 3600, "s", _("a unit on its way to something less urgent is offered from this gain")
    ),
    "insight.reach_s": Known(
        480, 60, 7200, "s", _("an area is covered where a free unit can drive there within this")
    ),
    "insight.move_up_percent": Known(
        5,
        1,
        100,
        "%",
        _("a unit is proposed to wait elsewhere where that covers so much more demand"),
    ),
    "fleet.shift_h": Known(8, 1, 24, "h", _("how long a shift of the crews lasts")),
    "fleet.shift_start_h": Known(
        7, 0, 23.75, "h", _("the time of day at which the first shift of the crews begins")
    ),
    "fleet.check_within_h": Known(
        1, 0, 24, "h", _("equipment is to be checked within so long of the start of a shift")
    ),
    "fleet.check_grace_h": Known(
        12, 0, 720, "h", _("a must-have check that is late by more keeps the unit back")
    ),
    "fleet.unchecked_blocks": Known(
        0, 0, 1, "", _("1: a unit with a must-have item never checked is kept back; 0: it is not")
    ),
    "fleet.expiry_days": Known(
        30, 1, 365, "d", _("an agency is told of equipment that expires within so many days")
    ),
    "fleet.hospital_stale_min": Known(
        120, 5, 2880, "min", _("what a hospital has said is out of date after this")
    ),
    "alarms.repeat_s": Known(
        180, 30, 3600, "s", _("an acknowledged alarm comes back after this unless its cause ended")
    ),
    "alarms.shelve_urgent_min": Known(
        10, 1, 60, "min", _("the most urgent alarms are put aside for this long at most")
    ),
    "places.tolerance_m": Known(
        400, 0, 5000, "m", _("how far outside an area a point still counts")
    ),
    "complaints.forward_days": Known(
        3, 1, 30, "d", _("a complaint is to be with an agency within so many working days")
    ),
    "complaints.plan_days": Known(
        5, 1, 30, "d", _("an agency says what it will do within so many working days")
    ),
    "complaints.solve_days": Known(
        14, 1, 120, "d", _("a complaint is to be answered within so many working days")
    ),
    "complaints.supervision_days": Known(
        60, 1, 240, "d", _("and one that needs supervision within so many")
    ),
    "complaints.information_days": Known(5, 1, 60, "d", _("and a question within so many")),
    "complaints.contest_days": Known(
        10, 1, 60, "d", _("a contested answer is to be mended within so many working days")
    ),
    "complaints.reply_days": Known(
        10, 1, 60, "d", _("a citizen may contest an answer for so many working days")
    ),
    "complaints.remind_days": Known(
        2, 0, 30, "d", _("an agency is reminded so many working days before a deadline")
    ),
    "complaints.ask_again_days": Known(
        3, 1, 60, "d", _("a citizen who does not answer is asked again after so many days")
    ),
    "complaints.alike_days": Known(
        30, 1, 365, "d", _("reports so far apart may be about the same")
    ),
    "complaints.alike_m": Known(500, 20, 5000, "m", _("and so far apart on the map")),
    "complaints.repeat_hours": Known(
        24,
        0,
        168,
        "h",
        _("what one person sends twice in this time is joined by itself; 0: never"),
    ),
    "complaints.learn_from": Known(
        500, 50, 100_000, "", _("sorting learns from the city's own reports once there are so many")
    ),
    "complaints.learn_new": Known(
        200, 20, 10_000, "", _("and anew when so many more have been answered")
    ),
    "complaints.sure_percent": Known(
        95, 50, 100, "%", _("the model sorts by itself where so many of its guesses were right")
    ),
    "complaints.leave_is_free": Known(
        0, 0, 1, "", _("1: collective leave (cuti bersama) is no working day; 0: it is one")
    ),
    "complaints.chat_ask_min": Known(
        30, 5, 1440, "min", _("an unfinished chat is asked once after this, then kept as a draft")
    ),
    "complaints.message_budget": Known(
        0, 0, 1_000_000, "", _("paid WhatsApp messages a month before an alarm; 0: no limit")
    ),
    "warnings.silent_min": Known(
        30, 2, 1440, "min", _("a source of warnings that is silent for longer raises an alarm")
    ),
    "warnings.default_hours": Known(
        24, 1, 168, "h", _("a warning that does not say when it ends is in force for so long")
    ),
    "warnings.most_hours": Known(
        24, 1, 168, "h", _("a warning of the city's own ends after so long at the latest")
    ),
    "warnings.public_days": Known(
        7, 1, 365, "d", _("a warning that has ended stays in the public feed for so long")
    ),
    "survey.rate_days": Known(
        14, 0, 365, "d", _("a citizen may give or change a mark for so long after the end")
    ),
    "survey.low_score": Known(
        2, 0, 5, "", _("a mark that is no higher asks somebody to look into it; 0: none does")
    ),
    "survey.ask_days": Known(
        7, 1, 90, "d", _("callers are asked how it was for so long after their case was closed")
    ),
    "survey.sample_percent": Known(
        100, 0, 100, "%", _("share of the closed cases whose callers are asked")
    ),
    "survey.tries": Known(2, 1, 5, "", _("attempts before a caller is not asked any more")),
    "survey.ikm_least": Known(
        100, 1, 10_000, "", _("fewer answers to the yearly survey say too little")
    ),
    "outreach.days": Known(
        30, 7, 365, "d", _("days before and after an outreach event that are compared")
    ),
    "outreach.least": Known(
        30, 1, 1000, "", _("fewer calls and complaints before and after say too little")
    ),
    "insight.scan_h": Known(
        6,
        0,
        23,
        "h",
        _("the time of day at which early warnings and places that return are sought"),
    ),
    "insight.least_days": Known(
        56, 28, 730, "d", _("early warnings need so many days of record; before, none is given")
    ),
    "insight.least_cases": Known(
        3, 2, 50, "", _("fewer cases are never an early warning, however rare that may be")
    ),
    "insight.near_areas": Known(
        8, 1, 20, "", _("so many kelurahan side by side are looked at together, at most")
    ),
    "insight.near_m": Known(3000, 500, 20_000, "m", _("and none further away than this")),
    "insight.burst_cases": Known(
        4, 2, 50, "", _("so many cases close together within three hours may have one cause")
    ),
    "proposals.at_once": Known(
        3, 1, 20, "", _("one scan proposes so much at most: more at once is one event, or a fault")
    ),
    "returns.days": Known(365, 90, 1825, "d", _("how far back is looked for what returns")),
    "returns.metres": Known(50, 10, 500, "m", _("cases so near to one another are one place")),
    "returns.least": Known(3, 2, 50, "", _("what has come back so often is proposed to be mended")),
    "returns.again_days": Known(
        90, 7, 730, "d", _("what was done or dismissed is not proposed again before this")
    ),
    "returns.pranks": Known(
        20, 5, 1000, "", _("so many prank calls of one caller in 30 days are proposed to be met")
    ),
    "returns.unit_hour_cost": Known(
        0, 0, 10_000_000, "Rp", _("what an hour of a unit costs; 0: only hours are shown")
    ),
    "report.few": Known(
        5, 2, 100, "", _("a count below this is marked in reports: it says little")
    ),
    "digest.weekday": Known(
        1, 1, 7, "", _("day of the week on which the digest goes out; 1 is Monday")
    ),
    "digest.hour": Known(7, 0, 23, "h", _("and from which hour of that day")),
    "neighbours.answer_s": Known(
        120, 15, 3600, "s", _("a neighbouring centre is to accept a call handed over within this")
    ),
    "neighbours.aid_answer_s": Known(
        600, 60, 7200, "s", _("and to answer a request for units within this")
    ),
    "neighbours.link_h": Known(
        12, 0.5, 168, "h", _("a link to a record that was handed over may be opened for so long")
    ),
    "neighbours.share_h": Known(
        12, 1, 72, "h", _("an incident is shared with a neighbouring centre for so long at most")
    ),
    "transparency.least": Known(
        5, 2, 100, "", _("a public count of fewer, but not of none, is hidden from now on")
    ),
    "transparency.settle_days": Known(
        7, 0, 60, "d", _("the figures of a month are published, for good, so long after its end")
    ),
    "transparency.fresh_min": Known(
        5, 1, 60, "min", _("public figures of today are counted anew after this at the earliest")
    ),
    "personal.ghost_days": Known(30, 1, 3650, "d", _("numbers of ghost and prank calls are kept")),
    "personal.ticket_days": Known(1825, 30, 7300, "d", _("numbers and texts of cases are kept")),
    "personal.inbox_days": Known(
        7, 1, 90, "d", _("refused messages, and phones' locations without a call, are kept")
    ),
    "personal.audio_valid_days": Known(
        90, 1, 3650, "d", _("recordings of emergencies and of other calls with a case are kept")
    ),
    "personal.audio_other_days": Known(
        30, 1, 3650, "d", _("recordings of all other calls are kept")
    ),
    "insight.answer_percent": Known(
        90, 50, 99.9, "%", _("operators are planned so that so many calls are answered in time")
    ),
    "insight.answer_s": Known(10, 1, 120, "s", _("and in time is within this")),
    "insight.load_percent": Known(
        90, 50, 99.5, "%", _("planned for no more calls than so many of such hours have")
    ),
    "quality.sample_percent": Known(
        2, 0, 100, "%", _("share of the answered calls that is drawn for scoring")
    ),
}


def as_written(number: float) -> str:
    """A number as people of the reader's language write it."""
    return number_format(int(number) if number == int(number) else number, force_grouping=True)


def value(name: str) -> float:
    """The number in force. Another process's change is seen within two seconds."""
    known = PARAMETERS[name]
    return _set().get(name, known.default)


@remembered
def _set() -> dict[str, float]:
    return dict(Parameter.objects.values_list("name", "value"))
