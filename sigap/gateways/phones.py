"""The telephone of each operator: its name at the exchange, and its password there."""

import hashlib
import hmac

from django.conf import settings

from sigap.core.models import User


def endpoint_of(person: User) -> str:
    """The name of a person's telephone at the exchange."""
    return f"op{person.pk}"


def password_of(person: User) -> str:
    """The password of that telephone. Nothing is stored: it follows from the secret key, and
    is another one as soon as the person's sign-ins are ended (a new epoch)."""
    words = f"phone:{person.pk}:{person.epoch}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()[:32]
