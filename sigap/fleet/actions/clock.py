"""What becomes so by the clock alone: equipment expires, and checks are late."""

from collections.abc import Iterable

from django.db.models import Q

from sigap.core.actions.alarms import keep_alarms
from sigap.core.actors import Actor
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import Agency, Unit
from ..queries import blocked_units, carried, expiring, overdue
from .parts import note_blocks


def mind_readiness(*, actor: Actor) -> int:
    """Put on record which units are kept back by now, and warn the agencies: of must-have
    equipment that expires soon, and of units on duty whose checks are not done. One warning of
    each kind for an agency, however many units it is about. Returns how much is new."""
    blocked = blocked_units()
    units = Unit.objects.filter(active=True)
    known = dict(units.exclude(blocked_by=[]).values_list("call_sign", "blocked_by"))
    differs = {s for s in {*blocked, *known} if blocked.get(s) != known.get(s)}
    unchecked = Q(checked_at=None) | overdue()
    with transaction():
        new = note_blocks(units.filter(call_sign__in=differs), actor=actor) if differs else 0
        for code, which in (
            ("checks_late", unchecked & Q(unit__on_duty=True)),
            ("expiring", expiring(value("fleet.expiry_days"))),
        ):
            new += keep_alarms(code, _whose(which), owner="agency", urgency=3, actor=actor)
        return new


def _whose(which: Q) -> Iterable[Agency]:
    theirs = carried().filter(which, kind__must_have=True).order_by()
    return Agency.objects.filter(pk__in=theirs.values("unit__agency"))
