"""Every action on after-action notes and on the record's days once, with canaries in all words."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actions.days import close_days
from sigap.core.actors import Actor
from sigap.incidents.models import Incident
from sigap.reviews.notes import actions as notes

from .canaries import SETUP, WORD, WORDS, tried


def what_is_remarked(boss: Actor) -> None:
    """Notes about an incident and about the board, one struck, the old ones forgotten."""
    now, case = clock.now(), Incident.objects.earliest("pk").pk
    note = notes.write_note(WORDS, at=now, incident_id=case, actor=boss)
    notes.write_note(WORDS, at=now, actor=boss)
    tried(notes.write_note, WORDS, at=now + timedelta(days=1), actor=boss)
    for why in (WORD, WORDS):
        tried(notes.strike_note, note.pk, reason=why, actor=boss)
    notes.strike_note(note.pk, reason="untrue", actor=boss)
    notes.erase_old_notes(actor=SETUP)
    close_days(actor=SETUP)
