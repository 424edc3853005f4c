"""What is agreed between two centres. What becomes of an incident is never decided here: the other
centre's end of its own is shown, and ends nothing of ours."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

HANDOVER = Machine(
    "handover",
    {
        "offered": {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"},
        "accepted": {},
        "declined": {},
        # The two crossed on the way: somebody over there had taken it, and that counts.
        "withdrawn": {"accept": "accepted"},
    },
    names={
        "offered": pgettext_lazy("handover", "Waits for an answer"),
        "accepted": pgettext_lazy("handover", "Accepted"),
        "declined": pgettext_lazy("handover", "Declined"),
        "withdrawn": pgettext_lazy("handover", "Withdrawn"),
    },
)

AID = Machine(
    "aid",
    {
        "asked": {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"},
        "accepted": {"end": "ended"},
        "declined": {},
        "withdrawn": {"accept": "accepted"},
        "ended": {},
    },
    names={
        "asked": pgettext_lazy("handover", "Waits for an answer"),
        "accepted": pgettext_lazy("handover", "Accepted"),
        "declined": pgettext_lazy("handover", "Declined"),
        "withdrawn": pgettext_lazy("handover", "Withdrawn"),
        "ended": lazy("Ended"),
    },
)

LOAN = Machine(
    "loan",
    {"lent": {"give_back": "returned"}, "returned": {}},
    names={"lent": lazy("Lent"), "returned": lazy("Given back")},
)

SHARE = Machine(
    "share",
    {
        "proposed": {"approve": "offered", "end": "ended"},
        "offered": {"accept": "shared", "decline": "declined", "end": "ended"},
        "shared": {"end": "ended"},
        "declined": {},
        "ended": {},
    },
    names={
        "proposed": lazy("Waits for a second person here"),
        "offered": lazy("Waits for the other centre"),
        "shared": lazy("Shared"),
        "declined": pgettext_lazy("handover", "Declined"),
        "ended": lazy("Ended"),
    },
)
