"""Doing what follows from the journal: read with a cursor that moves in the same transaction, so
that nothing is done twice or never."""

import logging
from collections.abc import Callable, Mapping

from django.db import InterfaceError, InternalError, OperationalError

from ..actors import Actor
from ..journal import tip_seq
from ..logs import wordless
from ..models import Journal, JournalReader
from ..rows import append, row, write
from ..transaction import savepoint, transaction

log = logging.getLogger("sigap.journal")
MOST_ROWS = 200

React = Callable[[Journal, Actor], None]


def read_on(
    model: type[JournalReader], name: str, *reactions: Mapping[str, React], actor: Actor
) -> int:
    """Read on in the journal as the reader `name`, and do what each row's kind asks for. A new
    reader begins with what comes next. Returns how many rows were read."""
    reader = row(model, name=name)
    if reader is not None and reader.seq >= tip_seq():
        return 0
    with transaction():
        reader = row(model, name=name)
        if reader is None:
            append([model(name=name, seq=tip_seq())])
            return 0
        found = list(Journal.objects.filter(seq__gt=reader.seq).order_by("seq")[:MOST_ROWS])
        for entry in found:
            for react in (of_kind[entry.kind] for of_kind in reactions if entry.kind in of_kind):
                _do(react, entry, name, actor)
        if found:
            reader.seq = found[-1].seq
            write(reader, "seq")
        return len(found)


def _do(react: React, entry: Journal, name: str, actor: Actor) -> None:
    """What cannot be done about one row must not keep all others waiting for ever."""
    try:
        with savepoint():
            react(entry, actor)
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database itself: the row is read again
    except Exception as fault:
        log.error("%s: nothing was done about row %s: %s", name, entry.seq, wordless(fault))
