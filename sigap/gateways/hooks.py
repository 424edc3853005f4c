"""`POST /hooks/…`: check, keep durably, answer. Plain ASGI, since it must be fast."""

import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Busy, Invalid, SigapError
from sigap.core.inbox import Writer
from sigap.core.web import invalid

from . import aml
from .telephony import CLOCK, CallEvent, letter_id, understand_call
from .whatsapp import door
from .whatsapp.understand import understand_whatsapp

log = logging.getLogger("sigap.hooks")
_told_last: dict[str, str] = {}
MOST_BYTES = 16 * 1024
SIGNED = b"&hmac="
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]


class Refusal(SigapError):
    """A refusal with its own status, told before anything is kept."""

    def __init__(self, status: int, code: str, message: Any, *, allow: str = "") -> None:
        super().__init__(message, code=code)
        self.status, self.allow = status, allow


# Refused before anybody knows who sent it.
UNSIGNED = (413, 415)


@dataclass(frozen=True)
class Letter:
    """What is kept of a message until it is understood."""

    source: str
    external_id: str
    payload: str


@dataclass(frozen=True)
class Letters:
    """Several messages that came as one: external id and payload of each. Answered with 200."""

    source: str
    letters: list[tuple[str, str]]


@dataclass(frozen=True)
class Door:
    """One address: who may come in, and what is kept of what they bring."""

    name: str
    allow: Callable[[Headers], None]  # by the token, where `knows_at_once`
    read: Callable[[Headers, bytes], Letter | Letters]
    knows_at_once: bool = True
    most_bytes: int = MOST_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send, inbox: Writer) -> None:
        """Take one message: 202 with its number once it is on the disk."""
        headers = dict(scope["headers"])
        try:
            check_method(scope, "POST")
            self.allow(headers)
            letter = self.read(headers, await body_of(headers, receive, self.most_bytes))
            if isinstance(letter, Letters):
                await inbox.append_all(letter.source, letter.letters)
                await answer(send, 200, {"status": "accepted"})
                return
            number = await inbox.append(letter.source, letter.external_id, letter.payload)
        except (SigapError, ValidationError) as error:
            status, code = await refuse(scope, send, error)
            if self.knows_at_once or status not in UNSIGNED:
                await _tell_us(self.name, status, code, inbox)
            return
        await answer(send, 202, {"id": number, "status": "accepted"})


def _may_report(headers: Headers) -> None:
    check_token(headers)
    _check_kind(headers, b"application/json", _("Send JSON (application/json)."))


def _event(_headers: Headers, body: bytes) -> Letter:
    event = CallEvent.model_validate_json(body, context={"now": clock.now()})
    return Letter(f"call:{event.exchange}", letter_id(event), body.decode())


def _may_locate(headers: Headers) -> None:
    if not settings.ENV.aml_key.get_secret_value():
        raise Refusal(404, "off", _("Locations of phones are not taken here."))
    form = _("Send a form (application/x-www-form-urlencoded).")
    _check_kind(headers, b"application/x-www-form-urlencoded", form)


def _position(headers: Headers, body: bytes) -> Letter:
    """A phone signs what it sends; the gateway that passes on an SMS knows the token."""
    signed, is_signed, signature = body.rpartition(SIGNED)
    if is_signed:
        _check_signature(signed, signature)
        form = aml.PhoneForm.model_validate(aml.fields_of(signed))
        reading = form.reading(aml.letter_id(signed), clock.now())
    else:
        check_token(headers)
        fields = aml.fields_of(body)
        sms = aml.PhoneSms.model_validate_strings(fields, context={"now": clock.now()})
        reading = sms.reading(aml.letter_id(sms.sender, sms.text), clock.now())
    return Letter("aml", reading.external_id, reading.model_dump_json())


def _may_write(headers: Headers) -> None:
    if not settings.ENV.whatsapp_app_secret.get_secret_value():
        raise Refusal(404, "off", _("Messages from WhatsApp are not taken here."))
    _check_kind(headers, b"application/json", _("Send JSON (application/json)."))


def _messages(headers: Headers, body: bytes) -> Letters:
    """Signed as it was sent; only then is it looked into."""
    secret = settings.ENV.whatsapp_app_secret.get_secret_value()
    if not door.is_signed(body, headers.get(door.SIGNATURE, b""), secret):
        raise Refusal(401, "signature", _("The signature is wrong."))
    try:
        return Letters("whatsapp", door.letters_in(body))
    except (ValueError, RecursionError):
        raise Invalid(_("This is no JSON."), code="json") from None


