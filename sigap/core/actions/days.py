"""Closing the journal's days: from then on their heads are published and cannot be changed."""

from .. import clock
from ..actors import Actor
from ..days import next_day
from ..journal import record
from ..kinds import DayClosed
from ..rows import append
from ..transaction import transaction

AT_ONCE = 10  # of a journal that has never been closed, in one turn


def close_days(*, actor: Actor) -> int:
    """Close the days that are over, oldest first; returns how many. Each is itself a row of the
    journal, so that later heads also vouch for earlier ones."""
    done = 0
    # What is over does not change any more: it is computed before the city waits for it.
    while done < AT_ONCE and (day := next_day(clock.now())):
        with transaction():
            append([day])
            record(
                "journal.closed",
                subject=f"journalday:{day.day}",
                actor=actor,
                body=DayClosed(
                    first=day.first_seq,
                    last=day.last_seq,
                    head=day.head,
                    root=day.root,
                    cases_root=day.cases_root,
                ),
            )
        done += 1
    return done
