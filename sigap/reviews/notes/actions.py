"""Writing after-action notes, and striking them through."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import erase_texts, keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import NoteAdded, NoteStruck
from sigap.core.parameters import value
from sigap.core.queries import check_reason, fetch
from sigap.core.rows import reserve, write
from sigap.core.transaction import transaction
from sigap.incidents.queries import get

from .models import ReviewNote
from .queries import old_notes


def write_note(
    text: str, *, at: datetime, incident_id: int | None = None, actor: Actor
) -> ReviewNote:
    """Note something at a moment that is over, of the board or of one incident."""
    actor.require(Permission.SUPERVISE)
    if at > clock.now():
        raise Invalid(_("This moment has not come yet."), code="future")
    with transaction():
        incident = get(incident_id) if incident_id is not None else None
        note = ReviewNote(pk=reserve(ReviewNote), at=at, incident=incident)
        # Kept as the incident's own words are, so that they are erased, or held, with these.
        about = subject_of(incident) if incident else subject_of(note)
        words = keep(about, "review_note", text, actor=actor)
        if words is None:
            raise Invalid(_("The note is empty."), code="empty")
        note.text = words
        note.save(force_insert=True)
        _record(note, "review_note.written", actor, NoteAdded(text_id=words.pk))
        return note


def strike_note(note_id: int, *, reason: str, actor: Actor) -> None:
    """Strike a wrong note through, with the reason; it stays readable."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        check_reason("strike", reason)
        note = fetch(ReviewNote.objects.select_related("text"), pk=note_id)
        if note.text.struck_at is None:
            note.text.struck_at = clock.now()
            write(note.text, "struck_at")
            body = NoteStruck(text_id=note.text_id, reason=reason)
            _record(note, "review_note.struck", actor, body)


def erase_old_notes(*, actor: Actor) -> int:
    """Forget the words of old notes about the board; those about an incident go with its own."""
    before = clock.now() - timedelta(days=value("personal.ticket_days"))
    return erase_texts(old_notes(before), actor=actor)


def _record(note: ReviewNote, kind: str, actor: Actor, body: NoteAdded | NoteStruck) -> None:
    case = f"incident:{note.incident_id}" if note.incident_id else ""
    record(kind, subject=f"reviewnote:{note.pk}", case=case, actor=actor, body=body)
