"""Who is on a vehicle."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.field import CrewOnBoard
from sigap.core.models import User
from sigap.core.transaction import transaction
from sigap.fleet.models import Unit
from sigap.fleet.queries import may_work_for

from ..models import OnBoard

MOST_PEOPLE = 60  # a bus of volunteers


def set_on_board(
    unit: Unit,
    *,
    people: Sequence[int],
    count: int,
    actor: Actor,
    occurred_at: datetime | None = None,
) -> OnBoard:
    """Say who is on the vehicle from now on: accounts of this unit, and how many people in all.
    Nobody (a count of 0) ends it."""
    with transaction():
        if not may_work_for(unit, actor):
            raise Forbidden(_("This unit is not yours."))
        known = User.objects.filter(pk__in=people, unit=unit.call_sign, is_active=True)
        named = sorted(known.values_list("pk", flat=True))
        if len(named) != len(set(people)):
            raise Invalid(_("Somebody named is not of this unit."), code="people")
        if not len(named) <= count <= MOST_PEOPLE:
            raise Invalid(
                _("Between %(least)d and %(most)d people can be on board.")
                % {"least": len(named), "most": MOST_PEOPLE},
                code="count",
            )
        at = occurred_at or clock.now()
        OnBoard.objects.filter(unit=unit, until=None).update(until=at)
        until = None if count else at
        row = OnBoard.objects.create(unit=unit, people=named, count=count, since=at, until=until)
        record(
            "unit.on_board",
            subject=subject_of(unit),
            actor=actor,
            occurred_at=occurred_at,
            body=CrewOnBoard(unit=unit.call_sign, count=count, users=named),
        )
        return row
