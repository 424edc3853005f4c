"""Sends what is on its way to other centres, and fetches the records that somebody here asked for.
The only place from which another centre is asked anything, and never inside a request."""

import asyncio
import json
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from pydantic import ValidationError

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.neighbours.actions import note_fetched, note_parcel
from sigap.neighbours.models import Centre, Parcel, Share
from sigap.neighbours.queries import city_code, waiting
from sigap.neighbours.record import Record
from sigap.neighbours.seal import opened

from .compose import as_bytes, compose
from .door import signed
from .read import read

PATIENCE_S = 10.0
MOST_ANSWER = 1024 * 1024
MOST_AT_ONCE = 20  # to one centre, in a turn


def exchange(*, actor: Actor) -> int:
    """One turn: send what is due, then fetch what is wanted. Returns how much of both."""
    done = 0
    for _centre, parcels in groupby(list(waiting()), key=lambda parcel: parcel.centre_id):
        done += _send_in_order(list(parcels)[:MOST_AT_ONCE], actor)
    wanted = Share.objects.select_related("centre").filter(ours=False, wanted_at__lte=clock.now())
    for share in list(wanted):
        done += _fetch(share, actor)
    return done


def _send_in_order(parcels: list[Parcel], actor: Actor) -> int:
    """What was written first arrives first: behind one that cannot be sent the others wait."""
    sent = 0
    for parcel in parcels:
        if parcel.due_at is None or parcel.due_at > clock.now():
            break
        error = _send(parcel)
        note_parcel(parcel.pk, error=error, actor=actor)
        if error and error != "erased":
            break
        sent += not error
    return sent


def _send(parcel: Parcel) -> str:
    content = _content(parcel)
    if content is None:
        return "erased"
    status, _answer = _ask(parcel.centre, "POST", "/hooks/eido", content)
    return status


def _content(parcel: Parcel) -> bytes | None:
    words = parcel.content.body
    if not words:
        return None
    if parcel.kind == "note":
        return words.encode()
    try:
        return as_bytes(compose(Record.model_validate_json(words)))
    except ValidationError:
        return None


def _fetch(share: Share, actor: Actor) -> int:
    path = f"/eido/{quote(share.reference, safe='')}"
    error, answer = _ask(share.centre, "GET", path, None)
    told = None
    if not error:
        try:
            told = read(json.loads(answer))
        except (ValueError, RecursionError, SigapError):
            error = "unreadable"
    note_fetched(share.pk, told, error=error, actor=actor)
    return 1


def _ask(centre: Centre, method: str, path: str, content: bytes | None) -> tuple[str, bytes]:
    """What went wrong, or "", and the answer."""
    secret = opened(centre.secret_out)
    if not centre.url:
        return "no_address", b""
    if not secret:
        return "no_secret", b""
    url = centre.url.rstrip("/") + path
    over = content if content is not None else urlsplit(url).path.encode()
    headers = signed(centre.known_as or city_code(), secret, over, clock.now())
    headers["User-Agent"] = "sigap"
    try:
        return asyncio.run(_request(method, url, content, headers))
    except TimeoutError:
        return "no_answer", b""
    except (aiohttp.ClientError, OSError, ValueError):
        return "no_connection", b""


async def _request(
    method: str, url: str, content: bytes | None, headers: dict[str, str]
) -> tuple[str, bytes]:
    more: dict[str, Any] = {"allow_redirects": False}
    if content is not None:
        more["data"] = content
        headers = headers | {"Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
        session.request(method, url, **more) as answer,
    ):
        if not 200 <= answer.status < 300:  # noqa: PLR2004
            return f"http_{answer.status}", b""
        return "", await answer.content.read(MOST_ANSWER)
