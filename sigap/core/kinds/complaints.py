"""What the journal says of complaints and of what agencies do about them."""

from datetime import date, datetime

from ..codes import Code
from .body import Body, NoteAdded, Reason


class ComplaintFiled(Body):
    """Where a complaint came from, what it is about and who chose that: the rules or the model
    where they were sure, the citizen or a person. Who guessed, whoever chose."""

    channel: Code
    category: Code = ""
    guessed_by: Code = ""
    sorted_by: Code = ""


class ComplaintSorted(Body):
    """What somebody said that a complaint is about, and what it was thought to be before."""

    category: Code
    before: Code = ""
    complaint_class: Code


class ComplaintPlaced(Body):
    """The area of the place that the desk gave a complaint."""

    area: Code = ""


class DeadlinesMoved(Body):
    """How many deadlines the city's new working days have moved."""

    count: int


class Referred(Body):
    """The agency that has to do something about a complaint."""

    agency: Code


class Planned(Body):
    """When an agency wants to do something; what it is, is kept as words."""

    text_id: int | None = None
    planned_for: date | None = None


class Late(Body):
    """By when an agency was to have done the next thing."""

    agency: Code
    due_at: datetime | None = None


class Assigned(Body):
    """Who at the agency looks after it."""

    officer: int


class Crossed(Body):
    """The incident that a complaint became."""

    incident: int


class Joined(Body):
    """The other report, and why it was joined by itself: it is the same text of one person."""

    other: int
    reason: Code = ""


class FileAttached(Body):
    """A photo, voice note or document that was sent along."""

    attachment_id: int
    kind: Code
    role: Code


class Rated(Body):
    """How a citizen found it, from 1 to 5."""

    score: int | None = None


class Asked(Body):
    """By which way a caller is asked how it was."""

    channel: Code


class AnswersEntered(Body):
    """How many people's answers to a year's survey came in or were taken out."""

    year: int
    count: int
    agency: Code = ""


class OutreachNoted(Body):
    """Where the city told people about its services: a kelurahan, or all of it; whom and how
    many, and about what. Words are kept apart."""

    area: Code = ""
    audience: Code = ""
    people: int = 0
    materials: list[Code] = []
    text_id: int | None = None


class ModelLearned(Body):
    """From how many reports a model was trained, by how many newer ones it was judged, whether
    it is in use since, and why."""

    learned: int
    judged: int
    kept: bool
    why: Code


class ChatHeard(Body):
    """That somebody wrote on WhatsApp, and how: the words are kept apart."""

    message_id: int
    kind: Code


class ChatSaid(Body):
    """What was said there, by the name of the text; words of a person are kept apart."""

    message_id: int
    says: Code


class ChatMoved(Body):
    """The question that a conversation came to."""

    draft: int = 0


class ChatTaken(Body):
    """Who of the desk answers there."""

    operator: int | None = None


class ChatMarked(Body):
    """How a conversation is marked: child, abuse, spam, prank, or nothing any more."""

    mark: Code = ""


class EditionPublished(Body):
    """The figures of a month are public, and stay as they are: which month, and their SHA-256."""

    month: Code
    digest: Code


COMPLAINT_KINDS: dict[str, type[Body]] = {
    "complaint.filed": ComplaintFiled,
    "complaint.sorted": ComplaintSorted,
    "complaint.placed": ComplaintPlaced,
    "deadlines.moved": DeadlinesMoved,
    "complaint.file": FileAttached,
    "complaint.note": NoteAdded,
    "complaint.words": NoteAdded,
    "complaint.reply": NoteAdded,
    "complaint.release": Reason,
    "complaint.protected": Body,
    "complaint.supported": Body,
    "complaint.dispose": Body,
    "complaint.start": Body,
    "complaint.answer": Body,
    "complaint.take_back": Body,
    "complaint.hold": Reason,
    "complaint.ask_again": Body,
    "complaint.resume": Body,
    "complaint.go_on": Body,
    "complaint.archive": Reason,
    "complaint.restore": Body,
    "complaint.attach": Joined,
    "complaint.detach": Joined,
    "complaint.moved": Joined,
    "complaint.apart": Joined,
    "complaint.promote": Crossed,
    "complaint.demote": Body,
    "complaint.approve": Body,
    "complaint.refuse": Reason,
    "complaint.confirm": Rated,
    "complaint.expire": Body,
    "complaint.rated": Rated,
    "complaint.contest": Reason,
    "survey.ask": Asked,
    "survey.ask_again": Asked,
    "survey.answer": Rated,
    "survey.refuse": Body,
    "survey.miss": Body,
    "follow_up.open": Rated,
    "follow_up.close": Reason,
    "ikm.entered": AnswersEntered,
    "ikm.imported": AnswersEntered,
    "ikm.removed": AnswersEntered,
    "outreach.added": OutreachNoted,
    "outreach.changed": OutreachNoted,
    "outreach.removed": OutreachNoted,
    "model.learned": ModelLearned,
    "edition.published": EditionPublished,
    "referral.sent": Referred,
    "referral.reminded": Late,
    "referral.escalated": Late,
    "referral.seen": Reason,
    "referral.assigned": Assigned,
    "referral.accept": Body,
    "referral.plan": Planned,
    "referral.progress": Reason,
    "referral.answer": Reason,
    "referral.approve": Body,
    "referral.return": Body,
    "referral.refuse": Reason,
    "referral.recall": Body,
    "chat.began": Body,
    "chat.heard": ChatHeard,
    "chat.said": ChatSaid,
    "chat.failed": ChatSaid,
    "chat.marked": ChatMarked,
    "chat.moved": Body,
    "chat.emergency": ChatMoved,
    "chat.ask_what": ChatMoved,
    "chat.ask_category": ChatMoved,
    "chat.ask_place": ChatMoved,
    "chat.ask_right": ChatMoved,
    "chat.ask_whose": ChatMoved,
    "chat.ask_addition": ChatMoved,
    "chat.ask_why": ChatMoved,
    "chat.drop": ChatMoved,
    "chat.finish": ChatMoved,
    "chat.keep": ChatMoved,
    "chat.take_over": ChatTaken,
    "chat.hand_back": ChatTaken,
    "chat.hand_back_draft": ChatTaken,
}
