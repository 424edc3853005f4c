"""The thread that listens: audio of all calls in, what is heard on them out.

It alone holds the calls and their connections, so nothing here is locked. The event loop only
leaves orders.
"""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .feed import Feed
from .model import Model
from .rule import CHUNK, CHUNK_S, SILENT_DB, Rule, Watch

log = logging.getLogger("sigap.voice")

Say = Callable[[dict[str, Any]], None]

TICK_S = 0.04  # so long audio waits for the next turn: a turn with much to do is cheaper
UNASKED_S = 5.0  # a connection that nobody asks for is kept so long


class Chunk(NamedTuple):
    """What the model judges next on a call."""

    end: int  # in samples since the first one
    audio: bytes


@dataclass
class Call:
    """One call that is listened to."""

    id: str
    feed: str  # the name of the connection that its audio comes by
    line: int  # its place in the model's memory
    watch: Watch
    say: Say
    ready: deque[Chunk] = field(default_factory=deque)
    _rest: bytes = b""
    _end: int = 0

    def take(self, audio: bytes) -> None:
        """Cut what is complete into chunks."""
        rest, size = self._rest + audio, 2 * CHUNK
        whole = len(rest) - len(rest) % size
        for at in range(0, whole, size):
            self._end += CHUNK
            self.ready.append(Chunk(self._end, rest[at : at + size]))
        self._rest = rest[whole:]

    def report(self) -> dict[str, Any]:
        """What was heard on it so far."""
        watch = self.watch
        return {
            "is": "report",
            "id": self.id,
            "heard_s": round(watch.chunks * CHUNK_S, 3),
            "speech_s": round(watch.speech * CHUNK_S, 3),
            "noise_s": round(watch.noise * CHUNK_S, 3),
            "sound_s": round(watch.sound * CHUNK_S, 3),
            "loudest_db": round(watch.loudest_db, 1) if watch.chunks else None,
        }


class Detector(threading.Thread):
    """Listens to at most so many calls. What happens on a call is said to whoever asked for it,
    from this thread; `ended` is called when it ends, for whatever reason."""

    def __init__(self, most: int, listener: socket.socket, ended: Callable[[], None]) -> None:
        super().__init__(name="detector", daemon=True)
        self.most = most
        self.calls = 0
        self.failed = False
        self._listener = listener
        self._orders: deque[Callable[[], None]] = deque()
        self._ended = ended
        self._stop_asked = threading.Event()
        self._judged_until = time.monotonic()  # all audio that had come by then
        self._model = Model(most)
        self._free = list(range(most))
        self._by_id: dict[str, Call] = {}
        self._asked: dict[str, Call] = {}  # by the name of the connection
        self._feeds: dict[str, Feed] = {}  # by their names
        self._unasked: dict[Feed, float] = {}  # since when

    def lag_s(self) -> float:
        """How old the oldest audio may be that nobody has judged yet. Asked by the event loop."""
        return time.monotonic() - self._judged_until

    def soon(self, order: Callable[[], None]) -> None:
        """Have this done on the thread, before the audio that came until then."""
        self._orders.append(order)

    def stop(self) -> None:
        """End after what is in hand."""
        self._stop_asked.set()

    def run(self) -> None:
        """Work in turns: a turn with many calls is cheaper per call than many turns."""
        self._judged_until = time.monotonic()
        try:
            while not self._stop_asked.wait(TICK_S):
                self._turn()
        except Exception:
            self.failed = True
            log.exception("the detector ends")
        finally:
            self._ended()

    def listen(self, id: str, feed: str, rule: Rule, say: Say) -> None:
        """Listen to what comes by this connection, whether it is there or comes later."""
        known = self._by_id.get(id)
        if known and known.feed == feed:
            say({"is": "listening", "id": id})
            return
        for old in (known, self._asked.get(feed)):
            if old:
                self._drop(old)
        if not self._free:
            say({"is": "full", "id": id})
            return
        call = Call(id, feed, self._free.pop(), Watch(rule), say)
        self._model.forget(call.line)
        self._by_id[id] = self._asked[feed] = call
        self.calls = len(self._by_id)
        say({"is": "listening", "id": id})

    def forget(self, id: str, say: Say) -> None:
        """Listen to this call no longer."""
        if call := self._by_id.get(id):
            self._drop(call)
            say({"is": "forgotten", "id": id})
        else:
            say({"is": "error", "id": id, "why": "no such call"})

    def forget_all(self) -> None:
        """Listen to no call."""
        for call in list(self._by_id.values()):
            self._drop(call)

    def report(self, id: str, say: Say) -> None:
        """Say what was heard on this call so far."""
        call = self._by_id.get(id)
        say(call.report() if call else {"is": "error", "id": id, "why": "no such call"})

    def _drop(self, call: Call) -> None:
        del self._by_id[call.id]
        del self._asked[call.feed]
        self._free.append(call.line)
        self.calls = len(self._by_id)
        if feed := self._feeds.pop(call.feed, None):
            feed.close()

    def _turn(self) -> None:
        now = time.monotonic()
        while self._orders:
            self._orders.popleft()()
        self._accept(now)
        for name, feed in list(self._feeds.items()):
            self._asked[name].take(feed.read())
            if feed.ended:
                del self._feeds[name]
        while calls := [call for call in self._by_id.values() if call.ready]:
            self._judge(calls)
        self._judged_until = now

    def _accept(self, now: float) -> None:
        """Take new connections, and join those that are asked for to their calls."""
        try:
            while True:
                self._unasked[Feed(self._listener.accept()[0])] = now
        except BlockingIOError:
            pass
        except OSError as error:
            log.error("a connection cannot be taken: %s", error.strerror)
        for feed, since in list(self._unasked.items()):
            if not feed.name:
                feed.read_name()
            if not feed.ended and feed.name in self._asked:
                if before := self._feeds.pop(feed.name, None):
                    before.close()
                self._feeds[feed.name] = feed
                del self._unasked[feed]
            elif feed.ended or since < now - UNASKED_S:
                feed.close()
                del self._unasked[feed]

    def _judge(self, calls: list[Call]) -> None:
        """The next chunk of each of these calls."""
        chunks = [call.ready.popleft() for call in calls]
        samples = np.frombuffer(b"".join(chunk.audio for chunk in chunks), np.int16)
        audio = samples.reshape(-1, CHUNK).astype(np.float32) / np.float32(32768)
        likelihoods = self._model.judge([call.line for call in calls], audio)
        powers = np.einsum("ij,ij->i", audio, audio) / CHUNK
        levels = 10 * np.log10(np.maximum(powers, 10 ** (SILENT_DB / 10)))
        found = zip(calls, chunks, likelihoods.tolist(), levels.tolist(), strict=True)
        for call, chunk, likelihood, level in found:
            if heard := call.watch.hear(chunk.end, likelihood, level):
                call.say({"is": "heard", "id": call.id, **asdict(heard)})
