"""The life of what the machine proposes to an agency: a person moves it, never the machine."""

from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

PROPOSAL = Machine(
    "proposal",
    {
        # `pass_on`: another agency is to answer.
        "proposed": {"accept": "accepted", "dismiss": "dismissed", "pass_on": "proposed"},
        "accepted": {"finish": "done", "dismiss": "dismissed", "pass_on": "proposed"},
        "done": {},
        "dismissed": {},
    },
    names={
        "proposed": pgettext_lazy("proposal", "Proposed"),
        "accepted": pgettext_lazy("proposal", "Accepted"),
        "done": pgettext_lazy("proposal", "Done"),
        "dismissed": pgettext_lazy("proposal", "Dismissed"),
    },
)
OPEN = ("proposed", "accepted")

ALARMS = ("cluster", "rise", "burst")
KINDS = (*ALARMS, "return")

# Days between two false alarms that a category's threshold allows. Each alarm that is dismissed as
# noise moves it one step to the right, each that is accepted one step back; it never leaves them.
STEPS = (30, 45, 60, 90, 120, 180)
NOISE = "noise"  # the only reason of a dismissal from which the threshold learns


def after_answer(period: int, command: str, reason: str = "") -> int:
    """The days of a category's threshold after one of its alarms was answered."""
    n = STEPS.index(period)
    if command == "dismiss" and reason == NOISE:
        n = min(n + 1, len(STEPS) - 1)
    elif command == "accept":
        n = max(n - 1, 0)
    return STEPS[n]
