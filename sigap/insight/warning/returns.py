"""What comes back: places and assets, hours of school days with prank calls, callers who play
pranks; what it has cost so far, and whether it came back less after it was mended. Reads only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Max, Min
from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]
from scipy.sparse import coo_matrix  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]
from scipy.spatial.distance import pdist  # type: ignore[import-untyped]

from sigap.calls.models import INCOMING, Call
from sigap.complaints.queries import calendar
from sigap.core.parameters import value
from sigap.core.queries import batched, city_zone
from sigap.dispatch.models import AssignmentTime
from sigap.places.geo import METRES_PER_DEGREE
from sigap.proposals.found import Finding
from sigap.proposals.models import Proposal

from .events import CATEGORY, DAY, PRANK, Case, agencies, cases_of, record_began
from .rate import Ratio, rate_ratio

AGAIN = 7  # days without a report after which another one of the same thing is a return
CALLER_DAYS = 30
MOST_CALLERS = 10
SCHOOL_HOURS = range(6, 17)
FEWEST_PRANKS = 20  # of an hour, before it says anything
CLEARLY = 1.5  # times as many on school days, at least, as on others
METRE_DIGITS = 5  # of a degree
MOST_TOGETHER = 1000  # points in touch with each other whose distances are all compared
WIDEST = 8  # so often is the side of a square halved


@dataclass(frozen=True)
class Cost:
    """What the cases of a proposal have cost as far as times were recorded. Of how many units and
    calls that is, and of how many no time is known."""

    unit_hours: float
    units: int
    operator_minutes: float
    calls: int
    unknown: int


def find_returns(until: datetime) -> list[Finding]:
    """Everything that has come back often enough to be mended."""
    owners = agencies()
    # Words and numbers of older cases are erased: nothing of them is put together here again.
    days = min(value("returns.days"), value("personal.ticket_days"))
    found = [*_places(until - days * DAY, until, owners)]
    if owner := owners.get(PRANK, ""):
        found += [*_school_hours(until - days * DAY, until, owner), *_callers(until, owner)]
    return found


def _places(first: datetime, until: datetime, owners: dict[str, str]) -> Iterator[Finding]:
    least, metres = int(value("returns.least")), value("returns.metres")
    for stream, owner in owners.items():
        # One kind at a time: in millions of cases all of them would fill the memory.
        for place in groups(cases_of(first, until, {stream}), metres):
            times = returns_of(place)
            if times >= least:
                newest = sorted(place, key=lambda case: case.at, reverse=True)
                yield Finding(
                    kind="return",
                    stream=stream,
                    agency=owner,
                    areas=sorted({case.area for case in place if case.area}),
                    cases=[case.ref for case in newest],
                    since=newest[-1].at,
                    until=until,
                    seen=times,
                )


def groups(cases: Sequence[Case], metres: float) -> list[list[Case]]:
    """Cases of one kind at one place: with the same number on the asset, or so near to one another
    that none of them is further than twice `metres` from any other (to a metre). Those of which
    neither is known are at no place."""
    by_asset: defaultdict[str, list[Case]] = defaultdict(list)
    placed = []
    for case in cases:
        if number := "".join(case.asset.split()).upper():
            by_asset[number].append(case)
        elif case.point is not None:
            placed.append(case)
    return [*by_asset.values(), *_near(placed, metres)]


def _near(cases: Sequence[Case], metres: float) -> Iterator[list[Case]]:
    if not cases:
        return
    # To a metre, no telephone knows it better: thousands of cases at one spot are one point.
    rounded = np.array([case.point for case in cases]).round(METRE_DIGITS)
    points, spot_of = np.unique(rounded, axis=0, return_inverse=True)
    flat = _flat(points)
    pairs = cKDTree(flat).query_pairs(metres, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs), dtype=bool), pairs.T), shape=(len(flat), len(flat)))
    _n, touching = connected_components(links, directed=False)
    order = np.argsort(touching, kind="stable")
    together = np.split(order, np.nonzero(np.diff(touching[order]))[0] + 1)
    found = (place for members in together for place in _apart(flat, members, metres))
    place_of = np.zeros(len(flat), dtype=int)
    for number, place in enumerate(found):
        place_of[place] = number
    places: defaultdict[int, list[Case]] = defaultdict(list)
    for case, spot in zip(cases, spot_of, strict=True):
        places[place_of[spot]].append(case)
    yield from places.values()


def _apart(
    flat: npt.NDArray[np.float64], members: npt.NDArray[np.int_], metres: float, side: float = 0
) -> Iterator[npt.NDArray[np.int_]]:
    """Points in touch with each other as places: a row of cases along a street touches from end to
    end, and is not one place. What is too much to be compared at once is cut into squares first."""
    if len(members) == 1 or 0 < side <= metres * np.sqrt(2):
        yield members  # from corner to corner such a square is twice `metres`
    elif len(members) <= MOST_TOGETHER:
        labels = fcluster(linkage(pdist(flat[members]), "complete"), 2 * metres, "distance")
        for label in np.unique(labels):
            yield members[labels == label]
    else:
        side = side / 2 or metres * np.sqrt(2) * 2**WIDEST
        squares = np.floor(flat[members] / side).astype(int)
        which = np.unique(squares, axis=0, return_inverse=True)[1]
        for label in range(which.max() + 1):
            yield from _apart(flat, members[which == label], metres, side)


def _flat(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Latitudes and longitudes as metres from a common origin."""
    middle = points.mean(axis=0)
    scale = np.array([1.0, np.cos(np.radians(middle[0]))]) * METRES_PER_DEGREE
    flat: npt.NDArray[np.float64] = (points - middle) * scale
    return flat


