"""The wire between a phone and a server, which can be cut.

A browser's own switch "offline" is per page and per worker: a service worker that the browser has
just started may send before it is told. What goes over this wire cannot get past the cut."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Passes on all bytes of loopback connections, until it is cut."""

    def __init__(self, port: int):
        self._to, self._is_cut = port, False
        self._ends: set[asyncio.StreamWriter] = set()
        self.url = ""

    def cut(self) -> None:
        """No byte passes from now on."""
        asyncio.run_coroutine_threadsafe(self._set(is_cut=True), self._loop).result()

    def mend(self) -> None:
        """New connections pass again."""
        asyncio.run_coroutine_threadsafe(self._set(is_cut=False), self._loop).result()

    @contextmanager
    def laid(self) -> Iterator["Wire"]:
        """The wire while the block lasts, in a thread of its own."""
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        opening = asyncio.start_server(self._join, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self.cut()
            asyncio.run_coroutine_threadsafe(self._finish(server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _finish(self, server: asyncio.Server) -> None:
        server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _set(self, *, is_cut: bool) -> None:
        self._is_cut = is_cut
        if is_cut:
            for end in self._ends:
                end.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:  # the server is away
            writer.transport.abort()
            return
        self._ends |= {writer, far_writer}
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while not self._is_cut and (piece := await reader.read(65536)):
                writer.write(piece)
                await writer.drain()
        self._ends.discard(writer)
        writer.close()
