"""Every kind of journal row, with the body it carries. Nothing else may be recorded.

No personal data can enter the journal: a body is made of codes, numbers, times and
ids only (a test walks these types). Free text, names and telephone numbers live in
`core.personal`, and the journal points at them by id.

A kind is `<machine>.<command>` where a state machine moved, else `<noun>.<what happened>`.
"""

from datetime import datetime

from ..codes import Code
from .accounts import ACCOUNT_KINDS
from .alerts import ALERT_KINDS
from .body import Body as Body
from .body import NoteAdded as NoteAdded
from .body import NoteStruck as NoteStruck
from .body import Reason as Reason
from .complaints import COMPLAINT_KINDS
from .field import FIELD_KINDS
from .mass import MASS_KINDS
from .neighbours import NEIGHBOUR_KINDS
from .places import PLACE_KINDS
from .positions import POSITION_KINDS
from .proposals import PROPOSAL_KINDS
from .readiness import READINESS_KINDS
from .record import RECORD_KINDS
from .record import DayClosed as DayClosed
from .reports import REPORT_KINDS
from .warnings import WARNING_KINDS


class ConfigChanged(Body):
    """Which fields of a record of the city's configuration changed; never their values."""

    fields: list[Code]


class ConfigRemoved(Body):
    """A record of the configuration that is gone, by the code that it had."""

    code: Code = ""


class ParameterChanged(Body):
    """A number that the city sets."""

    before: float
    after: float


class CallFact(Body):
    """What the telephone exchange or an operator said about a call; words are kept as a note.
    `source` is how the gate let it through, `reason` why, `heard_s` how long it had listened."""

    source: Code = ""
    reason: Code = ""
    heard_s: float | None = None
    has_number: bool = False
    text_id: int | None = None


class CallAnswered(Body):
    """Who answered, by whose clock."""

    source: Code
    operator: int | None = None


class CallClaimed(Body):
    """Who holds the call now, and from whom it was taken."""

    operator: int
    taken_from: int | None = None
    reason: Code = ""


class CallClosed(Body):
    """The class given (see the call classes of the glossary) and the one before it; words
    are kept as a note. `field_action`: somebody in the field dealt with a complaint. `reason` is
    given where no person closed it."""

    call_class: Code
    class_before: Code = ""
    field_action: bool = False
    reason: Code = ""
    text_id: int | None = None


class CallLinked(Body):
    """The incident that a call belongs to."""

    incident: int


class PhoneLocated(Body):
    """That a caller's phone told its location: how exactly, measured how, and why it is not to
    be believed where it is not. Never the point itself."""

    via: Code
    source: Code
    radius_m: int | None = None
    fault: Code = ""


class CallBack(Body):
    """One attempt to ring back an abandoned caller."""

    attempt: int = 0
    reason: Code = ""
    due_at: datetime | None = None


class Recorded(Body):
    """A recording of a call that is kept, by the SHA-256 of what is heard; `legs` says whose
    voices are on it."""

    recording: int
    sha256: Code
    seconds: float
    legs: Code


class Unrecorded(Body):
    """A recording of a call that is not kept, and why."""

    recording: int
    reason: Code


class RecordingNamed(Body):
    """A recording, by its number."""

    recording: int


class Sampled(Body):
    """A call drawn for scoring, from so many percent of this operator's calls."""

    operator: int
    percent: float


class Scored(Body):
    """What a scored call was given; a correction says why. Words are kept as a note."""

    scoring: int
    percent: float
    reason: Code = ""
    text_id: int | None = None


class PartyMoved(Body):
    """Who else is on the line of a call: an entry of the phone book by its code, or a colleague;
    how they take part, and why they did not come."""

    call: int
    how: Code
    entry: Code = ""
    user: int | None = None
    reason: Code = ""


class IncidentOpened(Body):
    """What was known when an incident was opened."""

    type: Code
    priority: int
    area: Code = ""
    source: Code = ""
    call: int | None = None


class IncidentChanged(Body):
    """Which facts of an incident changed; coded values only."""

    fields: list[Code]
    type: Code | None = None
    area: Code | None = None


class Answered(Body):
    """The answers to the triage questions, question code to answer code."""

    answers: dict[Code, Code]


class PriorityChosen(Body):
    """What the rule proposed and what the person chose; both are kept."""

    suggested: int | None = None
    rule: Code = ""
    chosen: int
    siren: bool = False
    accepted: bool = False


class LevelChosen(Body):
    """The alarm level, by which the response plan asks for more units."""

    level: int
    before: int


class Merged(Body):
    """The other incident of a merge, un-merge or link. `priority` and `siren` are what the
    one that carries on had before it took over the more urgent ones."""

    other: int
    link: Code = ""
    priority: int | None = None
    siren: bool | None = None


class Outcome(Body):
    """How an incident ended."""

    disposition: Code = ""
    reason: Code = ""
    text_id: int | None = None


class AssignmentMade(Body):
    """Which unit for which incident, and why it was the one. Where a person chose it instead of
    one that was recommended, `passed_over` are those and `choice` is the city's reason."""

    unit: Code
    incident: int
    reason: Code = ""
    rank: int | None = None
    eta_s: int | None = None
    passed_over: list[Code] = []
    choice: Code = ""


class AssignmentMoved(Body):
    """A step of an assignment; the time of the act itself is the row's `occurred_at`.
    `second_job`: the unit had another one when it was notified, and that was confirmed."""

    unit: Code
    source: Code
    reason: Code = ""
    second_job: bool = False


