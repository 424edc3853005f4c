"""All that may be done to a complaint."""

from .adding import (
    add_note,
    add_words,
    attach_file,
    protect_complaint,
    release_text,
    store,
    tell_citizen,
)
from .crossing import demote_complaint, promote_complaint
from .days import follow_calendar
from .deadlines import (
    alarm_deadlines,
    ask_citizens_again,
    assign_officer,
    escalate_late,
    mind_deadlines,
    remind_agencies,
    see_escalated,
)
from .duplicates import (
    add_supporter,
    attach_complaint,
    attach_repeats,
    attach_to_incident,
    detach_complaint,
    keep_apart,
)
from .ending import (
    approve_answer,
    close_unanswered,
    confirm_complaint,
    contest_complaint,
    rate_complaint,
    refuse_answer,
)
from .filing import file_complaint, place_complaint, sort_complaint
from .learning import learn_sorting
from .routing import (
    answer_question,
    archive_complaint,
    dispose_complaint,
    hold_complaint,
    recall_referral,
    refuse_referral,
    restore_complaint,
    resume_complaint,
)
from .work import accept_referral, answer_referral, plan_referral, report_progress

__all__ = [
    "follow_calendar",
    "mind_deadlines",
    "accept_referral",
    "add_note",
    "add_supporter",
    "add_words",
    "alarm_deadlines",
    "answer_question",
    "answer_referral",
    "approve_answer",
    "archive_complaint",
    "ask_citizens_again",
    "assign_officer",
    "attach_complaint",
    "attach_file",
    "attach_repeats",
    "attach_to_incident",
    "close_unanswered",
    "confirm_complaint",
    "contest_complaint",
    "demote_complaint",
    "detach_complaint",
    "dispose_complaint",
    "escalate_late",
    "file_complaint",
    "hold_complaint",
    "keep_apart",
    "learn_sorting",
    "place_complaint",
    "plan_referral",
    "protect_complaint",
    "promote_complaint",
    "recall_referral",
    "rate_complaint",
    "refuse_answer",
    "refuse_referral",
    "release_text",
    "remind_agencies",
    "report_progress",
    "restore_complaint",
    "resume_complaint",
    "see_escalated",
    "sort_complaint",
    "store",
    "tell_citizen",
]
