"""Reads about agencies and units that are used in more than one place."""

from sigap.core.actors import Actor
from sigap.core.queries import fetch

from .models import Unit


def unit(call_sign: str) -> Unit:
    """The unit with this call sign; Missing when there is none."""
    return fetch(Unit.objects.select_related("agency"), call_sign=call_sign)


def may_work_for(unit_row: Unit, actor: Actor) -> bool:
    """Whether agency staff or crew may act for this unit: their own agency or unit only."""
    return actor.unit == unit_row.call_sign or (
        bool(actor.agency) and actor.agency == unit_row.agency.code
    )
