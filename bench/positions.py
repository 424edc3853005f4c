"""How old positions are when consoles hear of them: 1,000 units on the move report every five
seconds, as OwnTracks does, while 50 consoles follow.

A position's age is counted from the moment at which its tracker measured and sent it to that at
which a console has received it. Every console must have received every position. For a minute;
BENCH_SECONDS=600 says otherwise.
"""

import asyncio
import base64
import json
import multiprocessing
import os
import random
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from tools.postgres import private_cluster

from .load import request
from .product import Product, product
from .table import Measure, percentile

UNITS = 1000
EVERY_S = 5.0
CONSOLES = 50
CONNECTIONS = 200  # each tracker of the units that share it sends in its turn
PEOPLE = 4
INCIDENTS = 20
SECONDS = int(os.environ.get("BENCH_SECONDS", "60"))
SETTLED_S = 3.0
STEP_DEG = 0.0005  # 55 m in five seconds: 40 km/h
ANSWER_S = 20.0


@dataclass
class Sent:
    """What the trackers have sent (the last in milliseconds by call sign), and how it was taken."""

    number: int = 0
    refused: int = 0
    answers_ms: list[float] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)


@dataclass
class Heard:
    """What the consoles have received: how many positions each, and how old they were."""

    open: int
    numbers: list[int]
    ages_ms: "array[float]"
    last: list[dict[str, int]]


def run() -> list[Measure]:
    """Both databases."""
    with product() as served:
        found = _measure(served, "SQLite")
    with private_cluster() as url, product(url) as served:
        return found + _measure(served, "PostgreSQL")


def _measure(served: Product, name: str) -> list[Measure]:
    served.set_up()
    served.prepare("people", str(PEOPLE))
    served.prepare("board", str(INCIDENTS), str(UNITS))
    tokens = dict(line.split() for line in served.prepare("devices").splitlines())
    served.start()
    cookies = [served.browser(f"bench-{n}").headers()["Cookie"] for n in range(PEOPLE)]
    with _apart(_follow, served.port, cookies) as consoles:
        before = served.processor_s()
        with _apart(_report, served.port, tokens) as trackers:
            sent: Sent = _ask(trackers, SECONDS + ANSWER_S)
        spent = served.processor_s() - before
        time.sleep(SETTLED_S)
        consoles.send("heard")
        heard: Heard = _ask(consoles, ANSWER_S)
    behind = sum(last.get(sign) != at for last in heard.last for sign, at in sent.last.items())
    rate = sent.number / SECONDS
    return [
        Measure(f"{name}: positions", rate, "/s", at_least=UNITS / EVERY_S * 0.98),
        Measure(f"{name}: age at the consoles, median", percentile(heard.ages_ms, 50), "ms"),
        Measure(f"{name}: age, P95", percentile(heard.ages_ms, 95), "ms", at_most=1500),
        Measure(f"{name}: age, P99", percentile(heard.ages_ms, 99), "ms"),
        Measure(f"{name}: consoles attached", heard.open, at_least=CONSOLES),
        Measure(f"{name}: lost to the worst console", sent.number - min(heard.numbers), at_most=0),
        Measure(f"{name}: markers that are not the last", behind, at_most=0),
        Measure(f"{name}: refused", sent.refused, at_most=0),
        Measure(f"{name}: answer, P95", percentile(sent.answers_ms, 95), "ms"),
        Measure(f"{name}: server's processor", spent / SECONDS * 100, "%"),
        Measure(f"{name}: server's memory", served.memory_mb(), "MB", at_most=400),
    ]


