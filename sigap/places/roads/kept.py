"""The city's roads as they lie in this machine's data folder: read once, beside the requests.

Whoever asks while they are being read gets none, and falls back to the straight line.
"""

import logging
import os
import tempfile
import threading
from pathlib import Path

from django.conf import settings

from .graph import Roads, Router

log = logging.getLogger(__name__)
NAME = "roads.npz"

_reading = threading.Lock()
_kept: tuple[float, Router] | None = None


def file() -> Path:
    """Where they lie."""
    folder: Path = settings.ENV.data_dir
    return folder / NAME


def keep(roads: Roads) -> None:
    """Put them there, whole or not at all."""
    target = file()
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=NAME)
    os.close(handle)
    try:
        roads.write(Path(name))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def router() -> Router | None:
    """What answers how long it takes; None where there are no roads, or not yet."""
    try:
        changed = file().stat().st_mtime
    except OSError:
        return None
    known = _kept
    if known is not None and known[0] == changed:
        return known[1]
    if _reading.acquire(blocking=False):
        threading.Thread(target=_read, args=(changed,), name="roads", daemon=True).start()
    return known[1] if known is not None else None


def read_now() -> Router | None:
    """The same, waiting until they are read: for commands, not for requests."""
    try:
        changed = file().stat().st_mtime
    except OSError:
        return None
    if _kept is None or _kept[0] != changed:
        _reading.acquire()
        _read(changed)
    return _kept[1] if _kept is not None else None


def _read(changed: float) -> None:
    """Read the file; the lock is held by whoever asked for it."""
    global _kept  # noqa: PLW0603 - a cache of this process
    try:
        found = Router(Roads.read(file()))
        found.warm()
        _kept = (changed, found)
    except (OSError, ValueError, KeyError) as fault:
        log.error("the roads cannot be read: %s", fault)
    finally:
        _reading.release()
