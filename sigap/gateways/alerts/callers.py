"""Sends what callers are told: claimed in one command, sent holding none, then noted."""

import asyncio
from collections.abc import Sequence

import aiohttp
from django.conf import settings

from sigap.core.actors import Actor
from sigap.notify.actions import claim_notices, note_notice
from sigap.notify.models import Notice
from sigap.notify.queries import link_for_caller, words_for_caller

from ..whatsapp.account import connected
from ..whatsapp.api import Api
from .outcome import Outcome, Taken, outcome_of
from .post import NOTICE, hand_over
from .template import send_template

PATIENCE_S = 10.0


def tell_callers(*, actor: Actor, patience_s: float = PATIENCE_S) -> int:
    """Send what is due; returns how many messages the far end has taken."""
    claimed = claim_notices(actor=actor)
    if not claimed:
        return 0
    parcels = [
        (
            notice,
            notice.contact.number if notice.contact else "",
            words_for_caller(notice) if notice.channel == "sms" else link_for_caller(notice),
        )
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
    async with (
        aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "sigap"}) as session,
        connected() as api,
    ):
        return await asyncio.gather(*(_send_one(session, api, *parcel) for parcel in parcels))


async def _send_one(
    session: aiohttp.ClientSession, api: Api, notice: Notice, number: str, said: str
) -> Outcome:
    name = f"{NOTICE}{notice.pk}"
    sending = (
        hand_over(session, "sms", number, said, name)
        if notice.channel == "sms"
        else send_template(api, settings.ENV.whatsapp_outcome_template, [said], number, name)
    )
    return await outcome_of(sending, f"notice {notice.pk}")
