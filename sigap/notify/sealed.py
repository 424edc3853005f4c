"""What must be kept but not be read in the database: addresses of pushes and people's numbers."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def seal(words: str) -> str:
    """These words, encrypted with a key that is not in the database."""
    return _cipher().encrypt(words.encode()).decode()


def opened(sealed: str) -> str:
    """What was sealed; "" where the machine's key is another one by now."""
    try:
        return _cipher().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        return ""


def receipt_of(delivery_id: int) -> str:
    """What proves that somebody has the push of this delivery: only it holds this."""
    return f"{delivery_id}.{_signature(delivery_id)}"


def delivery_of(receipt: str) -> int | None:
    """Which delivery's push was received; None where the receipt is made up."""
    number, _dot, signature = receipt.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 16):  # noqa: PLR2004
        return None
    right = hmac.compare_digest(signature.encode(), _signature(int(number)).encode())
    return int(number) if right else None


def _signature(delivery_id: int) -> str:
    key = b"receipt:" + settings.SECRET_KEY.encode()
    return hmac.new(key, str(delivery_id).encode(), hashlib.sha256).hexdigest()[:32]


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"alerting:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
