"""The machine that the numbers come from."""

import os
import platform
import sqlite3
import tempfile
import time
from pathlib import Path

from .table import percentile

WRITES = 200


def facts() -> list[str]:
    """What a reader must know to compare."""
    return [
        f"processor   {_processor()}, {os.cpu_count()} cores",
        f"memory      {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        f"system      {platform.system()} {platform.release()}",
        f"python      {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"fsync       {_fsync_ms():.2f} ms (median of {WRITES} writes of 4 KiB)",
        f"load        {load()}",
    ]


def load() -> str:
    """How busy the machine is with other things, as its one-minute average."""
    return f"{os.getloadavg()[0]:.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [x.partition(":")[2].strip() for x in lines if x.startswith("model name")]
    return names[0] if names else platform.machine()


def _fsync_ms() -> float:
    taken = []
    with tempfile.TemporaryFile() as file:
        for _turn in range(WRITES):
            os.write(file.fileno(), bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return percentile(taken, 50)
