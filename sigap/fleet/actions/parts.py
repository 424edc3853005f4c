"""Parts that several actions on units share; inside their transactions."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden
from sigap.core.journal import record, subject_of
from sigap.core.kinds.readiness import UnitBlocked
from sigap.core.machine import change

from ..models import Unit
from ..queries import blocked_units, may_work_for
from ..queries import unit as find


def allowed(call_sign: str, actor: Actor) -> Unit:
    """The unit, where this actor may act for it: a dispatcher for all."""
    unit = find(call_sign)
    if not actor.may(Permission.DISPATCH) and not may_work_for(unit, actor):
        raise Forbidden(_("This unit is not yours."))
    return unit


def note_blocks(units: Iterable[Unit], *, actor: Actor) -> int:
    """Put on record which units are kept back from now on, and which no longer are. Returns
    how many changed."""
    found = list(units)
    blocked = blocked_units([unit.call_sign for unit in found]) if found else {}
    changed = [u for u in found if u.blocked_by != blocked.get(u.call_sign, [])]
    for unit in changed:
        items = blocked.get(unit.call_sign, [])
        change(unit, blocked_by=items)
        record(
            "unit.blocked" if items else "unit.unblocked",
            subject=subject_of(unit),
            actor=actor,
            body=UnitBlocked(unit=unit.call_sign, items=items),
        )
    return len(changed)
