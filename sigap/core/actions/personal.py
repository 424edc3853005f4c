"""Names, numbers and free text: kept, looked at and erased here (UU 27/2022).

Everything can be erased without breaking the record: the journal and the case tables
hold only ids.
"""

from collections.abc import Iterable
from datetime import datetime

from .. import clock
from ..actors import Actor
from ..journal import record
from ..kinds import Erased, PersonOpened
from ..models import Contact, Text
from ..personal import clean, normal_number, number_key
from ..transaction import transaction


def contact_for(number: str | None, *, at: datetime) -> Contact | None:
    """The caller with this number, made on the first call; None for a withheld number.

    Part of an action: call it inside a transaction.
    """
    normal = normal_number(number)
    if not normal:
        return None
    key = number_key(normal)
    contact = Contact.objects.filter(key=key).first()
    if contact is None:
        return Contact.objects.create(number=normal, key=key, first_at=at, last_at=at)
    changed = ["last_at"]
    contact.last_at = max(at, contact.last_at)
    if contact.erased_at:
        contact.number, contact.erased_at = normal, None
        changed += ["number", "erased_at"]
    contact.save(update_fields=changed)
    return contact


def keep(subject: str, field: str, body: str, *, actor: Actor) -> Text | None:
    """Keep words about `subject`; None when there are none. Invalid when far too long.

    Part of an action: call it inside a transaction.
    """
    body = clean(body)
    if not body:
        return None
    return Text.objects.create(
        subject=subject, field=field, body=body, author=actor.code, at=clock.now()
    )


def opened(subject: str, *, screen: str, actor: Actor, case: str = "") -> None:
    """Record that a person's data was looked at."""
    with transaction():
        record(
            "person.opened",
            subject=subject,
            case=case,
            actor=actor,
            body=PersonOpened(screen=screen),
        )


def erase_contacts(contacts: Iterable[Contact], *, actor: Actor) -> int:
    """Forget the numbers and names; the keyed hashes stay. Returns how many."""
    with transaction():
        gone = Contact.objects.filter(pk__in=[c.pk for c in contacts], erased_at=None).update(
            number="", name="", erased_at=clock.now()
        )
        if gone:
            record(
                "personal.erased",
                subject="contact:many",
                actor=actor,
                body=Erased(what="contact", count=gone),
            )
    return gone


def erase_texts(subjects: Iterable[str], *, actor: Actor) -> int:
    """Forget all words kept about `subjects`. Returns how many."""
    with transaction():
        gone = Text.objects.filter(subject__in=list(subjects), erased_at=None).update(
            body="", erased_at=clock.now()
        )
        if gone:
            record(
                "personal.erased",
                subject="text:many",
                actor=actor,
                body=Erased(what="text", count=gone),
            )
    return gone
