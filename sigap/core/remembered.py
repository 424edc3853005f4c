"""The city's own choices, which nearly every command asks for and hardly anybody changes: read
once, and kept in this process.

Whatever this process changes is seen at once: a command that changes them reads past what is
remembered, and at its end, however it ends, all is read anew. Another process's change is seen
within two seconds.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from .transaction import open_command

FRESH_S = 2.0
T = TypeVar("T")

_generation = 0


def remembered(read: Callable[[], T]) -> Callable[[], T]:
    """Let `read` be asked as often as anybody likes. What it returns is shared: nobody changes
    it."""
    held: list[tuple[int, float, T]] = []  # one, or none yet: replaced whole, by any thread

    @wraps(read)
    def ask() -> T:
        if open_command.reconfigures:
            return read()
        for known, since, kept in held[:1]:
            if known == _generation and time.monotonic() - since < FRESH_S:
                return kept
        # By the generation before the reading: what changes meanwhile makes it outdated.
        generation, at = _generation, time.monotonic()
        found = read()
        held[:] = [(generation, at, found)]
        return found

    return ask


def forget() -> None:
    """Read all anew at the next question."""
    global _generation  # noqa: PLW0603 - one memory in one process
    _generation += 1


def reconfigures() -> None:
    """The open command changes what is remembered. Part of an action."""
    open_command.reconfigures = True
