"""Whether a unit may be sent, and in what state its equipment is. What a unit is doing is read
from its assignments."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

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

# What the last check found. Nothing is known of what nobody has checked.
EQUIPMENT = Machine(
    "equipment",
    {
        "unchecked": {"pass": "in_order", "fail": "failed", "miss": "missing"},
        "in_order": {"fail": "failed", "miss": "missing"},
        "failed": {"pass": "in_order", "miss": "missing"},
        "missing": {"pass": "in_order", "fail": "failed"},
    },
    names={
        "unchecked": lazy("Not checked yet"),
        "in_order": lazy("In order"),
        "failed": lazy("Failed"),
        "missing": pgettext_lazy("equipment", "Missing"),
    },
)
# What a check may find, and the command that it gives.
FINDINGS = {"passed": "pass", "failed": "fail", "missing": "miss"}
