"""Outreach events are noted, changed and taken out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sigap.core.actions.personal import erase_texts, keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import OutreachNoted
from sigap.core.machine import change, expect
from sigap.core.queries import fetch
from sigap.core.rows import insert
from sigap.core.transaction import transaction
from sigap.places.models import Area

from .models import AUDIENCES, MATERIALS, Outreach

MOST_PEOPLE = 100_000
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class Event:
    """What is said of an event; without an area it was for the whole city."""

    day: date
    audience: str
    people: int
    materials: Sequence[str] = ()
    area: str = ""
    note: str = ""


def add_outreach(event: Event, *, actor: Actor) -> Outreach:
    """Note an event."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        row = Outreach(**_checked(event), by_id=actor.person_id())
        insert(row)
        if event.note:
            change(row, note=keep(subject_of(row), "note", event.note, actor=actor))
        _record("outreach.added", row, actor)
        return row


def change_outreach(
    outreach_id: int, event: Event, *, actor: Actor, version: int | None = None
) -> Outreach:
    """Say something else of an event."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        row = fetch(Outreach, pk=outreach_id)
        expect(row, version)
        fields = _checked(event)
        if event.note != (row.note.body if row.note else ""):
            fields["note"] = keep(subject_of(row), "note", event.note, actor=actor)
        change(row, **fields)
        _record("outreach.changed", row, actor)
        return row


def remove_outreach(outreach_id: int, *, actor: Actor) -> None:
    """Take out an event that was none, with its words."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        row = fetch(Outreach, pk=outreach_id)
        _record("outreach.removed", row, actor)
        erase_texts([subject_of(row)], actor=actor)
        row.delete()


def _checked(event: Event) -> dict[str, Any]:
    if event.audience not in AUDIENCES:
        raise Invalid(_("Choose who was there."), code="audience")
    if unknown := set(event.materials) - set(MATERIALS):
        raise Invalid(_("Choose what was told."), code="materials", unknown=len(unknown))
    if not 0 <= event.people <= MOST_PEOPLE:
        raise Invalid(_("How many people were there?"), code="people")
    if not FIRST_YEAR <= event.day.year <= LAST_YEAR:
        raise Invalid(_("This day is not possible."), code="day")
    return {
        "day": event.day,
        "area": fetch(Area, code=event.area) if event.area else None,
        "audience": event.audience,
        "people": event.people,
        "materials": [code for code in MATERIALS if code in event.materials],
    }


def _record(kind: str, row: Outreach, actor: Actor) -> None:
    record(
        kind,
        subject=subject_of(row),
        actor=actor,
        body=OutreachNoted(
            area=row.area.code if row.area else "",
            audience=row.audience,
            people=row.people,
            materials=row.materials,
            text_id=row.note_id,
        ),
    )
