"""Published figures and their names, as people of the reader's language write them."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.evaluation.definitions import label
from sigap.evaluation.written import whole

from .editions import Sum
from .figures import Counts

MINUTES = SECONDS = 60


def count(n: int | None) -> str:
    """A published count; the word for one that is hidden."""
    return _("hidden") if n is None else whole(n)


def duration(seconds: float | None) -> str:
    """Seconds as people say them; a dash for none."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), SECONDS)
    if minutes < MINUTES:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": rest}
    hours, minutes = divmod(minutes, MINUTES)
    return _("%(h)s h %(m)d min") % {"h": whole(hours), "m": minutes}


def month_name(first: date) -> str:
    """E.g. "November 2026"."""
    return date_format(first, "F Y")


def line_name(line: str) -> str:
    """What people call a line of the calls."""
    return _("Others (tests, other places, no field action)") if line == "other" else label(line)


def name_of(one: dict[str, Any]) -> str:
    """The name that something had when it was published."""
    if not one["code"]:
        return _("not known, or secret")
    return str(one.get("name_en") if get_language() == "en" else "") or one["name"] or one["code"]


def rule_name(publish: str) -> str:
    """What the public list says of reports of a kind."""
    return {
        "never": _("nothing: only counted"),
        "summary": _("kind, kelurahan, day, agency and state"),
        "full": _("the same, and words that a person has released"),
    }[publish]


def label_of(key: str) -> str:
    """What people call a definition."""
    try:
        return label(key)
    except KeyError:
        return {
            "period": _("Period"),
            "share": _("Share"),
            "other": _("Counted apart"),
            "abandon_rate": _("Abandon rate"),
            "unit_of_analysis": _("Unit of analysis"),
            "agency": _("Agency"),
            "percentiles": _("Median and P90"),
            "missing": _("Missing"),
            "derived": _("Derived"),
            "excluded": _("Left out"),
            "zero": _("Zero"),
            "targets": _("Targets"),
        }.get(key, key)


def span_of(counts: Counts) -> str:
    """The days of a month that has counts so far."""
    if counts.last != counts.first:
        return date_format(counts.first, "j") + "–" + date_format(counts.last, "j F Y")
    return date_format(counts.last, "j F Y")


def grown(n: int | None) -> str:
    """A count that still grows, rounded downwards."""
    if n is None:
        return _("few")
    return "0" if n == 0 else _("%(n)s or more") % {"n": whole(n)}


def added(one: Sum) -> str:
    """What the months of a year add up to."""
    if not one.is_known:
        return count(None)
    return _("%(n)s or more") % {"n": whole(one.n)} if one.hidden else whole(one.n)
