"""What a file is that somebody sent: by its first bytes, not by what is said of it."""

import base64
import re

from sigap.complaints.files import sniff

MB = 1024 * 1024
# What Meta lets through; a city may want less.
MOST_BYTES = {
    "image": 5 * MB,
    "sticker": 1 * MB,
    "audio": 16 * MB,
    "video": 16 * MB,
    "document": 100 * MB,
}
# Both are the same container; phones call a voice in it either.
SAME = {"audio/mp4": "mp4", "video/mp4": "mp4", "video/3gpp": "mp4", "audio/aac": "aac"}


class BadMedia(Exception):
    """A file that is not kept; `reason` is one of gone, too_large, changed, strange."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
