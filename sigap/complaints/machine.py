"""The life of a complaint, and of what each agency does about it (SP4N-LAPOR!)."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

_ASIDE = {
    # The clock stands still while the citizen is asked.
    "hold": "held",
    "archive": "archived",
    # Both histories stay; the other one carries on.
    "attach": "attached",
    # It was an emergency: an incident carries on.
    "promote": "promoted",
}

COMPLAINT = Machine(
    "complaint",
    {
        "filed": {"dispose": "disposed", **_ASIDE},
        # `take_back`: no agency has it any more, so it waits for another.
        "disposed": {"start": "in_progress", "answer": "answered", "take_back": "filed", **_ASIDE},
        "in_progress": {"answer": "answered", "take_back": "filed", **_ASIDE},
        # A second person checks before the citizen is told that it is done.
        "answered": {"approve": "done", "refuse": "in_progress", **_ASIDE},
        # The citizen says whether it is; silence for ten working days is a yes.
        "done": {"confirm": "closed", "expire": "closed", "contest": "contested"},
        "contested": {"start": "in_progress", "answer": "answered", "take_back": "filed", **_ASIDE},
        "held": {
            "ask_again": "held",
            "resume": "filed",
            "go_on": "in_progress",
            "archive": "archived",
        },
        "closed": {},
        "archived": {"restore": "filed"},
        "attached": {"detach": "filed"},
        "promoted": {"demote": "filed"},
    },
    names={
        "filed": pgettext_lazy("complaint", "Received"),
        "disposed": lazy("Sent to the agency"),
        "in_progress": pgettext_lazy("complaint", "In progress"),
        "answered": lazy("Answered, being checked"),
        "done": pgettext_lazy("complaint", "Done"),
        "contested": lazy("Contested"),
        "held": lazy("Waiting for the citizen"),
        "closed": pgettext_lazy("complaint", "Closed"),
        "archived": lazy("Archived"),
        "attached": lazy("Attached to another"),
        "promoted": lazy("Became an incident"),
    },
)

# `refuse`: it is not theirs (bukan wewenang).
_AWAY = {"refuse": "refused", "recall": "recalled"}

REFERRAL = Machine(
    "referral",
    {
        "sent": {"accept": "accepted", "plan": "planned", "answer": "answered", **_AWAY},
        "accepted": {"plan": "planned", "answer": "answered", **_AWAY},
        "planned": {"progress": "planned", "answer": "answered", **_AWAY},
        "answered": {"approve": "finished", "return": "planned", "recall": "recalled"},
        "finished": {"return": "planned"},
        "refused": {},
        "recalled": {},
    },
    names={
        "sent": lazy("Sent"),
        "accepted": lazy("Accepted"),
        "planned": lazy("Planned"),
        "answered": lazy("Answered"),
        "finished": pgettext_lazy("referral", "Finished"),
        "refused": lazy("Not theirs"),
        "recalled": lazy("Called back"),
    },
)

# Somebody still has to do something about it.
OPEN = ("filed", "disposed", "in_progress", "answered", "contested", "held")
# The agency has it.
OVER = ("closed", "archived")
WITH_AGENCY = ("disposed", "in_progress", "contested")
# An agency works on it, or is to.
ACTIVE = ("sent", "accepted", "planned")
# It has it no more.
GONE = ("refused", "recalled")
