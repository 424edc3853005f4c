"""The process: audio comes in by one socket, the controlling process speaks by another."""

import asyncio
import json
import logging
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from .detector import Detector
from .rule import Rule

log = logging.getLogger("sigap.voice")

HOST = "127.0.0.1"
WAITING = 1000  # connections of Asterisk's that nobody has taken yet
LINE = 16 << 10  # bytes
UNREAD = 1 << 20  # bytes; a client that leaves so much unread has hung
OVERLOAD_S = 1.0
Id = Annotated[str, Field(min_length=1, max_length=100)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Listen(_Said):
    """Listen to what comes by the connection of this name."""

    do: Literal["listen"]
    id: Id
    feed: UUID
    rule: Rule = Rule()


class Forget(_Said):
    """Listen to this call no longer."""

    do: Literal["forget"]
    id: Id


class Report(_Said):
    """Say what was heard on this call so far."""

    do: Literal["report"]
    id: Id


class Ping(_Said):
    """Say whether you keep up."""

    do: Literal["ping"]
    n: int


Order = Annotated[Listen | Forget | Report | Ping, Field(discriminator="do")]
ORDER: TypeAdapter[Listen | Forget | Report | Ping] = TypeAdapter(Order)


class CannotListen(Exception):
    """The sockets cannot be had; the text says why."""


class _Client:
    """The controlling process, as long as its connection lasts."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._loop = asyncio.get_running_loop()

    def say(self, message: dict[str, Any]) -> None:
        """Send a line."""
        if self._writer.is_closing():
            return
        self._writer.write(json.dumps(message).encode() + b"\n")
        if self._writer.transport.get_write_buffer_size() > UNREAD:
            self.leave()

    def say_from_thread(self, message: dict[str, Any]) -> None:
        """Send a line, from the detector's thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self.say, message)

    def leave(self) -> None:
        """End the connection."""
        self._writer.transport.abort()

    async def serve(self, detector: Detector) -> None:
        """Do what it asks until it has gone."""
        while True:
            try:
                line = await self._reader.readline()
            except ValueError:
                self.say({"is": "error", "why": "the line is too long"})
                continue
            except OSError:
                return
            if not line:
                return
            try:
                order = ORDER.validate_json(line)
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                self.say({"is": "error", "why": f"{where}: {first['msg']}".removeprefix(": ")})
            else:
                self._do(order, detector)

    def _do(self, order: Listen | Forget | Report | Ping, detector: Detector) -> None:
        say = self.say_from_thread
        match order:
            case Listen(id=id, feed=feed, rule=rule):
                detector.soon(lambda: detector.listen(id, feed.hex, rule, say))
            case Forget(id=id):
                detector.soon(lambda: detector.forget(id, say))
            case Report(id=id):
                detector.soon(lambda: detector.report(id, say))
            case Ping(n=n):
                lag = detector.lag_s()
                about = {"calls": detector.calls, "lag_ms": round(lag * 1000)}
                self.say({"is": "pong", "n": n, **about, "overloaded": lag > OVERLOAD_S})


async def serve(path: Path, port: int, most: int, *, beside: bool) -> bool:
    """Serve until told to end. With `beside` also until the standard input is closed, as it is
    when the process that started this one is no more. False when it ends by a fault."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def parent_said() -> None:
        if not os.read(sys.stdin.fileno(), LINE):
            stop.set()

    def ended() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    for number in (SIGINT, SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if beside:
        loop.add_reader(sys.stdin.fileno(), parent_said)

    audio = _audio_socket(port)
    port = audio.getsockname()[1]
    detector = Detector(most, audio, ended)
    ready = {"is": "ready", "audio": [HOST, port], "most": most}
    current: _Client | None = None

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal current
        if current:
            log.warning("another client takes over")
            current.leave()
        current = client = _Client(reader, writer)
        detector.soon(detector.forget_all)
        client.say(ready)
        await client.serve(detector)
        client.leave()
        if current is client:
            current = None
            detector.soon(detector.forget_all)

    control = await asyncio.start_unix_server(met, sock=_control_socket(path), limit=LINE)
    detector.start()
    log.info("listening on port %s, at most %s calls", port, most)
    await stop.wait()
    detector.stop()
    control.close()
    if current:
        current.leave()
    path.unlink(missing_ok=True)
    detector.join(1)
    audio.close()
    return not detector.failed


def _audio_socket(port: int) -> socket.socket:
    audio = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    audio.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    audio.setblocking(False)
    try:
        audio.bind((HOST, port))
    except OSError as error:
        raise CannotListen(f"port {port}: {error.strerror}") from error
    audio.listen(WAITING)
    return audio


def _control_socket(path: Path) -> socket.socket:
    """A socket that only this user can reach. What a killed process left is taken away."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if path.is_socket() and probe.connect_ex(str(path)) == 0:
                raise CannotListen(f"{path}: another process listens there")
        if path.is_socket():
            path.unlink()
        before = os.umask(0o177)
        try:
            control.bind(str(path))
        finally:
            os.umask(before)
    except OSError as error:
        raise CannotListen(f"{path}: {error.strerror or error}") from error
    control.setblocking(False)
    return control
