"""Names, numbers and free text: kept, looked at and erased here (UU 27/2022).

Everything can be erased without breaking the record: the journal and the case tables
hold only ids.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import QuerySet

from .. import clock
from ..actors import Actor, Permission
from ..journal import record, subject_of
from ..kinds import Erased, PersonOpened, Reason
from ..models import Contact, Inbox, Text
from ..personal import MAX_TEXT, clean, normal_number, number_key
from ..queries import batched, check_reason
from ..rows import insert, insert_all, upsert, write
from ..transaction import transaction


def contact_for(number: str | None, *, at: datetime) -> Contact | None:
    """The caller with this number, made on the first call; None for a withheld number.

    Part of an action: call it inside a transaction.
    """
    normal = normal_number(number)
    if not normal:
        return None
    fresh = Contact(number=normal, key=number_key(normal), first_at=at, last_at=at)
    # Of one that was erased the number is known again.
    return upsert(fresh, "key", later="last_at", again=("number", "erased_at"))


def keep(
    subject: str,
    field: str,
    body: str,
    *,
    actor: Actor,
    at: datetime | None = None,
    most: int = MAX_TEXT,
) -> Text | None:
    """Keep words about `subject`; None when there are none. Invalid when far too long.
    `at` is given where they are older than their record (an import).

    Part of an action: call it inside a transaction.
    """
    body = clean(body, most)
    if not body:
        return None
    text = Text(subject=subject, field=field, body=body, author=actor.code, at=at or clock.now())
    insert(text)
    return text


def keep_all(subject: str, *, actor: Actor, **words: str) -> dict[str, Text]:
    """Keep words of several fields at once: `keep_all(subject, body=…, address=…)`. The texts
    by their fields, without those of which nothing was said.

    Part of an action: call it inside a transaction.
    """
    said = {field: body for field, words in words.items() if (body := clean(words))}
    texts = {
        field: Text(subject=subject, field=field, body=body, author=actor.code, at=clock.now())
        for field, body in said.items()
    }
    if texts:
        insert_all(list(texts.values()))
    return texts


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


def erase_contacts(contacts: QuerySet[Contact], *, actor: Actor) -> int:
    """Forget the numbers; the keyed hashes stay. Returns how many."""
    with transaction():
        gone = contacts.filter(erased_at=None).update(number="", erased_at=clock.now())
        record_erased("contact", gone, actor)
        return gone


def erase_texts(subjects: Iterable[str], *, actor: Actor) -> int:
    """Forget all words kept about `subjects`. Returns how many."""
    with transaction():
        gone = 0
        for batch in batched(subjects):
            words = Text.objects.filter(subject__in=batch, erased_at=None)
            gone += words.update(body="", erased_at=clock.now())
        record_erased("text", gone, actor)
        return gone


def empty_inbox(*, before: datetime, actor: Actor) -> int:
    """Forget what refused letters said; their number and reason stay. Returns how many."""
    with transaction():
        refused = Inbox.objects.filter(done_at__lt=before).exclude(payload="")
        gone = refused.update(payload="")
        record_erased("inbox", gone, actor)
        return gone


def hold(kept: models.Model, reason: str, *, actor: Actor, case: str = "") -> None:
    """Keep what is known of an incident or a caller from being erased, with the reason: it
    is tied to a legal case."""
    actor.require(Permission.LEGAL_HOLD)
    with transaction():
        check_reason("legal_hold", reason)
        _set_hold(kept, "personal.hold", reason, actor, case)


def lift_hold(kept: models.Model, *, actor: Actor, case: str = "") -> None:
    """The legal case is over: the data is erased at its time again."""
    actor.require(Permission.LEGAL_HOLD)
    with transaction():
        _set_hold(kept, "personal.lift", "", actor, case)


def _set_hold(kept: Any, kind: str, reason: str, actor: Actor, case: str) -> None:
    kept.legal_hold = reason
    write(kept, "legal_hold")
    body = Reason(reason=reason)
    record(kind, subject=subject_of(kept), case=case, actor=actor, body=body)


def record_erased(what: str, count: int, actor: Actor) -> None:
    """Record that so many rows of a kind were erased. Part of an action."""
    if count:
        body = Erased(what=what, count=count)
        record("personal.erased", subject=f"{what}:many", actor=actor, body=body)
