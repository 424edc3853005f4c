"""The life of an assignment: one unit's work for one incident."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

ASSIGNMENT = Machine(
    "assignment",
    {
        "proposed": {"notify": "notified", "cancel": "cancelled"},
        "notified": {
            "acknowledge": "acknowledged",
            "decline": "declined",
            "depart": "en_route",
            "arrive": "on_scene",
            "cancel": "cancelled",
        },
        "acknowledged": {
            "decline": "declined",
            "depart": "en_route",
            "arrive": "on_scene",
            "cancel": "cancelled",
        },
        "en_route": {"arrive": "on_scene", "complete": "completed", "cancel": "cancelled"},
        "on_scene": {"transport": "to_destination", "complete": "completed"},
        "to_destination": {"reach": "at_destination", "complete": "completed"},
        "at_destination": {"complete": "completed"},
        "declined": {},
        "completed": {},
        "cancelled": {},
    },
    names={
        "proposed": lazy("Proposed"),
        "notified": lazy("Notified"),
        "acknowledged": lazy("Acknowledged"),
        "declined": lazy("Declined"),
        "en_route": pgettext_lazy("state", "En route"),
        "on_scene": lazy("On scene"),
        "to_destination": lazy("To destination"),
        "at_destination": lazy("At destination"),
        "completed": lazy("Completed"),
        "cancelled": lazy("Called off"),
    },
)

OPEN = (
    "notified",
    "acknowledged",
    "en_route",
    "on_scene",
    "to_destination",
    "at_destination",
)
WAITING, MOVING_OR_THERE = OPEN[:2], OPEN[2:]
# Where each command leads, from whichever state.
TARGETS = {command: state for row in ASSIGNMENT.table.values() for command, state in row.items()}
