"""Deadlines in working days, as the desk and the agencies read them."""

from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sigap.complaints.queries import calendar
from sigap.core import clock


class Deadline(NamedTuple):
    """The last day on which it may be done, and how far off that is."""

    day: date
    late: bool
    left: str


def deadline(due: datetime | None) -> Deadline | None:
    """A deadline in words; None where nothing is due."""
    if due is None:
        return None
    days, now = calendar(), clock.now()
    return Deadline(days.last_day(due), due <= now, _left(days.left(due, now), due <= now))


def _left(n: int, is_late: bool) -> str:
    if is_late:
        return ngettext("%(n)d working day late", "%(n)d working days late", -n) % {"n": -n}
    if n == 0:
        return _("today at the latest")
    return ngettext("%(n)d working day left", "%(n)d working days left", n) % {"n": n}
