"""The far end of web push: browsers with keys of their own, and a push service that takes only
what a real one would: signed with the key that the browser was told (VAPID, RFC 8292), encrypted
for it (aes128gcm, RFC 8291). It knows nothing of how the product makes its requests."""

import asyncio
import base64
import json
import os
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sigap.core import clock

LONGEST_LIFE_S = 24 * 3600
MOST_BYTES = 4096
URGENCIES = {"very-low", "low", "normal", "high"}


class Wrong(Exception):
    """What a push service refuses, with its status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass
class Browser:
    """Somebody's browser that wants pushes."""

    name: str
    application_key: str  # the city's public key, as the page told it
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    gone: int = 0  # 404 or 410 from now on
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def point(self) -> bytes:
        """Its public key."""
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Faults:
    """What goes wrong from now on."""

    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    silent: bool = False  # takes requests and never answers


class PushService:
    """A push service on a loopback port."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.faults = Faults()
        self.asked = 0
        self.refused: list[str] = []
        self._runner: web.AppRunner | None = None
        self._hold = asyncio.Event()
        self.base = ""

    async def __aenter__(self) -> "PushService":
        app = web.Application(client_max_size=MOST_BYTES * 2)
        app.router.add_post("/push/{name}", self._on_push)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._hold.set()
        if self._runner:
            await self._runner.cleanup()

    def browser(self, name: str, application_key: str) -> dict[str, Any]:
        """A new browser; what `PushManager.subscribe` gives the page."""
        made = self.browsers[name] = Browser(name, application_key)
        keys = {"p256dh": _encoded(made.point), "auth": _encoded(made.auth)}
        return {"endpoint": f"{self.base}/push/{name}", "expirationTime": None, "keys": keys}

    async def _on_push(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if self.faults.silent:
            await self._hold.wait()
        if self.faults.answers:
            status, headers = self.faults.answers.popleft()
            return web.Response(status=status, headers=headers)
        browser = self.browsers.get(request.match_info["name"])
        if browser is None:
            return web.Response(status=404)
        if browser.gone:
            return web.Response(status=browser.gone)
        try:
            body = await request.read()
            self._check_headers(request.headers)
            _check_signature(request.headers.get("Authorization", ""), browser, self.base)
            browser.shown.append(json.loads(_decrypted(body, browser)))
        except Wrong as wrong:
            self.refused.append(wrong.why)
            return web.Response(status=wrong.status, text=wrong.why)
        return web.Response(status=201, headers={"Location": f"{self.base}/m/{self.asked}"})

    def _check_headers(self, headers: Any) -> None:
        if headers.get("Content-Encoding") != "aes128gcm":
            raise Wrong(400, "encoding")
        if not headers.get("TTL", "").isdecimal():
            raise Wrong(400, "ttl")
        if headers.get("Urgency", "normal") not in URGENCIES:
            raise Wrong(400, "urgency")
        topic = headers.get("Topic", "")
        if len(topic) > 32 or not topic.replace("_", "a").isalnum():  # noqa: PLR2004
            raise Wrong(400, "topic")


def _check_signature(header: str, browser: Browser, base: str) -> None:
    """The token is signed by the key that the browser was told, for this service, and lives for
    a day at most."""
    scheme, _space, rest = header.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != "vapid" or not {"t", "k"} <= set(parts):
        raise Wrong(401, "authorization")
    if parts["k"] != browser.application_key:
        raise Wrong(403, "another key")
    signed, _dot, signature = parts["t"].rpartition(".")
    head, _dot, claims = signed.partition(".")
    if json.loads(_decoded(head)).get("alg") != "ES256":
        raise Wrong(401, "alg")
    raw = _decoded(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(parts["k"]))
    try:
        key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Wrong(403, "signature") from None
    said, now = json.loads(_decoded(claims)), clock.now().timestamp()
    if said.get("aud") != base:
        raise Wrong(403, "aud")
    if not now < said.get("exp", 0) <= now + LONGEST_LIFE_S:
        raise Wrong(403, "exp")
    if urlsplit(said.get("sub", "")).scheme not in ("mailto", "https"):
        raise Wrong(403, "sub")


def _decrypted(body: bytes, browser: Browser) -> bytes:
    """What the browser reads: RFC 8188 with the keys of RFC 8291."""
    if len(body) > MOST_BYTES:
        raise Wrong(413, "too large")
    salt, length = body[:16], body[20]
    point, sealed = body[21 : 21 + length], body[21 + length :]
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    shared = browser.key.exchange(ec.ECDH(), theirs)
    about = b"WebPush: info\x00" + browser.point + point
    secret = _derived(shared, browser.auth, about, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
    try:
        padded = AESGCM(key).decrypt(nonce, sealed, None)
    except InvalidTag:
        raise Wrong(400, "not for this browser") from None
    return padded.rstrip(b"\x00").removesuffix(b"\x02")


def _derived(secret: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, about).derive(secret)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(words: str) -> bytes:
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))
