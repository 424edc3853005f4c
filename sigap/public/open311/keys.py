"""The keys of programs: made by an administrator, shown once, known by their hash."""

import secrets
from hashlib import sha256

from django.http import HttpRequest
from django.utils.translation import gettext as _

from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden
from sigap.core.remembered import remembered
from sigap.core.rows import row

from ..models import ApiKey
from ..pace import check_address, check_pace

READS = "300/minute"  # of one address, without a key


def new_key(name: str, *, rate: int, actor: Actor) -> str:
    """A key for the program of this name, in place of the one that it has."""
    secret = secrets.token_urlsafe(24)
    define(
        ApiKey,
        key={"name": name},
        actor=actor,
        digest=digest_of(secret),
        rate=rate,
        active=True,
    )
    return secret


def digest_of(secret: str) -> str:
    """By what a key is known."""
    return sha256(secret.encode()).hexdigest()


def key_of(request: HttpRequest, *, needed: bool = False) -> ApiKey | None:
    """The key that a program shows, in `api_key` or in a header; Forbidden for a wrong one, and
    for none where one is `needed`. It counts against how often the key, or without one the
    address, may come."""
    shown = request.headers.get("X-API-Key") or request.POST.get("api_key")
    shown = shown or request.GET.get("api_key") or ""
    if not shown and not needed:
        check_address(request, "open311", READS)
        return None
    digest = digest_of(shown)
    # One that was made a moment ago is not among those that are remembered.
    key = _active().get(digest) or row(ApiKey, digest=digest, active=True)
    if key is None:
        check_address(request, "open311", READS)  # nor may anybody try out keys
        raise Forbidden(_("The api_key is missing.") if not shown else _("No such api_key."))
    check_pace("open311", mark_of(key), f"{key.rate}/minute")
    return key


def mark_of(key: ApiKey) -> str:
    """How journal and reports name a key."""
    return f"key:{key.pk}"


def actor_of(key: ApiKey) -> Actor:
    """The program as whoever acts."""
    return Actor(code=mark_of(key), permissions=frozenset({Permission.PUBLIC}))


@remembered
def _active() -> dict[str, ApiKey]:
    return {key.digest: key for key in ApiKey.objects.filter(active=True)}
