"""Lines on which somebody speaks, or not: sounds, and how Asterisk would send them."""

import json
import random
import socket
import struct
import subprocess
import time
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .server import Server

WAIT_S = 20.0
AT_ONCE = 50  # packets that the system's buffer holds for sure
# How sox writes what RTP carries: its options, the payload type, the bytes of a packet.
CODINGS = {
    "alaw": ("-t al", 8, 160),
    "ulaw": ("-t ul", 0, 160),
    "slin": ("-t raw -e signed -b 16 -B", 118, 320),
}
SYNTHESES = {
    "silence": "trim 0 {s}",
    "hiss": "synth {s} whitenoise vol 0.004",
    "street": "synth {s} brownnoise synth {s} pinknoise mix tremolo 0.3 60 vol 0.25",
    "tapping": "synth 0.01 whitenoise vol 0.5 fade 0 0.01 0.008 pad 0 0.39 repeat 19 trim 0 {s}",
    "roar": "synth {s} whitenoise lowpass 1500 vol 0.5",
}

Message = dict[str, Any]


@cache
def sound(name: str, seconds: float = 8.0, coding: str = "alaw") -> bytes:
    """One of the sounds above, coded."""
    effects = SYNTHESES[name].format(s=seconds).split()
    return _sox("-n", coding, effects, b"")


@cache
def spoken(words: str, coding: str = "alaw", voice: str = "id", volume: float = 0.5) -> bytes:
    """Indonesian words between moments of silence."""
    said = subprocess.run(
        ["espeak-ng", "-v", voice, "--stdout", words], capture_output=True, check=True
    ).stdout
    return _sox("-t wav -", coding, ["vol", str(volume), "pad", "0.5", "1.0"], said)


def _sox(source: str, coding: str, effects: Sequence[str], given: bytes) -> bytes:
    how = CODINGS[coding][0].split()
    made = ["sox", "-R", "-D", *source.split(), "-r", "8000", "-c", "1", *how, "-", *effects]
    if source == "-n":  # the rate of what is made is said before it
        made[3:3] = ["-r", "8000"]
    return subprocess.run(made, input=given, capture_output=True, check=True).stdout


class Caller:
    """One call's audio, sent from a port of its own."""

    def __init__(self, coding: str = "alaw") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.sent = 0
        _, self._kind, self._size = CODINGS[coding]
        self._seq, self._timestamp = random.randrange(1 << 16), random.randrange(1 << 32)
        self._ssrc = random.randrange(1 << 32)

    def packets(self, audio: bytes) -> list[bytes]:
        """The next packets of this call."""
        found = []
        for at in range(0, len(audio) - self._size + 1, self._size):
            head = struct.pack("!BBHII", 0x80, self._kind, self._seq, self._timestamp, self._ssrc)
            found.append(head + audio[at : at + self._size])
            self._seq = (self._seq + 1) & 0xFFFF
            self._timestamp = (self._timestamp + 160) & 0xFFFFFFFF
        return found

    def send(self, packets: Iterable[bytes], to: tuple[str, int]) -> None:
        """Send them at once."""
        for packet in packets:
            self._socket.sendto(packet, to)
            self.sent += 1

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


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
        self.rtp: tuple[str, int] = (self.ready["rtp"][0], self.ready["rtp"][1])

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
        self.ask("listen", "listening", id=id, port=caller.port, rule=rule)

    def report(self, id: str) -> Message:
        """What was heard on this call."""
        return self.ask("report", id=id)

    def play(self, id: str, caller: Caller, packets: list[bytes]) -> list[str]:
        """Send these, no faster than they are received; the kinds heard on the call until now."""
        for at in range(0, len(packets), AT_ONCE):
            caller.send(packets[at : at + AT_ONCE], self.rtp)
            self.received(id, caller)
        return self.kinds(id)

    def received(self, id: str, caller: Caller) -> None:
        """Wait until all that was sent on this call has been judged."""
        end = time.monotonic() + WAIT_S
        while self.report(id)["packets"] != caller.sent:  # answered once per turn
            assert time.monotonic() < end, "packets were lost"

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
