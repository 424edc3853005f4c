"""What several citizens report alike."""

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.machine import change
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction

from ..models import Complaint, Supporter
from ..queries import get


def add_supporter(complaint_id: int, key: str, *, actor: Actor) -> Complaint:
    """Somebody says "me too"; the same `key` again changes nothing."""
    with transaction():
        complaint = get(complaint_id)
        if row(Supporter, complaint=complaint.pk, key=key) is None:
            insert(Supporter(complaint=complaint, key=key, at=clock.now()))
            change(complaint, supporters=complaint.supporters + 1)
            subject = subject_of(complaint)
            record("complaint.supported", subject=subject, case=subject, actor=actor)
        return complaint
