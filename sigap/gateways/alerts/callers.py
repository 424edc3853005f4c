"""Sends what callers are told by SMS: claimed in one command, sent holding none, then noted."""

import asyncio
from collections.abc import Sequence

import aiohttp

from sigap.core.actors import Actor
from sigap.notify.actions import claim_notices, note_notice
from sigap.notify.models import Notice
from sigap.notify.queries import words_for_caller

from .outcome import Outcome, Taken, outcome_of
from .post import NOTICE, hand_over

PATIENCE_S = 10.0


def tell_callers(*, actor: Actor, patience_s: float = PATIENCE_S) -> int:
    """Send what is due; returns how many messages the far end has taken."""
    claimed = claim_notices(actor=actor)
    if not claimed:
        return 0
    parcels = [
        (notice, notice.contact.number if notice.contact else "", words_for_caller(notice))
        for notice in claimed
    ]
    outcomes = asyncio.run(_send(parcels, patience_s))
    for notice, outcome in zip(claimed, outcomes, strict=True):
        if isinstance(outcome, Taken):
            note_notice(notice.pk, "", actor=actor)
        else:
            note_notice(notice.pk, outcome.reason, again=outcome.again, actor=actor)
    return sum(isinstance(outcome, Taken) for outcome in outcomes)


async def _send(parcels: Sequence[tuple[Notice, str, str]], patience_s: float) -> list[Outcome]:
    timeout = aiohttp.ClientTimeout(total=patience_s)
    async with aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "sigap"}) as session:
        return await asyncio.gather(*(_send_one(session, *parcel) for parcel in parcels))


async def _send_one(
    session: aiohttp.ClientSession, notice: Notice, number: str, text: str
) -> Outcome:
    sending = hand_over(session, "sms", number, text, f"{NOTICE}{notice.pk}")
    return await outcome_of(sending, f"notice {notice.pk}")
