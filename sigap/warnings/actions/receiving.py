"""Warnings come in: each once, in any order, and they end as they say."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor, Role
from sigap.core.journal import record, subject_of
from sigap.core.kinds.warnings import WarningEnded, WarningReceived, WarningRefused
from sigap.core.machine import move
from sigap.core.parameters import value
from sigap.core.queries import deployment
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction

from ..matching import Touched
from ..message import (
    CERTAINTIES,
    MSG_TYPES,
    SEVERITIES,
    STATUSES,
    URGENCIES,
    WARNS,
    Info,
    Message,
    is_severe,
)
from ..models import ReceivedWarning, WarningFault, WarningSource

SEVERE = "severe_warning"
ENDS = {"Update": "replace", "Cancel": "cancel"}


def receive_warning(
    source: WarningSource,
    message: Message,
    touched: Touched,
    *,
    url: str,
    document: str,
    actor: Actor,
) -> ReceivedWarning | None:
    """Keep a message of a source, and let it end those that it names, whichever came first.

    The same one again changes nothing (None). Other words under the same name are kept as a
    fault: what was first is what counts.
    """
    digest = message.digest
    with transaction():
        key: dict[str, Any] = {
            "source_id": source.pk,
            "sender": message.sender,
            "identifier": message.identifier,
            "sent": message.sent.astimezone(UTC),
        }
        if (known := row(ReceivedWarning, **key)) is not None:
            if known.digest != digest:
                refuse_warning(source, "changed", url=url, digest=digest, actor=actor)
            return None
        severity = message.worst(SEVERITIES, "severity")
        kept = ReceivedWarning(
            **key,
            state="in_force" if message.msg_type in WARNS else "kept",
            digest=digest,
            status=message.status,
            msg_type=message.msg_type,
            scope=message.scope,
            references=[_reference(*reference) for reference in message.references],
            infos=[_plain(info) for info in message.infos],
            oddities=list(message.oddities),
            severity=severity,
            urgency=message.worst(URGENCIES, "urgency"),
            certainty=message.worst(CERTAINTIES, "certainty"),
            areas=touched.areas,
            shape=touched.shape,
            expires=_end(message),
            received_at=clock.now(),
            document=document,
        )
        insert(kept)
        record(
            "warning.received",
            subject=subject_of(kept),
            actor=actor,
            after=kept.state,
            body=WarningReceived(
                source=source.pk,
                status=_known(STATUSES, kept.status),
                msg_type=_known(MSG_TYPES, kept.msg_type),
                severity=severity,
                urgency=kept.urgency,
                certainty=kept.certainty,
                areas=len(kept.areas),
            ),
        )
        _end_those_named(kept, actor)
        _end_by_others(kept, actor)
        if kept.state == "in_force" and kept.expires <= clock.now():
            move(kept, "expire", actor=actor, body=WarningEnded())
        _call_for_somebody(kept, actor)
        return kept


def refuse_warning(
    source: WarningSource, code: str, *, url: str, digest: str = "", actor: Actor
) -> None:
    """Keep that something came which is not taken for a warning; the same again is counted."""
    with transaction():
        now, url = clock.now(), url[:500]
        known = row(WarningFault, source_id=source.pk, url=url, code=code, digest=digest)
        if known is not None:
            known.last_at, known.times = now, known.times + 1
            write(known, "last_at", "times")
            return
        fault = WarningFault(
            source=source, url=url, code=code, digest=digest, first_at=now, last_at=now
        )
        insert(fault)
        body = WarningRefused(fault=code)
        record("warning.refused", subject=subject_of(source), actor=actor, body=body)


def expire_warnings(*, actor: Actor) -> int:
    """Let those end whose time has come. Returns how many."""
    with transaction():
        due = ReceivedWarning.objects.filter(state="in_force", expires__lte=clock.now())
        ended = list(due.order_by("expires")[:500])
        for warning in ended:
            _end_one(warning, "expire", None, actor)
        return len(ended)


def _end_those_named(kept: ReceivedWarning, actor: Actor) -> None:
    """A message may end only what the same source has brought, of the same status: a practice
    ends nothing real."""
    if kept.msg_type not in ENDS:
        return
    for sender, identifier, sent in kept.references:
        found = row(
            ReceivedWarning,
            source_id=kept.source_id,
            sender=sender,
            identifier=identifier,
            sent=datetime.fromisoformat(sent),
        )
        if found is not None and found.pk != kept.pk and found.status == kept.status:
            _end_one(found, ENDS[kept.msg_type], kept.pk, actor)


def _end_by_others(kept: ReceivedWarning, actor: Actor) -> None:
    """What ends it may have come before it."""
    own = _reference(kept.sender, kept.identifier, kept.sent)
    later = ReceivedWarning.objects.filter(
        source=kept.source_id, status=kept.status, msg_type__in=ENDS, sent__gte=kept.sent
    ).exclude(pk=kept.pk)
    for other in later.order_by("sent"):
        if own in other.references:
            _end_one(kept, ENDS[other.msg_type], other.pk, actor)


def _end_one(warning: ReceivedWarning, command: str, by: int | None, actor: Actor) -> None:
    if ReceivedWarning.MACHINE.allows(warning.state, command):
        move(warning, command, actor=actor, body=WarningEnded(by=by))
        finish_alarm(SEVERE, warning, actor=actor)


def _call_for_somebody(kept: ReceivedWarning, actor: Actor) -> None:
    """A severe one that touches the city is shown to a dispatcher who says that it was seen."""
    served = deployment()
    real = kept.status == "Actual" or (kept.status == "Exercise" and served and served.drill)
    severe = is_severe(kept.severity, kept.urgency, kept.certainty)
    if kept.state == "in_force" and kept.areas and real and severe:
        urgency = 1 if kept.severity == "Extreme" else 2
        raise_alarm(SEVERE, kept, owner=Role.DISPATCHER, urgency=urgency, actor=actor)


def _end(message: Message) -> datetime:
    if message.ends:
        return max(message.ends)
    began = [info.effective for info in message.infos if info.effective]
    return max([message.sent, *began]) + timedelta(hours=value("warnings.default_hours"))


def _reference(sender: str, identifier: str, sent: datetime) -> list[str]:
    return [sender, identifier, sent.astimezone(UTC).isoformat()]


def _known(codes: tuple[str, ...], code: str) -> str:
    return code if code in codes else "Unknown"


def _plain(info: Info) -> dict[str, Any]:
    """As JSON keeps it. Of the regions the names are enough: their shapes are in the document."""
    said = {field.name: getattr(info, field.name) for field in fields(info)}
    times = {name: at.isoformat() for name, at in said.items() if isinstance(at, datetime)}
    return said | times | {"regions": [region.desc for region in info.regions]}
