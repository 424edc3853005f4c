"""Telephones made of sockets: callers, desk phones and the far end of a trunk, over SIP and RTP.

For tests and measurements on loopback, up to some dozens of calls at once. UDP and A-law only,
one audio stream per call, and only as much of SIP as a call to an exchange needs.
"""

from .call import Call, CallEnded, State
from .parties import Behaviour, Caller, Party, Phone, Trunk

__all__ = ["Behaviour", "Call", "CallEnded", "Caller", "Party", "Phone", "State", "Trunk"]
