"""The life of an incident. What its units do is not here: that is on the assignments."""

from django.utils.translation import gettext_lazy as lazy

from sigap.core.machine import Machine

INCIDENT = Machine(
    "incident",
    {
        "open": {
            "start": "in_progress",
            "resolve": "resolved",
            "cancel": "cancelled",
            "merge": "merged",
        },
        # `wait`: its units declined or were called back, so it waits for one again.
        "in_progress": {
            "wait": "open",
            "resolve": "resolved",
            "cancel": "cancelled",
            "merge": "merged",
        },
        "resolved": {"close": "closed", "reopen": "reopened"},
        "closed": {"reopen": "reopened"},
        "cancelled": {"reopen": "reopened"},
        "reopened": {
            "start": "in_progress",
            "resolve": "resolved",
            "cancel": "cancelled",
            "merge": "merged",
        },
        # Both histories stay; the other incident carries on.
        "merged": {"unmerge": "open"},
    },
    names={
        "open": lazy("New"),
        "in_progress": lazy("In progress"),
        "resolved": lazy("Resolved"),
        "closed": lazy("Closed"),
        "cancelled": lazy("Cancelled"),
        "reopened": lazy("Reopened"),
        "merged": lazy("Merged"),
    },
)

# Nobody works for it yet.
WAITING = ("open", "reopened")
ACTIVE = (*WAITING, "in_progress")
# Nothing more is expected of the field, but the file is not closed yet.
UNFINISHED = (*ACTIVE, "resolved")
