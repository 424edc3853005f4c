"""A file is what its bytes say, and of the checksum that the message gave, or is not kept."""

import base64
from hashlib import sha256

import pytest

from sigap.complaints.files import sniff
from sigap.gateways.whatsapp.media import BadMedia, agreed, same_sum

FILES = {
    "image/jpeg": b"\xff\xd8\xff\xe0rest",
    "image/png": b"\x89PNG\r\n\x1a\nrest",
    "image/webp": b"RIFF1234WEBPrest",
    "audio/ogg": b"OggSrest",
    "audio/amr": b"#!AMR\nrest",
    "audio/mpeg": b"ID3rest",
    "audio/aac": b"\xff\xf1rest",
    "audio/mp4": b"1234ftypM4A rest",
    "video/mp4": b"1234ftypisomrest",
    "video/3gpp": b"1234ftyp3gp4rest",
    "application/pdf": b"%PDF-1.7rest",
}


@pytest.mark.parametrize("mime", FILES)
def test_each_kind_is_known_by_its_first_bytes(mime: str) -> None:
    assert sniff(FILES[mime]) == mime
    assert agreed(FILES[mime], mime) == mime
    assert agreed(FILES[mime], "") == mime


def test_a_bare_mp3_is_known_and_a_voice_may_say_its_codec() -> None:
    assert sniff(b"\xff\xfbrest") == "audio/mpeg"
    assert agreed(FILES["audio/ogg"], "audio/ogg; codecs=opus") == "audio/ogg"
    assert agreed(FILES["video/mp4"], "audio/mp4") == "video/mp4"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>",
        b"MZ\x90",
        b"PK\x03\x04",
        b"<svg onload=",
        b"\xff",
        b"%PD",
        b"\xff\xfe<\0h\0",
    ],
)
def test_what_is_none_of_them_is_not_kept(data: bytes) -> None:
    assert sniff(data) == ""
    with pytest.raises(BadMedia) as bad:
        agreed(data, "image/jpeg")
    assert bad.value.reason == "strange"


def test_what_calls_itself_something_else_is_not_kept() -> None:
    with pytest.raises(BadMedia):
        agreed(FILES["application/pdf"], "image/jpeg")


def test_a_checksum_may_be_hex_or_base64() -> None:
    right = sha256(b"data").digest()
    encoded = base64.b64encode(right).decode()
    for given in (right.hex(), right.hex().upper(), encoded, encoded.rstrip("="), ""):
        assert same_sum(given, right)
    for given in (sha256(b"other").hexdigest(), "zz", "§", base64.b64encode(b"x").decode()):
        assert not same_sum(given, right)
