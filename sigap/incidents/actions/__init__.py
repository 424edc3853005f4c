"""All that may be done to an incident."""

from .facts import (
    WORDS,
    add_note,
    answer_questions,
    change_facts,
    open_incident,
    set_clocks,
    set_level,
    set_priority,
    strike_note,
)
from .family import link_incidents, merge_incident, unmerge_incident
from .imported import close_imported, import_incident
from .life import (
    alarm_undispatched,
    cancel_incident,
    close_incident,
    reopen_incident,
    resolve_incident,
    start_incident,
    wait_incident,
)

__all__ = [
    "WORDS",
    "add_note",
    "alarm_undispatched",
    "answer_questions",
    "cancel_incident",
    "change_facts",
    "close_imported",
    "close_incident",
    "import_incident",
    "link_incidents",
    "merge_incident",
    "open_incident",
    "reopen_incident",
    "resolve_incident",
    "set_clocks",
    "set_level",
    "set_priority",
    "start_incident",
    "strike_note",
    "unmerge_incident",
    "wait_incident",
]
