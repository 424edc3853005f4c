"""The thread that listens: packets of all calls in, what is heard on them out.

It alone holds the calls, so nothing here is locked. The event loop only appends to its two
queues, which is all that it has to do for a packet.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .model import Model
from .rtp import Packet, Stream, parse
from .rule import CHUNK, CHUNK_S, RATE, SILENT_DB, Rule, Watch

log = logging.getLogger("sigap.voice")

Source = tuple[str, int]
Say = Callable[[dict[str, Any]], None]

TICK_S = 0.02  # a packet's length
QUEUE = 200_000  # packets; older ones are lost when it is full
EARLY_S = 2.0  # packets of a port are kept so long before somebody asks for it
EARLY_PACKETS = 200  # of one port
AFRESH = RATE // 2  # after a gap of so many samples the model begins anew
NOBODY = (-1, 0.0)


class Chunk(NamedTuple):
    """What the model judges next on a call."""

    end: int  # in samples since the first one, with those that were lost
    audio: bytes
    afresh: bool


@dataclass
class Call:
    """One call that is listened to."""

    id: str
    source: Source
    line: int  # its place in the model's memory
    watch: Watch
    say: Say
    packets: int = 0
    unheard: int = 0  # samples
    stream: Stream = field(default_factory=Stream)
    ready: deque[Chunk] = field(default_factory=deque)
    _rest: bytearray = field(default_factory=bytearray)
    _end: int = 0
    _afresh: bool = True

    def take(self, packet: Packet) -> None:
        """Put a packet in its place and cut what is complete into chunks."""
        self.packets += 1
        for gap, audio in self.stream.take(packet):
            if gap >= AFRESH:
                self._rest.clear()
                self._afresh = True
            self.unheard += gap
            self._end += gap + len(audio) // 2
            self._rest += audio
            while len(self._rest) >= 2 * CHUNK:
                end = self._end - len(self._rest) // 2 + CHUNK
                self.ready.append(Chunk(end, bytes(self._rest[: 2 * CHUNK]), self._afresh))
                del self._rest[: 2 * CHUNK]
                self._afresh = False

    def report(self) -> dict[str, Any]:
        """What was heard on it so far."""
        watch = self.watch
        return {
            "is": "report",
            "id": self.id,
            "packets": self.packets,
            "heard_s": round(watch.chunks * CHUNK_S, 3),
            "unheard_s": round(self.unheard / RATE, 3),
            "speech_s": round(watch.speech * CHUNK_S, 3),
            "noise_s": round(watch.noise * CHUNK_S, 3),
            "sound_s": round(watch.sound * CHUNK_S, 3),
            "loudest_db": round(watch.loudest_db, 1) if watch.chunks else None,
        }


class Detector(threading.Thread):
    """Listens to at most so many calls. What happens on a call is said to whoever asked for it,
    from this thread; `ended` is called when it ends, for whatever reason."""

    def __init__(self, most: int, ended: Callable[[], None]) -> None:
        super().__init__(name="detector", daemon=True)
        self.most = most
        self.calls = 0
        self.failed = False
        # Appended to by the event loop: when it came, from where, what.
        self.packets: deque[tuple[float, Source, bytes]] = deque(maxlen=QUEUE)
        self._orders: deque[Callable[[], None]] = deque()
        self._ended = ended
        self._stop_asked = threading.Event()
        self._in_hand: float | None = None  # when the oldest audio that is being worked on came
        self._model = Model(most)
        self._free = list(range(most))
        self._by_id: dict[str, Call] = {}
        self._by_source: dict[Source, Call] = {}
        self._early: dict[Source, deque[tuple[float, Packet]]] = {}
        self._gone: dict[Source, tuple[int, float]] = {}  # the streams of ended calls, until when

    def lag_s(self) -> float:
        """How old the oldest audio is that nobody has judged yet. Asked by the event loop."""
        oldest = self._in_hand
        if oldest is None:
            try:
                oldest = self.packets[0][0]
            except IndexError:
                return 0.0
        return time.monotonic() - oldest

    def soon(self, order: Callable[[], None]) -> None:
        """Have this done on the thread, before the packets that came until then."""
        self._orders.append(order)

    def stop(self) -> None:
        """End after what is in hand."""
        self._stop_asked.set()

    def run(self) -> None:
        """Work in turns: a turn with many calls is cheaper per call than many turns."""
        try:
            while not self._stop_asked.wait(TICK_S):
                self._turn()
        except Exception:
            self.failed = True
            log.exception("the detector ends")
        finally:
            self._ended()

    def listen(self, id: str, source: Source, rule: Rule, say: Say) -> None:
        """Listen to what comes from there, and to what came in the last moments."""
        if (known := self._by_id.get(id)) and known.source == source:
            say({"is": "listening", "id": id})
            return
        # A port that is used again belongs to the newer call.
        for old in (known, self._by_source.get(source)):
            if old:
                self._drop(old)
        if not self._free:
            say({"is": "full", "id": id})
            return
        call = Call(id, source, self._free.pop(), Watch(rule), say)
        self._by_id[id] = self._by_source[source] = call
        self.calls = len(self._by_id)
        for _came, packet in self._early.pop(source, ()):
            call.take(packet)
        say({"is": "listening", "id": id})

    def forget(self, id: str, say: Say) -> None:
        """Listen to this call no longer."""
        if call := self._by_id.get(id):
            self._drop(call)
            # What still comes of it must not be taken for audio of the port's next call.
            self._gone[call.source] = call.stream.ssrc, time.monotonic() + EARLY_S
            say({"is": "forgotten", "id": id})
        else:
            say({"is": "error", "id": id, "why": "no such call"})

    def forget_all(self) -> None:
        """Listen to no call. Their audio counts as early: a client that comes back asks again."""
        for call in list(self._by_id.values()):
            self._drop(call)

    def report(self, id: str, say: Say) -> None:
        """Say what was heard on this call so far."""
        call = self._by_id.get(id)
        say(call.report() if call else {"is": "error", "id": id, "why": "no such call"})

    def _drop(self, call: Call) -> None:
        del self._by_id[call.id]
        del self._by_source[call.source]
        self._free.append(call.line)
        self.calls = len(self._by_id)

    def _turn(self) -> None:
        arrived = len(self.packets)
        if arrived:
            self._in_hand = self.packets[0][0]
        while self._orders:
            self._orders.popleft()()
        for _ in range(arrived):
            came, source, data = self.packets.popleft()
            packet = parse(data)
            if not packet or self._gone.get(source, NOBODY)[0] == packet.ssrc:
                continue
            if call := self._by_source.get(source):
                call.take(packet)
            else:
                self._keep(came, source, packet)
        while calls := [call for call in self._by_id.values() if call.ready]:
            self._judge(calls)
        self._throw_away()
        self._in_hand = None

    def _judge(self, calls: list[Call]) -> None:
        """The next chunk of each of these calls."""
        chunks = [call.ready.popleft() for call in calls]
        for call, chunk in zip(calls, chunks, strict=True):
            if chunk.afresh:
                self._model.forget(call.line)
        samples = np.frombuffer(b"".join(chunk.audio for chunk in chunks), np.int16)
        audio = samples.reshape(-1, CHUNK).astype(np.float32) / np.float32(32768)
        likelihoods = self._model.judge([call.line for call in calls], audio)
        powers = np.einsum("ij,ij->i", audio, audio) / CHUNK
        levels = 10 * np.log10(np.maximum(powers, 10 ** (SILENT_DB / 10)))
        found = zip(calls, chunks, likelihoods.tolist(), levels.tolist(), strict=True)
        for call, chunk, likelihood, level in found:
            if heard := call.watch.hear(chunk.end, likelihood, level):
                call.say({"is": "heard", "id": call.id, **asdict(heard)})

    def _keep(self, came: float, source: Source, packet: Packet) -> None:
        if source not in self._early and len(self._early) > 2 * self.most:
            return
        kept = self._early.setdefault(source, deque(maxlen=EARLY_PACKETS))
        kept.append((came, packet))

    def _throw_away(self) -> None:
        now = time.monotonic()
        for source, kept in list(self._early.items()):
            while kept and kept[0][0] < now - EARLY_S:
                kept.popleft()
            if not kept:
                del self._early[source]
        for source, (_ssrc, until) in list(self._gone.items()):
            if until < now:
                del self._gone[source]
