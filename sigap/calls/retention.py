"""Whose numbers, places and words are to be forgotten (UU 27/2022), by the city's periods.

Only calls know what a number was for: a ghost or prank call's is forgotten early, a
case's late. The erasing itself, and its journal rows, are in `core.actions.personal`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from sigap.core import clock
from sigap.core.actions.personal import empty_inbox, erase_contacts, erase_texts
from sigap.core.actors import Actor
from sigap.core.models import Contact, Text
from sigap.core.parameters import value
from sigap.core.queries import batched
from sigap.core.transaction import transaction
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident
from sigap.incidents.queries import held_ids

from .actions import erase_positions, erase_recordings
from .machine import OPEN
from .models import GHOST, Call, HandsetPosition, Recording

NO_CASE = (*GHOST, "prank")
CASE = ("emergency", "repeat")


def erase_expired(*, actor: Actor, others: Iterable[QuerySet[Any]] = ()) -> dict[str, int]:
    """Forget what is past its period: numbers, places, words, refused letters. `others` are what
    else may need a number, of `OuterRef("pk")`. Returns how many."""
    ghosts = _days_ago(value("personal.ghost_days"))
    cases = _days_ago(value("personal.ticket_days"))
    letters = _days_ago(value("personal.inbox_days"))
    with transaction():
        held = held_ids()
        needed = _needed(ghosts, cases, held)
        words = [
            *_old_calls(cases, held),
            *_old_incidents(cases, held),
            *_old_reviews(cases, held),
        ]
        return {
            "contact": erase_contacts(_unneeded(ghosts, needed, others), actor=actor),
            "position": erase_positions(_unneeded_positions(letters, needed), actor=actor),
            "text": erase_texts(words, actor=actor),
            "inbox": empty_inbox(before=letters, actor=actor),
            # Their files go next, outside this command: see keeping.remove_erased.
            "recording": erase_recordings(_old_recordings(held), actor=actor),
        }


def _days_ago(days: float) -> datetime:
    return clock.now() - timedelta(days=days)


def _needed(ghosts: datetime, cases: datetime, held: set[int]) -> Q:
    """Calls that still need their caller's number: young ones, open ones however old an
    exchange's clock says that they are, those that were more than a ghost or prank call, and
    those whose incident is unfinished, young or held."""
    case = ~Q(call_class__in=NO_CASE) | Q(incident__isnull=False)
    unfinished = Q(incident__state__in=UNFINISHED) | Q(incident__closed_at__gte=cases)
    return (
        Q(began_at__gte=ghosts)
        | Q(state__in=OPEN)
        | (case & Q(began_at__gte=cases))
        | unfinished
        | Q(incident_id__in=held)
    )


def _unneeded(ghosts: datetime, needed: Q, others: Iterable[QuerySet[Any]]) -> QuerySet[Contact]:
    """People of whom neither a call nor anything else still needs the number."""
    found = Contact.objects.filter(last_at__lt=ghosts, legal_hold="")
    for needing in (Call.objects.filter(needed, contact=OuterRef("pk")), *others):
        found = found.exclude(Exists(needing))
    return found


def _unneeded_positions(letters: datetime, needed: Q) -> QuerySet[HandsetPosition]:
    """Where phones were: forgotten with the number of their call, or after the days of a
    refused letter where no call was found."""
    held = Q(contact__isnull=False) & ~Q(contact__legal_hold="")
    needing = Call.objects.filter(needed | held, pk=OuterRef("call_id"))
    alone = Q(call=None, received_at__lt=letters)
    of_a_call = Q(call__isnull=False) & ~Exists(needing)
    return HandsetPosition.objects.filter(alone | of_a_call, erased_at=None)


def _old_calls(before: datetime, held: set[int]) -> Iterator[str]:
    """Calls whose words nobody needs: older than this, and without a case that does."""
    for ids in batched(_with_words("call", before)):
        for row in _over(before).filter(pk__in=ids):
            if _is_free(row, before, held):
                yield f"call:{row.pk}"


def _old_reviews(before: datetime, held: set[int]) -> Iterator[str]:
    """Scored calls whose notes nobody needs: as long as the words of the call itself."""
    for ids in batched(_with_words("review", before)):
        for row in _over(before).filter(review__pk__in=ids).select_related("review"):
            if _is_free(row, before, held):
                yield f"review:{row.review.pk}"


def _old_recordings(held: set[int]) -> list[int]:
    """Recordings whose period is over: that of a call with a case, that of any other. They
    are kept while the call or its case is going on, or held."""
    others = _days_ago(value("personal.audio_other_days"))
    valid = _days_ago(value("personal.audio_valid_days"))
    stored = Recording.objects.filter(state="stored", heard_of_at__lt=max(others, valid))
    nobodys = stored.filter(call=None, heard_of_at__lt=others)
    found = list(nobodys.values_list("pk", flat=True))
    with_case = Q(incident__isnull=False) | Q(field_action=True) | Q(call_class__in=CASE)
    for which, before in ((with_case, valid), (~with_case, others)):
        calls = _over(before).filter(which, recordings__in=stored).distinct()
        free = [row.pk for row in calls if _is_free(row, clock.now(), held)]
        for ids in batched(free):
            found += stored.filter(call_id__in=ids).values_list("pk", flat=True)
    return found


def _over(before: datetime) -> QuerySet[Call]:
    """Calls that began before this and are over, whose caller is tied to no legal case."""
    return Call.objects.select_related("incident").filter(
        ~Q(state__in=OPEN), Q(contact=None) | Q(contact__legal_hold=""), began_at__lt=before
    )


def _is_free(call: Call, before: datetime, held: set[int]) -> bool:
    """Whether no case needs what is known of the call."""
    return call.incident is None or (
        call.incident_id not in held and _is_over(call.incident, before)
    )


def _old_incidents(before: datetime, held: set[int]) -> Iterator[str]:
    for ids in batched(_with_words("incident", before)):
        for row in Incident.objects.filter(pk__in=ids).exclude(pk__in=held):
            if _is_over(row, before):
                yield f"incident:{row.pk}"


def _with_words(noun: str, before: datetime) -> list[int]:
    """The rows of this kind that have words from before this time."""
    words = Text.objects.filter(erased_at=None, at__lt=before, subject__startswith=f"{noun}:")
    return [int(s.partition(":")[2]) for s in words.values_list("subject", flat=True).distinct()]


def _is_over(incident: Incident, before: datetime) -> bool:
    return incident.state not in UNFINISHED and (incident.closed_at or incident.opened_at) < before
