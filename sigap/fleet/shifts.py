"""By when equipment is to be checked: the shifts of the crews by the city's own clock."""

from datetime import date, datetime, timedelta

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import city_zone

DAY = 24


def today() -> date:
    """The day in the city."""
    return clock.now().astimezone(city_zone()).date()


def shift_began(at: datetime) -> datetime:
    """When the shift that is on at this time began. The shifts are counted anew each day."""
    local = at.astimezone(city_zone())
    hour = local.hour + local.minute / 60 + local.second / 3600 + local.microsecond / 3.6e9
    since = (hour - value("fleet.shift_start_h")) % DAY
    return at - timedelta(hours=since % value("fleet.shift_h"))


def checked_since(every_hours: int, *, grace: bool = False) -> datetime:
    """What must have been checked at this time or later not to be late now; `grace`: not to
    be so late that the unit is kept back. 0 hours: at the start of each shift."""
    now = clock.now()
    if grace:
        now -= timedelta(hours=value("fleet.check_grace_h"))
    if every_hours:
        return now - timedelta(hours=every_hours)
    return shift_began(now - timedelta(hours=value("fleet.check_within_h")))
