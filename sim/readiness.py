"""How ready everybody is when a drill begins. Nobody checked or counted any of it."""

import random
from datetime import timedelta

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.transaction import transaction
from sigap.fleet.actions import Finding, check_unit, count_beds, divert, say_receiving
from sigap.fleet.models import Equipment, EquipmentCheck, Hospital, HospitalBeds, Unit

SEED = 112
SHEET = "latihan-awal"
# Not in order, so that a trainee meets it: a must-have thing of a unit that has a twin.
BROKEN = ("BPB-02", "ropes")
DIVERTED_H = 4


def ready_for_drill(*, actor: Actor) -> None:
    """Sheets of all units, and beds in all hospitals; one unit is kept back, one hospital
    diverts. Safe to repeat: only a drill in which nobody has checked or counted gets them."""
    if not EquipmentCheck.objects.exists():
        for unit in Unit.objects.filter(active=True).order_by("pk"):
            with transaction():
                _check(unit, actor)
    if not HospitalBeds.objects.exists():
        _count(actor)


def _check(unit: Unit, actor: Actor) -> None:
    pieces = Equipment.objects.filter(unit=unit, active=True).select_related("kind")
    found = [
        Finding(piece.pk, "failed", "broken")
        if (unit.call_sign, piece.kind.code) == BROKEN
        else Finding(piece.pk, "passed")
        for piece in pieces
    ]
    if found:
        check_unit(
            unit.call_sign,
            found,
            actor=actor,
            source="agency",
            external_id=SHEET,
            note="(simulasi)",
        )


def _count(actor: Actor) -> None:
    chance = random.Random(SEED)
    houses = list(Hospital.objects.filter(active=True).order_by("code"))
    for house in houses:
        totals = {"ed": chance.randint(8, 20), "icu": chance.randint(4, 12)}
        totals["general"] = chance.randint(60, 200)
        beds = {kind: (chance.randint(0, total), total) for kind, total in totals.items()}
        with transaction():
            count_beds(house.code, beds, actor=actor)
            say_receiving(house.code, "yes", actor=actor)
    if houses:
        until = clock.now() + timedelta(hours=DIVERTED_H)
        divert(houses[-1].code, reason="ed_full", until=until, actor=actor)
