"""One page about one agency: its times, what it has left open, what is late, its readiness and what
citizens say, each beside the days before."""

from datetime import timedelta

from django.utils.translation import gettext as _

from sigap.core.parameters import value

from .agencies import work_section
from .chapters import clock_table, paper_of, target_table
from .comparison import Side, comparison, side_of
from .evaluate import evaluate
from .ink import Ink
from .paper import Paper, Section
from .period import Period
from .records import Links
from .rows import load_cases
from .voices import deadline_table, survey_line, survey_table


def scorecard(period: Period, agency: str) -> Paper:
    """The agency's page for a period, beside as many days before it."""
    ink, links = Ink(int(value("report.few"))), Links(period, agency)
    compared = days_before(period)
    found = evaluate(period, agency)
    work = work_section(found, load_cases(period), ink, period)
    marks = survey_line(
        "survey",
        found.complaints.survey,
        ink,
        links.complaints("asked"),
        links.complaints("marked"),
    )
    times = [clock_table(found.clocks, ink, links), target_table(found.clocks, ink, links)]
    voices = [deadline_table(found.complaints, ink, links), survey_table([marks])]
    sections = [
        Section(key="work", title=_("Work left open and readiness"), blocks=work.blocks),
        Section(key="clocks", title=_("Clocks"), blocks=[*times]),
        Section(key="complaints", title=_("Complaints"), blocks=[*voices]),
        comparison(Side(found, links), side_of(compared, agency), ink, calls=False),
    ]
    return paper_of("scorecard", _("How an agency does"), found, sections, ink, compared)


def days_before(period: Period) -> Period:
    """As many days, right before these."""
    last = period.first - timedelta(days=1)
    return Period(last - timedelta(days=period.days - 1), last, period.zone)
