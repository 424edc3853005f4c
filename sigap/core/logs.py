"""What the log may say of a fault: its type and its place, never its words.

The text of an exception often repeats what somebody sent: a number, a name, a story.
"""

import logging
import re
import traceback
from typing import Any


def wordless(error: BaseException) -> str:
    """The stack of an exception, and of what led to it, without the exceptions' texts."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{wordless(cause)}\n\n" if cause else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}Traceback (most recent call last):\n{frames}{type(error).__name__}"


# A part of an address that is as long is a key to somebody's report.
KEY = re.compile(r"(?<=/)[A-Za-z0-9_-]{20,}")


class Line(logging.Formatter):
    """The format of every line of the log."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line without its exception; of addresses that Django names, without the keys."""
        line = super().formatMessage(record)
        return KEY.sub("…", line) if record.name.startswith("django.") else line

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """The exception of a record, without its words."""
        return wordless(ei[1])
