"""What the journal says of vehicles' equipment and of the hospitals to which patients go."""

from datetime import datetime

from ..codes import Code
from .body import Body


class EquipmentListed(Body):
    """What a unit is to carry from now on."""

    unit: Code
    items: list[Code]


class EquipmentFound(Body):
    """What a check found of one thing that a unit carries, where that is news."""

    unit: Code
    item: Code
    reason: Code = ""


class EquipmentChanged(Body):
    """Which facts of one thing that a unit carries changed; never their values."""

    unit: Code
    item: Code
    fields: list[Code]


class UnitChecked(Body):
    """A sheet of checks of a unit: how many things were in order, which were not."""

    unit: Code
    source: Code
    passed: int
    failed: list[Code] = []
    missing: list[Code] = []


class UnitBlocked(Body):
    """The must-have equipment for want of which a unit is not proposed; none: it is again."""

    unit: Code
    items: list[Code] = []


class MovedUp(Body):
    """A unit that was proposed to wait at a place, for want of whom, what share of the demand that
    brings back, and in how many areas."""

    unit: Code
    place: Code
    capability: Code
    gain_percent: float
    areas: int


class MovedBack(Body):
    """A unit that waits at its own place again."""

    unit: Code
    place: Code


class HospitalReceives(Body):
    """Whether a hospital receives patients, and the specialties that it does not."""

    hospital: Code
    receiving: Code
    refused: list[Code] = []


class HospitalDiverted(Body):
    """Why ambulances are to go elsewhere, and until when."""

    hospital: Code
    reason: Code
    until: datetime


class BedsCounted(Body):
    """The beds of one kind in a hospital; no number: not known."""

    hospital: Code
    bed: Code
    free: int | None = None
    total: int | None = None


class DestinationChosen(Body):
    """Where a unit takes its patient; `diverted`: the hospital was sending ambulances away."""

    unit: Code
    hospital: Code = ""
    diverted: bool = False


READINESS_KINDS: dict[str, type[Body]] = {
    "unit.moved_up": MovedUp,
    "unit.move_up_declined": MovedUp,
    "unit.moved_back": MovedBack,
    "equipment.listed": EquipmentListed,
    "equipment.changed": EquipmentChanged,
    "equipment.pass": EquipmentFound,
    "equipment.fail": EquipmentFound,
    "equipment.miss": EquipmentFound,
    "unit.checked": UnitChecked,
    "unit.blocked": UnitBlocked,
    "unit.unblocked": UnitBlocked,
    "hospital.receiving": HospitalReceives,
    "hospital.diverted": HospitalDiverted,
    "hospital.beds": BedsCounted,
    "assignment.destination": DestinationChosen,
}
