"""Ends an Asterisk that answers nothing any more, so that whoever runs it begins it anew.

Two of its threads may wait for one another for ever (it has had such faults in every version):
its process lives, its connections stand, and no call comes in. That two questions in a row get no
answer at all, not even a refusal, is the proof. Who talks at that moment is cut off; those who
ring and wait are, as with any end of Asterisk, on record as lost and rung back.
"""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from .ari import Gone, Unreachable

if TYPE_CHECKING:
    from .control import Control

log = logging.getLogger("sigap.telephony")
EVERY_S = 5.0


class Watch:
    """Looks after the Asterisk whose configuration and process number are in a folder."""

    def __init__(self, control: "Control", folder: Path) -> None:
        self._control, self._folder = control, folder

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            limit = self._control.numbers.value("calls.exchange_silent_s")
            if await self._is_silent(limit / 2) and await self._is_silent(limit / 2):
                self._end(limit)

    async def _is_silent(self, patience_s: float) -> bool:
        """Whether it takes a question and answers nothing. One that is away takes none."""
        try:
            async with asyncio.timeout(patience_s):
                await self._control.ari.get("channels")
        except TimeoutError:
            return True
        except Unreachable as error:
            return isinstance(error.__cause__, TimeoutError)
        except Gone:
            return False
        return False

    def _end(self, limit: float) -> None:
        process = self._process()
        if process is None:
            log.error(
                "Asterisk has answered nothing for %d s, and cannot be found to be ended", limit
            )
            return
        log.error("Asterisk has answered nothing for %d s: it is ended, to begin anew", limit)
        os.kill(process, signal.SIGKILL)

    def _process(self) -> int | None:
        """The number of its process, if that is an Asterisk with this configuration."""
        try:
            number = int((self._folder / "run" / "asterisk.pid").read_text())
            command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return number if str(self._folder / "asterisk.conf").encode() in command else None
