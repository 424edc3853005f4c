"""All that is written about warnings: those received, and those that the city issues."""

from .issuing import (
    cancel_announcement,
    draft_announcement,
    drop_announcement,
    edit_announcement,
    end_announcements,
    issue_announcement,
    propose_announcement,
    send_back_announcement,
    update_announcement,
)
from .receiving import expire_warnings, receive_warning, refuse_warning
from .sources import alarm_sources, define_source, note_files, note_poll

__all__ = [
    "alarm_sources",
    "cancel_announcement",
    "define_source",
    "draft_announcement",
    "drop_announcement",
    "edit_announcement",
    "end_announcements",
    "expire_warnings",
    "issue_announcement",
    "note_files",
    "note_poll",
    "propose_announcement",
    "receive_warning",
    "refuse_warning",
    "send_back_announcement",
    "update_announcement",
]
