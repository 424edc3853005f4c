"""What is added to a complaint after it was filed: words, photos, voice notes."""

import secrets

from django.db.models import Q
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import NoteAdded, Reason
from sigap.core.kinds.complaints import FileAttached
from sigap.core.machine import change, expect
from sigap.core.models import Text
from sigap.core.personal import clean
from sigap.core.rows import insert
from sigap.core.transaction import transaction

from ..files import KEPT, File
from ..models import Attachment, Complaint
from ..queries import get
from .dangers import speaks_of_danger, tell_of_danger

MOST_FILES = 20  # of one complaint: sent along, and as many that show the work


def store(file: File) -> str:
    """Put a file on the disk and return its name: before, and outside of, the command that
    notes it. One that nothing notes in the end is swept away."""
    name = secrets.token_urlsafe(24)
    KEPT.keep(name, file.data)
    return name


def attach_file(
    complaint_id: int, file: File, name: str, *, actor: Actor, role: str = "evidence"
) -> Attachment:
    """Note a stored file as part of a complaint. The same file again is the one that is there."""
    if role not in Attachment.ROLES:
        raise Invalid(_("Unknown kind of photo."), code="role")
    with transaction():
        complaint = get(complaint_id)
        there = complaint.attachments.filter(digest=file.digest, role=role, erased_at=None).first()
        if there is not None:
            return there
        sent_along = Q(role="evidence")
        alike = complaint.attachments.filter(sent_along if role == "evidence" else ~sent_along)
        if alike.count() >= MOST_FILES:
            raise Refused(
                _("This complaint has %(most)d files already.") % {"most": MOST_FILES}, code="files"
            )
        attachment = Attachment(
            complaint=complaint,
            name=name,
            kind=file.kind,
            mime=file.mime,
            role=role,
            digest=file.digest,
            size=len(file.data),
            author=actor.code,
            at=clock.now(),
        )
        insert(attachment)
        record(
            "complaint.file",
            subject=subject_of(complaint),
            case=subject_of(complaint),
            actor=actor,
            body=FileAttached(
                attachment_id=attachment.pk, kind=file.kind, role=role, sha256=file.digest
            ),
        )
        return attachment


def add_note(complaint_id: int, body: str, *, actor: Actor) -> Text:
    """Keep what the desk or an agency notes for itself: the citizen never reads it."""
    with transaction():
        return keep_words(get(complaint_id), "note", body, actor=actor)


def add_words(complaint_id: int, body: str, *, actor: Actor) -> Text:
    """Keep what the citizen adds to a complaint, in whatever state. The same words right again
    are those that are there."""
    with transaction():
        complaint = get(complaint_id)
        said = Text.objects.filter(subject=subject_of(complaint), field="words").last()
        if said is not None and said.body == clean(body):
            return said
        return keep_words(complaint, "words", body, actor=actor)


def protect_complaint(
    complaint_id: int, *, actor: Actor, anonymous: bool = False, secret: bool = False
) -> Complaint:
    """Hide who reports from agencies and the public, or all of it from public lists, as the
    citizen wishes afterwards. It is never undone here: what was hidden may have been relied on."""
    with transaction():
        complaint = get(complaint_id)
        wished = {"anonymous": anonymous, "secret": secret}
        fresh = {name: True for name, on in wished.items() if on and not getattr(complaint, name)}
        if fresh:
            change(complaint, **fresh)
            subject = subject_of(complaint)
            record("complaint.protected", subject=subject, case=subject, actor=actor)
        return complaint


def tell_citizen(complaint_id: int, body: str, *, actor: Actor) -> Text:
    """Keep what the desk lets the citizen know between the steps."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        return keep_words(get(complaint_id), "reply", body, actor=actor)


def release_text(
    complaint_id: int, body: str, *, actor: Actor, version: int | None = None
) -> Complaint:
    """Say what of the citizen's words the public list may show: without names, numbers and
    whatever else points at somebody. Nothing is shown before, and nothing again after ""."""
    actor.require(Permission.HANDLE_COMPLAINTS)
    with transaction():
        complaint = get(complaint_id)
        expect(complaint, version)
        if complaint.secret and body.strip():
            raise Refused(_("This complaint is confidential."), code="secret")
        text = keep(subject_of(complaint), "released", body, actor=actor)
        change(complaint, released_text=text)
        record(
            "complaint.release",
            subject=subject_of(complaint),
            case=subject_of(complaint),
            actor=actor,
            body=Reason(text_id=text.pk if text else None),
        )
        return complaint


def keep_words(complaint: Complaint, field: str, body: str, *, actor: Actor) -> Text:
    """Part of what adds words to a complaint; inside its transaction. The field says whose they
    are, and with that who reads them: "words" the citizen's, "reply" to the citizen, "note"
    nobody's outside."""
    text = keep(subject_of(complaint), field, body, actor=actor)
    if text is None:
        raise Invalid(_("Say what you want to add."), code="body")
    record(
        f"complaint.{field}",
        subject=subject_of(complaint),
        case=subject_of(complaint),
        actor=actor,
        body=NoteAdded(text_id=text.pk),
    )
    if field == "words" and speaks_of_danger(body, actor):
        tell_of_danger(complaint, actor=actor)
    return text
