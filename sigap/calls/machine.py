"""The life of a 112 call."""

from django.utils.translation import gettext_lazy as lazy

from sigap.core.machine import Machine

CALL = Machine(
    "call",
    {
        "presented": {
            "screen": "screening",
            "queue": "queued",
            "answer": "answered",
            "abandon": "abandoned",
        },
        "screening": {"queue": "queued", "answer": "answered", "abandon": "abandoned"},
        "queued": {"answer": "answered", "abandon": "abandoned"},
        "answered": {"hold": "held", "end": "wrap_up", "close": "closed"},
        "held": {"resume": "answered", "end": "wrap_up", "close": "closed"},
        # `abandon`: the caller was gone before the line opened.
        "wrap_up": {"close": "closed", "abandon": "abandoned"},
        "closed": {"reclassify": "closed"},
        # `late_answer`: the exchange's "answered" came after its "ended".
        "abandoned": {"call_back": "callback_due", "late_answer": "wrap_up"},
        "callback_due": {
            "miss": "callback_due",
            "give_up": "no_answer",
            "reach": "reached",
            "waive": "waived",
            "late_answer": "wrap_up",
        },
        "no_answer": {"reach": "reached", "waive": "waived", "late_answer": "wrap_up"},
        # `close`: the caller who was rung back said what it was about.
        "reached": {"close": "closed", "late_answer": "wrap_up"},
        "waived": {"call_back": "callback_due", "late_answer": "wrap_up"},
    },
    names={
        "presented": lazy("Ringing"),
        "screening": lazy("At the gate"),
        "queued": lazy("Queued"),
        "answered": lazy("Talking"),
        "held": lazy("On hold"),
        "wrap_up": lazy("Hung up"),
        "closed": lazy("Closed"),
        "abandoned": lazy("Abandoned"),
        "callback_due": lazy("To be rung back"),
        "no_answer": lazy("No answer"),
        "reached": lazy("Reached"),
        "waived": lazy("Waived"),
    },
)

REVIEW = Machine(
    "review",
    {
        "drawn": {"score": "scored"},
        "scored": {"correct": "scored", "acknowledge": "acknowledged"},
        "acknowledged": {"correct": "scored"},
    },
    names={
        "drawn": lazy("To be scored"),
        "scored": lazy("Scored"),
        "acknowledged": lazy("Read by the operator"),
    },
)

RINGING = ("presented", "screening", "queued")
TALKING = ("answered", "held", "wrap_up")
LIVE = (*RINGING, *TALKING)
# Somebody still has to do something about it, so nobody may forget its caller.
OPEN = (*LIVE, "callback_due")
