"""Signing in: the rules that need no writing. Accounts change in `core.actions.accounts`."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.hashers import make_password

from . import clock
from .actors import SECOND_FACTOR_ROLES, Role
from .models import SignInThrottle, User

FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)


def needs_second_factor(user: User) -> bool:
    """Whether one of the person's roles demands a second factor."""
    return any(Role(role) in SECOND_FACTOR_ROLES for role in user.roles)


def throttle_keys(username: str, address: str) -> list[str]:
    """The keys under which failures are counted: the name, and the address it came from."""
    return [_keyed(f"name:{username.lower()}"), _keyed(f"address:{address}")]


def locked_for(keys: list[str]) -> timedelta:
    """How long these keys must still wait: doubling after five failures, to 15 minutes."""
    longest = timedelta()
    for row in SignInThrottle.objects.filter(key__in=keys, failures__gte=FREE_FAILURES):
        wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(row.failures, 16) / 4))
        longest = max(longest, row.last_at + wait - clock.now())
    return max(longest, timedelta())


def cipher() -> Fernet:
    """Encrypts second-factor secrets with a key that is not in the database."""
    digest = hashlib.sha256(b"totp:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def totp_step(user: User, code: str) -> int | None:
    """The time step that `code` is right for and that was not used before; else None."""
    if not user.totp_secret:
        return None
    try:
        secret = cipher().decrypt(user.totp_secret.encode()).decode()
    except InvalidToken:
        return None
    totp = pyotp.TOTP(secret)
    now = int(clock.now().timestamp())
    for step in (now // totp.interval + drift for drift in (0, -1, 1)):
        expected = totp.at(step * totp.interval)
        if step > user.totp_last_step and hmac.compare_digest(
            expected.encode(), code.strip().encode()
        ):
            return step
    return None


def spend_time_on_password(password: str) -> None:
    """Cost as much for an unknown name as for a known one, so that names do not leak."""
    make_password(password)


def _keyed(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
