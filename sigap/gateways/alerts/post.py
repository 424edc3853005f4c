"""SMS and voice calls by whoever the city has a contract with: one JSON message is posted to
them, and what became of it comes back to `POST /hooks/deliveries`."""

import hashlib
import hmac
import json
from typing import Annotated, Literal

import aiohttp
from django.conf import settings
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from sigap.core.actors import Actor
from sigap.core.codes import Code
from sigap.notify.actions import note_notice_receipt, note_receipt
from sigap.notify.models import Delivery
from sigap.notify.queries import Message

from .outcome import Failed, Outcome, Taken, after_s, of_status

SIGNATURE = "X-Sigap-Signature"
MOST_ANSWER = 16 * 1024
NOTICE = "n"  # what a reference to a message to a caller begins with


class Receipt(BaseModel):
    """What became of a message. `acknowledged`: the person who was rung pressed the key that
    takes the job. What else is sent along is not looked at."""

    model_config = ConfigDict(extra="ignore")

    reference: Annotated[str, StringConstraints(pattern=r"^[dn]\d{1,15}$")]
    status: Literal["sent", "delivered", "read", "failed", "acknowledged"]
    reason: Code = ""


async def post(
    session: aiohttp.ClientSession, delivery: Delivery, message: Message, number: str
) -> Outcome:
    """Hand over one SMS or call. The reference stays the same when it is sent again: the far end
    takes it for the same message."""
    if not number:
        return Failed("no_number", again=False, down=False)
    return await hand_over(session, delivery.channel, number, message.text, reference(delivery))


async def hand_over(
    session: aiohttp.ClientSession, channel: str, number: str, text: str, reference: str
) -> Outcome:
    """Post one message to whoever sends SMS, or speaks it in a call."""
    env, sms = settings.ENV, channel == "sms"
    url, secret = (env.sms_url, env.sms_token) if sms else (env.voice_url, env.voice_token)
    token = secret.get_secret_value()
    body = json.dumps({"to": number, "text": text, "reference": reference}).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
        headers[SIGNATURE] = signature(body, token)
    async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
        if not answer.ok:
            pause = after_s(answer.headers.get("Retry-After", ""))
            return of_status(answer.status, pause)
        said = await answer.content.read(MOST_ANSWER)
    try:
        named = json.loads(said).get("id", "")
    except (ValueError, AttributeError):
        named = ""
    return Taken(str(named)[:128] if isinstance(named, str | int) else "")


def reference(delivery: Delivery) -> str:
    """Our name for a message, which receipts repeat."""
    return f"d{delivery.pk}"


def notice_of(reference: str) -> int | None:
    """The message to a caller that a reference names; None where it names none."""
    number = reference.removeprefix(NOTICE)
    known = reference.startswith(NOTICE) and number.isascii() and number.isdecimal()
    return int(number) if known and len(number) < 16 else None  # noqa: PLR2004


def signature(body: bytes, token: str) -> str:
    """What is posted, signed."""
    return "sha256=" + hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def is_theirs(given: bytes) -> bool:
    """Whether this is the token of one of the two."""
    env, right = settings.ENV, False
    for secret in (env.sms_token, env.voice_token):
        token = secret.get_secret_value().encode()
        right |= bool(token) and hmac.compare_digest(given, token)
    return right


def letter_of(body: bytes) -> tuple[str, str]:
    """What a receipt is known by, and what is kept of it."""
    receipt = Receipt.model_validate_json(body)
    return f"{receipt.reference}:{receipt.status}", receipt.model_dump_json()


def understand_receipt(payload: str, actor: Actor) -> None:
    """Note what became of a message."""
    try:
        receipt = Receipt.model_validate_json(payload)
    except ValidationError:
        return
    reason = receipt.reason[:32]
    if receipt.reference[0] == NOTICE:
        note_notice_receipt(int(receipt.reference[1:]), receipt.status, reason, actor=actor)
    else:
        note_receipt(receipt.reference, receipt.status, reason=reason, actor=actor)
