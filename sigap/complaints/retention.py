"""Whose words, places and photos of complaints are to be forgotten (UU 27/2022), by the city's
periods: as long after its end as those of an incident. One that is open, tied to a legal case or
part of an incident that is, is never touched. What was noted of a low mark goes with the words of
its case; a note on an event of outreach, in which a name may stand, as long after the event."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from sigap.core import clock
from sigap.core.actions.personal import erase_texts
from sigap.core.actors import Actor
from sigap.core.models import Contact
from sigap.core.parameters import value
from sigap.core.queries import batched
from sigap.core.transaction import transaction
from sigap.core.vault import remove

from .actions.erasing import erase_attachments, erase_places, erase_supporters
from .chat.actions import erase_chats
from .chat.models import ChatMessage, Conversation
from .files import KEPT
from .models import Attachment, Complaint
from .outreach.models import Outreach

OVER = ("closed", "archived")
# A form that somebody is still filling in may hold files that nothing notes yet.
UNNOTED_S = 2 * 86_400


def contacts_in_use() -> list[QuerySet[Complaint] | QuerySet[Conversation]]:
    """What still needs the number of a contact, for the retention of numbers to ask."""
    young = ~Q(state__in=OVER) | Q(filed_at__gte=_before())
    recent = Q(heard_at__gte=_before()) | Q(about__isnull=False)
    return [
        Complaint.objects.filter(young | ~Q(legal_hold=""), reporter=OuterRef("pk")),
        Conversation.objects.filter(recent, erased_at=None, contact=OuterRef("pk")),
    ]


def erase_old(*, actor: Actor) -> dict[str, int]:
    """Forget what is past its period. Returns how many of each."""
    before = _before()
    with transaction():
        old = list(_old(before))
        subjects = [f"complaint:{pk}" for pk in old]
        referrals = Complaint.objects.filter(pk__in=old).values_list("referrals", flat=True)
        subjects += [f"referral:{pk}" for pk in referrals if pk]
        never = Q(heard_at=None, began_at__lt=before)  # who was asked, and has not answered
        silent = Conversation.objects.filter(Q(heard_at__lt=before) | never, erased_at=None)
        open_ones = Complaint.objects.filter(chat_messages__conversation=OuterRef("pk"))
        quiet = silent.exclude(Exists(open_ones.exclude(state__in=OVER)))
        told = Outreach.objects.filter(day__lt=before.date()).values_list("pk", flat=True)
        return {
            "complaint_text": erase_texts(subjects, actor=actor),
            "attachment": erase_attachments(old, actor=actor),
            "complaint_place": erase_places(old, actor=actor),
            "supporter": erase_supporters(old, actor=actor),
            "chat": erase_chats(list(quiet.values_list("pk", flat=True)), actor=actor),
            "outreach": erase_texts([f"outreach:{pk}" for pk in told], actor=actor),
        }


def remove_erased_files() -> int:
    """Remove the files of what was erased, and those that nothing ever noted. Returns how many."""
    gone = 0
    too_old = clock.now().timestamp() - UNNOTED_S
    for batch in batched(list(KEPT.kept())):
        names = [name for name, _path in batch]
        noted = dict(Attachment.objects.filter(name__in=names).values_list("name", "erased_at"))
        waiting = ChatMessage.objects.filter(file__in=names)
        needed = {name for name, erased in noted.items() if erased is None}
        needed |= set(waiting.values_list("file", flat=True)) - set(noted)
        for name, path in batch:
            if name not in needed and (name in noted or path.stat().st_mtime < too_old):
                remove(path)
                gone += 1
    return gone


def _old(before: datetime) -> Iterator[int]:
    rows = Complaint.objects.filter(state__in=OVER, filed_at__lt=before, legal_hold="")
    rows = rows.filter(Q(incident=None) | Q(incident__legal_hold=""))
    held = Contact.objects.exclude(legal_hold="")
    rows = rows.exclude(reporter__in=held)
    yield from rows.filter(Q(body__erased_at=None) | Q(lat__isnull=False)).values_list(
        "pk", flat=True
    )


def _before() -> datetime:
    return clock.now() - timedelta(days=value("personal.ticket_days"))
