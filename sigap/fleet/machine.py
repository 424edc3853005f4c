"""Whether a unit may be sent. What it is doing is read from its assignments."""

from sigap.core.machine import Machine

UNIT = Machine(
    "unit",
    {
        "available": {"reserve": "reserved", "withdraw": "unavailable"},
        "reserved": {"release": "available", "withdraw": "unavailable"},
        "unavailable": {"return": "available"},
    },
)