def returns_of(cases: Iterable[Case]) -> int:
    """How often it came back, the first time included. Incidents count by days; reports of one
    failure come for days until it is mended, so that they count anew after a week without any."""
    zone, last, times = city_zone(), None, 0
    for case in sorted(cases, key=lambda case: case.at):
        day = case.at.astimezone(zone).date()
        gap = AGAIN if case.stream.startswith(CATEGORY) else 1
        if last is None or (day - last).days >= gap:
            times += 1
        last = day
    return times


def _school_hours(first: datetime, until: datetime, owner: str) -> Iterator[Finding]:
    """Hours in which far more prank calls come on school days than on days off."""
    zone, school_days = city_zone(), calendar()
    calls = Call.objects.filter(
        INCOMING, call_class="prank", began_at__gte=first, began_at__lt=until
    )
    times = [(at.astimezone(zone), pk) for pk, at in calls.values_list("pk", "began_at")]
    if not times:
        return
    day, end = min(at for at, _pk in times).date(), until.astimezone(zone).date()
    school = school_days.between(day - DAY, end - DAY)
    off = (end - day).days - school
    counts = Counter(
        (at.hour, school_days.is_working(at.date())) for at, _pk in times if at.date() < end
    )
    hours = []
    for hour in SCHOOL_HOURS:
        ratio = rate_ratio(counts[hour, False], off, counts[hour, True], school)
        enough = counts[hour, True] >= FEWEST_PRANKS
        if enough and ratio is not None and ratio.low >= CLEARLY:
            hours.append(hour)
    if not hours:
        return
    named = [
        (at, pk)
        for at, pk in sorted(times, reverse=True)
        if at.hour in hours and school_days.is_working(at.date())
    ]
    yield Finding(
        kind="return",
        stream=PRANK,
        key=f"school:{hours[0]:02}-{hours[-1] + 1:02}",
        agency=owner,
        areas=[],
        cases=[f"call:{pk}" for _at, pk in named],
        since=named[-1][0],
        until=until,
        seen=len(named),
        expected=sum(counts[hour, False] for hour in hours) * school / off if off else None,
    )


def _callers(until: datetime, owner: str) -> Iterator[Finding]:
    """Callers who play many pranks: known by a row's key, which stays when the number is erased."""
    since = until - CALLER_DAYS * DAY
    calls = Call.objects.filter(
        INCOMING,
        call_class="prank",
        contact__isnull=False,
        began_at__gte=since,
        began_at__lt=until,
    )
    many = (
        calls.values("contact")
        .annotate(n=Count("pk"), first=Min("began_at"), last=Max("began_at"))
        .filter(n__gte=value("returns.pranks"))
        .order_by("-n", "contact")[:MOST_CALLERS]
    )
    for row in many:
        mine = calls.filter(contact=row["contact"]).order_by("-began_at")
        yield Finding(
            kind="return",
            stream=PRANK,
            key=f"caller:{row['contact']}",
            agency=owner,
            areas=[],
            cases=[f"call:{pk}" for pk in mine.values_list("pk", flat=True)],
            since=row["first"],
            until=until,
            seen=row["n"],
        )


