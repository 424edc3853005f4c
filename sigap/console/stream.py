"""`GET /stream`: one stream of server-sent events per console, all fed by one tail of the journal.

A console that does not read is let go (it comes back and resumes); nobody else waits for it.
"""

import asyncio
import contextlib
import http.cookies
import importlib
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.db import Error, connection

from sigap.core.actors import Actor, Permission, of_user
from sigap.core.journal import tip_seq
from sigap.core.tail import Tail
from sigap.core.web import person_of

from . import feed

log = logging.getLogger("sigap.stream")
T = TypeVar("T")

REST_S = 0.04  # what happens so soon after a batch travels with the next
POLL_S = 1.0  # another process's news, where no notification reaches us
BEAT_S = 5.0
MOVE_S = 0.25
RECHECK_S = 30.0
MOST_UNREAD = 2 * 1024 * 1024  # bytes that wait for a console which does not read
MOST_BEHIND = 5000
MOST_PER_PERSON = 40  # windows; more of one person would keep others out
MOST_DIGITS = 19

NEEDS = {
    "console": Permission.CONSOLE,
    "wall": Permission.WALL,
    "agency": Permission.AGENCY_BOARD,
}


@dataclass(eq=False)
class Console:
    """One open stream."""

    view: str
    agency: str
    person: str  # as the journal names whoever it belongs to
    unread: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    waiting: int = 0  # bytes of the unread messages
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, message: bytes) -> None:
        """Put a message before the console; too much unread means that it does not read."""
        self.unread.put_nowait(message)
        self.waiting += len(message)
        if self.waiting > MOST_UNREAD:
            self.over.set()

    async def take(self) -> bytes:
        """All that is unread, once there is something."""
        messages = [await self.unread.get()]
        while not self.unread.empty():
            messages.append(self.unread.get_nowait())
        self.waiting = 0
        return b"".join(messages)


