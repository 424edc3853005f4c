"""SIP messages as text, their session descriptions, and the answer to a challenge."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

# RFC 3261 lets senders abbreviate these.
SHORT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
}
REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    480: "Temporarily Unavailable",
    481: "Call Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    501: "Not Implemented",
    603: "Decline",
}
ALAW, EVENTS = 8, 101  # payload types: PCMA is fixed, telephone events go by agreement

Address = tuple[str, int]


@dataclass
class Message:
    """A request or a response."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        """Read a datagram."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        pairs = [line.partition(":") for line in lines]
        return cls(start, [(name.strip(), value.strip()) for name, _, value in pairs], body)

    def __bytes__(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body.encode())}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()

    def all(self, name: str) -> list[str]:
        """The values of each header of this name."""
        return [value for key, value in self.headers if SHORT.get(key.lower(), key.lower()) == name]

    def header(self, name: str) -> str:
        """The value of the first header of this name; nothing if there is none."""
        return next(iter(self.all(name.lower())), "")

    @property
    def code(self) -> int:
        """A response's status; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """What is asked for; for a response, what was."""
        return self.header("CSeq").split()[1]

    @property
    def sequence(self) -> int:
        """The number of the request within its call."""
        return int(self.header("CSeq").split()[0])

    @property
    def branch(self) -> str:
        """What tells this exchange of messages from others."""
        return parameter(self.header("Via"), "branch")

    def response(self, code: int, tag: str, *headers: tuple[str, str], body: str = "") -> "Message":
        """The response to this request; `tag` names our side where it has no name yet."""
        kept = [(name, value) for name, value in self.headers if name.lower() in ("via", "v")]
        kept += [(name, self.header(name)) for name in ("From", "Call-ID", "CSeq")]
        to = self.header("To")
        kept.append(("To", to if "tag=" in to or code == 100 else f"{to};tag={tag}"))
        return Message(f"SIP/2.0 {code} {REASONS.get(code, '-')}", [*kept, *headers], body)


def parameter(value: str, name: str) -> str:
    """A parameter of a header, e.g. the `tag` of a To."""
    found = re.search(rf';\s*{name}\s*=\s*"?([^;,"\s>]+)', value, re.IGNORECASE)
    return found[1] if found else ""


def uri(value: str) -> str:
    """The address in a header such as From or Contact."""
    found = re.search(r"<([^>]+)>", value)
    return found[1] if found else value.partition(";")[0].strip()


def user(value: str) -> str:
    """The number or name in an address."""
    found = re.match(r"sips?:([^@;]+)@", uri(value))
    return found[1] if found else ""


def token() -> str:
    """A name that nobody else has."""
    return secrets.token_hex(8)


def description(address: Address, direction: str = "sendrecv", *, events: bool = True) -> str:
    """The session description of one who sends and hears A-law here, and telephone events."""
    host, port = address
    lines = [
        "v=0",
        f"o=- {port} {port} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {ALAW}" + (f" {EVENTS}" if events else ""),
        f"a=rtpmap:{ALAW} PCMA/8000",
        "a=ptime:20",
        f"a={direction}",
    ]
    if events:
        lines += [f"a=rtpmap:{EVENTS} telephone-event/8000", f"a=fmtp:{EVENTS} 0-16"]
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True)
class Described:
    """What the other side says of its audio."""

    address: Address
    takes_alaw: bool
    events: int | None
    direction: str

    @classmethod
    def parse(cls, body: str) -> "Described | None":
        """Read a session description; none if there is no audio in it."""
        media = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", body, re.MULTILINE)
        host = re.findall(r"^c=IN IP4 ([\d.]+)", body, re.MULTILINE)
        if not media or not host:
            return None
        event = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", body, re.MULTILINE)
        way = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", body, re.MULTILINE)
        return cls(
            (host[-1], int(media[1])),
            str(ALAW) in media[2].split(),
            int(event[1]) if event else None,
            way[1] if way else "sendrecv",
        )

    @property
    def our_direction(self) -> str:
        """The direction as seen from the other end."""
        return {"sendonly": "recvonly", "recvonly": "sendonly"}.get(self.direction, self.direction)


@dataclass(frozen=True)
class Account:
    """A name and password at the exchange."""

    name: str
    password: str

    def answer(self, challenged: Message, method: str, target: str) -> tuple[str, str]:
        """The header that answers the challenge in a 401 or 407 (RFC 2617, MD5)."""
        proxy = challenged.code == 407
        offered = challenged.header("Proxy-Authenticate" if proxy else "WWW-Authenticate")
        given: Mapping[str, str] = dict(re.findall(r'(\w+)="?([^",]+)"?', offered))
        fields = {
            "username": self.name,
            "realm": given["realm"],
            "nonce": given["nonce"],
            "uri": target,
        }
        first = _md5(f"{self.name}:{given['realm']}:{self.password}")
        second = _md5(f"{method}:{target}")
        bare = ""
        if "auth" in given.get("qop", ""):
            nonce = token()
            fields["response"] = _md5(f"{first}:{given['nonce']}:00000001:{nonce}:auth:{second}")
            fields["cnonce"] = nonce
            bare = ", qop=auth, nc=00000001"
        else:
            fields["response"] = _md5(f"{first}:{given['nonce']}:{second}")
        if "opaque" in given:
            fields["opaque"] = given["opaque"]
        quoted = ", ".join(f'{name}="{value}"' for name, value in fields.items())
        return "Proxy-Authorization" if proxy else "Authorization", f"Digest {quoted}{bare}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
