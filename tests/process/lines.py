"""Lines on which somebody speaks, or not: sounds, and how Asterisk would send them."""

import json
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from sigap.gateways.voice.rule import CHUNK, CHUNK_S

from .server import Server

WAIT_S = 20.0
FRAME = 320  # bytes that Asterisk sends at once: 20 ms
LINEAR = ["-t", "raw", "-e", "signed", "-b", "16", "-L"]
SYNTHESES = {
    "silence": "trim 0 {s}",
    "hiss": "synth {s} whitenoise vol 0.004",
    "street": "synth {s} brownnoise synth {s} pinknoise mix tremolo 0.3 60 vol 0.25",
    "tapping": "synth 0.01 whitenoise vol 0.5 fade 0 0.01 0.008 pad 0 0.39 repeat 19 trim 0 {s}",
    "roar": "synth {s} whitenoise lowpass 1500 vol 0.5",
}

Message = dict[str, Any]


@cache
def sound(name: str, seconds: float = 8.0) -> bytes:
    """One of the sounds above."""
    effects = SYNTHESES[name].format(s=seconds).split()
    return _sox("-n", effects, b"")


@cache
def spoken(words: str, voice: str = "id", volume: float = 0.5) -> bytes:
    """Indonesian words between moments of silence."""
    said = subprocess.run(
        ["espeak-ng", "-v", voice, "--stdout", words], capture_output=True, check=True
    ).stdout
    return _sox("-t wav -", ["vol", str(volume), "pad", "0.5", "1.0"], said)


def _sox(source: str, effects: Sequence[str], given: bytes) -> bytes:
    made = ["sox", "-R", "-D", *source.split(), "-r", "8000", "-c", "1", *LINEAR, "-", *effects]
    if source == "-n":  # the rate of what is made is said before it
        made[3:3] = ["-r", "8000"]
    return subprocess.run(made, input=given, capture_output=True, check=True).stdout


class Caller:
    """One call's audio, as Asterisk's AudioSocket sends it."""

    def __init__(self) -> None:
        self.feed = uuid4()
        self.sent = 0  # samples
        self._socket: socket.socket | None = None

    def frames(self, audio: bytes) -> list[bytes]:
        """What is sent for this sound, frame by frame."""
        pieces = (audio[at : at + FRAME] for at in range(0, len(audio), FRAME))
        return [struct.pack("!BH", 0x10, len(piece)) + piece for piece in pieces]

    def send(self, audio: bytes, to: tuple[str, int]) -> None:
        """Send this sound at once."""
        self.write(b"".join(self.frames(audio)), to)
        self.sent += len(audio) // 2

    def write(self, data: bytes, to: tuple[str, int]) -> None:
        """Send whatever this is, after the name."""
        if self._socket is None:
            self._socket = socket.create_connection(to, WAIT_S)
            self._socket.sendall(struct.pack("!BH", 0x01, 16) + self.feed.bytes)
        self._socket.sendall(data)

    def heard(self, report: Message) -> bool:
        """Whether all that was sent has been judged."""
        return bool(round(report["heard_s"] / CHUNK_S) == self.sent // CHUNK)

    def close(self) -> None:
        """Hang up."""
        if self._socket:
            self._socket.close()
        self._socket = None


class Control:
    """The controlling process's end of the control socket, without the product's client."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WAIT_S)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self.heard: list[tuple[str, str]] = []
        self.loudness: dict[str, float] = {}
        self.ready = self.next()
        assert self.ready["is"] == "ready"
        self.audio: tuple[str, int] = (self.ready["audio"][0], self.ready["audio"][1])

    def write(self, line: bytes) -> None:
        """Send whatever this is."""
        self._socket.sendall(line)

    def next(self) -> Message:
        """The next message."""
        line = self._lines.readline()
        assert line, "the connection was ended"
        message: Message = json.loads(line)
        return message

    def ask(self, do: str, answer: str = "", **more: Any) -> Message:
        """Ask for something; the answer, which is of this kind. What is heard meanwhile is noted
        in `heard`."""
        self.write(json.dumps({"do": do, **more}).encode() + b"\n")
        return self.expect(answer or {"ping": "pong", "forget": "forgotten"}.get(do, do))

    def expect(self, kind: str) -> Message:
        """The next message of this kind."""
        while (message := self.next())["is"] != kind:
            assert message["is"] == "heard", message
            self.heard.append((message["id"], message["what"]))
            self.loudness[message["id"]] = message["level_db"]
        return message

    def listen(self, id: str, caller: Caller, **rule: float) -> None:
        """Have this caller listened to."""
        self.ask("listen", "listening", id=id, feed=str(caller.feed), rule=rule)

    def report(self, id: str) -> Message:
        """What was heard on this call."""
        return self.ask("report", id=id)

    def play(self, id: str, caller: Caller, audio: bytes) -> list[str]:
        """Send this; the kinds heard on the call until now."""
        caller.send(audio, self.audio)
        self.received(id, caller)
        return self.kinds(id)

    def received(self, id: str, caller: Caller) -> None:
        """Wait until all that was sent on this call has been judged."""
        end = time.monotonic() + WAIT_S
        while not caller.heard(self.report(id)):  # answered once per turn
            assert time.monotonic() < end, "audio was lost"

    def kinds(self, id: str) -> list[str]:
        """What was heard on this call."""
        return [what for of, what in self.heard if of == id]

    def ended(self) -> bool:
        """Whether the other side has ended the connection."""
        try:
            return not self._lines.read()
        except ConnectionResetError:
            return True

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()


class VoiceServer(Server):
    """`sigap voice` in a process of its own."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self.socket = data_dir / "voice"
        super().__init__("voice", "--socket", str(self.socket), *options, data_dir=data_dir)

    def is_ready(self) -> bool:
        """Whether a controlling process may connect now."""
        assert self.process.poll() is None, f"ended by itself: {self.tail()}"
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0
