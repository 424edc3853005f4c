"""All that may be done to a call."""

from .attention import (
    alarm_call_backs,
    alarm_ringing,
    alarm_stale_claims,
    alarm_unattended,
    report_call_back,
    waive_call_back,
)
from .desk import (
    close_call,
    end_call,
    enter_call,
    hold_call,
    link_call,
    open_incident_for_call,
    reclassify_call,
    resume_call,
    take_call,
)
from .exchange import EVENTS, report_event
from .imported import import_call
from .quality import acknowledge_review, score_call
from .recordings import (
    alarm_keeping,
    erase_recordings,
    hear_recording,
    keep_recording,
    miss_recording,
    report_recording,
)

__all__ = [
    "EVENTS",
    "acknowledge_review",
    "alarm_call_backs",
    "alarm_keeping",
    "alarm_ringing",
    "alarm_stale_claims",
    "alarm_unattended",
    "close_call",
    "end_call",
    "erase_recordings",
    "hear_recording",
    "keep_recording",
    "miss_recording",
    "report_recording",
    "score_call",
    "enter_call",
    "hold_call",
    "import_call",
    "link_call",
    "open_incident_for_call",
    "reclassify_call",
    "report_call_back",
    "report_event",
    "resume_call",
    "take_call",
    "waive_call_back",
]