class Stream:
    """The tail of the journal and the consoles that follow it, in one event loop."""

    def __init__(self, tail: Tail) -> None:
        self.consoles: set[Console] = set()
        self.seq = 0
        self._wake = tail.bell()
        self._threads = ThreadPoolExecutor(2, "stream")
        self._tasks: list[asyncio.Task[None]] = []
        self._moved = 0

    async def start(self) -> None:
        """Begin to follow the journal."""
        self.seq = await self._read(tip_seq)
        for work in (self._follow, self._beat, self._move):
            self._tasks.append(asyncio.create_task(work()))

    async def stop(self) -> None:
        """End all streams, so that a graceful stop does not wait for them."""
        for task in self._tasks:
            task.cancel()
        for console in self.consoles:
            console.over.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one console until it leaves."""
        query = {k: v[-1] for k, v in parse_qs(scope["query_string"].decode("latin-1")).items()}
        headers = dict(scope["headers"])
        view = query.get("view", "console")
        if scope["method"] != "GET":
            await _refuse(send, 405)
            return
        try:
            console = await self._read(lambda: admit(headers, view))
        except Error:
            await _refuse(send, 503)  # the browser's EventSource gives up; the script asks again
            return
        if console is None:
            await _refuse(send, 403)
            return
        if sum(other.person == console.person for other in self.consoles) >= MOST_PER_PERSON:
            await _refuse(send, 429)
            return
        wanted = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("after", "")
        start = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        # In one breath: what comes after `here` is queued, what came before is caught up with.
        self.consoles.add(console)
        here = self.seq
        try:
            await send({"type": "http.response.start", "status": 200, "headers": start})
        except BaseException:
            self.consoles.discard(console)
            raise
        gone = asyncio.create_task(_until_gone(receive))
        writer = asyncio.create_task(self._serve(console, wanted, here, headers, send))
        tasks = (gone, writer, asyncio.create_task(console.over.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            return  # the server ends
        finally:
            self.consoles.discard(console)
            for task in tasks:
                task.cancel()
        if writer.done() and not writer.cancelled() and (error := writer.exception()):
            log.info("stream ended: %s", type(error).__name__)
        del console  # with what it did not read
        if not gone.done():
            # One that does not read finds the end of its stream when it does again.
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _serve(
        self, console: Console, wanted: str, here: int, headers: dict[bytes, bytes], send: Any
    ) -> None:
        if wanted:
            await self._catch_up(console, _number(wanted), here, send)
        await _send(send, b"retry: 1000\n\n" + await self._read(feed.beat))
        loop = asyncio.get_running_loop()
        # Each at a time of its own: after a restart all consoles come back together.
        checked = loop.time() - random.uniform(0, RECHECK_S)
        while True:
            message = await console.take()
            if loop.time() - checked > RECHECK_S:
                checked = loop.time()
                if await self._read(lambda: admit(headers, console.view)) is None:
                    return
            await _send(send, message)

    async def _catch_up(self, console: Console, after: int | None, until: int, send: Any) -> None:
        """What the console missed, or word that it must load the board anew."""
        if after is None or after > until or until - after > MOST_BEHIND:
            await _send(send, feed.event({"seq": until}, name="reset", seq=until))
            return
        while after < until:
            most = min(feed.MOST_ROWS, until - after)
            batch = await self._read(partial(feed.collect, after, most))
            if batch is None:
                return
            await _send(send, batch.message(console.view, console.agency))
            after = batch.last

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_S)
            self._wake.clear()
            try:
                batch = await self._read(lambda: feed.collect(self.seq))
            except Error as error:
                log.warning("stream: the database does not answer (%s)", type(error).__name__)
                await asyncio.sleep(POLL_S)
                continue
            if batch is None:
                continue
            self.seq = batch.last
            if len(batch.rows) == feed.MOST_ROWS:
                self._wake.set()
            signed_out = batch.signed_out()
            for console in list(self.consoles):
                if console.person in signed_out:
                    console.over.set()  # it comes back if it still may
                else:
                    console.give(batch.message(console.view, console.agency))
            await asyncio.sleep(REST_S)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self.tell(lambda: dict.fromkeys(NEEDS, feed.beat()))

    async def _move(self) -> None:
        while True:
            await asyncio.sleep(MOVE_S)
            await self.tell(self.position_news)

    def position_news(self) -> dict[str, bytes]:
        """The units that moved since this was asked last, for each view with a map."""
        self._moved, news = feed.positions(self._moved)
        return news

    async def tell(self, make: Callable[[], dict[str, bytes]]) -> None:
        """Give each console what a read makes for its view."""
        if not self.consoles:
            return
        try:
            messages = await self._read(make)
        except Error:
            return  # the missing beat itself tells the consoles
        for console in self.consoles:
            if console.view in messages:
                console.give(messages[console.view])

    async def _read(self, function: Callable[[], T]) -> T:
        """Run a read in a thread of our own, so that the loop never waits for the disk."""

        def safely() -> T:
            try:
                return function()
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._threads, safely)


def admit(headers: dict[bytes, bytes], view: str) -> Console | None:
    """The console for a signed-in person who may see this view; None otherwise."""
    cookies = http.cookies.SimpleCookie()
    try:
        cookies.load(headers.get(b"cookie", b"").decode("latin-1"))
    except http.cookies.CookieError:
        return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if view not in NEEDS or morsel is None:
        return None
    engine = importlib.import_module(settings.SESSION_ENGINE)
    session = engine.SessionStore(morsel.value)
    person = person_of(session)
    actor: Actor | None = of_user(person) if person and not session.get("owes") else None
    if actor is None or not actor.may(NEEDS[view]):
        return None
    return Console(view, actor.agency, actor.code)


def _number(text: str) -> int | None:
    """A journal number that a console sent; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS else None


async def _send(send: Any, message: bytes) -> None:
    await send({"type": "http.response.body", "body": message, "more_body": True})


async def _refuse(send: Any, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"allow", b"GET")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
