"""Recordings of calls: announced by the exchange, kept, listened to, erased.

The files are dealt with elsewhere (`calls.keeping`), outside any command; here is what is
known of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import record_erased
from sigap.core.actors import Actor, Role
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Recorded, RecordingNamed, Unrecorded
from sigap.core.models import Alarm, JobRun
from sigap.core.queries import batched
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction

from ..models import Call, Recording
from ..queries import call_of, to_hear
from .steps import case_of

# What the alarm of a job that cannot work is about.
KEEPING = JobRun(name="recordings")
KEPT = ("call", "state", "ended_at", "legs", "seconds", "bytes", "sha256")


@dataclass(frozen=True)
class Kept:
    """One file that is on the disk: what is noted of it."""

    name: str
    legs: str
    seconds: float
    bytes: int
    sha256: str


def report_recording(
    file: str, *, source: str, external_id: str, at: datetime, actor: Actor
) -> Recording:
    """Take in that a recording of a call was finished at this time. It may be the first that
    is heard of its call, or come after its files were found: neither loses anything."""
    with transaction():
        call = row(Call, source=source, external_id=external_id)
        recording = row(Recording, name=file)
        if recording is None:
            recording = Recording(name=file, call=call, heard_of_at=clock.now(), ended_at=at)
            insert(recording)
            body = RecordingNamed(recording=recording.pk)
            record("recording.announced", subject=subject_of(recording), actor=actor, body=body)
            return recording
        if call and recording.call_id not in (None, call.pk):
            raise Invalid(_("This file is a recording of another call."), code="file")
        was_nobodys = recording.call_id is None
        recording.call, recording.ended_at = call or recording.call, recording.ended_at or at
        write(recording, "call", "ended_at")
        if call and was_nobodys and recording.state == "stored":
            _record_kept(recording, actor)
            finish_alarm("unclaimed", recording, actor=actor)
        return recording


def keep_recording(files: Sequence[Kept], *, actor: Actor) -> None:
    """Note that these files are on the disk for good: one recording, in several parts when
    it is very long."""
    with transaction():
        first = row(Recording, name=files[0].name)
        call = (first and first.call) or call_of(files[0].name)
        end = first.ended_at if first else None
        for file in reversed(files):
            recording = row(Recording, name=file.name)
            if recording is None:
                recording = Recording(name=file.name, heard_of_at=clock.now())
                insert(recording)
            recording.call, recording.state, recording.ended_at = call, "stored", end
            recording.legs, recording.seconds = file.legs, file.seconds
            recording.bytes, recording.sha256 = file.bytes, file.sha256
            write(recording, *KEPT)
            _record_kept(recording, actor)
            end = recording.started_at
            if call is None:
                _tell("unclaimed", recording, actor)


def miss_recording(name: str, reason: str, *, actor: Actor) -> Recording:
    """Note that a recording is lost: its files did not come (`absent`), hold no sound
    (`empty`), or are nothing that can be understood (`unreadable`)."""
    with transaction():
        recording = row(Recording, name=name)
        if recording is None:
            recording = Recording(name=name, call=call_of(name), heard_of_at=clock.now())
            insert(recording)
        recording.state = "missing"
        write(recording, "state")
        record(
            "call.unrecorded",
            subject=_subject(recording),
            case=_case(recording),
            actor=actor,
            body=Unrecorded(recording=recording.pk, reason=reason),
        )
        _tell("unrecorded", recording, actor)
        return recording


def alarm_keeping(*, works: bool, actor: Actor) -> None:
    """Let the supervisor know that recordings cannot be kept, for as long as that is so."""
    with transaction():
        if works:
            finish_alarm("unkept", KEEPING, actor=actor)
        else:
            raise_alarm("unkept", KEEPING, owner=Role.SUPERVISOR, actor=actor)


def hear_recording(recording_id: int, *, actor: Actor) -> Recording:
    """Note that somebody is about to listen. Nothing is heard before this is on record."""
    with transaction():
        recording = to_hear(recording_id, actor)
        record(
            "recording.played",
            subject=_subject(recording),
            case=_case(recording),
            actor=actor,
            body=RecordingNamed(recording=recording.pk),
        )
        return recording


def erase_recordings(ids: Collection[int], *, actor: Actor) -> int:
    """Say that recordings are erased; `calls.retention` removes their files. The hash stays.
    Returns how many."""
    with transaction():
        gone = 0
        for batch in batched(ids):
            there = Recording.objects.filter(pk__in=batch, state="stored")
            gone += there.update(state="erased", erased_at=clock.now())
        record_erased("recording", gone, actor)
        return gone


def _tell(code: str, recording: Recording, actor: Actor) -> None:
    """One alarm for all: a process that went wrong may leave hundreds."""
    if not Alarm.objects.filter(code=code).exclude(state="done").exists():
        raise_alarm(code, recording, owner=Role.SUPERVISOR, urgency=3, actor=actor)


def _record_kept(recording: Recording, actor: Actor) -> None:
    record(
        "call.recorded",
        subject=_subject(recording),
        case=_case(recording),
        actor=actor,
        occurred_at=recording.ended_at,
        body=Recorded(
            recording=recording.pk,
            sha256=recording.sha256,
            seconds=round(recording.seconds or 0, 1),
            legs=recording.legs,
        ),
    )


def _subject(recording: Recording) -> str:
    return subject_of(recording.call) if recording.call else subject_of(recording)


def _case(recording: Recording) -> str:
    return case_of(recording.call) if recording.call else ""
