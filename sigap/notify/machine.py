"""The life of a delivery: one message to one recipient by one channel.

That it was delivered says that it arrived; that somebody read and took it is the alert's
acknowledgement, which only a person gives.
"""

from django.utils.translation import pgettext_lazy

from sigap.core.machine import Machine

DELIVERY = Machine(
    "delivery",
    {
        "queued": {"send": "sent", "deliver": "delivered", "fail": "failed", "drop": "dropped"},
        "sent": {"deliver": "delivered", "fail": "failed"},
        "delivered": {},
        # The answer was lost, and a receipt says later that it arrived all the same.
        "failed": {"deliver": "delivered"},
        "dropped": {},
    },
    names={
        "queued": pgettext_lazy("delivery", "Waits to be sent"),
        "sent": pgettext_lazy("delivery", "Sent"),
        "delivered": pgettext_lazy("delivery", "Arrived"),
        "failed": pgettext_lazy("delivery", "Failed"),
        "dropped": pgettext_lazy("delivery", "Not sent any more"),
    },
)

# What a caller is told, one message of each kind. `instead`: not by WhatsApp, so by SMS.
NOTICE = Machine(
    "notice",
    {
        **DELIVERY.table,
        "queued": {**DELIVERY.table["queued"], "instead": "queued"},
        "sent": {**DELIVERY.table["sent"], "instead": "queued"},
    },
    names=DELIVERY.names,
)
NOTICES = ("coming", "parked", "over")
NOTICE_CHANNELS = ("whatsapp", "sms")

# In the order that is the default. A station's screen rings at once and beside the others: it
# costs nothing and is nobody's own. The agency's board is what is left when nobody is known.
CHANNELS = ("push", "station", "whatsapp", "sms", "voice")
PERSONAL = ("push", "whatsapp", "sms", "voice")
SCREENS = ("station", "board")
