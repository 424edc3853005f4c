"""Django's pages behind ASGI, on a fixed pool of threads.

A request goes into a thread whole and its answer comes back whole: every change of threads
costs a turn of the interpreter's lock, which under load is what people would wait for.
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError

from sigap.core.errors import UNREAD

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Message = MutableMapping[str, Any]

PIECE = 1 << 20  # answers that are larger travel in pieces, so that no file need fit into memory
MB = 1024 * 1024


@dataclass(frozen=True)
class Allowance:
    """How much may be sent to an address in all, and in which time."""

    most: int
    seconds: float
    # Of what is too large the view still gets the beginning, where its form has the words: what
    # somebody typed is not lost because a photo was too large.
    keeps_words: bool = False


# What a person types fits into this.
TYPED = Allowance(256 * 1024, 20.0)
# Where files are sent to, by how the address begins.
UPLOADS = {
    "/admin/boundaries": Allowance(21 * MB, 120.0),
    "/lapor": Allowance(25 * MB, 240.0, keeps_words=True),
    "/lacak/": Allowance(25 * MB, 240.0, keeps_words=True),
    "/ikm/import": Allowance(3 * MB, 60.0),
    "/agency/complaints/": Allowance(25 * MB, 120.0),
    "/open311/v2/requests": Allowance(21 * MB, 120.0),
    "/transparansi/jurnal": Allowance(8 * MB, 120.0),
}
# What all that is being sent may fill of the memory: on the disk it would lie in plain.
MOST_HELD = 256 * MB
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Pages:
    """An ASGI application made of a WSGI one."""

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, "pages")
        self._held = 0  # bytes of files that are on their way

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        loop = asyncio.get_running_loop()
        environ = _environ(scope)
        try:
            environ["wsgi.input"] = io.BytesIO(await self._sent(allowance_of(scope), receive))
        except TooMuch as fault:
            environ[UNREAD], environ["wsgi.input"] = fault, io.BytesIO(fault.beginning)
        except UnreadablePostError as fault:
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

    async def _sent(self, allowed: Allowance, receive: Any) -> bytes:
        """All that was sent, before a thread is taken for it: whoever sends slowly must not
        keep the others from theirs."""
        body, more, held = bytearray(), True, 0
        try:
            async with asyncio.timeout(allowed.seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionError
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > allowed.most:
                        raise TooMuch(bytes(body[: TYPED.most]) if allowed.keeps_words else b"")
                    if len(body) - held > TYPED.most:
                        self._held, held = self._held + len(body) - held, len(body)
                        if self._held > MOST_HELD:  # by strangers: nobody waits for them
                            raise UnreadablePostError
        except TimeoutError as error:
            raise UnreadablePostError from error
        finally:
            self._held -= held
        return bytes(body)


class TooMuch(RequestDataTooBig):
    """More was sent than the address takes. `beginning`: what its view still gets of it."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__()
        self.beginning = beginning


def allowance_of(scope: Any) -> Allowance:
    """How much may be sent with this request: much only where files are taken, and sent."""
    kinds = (value for name, value in scope["headers"] if name == b"content-type")
    holds_files = any(kind.lower().startswith(b"multipart/form-data") for kind in kinds)
    if scope["method"] == "POST" and holds_files:
        for begins, allowed in UPLOADS.items():
            if scope["path"].startswith(begins):
                return allowed
    return TYPED


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
