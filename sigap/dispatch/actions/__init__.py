"""All that may be done to an assignment, and what incidents' ends mean for units."""

from .attention import alarm_unacknowledged
from .ends import End, end_incident, reopen_incident, unmerge_incident
from .imported import import_assignment
from .positions import (
    accept_seen,
    erase_old_tracks,
    report_position,
    take_phone,
    take_positions,
)
from .sending import TOGETHER, send_units
from .units import define_unit, set_availability, set_duty
from .work import STEPS, cancel_assignment, correct_time, step

__all__ = [
    "STEPS",
    "TOGETHER",
    "End",
    "accept_seen",
    "alarm_unacknowledged",
    "cancel_assignment",
    "correct_time",
    "define_unit",
    "end_incident",
    "erase_old_tracks",
    "import_assignment",
    "reopen_incident",
    "report_position",
    "send_units",
    "set_availability",
    "set_duty",
    "step",
    "take_phone",
    "take_positions",
    "unmerge_incident",
]
