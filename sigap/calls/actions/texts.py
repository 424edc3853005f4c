"""A call without a voice: somebody who cannot telephone writes to the emergency number."""

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import subject_of
from sigap.core.machine import change
from sigap.core.transaction import transaction

from ..models import Call
from .exchange import report_event


def present_text(
    *,
    source: str,
    external_id: str,
    line: str,
    number: str | None,
    words: str,
    actor: Actor,
) -> Call:
    """Let a text call ring, with what was written as its note. It is answered, claimed and closed
    like any other; nothing is dialled, since no exchange has it."""
    if not external_id:
        raise Invalid(_("A text call needs a name of its own."), code="external_id")
    with transaction():
        call = report_event(
            "presented",
            source=source,
            external_id=external_id,
            at=clock.now(),
            number=number,
            trunk=line,
            actor=actor,
        )
        if call.note is None and (text := keep(subject_of(call), "note", words, actor=actor)):
            change(call, note=text)
        return call
