"""The sound of one call: packets of 20 ms each way, and a memory of all that was heard."""

import asyncio
import itertools
import secrets
import struct
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from . import alaw
from .message import ALAW, EVENTS, Address, Described

PACKET_S = 0.02
LOUD_DB = -45.0
KEYS = "0123456789*#ABCD"
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
PAD = "123A456B789C*0#D"

T = TypeVar("T")


@dataclass(frozen=True)
class Packet:
    """20 ms of what was heard, and when."""

    at: float
    payload: bytes
    level: float


class Heard:
    """All that came in, oldest first. Times are those of the event loop."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.keys = ""  # pressed at the other end, by telephone events
        self._changed: asyncio.Future[None] | None = None

    def pcm(self, since: float = 0.0, until: float = float("inf")) -> bytes:
        """The sound as 16-bit samples, with silence for the time in which no packet came."""
        return alaw.decode(self._sound(since, until))

    def spans(self, above: float = LOUD_DB, gap: float = 0.3) -> list[tuple[float, float]]:
        """From when to when something louder than this was heard; short gaps do not count."""
        found: list[tuple[float, float]] = []
        for packet in self.packets:
            if packet.level > above:
                end = packet.at + PACKET_S
                if found and packet.at - found[-1][1] <= gap:
                    found[-1] = (found[-1][0], end)
                else:
                    found.append((packet.at, end))
        return found

    async def sound(
        self, above: float = LOUD_DB, lasting: float = 0.1, since: float = 0.0
    ) -> float:
        """Wait for a sound that lasts (with gaps) so long; when it began."""
        return await self.until(
            lambda: next(
                (
                    max(begin, since)
                    for begin, end in self.spans(above)
                    if end - max(begin, since) >= lasting
                ),
                None,
            )
        )

    async def tone(self, hertz: float, lasting: float = 0.2, since: float = 0.0) -> float:
        """Wait for a tone of this frequency; when it began."""
        needed = round(lasting / PACKET_S)

        def begun() -> float | None:
            later = [packet for packet in self.packets[-needed:] if packet.at >= since]
            if len(later) < needed or any(packet.level < LOUD_DB for packet in later):
                return None
            joined = b"".join(packet.payload for packet in later)
            return later[0].at if alaw.tone_share(joined, hertz) > 0.5 else None

        return await self.until(begun)

    async def pressed(self, keys: str) -> None:
        """Wait until the other end has pressed these keys, and no others since."""
        await self.until(lambda: self.keys.endswith(keys) or None)

    async def until(self, asked: Callable[[], T | None]) -> T:
        """Ask at each packet until there is an answer; the caller limits the time."""
        while (answer := asked()) is None:
            if self._changed is None:
                self._changed = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._changed)
        return answer

    def add(self, packet: Packet | None = None, key: str = "") -> None:
        """Remember a packet or a key, and let those who wait look again."""
        if packet:
            self.packets.append(packet)
        self.keys += key
        if self._changed:
            self._changed.set_result(None)
            self._changed = None

    def _sound(self, since: float, until: float) -> bytes:
        pieces: list[bytes] = []
        expected: float | None = None
        for packet in self.packets:
            if since <= packet.at < until:
                if expected is not None and packet.at - expected > 3 * PACKET_S:
                    missing = round((packet.at - expected) / PACKET_S)
                    pieces.append(alaw.SILENCE * missing)
                pieces.append(packet.payload)
                expected = packet.at + PACKET_S
        return b"".join(pieces)


class Media(asyncio.DatagramProtocol):
    """The audio socket of one call.

    While `sends` it sends every 20 ms: what is played, else the background, which is silence at
    first. Otherwise it sends only what is played, and nothing in between.
    """

    def __init__(self, *, sends: bool) -> None:
        self.sends, self.heard, self.sent = sends, Heard(), 0
        self._events: int | None = EVENTS
        self._to: Address | None = None
        self._queue: deque[tuple[int, bytes, bool, int]] = deque()  # type, payload, marker, age
        self._played = asyncio.Event()
        self._background: Iterator[bytes] = itertools.repeat(alaw.SILENCE)
        self._pacing: asyncio.Task[None] | None = None
        self._last_key = -1
        self._source, self._sequence = secrets.randbits(32), secrets.randbits(16)
        self._time = secrets.randbits(31)

    @classmethod
    async def open(cls, host: str, *, sends: bool) -> "Media":
        """Bind a socket of this host."""
        loop = asyncio.get_running_loop()
        _, media = await loop.create_datagram_endpoint(
            lambda: cls(sends=sends), local_addr=(host, 0)
        )
        return media

    @property
    def address(self) -> Address:
        """Where it listens."""
        host, port = self._socket.get_extra_info("sockname")
        return host, port

    def connect(self, other: Described) -> None:
        """Send to where the other side listens, from now on."""
        self._to, self._events = other.address, other.events
        if self._pacing is None:
            self._pacing = asyncio.get_running_loop().create_task(self._pace())

    def close(self) -> None:
        """Fall silent for good; what was heard remains."""
        if self._pacing:
            self._pacing.cancel()
        self._queue.clear()
        self._played.set()
        self._socket.close()

    async def play(self, sound: bytes | Path) -> None:
        """Send a WAV file or 16-bit samples; returns when the last of it is on its way."""
        for frame in _frames(alaw.read(sound)):
            self._queue.append((ALAW, frame, False, 0))
        await self._all_played()

    def background(self, sound: bytes | Path | None) -> None:
        """Send this over and over while nothing is played; none is silence again."""
        frames = _frames(alaw.read(sound)) if sound else [alaw.SILENCE]
        self._background = itertools.cycle(frames)

    async def dtmf(self, keys: str, *, in_band: bool = False, seconds: float = 0.12) -> None:
        """Press keys: as telephone events (RFC 4733), or as the two tones in the sound."""
        for key in keys:
            if in_band:
                row, column = divmod(PAD.index(key), 4)
                tone = alaw.tones(seconds, LOW[row], HIGH[column])
                await self.play(tone + bytes(2 * round(0.08 * alaw.RATE)))
            else:
                self._press(KEYS.index(key), round(seconds / PACKET_S))
                await self._all_played()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of the protocol: the socket is bound."""
        self._socket = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Part of the protocol: a packet came in; what is neither sound nor key is left alone."""
        if len(data) < 12 or data[0] & 0xC0 != 0x80:
            return
        kind, payload = data[1] & 0x7F, data[12 + 4 * (data[0] & 15) :]
        if kind == ALAW:
            now = asyncio.get_running_loop().time()
            self.heard.add(Packet(now, payload, alaw.level(payload)))
        elif kind == EVENTS and len(payload) >= 4 and payload[0] < len(KEYS):
            stamp = int.from_bytes(data[4:8], "big")
            if stamp != self._last_key:  # the packets of one press bear the same time
                self._last_key = stamp
                self.heard.add(key=KEYS[payload[0]])

    def error_received(self, exc: Exception) -> None:
        """Part of the protocol: nobody listens there (any more), which is not our concern."""

    def _press(self, event: int, packets: int) -> None:
        assert self._events is not None, "the other side takes no telephone events"
        for number in range(1, packets + 3):  # the end is told three times
            end = 0x80 if number >= packets else 0
            length = min(number, packets) * alaw.FRAME
            payload = struct.pack("!BBH", event, end | 10, length)
            self._queue.append((self._events, payload, number == 1, number - 1))
        self._queue.extend([(ALAW, alaw.SILENCE, False, 0)] * 4)

    async def _all_played(self) -> None:
        self._played.clear()
        if self._queue and not self._socket.is_closing():
            await self._played.wait()

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        fresh = True  # the first packet after a pause is marked
        while True:
            if self._queue:
                self._send(*self._queue.popleft(), fresh=fresh)
                fresh = False
                if not self._queue:
                    self._played.set()
            elif self.sends:
                self._send(ALAW, next(self._background), False, 0, fresh=fresh)
                fresh = False
            else:
                fresh = True
            self._time = (self._time + alaw.FRAME) % 2**32
            due += PACKET_S
            await asyncio.sleep(due - loop.time())

    def _send(self, kind: int, payload: bytes, marker: bool, age: int, *, fresh: bool) -> None:
        stamp = (self._time - age * alaw.FRAME) % 2**32
        marked = 0x80 if marker or fresh else 0
        head = struct.pack("!BBHII", 0x80, kind | marked, self._sequence, stamp, self._source)
        self._socket.sendto(head + payload, self._to)
        self._sequence = (self._sequence + 1) % 2**16
        self.sent += 1


def _frames(pcm: bytes) -> list[bytes]:
    """A-law by packets; the last one is filled up with silence."""
    coded = alaw.encode(pcm)
    frames = [coded[at : at + alaw.FRAME] for at in range(0, len(coded), alaw.FRAME)]
    return [frame + alaw.SILENCE[len(frame) :] for frame in frames]
