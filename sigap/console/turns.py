"""What takes seconds of the processor is done one after the other, so that it never holds up more
than one of the threads that answer calls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from sigap.core.errors import Busy

_turn = threading.Lock()
WAIT_S = 15.0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for one's turn; Busy where others take too long."""
    if not _turn.acquire(timeout=WAIT_S):
        raise Busy(_("Others are reckoning now. Try again in a minute."))
    try:
        yield
    finally:
        _turn.release()
