"""The complaints' part of the evaluation, as lines of text and as rows of the CSV."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from sigap.complaints.machine import COMPLAINT

from .complaints import SECTIONS, ComplaintGroup, ComplaintTable, Figures
from .definitions import label
from .survey import Survey
from .written import in_days, mean, percent, whole

DEADLINE_MEASURES = ("all", "within", "late", "open", "stopped", "waiting", "within_percent")
TIME_MEASURES = ("cases", "n", "missing", "excluded", "mean_s", "p50_s", "p90_s")


def complaint_rows(found: ComplaintTable) -> Iterator[tuple[Any, ...]]:
    """Rows of the CSV: section, code, clock, measure, value, name."""
    yield "complaints", "all", "", "complaints", found.all, ""
    for key, n in found.other.items():
        yield "complaints", f"other.{key}", "", "complaints", n, label(key)
    for state, many in found.states.items():
        name = str(COMPLAINT.names[state])
        yield "complaints", f"state.{state}", "", "at_the_end", many["end"], name
        yield "complaints", f"state.{state}", "", "now", many["now"], name
    yield from _rows("complaints", "", "", found)
    for section in SECTIONS:
        groups: list[ComplaintGroup] = getattr(found, section)
        for group in groups:
            yield from _rows(f"complaints_{section}", group.code, group.name, group)


def _rows(section: str, code: str, name: str, found: Figures) -> Iterator[tuple[Any, ...]]:
    yield section, code, "", "complaints", found.complaints, name
    for deadline, kept in found.deadlines.items():
        for measure in DEADLINE_MEASURES:
            yield section, code, deadline, measure, getattr(kept, measure), name
    for time, result in found.times.items():
        for measure in TIME_MEASURES:
            yield section, code, time, measure, getattr(result, measure), name
    yield section, code, "reopened", "n", found.reopened, name
    yield section, code, "reopened", "answered", found.answered, name
    yield section, code, "reopened", "percent", found.reopened_percent, name
    yield from survey_rows(section, code, name, found.survey)


def survey_rows(section: str, code: str, name: str, survey: Survey) -> Iterator[tuple[Any, ...]]:
    """What people answered to the one question, as rows of the CSV."""
    for measure in ("asked", "n", "response_percent", "mean", "low"):
        yield section, code, "survey", measure, getattr(survey, measure), name
    for score, n in survey.scores.items():
        yield section, code, "survey", f"score_{score}", n, name


def complaint_lines(found: ComplaintTable) -> Iterator[str]:
    """To read on a terminal."""
    yield _("Complaints of the period: %(all)s; counted: %(n)s") % {
        "all": whole(found.all),
        "n": whole(found.complaints),
    }
    yield _("Counted apart")
    for key, n in found.other.items():
        yield f"  {label(key):<34}{whole(n):>12}"
    heads = (_("all"), _("within"), _("late"), _("open"), _("stopped"), _("not due"), _("share"))
    yield f"{_('Deadlines'):<18}" + "".join(f"{head:>11}" for head in heads)
    for name, kept in found.deadlines.items():
        counts = (kept.all, kept.within, kept.late, kept.open, kept.stopped, kept.waiting)
        cells = [*(whole(n) for n in counts), percent(kept.within_percent)]
        yield f"{label(name):<18}" + "".join(f"{cell:>11}" for cell in cells)
    columns = ("n", _("missing"), _("negative"), _("mean"), "P50", "P90")
    yield f"{_('Time, in days'):<18}" + "".join(f"{head:>11}" for head in columns)
    for name, time in found.times.items():
        cells = [*(whole(n) for n in (time.n, time.missing, time.excluded))]
        cells += [in_days(s) for s in (time.mean_s, time.p50_s, time.p90_s)]
        yield f"{label(name):<18}" + "".join(f"{cell:>11}" for cell in cells)
    yield f"{_('State'):<34}{_('at the end'):>14}{_('now'):>12}"
    for state, many in found.states.items():
        name = str(COMPLAINT.names[state])
        yield f"  {name:<32}{whole(many['end']):>14}{whole(many['now']):>12}"
    yield reopened_line(found)
    yield survey_line(found.survey, label("survey"))
    for section in SECTIONS:
        groups: list[ComplaintGroup] = getattr(found, section)
        if groups:
            yield ""
            yield from _table(section, groups)


def reopened_line(found: Figures) -> str:
    """How many were contested, of how many."""
    return _("Reopened: %(n)s of %(answered)s answered (%(share)s)") % {
        "n": whole(found.reopened),
        "answered": whole(found.answered),
        "share": percent(found.reopened_percent),
    }


def survey_line(survey: Survey, name: str) -> str:
    """The mean with what it is of, and how the scores are spread."""
    spread = ", ".join(f"{score}: {whole(n)}" for score, n in survey.scores.items())
    return _(
        "%(name)s: mean %(mean)s, n %(n)s, response rate %(rate)s of %(asked)s; %(spread)s"
    ) % {
        "name": name,
        "mean": mean(survey.mean),
        "n": whole(survey.n),
        "rate": percent(survey.response_percent),
        "asked": whole(survey.asked),
        "spread": spread,
    }


def _table(section: str, groups: list[ComplaintGroup]) -> Iterator[str]:
    deadlines = list(groups[0].deadlines)
    yield (
        f"{_('Complaints') + ', ' + label(section).lower():<36}{'n':>9}"
        + "".join(f"{label(name) + ' (n, %)':>20}" for name in deadlines)
        + "".join(f"{label(name) + ' (n, P90)':>24}" for name in groups[0].times)
        + f"{_('overdue'):>10}{_('reopened'):>10}{_('survey (mean, n, response)'):>30}"
    )
    for group in groups:
        survey = group.survey
        yield (
            f"  {group.name[:33]:<34}{whole(group.complaints):>9}"
            + "".join(
                f"{whole(kept.within + kept.late):>10}{percent(kept.within_percent):>10}"
                for kept in group.deadlines.values()
            )
            + "".join(
                f"{whole(time.n):>14}{in_days(time.p90_s):>10}" for time in group.times.values()
            )
            + f"{whole(group.deadlines['solved'].open):>10}{whole(group.reopened):>10}"
            + f"{mean(survey.mean):>12}{whole(survey.n):>8}{percent(survey.response_percent):>10}"
        )
