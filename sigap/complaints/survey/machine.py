"""The life of one question to a caller, and of what follows from a low mark."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

SURVEY = Machine(
    "survey",
    {
        "asked": {
            "ask_again": "asked",
            "answer": "answered",
            "refuse": "refused",
            "miss": "missed",
        },
        # A slip of the finger is set right.
        "answered": {"answer": "answered"},
        # What was asked in writing may be answered though it seemed not to have arrived.
        "missed": {"ask_again": "asked", "answer": "answered"},
        "refused": {},
    },
    names={
        "asked": pgettext_lazy("survey", "Asked"),
        "answered": pgettext_lazy("survey", "Answered"),
        "missed": lazy("Not reached"),
        "refused": lazy("Does not want to answer"),
    },
)

FOLLOW_UP = Machine(
    "follow_up",
    {"open": {"close": "closed"}, "closed": {}},
    names={
        "open": pgettext_lazy("follow-up", "Open"),
        "closed": pgettext_lazy("follow-up", "Closed"),
    },
)
