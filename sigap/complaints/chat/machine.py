"""Where a conversation is."""

from django.utils.translation import gettext_lazy as lazy

from sigap.core.machine import Machine

_ASK = {
    "ask_what": "telling",
    "ask_category": "sorting",
    "ask_place": "placing",
    "ask_right": "confirming",
    "ask_whose": "choosing",
}
# What may happen whatever was asked.
_ANY_TIME = {
    **_ASK,
    "ask_addition": "adding",
    "ask_why": "contesting",
    "drop": "idle",
    "finish": "idle",
    "take_over": "person",
}

CHAT = Machine(
    "chat",
    {
        "idle": {k: v for k, v in _ANY_TIME.items() if k not in ("drop", "finish")},
        "telling": {**_ANY_TIME, "keep": "kept"},
        "sorting": {**_ANY_TIME, "keep": "kept"},
        "placing": {**_ANY_TIME, "keep": "kept"},
        "confirming": {**_ANY_TIME, "keep": "kept"},
        # They have a report already: is this about that one, or a new one?
        "choosing": {**_ANY_TIME, "keep": "kept"},
        # Perhaps in the midst of a report, which is taken up again.
        "adding": {**_ANY_TIME, "keep": "kept"},
        "contesting": {**_ANY_TIME, "keep": "kept"},
        # A draft that was left open, for when they write again.
        "kept": _ANY_TIME,
        # A person of the desk answers; the bot is silent.
        "person": {"hand_back": "idle", "hand_back_draft": "kept", "take_over": "person"},
    },
    names={
        "idle": lazy("Nothing open"),
        "telling": lazy("Asked what happened"),
        "sorting": lazy("Asked what it is about"),
        "placing": lazy("Asked where"),
        "confirming": lazy("Asked whether it is right"),
        "choosing": lazy("Asked which report it belongs to"),
        "adding": lazy("Asked what to add"),
        "contesting": lazy("Asked what is not solved"),
        "kept": lazy("Draft kept"),
        "person": lazy("A person answers"),
    },
)

# A question of the bot's is open.
ASKED = ("telling", "sorting", "placing", "confirming", "choosing", "adding", "contesting")
