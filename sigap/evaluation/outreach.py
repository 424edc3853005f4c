"""What changed around an event of outreach: counted before and after it, and no word of a cause.
Reads only."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from sigap.calls.models import INCOMING, Call
from sigap.complaints.models import Complaint
from sigap.complaints.outreach.models import Outreach
from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import city_zone

from .period import Period, period_of

USED = ("emergency", "complaint", "repeat")
CITY = ""
LINES = ("use", "pranks")
SIDES = ("before", "after")


@dataclass(frozen=True)
class Change:
    """How many in the days before, and in as many days after."""

    before: int
    after: int
    few: bool

    @property
    def percent(self) -> float | None:
        """By how much more or fewer; None where that says nothing."""
        if self.few or not self.before:
            return None
        return round(100 * (self.after - self.before) / self.before, 1)


@dataclass(frozen=True)
class Effect:
    """One event: the use of its kelurahan, that of the whole city in the same days, and the
    city's prank calls: whoever plays a prank seldom says where. Days that are not over yet are
    left out on both sides."""

    event: Outreach
    sides: dict[str, Period]  # before and after; none while no whole day after it is over
    use: Change | None  # None for an event of the whole city
    city_use: Change
    city_pranks: Change

    @property
    def days(self) -> int:
        """How many are counted on each side; fewer than wanted while the time is not over."""
        return self.sides["after"].days if self.sides else 0


def effects(events: Iterable[Outreach]) -> list[Effect]:
    """The change around each event. The day of the event itself counts on neither side."""
    wanted, least = int(value("outreach.days")), int(value("outreach.least"))
    today = clock.now().astimezone(city_zone()).date()
    found = [(event, _sides(event.day, today, wanted)) for event in events]
    periods = [period for _event, sides in found for period in sides.values()]
    if not found:
        return []
    first = min((period.start for period in periods), default=clock.now())
    last = max((period.end for period in periods), default=first)
    use = _times_of_use(first, last)
    pranks = list(_pranks(first, last).order_by("began_at").values_list("began_at", flat=True))

    def around(times: Sequence[datetime], sides: dict[str, Period]) -> Change:
        before, after = (
            bisect_left(times, sides[side].end) - bisect_left(times, sides[side].start)
            if sides
            else 0
            for side in SIDES
        )
        return Change(before, after, few=before + after < least)

    return [
        Effect(
            event=event,
            sides=sides,
            use=around(use[event.area.code], sides) if event.area else None,
            city_use=around(use[CITY], sides),
            city_pranks=around(pranks, sides),
        )
        for event, sides in found
    ]


def uses_in(period: Period, line: str, area: str) -> tuple[QuerySet[Call], QuerySet[Complaint]]:
    """The calls and the complaints of these days that count as one of LINES, in a kelurahan or in
    the whole city."""
    if line == "pranks":
        return _pranks(period.start, period.end), Complaint.objects.none()
    calls, complaints = _used(period.start, period.end)
    if area:
        calls = calls.filter(incident__area__code=area)
        complaints = complaints.filter(area__code=area)
    return calls, complaints


def _sides(day: date, today: date, wanted: int) -> dict[str, Period]:
    n, one = min(wanted, (today - day).days - 1), timedelta(days=1)
    if n < 1:
        return {}
    return {
        "before": period_of(day - n * one, day - one),
        "after": period_of(day + one, day + n * one),
    }


def _used(first: datetime, last: datetime) -> tuple[QuerySet[Call], QuerySet[Complaint]]:
    """Where the city's services were really used: calls about an incident or a complaint, and
    complaints by other ways."""
    calls = Call.objects.filter(
        INCOMING, call_class__in=USED, began_at__gte=first, began_at__lt=last
    )
    complaints = Complaint.objects.filter(filed_at__gte=first, filed_at__lt=last)
    # One that came by telephone is a call already.
    return calls, complaints.exclude(channel__in=("call", "import"))


def _times_of_use(first: datetime, last: datetime) -> defaultdict[str, list[datetime]]:
    """When they were used, by kelurahan and in all, in order."""
    calls, complaints = _used(first, last)
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for at, area in (
        *calls.values_list("began_at", "incident__area__code"),
        *complaints.values_list("filed_at", "area__code"),
    ):
        found[CITY].append(at)
        if area:
            found[area].append(at)
    for times in found.values():
        times.sort()
    return found


def _pranks(first: datetime, last: datetime) -> QuerySet[Call]:
    return Call.objects.filter(INCOMING, call_class="prank", began_at__gte=first, began_at__lt=last)
