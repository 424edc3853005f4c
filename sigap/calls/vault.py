"""The folder of the recordings: what arrives in plain, what is kept encrypted. No database.

Each kept file is one Fernet token: encrypted and authenticated as a whole, so that a changed
byte or a wrong key is found before anything is heard, and readable under any of several keys.
"""

import base64
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from sigap.core import clock

# The name of a recording is a part of a file's name: nothing that leads to another folder.
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}"
ARRIVED = re.compile(rf"({NAME})-(in|out)\.wav")
KEPT = ".flac.fernet"


class Unreadable(Exception):
    """A kept file that is not there, was changed, or was encrypted with another key."""


@dataclass
class Arrived:
    """The files of one recording that wait in the folder."""

    caller: Path | None = None
    heard: Path | None = None
    changed: float = 0.0  # when something was last written to them, as the disk counts time

    @property
    def paths(self) -> list[Path]:
        """Those that are there."""
        return [path for path in (self.caller, self.heard) if path]


def folder(name: str) -> Path:
    """`incoming`, `kept` or `unreadable`; made where it is not there yet."""
    path: Path = settings.ENV.recordings() / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def arrived() -> dict[str, Arrived]:
    """What waits to be kept, by name, the oldest first."""
    found: dict[str, Arrived] = defaultdict(Arrived)
    for path in folder("incoming").iterdir():
        if matched := ARRIVED.fullmatch(path.name):
            name, side = matched.groups()
            setattr(found[name], "caller" if side == "in" else "heard", path)
            found[name].changed = max(found[name].changed, path.stat().st_mtime)
    return dict(sorted(found.items(), key=lambda item: item[1].changed))


def keep(name: str, plain: bytes) -> None:
    """Encrypt and put on the disk for good; a file of the same name is replaced as a whole."""
    path = _path(name)
    half = path.with_name(f"{path.name}.half")
    try:
        with half.open("wb") as file:
            file.write(_cipher().encrypt(plain))
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def read(name: str, digest: str) -> bytes:
    """What was kept, in plain. Raises Unreadable unless it is that, byte for byte."""
    try:
        plain = _cipher().decrypt(_path(name).read_bytes())
    except FileNotFoundError as error:
        raise Unreadable("is missing") from error
    except InvalidToken as error:
        raise Unreadable("was changed, or its key is not there") from error
    if digest_of(plain) != digest:
        raise Unreadable("is not what was recorded")
    return plain


def rekey(name: str) -> None:
    """Encrypt anew with the present key."""
    path = _path(name)
    try:
        plain = _cipher().decrypt(path.read_bytes())
    except (FileNotFoundError, InvalidToken) as error:
        raise Unreadable("cannot be read") from error
    keep(name, plain)


def digest_of(plain: bytes) -> str:
    """The SHA-256 that is noted of a recording."""
    return hashlib.sha256(plain).hexdigest()


def put_aside(*paths: Path) -> None:
    """Take files that nobody can understand out of the way, without losing them."""
    for path in paths:
        path.rename(folder("unreadable") / f"{path.stat().st_mtime_ns}-{path.name}")


def remove(*paths: Path) -> None:
    """Remove files, whether they are there or not."""
    for path in paths:
        path.unlink(missing_ok=True)


def kept() -> Iterator[tuple[str, Path]]:
    """All kept files with their names."""
    for path in folder("kept").iterdir():
        if path.name.endswith(KEPT):
            yield path.name.removesuffix(KEPT), path


def old_unreadable(before: datetime) -> list[Path]:
    """Files that nobody could understand, from before this time."""
    files = folder("unreadable").iterdir()
    return [path for path in files if path.stat().st_mtime < before.timestamp()]


def is_quiet(files: Arrived, seconds: float) -> bool:
    """Whether nothing was written to these files for so long."""
    return clock.now().timestamp() - files.changed >= seconds


def _path(name: str) -> Path:
    return folder("kept") / f"{name}{KEPT}"


def _cipher() -> MultiFernet:
    keys = []
    for key in settings.ENV.recording_keys():
        digest = hashlib.sha256(b"recording:" + key.encode()).digest()
        keys.append(Fernet(base64.urlsafe_b64encode(digest)))
    return MultiFernet(keys)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
