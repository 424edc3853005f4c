"""Asterisk's REST interface (ARI): requests, and the stream of its events."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

log = logging.getLogger("sigap.ari")
Event = dict[str, Any]
AGAIN_S = 0.25
PATIENCE_S = 10.0
KEPT_S = 10.0  # a connection without a request; Asterisk drops it after 15 s


class Gone(Exception):
    """What was asked about is there no more, or is not in a state for it: the caller hung up
    meanwhile, most likely."""


class Unreachable(Exception):
    """Asterisk does not answer."""


class Ari:
    """One Asterisk. Whoever starts a channel may wait for its `StasisStart`: the answer to the
    request comes earlier, and acting at once would be refused."""

    def __init__(self, host: str, port: int, user: str, password: str) -> None:
        self._base = f"http://{host}:{port}/ari"
        self._login = aiohttp.BasicAuth(user, password)
        self._app = user
        self._session: aiohttp.ClientSession | None = None
        self._awaited: dict[str, asyncio.Future[Event]] = {}
        self.alive = False

    async def __aenter__(self) -> "Ari":
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=KEPT_S)
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        self._session = aiohttp.ClientSession(
            auth=self._login, connector=connector, timeout=timeout
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session:
            await self._session.close()

    async def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return await self._ask("GET", path, query)

    async def post(self, path: str, body: Any = None, **query: Any) -> Any:
        """Do something; `body` is JSON."""
        return await self._ask("POST", path, query, body)

    async def put(self, path: str, **query: Any) -> Any:
        """Change something."""
        return await self._ask("PUT", path, query)

    async def delete(self, path: str, **query: Any) -> None:
        """End something; that it has ended already is as good."""
        try:
            await self._ask("DELETE", path, query)
        except (Gone, Unreachable):
            return

    async def _ask(self, method: str, path: str, query: dict[str, Any], body: Any = None) -> Any:
        assert self._session is not None
        params = {name: str(value) for name, value in query.items()}
        url, what = f"{self._base}/{path}", f"{method} {path.partition('/')[0]}"
        try:
            async with self._session.request(method, url, params=params, json=body) as answer:
                if answer.status >= 500:  # noqa: PLR2004
                    raise Unreachable(f"{what}: {answer.status}")
                if answer.status >= 400:  # noqa: PLR2004
                    raise Gone(f"{what}: {answer.status}")
                return await answer.json() if answer.status != 204 else None  # noqa: PLR2004
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(
                f"{method} {path.split('/', maxsplit=1)[0]}: {type(error).__name__}"
            ) from error

    async def is_silent(self, path: str, patience_s: float) -> bool:
        """Whether Asterisk takes a question and answers nothing to it, not even a refusal. It comes
        on a connection of its own: it must wait for none of ours."""
        timeout = aiohttp.ClientTimeout(total=None, connect=PATIENCE_S, sock_read=patience_s)
        async with aiohttp.ClientSession(auth=self._login, timeout=timeout) as session:
            try:
                async with session.get(f"{self._base}/{path}") as answer:
                    await answer.read()
            except aiohttp.ConnectionTimeoutError:
                return False  # it was not taken
            except TimeoutError:
                return True
            except (aiohttp.ClientError, OSError):
                return False
        return False

    def started(self, channel: str) -> "asyncio.Future[Event]":
        """Will be done with the `StasisStart` of a channel of ours. Ask before starting it."""
        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._awaited[channel] = future
        return future

    async def start(self, channel: str, path: str, body: Any = None, **query: Any) -> Event:
        """Start a channel with this id and wait until it is ours to use; its description.
        Raises Gone when it is not to be."""
        ready = self.started(channel)
        try:
            await self.post(path, body, **query)
            async with asyncio.timeout(PATIENCE_S / 2):
                return (await ready)["channel"]  # type: ignore[no-any-return]
        except TimeoutError:
            raise Gone(f"start {path.partition('/')[0]}: not in time") from None
        finally:
            self._awaited.pop(channel, None)

    async def events(self) -> AsyncIterator[Event | None]:
        """Every event, for ever. None says that the connection is new: all that was known of
        Asterisk must be looked at again."""
        assert self._session is not None
        query = {"app": self._app, "subscribeAll": "false"}
        while True:
            try:
                async with self._session.ws_connect(
                    f"{self._base}/events", params=query, heartbeat=5, max_msg_size=0
                ) as socket:
                    self.alive = True
                    yield None
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            event = message.json()
                            self._wake(event)
                            yield event
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if self.alive:
                    log.warning("Asterisk is gone: %s", type(error).__name__)
            self.alive = False
            await asyncio.sleep(AGAIN_S)

    def _wake(self, event: Event) -> None:
        kind, channel = event["type"], event.get("channel", {}).get("id", "")
        future = self._awaited.get(channel)
        if future is None or future.done():
            return
        if kind == "StasisStart":
            future.set_result(event)
        elif kind == "ChannelDestroyed":
            future.set_exception(Gone("start: ended"))
