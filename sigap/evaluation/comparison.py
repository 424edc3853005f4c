"""Two periods side by side: how many more or fewer, and by which share."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .complaints import DEADLINES
from .definitions import label
from .evaluate import Evaluation, evaluate
from .ink import Ink, columns
from .paper import Figure, Line, Section, Table
from .period import Period
from .records import Links


@dataclass(frozen=True)
class Side:
    """One of two periods: its figures, and where its records are."""

    found: Evaluation
    links: Links


def side_of(period: Period, agency: str = "") -> Side:
    """A period, evaluated."""
    return Side(evaluate(period, agency), Links(period, agency))


def comparison(now: Side, before: Side, ink: Ink, *, calls: bool = True) -> Section:
    """The figures of a period beside those of another one, with or without the `calls`, which are
    of the whole city. Of periods that are not of one length the counts differ for that alone: the
    days stand there too."""
    return Section(
        key="comparison",
        title=_("Compared with the other period"),
        blocks=[
            _counts((now, before), ink, calls),
            _shares((now, before), ink, calls),
            _clocks((now, before), ink),
        ],
    )


Sides = tuple[Side, Side]
# A number of each side, with where its records are.
Told = list[tuple[int, str]]


def _counts(sides: Sides, ink: Ink, calls: bool) -> Table:
    rows: list[tuple[str, str, Told]] = [
        ("days", _("Days"), [(side.found.days, "") for side in sides])
    ]
    if calls:
        classes = zip(*(side.found.calls.classes for side in sides), strict=True)
        for pair in classes:
            key = pair[0].key
            told = [(one.calls, s.links.calls(key)) for one, s in zip(pair, sides, strict=True)]
            rows.append((f"calls.{key}", label(key), told))
        every = [(side.found.calls.all, side.links.calls("all")) for side in sides]
        rows.append(("calls.all", _("All calls of the period"), every))
    cases = [(side.found.incidents.total, side.links.incidents()) for side in sides]
    voices = [(side.found.complaints.complaints, side.links.complaints()) for side in sides]
    rows += [("incidents", _("Incidents"), cases), ("complaints", _("Complaints"), voices)]
    return Table(
        key="compared_counts",
        title=_("Counts"),
        corner=_("Figure"),
        columns=columns(
            now=_("This period"),
            before=_("The other period"),
            difference=_("Difference"),
            percent=_("Difference, %"),
        ),
        lines=[Line(key=key, name=name, cells=_difference(told, ink)) for key, name, told in rows],
    )


def _difference(told: Told, ink: Ink) -> list[Figure]:
    (now, _now), (then, _then) = told
    percent = round(100 * (now - then) / then, 2) if then else None
    return [
        *(ink.n(n, records) for n, records in told),
        Figure(value=now - then),
        ink.of(percent, "points", min(now, then)),
    ]


def _shares(sides: Sides, ink: Ink, calls: bool) -> Table:
    rows = []
    if calls:
        for pair in zip(*(side.found.calls.classes for side in sides), strict=True):
            key = pair[0].key
            cells = [
                ink.of(one.share_percent, "percent", one.calls, side.links.calls(key))
                for one, side in zip(pair, sides, strict=True)
            ]
            rows.append((f"calls.{key}", label(key), cells))
        of_all = [(side.found.calls, side.links.calls("unanswered")) for side in sides]
        lost = [ink.of(one.abandon_rate_percent, "percent", one.all, of) for one, of in of_all]
        rows.append(("abandon_rate", _("Abandon rate"), lost))
    for key in DEADLINES:
        cells = []
        for side in sides:
            kept, within = side.found.complaints.deadlines[key], f"{key}_within"
            n, records = kept.within + kept.late, side.links.complaints(within)
            cells.append(ink.of(kept.within_percent, "percent", n, records))
        name = _("Complaints in time: %(deadline)s") % {"deadline": label(key)}
        rows.append((f"complaints.{key}", name, cells))
    return Table(
        key="compared_shares",
        title=_("Shares"),
        corner=_("Figure"),
        columns=columns(
            now=_("This period"), before=_("The other period"), points=_("Difference, points")
        ),
        lines=[
            Line(key=key, name=name, cells=[*cells, _apart(cells, "points")])
            for key, name, cells in rows
        ],
    )


def _apart(cells: list[Figure], unit: str) -> Figure:
    """By how much the first is more than the second; of few where one of them is."""
    now, then = cells
    known = isinstance(now.value, int | float) and isinstance(then.value, int | float)
    apart = round(now.value - then.value, 2) if known else None  # type: ignore[operator]
    return Figure(value=apart, unit=unit, few=apart is not None and (now.few or then.few))


def _clocks(sides: Sides, ink: Ink) -> Table:
    lines = []
    for key in sides[0].found.clocks:
        results = [side.found.clocks[key] for side in sides]
        timed = [side.links.incidents(clock=key, fate="n") for side in sides]
        both = list(zip(results, timed, strict=True))
        p90 = [ink.of(r.p90_s, "seconds", r.n, records) for r, records in both]
        cells = [
            *(ink.n(r.n, records) for r, records in both),
            *(ink.of(r.p50_s, "seconds", r.n, records) for r, records in both),
            *p90,
            _apart(p90, "seconds"),
        ]
        lines.append(Line(key=key, name=label(key), cells=cells))
    return Table(
        key="compared_clocks",
        title=_("Clocks, in seconds"),
        corner=_("Clock"),
        columns=columns(
            n_now=_("n, this period"),
            n_before=_("n, the other"),
            p50_now=_("P50, this period"),
            p50_before=_("P50, the other"),
            p90_now=_("P90, this period"),
            p90_before=_("P90, the other"),
            p90_difference=_("P90, difference"),
        ),
        lines=lines,
    )
