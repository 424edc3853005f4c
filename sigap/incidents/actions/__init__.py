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
from .mass import (
    alarm_parked,
    ask_need,
    meet_need,
    park_incident,
    set_staging,
    take_up,
    unpark_incident,
)

__all__ = [
    "WORDS",
    "add_note",
    "alarm_parked",
    "alarm_undispatched",
    "answer_questions",
    "ask_need",
    "cancel_incident",
    "change_facts",
    "close_imported",
    "close_incident",
    "import_incident",
    "link_incidents",
    "meet_need",
    "merge_incident",
    "open_incident",
    "park_incident",
    "reopen_incident",
    "resolve_incident",
    "set_clocks",
    "set_level",
    "set_priority",
    "set_staging",
    "start_incident",
    "strike_note",
    "take_up",
    "unmerge_incident",
    "unpark_incident",
    "wait_incident",
]
