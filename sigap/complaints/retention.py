"""Whose words, places and photos of complaints are to be forgotten (UU 27/2022), by the city's
periods: as long after its end as those of an incident. One that is open, tied to a legal case or
part of an incident that is, is never touched. What was noted of a low mark goes with the words of
its case; a note on an event of outreach, in which a name may stand, as long after the event."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from sigap.core import clock
from sigap.core.actions.personal import erase_texts
from sigap.core.actors import Actor
from sigap.core.models import Contact, Text
from sigap.core.parameters import value
from sigap.core.queries import batched
from sigap.core.transaction import transaction
from sigap.core.vault import remove
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident
from sigap.incidents.queries import carrier, held_ids

from .actions.erasing import erase_attachments, erase_places, erase_supporters
from .chat.actions import erase_chats, erase_drafts, erase_messages
from .chat.models import ChatMessage, Conversation
from .files import KEPT
from .machine import OVER
from .models import Attachment, Complaint, Supporter
from .outreach.models import Outreach

# A form that somebody is still filling in may hold files that nothing notes yet.
UNNOTED_S = 2 * 86_400


def contacts_in_use() -> list[QuerySet[Complaint] | QuerySet[Conversation]]:
    """What still needs the number of a contact, for the retention of numbers to ask."""
    young = ~Q(pk__in=_over(_before()).values("pk"))
    recent = Q(heard_at__gte=_before()) | Q(about__isnull=False)
    return [
        Complaint.objects.filter(young | ~Q(legal_hold=""), reporter=OuterRef("pk")),
        Conversation.objects.filter(recent, erased_at=None, contact=OuterRef("pk")),
    ]


def erase_old(*, actor: Actor) -> dict[str, int]:
    """Forget what is past its period. Returns how many of each."""
    before = _before()
    with transaction():
        over = _free(_over(before))
        old = list(_unforgotten(over).values_list("pk", flat=True))
        subjects = [f"complaint:{pk}" for pk in old]
        referrals = Complaint.objects.filter(pk__in=old).values_list("referrals", flat=True)
        subjects += [f"referral:{pk}" for pk in referrals if pk]
        never = Q(heard_at=None, began_at__lt=before)  # who was asked, and has not answered
        silent = Conversation.objects.filter(Q(heard_at__lt=before) | never, erased_at=None)
        silent = silent.exclude(contact__in=Contact.objects.exclude(legal_hold=""))
        talked_of = Complaint.objects.filter(chat_messages__conversation=OuterRef("pk"))
        quiet = silent.exclude(Exists(talked_of.exclude(pk__in=over.values("pk"))))
        told = Outreach.objects.filter(day__lt=before.date()).values_list("pk", flat=True)
        return {
            "complaint_text": erase_texts(subjects, actor=actor),
            "attachment": erase_attachments(old, actor=actor),
            "complaint_place": erase_places(old, actor=actor),
            "supporter": erase_supporters(old, actor=actor),
            "chat": erase_chats(list(quiet.values_list("pk", flat=True)), actor=actor),
            "chat_words": erase_messages(_old_messages(before), actor=actor)
            + erase_drafts(before, actor=actor),
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


def _over(before: datetime) -> QuerySet[Complaint]:
    """What ended before then: by itself, with its incident, or with the report that it was
    joined with."""
    gone = set(_gone_incidents(before))
    ended = Q(state__in=OVER, closed_at__lt=before) | Q(state="promoted", incident__in=gone)
    joined_ended = Q(attached_to__state__in=OVER, attached_to__closed_at__lt=before)
    joined_ended |= Q(attached_to__state="promoted", attached_to__incident__in=gone)
    return Complaint.objects.filter(ended | Q(state="attached") & joined_ended)


def _gone_incidents(before: datetime) -> list[int]:
    """Incidents of complaints that ended before then, and are tied to no legal case."""
    held = held_ids()
    found = []
    for incident in Incident.objects.filter(complaints__state="promoted").distinct():
        main = carrier(incident)
        ended = main.closed_at if main.state not in UNFINISHED else None
        if ended and ended < before and incident.pk not in held:
            found.append(incident.pk)
    return found


def _free(rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Those of them that are tied to no legal case."""
    rows = rows.filter(Q(incident=None) | Q(incident__legal_hold=""), legal_hold="")
    return rows.exclude(reporter__in=Contact.objects.exclude(legal_hold=""))


def _unforgotten(rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Those of which anything is left: also what was said or sent after all was forgotten."""
    subject = Concat(Value("complaint:"), Cast(OuterRef("pk"), CharField()))
    left = {"complaint": OuterRef("pk")}
    return rows.filter(
        Q(lat__isnull=False)
        | Exists(Text.objects.filter(subject=subject, erased_at=None))
        | Exists(Attachment.objects.filter(**left, erased_at=None))
        | Exists(Supporter.objects.filter(**left))
    )


def _old_messages(before: datetime) -> list[int]:
    """What was written so long ago about nothing, or about what was forgotten: also by people
    who go on writing."""
    about = Q(complaint=None) | Q(complaint__in=_free(_over(before)))
    left = Q(text__isnull=False, text__erased_at=None) | Q(wamid__isnull=False) | ~Q(file="")
    rows = ChatMessage.objects.filter(about, left, at__lt=before)
    held = Contact.objects.exclude(legal_hold="")
    rows = rows.exclude(conversation__contact__in=held)
    # What a report is being made of.
    unfinished = {"draft": F("conversation__draft"), "conversation__body__isnull": False}
    rows = rows.exclude(complaint=None, **unfinished)
    return list(rows.values_list("pk", flat=True))


def _before() -> datetime:
    return clock.now() - timedelta(days=value("personal.ticket_days"))
