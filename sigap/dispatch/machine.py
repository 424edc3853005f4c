"""The life of an assignment: one unit's work for one incident."""

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
)

OPEN = (
    "notified",
    "acknowledged",
    "en_route",
    "on_scene",
    "to_destination",
    "at_destination",
)
MOVING_OR_THERE = OPEN[2:]
