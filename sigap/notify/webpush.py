"""Web push: encrypted for one browser (RFC 8291), signed with the city's key (VAPID, RFC 8292)."""

import base64
import json
from datetime import timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _
from py_vapid import Vapid02  # type: ignore[import-untyped]
from pywebpush import WebPusher  # type: ignore[import-untyped]

from sigap.core import clock
from sigap.core.errors import Invalid

from .models import Delivery
from .queries import Message
from .sealed import receipt_of

SIGNED_FOR = timedelta(hours=12)
LONGEST_ENDPOINT = 2000
POINT = 65  # bytes of an uncompressed point of the curve
AUTH = 16


def public_key() -> str:
    """The key that browsers are told, in base64url."""
    point = _signer(settings.ENV.push_key()).public_key.public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def check_subscription(endpoint: str, p256dh: str, auth: str) -> None:
    """Refuse what is no subscription at a push service that is known: pushes are posted to
    where a browser says, which must not be a machine of the city's."""
    if not is_push_service(endpoint):
        raise Invalid(_("This is no push service that is known."), code="endpoint")
    for words, length in ((p256dh, POINT), (auth, AUTH)):
        try:
            raw = base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))
        except ValueError:
            raw = b""
        if len(raw) != length:
            raise Invalid(_("This is no key of a browser."), code="keys")
    try:  # a point beside the curve would fail at every push
        WebPusher(_info(endpoint, p256dh, auth)).encode(b"?")
    except Exception as error:
        raise Invalid(_("This is no key of a browser."), code="keys") from error


def payload(delivery: Delivery, message: Message) -> dict[str, Any]:
    """What the phone's service worker is told. `receipt` proves at `/crew/push/received` that it
    has arrived."""
    return {
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "tag": message.tag,
        "urgent": message.urgent,
        "receipt": receipt_of(delivery.pk),
    }


def encrypted(
    delivery: Delivery, message: Message, known: dict[str, str]
) -> tuple[bytes, dict[str, str]]:
    """What is posted to the push service, and with which headers."""
    words = json.dumps(payload(delivery, message)).encode()
    info = _info(known["endpoint"], known["p256dh"], known["auth"])
    body: bytes = WebPusher(info).encode(words, "aes128gcm")["body"]
    place = urlsplit(known["endpoint"])
    claims = {
        "aud": f"{place.scheme}://{place.netloc}",
        "sub": _contact(),
        "exp": int((clock.now() + SIGNED_FOR).timestamp()),
    }
    signed: dict[str, str] = _signer(settings.ENV.push_key()).sign(claims)
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        # A phone that is off for longer has no use for it: the job is somebody else's by then.
        "TTL": "600",
        "Urgency": "high" if message.urgent else "normal",
        "Topic": message.tag.replace("-", ""),
    }
    return body, headers | signed


def _info(endpoint: str, p256dh: str, auth: str) -> dict[str, Any]:
    return {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}


def _contact() -> str:
    env = settings.ENV
    if env.push_contact:
        return str(env.push_contact)
    own = env.public_url if env.public_url.startswith("https://") else ""
    return own or f"mailto:admin@{env.allowed_hosts[0]}"


def is_push_service(endpoint: str) -> bool:
    """Whether this is an address at a push service that the machine's owner knows."""
    try:
        place = urlsplit(endpoint)
        host, _port = place.hostname or "", place.port
    except ValueError:
        return False
    if len(endpoint) > LONGEST_ENDPOINT or place.username or place.password:
        return False
    known = any(host == name or host.endswith(f".{name}") for name in settings.ENV.push_hosts)
    return known and (place.scheme == "https" or (place.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def _signer(key: bytes) -> Any:
    return Vapid02.from_raw(base64.urlsafe_b64encode(key).rstrip(b"="))
