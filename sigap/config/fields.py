"""What a setting may hold, and what is said where it does not."""

import base64
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SecretStr,
    StringConstraints,
    field_validator,
)

KEY_BYTES = 32
MAIL_SCHEMES = ("smtp", "smtps", "smtp+plain")
CONNECTION_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "application_name"}


class Trunk(BaseModel):
    """A carrier's line to the telephone exchange (SIP)."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+(:\d{1,5})?$")]
    match: list[str] = []  # addresses that its calls come from, where not `host`
    username: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]*$")] = ""
    password: SecretStr = SecretStr("")
    codecs: list[Literal["alaw", "ulaw"]] = ["alaw", "ulaw"]

    @field_validator("match")
    @classmethod
    def _networks(cls, sources: list[str]) -> list[str]:
        for source in sources:
            ip_network(source)  # raises where it is none
        return sources

    @field_validator("password")
    @classmethod
    def _one_line(cls, password: SecretStr) -> SecretStr:
        if not password.get_secret_value().isprintable():
            raise ValueError("must be printable")
        return password

    def sources(self) -> list[str]:
        """The addresses that its calls come from."""
        return self.match or [self.host.partition(":")[0]]


def options(query: str) -> dict[str, str]:
    """The options behind a database address."""
    return dict(parse_qsl(query, keep_blank_values=True))


def _known_database(url: str) -> str:
    if url.startswith("sqlite:///") or not url:
        return url
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise ValueError("must be sqlite:///path or postgresql://user:password@host:port/name")
    _port = parts.port  # raises where it is not a number
    # An option that went unheeded would leave open what somebody meant to close.
    if unknown := sorted(set(options(parts.query)) - CONNECTION_OPTIONS):
        raise ValueError(f"unknown options of the connection: {', '.join(unknown)}")
    return url


def _addresses(proxies: list[str]) -> list[str]:
    for proxy in proxies:
        ip_address(proxy)  # raises where it is none
    return proxies


def _some_host(hosts: list[str]) -> list[str]:
    if not hosts or not all(hosts):
        raise ValueError("must name at least one host")
    return hosts


def _tiles(url: str) -> str:
    named = all(part in url for part in ("{z}", "{x}", "{y}"))
    if url and not (url.startswith(("http://", "https://")) and named):
        raise ValueError("must be like https://tiles.example/{z}/{x}/{y}.png")
    return url


def _long_key(key: SecretStr) -> SecretStr:
    if key.get_secret_value() and len(key.get_secret_value()) < 32:
        raise ValueError("must have at least 32 characters")
    return key


def _long_token(token: SecretStr) -> SecretStr:
    if token.get_secret_value() and len(token.get_secret_value()) < 16:
        raise ValueError("must have at least 16 characters")
    return token


def new_push_key() -> str:
    """A new private key of the curve that web push signs with, in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(KEY_BYTES, "big")).decode().rstrip("=")


def raw_push_key(words: str) -> bytes:
    """The bytes of such a key; ValueError where it is none."""
    raw = base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))
    if len(raw) != KEY_BYTES:
        raise ValueError("must be 32 bytes in base64url")
    ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())  # raises where it is none
    return raw


def _vapid_key(key: SecretStr) -> SecretStr:
    if key.get_secret_value():
        raw_push_key(key.get_secret_value())
    return key


def _contact(address: str) -> str:
    if address and not address.startswith(("mailto:", "https://")):
        raise ValueError("must begin with mailto: or https://")
    return address


def _mail_server(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.geturl() and not (parts.scheme in MAIL_SCHEMES and parts.hostname):
        raise ValueError("must be like smtp://user:password@host:587")
    _port = parts.port  # raises where it is not a number
    return url


def _web_address(url: str) -> str:
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("must begin with https://")
    return url


def _socket(url: str) -> str:
    if url and not (urlsplit(url).scheme in ("ws", "wss") and urlsplit(url).hostname):
        raise ValueError("must begin with wss:// and a host")
    return url


def _file_is_there(path: Path | None) -> Path | None:
    if path and not path.is_file():
        raise ValueError(f"no such file: {path}")
    return path


# What has a default of "" or None may be left out: then what it is for is off.
Listen = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$")]
Database = Annotated[str, AfterValidator(_known_database)]
Hosts = Annotated[list[str], AfterValidator(_some_host)]
Addresses = Annotated[list[str], AfterValidator(_addresses)]
Tiles = Annotated[str, AfterValidator(_tiles)]
Key = Annotated[SecretStr, AfterValidator(_long_key)]
Token = Annotated[SecretStr, AfterValidator(_long_token)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
VapidKey = Annotated[SecretStr, AfterValidator(_vapid_key)]
Contact = Annotated[str, AfterValidator(_contact)]
Socket = Annotated[str, AfterValidator(_socket)]
File = Annotated[Path | None, AfterValidator(_file_is_there)]
MailServer = Annotated[SecretStr, AfterValidator(_mail_server)]
ApprovedText = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{0,512}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{7,14}$")]
Mail = Annotated[str, StringConstraints(pattern=r"^([^@\s<>,]+@[^@\s<>,]+)?$")]