@contextmanager
def _apart(work: Any, *given: Any) -> Iterator["Connection[Any, Any]"]:
    """Some work in a process of its own, which ends with the line to it."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=work, args=(there, *given), daemon=True)
    process.start()
    there.close()
    try:
        if _ask(here, ANSWER_S) != "ready":
            raise RuntimeError("not ready")
        yield here
    finally:
        here.close()
        process.join(ANSWER_S)


def _ask(line: "Connection[Any, Any]", seconds: float) -> Any:
    if not line.poll(seconds):
        raise RuntimeError("no answer")
    return line.recv()


# --- trackers -------------------------------------------------------------------------


def _report(line: "Connection[Any, Any]", port: int, tokens: dict[str, str]) -> None:
    line.send("ready")
    line.send(uvloop.run(_drive(port, list(tokens.items()))))


async def _drive(port: int, tokens: list[tuple[str, str]]) -> Sent:
    sent, loop = Sent(), asyncio.get_running_loop()
    groups = [tokens[n::CONNECTIONS] for n in range(CONNECTIONS)]
    end = loop.time() + SECONDS
    await asyncio.gather(
        *(
            _share(port, group, n * EVERY_S / UNITS, end, sent)
            for n, group in enumerate(groups)
            if group
        )
    )
    return sent


async def _share(
    port: int, units: list[tuple[str, str]], wait: float, end: float, sent: Sent
) -> None:
    """The trackers of some units, each in its turn, over one connection."""
    loop, chance = asyncio.get_running_loop(), random.Random(wait)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    places = {sign: (-7.82 + chance.uniform(-0.05, 0.05), 112.01) for sign, _token in units}
    due, n = loop.time() + wait, 0
    while due < end:
        await asyncio.sleep(due - loop.time())
        sign, token = units[n % len(units)]
        lat, lng = places[sign]
        lng += STEP_DEG * (1 if n // len(units) % 200 < 100 else -1)
        places[sign] = lat, lng
        began, at = loop.time(), round(time.time() * 1000)
        writer.write(_position(token, lat, lng, at))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        await reader.readexactly(length)
        sent.number += 1
        sent.refused += not head.startswith(b"HTTP/1.1 200")
        sent.answers_ms.append((loop.time() - began) * 1000)
        sent.last[sign] = at
        n, due = n + 1, due + EVERY_S / len(units)
    writer.close()


def _position(token: str, lat: float, lng: float, at_ms: int) -> bytes:
    told = {"_type": "location", "lat": round(lat, 6), "lon": round(lng, 6), "acc": 8}
    told["tst"] = at_ms / 1000
    user = base64.b64encode(f"unit:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {user}", "Content-Type": "application/json"}
    return request("POST", "/hooks/owntracks", headers, json.dumps(told).encode())


# --- consoles -------------------------------------------------------------------------


def _follow(line: "Connection[Any, Any]", port: int, cookies: list[str]) -> None:
    uvloop.run(_watch(line, port, cookies))


async def _watch(line: "Connection[Any, Any]", port: int, cookies: list[str]) -> None:
    loop = asyncio.get_running_loop()
    streams = [_Console(cookies[n % len(cookies)]) for n in range(CONSOLES)]
    for stream in streams:
        await loop.create_connection(lambda stream=stream: stream, "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(ANSWER_S):
        await asyncio.gather(*(stream.begun.wait() for stream in streams))
    line.send("ready")
    await loop.run_in_executor(None, line.recv)
    ages = array("f", (age for stream in streams for age in stream.ages))
    numbers = [len(stream.seen) for stream in streams]
    lasts = [stream.last for stream in streams]
    line.send(Heard(sum(stream.open for stream in streams), numbers, ages, lasts))


class _Console(asyncio.Protocol):
    def __init__(self, cookie: str) -> None:
        self._request = request("GET", "/stream?view=console", {"Cookie": cookie})
        self._got = b""
        self.open, self.begun = False, asyncio.Event()
        self.seen: set[tuple[str, int]] = set()
        self.ages: array[float] = array("f")
        self.last: dict[str, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._got += data
        if b"event: beat" in data:
            self.open = True
            self.begun.set()
        *whole, self._got = self._got.split(b"\n\n")
        for event in whole:
            if b"event: positions\n" in event:
                self._take(json.loads(event.partition(b"data: ")[2]), now)

    def _take(self, told: Any, now: float) -> None:
        for sign, _lat, _lng, at, *_more in told["units"]:
            at_ms = round(datetime.fromisoformat(at).timestamp() * 1000)
            self.seen.add((sign, at_ms))
            self.last[sign] = at_ms
            self.ages.append(now * 1000 - at_ms)
