"""What journal rows about mass events carry."""

from datetime import datetime

from ..codes import Code
from .body import Body


class Parked(Body):
    """An incident was put behind the others, until when; without a time it is taken up again."""

    until: datetime | None = None


class NeedAsked(Body):
    """So much of something is lacking."""

    what: Code
    count: int


class NeedMet(Body):
    """So much of it has come."""

    what: Code
    count: int
    met: int
    ended: bool = False


class Staged(Body):
    """Units gather at a point, or do no longer."""

    has_point: bool


MASS_KINDS: dict[str, type[Body]] = {
    "incident.parked": Parked,
    "incident.unparked": Parked,
    "incident.staging": Staged,
    "need.asked": NeedAsked,
    "need.met": NeedMet,
}
