"""All that may be done to a call."""

from .attention import (
    alarm_call_backs,
    alarm_ringing,
    alarm_set_aside,
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
from .gate import end_silent_calls, release_call, review_call
from .handset import erase_positions, locate_phone
from .imported import import_call
from .parties import (
    drop_party,
    fail_parties,
    invite_party,
    leave_call,
    listen_in,
    report_party,
    transfer_call,
)
from .quality import acknowledge_review, score_call
from .recordings import (
    alarm_keeping,
    erase_recordings,
    hear_recording,
    keep_recording,
    miss_recording,
    report_recording,
)
from .returns import dial_due
from .surge import declare_surge, end_surge
from .texts import present_text

__all__ = [
    "EVENTS",
    "acknowledge_review",
    "alarm_call_backs",
    "alarm_keeping",
    "alarm_ringing",
    "alarm_set_aside",
    "alarm_stale_claims",
    "alarm_unattended",
    "close_call",
    "declare_surge",
    "dial_due",
    "drop_party",
    "end_call",
    "end_silent_calls",
    "end_surge",
    "enter_call",
    "erase_positions",
    "erase_recordings",
    "fail_parties",
    "hear_recording",
    "hold_call",
    "import_call",
    "invite_party",
    "keep_recording",
    "leave_call",
    "link_call",
    "listen_in",
    "locate_phone",
    "miss_recording",
    "open_incident_for_call",
    "present_text",
    "reclassify_call",
    "release_call",
    "report_call_back",
    "report_event",
    "report_party",
    "report_recording",
    "resume_call",
    "review_call",
    "score_call",
    "take_call",
    "transfer_call",
    "waive_call_back",
]
