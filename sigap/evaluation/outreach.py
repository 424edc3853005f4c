"""What changed around an event of outreach: counted before and after it, and no word of a cause.
Reads only."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import QuerySet

from sigap.calls.models import INCOMING, Call
from sigap.complaints.models import Complaint
from sigap.complaints.outreach.models import Outreach
from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import city_zone

USED = ("emergency", "complaint", "repeat")
CITY = ""
LINES = ("use.before", "use.after", "pranks.before", "pranks.after")


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
    days: int  # before and after; fewer than wanted while the time is not over
    use: Change | None  # None for an event of the whole city
    city_use: Change
    city_pranks: Change


def effects(events: Iterable[Outreach]) -> list[Effect]:
    """The change around each event. The day of the event itself counts on neither side."""
    least = int(value("outreach.least"))
    found = list(events)
    if not found:
        return []
    sides = [side for event in found for side in _sides(event).values()]
    first, last = min(start for start, _end in sides), max(end for _start, end in sides)
    use = _times_of_use(first, last)
    pranks = list(_pranks(first, last).order_by("began_at").values_list("began_at", flat=True))

    def around(times: Sequence[datetime], event: Outreach) -> Change:
        before, after = (
            bisect_left(times, end) - bisect_left(times, start)
            for start, end in _sides(event).values()
        )
        return Change(before, after, few=before + after < least)

    told = []
    for event in found:
        here = event.area.code if event.area else CITY
        told.append(
            Effect(
                event=event,
                days=_days_of(event),
                use=around(use[here], event) if here else None,
                city_use=around(use[CITY], event),
                city_pranks=around(pranks, event),
            )
        )
    return told


def uses_of(event: Outreach, line: str) -> tuple[QuerySet[Call], QuerySet[Complaint]]:
    """The calls and the complaints behind a figure of an event, one of LINES."""
    what, _dot, side = line.partition(".")
    start, end = _sides(event)[side]
    if what == "pranks":
        return _pranks(start, end), Complaint.objects.none()
    calls, complaints = _used(start, end)
    if event.area:
        calls, complaints = (
            calls.filter(incident__area=event.area),
            complaints.filter(area=event.area),
        )
    return calls, complaints


def _days_of(event: Outreach) -> int:
    """How many whole days are counted on each side."""
    over = (clock.now().astimezone(city_zone()).date() - event.day).days - 1
    return max(0, min(int(value("outreach.days")), over))


def _sides(event: Outreach) -> dict[str, tuple[datetime, datetime]]:
    """From when to when is counted before the event and after it."""

    def midnight(days: int) -> datetime:
        return datetime.combine(event.day + timedelta(days=days), time.min, city_zone())

    n = _days_of(event)
    return {"before": (midnight(-n), midnight(0)), "after": (midnight(1), midnight(n + 1))}


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
