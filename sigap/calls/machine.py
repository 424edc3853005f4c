"""The life of a 112 call."""

from django.utils.translation import gettext_lazy as lazy

from sigap.core.machine import Machine

CALL = Machine(
    "call",
    {
        "presented": {
            "screen": "screening",
            "set_aside": "set_aside",
            "queue": "queued",
            "answer": "answered",
            "abandon": "abandoned",
        },
        "screening": {
            "set_aside": "set_aside",
            "queue": "queued",
            "answer": "answered",
            "abandon": "abandoned",
        },
        # The gate heard nobody. The line stays open, and whoever makes a sound is queued.
        "set_aside": {
            "queue": "queued",
            "answer": "answered",
            "abandon": "abandoned",
            "close": "closed",
            # The city's automatic end: rung back once.
            "end_silent": "callback_due",
        },
        "queued": {"answer": "answered", "abandon": "abandoned"},
        # `refuse`: the operator's telephone did not take the call, so it rings on.
        "answered": {
            "refuse": "queued",
            "hold": "held",
            # The operator goes; the caller and an outside party talk on.
            "leave": "wrap_up",
            "end": "wrap_up",
            "close": "closed",
        },
        "held": {
            "resume": "answered",
            "refuse": "queued",
            "leave": "wrap_up",
            "end": "wrap_up",
            "close": "closed",
        },
        # `abandon`: the caller was gone before the line opened. `stay`: the operator could not
        # leave, since the other party had just gone.
        "wrap_up": {"close": "closed", "abandon": "abandoned", "stay": "answered"},
        # `call_back`: a review heard somebody whom the gate had not.
        "closed": {"reclassify": "closed", "call_back": "callback_due"},
        # `late_answer`: the exchange's "answered" came after its "ended".
        "abandoned": {"call_back": "callback_due", "late_answer": "wrap_up"},
        "callback_due": {
            "miss": "callback_due",
            "give_up": "no_answer",
            "reach": "reached",
            "waive": "waived",
            "late_answer": "wrap_up",
        },
        "no_answer": {
            "reach": "reached",
            "waive": "waived",
            # A review heard somebody: the one attempt is not the last.
            "call_back": "callback_due",
            "late_answer": "wrap_up",
        },
        # `close`: the caller who was rung back said what it was about.
        "reached": {"close": "closed", "late_answer": "wrap_up"},
        # `reach`: the caller whom the exchange was ringing already when somebody waived it.
        "waived": {"call_back": "callback_due", "reach": "reached", "late_answer": "wrap_up"},
    },
    names={
        "presented": lazy("Ringing"),
        "screening": lazy("At the gate"),
        "set_aside": lazy("Set aside"),
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

PARTY = Machine(
    "party",
    {
        # `take`: the colleague to whom the call is handed over has it now.
        "ringing": {
            "join": "joined",
            "take": "taken",
            "fail": "failed",
            "leave": "left",
            "change": "ringing",
        },
        "joined": {"leave": "left", "take": "taken", "change": "joined"},
        "taken": {},
        "left": {},
        "failed": {},
    },
    names={
        "ringing": lazy("Being rung"),
        "joined": lazy("On the line"),
        "taken": lazy("Has taken over"),
        "left": lazy("Left"),
        "failed": lazy("Not reached"),
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
# Nobody has answered yet; what is set aside rings nowhere, but may be taken.
UNTAKEN = (*RINGING, "set_aside")
LIVE = (*UNTAKEN, *TALKING)
# An operator and a caller are on the line.
ON_THE_PHONE = ("answered", "held")
# Somebody who was asked to join a call, and has not gone.
ON_THE_LINE = ("ringing", "joined")
# Somebody still has to do something about it, so nobody may forget its caller.
OPEN = (*LIVE, "callback_due")
