"""What arrives within a quarter of a second is kept in one transaction, and answered then.

The memory of a process holds only what is not written yet: where units are is read from the table,
so that several processes show the same."""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from sigap.core.errors import Busy
from sigap.core.logs import wordless
from sigap.dispatch.actions import take_positions
from sigap.fleet.positions.actions import Report, note_fault
from sigap.fleet.positions.judge import Verdict
from sigap.fleet.positions.queries import digest_of, in_use
from sigap.fleet.positions.reading import UNREADABLE

from .messages import Message

log = logging.getLogger("sigap.positions")

FLUSH_S = 0.25
MOST_WAITING = 5000  # messages


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a message is of: the keyed hash of a token, or a tracker's number that a server which
    is trusted passes on."""

    digest: str = ""
    identifier: str = ""

    @classmethod
    def by_token(cls, token: str) -> "Claim":
        """The claim of who shows this token."""
        return cls(digest=digest_of(token))


@dataclass(frozen=True, slots=True)
class _Waiting:
    claim: Claim
    message: Message
    answer: "asyncio.Future[list[Verdict] | None]"


class Buffer:
    """One thread that writes what has come, as often as the consoles are told."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._come = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="positions", daemon=True)

    def start(self) -> None:
        """Begin to take positions."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting, then end."""
        self._stop.set()
        self._come.set()
        self._thread.join(5)

    async def give(self, claim: Claim, message: Message) -> list[Verdict] | None:
        """A verdict for each point once they are written; None where nobody is known by that
        claim. Raises Busy when they cannot be written: then the sender must send again."""
        one = _Waiting(claim, message, asyncio.get_running_loop().create_future())
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise Busy("Too many positions are waiting; send again.")
            self._waiting.append(one)
        self._come.set()
        return await one.answer

    def _run(self) -> None:
        last = float("-inf")
        while not (self._stop.is_set() and not self._waiting):
            self._come.wait()
            self._stop.wait(max(0.0, last + FLUSH_S - time.monotonic()))
            self._come.clear()
            last = time.monotonic()
            with self._lock:
                batch, self._waiting = self._waiting, []
            if batch:
                self._flush(batch)
        connection.close()

    def _flush(self, batch: Sequence[_Waiting]) -> None:
        try:
            found: list[list[Verdict] | None] | None = judged(
                [(one.claim, one.message) for one in batch]
            )
        except Exception as error:  # whatever went wrong, each sender must be told
            log.error("positions: %s", wordless(error))
            connection.close()
            found = None
        loop = batch[0].answer.get_loop()
        loop.call_soon_threadsafe(_tell, batch, found)


def judged(batch: Sequence[tuple[Claim, Message]]) -> list[list[Verdict] | None]:
    """Keep the points of many messages at once; what became of each, or None for a message of
    nobody who is known."""
    claims = [claim for claim, _message in batch]
    devices = _devices(claims)
    known = [devices.get(claim) for claim in claims]
    reports, silent = [], dict[str, set[int]]()
    for device, (_claim, message) in zip(known, batch, strict=True):
        if device and message.fixes:
            fixes = [fix for fix in message.fixes if fix]
            reports.append(Report(*device, fixes))
            if not fixes:
                silent.setdefault(UNREADABLE.fault, set()).add(device[0])
        elif device and message.fault:
            silent.setdefault(message.fault, set()).add(device[0])
    kept = iter(take_positions(reports) if reports else ())
    for fault, ids in silent.items():
        note_fault(ids, fault)
    answers: list[list[Verdict] | None] = []
    for device, (_claim, message) in zip(known, batch, strict=True):
        if device is None:
            answers.append(None)
            continue
        verdicts = iter(next(kept) if message.fixes else ())
        answers.append([next(verdicts) if fix else UNREADABLE for fix in message.fixes])
    return answers


def _devices(claims: Sequence[Claim]) -> dict[Claim, tuple[int, int]]:
    """The device and unit behind each claim."""
    digests = {claim.digest for claim in claims if claim.digest}
    identifiers = {claim.identifier for claim in claims if claim.identifier}
    rows = in_use().filter(Q(digest__in=digests) | Q(identifier__in=identifiers))
    found: dict[Claim, tuple[int, int]] = {}
    for pk, unit, digest, identifier in rows.values_list("pk", "unit", "digest", "identifier"):
        if digest:
            found[Claim(digest=digest)] = pk, unit
        if identifier:
            found[Claim(identifier=identifier)] = pk, unit
    return found


def _tell(batch: Sequence[_Waiting], found: Sequence[list[Verdict] | None] | None) -> None:
    for n, one in enumerate(batch):
        if one.answer.done():
            continue  # its sender has gone
        if found is None:
            one.answer.set_exception(Busy("Nothing was saved; send again."))
        else:
            one.answer.set_result(found[n])
