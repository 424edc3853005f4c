"""The caller of a case of 112 is asked on WhatsApp how it was."""

from django.db.models import F
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Refused
from sigap.core.journal import record, subject_of
from sigap.core.machine import change
from sigap.core.models import Contact
from sigap.core.personal import source_key
from sigap.core.queries import city_zone, fetch
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction
from sigap.incidents.models import Incident

from ...survey.actions import ask_survey
from ...survey.models import CaseSurvey
from ..models import Conversation
from ..queries import CALLERS_UNASKED, may_ask_callers, writable_callers
from .hearing import SOURCE
from .speaking import ask_caller_score


def ask_caller(incident_id: int, *, actor: Actor) -> CaseSurvey:
    """Send the one question to who called about an incident that is closed. Once only; whether
    it arrives, the receipts tell."""
    actor.require(Permission.TAKE_CALLS)
    if missing := may_ask_callers():
        raise Refused(str(CALLERS_UNASKED[missing]), code=missing)
    with transaction():
        incident = fetch(Incident, pk=incident_id)
        known = row(CaseSurvey, incident=incident.pk)
        if known is not None and (known.state == "asked" or known.messages.exists()):
            raise Refused(_("The caller was asked before."), code="asked")
        contact = writable_callers([incident.pk]).get(incident.pk)
        if contact is None:
            raise Refused(
                _("No mobile number is known that may be asked on WhatsApp."), code="number"
            )
        survey = ask_survey(incident.pk, channel="whatsapp", actor=actor)
        day = incident.began_at.astimezone(city_zone()).strftime("%d-%m-%Y")
        ask_caller_score(_chat_with(contact, actor), survey, actor, day=day)
        return survey


def _chat_with(contact: Contact, actor: Actor) -> Conversation:
    """Their conversation; who has none yet is known by the number until they write."""
    own = Conversation.objects.filter(contact=contact, moved_to=None, erased_at=None)
    chat = own.order_by(F("heard_at").desc(nulls_last=True), "-id").first()
    if chat is not None:
        return chat
    key = source_key(SOURCE, contact.number.lstrip("+"))
    chat = row(Conversation, key=key)
    if chat is None:
        chat = Conversation(key=key, contact=contact, began_at=clock.now())
        insert(chat)
        record("chat.began", subject=subject_of(chat), actor=actor, after=chat.state)
    else:
        change(chat, contact=contact, erased_at=None)
    return chat
