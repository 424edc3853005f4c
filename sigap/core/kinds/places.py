"""What journal rows about the city's roads carry."""

from datetime import datetime

from ..codes import Code
from .body import Body


class RoadClosed(Body):
    """Roads so near to a point are closed, for a reason of the city's list, to be asked about
    again at a time."""

    reason: Code
    radius_m: int
    check_at: datetime | None = None


class RoadOpened(Body):
    """People drive there again."""


class RoadsImported(Body):
    """Other roads lie in the data folder."""

    pieces: int
    junctions: int


class SpeedsMeasured(Body):
    """The city's own trips say how fast units drive; the middle error before and after."""

    trips: int
    error_before: float
    error_after: float


PLACE_KINDS: dict[str, type[Body]] = {
    "closure.closed": RoadClosed,
    "closure.prolonged": RoadClosed,
    "closure.lifted": RoadOpened,
    "roads.imported": RoadsImported,
    "roads.measured": SpeedsMeasured,
}
