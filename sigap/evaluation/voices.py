"""Chapters of the report about what citizens said: complaints, surveys, outreach."""

from django.utils.translation import gettext as _

from sigap.complaints.names import audience_names
from sigap.complaints.outreach.models import Outreach

from .complaints import TIME_FATES, Figures
from .definitions import label
from .evaluate import Evaluation
from .ikm import ikm_year
from .ink import Ink, columns, text
from .outreach import SIDES, Change, Effect, effects
from .paper import Block, Figure, Line, Section, Table
from .period import Period
from .records import Links
from .survey import Survey
from .written import day

MOST_CATEGORIES = 10
FATES = ("within", "late", "open", "stopped", "waiting")


def complaint_section(found: Evaluation, ink: Ink, links: Links) -> Section:
    """Complaints with their deadlines, and what they were about."""
    own = found.complaints
    lines = [
        Line(key="all", name=_("All"), cells=[ink.n(own.all, links.complaints("all"))]),
        *(
            Line(
                key=f"other.{key}",
                name=label(key),
                cells=[ink.n(n, links.complaints(f"other.{key}"))],
                kind="part",
            )
            for key, n in own.other.items()
        ),
        Line(key="counted", name=_("Counted"), cells=[ink.n(own.complaints, links.complaints())]),
        Line(
            key="answered",
            name=_("Answered"),
            cells=[ink.n(own.answered, links.complaints("answered"))],
        ),
        Line(
            key="reopened",
            name=label("reopened"),
            cells=[ink.n(own.reopened, links.complaints("reopened"))],
        ),
    ]
    counts = Table(
        key="complaints",
        title=label("complaints"),
        corner=label("complaints"),
        columns=columns(n=_("Number")),
        lines=lines,
    )
    blocks: list[Block] = [counts, deadline_table(own, ink, links), _times(own, ink, links)]
    if own.by_category:
        blocks.append(_categories(found, ink, links))
    return Section(key="complaints", title=label("complaints"), blocks=blocks)


def deadline_table(own: Figures, ink: Ink, links: Links) -> Table:
    """What became of each deadline."""
    lines = []
    for key, kept in own.deadlines.items():
        cells = [ink.n(kept.all, links.complaints(key))]
        cells += [ink.n(getattr(kept, f), links.complaints(f"{key}_{f}")) for f in FATES]
        within = links.complaints(f"{key}_within")
        cells.append(ink.of(kept.within_percent, "percent", kept.within + kept.late, within))
        lines.append(Line(key=key, name=label(key), cells=cells))
    return Table(
        key="deadlines",
        title=label("deadlines"),
        corner=_("Deadline"),
        columns=columns(
            all=_("All"),
            within=_("In time"),
            late=_("Late"),
            open=_("Late and open"),
            stopped=_("Clock stopped"),
            waiting=_("Not due"),
            share=_("Share in time"),
        ),
        lines=lines,
    )


def _times(own: Figures, ink: Ink, links: Links) -> Table:
    lines = []
    for key, time in own.times.items():
        cells = [ink.n(getattr(time, f), links.complaints(f"{key}.{f}")) for f in TIME_FATES]
        seconds = (time.mean_s, time.p50_s, time.p90_s)
        cells += [ink.of(s, "days", time.n, links.complaints(f"{key}.n")) for s in seconds]
        lines.append(Line(key=key, name=label(key), cells=cells))
    return Table(
        key="complaint_times",
        title=_("How long complaints took, in days"),
        corner=_("Time"),
        columns=columns(
            n="n",
            missing=_("Missing"),
            excluded=_("Negative"),
            mean=_("Mean"),
            p50="P50",
            p90="P90",
        ),
        lines=lines,
    )


def _categories(found: Evaluation, ink: Ink, links: Links) -> Table:
    lines = []
    for group in found.complaints.by_category[:MOST_CATEGORIES]:
        solved, of = (
            group.deadlines["solved"],
            {"section": "by_category", "code": group.code or "-"},
        )
        cells = [
            ink.n(group.complaints, links.complaints(**of)),
            ink.n(solved.open, links.complaints("solved_open", **of)),
            ink.of(
                solved.within_percent,
                "percent",
                solved.within + solved.late,
                links.complaints("solved_within", **of),
            ),
        ]
        lines.append(Line(key=group.code or "-", name=group.name, cells=cells))
    return Table(
        key="categories",
        title=_("Most frequent categories"),
        corner=_("Category"),
        columns=columns(n=_("Complaints"), open=_("Overdue"), share=_("Share in time")),
        lines=lines,
    )


