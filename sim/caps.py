"""A far end that sends warnings as others do: CAP messages, and an index of them. It notes what
it is asked and how, so that whoever asks badly is found out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from xml.sax.saxutils import escape

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
# The middle of Kediri, latitude first, as CAP has it.
CITY = "-7.79,111.98 -7.79,112.05 -7.85,112.05 -7.85,111.98 -7.79,111.98"
FAR = "-6.1,106.7 -6.1,106.9 -6.3,106.9 -6.3,106.7 -6.1,106.7"


@dataclass
class Page:
    """What stands at an address."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    wait_s: float = 0.0
    endless: bool = False  # more and more of the same, without a length


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    tag: str
    since: str
    faults: tuple[str, ...]


class WarningFeed:
    """The pages, and what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.address = ""

    def put(self, path: str, body: bytes | str, **more: Any) -> str:
        """Let something stand at an address; the whole of it."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Page(data, **more)
        return f"{self.address}{path}"

    def paths(self) -> list[str]:
        """What was asked since the last time."""
        asked, self.asked = self.asked, []
        return [one.path for one in asked]

    def faults(self) -> list[str]:
        """What was wrong with what was asked."""
        return [fault for one in self.asked for fault in one.faults]


@contextmanager
def serving() -> Iterator[WarningFeed]:
    """A far end on loopback."""
    feed = WarningFeed()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_parts: Any) -> None:
            """Nothing is printed."""

        def do_GET(self) -> None:
            """Answer as the page says."""
            _answer(self, feed)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    feed.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _answer(asker: BaseHTTPRequestHandler, feed: WarningFeed) -> None:
    page = feed.pages.get(asker.path, Page(b"nothing here", 404))
    tag = asker.headers.get("If-None-Match", "")
    faults = [name for name in ("Cookie", "Authorization") if asker.headers.get(name)]
    if asker.headers.get("User-Agent") != "sigap":
        faults.append("User-Agent")
    if tag and not page.etag:
        faults.append("a tag that was never given")
    since = asker.headers.get("If-Modified-Since", "")
    feed.asked.append(Asked(asker.path, tag, since, tuple(faults)))
    if page.wait_s:
        time.sleep(page.wait_s)
    same = bool(page.etag) and tag == page.etag
    asker.send_response(304 if same else page.status)
    if page.etag:
        asker.send_header("ETag", page.etag)
    for name, value in page.headers.items():
        asker.send_header(name, value)
    body = b"" if same else page.body
    if page.endless:
        asker.send_header("Connection", "close")
        asker.end_headers()
        try:
            for _more in range(160):  # ten megabytes
                asker.wfile.write(page.body * (65_536 // len(page.body)))
        except OSError:
            pass  # the asker has had enough
        asker.close_connection = True
        return
    asker.send_header("Content-Length", str(len(body)))
    asker.end_headers()
    asker.wfile.write(body)


def alert(at: datetime, /, **more: Any) -> str:
    """A CAP message; `more` changes its elements by their names, None leaves one out."""
    said: dict[str, Any] = {
        "identifier": "CBT20261102001",
        "sender": "info@cuaca.example",
        "sent": at.isoformat(timespec="seconds"),
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "references": None,
    } | {k: v for k, v in more.items() if k in _OF_ALERT}
    infos = more.get("infos") or [{k: v for k, v in more.items() if k not in _OF_ALERT}]
    parts = "".join(info(at, **one) for one in infos) if more.get("infos") != () else ""
    return f'<?xml version="1.0"?><alert xmlns="{NAMESPACE}">{_elements(said)}{parts}</alert>'


_OF_ALERT = {
    *("identifier", "sender", "sent", "status", "msgType", "scope", "references", "infos"),
}


def info(at: datetime, /, **more: Any) -> str:
    """What a message says in one language."""
    said: dict[str, Any] = {
        "language": "id-ID",
        "category": "Met",
        "event": "Hujan Lebat",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "effective": at.isoformat(timespec="seconds"),
        "expires": (at + timedelta(hours=3)).isoformat(timespec="seconds"),
        "senderName": "Stasiun Cuaca",
        "headline": "Hujan Lebat di Jawa Timur",
        "description": "Hujan lebat disertai petir dan angin kencang.",
        "instruction": None,
    } | {k: v for k, v in more.items() if k not in ("area", "areas", "polygon", "geocode")}
    places = more.get("areas") or [more.get("area") or area(more.get("polygon", CITY))]
    return f"<info>{_elements(said)}{''.join(places)}</info>"


def area(*polygons: str, circle: str = "", geocode: tuple[str, str] | None = None) -> str:
    """Where a message holds."""
    parts = "".join(f"<polygon>{polygon}</polygon>" for polygon in polygons)
    parts += f"<circle>{circle}</circle>" if circle else ""
    if geocode:
        name, value = geocode
        parts += f"<geocode><valueName>{name}</valueName><value>{value}</value></geocode>"
    return f"<area><areaDesc>Jawa Timur</areaDesc>{parts}</area>"


def rss(links: list[str]) -> str:
    """An index as weather offices publish it."""
    items = "".join(f"<item><title>x</title><link>{escape(a)}</link></item>" for a in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


def atom(links: list[str]) -> str:
    """The same in Atom."""
    entries = "".join(
        f'<entry><link rel="self" href="/no"/><link href="{escape(a)}" '
        'type="application/cap+xml"/></entry>'
        for a in links
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'


def _elements(said: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in said.items()
        if value is not None
    )
