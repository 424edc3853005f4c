"""The conversation as a table: where it is, what was heard, where it goes and what is said.

`next` is a command of the machine; empty: it stays where it is; "on": to the first question of
a report that is still open. What is heard is done before (`actions.turns`); what is said is in
`texts`, and where it goes "on" the question itself is.
"""

from typing import NamedTuple


class Turn(NamedTuple):
    """What follows."""

    next: str
    says: str = ""


ON = "on"

# Whatever was asked.
_ALWAYS = {
    "cancel": Turn("drop", "cancelled"),
    "status": Turn("", "status"),
    "help": Turn("", "help"),
    "wants_person": Turn("", "person_comes"),
    "language": Turn("", "language"),
    "add": Turn("ask_addition", "add_what"),
    "unreadable": Turn("", "unreadable"),
    "abuse": Turn("", "abuse"),
    "spam": Turn("", "spam"),
    "stale": Turn("", "stale"),
    "anonymous": Turn("", "anonymous"),
    "secret": Turn("", "secret"),
    "thanks": Turn(""),
    "confirmed": Turn("", "confirmed"),
    "rescored": Turn("", "rescored"),
    "rescore": Turn("", "score_again"),
    "rate_over": Turn("", "rate_over"),
    "rated": Turn("", "rated"),
    "survey_refused": Turn("", "survey_refused"),
    "solved": Turn("", "how_was_it"),
    "unsolved": Turn("ask_why", "why"),
    "no_report": Turn("", "no_reports"),
    "noise": Turn(""),  # reactions, stickers, what was deleted: kept, and not answered
    "edit": Turn(""),
}
_NOTHING = {"cancel": Turn("", "nothing_open"), "add": Turn("ask_addition", "add_what")}

SCRIPT: dict[str, dict[str, Turn]] = {
    "idle": {
        **_ALWAYS,
        **_NOTHING,
        "greeting": Turn("ask_what", "what"),
        "anonymous_first": Turn("ask_what", "anonymous"),
        "secret_first": Turn("ask_what", "secret"),
        "yes": Turn("ask_what", "what"),
        "no": Turn("", "goodbye"),
        "thanks": Turn("", "goodbye"),
        "words": Turn(ON),
        "maybe_about": Turn("ask_whose", "whose"),  # they have a report since yesterday
        "added": Turn("", "added"),
        "added_late": Turn("", "added_late"),
        "file": Turn("ask_what", "file_what"),
        "place": Turn(ON),
        "outside": Turn("ask_what", "outside_what"),
    },
    "telling": {
        **_ALWAYS,
        "greeting": Turn("", "what"),
        "yes": Turn("", "what"),
        "no": Turn("drop", "cancelled"),
        "words": Turn(ON),
        "file": Turn("", "file_what"),
        "another_file": Turn(""),
        "place": Turn(ON),
        "outside": Turn("", "outside_what"),
        "added": Turn("finish", "added"),
        "added_late": Turn("finish", "added_late"),
    },
    "sorting": {
        **_ALWAYS,
        "category": Turn(ON),
        "other_category": Turn(ON),
        "yes": Turn(ON),
        "no": Turn(ON),
        "words": Turn(ON),
        "greeting": Turn("", "which"),
        "file": Turn(""),
        "place": Turn("", "which"),
        "outside": Turn("", "which"),
    },
    "placing": {
        **_ALWAYS,
        "place": Turn(ON),
        "several": Turn("", "which_place"),
        "unclear": Turn("", "which_area"),
        "areas": Turn("", "areas"),
        "other_place": Turn("", "where"),
        "nowhere": Turn(ON),
        "outside": Turn("", "outside"),
        "yes": Turn("", "where"),
        "no": Turn("", "where"),
        "greeting": Turn("", "where"),
        "file": Turn(""),
    },
    "confirming": {
        **_ALWAYS,
        "yes": Turn("finish", "filed"),
        "no": Turn("ask_what", "change"),
        "anonymous": Turn("", "right"),
        "secret": Turn("", "right"),
        "words": Turn("", "right"),
        "place": Turn("", "right"),
        "outside": Turn("", "outside"),
        "greeting": Turn("", "right"),
        "thanks": Turn("", "right"),
        "file": Turn(""),
    },
    "choosing": {
        **_ALWAYS,
        "added": Turn("finish", "added"),
        "added_late": Turn("finish", "added_late"),
        "contested": Turn("finish", "contested"),
        "not_contested": Turn("finish", "not_contested"),
        "new": Turn(ON),
        "yes": Turn("", "whose"),
        "no": Turn(ON),
        "words": Turn("", ""),
        "greeting": Turn("", "whose"),
        "file": Turn(""),
        "place": Turn(""),
        "outside": Turn(""),
    },
    "adding": {
        **_ALWAYS,
        "no_report": Turn("finish", "no_reports"),
        "added": Turn("finish", "added"),
        "added_late": Turn("finish", "added_late"),
        "yes": Turn("", "add_what"),
        "no": Turn("drop", "goodbye"),
        "greeting": Turn("", "add_what"),
    },
    "contesting": {
        **_ALWAYS,
        "contested": Turn("finish", "contested"),
        "not_contested": Turn("finish", "not_contested"),
        "yes": Turn("", "why"),
        "no": Turn("drop", "goodbye"),
        "greeting": Turn("", "why"),
    },
    "kept": {
        **_ALWAYS,
        "words": Turn(ON),
        "greeting": Turn(ON),
        "yes": Turn(ON),
        "no": Turn("drop", "cancelled"),
        "file": Turn(ON),
        "place": Turn(ON),
        "outside": Turn(ON),
        "category": Turn(ON),
        "other_category": Turn(ON),
        "other_place": Turn(ON),
        "nowhere": Turn(ON),
    },
}

# The questions of a report in their order: which state asks each, what is said, and by which
# command one gets there.
QUESTIONS = {
    "telling": ("ask_what", "what"),
    "sorting": ("ask_category", "which"),
    "placing": ("ask_place", "where"),
    "confirming": ("ask_right", "right"),
}
# In the midst of a report another thing may be done, after which that goes on.
ASIDE = ("adding", "contesting")
# After so many turns of theirs nothing is asked about the place any more.
ENOUGH_TURNS = 5
