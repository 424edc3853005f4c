"""The job that turns arrived recordings into kept ones, and what checks those.

In this order, so that a crash anywhere loses nothing and the next turn ends it: the encrypted
file is on the disk, the row is committed, the plain files are removed. No file is touched
inside a command.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import Error

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.logs import wordless
from sigap.core.models import Alarm
from sigap.core.parameters import value
from sigap.core.queries import batched
from sigap.core.rows import row
from sigap.core.vault import digest_of, remove

from . import vault
from .actions.recordings import Kept, alarm_keeping, keep_recording, miss_recording
from .audio import Leg, NotAudio, combined, leg
from .models import Recording

log = logging.getLogger("sigap.recordings")
# Files of which nothing was announced are taken up when nobody has written to them for so long.
ADOPT_AFTER_S = 300
# An announced recording whose files are not there by then is missing.
MISSING_AFTER_S = 600


def keep_arrived(*, actor: Actor) -> int:
    """Keep all that has arrived. A file that cannot be kept stays where it is and is tried
    again; the others do not wait for it. Returns how many were kept."""
    done, works = 0, True
    for name, files in vault.arrived().items():
        recording = row(Recording, name=name)
        if recording is None and not vault.is_quiet(files, ADOPT_AFTER_S):
            continue  # its event may be on the way
        try:
            done += _keep(name, files, recording, actor)
        except (SigapError, Error):
            raise  # the database: nothing can be kept now
        except Exception as error:  # the disk, or what the sound library makes of it
            works = False
            why = error.strerror if isinstance(error, OSError) else wordless(error)
            log.error("a recording cannot be kept: %s", why)
    _miss_absent(actor)
    if not works or Alarm.objects.filter(code="unkept").exclude(state="done").exists():
        alarm_keeping(works=works, actor=actor)
    return done


def _keep(name: str, files: vault.Arrived, known: Recording | None, actor: Actor) -> bool:
    understood = {path: found for path in files.paths if (found := _leg(path))}
    strange = [path for path in files.paths if path not in understood]
    caller, heard = (
        found if path and (found := understood.get(path)) and found.samples else None
        for path in (files.caller, files.heard)
    )
    if caller or heard:
        kept = _store(name, caller, heard, known, actor)
    else:
        kept = False
        if known is None or known.state == "expected":
            miss_recording(name, "unreadable" if strange else "empty", actor=actor)
    vault.put_aside(*strange)
    remove(*understood)
    return kept


def _store(
    name: str, caller: Leg | None, heard: Leg | None, known: Recording | None, actor: Actor
) -> bool:
    """Put the sound on the disk and note it; whether that was still to be done."""
    legs = "both" if caller and heard else "caller" if caller else "heard"
    done = known is not None and known.state in ("stored", "erased")
    files = []
    for number, (sound, seconds) in enumerate(combined(caller, heard), 1):
        digest = digest_of(sound)
        if known and done and number == 1 and digest != known.sha256:
            # Another recording under a name that was given before: neither may be lost.
            again = f"{name}.{digest[:7]}"
            return _store(again, caller, heard, row(Recording, name=again), actor)
        part = name if number == 1 else f"{name}.{number}"
        if not done:
            vault.KEPT.keep(part, sound)
        files.append(Kept(part, legs, seconds, len(sound), digest))
    if not done:
        keep_recording(files, actor=actor)
    return not done


def _leg(path: Path) -> Leg | None:
    try:
        return leg(path)
    except NotAudio:
        return None


def _miss_absent(actor: Actor) -> None:
    late = clock.now() - timedelta(seconds=MISSING_AFTER_S)
    expected = Recording.objects.filter(state="expected", heard_of_at__lt=late)
    waiting = vault.arrived() if expected.exists() else {}
    for name in expected.values_list("name", flat=True):
        if name not in waiting:
            miss_recording(name, "absent", actor=actor)


def faults() -> Iterator[tuple[str, str]]:
    """Every stored recording that is not what was recorded, and every kept file that no row
    knows: the name, and what is wrong."""
    stored = Recording.objects.filter(state="stored").order_by("id")
    named = stored.values_list("name", "sha256").iterator(chunk_size=500)
    yield from vault.KEPT.faults(named)
    for batch in batched(vault.KEPT.kept()):
        noted = Recording.objects.filter(name__in=[name for name, _path in batch])
        known = set(noted.values_list("name", flat=True))
        for name, _path in batch:
            if name not in known:
                yield name, "is kept, but nothing is noted of it"


def remove_erased() -> int:
    """Remove the kept files of erased recordings, whenever they were erased, and at their time
    those that nobody could understand. Returns how many."""
    period = timedelta(days=value("personal.audio_other_days"))
    strange = vault.old_unreadable(clock.now() - period)
    remove(*strange)
    gone = len(strange)
    for batch in batched(list(vault.KEPT.kept())):
        erased = Recording.objects.filter(state="erased", name__in=[name for name, _ in batch])
        names = set(erased.values_list("name", flat=True))
        remove(*(path for name, path in batch if name in names))
        gone += len(names)
    return gone
