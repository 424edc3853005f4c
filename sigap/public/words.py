"""What citizens read of a complaint: its state, its groups and its deadlines in plain words."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

from sigap.core import clock


def state_words(state: str) -> str:
    """The state as a citizen calls it."""
    return {
        "filed": pgettext("citizen", "Received"),
        "disposed": pgettext("citizen", "With the agency"),
        "in_progress": pgettext("citizen", "Being worked on"),
        "answered": pgettext("citizen", "Answer is being checked"),
        "done": pgettext("citizen", "Done"),
        "contested": pgettext("citizen", "Opened again"),
        "held": pgettext("citizen", "Waiting for the reporter"),
        "closed": pgettext("citizen", "Closed"),
        "archived": pgettext("citizen", "Not followed up"),
        "attached": pgettext("citizen", "Joined with another report"),
        "promoted": pgettext("citizen", "With the emergency service 112"),
    }[state]


def last_day(due: datetime) -> str:
    """The last day of a deadline, which ends at midnight: "Friday, 4 December"."""
    return day_words(due - timedelta(seconds=1))


def day_words(at: datetime) -> str:
    """A day as people say it; with the year where it is another one."""
    there, now = timezone.localtime(at), timezone.localtime(clock.now())
    return date_format(there, "l, j F" if there.year == now.year else "l, j F Y")


def short_day(at: datetime) -> str:
    """The same without the day of the week."""
    there, now = timezone.localtime(at), timezone.localtime(clock.now())
    return date_format(there, "j F" if there.year == now.year else "j F Y")
