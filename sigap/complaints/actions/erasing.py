"""What is forgotten of old complaints: photos, exact places, who said "me too"."""

from collections.abc import Collection

from sigap.core import clock
from sigap.core.actions.personal import record_erased
from sigap.core.actors import Actor
from sigap.core.queries import batched
from sigap.core.transaction import transaction

from ..models import Attachment, Complaint, Supporter


def erase_attachments(complaints: Collection[int], *, actor: Actor) -> int:
    """Say that their files are erased; complaints.retention removes them. Returns how many."""
    with transaction():
        gone = 0
        for batch in batched(complaints):
            there = Attachment.objects.filter(complaint__in=batch, erased_at=None)
            gone += there.update(erased_at=clock.now())
        record_erased("attachment", gone, actor)
        return gone


def erase_places(complaints: Collection[int], *, actor: Actor) -> int:
    """Forget exact positions; the kelurahan stays for the figures. Returns how many."""
    with transaction():
        gone = 0
        for batch in batched(complaints):
            there = Complaint.objects.filter(pk__in=batch, lat__isnull=False)
            gone += there.update(lat=None, lng=None)
        record_erased("complaint_place", gone, actor)
        return gone


def erase_supporters(complaints: Collection[int], *, actor: Actor) -> int:
    """Forget who said "me too"; how many did stays. Returns how many."""
    with transaction():
        gone = 0
        for batch in batched(complaints):
            found = Supporter.objects.filter(complaint__in=batch)
            gone += found.delete()[0]
        record_erased("supporter", gone, actor)
        return gone
