"""The life of an incident. What its units do is not here: that is on the assignments."""

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
        "in_progress": {"resolve": "resolved", "cancel": "cancelled", "merge": "merged"},
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
)

ACTIVE = ("open", "in_progress", "reopened")
# Nothing more is expected of the field, but the file is not closed yet.
UNFINISHED = (*ACTIVE, "resolved")
