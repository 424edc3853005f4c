"""What a file is that somebody sent: by its first bytes, not by what is said of it."""

import base64
import hashlib
import re

MB = 1024 * 1024
# What Meta lets through; a city may want less.
MOST_BYTES = {
    "image": 5 * MB,
    "sticker": 1 * MB,
    "audio": 16 * MB,
    "video": 16 * MB,
    "document": 100 * MB,
}
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
# Both are the same container; phones call a voice in it either.
SAME = {"audio/mp4": "mp4", "video/mp4": "mp4", "video/3gpp": "mp4", "audio/aac": "aac"}


class BadMedia(Exception):
    """A file that is not kept; `reason` is one of gone, too_large, changed, strange."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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


def agreed(data: bytes, announced: str) -> str:
    """What the bytes are. Raises BadMedia where they are of no kind that we keep, or of another
    than was announced: a page with scripts that calls itself a picture."""
    found, said = sniff(data), announced.partition(";")[0].strip().lower()
    if not found or (said and SAME.get(found, found) != SAME.get(said, said)):
        raise BadMedia("strange")
    return found


def same_sum(given: str, data_sum: bytes) -> bool:
    """Whether a checksum, in hex or base64 as Meta gives either, is that of the data. None
    given agrees with anything."""
    if not given:
        return True
    if re.fullmatch(r"[0-9a-fA-F]{64}", given):
        return given.lower() == data_sum.hex()
    try:
        return base64.b64decode(given + "=" * (-len(given) % 4), validate=True) == data_sum
    except ValueError:
        return False


def sum_of(data: bytes) -> bytes:
    """The checksum."""
    return hashlib.sha256(data).digest()
