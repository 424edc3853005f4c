"""Photos that come in pieces: each on the disk and noted before it is answered, so that a phone
whose connection broke asks how far it came and goes on from there."""

from typing import Any

from django.utils.translation import gettext as _

from sigap.core.actors import Actor
from sigap.core.errors import Invalid, Refused
from sigap.core.pictures import drawn
from sigap.core.queries import fetch
from sigap.core.vault import Unreadable, digest_of, remove
from sigap.dispatch.field.actions import keep_photo, note_piece, refuse_photo, restart_photo
from sigap.dispatch.field.files import KEPT, MOST_PIECE, piece_name
from sigap.dispatch.field.models import FieldPhoto


def announced(key: str, actor: Actor) -> FieldPhoto:
    """The photo that this person's phone has announced under this name; Missing otherwise."""
    return fetch(FieldPhoto, external_id=key, user_id=actor.person_id())


def progress(photo: FieldPhoto) -> dict[str, Any]:
    """How far it has come."""
    return {
        "received": photo.received,
        "done": photo.kept_at is not None,
        "refused": photo.refused,
    }


def take_piece(photo: FieldPhoto, offset: int, data: bytes, actor: Actor) -> FieldPhoto:
    """Keep one more piece; the last one makes the photo whole. Refused with the offset that is
    wanted where it is another one, Invalid where the whole is no picture."""
    if photo.kept_at or photo.refused:
        return photo
    if photo.received < photo.size:
        if len(data) > MOST_PIECE:
            raise Invalid(_("This piece is too large."), code="piece")
        if offset == photo.received and data:  # else it is refused without a file
            KEPT.keep(piece_name(photo.name, offset), data)
        photo = note_piece(photo.pk, offset, len(data), digest_of(data), actor=actor)
    return _whole(photo, actor) if photo.received == photo.size else photo


def _whole(photo: FieldPhoto, actor: Actor) -> FieldPhoto:
    pieces = photo.pieces
    try:
        data = b"".join(KEPT.read(piece_name(photo.name, at), digest) for at, digest in pieces)
    except Unreadable:
        data = b""
    if digest_of(data) != photo.sha256:
        restart_photo(photo.pk, actor=actor)
        raise Refused(_("It did not arrive as it was sent."), code="offset", received=0)
    try:
        picture = drawn(data)
    except Invalid as fault:
        photo = refuse_photo(photo.pk, fault.code, actor=actor)
        _forget(photo.name, pieces)
        raise
    KEPT.keep(photo.name, picture)
    photo = keep_photo(photo.pk, digest_of(picture), actor=actor)
    _forget(photo.name, pieces)
    return photo


def _forget(name: str, pieces: list[Any]) -> None:
    remove(*(KEPT.path(piece_name(name, at)) for at, _digest in pieces))
