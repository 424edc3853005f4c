"""A neighbouring 112 centre, as a small server on loopback: it checks what it is sent against its
own reading of the standard and of the signature, keeps it, and can be down, slow to accept, or
forgetful. It shares no code with the product, so that a change there shows here."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# NENA-STA-021.1a-2022: what each component must have, besides its prologue.
REQUIRED: dict[str, tuple[str, ...]] = {
    "incidentComponent": ("incidentTypeCommonRegistryText",),
    "callComponent": (
        *("callStateRegistryText", "standardPrimaryCallType", "direction"),
        "callStartTimestamp",
    ),
    "locationComponent": ("locationTypeDescriptionRegistryText",),
    "agencyComponent": ("agencyRoleDescriptionRegistryText", "agencyType"),
    "agentComponent": ("agentRoleRegistryText", "agencyReference"),
    "personComponent": ("personIncidentRoleRegistryText",),
    "notesComponent": ("notesActionComments",),
    "callbackComponent": ("callBackInformationUri",),
    "emergencyResourceComponent": (
        *("emergencyResourceTypeCommonRegistryText", "primaryUnitStatusRegistryText"),
        *("secondaryUnitStatusRegistryText", "resourceAttributeRegistryText"),
    ),
}
PROLOGUE = ("$id", "lastUpdateTimeStamp")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MOST_APART_S = 300


def faults_of(document: Any) -> list[str]:
    """What is wrong with an EIDO; nothing where it is in order."""
    if not isinstance(document, dict):
        return ["no object"]
    found = [f"{name} is missing" for name in (*PROLOGUE, "eidoVersion") if not document.get(name)]
    parts = []
    for name, required in REQUIRED.items():
        given = document.get(name, [])
        for part in given if isinstance(given, list) else [given]:
            parts.append(part)
            found += [f"{name}: {f} is missing" for f in (*PROLOGUE, *required) if f not in part]
            if not TIME.fullmatch(str(part.get("lastUpdateTimeStamp"))):
                found.append(f"{name}: no time")
    unknown = [n for n in document if n.endswith("Component") and n not in REQUIRED]
    names = {part.get("$id") for part in parts}
    dangling = [ref for ref in _refs(document) if ref not in names]
    return found + [f"unknown {n}" for n in unknown] + [f"nothing is {ref}" for ref in dangling]


def _refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for inner in value.values() for ref in _refs(inner)]
    if isinstance(value, list):
        return [ref for inner in value for ref in _refs(inner)]
    return []


class Neighbour:
    """The centre: what it was sent, what was wrong with it, and how it behaves."""

    def __init__(
        self, *, expects: str, speaks: str, now: Callable[[], datetime] | None = None
    ) -> None:
        """`expects` is the secret with which we sign; `speaks` the one with which it does."""
        self.expects, self.speaks = expects, speaks
        self.now = now or (lambda: datetime.now(UTC))
        self.records: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.bodies: list[bytes] = []
        self.status = 202  # what it answers
        self.shared: dict[str, Any] = {}  # by reference: what it lets us read
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door_of(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    def __enter__(self) -> "Neighbour":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def sign(self, content: bytes, known_as: str) -> dict[str, str]:
        """The headers with which it speaks to us."""
        stamp = str(int(self.now().timestamp()))
        return {
            "X-Sigap-Centre": known_as,
            "X-Sigap-Time": stamp,
            "X-Sigap-Signature": _signature(self.speaks, stamp, content),
        }

    def is_ours(self, headers: Any, content: bytes) -> bool:
        """Whether the product signed this, just now."""
        stamp = headers.get("X-Sigap-Time", "")
        right = _signature(self.expects, stamp, content)
        if not hmac.compare_digest(right, headers.get("X-Sigap-Signature", "")):
            return False
        return abs(self.now().timestamp() - int(stamp)) <= MOST_APART_S

    def take(self, content: bytes) -> None:
        """Keep what was sent, and note what is wrong with it; the same once."""
        if content in self.bodies:
            return
        self.bodies.append(content)
        document = json.loads(content)
        if "note" in document:
            self.notes.append(document)
            return
        self.faults += faults_of(document)
        self.records.append(document)


def _signature(secret: str, stamp: str, content: bytes) -> str:
    made = hmac.new(secret.encode(), stamp.encode() + b"." + content, hashlib.sha256)
    return "sha256=" + made.hexdigest()


def _door_of(centre: Neighbour) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        """What the centre answers."""

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path != "/hooks/eido":
                return self._say(404)
            if not centre.is_ours(self.headers, content):
                return self._say(401)
            if centre.status == 202:  # noqa: PLR2004
                centre.take(content)
            return self._say(centre.status)

        def do_GET(self) -> None:
            if not centre.is_ours(self.headers, self.path.encode()):
                return self._say(401)
            found = centre.shared.get(self.path.rpartition("/")[2])
            return self._say(404 if found is None else 200, found)

        def log_message(self, *_said: Any) -> None:
            """Nothing: it is a test's."""

        def _say(self, status: int, content: Any = None) -> None:
            body = json.dumps(content).encode() if content is not None else b"{}"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Answers