class TimeCorrected(Body):
    """When an assignment really reached a state (the row's `occurred_at`), and why that was not
    known, or known wrongly; a crew whose press comes late gives no reason."""

    unit: Code
    source: Code
    state: Code
    reason: Code = ""


class UnitChanged(Body):
    """Availability, duty or readiness of a unit."""

    unit: Code
    reason: Code = ""
    on_duty: bool | None = None
    readiness: Code | None = None


class AlarmRaised(Body):
    """An alarm: what kind, who has to act; how late its timer was found."""

    alarm: Code
    owner: Code
    late_s: int = 0


class AlarmAnswered(Body):
    """What became of an alarm."""

    alarm: Code
    reason: Code = ""
    until: datetime | None = None


class PersonOpened(Body):
    """Somebody looked at a person's data."""

    screen: Code


class Erased(Body):
    """Personal data removed at the end of its retention: how many rows of which kind."""

    what: Code
    count: int


class Imported(Body):
    """A row brought from an older system, by a keyed hash of its identity there."""

    source: Code
    external: Code


class Deployed(Body):
    """The first row of each journal: which city, and whether all that follows is a drill."""

    city: Code
    drill: bool


KINDS: dict[str, type[Body]] = {
    "deployment.created": Deployed,
    "config.changed": ConfigChanged,
    "config.removed": ConfigRemoved,
    "parameter.changed": ParameterChanged,
    "shift.paused": Reason,
    "shift.resumed": Reason,
    **ACCOUNT_KINDS,
    "person.opened": PersonOpened,
    "personal.erased": Erased,
    "personal.hold": Reason,
    "personal.lift": Reason,
    "call.presented": CallFact,
    "call.screen": CallFact,
    "call.set_aside": CallFact,
    "call.queue": CallFact,
    "call.refuse": CallFact,
    "call.reviewed": CallFact,
    "call.end_silent": CallBack,
    "call.dialled": CallBack,
    "call.answer": CallAnswered,
    "call.late_answer": CallAnswered,
    "call.hold": CallFact,
    "call.resume": CallFact,
    "call.leave": CallFact,
    "call.stay": CallFact,
    "call.end": CallFact,
    "call.abandon": CallFact,
    "call.fact": CallFact,
    "call.close": CallClosed,
    "call.reclassify": CallClosed,
    "call.claimed": CallClaimed,
    "call.linked": CallLinked,
    "call.located": PhoneLocated,
    "call.unlocated": PhoneLocated,
    "position.unmatched": PhoneLocated,
    "call.call_back": CallBack,
    "call.reach": CallBack,
    "call.miss": CallBack,
    "call.give_up": CallBack,
    "call.waive": CallBack,
    "call.entered": CallFact,
    "call.imported": Imported,
    "party.invite": PartyMoved,
    "party.change": PartyMoved,
    "party.join": PartyMoved,
    "party.take": PartyMoved,
    "party.leave": PartyMoved,
    "party.fail": PartyMoved,
    "surge.declared": Reason,
    "surge.ended": Reason,
    "call.recorded": Recorded,
    "call.unrecorded": Unrecorded,
    "call.sampled": Sampled,
    "recording.announced": RecordingNamed,
    "recording.played": RecordingNamed,
    "review.score": Scored,
    "review.correct": Scored,
    "review.acknowledge": Reason,
    "incident.opened": IncidentOpened,
    "incident.imported": Imported,
    "incident.changed": IncidentChanged,
    "incident.answered": Answered,
    "incident.priority": PriorityChosen,
    "incident.level": LevelChosen,
    "incident.start": Reason,
    "incident.wait": Reason,
    "incident.resolve": Outcome,
    "incident.close": Outcome,
    "incident.cancel": Outcome,
    "incident.reopen": Outcome,
    "incident.merge": Merged,
    "incident.unmerge": Merged,
    "incident.absorbed": Merged,
    "incident.released": Merged,
    "incident.linked": Merged,
    "incident.note": NoteAdded,
    "incident.note_struck": NoteStruck,
    **RECORD_KINDS,
    **COMPLAINT_KINDS,
    **NEIGHBOUR_KINDS,
    **WARNING_KINDS,
    **ALERT_KINDS,
    **FIELD_KINDS,
    **POSITION_KINDS,
    **READINESS_KINDS,
    **PLACE_KINDS,
    **MASS_KINDS,
    **PROPOSAL_KINDS,
    **REPORT_KINDS,
    "assignment.proposed": AssignmentMade,
    "assignment.made": AssignmentMade,
    "assignment.notify": AssignmentMoved,
    "assignment.acknowledge": AssignmentMoved,
    "assignment.decline": AssignmentMoved,
    "assignment.depart": AssignmentMoved,
    "assignment.arrive": AssignmentMoved,
    "assignment.transport": AssignmentMoved,
    "assignment.reach": AssignmentMoved,
    "assignment.complete": AssignmentMoved,
    "assignment.cancel": AssignmentMoved,
    "assignment.corrected": TimeCorrected,
    "assignment.told_late": TimeCorrected,
    "assignment.imported": Imported,
    "unit.reserve": UnitChanged,
    "unit.release": UnitChanged,
    "unit.withdraw": UnitChanged,
    "unit.return": UnitChanged,
    "unit.changed": UnitChanged,
    "alarm.raised": AlarmRaised,
    "alarm.acknowledge": AlarmAnswered,
    "alarm.shelve": AlarmAnswered,
    "alarm.repeat": AlarmAnswered,
    "alarm.finish": AlarmAnswered,
}
