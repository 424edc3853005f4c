"""Ends an Asterisk that answers nothing any more, so that whoever runs it begins it anew.

Two of its threads may wait for one another for ever (it has had such faults in many versions): its
process lives, its connections stand, and no call comes in. The proof is that two questions in a
row, for which it must look through its channels and its bridges, get no answer at all, not even a
refusal. Who talks at that moment is cut off; those who ring and wait are, as with any end of
Asterisk, on record as lost and rung back.
"""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .control import Control

log = logging.getLogger("sigap.telephony")
EVERY_S = 5.0
# Of nothing that is there: the answer is a refusal.
QUESTIONS = ("channels/none/variable?variable=SIGAP_CALL", "bridges/none")


class Watch:
    """Looks after the Asterisk whose configuration and process number are in a folder."""

    def __init__(self, control: "Control", folder: Path) -> None:
        self._control, self._folder = control, folder

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            limit = self._control.numbers.value("calls.exchange_silent_s")
            if await self._is_stuck(limit / 2) and await self._is_stuck(limit / 2):
                self._end(limit)

    async def _is_stuck(self, patience_s: float) -> bool:
        asked = (self._control.ari.is_silent(question, patience_s) for question in QUESTIONS)
        return any(await asyncio.gather(*asked))

    def _end(self, limit: float) -> None:
        process = self._process()
        if process is None:
            log.error("Asterisk has not answered for %d s, and is not found to be ended", limit)
            return
        log.error("Asterisk has not answered for %d s: it is ended, to begin anew", limit)
        try:
            os.kill(process, signal.SIGKILL)
        except OSError as error:
            log.error("Asterisk could not be ended: %s", error.strerror)

    def _process(self) -> int | None:
        """The number of its process, if that is an Asterisk with this configuration."""
        try:
            number = int((self._folder / "run" / "asterisk.pid").read_text())
            command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return number if str(self._folder / "asterisk.conf").encode() in command else None