class WebhookDoor(Door):
    """A door whose owner asks, once, whether it is really ours."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, inbox: Writer) -> None:
        """Answer Meta's question (GET); else take what is brought."""
        if scope["method"] != "GET":
            await super().__call__(scope, receive, send, inbox)
            return
        token = settings.ENV.whatsapp_verify_token.get_secret_value()
        echo = door.challenge(scope["query_string"], token)
        if echo is None:
            await refuse(scope, send, Refusal(403, "token", _("The token is missing or wrong.")))
            return
        headers = [(b"content-type", b"text/plain"), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": echo.encode()})


def understand_refusal(payload: str, _actor: Actor) -> None:
    """A message was refused at the door, for this reason: kept among what could not be carried
    out, where the control room hears of it. Its sender alone was told, and nobody reads that."""
    raise Invalid(_("A message from another system was refused."), code=payload)


calls = Door("calls", _may_report, _event)
# Only what a phone has sent says who it is: a stranger must not be able to alarm us.
phones = Door("aml", _may_locate, _position, knows_at_once=False)
messages = WebhookDoor(
    "whatsapp", _may_write, _messages, knows_at_once=False, most_bytes=door.MOST_BYTES
)
DOORS = {f"/hooks/{way.name}": way for way in (calls, phones, messages)}
# The first word of an inbox source, and what understands its letters.
UNDERSTAND = {
    "call": understand_call,
    "aml": aml.understand_position,
    "whatsapp": understand_whatsapp,
    "door": understand_refusal,
}


async def _tell_us(way: str, status: int, code: str, inbox: Writer) -> None:
    """Let the control room know that another system is not understood: its calls do not ring.
    Of one reason once a minute; a stranger, or a probe, is not that system."""
    if status in (404, 405, Busy.status):
        return
    told = f"{code} {clock.now():%Y-%m-%dT%H:%M}"
    if told != _told_last.get(way):
        _told_last[way] = told
        log.warning("a message to /hooks/%s was refused: %s", way, code)
    if status != 401:  # noqa: PLR2004 - without token or signature
        with suppress(Busy):
            await inbox.append(f"door:{way}", told, code)


async def refuse(scope: Scope, send: Send, error: SigapError | ValidationError) -> tuple[int, str]:
    """Answer a refusal in the asker's language; its status and code."""
    english = dict(scope["headers"]).get(b"accept-language", b"").startswith(b"en")
    with translation.override("en" if english else settings.LANGUAGE_CODE):
        status, content = _told(error)
    await answer(send, status, content, allow=getattr(error, "allow", ""))
    return status, content["error"]["code"]


def check_method(scope: Scope, method: str) -> None:
    """Raise Refusal for any other method."""
    if scope["method"] != method:
        raise Refusal(405, "method", _("This address does not take that method."), allow=method)


def check_token(headers: Headers) -> None:
    """Raise Refusal without the token of the hooks."""
    token = settings.ENV.hook_token.get_secret_value()
    scheme, _space, given = headers.get(b"authorization", b"").partition(b" ")
    right = hmac.compare_digest(given, token.encode()) and scheme.lower() == b"bearer"
    if not token or not right:
        raise Refusal(401, "token", _("The token is missing or wrong."))


def _check_signature(signed: bytes, given: bytes) -> None:
    key = settings.ENV.aml_key.get_secret_value().encode()
    right = hmac.new(key, signed, hashlib.sha1).hexdigest().encode()
    if not hmac.compare_digest(given.strip().lower(), right):
        raise Refusal(401, "signature", _("The signature is wrong."))


def _check_kind(headers: Headers, kind: bytes, otherwise: Any) -> None:
    if headers.get(b"content-type", b"").split(b";")[0].strip() != kind:
        raise Refusal(415, "content_type", otherwise)


async def body_of(headers: Headers, receive: Receive, most: int) -> bytes:
    """What was sent, unless it is more than this; Refusal then."""
    announced = headers.get(b"content-length", b"0")
    size = int(announced) if announced.isdigit() else 0
    body, more = bytearray(), True
    while more and size <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "cut_off", _("The request was cut off."))
        body += message.get("body", b"")
        size, more = len(body), message.get("more_body", False)
    if size > most:
        raise Refusal(413, "too_large", _("Too much was sent at once."))
    return bytes(body)


def _told(error: SigapError | ValidationError) -> tuple[int, dict[str, Any]]:
    """The status of a refusal, and what it says in the language in force."""
    if isinstance(error, SigapError):
        status, refusal = error.status, error
    elif {e["type"] for e in error.errors()} == {CLOCK}:
        status, refusal = 409, Invalid(_("The clocks disagree about this time."), code=CLOCK)
        refusal.details["fields"] = invalid(error).details["fields"]
    else:
        status, refusal = 422, invalid(error)
    return status, {"error": {"code": refusal.code, "message": str(refusal), **refusal.details}}


async def answer(send: Send, status: int, content: Any, *, allow: str = "") -> None:
    """Send an answer as JSON."""
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    headers.append((b"content-length", str(len(body)).encode()))
    if allow:
        headers.append((b"allow", allow.encode()))
    if status == 401:  # noqa: PLR2004
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 503:  # noqa: PLR2004
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
