"""Many keep-alive clients in a process of their own, as cheap as Python allows, so that what
is measured is the server: each sends its next request when the last one was answered."""

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import uvloop

END_OF_HEAD = b"\r\n\r\n"
END_OF_CHUNKS = b"0\r\n\r\n"
LENGTH = b"content-length:"


@dataclass
class Answers:
    """What came back: in how many seconds, how long each answer took, and which they were."""

    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    # The first body of each status, to say what went wrong.
    samples: dict[int, bytes] = field(default_factory=dict)

    def expect(self, status: int) -> "Answers":
        """Itself, if nothing else was answered."""
        if set(self.statuses) != {status}:
            raise RuntimeError(f"expected {status} only: {self.statuses} {self.samples}")
        return self

    def __add__(self, more: "Answers") -> "Answers":
        """Both, one after the other."""
        return Answers(
            self.seconds + more.seconds,
            self.latencies_ms + more.latencies_ms,
            self.statuses + more.statuses,
            more.samples | self.samples,
        )

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies_ms) / self.seconds


def send(
    port: int, requests: Sequence[bytes], *, clients: int, seconds: float, rate: float = 0
) -> Answers:
    """Send these requests in order from another process until all are answered or the time
    is over; `rate` holds all clients together to so many per second, not evenly but as people
    are: a client's next pause is anything up to twice the mean."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(_send, port, list(requests), clients, seconds, rate).result()


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    head = {"Host": "127.0.0.1", "Content-Length": str(len(body))} | headers
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in head.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _send(port: int, requests: list[bytes], clients: int, seconds: float, rate: float) -> Answers:
    return uvloop.run(_all(port, requests, clients, seconds, rate))


@dataclass
class _Work:
    """What all clients share."""

    waiting: Iterator[bytes]
    until: float
    pace: float  # seconds from one request of a client to its next, in the mean
    answers: Answers = field(default_factory=Answers)
    chance: random.Random = field(default_factory=lambda: random.Random(112))
    began: float = field(default_factory=time.perf_counter)


async def _all(
    port: int, requests: list[bytes], clients: int, seconds: float, rate: float
) -> Answers:
    loop = asyncio.get_running_loop()
    work = _Work(iter(requests), loop.time() + seconds, clients / rate if rate else 0.0)
    done = [loop.create_future() for _client in range(clients)]
    for number, ended in enumerate(done):
        loop.call_later(work.pace * number / clients, _connect, _Client(work, ended), port)
    await asyncio.gather(*done)
    return work.answers


def _connect(client: "_Client", port: int) -> None:
    loop = asyncio.get_running_loop()
    client.opening = loop.create_task(loop.create_connection(lambda: client, "127.0.0.1", port))


class _Client(asyncio.Protocol):
    opening: object

    def __init__(self, work: _Work, ended: "asyncio.Future[None]") -> None:
        self._work, self._answers, self._ended = work, work.answers, ended
        self._loop = asyncio.get_running_loop()
        self._got = b""
        self._began = self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._due = self._loop.time()
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._answers.statuses[0] += 1  # the server hung up
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not _is_whole(self._got):
            return
        now = time.perf_counter()
        self._answers.seconds = now - self._work.began
        self._answers.latencies_ms.append((now - self._began) * 1000)
        status = int(self._got[9:12])
        self._answers.statuses[status] += 1
        self._answers.samples.setdefault(status, self._got)
        self._got = b""
        # By a plan of its own, so that a slow answer does not make for fewer requests.
        self._due += self._work.pace * self._work.chance.uniform(0, 2)
        if self._due > self._loop.time():
            self._loop.call_at(self._due, self._next)
        else:
            self._next()

    def _next(self) -> None:
        wanted = None
        if self._loop.time() < self._work.until:
            wanted = next(self._work.waiting, None)
        if wanted is None:
            self._ended.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(wanted)  # type: ignore[attr-defined]


def _is_whole(got: bytes) -> bool:
    end = got.find(END_OF_HEAD)
    if end < 0:
        return False
    head = got[:end].lower()
    at = head.find(LENGTH)
    if at < 0:
        return got.endswith(END_OF_CHUNKS)
    length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0])
    return len(got) >= end + len(END_OF_HEAD) + length
