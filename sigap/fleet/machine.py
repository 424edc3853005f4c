"""Whether a unit may be sent. What it is doing is read from its assignments."""

from django.utils.translation import gettext_lazy as lazy

from sigap.core.machine import Machine

UNIT = Machine(
    "unit",
    {
        "available": {"reserve": "reserved", "withdraw": "unavailable"},
        "reserved": {"release": "available", "withdraw": "unavailable"},
        "unavailable": {"return": "available"},
    },
    names={
        "available": lazy("Available"),
        "reserved": lazy("Reserved"),
        "unavailable": lazy("Out of service"),
    },
)
