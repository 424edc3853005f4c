"""Many open event streams in a process of their own, which read and throw away, so that what
is measured is the server with that many consoles."""

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import uvloop

from .load import request

OPENED_S = 60.0
NUMBER = b"id: "  # begins the journal number of a message; in compact JSON it does not occur
LONGEST = 32


@dataclass(frozen=True)
class Heard:
    """What all streams together have received, and the journal number that each has reached."""

    open: int
    bytes: int
    reached: list[int]


class Consoles:
    """The open streams, as the process that measures sees them."""

    def __init__(self, line: "Connection[str, Heard]") -> None:
        self._line = line

    def heard(self) -> Heard:
        """What was received so far."""
        self._line.send("heard")
        return self._answer()

    def _answer(self) -> Heard:
        if not self._line.poll(OPENED_S):
            raise RuntimeError("the consoles do not answer")
        return self._line.recv()


@contextmanager
def follow(port: int, cookies: Sequence[str], number: int) -> Iterator[Consoles]:
    """So many consoles of the people with these cookies; all are open when the block begins."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_follow, args=(port, list(cookies), number, there), daemon=True)
    process.start()
    there.close()
    consoles = Consoles(here)
    try:
        consoles._answer()
        yield consoles
    finally:
        here.close()  # the other end takes that for the end
        process.join(OPENED_S)


def _follow(port: int, cookies: list[str], number: int, line: "Connection[Heard, str]") -> None:
    uvloop.run(_all(port, cookies, number, line))


async def _all(port: int, cookies: list[str], number: int, line: "Connection[Heard, str]") -> None:
    loop = asyncio.get_running_loop()
    streams = [_Stream(cookies[n % len(cookies)]) for n in range(number)]
    for stream in streams:
        await loop.create_connection(lambda stream=stream: stream, "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(OPENED_S):
        await asyncio.gather(*(stream.begun.wait() for stream in streams))
    while True:
        heard = Heard(
            open=sum(stream.open for stream in streams),
            bytes=sum(stream.bytes for stream in streams),
            reached=[stream.reached() for stream in streams],
        )
        line.send(heard)
        try:
            await loop.run_in_executor(None, line.recv)
        except EOFError:
            return


class _Stream(asyncio.Protocol):
    def __init__(self, cookie: str) -> None:
        self._request = request("GET", "/stream?view=console", {"Cookie": cookie})
        self._number = b""
        self.open, self.bytes, self.begun = False, 0, asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False

    def data_received(self, data: bytes) -> None:
        if not self.bytes:
            self.open = data.startswith(b"HTTP/1.1 200")
        if not self.begun.is_set() and (not self.open or b"event: beat" in data):
            self.begun.set()
        self.bytes += len(data)
        at = data.rfind(NUMBER)
        if at >= 0:
            self._number = data[at : at + LONGEST]
        elif 0 < len(self._number) < LONGEST:
            self._number += data[:LONGEST]  # it may have been cut in two

    def reached(self) -> int:
        """The journal number of the last message; 0 while there was none."""
        return int(self._number[len(NUMBER) :].partition(b"\n")[0] or 0)
