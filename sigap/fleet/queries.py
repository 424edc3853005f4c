"""Reads about agencies, units and what they carry that are used in more than one place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from sigap.core.actors import Actor, Permission
from sigap.core.parameters import value
from sigap.core.queries import fetch

from .hospitals import Destination, ranked
from .models import Equipment, EquipmentKind, MoveUp, Unit
from .shifts import checked_since, today


@dataclass(frozen=True)
class Block:
    """One reason why a unit is kept back: the thing, and what is the matter with it
    (failed, missing, expired, overdue, unchecked)."""

    unit: str
    item: str
    label: str
    why: str


def unit(call_sign: str) -> Unit:
    """The unit with this call sign; Missing when there is none."""
    return fetch(Unit.objects.select_related("agency"), call_sign=call_sign)


def moved_up() -> dict[int, tuple[float, float]]:
    """Where units wait that were moved up, by unit."""
    rows = MoveUp.objects.filter(state="accepted").values_list("unit_id", "lat", "lng")
    return {unit_id: (lat, lng) for unit_id, lat, lng in rows}


def may_work_for(unit_row: Unit, actor: Actor) -> bool:
    """Whether this actor may act for the unit: crew for their own unit only, agency staff for
    units of their own agency only. An account that names both has what its roles give."""
    as_crew = actor.may(Permission.CREW_PAGE) and actor.unit == unit_row.call_sign
    as_agency = actor.may(Permission.AGENCY_BOARD) and actor.agency == unit_row.agency.code
    return as_crew or as_agency


def carried() -> QuerySet[Equipment]:
    """What the units in use carry, in the order of the sheet."""
    found = Equipment.objects.select_related("kind", "unit", "unit__agency").filter(
        active=True, kind__active=True, unit__active=True
    )
    return found.order_by("unit__call_sign", "kind__rank", "kind__code", "label", "pk")


def overdue(*, grace: bool = False) -> Q:
    """What was last checked too long ago; of what was never checked this says nothing."""
    late = Q(pk__in=())
    for hours in EquipmentKind.objects.order_by().values_list("every_hours", flat=True).distinct():
        since = checked_since(hours, grace=grace)
        late |= Q(kind__every_hours=hours, checked_at__lt=since)
    return late


def expiring(days: float) -> Q:
    """What has expired, or does within so many days."""
    return Q(kind__has_expiry=True, expires_on__lte=today() + timedelta(days=days))


def expired() -> Q:
    """What may not be used any more: the day itself is the last one."""
    return expiring(-1)


def blocks(call_signs: Iterable[str] | None = None) -> list[Block]:
    """Why units are kept back, of all or of these: a must-have thing that failed, is missing,
    has expired or was not checked for too long. What nobody has checked yet keeps a unit back
    only where the city says so. Two statements, however many units there are."""
    bad = Q(state__in=("failed", "missing")) | expired() | overdue(grace=True)
    if value("fleet.unchecked_blocks"):
        bad |= Q(checked_at=None)
    found = carried().filter(bad, kind__must_have=True)
    if call_signs is not None:
        found = found.filter(unit__call_sign__in=list(call_signs))
    day = today()
    return [
        Block(sign, item, label, _why(state, checked_at is None, has_expiry and expires < day))
        for sign, item, label, state, checked_at, has_expiry, expires in (
            (*row[:6], row[6] or day)
            for row in found.values_list(
                "unit__call_sign",
                "kind__code",
                "label",
                "state",
                "checked_at",
                "kind__has_expiry",
                "expires_on",
            )
        )
    ]


def _why(state: str, unchecked: bool, is_expired: bool) -> str:
    if state in ("failed", "missing"):
        return state
    if is_expired:
        return "expired"
    return "unchecked" if unchecked else "overdue"


def blocked_units(call_signs: Iterable[str] | None = None) -> dict[str, list[str]]:
    """The units that are not to be proposed, with the codes of the things for want of which."""
    found: dict[str, list[str]] = defaultdict(list)
    for block in blocks(call_signs):
        if block.item not in found[block.unit]:
            found[block.unit].append(block.item)
    return dict(found)


def in_order() -> dict[str, frozenset[str]]:
    """What each unit carries of which nothing bad is known, by the codes of its kinds."""
    bad = Q(state__in=("failed", "missing")) | expired()
    found: dict[str, set[str]] = defaultdict(set)
    good = carried().order_by().exclude(bad)
    for sign, code in good.values_list("unit__call_sign", "kind__code"):
        found[sign].add(code)
    return {sign: frozenset(codes) for sign, codes in found.items()}


def destinations(lat: float | None, lng: float | None, specialty: str = "") -> list[Destination]:
    """Where to take a patient from here, the best first; see `hospitals.ranked`."""
    return ranked(lat, lng, specialty)
