"""Who may tell us something: a centre that signs what it sends, or shows its secret."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sigap.neighbours.queries import centre_with, secret_of
from sigap.neighbours.seal import is_signed, signature

MOST_BYTES = 256 * 1024
CENTRE, STAMP, SIGNATURE = "x-sigap-centre", "x-sigap-time", "x-sigap-signature"


def who_sent(headers: Mapping[str, str], content: bytes, now: datetime) -> str:
    """The code of the centre that sent these bytes; "" where that is not certain. A signature is
    good for minutes, so that what was caught on the way is of no use later; within them a repeat
    is the same letter and does nothing."""
    if given := headers.get(SIGNATURE, ""):
        code = headers.get(CENTRE, "")
        right = is_signed(secret_of(code), headers.get(STAMP, ""), content, given, now)
        return code if right else ""
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return centre_with(token.strip()) if scheme.lower() == "bearer" and token.strip() else ""


def signed(known_as: str, secret: str, content: bytes, now: datetime) -> dict[str, str]:
    """The headers by which the other centre knows that it was us."""
    stamp = str(int(now.timestamp()))
    return {CENTRE: known_as, STAMP: stamp, SIGNATURE: signature(secret, stamp, content)}


def letter_in(body: bytes) -> tuple[str, str]:
    """External id and payload of what was sent: the same bytes are the same letter. What cannot be
    read is kept too, for whoever asks why."""
    name = "sha256:" + hashlib.sha256(body).hexdigest()
    return name, json.dumps({"body": body.decode("utf-8", "replace")})
