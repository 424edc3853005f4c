"""Which process does the jobs: one for a database, however many were started."""

import fcntl
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection

log = logging.getLogger("sigap.worker")

ADVISORY_LOCK = 113  # beside the commands' own, see core.transaction


class Duty:
    """One thread's right to do the jobs; whoever has it not stands by.

    On PostgreSQL it hangs on the connection that the jobs run on: with that it is lost, and
    must be taken again. On SQLite it is a locked file in the data folder. A process that
    dies gives it back either way.
    """

    def __init__(self) -> None:
        self._held: Any = None  # the session or the open file that is locked
        self._said = ""

    def mine(self) -> bool:
        """Whether this thread may do the jobs now; takes the duty when nobody has it."""
        if self._held and (connection.vendor == "sqlite" or self._held is connection.connection):
            return True
        try:
            self._held = _file() if connection.vendor == "sqlite" else _session()
        except (Error, OSError) as error:
            connection.close()
            self._held = None
            self._say(f"the jobs wait for the database ({type(error).__name__})")
        else:
            mine = "this process does the jobs"
            self._say(mine if self._held else "another process does the jobs; standing by")
        return self._held is not None

    def leave(self) -> None:
        """End the connection and let another process take the duty."""
        if connection.vendor == "sqlite" and self._held:
            self._held.close()
        self._held = None
        connection.close()

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            log.log(logging.INFO if self._held else logging.WARNING, what)


def _session() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        taken = cursor.fetchone() == (True,)
    return connection.connection if taken else None


def _file() -> Any:
    database = Path(str(connection.settings_dict["NAME"])).name
    file = (settings.ENV.data_dir / f"{database}.jobs").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
