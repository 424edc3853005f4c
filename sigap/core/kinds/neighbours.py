"""What the journal says of neighbouring centres, and of what is agreed with them."""

from datetime import datetime

from ..codes import Code
from .body import Body


class Agreed(Body):
    """With which centre, about which call or incident; what may be told, why not, until when."""

    centre: Code
    incident: int | None = None
    call: int | None = None
    reason: Code = ""
    parts: list[Code] = []
    until: datetime | None = None


class AidAsked(Body):
    """How many units of which capability are asked for, and until when."""

    centre: Code
    incident: int | None = None
    capability: Code = ""
    count: int = 0
    reason: Code = ""
    until: datetime | None = None


class UnitLent(Body):
    """A unit that works for another centre until a time."""

    centre: Code
    unit: Code
    until: datetime | None = None


class LinkUsed(Body):
    """A link by which a centre reads a record: made, opened, or at its end."""

    centre: Code
    link: int
    until: datetime | None = None


NEIGHBOUR_KINDS: dict[str, type[Body]] = {
    "handover.offered": Agreed,
    "handover.received": Agreed,
    "handover.delivered": Agreed,
    "handover.updated": Agreed,
    "handover.accept": Agreed,
    "handover.decline": Agreed,
    "handover.withdraw": Agreed,
    "aid.asked": AidAsked,
    "aid.received": AidAsked,
    "aid.delivered": AidAsked,
    "aid.accept": AidAsked,
    "aid.decline": AidAsked,
    "aid.withdraw": AidAsked,
    "aid.end": AidAsked,
    "loan.lent": UnitLent,
    "loan.told_back": UnitLent,
    "loan.give_back": UnitLent,
    "share.proposed": Agreed,
    "share.approve": Agreed,
    "share.received": Agreed,
    "share.delivered": Agreed,
    "share.accept": Agreed,
    "share.decline": Agreed,
    "share.end": Agreed,
    "share.read": Agreed,
    "share.fetched": Agreed,
    "link.made": LinkUsed,
    "link.opened": LinkUsed,
    "link.refused": LinkUsed,
    "link.revoked": LinkUsed,
}
