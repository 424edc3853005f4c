"""The fast way in: append what came from outside, answer after the commit, understand later.

Many requests share one commit (group commit), so that each is durable before it is
answered and none waits for a disk of its own. A repeat finds the first row.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.db import transaction as django
from django.db.models import QuerySet

from . import clock
from .actions.alarms import raise_alarm
from .actors import Actor, Role, system
from .errors import Busy, SigapError
from .logs import wordless
from .models import Alarm, Inbox
from .rows import write
from .transaction import savepoint, transaction, write_lock

log = logging.getLogger("sigap.inbox")

MOST_PER_COMMIT = 200
MOST_WAITING = 5000
MOST_PER_TURN = 16  # more would keep the letters that arrive, and people, waiting for the lock


@dataclass(slots=True)
class _Letter:
    source: str
    external_id: str
    payload: str
    answer: "asyncio.Future[int]"
    loop: asyncio.AbstractEventLoop


class Writer:
    """One thread that appends letters to the inbox, as many per commit as are waiting."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[list[_Letter] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self.arrived = threading.Event()

    def start(self) -> None:
        """Begin to take letters."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting, then end."""
        self._waiting.put(None)
        self._thread.join(5)

    async def append(self, source: str, external_id: str, payload: str) -> int:
        """Keep a letter; returns its number after the commit. Raises Busy when the database
        cannot be written: then the sender must send again."""
        [number] = await self.append_all(source, [(external_id, payload)])
        return number

    async def append_all(self, source: str, letters: Sequence[tuple[str, str]]) -> list[int]:
        """Keep letters that came together, in their order; in one commit, but for very many."""
        loop = asyncio.get_running_loop()
        batch = [_Letter(source, name, text, loop.create_future(), loop) for name, text in letters]
        try:
            for start in range(0, len(batch), MOST_PER_COMMIT):
                self._waiting.put_nowait(batch[start : start + MOST_PER_COMMIT])
        except queue.Full:
            raise Busy("The inbox is full; send again.") from None
        return await asyncio.gather(*(letter.answer for letter in batch))

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                break
            letters = [*first]
            while len(letters) < MOST_PER_COMMIT:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    self._waiting.put(None)
                    break
                letters += more
            try:
                numbers = _append(letters)
            except Exception as error:  # whatever went wrong, each sender must be told
                log.error("inbox: %s", type(error).__name__)
                connection.close()
                _tell(letters, None)
            else:
                _tell(letters, numbers)
                self.arrived.set()
        connection.close()


def _append(letters: list[_Letter]) -> dict[tuple[str, str], int]:
    now = clock.now()
    rows = [value for x in letters for value in (x.source, x.external_id, x.payload, now, "")]
    places = ",".join(["(%s,%s,%s,%s,%s)"] * len(letters))
    on_sqlite = connection.vendor == "sqlite"
    if on_sqlite:
        write_lock.acquire()
    try:
        with django.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_inbox (source, external_id, payload, received_at, error) "  # noqa: S608 - placeholders only
                f"VALUES {places} ON CONFLICT DO NOTHING",
                rows,
            )
            cursor.execute(
                # Joined, since a list of pairs would be looked for through the whole table.
                f"WITH sent (s, e) AS (VALUES {','.join(['(%s,%s)'] * len(letters))}) "  # noqa: S608
                "SELECT s, e, id FROM sent JOIN core_inbox ON source = s AND external_id = e",
                [name for x in letters for name in (x.source, x.external_id)],
            )
            return {(source, external): number for source, external, number in cursor.fetchall()}
    finally:
        if on_sqlite:
            write_lock.release()


def _tell(letters: list[_Letter], numbers: dict[tuple[str, str], int] | None) -> None:
    def answer_all() -> None:
        for letter in letters:
            if letter.answer.done():
                continue
            if numbers is None:
                letter.answer.set_exception(Busy("Nothing was saved; send again."))
            else:
                letter.answer.set_result(numbers[letter.source, letter.external_id])

    letters[0].loop.call_soon_threadsafe(answer_all)


Understand = Callable[[str, Actor], None]


def drain(understand: Mapping[str, Understand], *, limit: int = MOST_PER_TURN) -> int:
    """Turn waiting letters into commands, in order; returns how many were taken.

    `understand` maps the first word of a source ("call" of "call:pbx") to what handles it.
    A letter that is refused keeps its words and its reason; one that is done forgets them.
    """
    if not Inbox.objects.filter(done_at=None).exists():
        return 0
    with transaction():
        letters = list(Inbox.objects.filter(done_at=None).order_by("id")[:limit])
        for letter in letters:
            _take(letter, understand)
        return len(letters)


def _take(letter: Inbox, understand: Mapping[str, Understand]) -> None:
    room, _, name = letter.source.partition(":")
    error = ""
    try:
        with savepoint():
            understand[room](letter.payload, system(name or room))
    except SigapError as refusal:
        error = refusal.code
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database itself: all of them stay waiting
    except Exception as fault:  # a fault of ours must not block what waits behind it
        log.error("inbox letter %s: %s", letter.pk, wordless(fault))
        error = f"fault:{type(fault).__name__}"
    letter.done_at, letter.error = clock.now(), error[:200]
    letter.payload = letter.payload if error else ""
    write(letter, "done_at", "error", "payload")
    if error and not Alarm.objects.filter(code="refused").exclude(state="done").exists():
        # One alarm for all: a faulty exchange may send hundreds.
        raise_alarm("refused", letter, owner=Role.SUPERVISOR, actor=system("inbox"))


def refused() -> QuerySet[Inbox]:
    """The letters that were kept but could not be carried out, the newest first."""
    return Inbox.objects.exclude(error="").order_by("-id")


def waiting() -> int:
    """How many letters have not been understood yet."""
    return Inbox.objects.filter(done_at=None).count()
