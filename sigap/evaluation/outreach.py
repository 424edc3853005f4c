"""What changed around an event of outreach: counted before and after it, and no word of a cause.
Reads only."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sigap.calls.models import INCOMING, Call
from sigap.complaints.models import Complaint
from sigap.complaints.outreach.models import Outreach
from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import city_zone

USED = ("emergency", "complaint", "repeat")
CITY = ""


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
    wanted, least = int(value("outreach.days")), int(value("outreach.least"))
    found = list(events)
    if not found:
        return []
    zone, days = city_zone(), sorted(event.day for event in found)

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time.min, zone)

    today = clock.now().astimezone(zone).date()
    first = midnight(days[0] - timedelta(days=wanted))
    last = midnight(days[-1] + timedelta(days=wanted + 1))
    use, pranks = _use(first, last), _pranks(first, last)

    def around(times: Sequence[datetime], event: Outreach, n: int) -> Change:
        day, after = midnight(event.day), midnight(event.day + timedelta(days=1))
        back = midnight(event.day - timedelta(days=n))
        ahead = midnight(event.day + timedelta(days=n + 1))
        before = bisect_left(times, day) - bisect_left(times, back)
        behind = bisect_left(times, ahead) - bisect_left(times, after)
        return Change(before, behind, few=before + behind < least)

    told = []
    for event in found:
        over = (today - event.day).days - 1  # whole days since
        n = max(0, min(wanted, over))
        here = event.area.code if event.area else CITY
        told.append(
            Effect(
                event=event,
                days=n,
                use=around(use[here], event, n) if here else None,
                city_use=around(use[CITY], event, n),
                city_pranks=around(pranks, event, n),
            )
        )
    return told


def _use(first: datetime, last: datetime) -> defaultdict[str, list[datetime]]:
    """When the city's services were really used, by kelurahan and in all: calls about an incident
    or a complaint, and complaints by other ways."""
    calls = Call.objects.filter(
        INCOMING, call_class__in=USED, began_at__gte=first, began_at__lt=last
    ).values_list("began_at", "incident__area__code")
    # One that came by telephone is a call already.
    complaints = (
        Complaint.objects.filter(filed_at__gte=first, filed_at__lt=last)
        .exclude(channel__in=("call", "import"))
        .values_list("filed_at", "area__code")
    )
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for at, area in (*calls, *complaints):
        found[CITY].append(at)
        if area:
            found[area].append(at)
    for times in found.values():
        times.sort()
    return found


def _pranks(first: datetime, last: datetime) -> list[datetime]:
    pranks = Call.objects.filter(
        INCOMING, call_class="prank", began_at__gte=first, began_at__lt=last
    )
    return list(pranks.order_by("began_at").values_list("began_at", flat=True))
