"""One command at a time for the whole city.

`transaction()` takes the lock first (a process lock on SQLite, an advisory lock on
PostgreSQL) and holds it until the commit. Reads never take it. Because commands are
serial, journal numbers are gap-free and in commit order, which is what lets a reader
tail the journal by `seq > last` without ever missing a row.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import DatabaseError, OperationalError, connection
from django.db import transaction as django
from django.utils.translation import gettext as _

from .errors import Busy

if TYPE_CHECKING:
    from .models import Journal

log = logging.getLogger("sigap.database")

ADVISORY_LOCK = 112
LOCK_WAIT_S = 20.0

# Held by whoever writes to SQLite in this process, the group commit of the inbox included.
write_lock = threading.Lock()

_wakers: list[Callable[[int], None]] = []


class _Open(threading.local):
    """What the open command of this thread has written so far."""

    depth = 0
    reconfigures = False  # it changes what `remembered` keeps

    def __init__(self) -> None:
        self.rows: list[Journal] = []
        self.last: tuple[int, str, object] | None = None


open_command = _Open()


def on_journal(wake: Callable[[int], None]) -> None:
    """Call `wake(seq)` after each commit of this process that wrote to the journal."""
    _wakers.append(wake)


@contextmanager
def transaction() -> Iterator[None]:
    """Run one command: lock, do, flush the journal, commit. Inside another, join it.

    Raises Busy when the database cannot be had in time; then nothing was written.
    """
    if open_command.depth:
        open_command.depth += 1
        try:
            yield
        finally:
            open_command.depth -= 1
        return
    on_sqlite = connection.vendor == "sqlite"
    if on_sqlite and not write_lock.acquire(timeout=LOCK_WAIT_S):
        raise Busy(_("The system is busy; nothing was saved. Try again."))
    try:
        open_command.rows, open_command.last = [], None
        with django.atomic():
            _lock(on_sqlite)
            open_command.depth = 1
            try:
                yield
                _flush()
            finally:
                open_command.depth = 0
    except OperationalError as error:
        log.error("the database refused a command: %s", _why(error))
        if not connection.in_atomic_block:  # else it is not ours to close
            connection.close_if_unusable_or_obsolete()
        raise Busy(_("The database does not answer; nothing was saved. Try again.")) from error
    finally:
        if open_command.reconfigures:
            from .remembered import forget

            open_command.reconfigures = False
            forget()
        if on_sqlite:
            write_lock.release()


def _why(error: OperationalError) -> str:
    """The database's own code for what went wrong: its words may quote the statement. An
    error without a code is of the connection, where there is nothing to quote."""
    code = getattr(error.__cause__, "sqlite_errorname", None)
    code = code or getattr(error.__cause__, "sqlstate", None)
    return code or str(error).partition("\n")[0]


def _lock(on_sqlite: bool) -> None:
    """Take the database's own lock; on SQLite `BEGIN IMMEDIATE` has done so already."""
    if not on_sqlite:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


@contextmanager
def savepoint() -> Iterator[None]:
    """Inside a command: undo only this block when it fails, its journal rows included."""
    rows, last = len(open_command.rows), open_command.last
    try:
        with django.atomic():
            yield
    except BaseException:
        del open_command.rows[rows:]
        open_command.last = last
        raise


def _flush() -> None:
    from .rows import append

    rows = open_command.rows
    if not rows:
        return
    append(rows, channel="sigap")
    seq = rows[-1].seq
    django.on_commit(lambda: [wake(seq) for wake in _wakers] and None)


def database_answers() -> bool:
    """Whether a trivial query works now; for the readiness check."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return False
    return True
