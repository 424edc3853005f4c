"""The days that an evaluation is about, in the city's own time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.errors import Invalid
from sigap.core.queries import city_zone

FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Period:
    """Whole local days, the last one included."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise Invalid(_("The period ends before it begins."), code="period")
        if self.first.year < FIRST_YEAR or self.last.year > LAST_YEAR:
            raise Invalid(_("The period is not possible."), code="period")

    @property
    def start(self) -> datetime:
        """The first moment that counts."""
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment that does not count any more."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def period_of(first: date, last: date) -> Period:
    """The period from `first` to `last` in the city's time; Invalid when it is none."""
    return Period(first, last, city_zone())


def today() -> Period:
    """The current day."""
    day = clock.now().astimezone(city_zone()).date()
    return Period(day, day, city_zone())


def last_days(n: int) -> Period:
    """The current day and those before it, `n` in all."""
    day = clock.now().astimezone(city_zone()).date()
    return Period(day - timedelta(days=n - 1), day, city_zone())


def this_month() -> Period:
    """From the first of the current month until today."""
    zone = city_zone()
    today = clock.now().astimezone(zone).date()
    return Period(today.replace(day=1), today, zone)
