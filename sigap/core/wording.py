"""What was wrong with some input, in the language of whoever sent it: pydantic speaks English
only, and to programmers."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

NO_TIME = lazy("is no date and time")
NO_NUMBER = lazy("is no number")
NO_TEXT = lazy("is no text")
NO_LIST = lazy("has the wrong form")
# By pydantic's type of the error; what stands in braces is of its context.
WORDS: dict[str, str | Promise] = {
    "missing": lazy("is missing"),
    "extra_forbidden": lazy("is not known here"),
    "json_invalid": lazy("is no valid JSON"),
    "string_type": NO_TEXT,
    "string_unicode": NO_TEXT,
    "string_too_long": lazy("has more than {max_length} characters"),
    "string_too_short": lazy("has fewer than {min_length} characters"),
    "string_pattern_mismatch": lazy("has characters that are not allowed"),
    "int_type": NO_NUMBER,
    "int_parsing": NO_NUMBER,
    "int_parsing_size": NO_NUMBER,
    "int_from_float": lazy("is no whole number"),
    "float_type": NO_NUMBER,
    "float_parsing": NO_NUMBER,
    "finite_number": NO_NUMBER,
    "greater_than": lazy("must be more than {gt}"),
    "greater_than_equal": lazy("must be {ge} or more"),
    "less_than": lazy("must be less than {lt}"),
    "less_than_equal": lazy("must be {le} or less"),
    "bool_type": lazy("must be yes or no"),
    "bool_parsing": lazy("must be yes or no"),
    "literal_error": lazy("must be one of {expected}"),
    "enum": lazy("must be one of {expected}"),
    "datetime_type": NO_TIME,
    "datetime_parsing": NO_TIME,
    "datetime_object_invalid": NO_TIME,
    "datetime_from_date_parsing": NO_TIME,
    "timezone_aware": lazy("lacks the offset from UTC"),
    "date_type": lazy("is no date"),
    "date_parsing": lazy("is no date"),
    "date_from_datetime_parsing": lazy("is no date"),
    "date_from_datetime_inexact": lazy("is no date"),
    "clock": lazy("lies in the future or before the year 2000"),
    "list_type": NO_LIST,
    "dict_type": NO_LIST,
    "model_type": NO_LIST,
    "too_long": lazy("has more than {max_length} entries"),
    "too_short": lazy("has fewer than {min_length} entries"),
}


def fault_of(error: Any) -> str:
    """One error that pydantic found, in words. A check of our own has said it so already."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context["error"])
    words = WORDS.get(error["type"])
    if "expected" in context:
        context = context | {"expected": context["expected"].replace(" or ", _(" or "))}
    return _("cannot be used") if words is None else str(words).format_map(context)
