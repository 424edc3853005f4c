"""Pushes go to the push service that a browser has named."""

import asyncio
import json

import aiohttp

from sigap.notify.models import Delivery
from sigap.notify.queries import Message
from sigap.notify.sealed import opened
from sigap.notify.webpush import encrypted, is_push_service

from .outcome import GONE, Failed, Outcome, Taken, after_s, of_status


async def push(session: aiohttp.ClientSession, delivery: Delivery, message: Message) -> Outcome:
    """Send one push; what the push service says to it."""
    device = delivery.device
    kept = opened(device.sealed) if device else ""
    if not kept:
        return Failed("gone", again=False, gone=True, down=False)
    known = json.loads(kept)
    if not is_push_service(known["endpoint"]):
        return Failed("not_allowed", again=False, gone=True, down=False)
    body, headers = await asyncio.to_thread(encrypted, delivery, message, known)
    async with session.post(
        known["endpoint"], data=body, headers=headers, allow_redirects=False
    ) as answer:
        if answer.ok:
            return Taken()
        if answer.status in GONE:
            return Failed("gone", again=False, gone=True, down=False)
        return of_status(answer.status, after_s(answer.headers.get("Retry-After", "")))
