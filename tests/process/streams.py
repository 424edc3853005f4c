"""Consoles that follow `GET /stream` in a thread of their own."""

import contextlib
import http.client
import json
import socket
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .server import until

WAIT_S = 20.0


@dataclass(frozen=True)
class Event:
    """One server-sent event: `name` is empty for news of the journal."""

    name: str
    id: str
    data: Any


class Reader:
    """One open stream. `come_back` makes it do as a browser does when it is cut off: open
    the stream again from the last number it had."""

    def __init__(
        self,
        url: str,
        cookie: str,
        view: str = "console",
        *,
        after: str | int = "",
        come_back: bool = False,
    ) -> None:
        self.address, self.cookie, self.view = urlsplit(url), cookie, view
        self.last = str(after)
        self.events: list[Event] = []
        self.status = 0
        self._come_back, self._stop = come_back, threading.Event()
        self._connection: http.client.HTTPConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Reader":
        self._thread.start()
        until(lambda: self.named("beat"), WAIT_S, lambda: f"no beat: {self.status}")
        return self

    def __exit__(self, *_failure: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Close the stream."""
        self._stop.set()
        self._cut()
        self._thread.join(WAIT_S)

    @property
    def is_open(self) -> bool:
        """Whether the stream (or the reader's wish for it) still lasts."""
        return self._thread.is_alive()

    def named(self, name: str) -> list[Event]:
        """The events of this name; "" for news of the journal."""
        return [event for event in list(self.events) if event.name == name]

    def seqs(self) -> list[int]:
        """The numbers of all journal rows that came, as they came."""
        return [row["seq"] for event in self.named("") for row in event.data["rows"]]

    def has_all_since(self, seq: int) -> bool:
        """Whether every row behind this number came, once and in order."""
        seqs = self.seqs()
        return bool(seqs) and seqs == list(range(seq + 1, seqs[-1] + 1))

    def rows(self) -> list[dict[str, Any]]:
        """All journal rows that came, as they came."""
        return [row for event in self.named("") for row in event.data["rows"]]

    def put(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table that came, as they came."""
        return [row for event in self.named("") for row in event.data["put"].get(table, ())]

    def wait_for(self, seq: int) -> None:
        """Until the journal's row of this number was seen."""
        until(lambda: seq in self.seqs(), WAIT_S, lambda: f"{seq} not in {self.seqs()[-3:]}")

    def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):  # the server is gone
                self._follow()
            if not self._come_back:
                return
            self._stop.wait(0.05)

    def _follow(self) -> None:
        connection = http.client.HTTPConnection(self.address.hostname or "", self.address.port)
        self._connection = connection
        headers = {"Cookie": self.cookie} | ({"Last-Event-ID": self.last} if self.last else {})
        connection.request("GET", f"/stream?view={self.view}", headers=headers)
        answer = connection.getresponse()
        self.status = answer.status
        fields: dict[str, str] = {}
        for line in answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                self._take(Event(fields.get("event", ""), fields.get("id", ""), fields["data"]))
                fields = {}

    def _take(self, event: Event) -> None:
        self.last = event.id or self.last
        self.events.append(Event(event.name, event.id, json.loads(event.data)))

    def _cut(self) -> None:
        if self._connection and self._connection.sock:
            with contextlib.suppress(OSError):  # closing alone would not wake the thread
                self._connection.sock.shutdown(socket.SHUT_RDWR)


def deaf(url: str, cookie: str, view: str = "console") -> socket.socket:
    """A console that asks for the stream and then never reads it."""
    address = urlsplit(url)
    line = socket.create_connection((address.hostname or "", address.port or 0))
    line.sendall(
        f"GET /stream?view={view} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Cookie: {cookie}\r\n\r\n".encode()
    )
    return line
