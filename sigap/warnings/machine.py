"""The life of a warning that was received, and of one that the city issues."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

WARNING = Machine(
    "warning",
    {
        "in_force": {"replace": "replaced", "cancel": "cancelled", "expire": "expired"},
        # What ends a warning may come after its time: it is known then how it ended.
        "expired": {"replace": "replaced", "cancel": "cancelled"},
        "replaced": {"cancel": "cancelled"},
        "cancelled": {},
        # Says something about another message, or is no warning: only kept.
        "kept": {},
    },
    names={
        "in_force": pgettext_lazy("warning", "In force"),
        "expired": pgettext_lazy("warning", "Expired"),
        "replaced": pgettext_lazy("warning", "Replaced"),
        "cancelled": pgettext_lazy("warning", "Cancelled"),
        "kept": pgettext_lazy("warning", "Kept"),
    },
)

ANNOUNCEMENT = Machine(
    "announcement",
    {
        "draft": {"propose": "proposed", "drop": "dropped"},
        "proposed": {"send_back": "draft", "issue": "issued", "drop": "dropped"},
        "issued": {"replace": "replaced", "withdraw": "withdrawn", "expire": "ended"},
        "ended": {},
        "replaced": {},
        "withdrawn": {},
        "dropped": {},
    },
    names={
        "draft": pgettext_lazy("warning", "Draft"),
        "proposed": lazy("Waits for the second signature"),
        "issued": pgettext_lazy("warning", "In force"),
        "ended": pgettext_lazy("warning", "Expired"),
        "replaced": pgettext_lazy("warning", "Replaced"),
        "withdrawn": pgettext_lazy("warning", "Cancelled"),
        "dropped": lazy("Dropped"),
    },
)
# What the city has said to everybody; all else is its own affair.
PUBLISHED = ("issued", "ended", "replaced", "withdrawn")
