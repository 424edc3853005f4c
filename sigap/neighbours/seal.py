"""What is secret between two centres: kept encrypted, shown to nobody, and used to sign."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

# A message that is older, or from the future, may be one that somebody sends again.
APART = timedelta(minutes=5)


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"neighbours:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def sealed(secret: str) -> str:
    """A secret as it is kept: its key is not in the database."""
    return _cipher().encrypt(secret.encode()).decode() if secret else ""


def opened(kept: str) -> str:
    """The secret itself; "" where there is none, or it was sealed with another key."""
    try:
        return _cipher().decrypt(kept.encode()).decode() if kept else ""
    except InvalidToken:
        return ""


def signature(secret: str, stamp: str, content: bytes) -> str:
    """HMAC-SHA256 over the time and exactly these bytes."""
    made = hmac.new(secret.encode(), stamp.encode("ascii", "replace") + b"." + content, "sha256")
    return f"sha256={made.hexdigest()}"


def is_signed(secret: str, stamp: str, content: bytes, given: str, now: datetime) -> bool:
    """Whether whoever knows the secret signed these bytes, and did so just now."""
    right = signature(secret, stamp, content)
    same = hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace"))
    if not (secret and same and stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):  # noqa: PLR2004
        return False
    return abs(now.timestamp() - int(stamp)) <= APART.total_seconds()


def same(secret: str, given: str) -> bool:
    """Whether both are the same secret, told in constant time."""
    return bool(secret) and hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace"))


def link_token(pk: int, nonce: str) -> str:
    """The end of a link that nobody can guess; it follows from the machine's key, not kept."""
    words = f"neighbours:link:{pk}:{nonce}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).digest()
    return f"{pk}-{base64.urlsafe_b64encode(made[:24]).decode()}"
