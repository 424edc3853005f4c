"""All that may be done with surveys and with what follows from them."""

from .asking import answer_survey, ask_survey, miss_survey, refuse_survey
from .following import close_follow_up, follow_low_mark
from .ikm import enter_answers, import_answers, remove_answers

__all__ = [
    "answer_survey",
    "ask_survey",
    "close_follow_up",
    "enter_answers",
    "follow_low_mark",
    "import_answers",
    "miss_survey",
    "refuse_survey",
    "remove_answers",
]
