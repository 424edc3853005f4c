"""What citizens and agencies send along: checked by its bytes, kept encrypted. No database."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sigap.core.errors import Invalid
from sigap.core.pictures import drawn
from sigap.core.vault import Vault, digest_of

MB = 1024 * 1024
# By kind; phones send photos of 3 to 8 MB, voice notes of less than one.
MOST_BYTES = {"image": 12 * MB, "audio": 16 * MB, "video": 16 * MB, "document": 16 * MB}
_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp3g", "video/3gpp"),
    (4, b"ftyp", "video/mp4"),
)
MPEG_AUDIO = 2  # bytes that say which


@dataclass(frozen=True)
class File:
    """A file that may be kept."""

    kind: str  # one of MOST_BYTES
    mime: str
    data: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of what is kept."""
        return digest_of(self.data)


def _folder() -> Path:
    return settings.ENV.attachments()


KEPT = Vault(_folder, b"attachment", ".fernet")


def sniff(data: bytes) -> str:
    """What the bytes are, of the kinds that we keep; "" for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for offset, sign, mime in _SIGNS:
        if data[offset : offset + len(sign)] == sign:
            return mime
    if len(data) >= MPEG_AUDIO and data[0] == 0xFF:  # noqa: PLR2004
        if data[1] & 0xF6 == 0xF0:  # noqa: PLR2004 - ADTS
            return "audio/aac"
        if data[1] & 0xE6 == 0xE2:  # noqa: PLR2004 - layer III; 0xFE begins UTF-16
            return "audio/mpeg"
    return ""


def checked(data: bytes) -> File:
    """What may be kept of these bytes; Invalid for anything else. A picture is drawn anew: smaller,
    and without what the camera wrote beside it (where, when, whose phone)."""
    file = as_kept(data)
    if file.kind not in MOST_BYTES:
        raise Invalid(_("Only photos, sound, video and PDF are taken."), code="file")
    if len(data) > MOST_BYTES[file.kind]:
        most = MOST_BYTES[file.kind] // MB
        raise Invalid(_("This file is larger than %(most)d MB.") % {"most": most}, code="too_large")
    if file.kind != "image":
        return file
    return File("image", "image/jpeg", drawn(data))


def as_kept(data: bytes) -> File:
    """The file that these bytes are, unchanged: of one that was checked before it was kept."""
    mime = sniff(data)
    return File("document" if mime == "application/pdf" else mime.partition("/")[0], mime, data)
