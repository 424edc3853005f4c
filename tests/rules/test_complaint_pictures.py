"""Pictures of strangers: drawn anew, or refused; never a fault."""

import io
import struct

import pytest
from PIL import Image

from sigap.complaints.files import checked
from sigap.core.errors import Invalid


def photo(*entries: tuple[int, int, int, bytes]) -> bytes:
    """A JPEG, twice as wide as high, with these entries of EXIF: tag, type, count, value."""
    told = b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries)
    tiff = b"II*\0" + struct.pack("<IH", 8, len(entries)) + told + b"\0\0\0\0" + b"\1\2\3\4" * 9
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20)).save(drawn, "JPEG", exif=b"Exif\0\0" + tiff)
    return drawn.getvalue()


ON_ITS_SIDE = (0x0112, 3, 1, struct.pack("<HH", 6, 0))


def test_a_picture_is_turned_as_it_was_held_though_its_camera_wrote_nonsense() -> None:
    maker = (0x010F, 5, 2, struct.pack("<I", 8))  # a name that is a fraction
    with Image.open(io.BytesIO(checked(photo(maker, ON_ITS_SIDE)).data)) as kept:
        assert kept.size == (20, 40)
        assert not kept.getexif()


def test_whatever_is_broken_in_a_picture_it_is_refused_and_nothing_fails() -> None:
    given = photo(ON_ITS_SIDE)
    for at in range(0, len(given), 3):
        for byte in (0, 255):
            broken = given[:at] + bytes([byte]) + given[at + 1 :]
            try:
                assert checked(broken).mime
            except Invalid as refused:
                assert refused.code in ("file", "too_large")
    with pytest.raises(Invalid):
        checked(b"\x89PNG\r\n\x1a\n" + b"\0" * 30)
