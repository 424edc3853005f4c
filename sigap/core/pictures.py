"""Pictures of strangers, drawn anew: smaller, and without what the camera wrote beside them (where,
when, whose phone). No database."""

import io
import threading

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from .errors import Invalid

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2048
# A picture of so many points fills 150 MB while it is drawn: not in every thread at once.
_DRAWING = threading.Semaphore(2)
QUALITY = 82


def drawn(data: bytes) -> bytes:
    """The same picture as JPEG; Invalid where it cannot be read, or is far too large."""
    with _DRAWING:
        return _drawn(data)


def _drawn(data: bytes) -> bytes:
    """The same picture as JPEG."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as given:
            if given.width * given.height > MOST_PIXELS:
                raise Invalid(_("This picture is too large."), code="too_large")
            given.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            given.getexif()  # which way up; the rest, often broken, is not to be written anew
            given.info.pop("exif", None)
            picture = ImageOps.exif_transpose(given).convert("RGB")
    except Invalid:
        raise
    except Exception as error:  # strangers' bytes make decoders fail in every way there is
        raise Invalid(_("This picture cannot be read."), code="file") from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG", quality=QUALITY)
    return drawn.getvalue()
