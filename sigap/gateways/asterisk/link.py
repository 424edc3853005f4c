"""The way to the control room: our events go there and are never lost, its orders come from it."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from sigap.core import clock

log = logging.getLogger("sigap.telephony")
Order = dict[str, Any]
AGAIN_S = 0.25
SILENT_S, DEAF_S = 5.0, 3.0  # it says something every two seconds
MOST_AT_ONCE = 16


class Link:
    """Events are kept as files until the control room has them: a restart on either side loses
    none, and a repeat does no harm there."""

    def __init__(self, url: str, token: str, exchange: str, folder: Path) -> None:
        self._url, self._exchange, self._folder = url, exchange, folder
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None
        self._count = 0
        self._waiting: asyncio.Queue[Path] = asyncio.Queue()
        self._answer: aiohttp.ClientResponse | None = None  # whose lines are the orders
        self._asked = False  # and are asked for once more
        self._refused_since: float | None = None
        self.alive = False

    @property
    def works(self) -> bool:
        """Whether the control room tells and is told: one that cannot write, with a full disk or
        without its database, still gives orders, and knows of no new call."""
        since = self._refused_since
        return self.alive and (since is None or time.monotonic() - since < DEAF_S)

    def ask_anew(self) -> None:
        """Have the control room say once more how it sees everything."""
        if self._answer:
            self._asked = True
            self._answer.close()

    async def __aenter__(self) -> "Link":
        self._session = aiohttp.ClientSession(headers=self._headers)
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.glob("*.json")):
            self._waiting.put_nowait(path)
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session:
            await self._session.close()

    def tell(self, kind: str, call: str, **facts: Any) -> None:
        """Tell the control room what happened to a call, now."""
        self._count += 1
        at = clock.now()
        name = f"{at.timestamp():.6f}-{self._count}"
        event = {
            "event_id": name,
            "call_id": call,
            "kind": kind,
            "at": at.isoformat(),
            "exchange": self._exchange,
        } | {key: value for key, value in facts.items() if value not in (None, "")}
        path = self._folder / f"{name}.json"
        try:
            path.write_text(json.dumps(event))
        except OSError as error:
            # A full disk must not cost the call: the event goes on its way without a copy.
            log.error("an event could not be kept: %s", error.strerror)
            asyncio.get_running_loop().create_task(self._send_until_taken(event))
            return
        self._waiting.put_nowait(path)

    async def send(self) -> None:
        """Bring the events to the control room, in their order as far as one call goes."""
        async with asyncio.TaskGroup() as tasks:
            queues: list[asyncio.Queue[Path]] = [asyncio.Queue() for _ in range(MOST_AT_ONCE)]
            for queue in queues:
                tasks.create_task(self._send_each(queue))
            while True:
                path = await self._waiting.get()
                try:
                    call = json.loads(path.read_text())["call_id"]
                except (OSError, ValueError, KeyError):
                    log.error("an event that cannot be read is left out: %s", path.name)
                    path.unlink(missing_ok=True)
                    continue
                queues[hash(call) % MOST_AT_ONCE].put_nowait(path)

    async def _send_each(self, queue: "asyncio.Queue[Path]") -> None:
        while True:
            path = await queue.get()
            await self._send_until_taken(json.loads(path.read_text()))
            path.unlink(missing_ok=True)

    async def _send_until_taken(self, event: Order) -> None:
        assert self._session is not None
        wait = AGAIN_S
        timeout = aiohttp.ClientTimeout(total=10)
        while True:
            try:
                async with self._session.post(
                    f"{self._url}/hooks/calls", json=event, timeout=timeout
                ) as answer:
                    if answer.status == 202:  # noqa: PLR2004
                        self._refused_since = None
                        return
                    refused = answer.status in (400, 413, 415, 422)
                    if refused:
                        log.error("the control room refuses %s: %s", event["kind"], answer.status)
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            self._refused_since = self._refused_since or time.monotonic()
            await asyncio.sleep(wait)
            wait = min(2 * wait, 2.0)

    async def orders(self) -> AsyncIterator[Order | None]:
        """The orders, for ever; None when the control room has gone."""
        assert self._session is not None
        url, query = f"{self._url}/hooks/calls/orders", {"exchange": self._exchange}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=2, sock_read=SILENT_S)
        told = False
        while True:
            try:
                async with self._session.get(url, params=query, timeout=timeout) as answer:
                    answer.raise_for_status()
                    self._answer = answer
                    async for line in answer.content:
                        self.alive, told = True, False
                        if order := json.loads(line):
                            yield order
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                if not told and not self._asked:
                    log.warning("the control room does not answer: %s", type(error).__name__)
                told = True
            self._answer, asked, self._asked = None, self._asked, False
            if asked:
                continue
            was, self.alive = self.alive, False
            if was:
                yield None
            await asyncio.sleep(AGAIN_S)
