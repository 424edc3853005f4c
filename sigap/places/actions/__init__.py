"""All that may be done to the city's map and its roads."""

from .boundaries import Boundaries, import_boundaries
from .roads import (
    alarm_closures,
    close_road,
    keep_speeds,
    lift_closure,
    note_roads,
    prolong_closure,
)

__all__ = [
    "Boundaries",
    "alarm_closures",
    "close_road",
    "import_boundaries",
    "keep_speeds",
    "lift_closure",
    "note_roads",
    "prolong_closure",
]
