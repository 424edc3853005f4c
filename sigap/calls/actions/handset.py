"""Where callers' phones say that they are: kept, given to their call, forgotten."""

from datetime import timedelta

from django.db.models import QuerySet

from sigap.core import clock
from sigap.core.actions.personal import contact_for
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Erased, PhoneLocated
from sigap.core.parameters import value
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction
from sigap.places.queries import area_at

from ..handset import Reading, apart_s, fault_of
from ..models import Call, HandsetPosition
from .steps import case_of

# A number that has rung more often than this since is not asked about further back.
MOST_CALLS = 20


def locate_phone(reading: Reading, *, actor: Actor) -> HandsetPosition:
    """Keep where a phone says that it is, with its call if that is known already; else the
    call takes it when it comes. A repeat changes nothing."""
    with transaction():
        if known := row(HandsetPosition, external_id=reading.external_id):
            return known
        fault = fault_of(reading)
        told = reading.model_dump(exclude={"number", "whole"})
        position = HandsetPosition(
            **told, fault=fault, contact=contact_for(reading.number, at=reading.received_at)
        )
        if fault in ("nowhere", "range"):
            position.lat = position.lng = None
        elif position.lat is not None and position.lng is not None:
            position.area = area_at(position.lat, position.lng)
        insert(position)
        if not _give(position, actor):
            body = _told(position)
            record("position.unmatched", subject=subject_of(position), actor=actor, body=body)
        return position


def take_positions(call: Call, actor: Actor) -> None:
    """A call has a number now: what phones of this number told before goes to the call that is
    nearest in time, which may be this one. Part of the action that learned of it."""
    if call.contact_id:
        day_before = call.began_at - timedelta(days=1)
        told = HandsetPosition.objects.filter(contact_id=call.contact_id, erased_at=None)
        for position in told.filter(received_at__gte=day_before).order_by("id"):
            _give(position, actor)


def erase_positions(positions: QuerySet[HandsetPosition], *, actor: Actor) -> int:
    """Forget where phones were; that they told it stays. Returns how many."""
    with transaction():
        gone = positions.filter(erased_at=None).update(
            lat=None, lng=None, area=None, erased_at=clock.now()
        )
        if gone:
            body = Erased(what="position", count=gone)
            record("personal.erased", subject="position:many", actor=actor, body=body)
        return gone


def _give(position: HandsetPosition, actor: Actor) -> bool:
    """Put a location to the call that it is of; whether there is one."""
    call, before = _call_of(position), position.call
    if call is None:
        return before is not None
    if call != before:
        position.call = call
        write(position, "call")
        if before:
            _note("call.unlocated", before, position, actor)
        _note("call.located", call, position, actor)
    return True


def _call_of(position: HandsetPosition) -> Call | None:
    """The call of this number that was on the line then, or the one nearest in time."""
    if position.contact_id is None:
        return None
    now, times = clock.now(), (position.called_at, position.received_at)
    calls = Call.objects.filter(contact_id=position.contact_id).order_by("-began_at")
    ranked = [(apart_s(call, times, now), call) for call in calls[:MOST_CALLS]]
    apart, nearest = min(ranked, key=lambda one: one[0], default=((0.0, 0.0), None))
    return nearest if apart[0] <= value("calls.aml_match_s") else None


def _note(kind: str, call: Call, position: HandsetPosition, actor: Actor) -> None:
    body = _told(position)
    record(kind, subject=subject_of(call), case=case_of(call), actor=actor, body=body)


def _told(position: HandsetPosition) -> PhoneLocated:
    radius = position.radius_m
    return PhoneLocated(
        via=position.via,
        source=position.source,
        radius_m=None if radius is None else round(radius),
        fault=position.fault,
    )
