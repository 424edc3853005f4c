"""Signing in: the rules that need no writing. Accounts change in `core.actions.accounts`."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.hashers import make_password

from . import clock
from .actors import SECOND_FACTOR_ROLES, Role
from .models import SignInThrottle, User

# A control room shares one address: a few typing errors there must not keep everybody out.
FREE_FAILURES = {"name": 5, "address": 50}
# No letters that are read for one another.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


def needs_second_factor(user: User) -> bool:
    """Whether one of the person's roles demands a second factor."""
    return any(Role(role) in SECOND_FACTOR_ROLES for role in user.roles)


def throttle_keys(username: str, address: str) -> list[str]:
    """The keys under which failures are counted: the name, and the address it came from."""
    named = unicodedata.normalize("NFKC", username).strip().casefold()
    return [f"name:{_keyed(named)}", f"address:{_keyed(address)}"]


def locked_for(keys: list[str]) -> timedelta:
    """How long these keys must still wait: each failure above the free ones doubles it."""
    longest = timedelta()
    for row in SignInThrottle.objects.filter(key__in=keys, last_at__gt=forgotten_before()):
        above = still_counted(row) - FREE_FAILURES[row.key.partition(":")[0]]
        if above >= 0:
            wait = min(LONGEST_WAIT, timedelta(seconds=8 * 2 ** min(above, 10)))
            longest = max(longest, row.last_at + wait - clock.now())
    return max(longest, timedelta())


def still_counted(row: SignInThrottle) -> int:
    """The failures that count now. Those of an address fade one by one: a room that shares one
    is never quiet for as long as it takes to forget them all at once."""
    kind = row.key.partition(":")[0]
    if kind == "name":
        return row.failures
    faded = (clock.now() - row.last_at) / FORGOTTEN_AFTER * FREE_FAILURES[kind]
    return max(0, row.failures - int(max(0, faded)))


def forgotten_before() -> datetime:
    """Failures whose last one is older than this no longer count."""
    return clock.now() - FORGOTTEN_AFTER


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


def one_time_password() -> str:
    """Four groups of four letters: about 79 bits, and readable over a telephone."""
    groups = ("".join(secrets.choice(LETTERS) for _n in range(4)) for _g in range(4))
    return "-".join(groups)


def _keyed(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:48]
