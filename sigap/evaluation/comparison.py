"""Two periods side by side: how many more or fewer, and by which share."""

from django.utils.translation import gettext as _

from .complaints import DEADLINES
from .definitions import label
from .evaluate import Evaluation
from .ink import Ink, columns
from .paper import Figure, Line, Section, Table


def comparison(found: Evaluation, before: Evaluation, ink: Ink, *, calls: bool = True) -> Section:
    """The figures of a period beside those of another one, with or without the `calls`, which are
    of the whole city. Of periods that are not of one length the counts differ for that alone: the
    days stand there too."""
    return Section(
        key="comparison",
        title=_("Compared with the other period"),
        blocks=[
            _counts(found, before, ink, calls),
            _shares(found, before, ink, calls),
            _clocks(found, before, ink),
        ],
    )


def _counts(found: Evaluation, before: Evaluation, ink: Ink, calls: bool) -> Table:
    pairs = [("days", _("Days"), found.days, before.days)]
    pairs += [
        (f"calls.{now.key}", label(now.key), now.calls, then.calls)
        for now, then in zip(found.calls.classes, before.calls.classes, strict=True)
    ]
    pairs += [
        ("calls.all", _("All calls of the period"), found.calls.all, before.calls.all),
        ("incidents", _("Incidents"), found.incidents.total, before.incidents.total),
        (
            "complaints",
            _("Complaints"),
            found.complaints.complaints,
            before.complaints.complaints,
        ),
    ]
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
        lines=[
            Line(key=key, name=name, cells=[*_difference(now, then, ink)])
            for key, name, now, then in pairs
            if calls or not key.startswith("calls.")
        ],
    )


def _difference(now: int, then: int, ink: Ink) -> list[Figure]:
    percent = round(100 * (now - then) / then, 2) if then else None
    return [
        ink.n(now),
        ink.n(then),
        Figure(value=now - then),
        ink.of(percent, "points", min(now, then)),
    ]


def _shares(found: Evaluation, before: Evaluation, ink: Ink, calls: bool) -> Table:
    rows = [
        (
            f"calls.{now.key}",
            label(now.key),
            (now.share_percent, now.calls),
            (then.share_percent, then.calls),
        )
        for now, then in zip(found.calls.classes, before.calls.classes, strict=True)
    ]
    rows.append(
        (
            "abandon_rate",
            _("Abandon rate"),
            (found.calls.abandon_rate_percent, found.calls.all),
            (before.calls.abandon_rate_percent, before.calls.all),
        )
    )
    for key, kept in found.complaints.deadlines.items():
        other = before.complaints.deadlines[key]
        name = _("Complaints in time: %(deadline)s") % {"deadline": label(key)}
        sides = [(k.within_percent, k.within + k.late) for k in (kept, other)]
        rows.append((f"complaints.{key}", name, sides[0], sides[1]))
    lines = []
    for key, name, (now, n), (then, m) in rows if calls else rows[-len(DEADLINES) :]:
        apart = None if now is None or then is None else round(now - then, 2)
        cells = [
            ink.of(now, "percent", n),
            ink.of(then, "percent", m),
            ink.of(apart, "points", min(n, m)),
        ]
        lines.append(Line(key=key, name=name, cells=cells))
    return Table(
        key="compared_shares",
        title=_("Shares"),
        corner=_("Figure"),
        columns=columns(
            now=_("This period"), before=_("The other period"), points=_("Difference, points")
        ),
        lines=lines,
    )


def _clocks(found: Evaluation, before: Evaluation, ink: Ink) -> Table:
    lines = []
    for key, now in found.clocks.items():
        then = before.clocks[key]
        apart = None if now.p90_s is None or then.p90_s is None else now.p90_s - then.p90_s
        cells = [ink.n(now.n), ink.n(then.n)]
        cells += [
            ink.of(seconds, "seconds", n)
            for seconds, n in (
                (now.p50_s, now.n),
                (then.p50_s, then.n),
                (now.p90_s, now.n),
                (then.p90_s, then.n),
                (apart, min(now.n, then.n)),
            )
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
