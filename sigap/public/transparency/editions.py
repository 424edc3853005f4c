"""The months that are public, those that will be, and what a year's months add up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import city_zone
from sigap.evaluation.open_month import first_month, month_of

from ..models import Edition


@dataclass(frozen=True)
class Sum:
    """What published months add up to. Where some of them hide theirs it is at least so much."""

    n: int
    hidden: int = 0  # months

    @property
    def is_known(self) -> bool:
        """Whether any month tells something."""
        return self.n > 0 or not self.hidden


def today() -> date:
    """The day in the city."""
    return clock.now().astimezone(city_zone()).date()


def after(month: date) -> date:
    """The first day of the next month."""
    return month_of(month).last + timedelta(days=1)


def public_from(month: date) -> date:
    """The day on which the figures of a month are published."""
    return after(month) + timedelta(days=round(value("transparency.settle_days")))


def months() -> list[date]:
    """The first days of all months that are public, the newest first."""
    return list(Edition.objects.order_by("-month").values_list("month", flat=True))


def edition(month: date) -> Edition | None:
    """What was published of a month; None while nothing was."""
    return Edition.objects.filter(month=month).first()


def editions(first: date, last: date) -> list[Edition]:
    """The public months from one to another, the oldest first."""
    return list(Edition.objects.filter(month__gte=first, month__lte=last).order_by("month"))


def due() -> list[date]:
    """The months that are to be published now, the oldest first."""
    month = first_month()
    if month is None:
        return []
    there, found, now = set(months()), [], today()
    while public_from(month) <= now:
        if month not in there:
            found.append(month)
        month = after(month)
    return found


def sums(lines: Iterable[Mapping[str, int | None]]) -> dict[str, Sum]:
    """The months' lines added up. Only from what each month shows: the sum of a year, counted
    anew, would tell what one month hides."""
    found: dict[str, Sum] = {}
    for line in lines:
        for key, n in line.items():
            so_far = found.get(key, Sum(0))
            hidden = so_far.hidden + (n is None)
            found[key] = Sum(so_far.n + (n or 0), hidden)
    return found
