"""The folder of the recordings: what arrives in plain, what is kept encrypted. No database."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from sigap.core import clock
from sigap.core.vault import Vault

# The name of a recording is a part of a file's name: nothing that leads to another folder.
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}"
ARRIVED = re.compile(rf"({NAME})-(in|out)\.wav")


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


KEPT = Vault(lambda: folder("kept"), b"recording", ".flac.fernet")


def arrived() -> dict[str, Arrived]:
    """What waits to be kept, by name, the oldest first."""
    found: dict[str, Arrived] = defaultdict(Arrived)
    for path in folder("incoming").iterdir():
        if matched := ARRIVED.fullmatch(path.name):
            name, side = matched.groups()
            setattr(found[name], "caller" if side == "in" else "heard", path)
            found[name].changed = max(found[name].changed, path.stat().st_mtime)
    return dict(sorted(found.items(), key=lambda item: item[1].changed))


def put_aside(*paths: Path) -> None:
    """Take files that nobody can understand out of the way, without losing them."""
    for path in paths:
        path.rename(folder("unreadable") / f"{path.stat().st_mtime_ns}-{path.name}")


def old_unreadable(before: datetime) -> list[Path]:
    """Files that nobody could understand, from before this time."""
    files = folder("unreadable").iterdir()
    return [path for path in files if path.stat().st_mtime < before.timestamp()]


def is_quiet(files: Arrived, seconds: float) -> bool:
    """Whether nothing was written to these files for so long."""
    return clock.now().timestamp() - files.changed >= seconds
