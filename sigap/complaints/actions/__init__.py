"""All that may be done to a complaint."""

from .adding import add_note, attach_file, store
from .ending import (
    alarm_deadlines,
    approve_answer,
    close_unanswered,
    confirm_complaint,
    contest_complaint,
    refuse_answer,
)
from .filing import file_complaint, sort_complaint
from .routing import (
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
    "accept_referral",
    "add_note",
    "alarm_deadlines",
    "answer_referral",
    "approve_answer",
    "archive_complaint",
    "attach_file",
    "close_unanswered",
    "confirm_complaint",
    "contest_complaint",
    "dispose_complaint",
    "file_complaint",
    "hold_complaint",
    "plan_referral",
    "recall_referral",
    "refuse_answer",
    "refuse_referral",
    "report_progress",
    "restore_complaint",
    "resume_complaint",
    "sort_complaint",
    "store",
]
