"""Photos of crews: announced, coming in pieces, kept or refused, erased. The files themselves are
written and removed outside of these commands."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import record_erased
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.field import PhotoTaken
from sigap.core.queries import batched, fetch
from sigap.core.transaction import transaction
from sigap.fleet.queries import may_work_for

from ...models import Assignment
from ..files import MOST_BYTES
from ..models import FieldPhoto

MOST_PHOTOS = 60  # of one job


def announce_photo(
    assignment: Assignment,
    external_id: str,
    *,
    size: int,
    sha256: str,
    actor: Actor,
    occurred_at: datetime | None = None,
) -> FieldPhoto:
    """Say that a photo of so many bytes comes: where it belongs is settled before any is sent."""
    with transaction():
        if not may_work_for(assignment.unit, actor):
            raise Forbidden(_("This unit is not yours."))
        if not 0 < size <= MOST_BYTES:
            raise Invalid(_("This photo is too large."), code="too_large")
        if assignment.photos.filter(refused="").count() >= MOST_PHOTOS:
            raise Refused(_("This job has as many photos as it can have."), code="files")
        return FieldPhoto.objects.create(
            user_id=actor.person_id(),
            external_id=external_id,
            assignment=assignment,
            name=secrets.token_hex(16),
            size=size,
            sha256=sha256,
            occurred_at=occurred_at or clock.now(),
            announced_at=clock.now(),
        )


def note_piece(photo_id: int, offset: int, size: int, digest: str, *, actor: Actor) -> FieldPhoto:
    """Note that a piece is on the disk. One that does not begin where the last ended is refused
    with the offset that is wanted."""
    with transaction():
        photo = _coming(photo_id, actor)
        if offset != photo.received or not 0 < size <= photo.size - offset:
            raise Refused(
                _("This piece does not fit to the last one."),
                code="offset",
                received=photo.received,
            )
        photo.received = offset + size
        photo.pieces = [*photo.pieces, [offset, digest]]
        photo.save(update_fields=["received", "pieces"])
        return photo


def restart_photo(photo_id: int, *, actor: Actor) -> FieldPhoto:
    """What came is not what was announced: it is to come anew from the beginning."""
    with transaction():
        photo = _coming(photo_id, actor)
        photo.received, photo.pieces = 0, []
        photo.save(update_fields=["received", "pieces"])
        return photo


def keep_photo(photo_id: int, digest: str, *, actor: Actor) -> FieldPhoto:
    """Note that the photo is kept whole, and tell the incident's timeline."""
    with transaction():
        photo = _coming(photo_id, actor)
        photo.digest, photo.kept_at, photo.pieces = digest, clock.now(), []
        photo.save(update_fields=["digest", "kept_at", "pieces"])
        job = photo.assignment
        record(
            "field.photo",
            subject=subject_of(job),
            case=subject_of(job.incident),
            actor=actor,
            occurred_at=photo.occurred_at,
            body=PhotoTaken(unit=job.unit.call_sign, photo=photo.pk, sha256=digest),
        )
        return photo


def refuse_photo(photo_id: int, code: str, *, actor: Actor) -> FieldPhoto:
    """Note that what came is no picture; its pieces are removed."""
    with transaction():
        photo = _coming(photo_id, actor)
        photo.refused, photo.pieces = code, []
        photo.save(update_fields=["refused", "pieces"])
        return photo


def erase_photos(incidents: Collection[int], *, actor: Actor) -> int:
    """Say that the photos of these incidents are erased; field.retention removes the files.
    Returns how many."""
    with transaction():
        gone = 0
        for batch in batched(incidents):
            there = FieldPhoto.objects.filter(assignment__incident__in=batch, erased_at=None)
            gone += there.update(erased_at=clock.now())
        record_erased("field_photo", gone, actor)
        return gone


def _coming(photo_id: int, actor: Actor) -> FieldPhoto:
    """A photo of this person that is neither kept nor refused yet."""
    rows = FieldPhoto.objects.select_related("assignment__unit", "assignment__incident")
    photo = fetch(rows, pk=photo_id, user_id=actor.person_id())
    if photo.kept_at or photo.refused or photo.erased_at:
        raise Refused(_("This photo is here already."), code="done")
    return photo
