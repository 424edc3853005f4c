"""What the weekly digest says: targets that were missed and work that is left open. Counts only,
and nothing of a person."""

from collections import Counter
from datetime import date, timedelta

from django.utils.translation import gettext as _

from sigap.core.parameters import value

from .agencies import work_section
from .breaches import breaches
from .chapters import paper_of
from .definitions import label
from .evaluate import evaluate
from .ink import Ink, columns
from .paper import Line as Row
from .paper import Paper, Section, Table
from .period import Period, period_of
from .records import Links
from .rows import load_cases
from .voices import deadline_table


def week_before(day: date) -> Period:
    """The seven days before a day."""
    return period_of(day - timedelta(days=7), day - timedelta(days=1))


def digest_of(period: Period) -> Paper:
    """The digest of a week."""
    ink, links = Ink(int(value("report.few"))), Links(period)
    found = evaluate(period)
    late = Counter(breach.clock for breach in breaches(period))
    lines = [
        Row(key=clock, name=label(clock), cells=[ink.n(late[clock])])
        for clock in ("answer", "processing")
    ]
    missed = Table(
        key="breaches",
        title=_("Targets that were missed"),
        corner=_("Clock"),
        columns=columns(times=_("Times")),
        lines=lines,
    )
    work = work_section(found, load_cases(period), ink, period)
    late_complaints = deadline_table(found.complaints, ink, links)
    sections = [
        Section(key="breaches", title=_("Targets that were missed"), blocks=[missed]),
        Section(key="complaints", title=_("Complaints"), blocks=[late_complaints]),
        # Without the times: the week is short.
        Section(key="work", title=_("Work left open"), blocks=work.blocks[1:]),
    ]
    return paper_of("digest", _("Weekly digest"), found, sections, ink)
