"""Reads about agencies and units that are used in more than one place."""

from sigap.core.actors import Actor, Permission
from sigap.core.queries import fetch

from .models import Unit


def unit(call_sign: str) -> Unit:
    """The unit with this call sign; Missing when there is none."""
    return fetch(Unit.objects.select_related("agency"), call_sign=call_sign)


def may_work_for(unit_row: Unit, actor: Actor) -> bool:
    """Whether this actor may act for the unit: crew for their own unit only, agency staff for
    units of their own agency only. An account that names both has what its roles give."""
    as_crew = actor.may(Permission.CREW_PAGE) and actor.unit == unit_row.call_sign
    as_agency = actor.may(Permission.AGENCY_BOARD) and actor.agency == unit_row.agency.code
    return as_crew or as_agency
