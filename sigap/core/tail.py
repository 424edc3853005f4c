"""Hear of each commit to the journal, whichever process made it."""

import asyncio
import importlib

from django.db import connection

from .transaction import on_journal

AGAIN_S = 1.0


class Tail:
    """Rings a bell for every follower when there is something new. What is missed while the
    database is away is found by the followers' own looking from time to time."""

    def __init__(self) -> None:
        self._bells: set[asyncio.Event] = set()
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()

        def wake(_seq: int) -> None:
            loop.call_soon_threadsafe(self.ring)

        on_journal(wake)
        if connection.vendor == "postgresql":
            self._listening = asyncio.create_task(self._listen())

    def stop(self) -> None:
        """Listen no more."""
        if self._listening:
            self._listening.cancel()

    def bell(self) -> asyncio.Event:
        """A follower's own bell: set at each commit, for the follower to clear."""
        bell = asyncio.Event()
        self._bells.add(bell)
        return bell

    def forget(self, bell: asyncio.Event) -> None:
        """The follower is gone."""
        self._bells.discard(bell)

    def ring(self) -> None:
        """Wake all followers."""
        for bell in self._bells:
            bell.set()

    async def _listen(self) -> None:
        """Hear of other processes' commits at once."""
        psycopg = importlib.import_module("psycopg")  # only where PostgreSQL is used
        while True:
            try:
                parameters = connection.get_connection_params()
                # The rest is of Django's own kind of connection.
                given = {k: v for k, v in parameters.items() if v and isinstance(v, str)}
                async with await psycopg.AsyncConnection.connect(autocommit=True, **given) as heard:
                    await heard.execute("LISTEN sigap")
                    async for _notice in heard.notifies():
                        self.ring()
            except psycopg.Error:
                await asyncio.sleep(AGAIN_S)
