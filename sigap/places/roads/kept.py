"""The city's roads as they lie in this machine's data folder: read once, beside the requests.

Whoever asks while they are being read gets none, and falls back to the straight line.
"""

import logging
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from .graph import Roads, Router

log = logging.getLogger(__name__)
NAME = "city-roads.npz"
_MOST_ROUTERS = 4

_reading = threading.Lock()
_kept: tuple[float, Roads] | None = None
# By speeds and what is closed: of this hour, and while one is replaced by the next.
_routers: dict[object, Router] = {}


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


def roads() -> Roads | None:
    """The roads of the city; None where there are none, or not yet."""
    changed = _changed()
    known = _kept
    if changed is None:
        return None
    if known is not None and known[0] == changed:
        return known[1]
    if _reading.acquire(blocking=False):
        threading.Thread(target=_read, args=(changed,), name="roads", daemon=True).start()
    return known[1] if known is not None else None


def read_now() -> Roads | None:
    """The same, waiting until they are read: for commands, not for requests."""
    changed = _changed()
    if changed is None:
        return None
    if _kept is None or _kept[0] != changed:
        _reading.acquire()
        _read(changed)
    return _kept[1] if _kept is not None else None


def router(
    known: Roads, speeds: Mapping[str, float], closed: Sequence[tuple[float, float, float]]
) -> Router:
    """What answers how long it takes on these roads at these speeds, round what is closed: points
    with the metres about them."""
    key = id(known), tuple(sorted(speeds.items())), tuple(closed)
    found = _routers.get(key)
    if found is None:
        shut = [int(piece) for place in closed for piece in known.near(*place)]
        found = Router(known, speeds, shut)
        for old in list(_routers)[: 1 - _MOST_ROUTERS]:
            _routers.pop(old, None)
        _routers[key] = found
    return found


def _changed() -> float | None:
    try:
        return file().stat().st_mtime
    except OSError:
        return None


def _read(changed: float) -> None:
    """Read the file; the lock is held by whoever asked for it."""
    global _kept  # noqa: PLW0603 - a cache of this process
    try:
        found = Roads.read(file())
        Router(found).warm()
        _routers.clear()
        _kept = (changed, found)
    except (OSError, ValueError, KeyError) as fault:
        log.error("the roads cannot be read: %s", fault)
    finally:
        _reading.release()
