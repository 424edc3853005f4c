"""Sends what is due of alerts: claimed in one command, sent together without holding any, and
noted one by one. Nothing is ever sent inside a request."""

import asyncio
from collections.abc import Sequence

import aiohttp
from django.conf import settings

from sigap.core.actors import Actor
from sigap.notify.actions import claim_deliveries, note_failed, note_taken
from sigap.notify.models import Delivery, Phone
from sigap.notify.queries import Message, message_of
from sigap.notify.sealed import opened

from ..whatsapp.account import connected
from ..whatsapp.api import Api
from .outcome import Outcome, Taken, outcome_of
from .post import post, reference
from .push import push
from .template import send_template

PATIENCE_S = 10.0
MOST_TURNS = 5


def send_alerts(*, actor: Actor, patience_s: float = PATIENCE_S) -> int:
    """Send what is due; returns how many messages were taken by a far end."""
    taken = 0
    for _turn in range(MOST_TURNS):
        claimed = claim_deliveries(actor=actor)
        if not claimed:
            break
        parcels = [(delivery, message_of(delivery), _number(delivery)) for delivery in claimed]
        outcomes = asyncio.run(_send(parcels, patience_s))
        for delivery, outcome in zip(claimed, outcomes, strict=True):
            _note(delivery, outcome, actor)
            taken += isinstance(outcome, Taken)
    return taken


def _note(delivery: Delivery, outcome: Outcome, actor: Actor) -> None:
    if isinstance(outcome, Taken):
        note_taken(delivery.pk, outcome.external, actor=actor)
        return
    note_failed(
        delivery.pk,
        outcome.reason,
        again=outcome.again,
        after_s=outcome.after_s,
        gone=outcome.gone,
        down=outcome.down,
        actor=actor,
    )


def _number(delivery: Delivery) -> str:
    if delivery.channel == "push" or delivery.person is None:
        return ""
    known = Phone.objects.filter(person=delivery.person).first()
    return opened(known.sealed) if known else ""


async def _send(
    parcels: Sequence[tuple[Delivery, Message, str]], patience_s: float
) -> list[Outcome]:
    timeout = aiohttp.ClientTimeout(total=patience_s)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "sigap"}) as session,
        connected() as api,
    ):
        return await asyncio.gather(*(_send_one(session, api, *parcel) for parcel in parcels))


async def _send_one(
    session: aiohttp.ClientSession, api: Api, delivery: Delivery, message: Message, number: str
) -> Outcome:
    if delivery.channel == "push":
        sending = push(session, delivery, message)
    elif delivery.channel == "whatsapp":
        words = [message.what, message.where or "-"]
        name = settings.ENV.whatsapp_alert_template
        sending = send_template(api, name, words, number, reference(delivery))
    else:
        sending = post(session, delivery, message, number)
    return await outcome_of(sending, f"delivery {delivery.pk}")
