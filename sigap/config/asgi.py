"""One process serves all: the stream and the inbox as plain ASGI, the rest by Django on a
fixed pool of threads."""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from sigap.config.pages import Pages

# Django answers as WSGI wants it, but its types do not say so.
pages = Pages(cast(Any, get_wsgi_application()), settings.ENV.threads)

from sigap.config.worker import Worker  # noqa: E402 - the apps must be loaded first
from sigap.console.stream import Stream  # noqa: E402
from sigap.core.inbox import Writer  # noqa: E402
from sigap.core.tail import Tail  # noqa: E402
from sigap.gateways import hooks  # noqa: E402
from sigap.gateways.orders import Orders  # noqa: E402
from sigap.gateways.positions import doors as positions  # noqa: E402
from sigap.gateways.positions.buffer import Buffer  # noqa: E402


class Application:
    """Routes by path; starts and stops what runs beside the requests."""

    def __init__(self) -> None:
        self.tail = Tail()
        self.stream = Stream(self.tail)
        self.orders = Orders(self.tail)
        self.inbox = Writer()
        self.positions = Buffer()
        # `sigap serve --web-only` leaves the jobs to `sigap worker`.
        self.worker = None if settings.ENV.web_only else Worker(self.inbox.arrived)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or live through the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"] == "/hooks/calls/orders":
            await self.orders(scope, receive, send)
        elif door := hooks.DOORS.get(scope["path"]):
            await door(scope, receive, send, self.inbox)
        elif way := positions.DOORS.get(scope["path"]):
            await way(scope, receive, send, self.positions)
        elif scope["path"] == "/stream":
            await self.stream(scope, receive, send)
        else:
            await pages(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self.inbox.start()
        self.positions.start()
        await self.tail.start()
        await self.stream.start()
        if self.worker:
            self.worker.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.tail.stop()
        self.orders.stop()
        await self.stream.stop()
        if self.worker:
            self.worker.stop()
        self.positions.stop()
        self.inbox.stop()
        await send({"type": "lifespan.shutdown.complete"})


application = Application()