def cost_of(refs: Iterable[str]) -> Cost:
    """The hours of units and the minutes of operators that these cases took."""
    incidents, calls = _ids(refs, "incident"), _ids(refs, "call")
    hours, units, unknown = 0.0, 0, 0
    for batch in batched(incidents):
        times: defaultdict[int, dict[str, datetime]] = defaultdict(dict)
        rows = AssignmentTime.objects.filter(
            assignment__incident_id__in=batch, state__in=("notified", "completed")
        ).order_by("pk")
        for job, state, at in rows.values_list("assignment_id", "state", "occurred_at"):
            times[job][state] = at  # a later row corrects an earlier one
        for known in times.values():
            if len(known) == 2 and known["completed"] >= known["notified"]:  # noqa: PLR2004 - both
                hours += (known["completed"] - known["notified"]) / timedelta(hours=1)
                units += 1
            else:
                unknown += 1
    minutes, answered = 0.0, 0
    of_incidents = Call.objects.filter(incident_id__in=incidents[:500])
    for found in (of_incidents, Call.objects.filter(pk__in=calls[:500])):
        for start, end in found.values_list("answered_at", "closed_at"):
            if start is None or end is None or end < start:
                unknown += 1
            else:
                minutes += (end - start) / timedelta(minutes=1)
                answered += 1
    return Cost(round(hours, 1), units, round(minutes, 1), answered, unknown)


def effect_of(proposal: Proposal, now: datetime) -> Ratio | None:
    """How often it came before and after the day on which it was done, at the same place; None
    where nothing can be said of it."""
    if proposal.done_on is None or proposal.kind != "return":
        return None
    done = datetime.combine(proposal.done_on, time.min, city_zone())
    days = value("returns.days")
    if proposal.stream == PRANK:
        before, after = _pranks(proposal, done - days * DAY, done, now)
    else:
        cases = cases_of(done - days * DAY, now, {proposal.stream})
        mine = _at_its_place(proposal, cases)
        before, after = (
            [case.at for case in mine if case.at < done],
            [case.at for case in mine if case.at >= done],
        )
    began = record_began()
    known = min(days, (done - began) / DAY) if began else 0.0
    return rate_ratio(len(before), known, len(after), (now - done) / DAY)


def _pranks(
    proposal: Proposal, first: datetime, done: datetime, now: datetime
) -> tuple[list[datetime], list[datetime]]:
    kind, _colon, which = proposal.key.partition(":")
    calls = Call.objects.filter(INCOMING, call_class="prank", began_at__gte=first, began_at__lt=now)
    if kind == "caller":
        found = list(calls.filter(contact_id=int(which)).values_list("began_at", flat=True))
    else:
        start, _dash, end = which.partition("-")
        zone, school_days = city_zone(), calendar()
        found = [
            at
            for at in calls.values_list("began_at", flat=True)
            if int(start) <= (here := at.astimezone(zone)).hour < int(end)
            and school_days.is_working(here.date())
        ]
    return [at for at in found if at < done], [at for at in found if at >= done]


def _at_its_place(proposal: Proposal, cases: Sequence[Case]) -> list[Case]:
    """Cases with the asset of one that the proposal names, or near one of them."""
    named = set(proposal.cases)
    own = [case for case in cases if case.ref in named]
    assets = {case.asset for case in own if case.asset}
    near = _near_to(own, cases, value("returns.metres"))
    return [
        case
        for case in cases
        if case.ref in named or case.ref in near or (case.asset and case.asset in assets)
    ]


def _near_to(own: Sequence[Case], cases: Sequence[Case], metres: float) -> set[str]:
    """Which of the cases were within reach of one of their own."""
    centres = [case.point for case in own if case.point]
    if not centres:
        return set()
    placed = [case for case in cases if case.point]
    flat = _flat(np.array([*centres, *(case.point for case in placed)]))
    away, _which = cKDTree(flat[: len(centres)]).query(flat[len(centres) :])
    return {case.ref for case, far in zip(placed, away, strict=True) if far <= metres}


def _ids(refs: Iterable[str], noun: str) -> list[int]:
    return [int(ref.partition(":")[2]) for ref in refs if ref.startswith(f"{noun}:")]
