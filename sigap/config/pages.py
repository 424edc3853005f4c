"""Django's pages behind ASGI, on a fixed pool of threads.

A request goes into a thread whole and its answer comes back whole: every change of threads
costs a turn of the interpreter's lock, which under load is what people would wait for.
"""

import asyncio
import io
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Message = MutableMapping[str, Any]

PIECE = 1 << 20  # answers that are larger travel in pieces, so that no file need fit into memory
# What a person sends fits into this, and gets here in this time; a file is larger.
MOST_BYTES = 256 * 1024
MOST_S = 20.0
FILES = re.compile(r"/admin/boundaries|/open311/v2/requests\.(json|xml)")
MOST_OF_A_FILE, MOST_S_OF_A_FILE, MOST_FILES = 21 * 1024 * 1024, 120.0, 4
# Why what was sent is not there to be read.
UNREAD = "sigap.unread"
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Pages:
    """An ASGI application made of a WSGI one."""

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, "pages")
        self._files = asyncio.Semaphore(MOST_FILES)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        loop = asyncio.get_running_loop()
        environ = _environ(scope)
        try:
            environ["wsgi.input"] = io.BytesIO(await self._sent(scope, receive))
        except (RequestDataTooBig, UnreadablePostError) as fault:
            environ[UNREAD] = fault
        except ConnectionError:
            return  # nobody waits for an answer any more
        answer = _Answer(self._application, environ)
        piece, more = await loop.run_in_executor(self._threads, answer.begin)
        await send({"type": "http.response.start", **answer.head})
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        while more:
            piece, more = await loop.run_in_executor(self._threads, answer.piece)
            await send({"type": "http.response.body", "body": piece, "more_body": more})

    async def _sent(self, scope: Any, receive: Any) -> bytes:
        """All that was sent, before a thread is taken for it: whoever sends slowly must not
        keep the others from theirs."""
        if not _holds_files(scope):
            return await _whole(receive, MOST_BYTES, MOST_S)
        if self._files.locked():  # strangers may hold it: nobody stands in line behind them
            raise UnreadablePostError
        async with self._files:
            return await _whole(receive, MOST_OF_A_FILE, MOST_S_OF_A_FILE)


def _holds_files(scope: Any) -> bool:
    """Only where files are taken, and only where they are sent."""
    if scope["method"] != "POST" or not FILES.fullmatch(scope["path"]):
        return False
    kinds = (value for name, value in scope["headers"] if name == b"content-type")
    return any(kind.lower().startswith(b"multipart/form-data") for kind in kinds)


async def _whole(receive: Any, most: int, seconds: float) -> bytes:
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(seconds):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > most:
                    raise RequestDataTooBig
    except TimeoutError as error:
        raise UnreadablePostError from error
    return bytes(body)


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


def _environ(scope: Any) -> Environ:
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
        "wsgi.input": io.BytesIO(),
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
