"""What the poll of a source notes: that it lives, or what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions.alarms import keep_alarms
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, Role
from sigap.core.journal import record, subject_of
from sigap.core.kinds.warnings import SourceTold
from sigap.core.parameters import value
from sigap.core.rows import insert_all, row, write
from sigap.core.transaction import transaction

from ..models import WarningFile, WarningSource
from ..queries import silent_sources

# A signature that is wrong, or is not there where one must be.
DISTRUST = {"unsigned", "bad_signature"}


@dataclass(frozen=True)
class Asked:
    """What came of asking one address: the fault, if any, and what to ask with the next time."""

    fault: str = ""
    etag: str = ""
    modified: str = ""


def define_source(
    model: type[WarningSource], *, key: dict[str, Any], actor: Actor, **fields: Any
) -> WarningSource:
    """Make or change a source on the administration screen. All that it leads to is asked for
    anew: with another address or certificate, what was known of it says nothing."""
    with transaction():
        source = define(model, key=key, actor=actor, **fields)
        source.etag = source.modified = ""
        source.due_at = None
        write(source, "etag", "modified", "due_at")
        source.files.all().delete()
        return source


def note_poll(source: WarningSource, asked: Asked, *, actor: Actor) -> None:
    """How a source was found, and when it is asked again. It is well only where all that its
    index leads to could be read. Told in the journal when that has changed."""
    with transaction():
        found = row(WarningSource, pk=source.pk)
        if found is None:
            return
        now, before = clock.now(), found.fault
        files = list(found.files.exclude(fault="").order_by("pk").values_list("fault", flat=True))
        faults = [asked.fault, *files] if asked.fault else files
        fault = faults[0] if faults else ""
        found.due_at = now + timedelta(seconds=found.every_s)
        found.watched_at = found.watched_at or now
        found.fault, found.fault_at = fault, now if fault else None
        found.distrusted = not DISTRUST.isdisjoint(faults)
        if not fault:
            found.ok_at = now
        if not asked.fault:
            found.etag, found.modified = asked.etag, asked.modified
        write(
            found,
            *("due_at", "watched_at", "fault", "fault_at", "ok_at"),
            *("etag", "modified", "distrusted"),
        )
        if before != fault:
            kind = "source.failed" if fault else "source.recovered"
            body = SourceTold(fault=fault)
            record(kind, subject=subject_of(found), actor=actor, body=body)


def note_files(
    source: WarningSource, links: Sequence[str] | None, asked: Mapping[str, Asked], *, actor: Actor
) -> None:
    """What came of the messages that an index leads to; those that it names no more are
    forgotten. `links` None: the index is as it was."""
    del actor  # a sign of life, not history: not journalled
    with transaction():
        files = {file.url: file for file in source.files.all()}
        wanted = dict.fromkeys([*(files if links is None else links), *asked])
        if fresh := [WarningFile(source=source, url=url) for url in wanted if url not in files]:
            insert_all(fresh)
            files |= {file.url: file for file in fresh}
        for url, came in asked.items():
            file = files[url]
            file.asked_at, file.fault = clock.now(), came.fault
            if not came.fault:
                file.etag, file.modified = came.etag, came.modified
            write(file, "asked_at", "fault", "etag", "modified")
        gone = [file.pk for url, file in files.items() if url not in wanted]
        source.files.filter(pk__in=gone).delete()


def alarm_sources(*, actor: Actor) -> int:
    """Raise the alarms about sources that are silent or cannot be trusted, and end those about
    the others: a silent failure is itself an alarm. Returns how many are new."""
    with transaction():
        owner = Role.SUPERVISOR
        silent = silent_sources(minutes=value("warnings.silent_min"))
        new = keep_alarms("warnings_silent", silent, owner=owner, urgency=2, actor=actor)
        bad = WarningSource.objects.filter(active=True, distrusted=True)
        return new + keep_alarms("warnings_distrusted", bad, owner=owner, urgency=1, actor=actor)