def survey_line(key: str, survey: Survey, ink: Ink, asked: str, marked: str) -> Line:
    """The mean with how many were asked and how many answered."""
    cells = [
        ink.n(survey.asked, asked),
        ink.n(survey.n, marked),
        ink.of(survey.response_percent, "percent", survey.n, marked),
        ink.of(survey.mean, "mark", survey.n, marked),
    ]
    return Line(key=key, name=label(key), cells=cells)


def survey_table(lines: list[Line]) -> Table:
    """Surveys of one question."""
    return Table(
        key="surveys",
        title=_("Surveys, from 1 to 5"),
        corner=label("survey"),
        columns=columns(
            asked=_("Asked"), n=_("Answered (n)"), rate=_("Response rate"), mean=_("Mean")
        ),
        lines=lines,
        note=_("Who did not answer may think otherwise."),
    )


def survey_section(found: Evaluation, period: Period, ink: Ink, links: Links) -> Section:
    """The surveys with n and response rate, and the IKM of the years that the period touches."""
    of_complaints = survey_line(
        "survey",
        found.complaints.survey,
        ink,
        links.complaints("asked"),
        links.complaints("marked"),
    )
    whole = Links(period)
    of_callers = survey_line(
        "case_survey",
        found.case_survey,
        ink,
        whole.incidents("survey"),
        whole.incidents("marked"),
    )
    years = []
    for year in range(period.first.year, period.last.year + 1):
        made = ikm_year(year)
        n = made.total.n if made.total else 0
        few = bool(made.total and made.total.few)
        index = float(made.total.value) if made.total else None
        given = whole.answers(year) if made.total else ""
        cells = [
            Figure(value=n, few=few, records=given),
            Figure(value=index, unit="mark", few=few, records=given),
            text(made.total.band if made.total else _("not enough data")),
        ]
        years.append(Line(key=str(year), name=str(year), cells=cells))
    ikm = Table(
        key="ikm",
        title=_("Yearly survey (IKM)"),
        corner=_("Year"),
        columns=columns(n="n", value=_("Value"), band=_("Band")),
        lines=years,
        note=_(
            "PermenPANRB 14/2017: nine elements from 1 to 4; another thing than the marks above."
        ),
    )
    blocks: list[Block] = [survey_table([of_complaints, of_callers]), ikm]
    return Section(key="surveys", title=_("Surveys"), blocks=blocks)


def outreach_section(period: Period, ink: Ink) -> Section:
    """Events of outreach, and what changed around each; of a cause nothing is said."""
    events = Outreach.objects.filter(day__gte=period.first, day__lte=period.last)
    found = effects(events.select_related("area").order_by("day", "pk"))
    audiences = audience_names()
    lines = []
    for effect in found:
        event = effect.event
        use = effect.use or effect.city_use
        cells = [
            text(event.area.name if event.area else _("the whole city")),
            text(audiences[event.audience]),
            ink.n(event.people),
            *_change(use, effect, "use", event.area.code if event.area else ""),
            *_change(effect.city_pranks, effect, "pranks"),
        ]
        lines.append(Line(key=str(event.pk), name=day(event.day.isoformat()), cells=cells))
    return Section(
        key="outreach",
        title=_("Outreach"),
        blocks=[
            Table(
                key="outreach",
                title=_("Events of outreach"),
                corner=_("Day"),
                columns=columns(
                    area=_("Kelurahan"),
                    audience=_("Audience"),
                    people=_("People"),
                    before=_("Use before"),
                    after=_("Use after"),
                    pranks_before=_("Pranks before"),
                    pranks_after=_("Pranks after"),
                ),
                lines=lines,
                note=_("Counted in as many days before and after; that says nothing of a cause."),
                # The days after an event that is young are not over.
                standing=True,
            )
        ],
    )


def _change(change: Change, effect: Effect, line: str, area: str = "") -> list[Figure]:
    return [
        Figure(
            value=n,
            few=change.few,
            records=Links(effect.sides[side]).uses(line, area) if effect.sides else "",
        )
        for side, n in zip(SIDES, (change.before, change.after), strict=True)
    ]
