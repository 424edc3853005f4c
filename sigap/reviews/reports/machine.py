"""The life of a report, and of one week's digest."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

REPORT = Machine(
    "report",
    {
        "draft": {"sign": "signed", "drop": "dropped"},
        # What is signed stays as it is: a new edition replaces it.
        "signed": {"replace": "replaced"},
        "replaced": {},
        "dropped": {},
    },
    names={
        "draft": pgettext_lazy("report", "Draft"),
        "signed": pgettext_lazy("report", "Signed"),
        "replaced": pgettext_lazy("report", "Replaced by a newer edition"),
        "dropped": lazy("Dropped"),
    },
)

DIGEST = Machine(
    "digest",
    {"queued": {"send": "sent", "fail": "failed"}, "sent": {"fail": "failed"}, "failed": {}},
    names={
        "queued": pgettext_lazy("digest", "Waiting"),
        "sent": pgettext_lazy("digest", "Sent"),
        "failed": pgettext_lazy("digest", "Failed"),
    },
)
