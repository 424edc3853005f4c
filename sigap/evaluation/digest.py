"""What the weekly digest says: targets that were missed and work that is left open. Counts only,
and nothing of a person."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from sigap.core.names import named
from sigap.core.parameters import value
from sigap.fleet.models import Agency
from sigap.proposals.models import Proposal

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
from .standing import unfinished
from .voices import deadline_table


def week_before(day: date) -> Period:
    """The seven days before a day."""
    return period_of(day - timedelta(days=7), day - timedelta(days=1))


@dataclass(frozen=True)
class Totals:
    """A week in three numbers: targets that were missed, complaints late and open, incidents
    unfinished."""

    missed: int
    overdue: int
    unfinished: int


def totals_of(period: Period) -> Totals:
    """The digest for those who read no more than a line."""
    overdue = evaluate(period).complaints.deadlines["solved"].open
    return Totals(len(breaches(period)), overdue, unfinished(load_cases(period))[""])


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
        Section(key="proposals", title=_("Proposals"), blocks=[_proposals(ink)]),
    ]
    return paper_of("digest", _("Weekly digest"), found, sections, ink)


def _proposals(ink: Ink) -> Table:
    """What the machine has proposed and an agency has not answered: they may not look every day."""
    waiting = Proposal.objects.filter(state="proposed").values("agency_id").annotate(n=Count("pk"))
    counts = dict(waiting.values_list("agency_id", "n"))
    names = {agency.pk: named(agency) for agency in Agency.objects.order_by("rank")}
    lines = [
        Row(key=str(pk or "none"), name=name, cells=[ink.n(counts[pk])])
        for pk, name in [*names.items(), (None, _("none yet"))]
        if pk in counts
    ]
    return Table(
        key="proposals",
        title=_("Proposals that wait for an answer, when this was made"),
        corner=_("Agency"),
        columns=columns(waiting=_("Waiting")),
        lines=lines,
        standing=True,
    )
