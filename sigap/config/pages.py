"""Django's pages behind ASGI, on a fixed pool of threads.

A request goes into a thread whole and its answer comes back whole: every change of threads
costs a turn of the interpreter's lock, which under load is what people would wait for.
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Message = MutableMapping[str, Any]

PIECE = 1 << 20  # answers that are larger travel in pieces, so that no file need fit into memory
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Pages:
    """An ASGI application made of a WSGI one."""

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, "pages")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        loop, first = asyncio.get_running_loop(), await receive()
        if first["type"] == "http.disconnect":
            return
        answer = _Answer(self._application, _environ(scope, _Sent(first, receive, loop)))
        piece, more = await loop.run_in_executor(self._threads, answer.begin)
        await send({"type": "http.response.start", **answer.head})
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        while more:
            piece, more = await loop.run_in_executor(self._threads, answer.piece)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


class _Sent(io.RawIOBase):
    """What was sent. The first message is here already, and nearly always the only one; a
    long upload is fetched as it is read, so that it is refused before it fills the memory."""

    def __init__(self, first: Message, receive: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._receive, self._loop = receive, loop
        self._take(first)

    def _take(self, message: Message) -> None:
        self._piece: bytes = message.get("body", b"")
        self._more: bool = message.get("more_body", False)

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as may be; 0 at the end."""
        while not self._piece and self._more:
            coming = asyncio.run_coroutine_threadsafe(self._receive(), self._loop)
            self._take(coming.result())
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size


class _Answer:
    """What the application answers: its head, and its body piece by piece."""

    def __init__(self, application: Application, environ: Environ) -> None:
        self._application, self._environ = application, environ
        self.head: Message = {}

    def begin(self) -> tuple[bytes, bool]:
        """Ask; the first piece, and whether there are more."""
        self._body = self._application(self._environ, self._start)
        self._chunks = iter(self._body)
        return self.piece()

    def piece(self) -> tuple[bytes, bool]:
        """The next piece, and whether there are more."""
        found, size = [], 0
        for chunk in self._chunks:
            found.append(chunk)
            size += len(chunk)
            if size >= PIECE:
                return b"".join(found), True
        if close := getattr(self._body, "close", None):
            close()
        return b"".join(found), False

    def _start(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        self.head = {
            "status": int(status[:3]),
            "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
        }


def _environ(scope: Any, sent: _Sent) -> Environ:
    server, client = scope.get("server") or ("localhost", 0), scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BufferedReader(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name:
            continue  # would pass for the same name with a hyphen
        key = OWN_NAMES.get(name) or "HTTP_" + name.upper().replace("-", "_")
        joint = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ
