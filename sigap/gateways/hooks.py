"""`POST /hooks/calls`: check, keep durably, answer. Plain ASGI, since it must be fast."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from sigap.core import clock
from sigap.core.errors import Busy, Invalid, SigapError
from sigap.core.inbox import Writer
from sigap.core.web import invalid

from .telephony import CLOCK, CallEvent, letter_id

log = logging.getLogger("sigap.hooks")
_told_last = ""
MOST_BYTES = 16 * 1024
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refusal(SigapError):
    """A refusal with its own status, told before anything is kept."""

    def __init__(self, status: int, code: str, message: Any, *, allow: str = "") -> None:
        super().__init__(message, code=code)
        self.status, self.allow = status, allow


async def calls(scope: Scope, receive: Receive, send: Send, inbox: Writer) -> None:
    """Take one call event: 202 with its number once it is on the disk."""
    headers = dict(scope["headers"])
    try:
        allow(scope, "POST")
        body = await _body(headers, receive)
        event = CallEvent.model_validate_json(body, context={"now": clock.now()})
        number = await inbox.append(f"call:{event.exchange}", letter_id(event), body.decode())
    except (SigapError, ValidationError) as error:
        status, code = await refuse(scope, send, error)
        await _tell_us(status, code, inbox)
        return
    await _answer(send, 202, {"id": number, "status": "accepted"})


async def _tell_us(status: int, code: str, inbox: Writer) -> None:
    """Let the control room know that an exchange is not understood: its calls do not ring.
    Of one reason once a minute; a stranger, or a probe, is not the exchange."""
    global _told_last  # noqa: PLW0603 - of this process
    if status in (405, Busy.status):
        return
    told = f"{code} {clock.now():%Y-%m-%dT%H:%M}"
    if told != _told_last:
        _told_last = told
        log.warning("an event of the telephone exchange was refused: %s", code)
    if status != 401:  # noqa: PLR2004 - without the token
        with suppress(Busy):
            await inbox.append("door:calls", told, code)


async def refuse(scope: Scope, send: Send, error: SigapError | ValidationError) -> tuple[int, str]:
    """Answer a refusal in the asker's language; its status and code."""
    english = dict(scope["headers"]).get(b"accept-language", b"").startswith(b"en")
    with translation.override("en" if english else settings.LANGUAGE_CODE):
        status, content = _told(error)
    await _answer(send, status, content, allow=getattr(error, "allow", ""))
    return status, content["error"]["code"]


def allow(scope: Scope, method: str) -> None:
    """Raise Refusal unless the request has this method and the token of the hooks."""
    headers = dict(scope["headers"])
    if scope["method"] != method:
        raise Refusal(405, "method", _("This address does not take that method."), allow=method)
    token = settings.ENV.hook_token.get_secret_value()
    scheme, _space, given = headers.get(b"authorization", b"").partition(b" ")
    right = hmac.compare_digest(given, token.encode()) and scheme.lower() == b"bearer"
    if not token or not right:
        raise Refusal(401, "token", _("The token is missing or wrong."))
    if (
        method == "POST"
        and headers.get(b"content-type", b"").split(b";")[0].strip() != b"application/json"
    ):
        raise Refusal(415, "content_type", _("Send JSON (application/json)."))


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    announced = headers.get(b"content-length", b"0")
    size = int(announced) if announced.isdigit() else 0
    body, more = b"", True
    while more and size <= MOST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "cut_off", _("The request was cut off."))
        body += message.get("body", b"")
        size, more = len(body), message.get("more_body", False)
    if size > MOST_BYTES:
        raise Refusal(413, "too_large", _("Too much was sent at once."))
    return body


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


async def _answer(send: Send, status: int, content: dict[str, Any], *, allow: str = "") -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if allow:
        headers.append((b"allow", allow.encode()))
    if status == 401:  # noqa: PLR2004
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 503:  # noqa: PLR2004
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
