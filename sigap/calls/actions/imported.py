"""Calls of an older system."""

from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import contact_for, keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    Imported,
)
from sigap.core.personal import source_key
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction

from ..models import CLASSES, Call
from .exchange import operator_named
from .steps import case_of


def import_call(
    *,
    source: str,
    external_id: str,
    call_class: str,
    began_at: datetime,
    actor: Actor,
    presented_at: datetime | None = None,
    answered_at: datetime | None = None,
    ended_at: datetime | None = None,
    number: str = "",
    operator: str = "",
    trunk: str = "",
    note: str = "",
    field_action: bool = False,
    incident_id: int | None = None,
) -> Call:
    """Bring in a call of an older system as it stands there, or return it when it is here
    already. Times are kept as they are, also where they contradict each other."""
    actor.require(Permission.ADMINISTER)
    if call_class not in CLASSES:
        raise Invalid(_("Unknown class of call."), code="class")
    if max(t for t in (began_at, presented_at, answered_at, ended_at) if t) > clock.now():
        raise Invalid(_("The time lies in the future."), code="future")
    with transaction():
        known = row(Call, source=source, external_id=external_id)
        if known is not None:
            return known
        call = Call(
            state="abandoned" if call_class == "abandoned" else "closed",
            source=source,
            external_id=external_id,
            call_class=call_class,
            field_action=field_action and call_class == "complaint",
            began_at=began_at,
            presented_at=presented_at,
            answered_at=answered_at,
            answered_source="import" if answered_at else "",
            ended_at=ended_at,
            closed_at=ended_at,
            contact=contact_for(number, at=began_at),
            operator=operator_named(operator),
            trunk=trunk,
            incident_id=incident_id,
        )
        insert(call)
        if note:
            call.note = keep(subject_of(call), "note", note, actor=actor, at=began_at)
            call.save(update_fields=["note"])
        record(
            "call.imported",
            subject=subject_of(call),
            case=case_of(call),
            actor=actor,
            after=call.state,
            occurred_at=began_at,
            body=Imported(source=source, external=source_key(source, external_id)),
        )
        return call
