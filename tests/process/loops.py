"""Stories that wait on sockets, beside browser tests whose own loop never ends."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
# One for all: a child that a story starts may live as long as the thread that started it.
_thread = ThreadPoolExecutor(1, "story")


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, in a thread: Playwright's loop is in the way in this one."""
    return _thread.submit(asyncio.run, story).result()
