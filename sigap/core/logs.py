"""What the log may say of a fault: its type and its place, never its words.

The text of an exception often repeats what somebody sent: a number, a name, a story.
"""

import logging
import traceback
from typing import Any


def wordless(error: BaseException) -> str:
    """The stack of an exception, and of what led to it, without the exceptions' texts."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{wordless(cause)}\n\n" if cause else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}Traceback (most recent call last):\n{frames}{type(error).__name__}"


class Line(logging.Formatter):
    """The format of every line of the log."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """The exception of a record, without its words."""
        return wordless(ei[1])
