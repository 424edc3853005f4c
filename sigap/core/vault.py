"""Folders of encrypted files: what people said and showed, beside the database.

Each file is one Fernet token: encrypted and authenticated as a whole, so that a changed byte or a
wrong key is found before anything is heard or seen, and readable under any of several keys. Files
are written before the row that names them is committed, and removed after it says that they are
erased: never inside a command.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """A kept file that is not there, was changed, or was encrypted with another key."""


@dataclass(frozen=True)
class Vault:
    """One folder. `purpose` keeps its keys apart from those of every other."""

    folder: Callable[[], Path]
    purpose: bytes
    suffix: str

    def keep(self, name: str, plain: bytes) -> None:
        """Encrypt and put on the disk for good; a file of this name is replaced as a whole."""
        path = self.path(name)
        half = path.with_name(f"{path.name}.half")
        try:
            with half.open("wb") as file:
                file.write(self._cipher().encrypt(plain))
                file.flush()
                os.fsync(file.fileno())
            half.rename(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def read(self, name: str, digest: str) -> bytes:
        """What was kept, in plain. Raises Unreadable unless it is that, byte for byte."""
        try:
            plain = self._cipher().decrypt(self.path(name).read_bytes())
        except FileNotFoundError as error:
            raise Unreadable("is missing") from error
        except InvalidToken as error:
            raise Unreadable("was changed, or its key is not there") from error
        if digest_of(plain) != digest:
            raise Unreadable("is not what was recorded")
        return plain

    def faults(self, named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Which of these, by name and hash, are not what was kept: the name, and what is wrong."""
        for name, digest in named:
            try:
                self.read(name, digest)
            except Unreadable as fault:
                yield name, str(fault)

    def rekey(self, name: str) -> None:
        """Encrypt anew with the present key."""
        try:
            plain = self._cipher().decrypt(self.path(name).read_bytes())
        except (FileNotFoundError, InvalidToken) as error:
            raise Unreadable("cannot be read") from error
        self.keep(name, plain)

    def kept(self) -> Iterator[tuple[str, Path]]:
        """All kept files with their names."""
        for path in self._made().iterdir():
            if path.name.endswith(self.suffix):
                yield path.name.removesuffix(self.suffix), path

    def path(self, name: str) -> Path:
        """Where the file of this name is, or would be."""
        return self._made() / f"{name}{self.suffix}"

    def _made(self) -> Path:
        path = self.folder()
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def _cipher(self) -> MultiFernet:
        keys = []
        for key in settings.ENV.recording_keys():
            digest = hashlib.sha256(self.purpose + b":" + key.encode()).digest()
            keys.append(Fernet(base64.urlsafe_b64encode(digest)))
        return MultiFernet(keys)


def digest_of(plain: bytes) -> str:
    """The SHA-256 that is noted of a file."""
    return hashlib.sha256(plain).hexdigest()


def remove(*paths: Path) -> None:
    """Remove files, whether they are there or not."""
    for path in paths:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
