"""What hours have in common: the hour, the weekday, holidays, Ramadan. Pure, no database.

What no library knows is the city's own: a file `calendar.csv` in the folder `insight` of the data
folder, with the columns kind, first, last. Its kinds are `ramadan` and `lebaran` (the government's
days where they differ from the reckoned ones), `school` (school holidays) and `outage` (times in
which 112 could not be reached, as 2026-03-01T08:00; how many rang then is unknown, not zero).
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sigap.complaints.calendar import Calendar

Numbers = npt.NDArray[np.float64]
KINDS = ("ramadan", "lebaran", "school", "outage")
WEEK, YEAR = 7 * 24, 365.25
SATURDAY = 5
SAHUR, BERBUKA, TARAWIH = range(2, 5), range(17, 19), range(19, 22)
MUDIK = 7  # days before and after Lebaran, in which people travel


@dataclass(frozen=True)
class Weather:
    """Millimetres of rain by hour, local, where somebody measured or forecast it."""

    rain: Mapping[datetime, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CityDays:
    """The days of a city. `own` has the stretches of its file, last days included."""

    working: Calendar
    own: Mapping[str, Sequence[tuple[datetime, datetime]]] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    seen: dict[date, tuple[bool, bool, bool, bool]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def is_in(self, kind: str, at: datetime) -> bool:
        """Whether the city's own file says so of this hour."""
        return any(first <= at < end for first, end in self.own.get(kind, ()))

    def is_free(self, day: date) -> bool:
        """A weekday on which people do not work: a holiday, or cuti bersama."""
        return day.weekday() < SATURDAY and not self.working.is_working(day)

    def to_lebaran(self, day: date) -> int | None:
        """Days until the nearest Lebaran, below 0 after it; None where it is far away."""
        near = [(found - day).days for found in self._lebaran() if abs((found - day).days) < 45]
        return min(near, key=abs, default=None)

    def in_ramadan(self, at: datetime) -> bool:
        """The month of fasting; as the city's file says for the years that it names."""
        own = self.own.get("ramadan", ())
        if any(abs((first - at).days) < 200 for first, _end in own):
            return self.is_in("ramadan", at)
        left = self.to_lebaran(at.date())
        if left is None or not 0 < left <= 30:
            return False
        begins = _ramadan_begins(at.year)
        return any(begin <= at.date() for begin in begins if (at.date() - begin).days < 31)

    def _lebaran(self) -> list[date]:
        own = [first.date() for first, _end in self.own.get("lebaran", ())]
        years = {day.year for day in own}
        return own + [day for day in _eids() if day.year not in years]


@cache
def _eids() -> list[date]:
    """The first days of Lebaran, as the nation's list of holidays has them."""
    import holidays

    from sigap.complaints.calendar import YEARS

    days = holidays.country_holidays("ID", years=YEARS, language="en_US")
    return sorted(
        day for day, name in days.items() if name.startswith("Eid al-Fitr") and "Second" not in name
    )


@cache
def _ramadan_begins(year: int) -> list[date]:
    """The first days of Ramadan about a year, by Umm al-Qura: the government's may be a day off.
    Without hijridate, thirty days before each Lebaran."""
    try:
        from hijridate import Hijri  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return [day - timedelta(days=30) for day in _eids()]
    about = round((year - 622) * 33 / 32)
    found = [Hijri(y, 9, 1).to_gregorian() for y in range(about - 1, about + 3)]
    return [date(day.year, day.month, day.day) for day in found]


LEAST_HOURS = 48  # of a flag in the past, before anything is learned of it
FASTING = {"ramadan": range(24), "sahur": SAHUR, "berbuka": BERBUKA, "tarawih": TARAWIH}


def _of_day(days: CityDays, day: date) -> tuple[bool, bool, bool, bool]:
    """Whether a day is free, is Lebaran (or its eve), lies in the week before or after it, and
    in Ramadan. Worked out once: a backtest asks for each day many times."""
    if day not in days.seen:
        left = days.to_lebaran(day)
        near = left is not None and abs(left) <= MUDIK
        at = datetime(day.year, day.month, day.day, 12, tzinfo=days.working.zone)
        feast = left is not None and -1 <= left <= 0
        days.seen[day] = (days.is_free(day), feast, near and not feast, days.in_ramadan(at))
    return days.seen[day]


def flags(days: CityDays, hours: Sequence[datetime]) -> dict[str, Numbers]:
    """What an hour may be besides its place in day and week, 0 or 1. Kept apart by name: what the
    past has not shown is not known, and is said."""
    which, place = np.unique([at.toordinal() for at in hours], return_inverse=True)
    whole = np.array([_of_day(days, date.fromordinal(int(n))) for n in which], dtype=float)
    free, lebaran, mudik, ramadan = whole[place].T if len(hours) else np.zeros((4, 0))
    hour = np.array([at.hour for at in hours])
    found = {"holiday": free, "lebaran": lebaran, "mudik": mudik}
    found |= {name: ramadan * np.isin(hour, of) for name, of in FASTING.items()}
    school = [days.is_in("school", at) for at in hours] if days.own.get("school") else hour < 0
    return found | {"school": np.array(school, dtype=float)}


def slots(hours: Sequence[datetime]) -> npt.NDArray[np.int64]:
    """The place of each hour in its week, Monday midnight first."""
    return np.array([at.weekday() * 24 + at.hour for at in hours], dtype=np.int64)


@dataclass(frozen=True)
class Columns:
    """The matrix of a regression: which columns there are is settled by the past hours."""

    flags: tuple[str, ...]
    seasons: bool  # over a year is known, so that months mean something
    weather: bool
    end: datetime

    def of(self, days: CityDays, hours: Sequence[datetime]) -> Numbers:
        """One row for each hour, the constant first."""
        slot = slots(hours)
        hour, weekday = slot % 24, slot // 24
        weekend = (weekday >= SATURDAY).astype(float)
        turn = 2 * np.pi * hour / 24
        parts = [np.ones(len(hours))]
        parts += [(hour == n).astype(float) for n in range(1, 24)]
        parts += [(weekday == n).astype(float) for n in range(1, 7)]
        # The day has another shape at the weekend.
        parts += [weekend * f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)]
        # What happened to the level goes on up to the last known hour, and no further.
        age = np.array([min(0.0, (at - self.end).total_seconds() / 86_400 / YEAR) for at in hours])
        parts.append(age)
        if self.seasons:
            turn = 2 * np.pi * np.array([at.timetuple().tm_yday for at in hours]) / YEAR
            parts += [f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)]
        found = flags(days, hours)
        parts += [found[name] for name in self.flags]
        if self.weather:
            parts.append(rain(days, hours))
        return np.column_stack(parts)


def rain(days: CityDays, hours: Sequence[datetime]) -> Numbers:
    """Rain of each hour on a scale that grows slowly; none is known to have fallen counts as 0."""
    mm = np.array([max(0.0, days.weather.rain.get(at, 0.0)) for at in hours])
    found: Numbers = np.log1p(mm)
    return found


def columns(days: CityDays, past: Sequence[datetime], ahead: Sequence[datetime]) -> Columns:
    """What can be learned from the past hours and asked of those ahead."""
    found = flags(days, past)
    known = tuple(n for n, c in found.items() if LEAST_HOURS <= c.sum() <= len(past) - LEAST_HOURS)
    if "sahur" not in known:  # rare hours of a month that has not been there long enough
        known = tuple(n for n in known if n not in ("berbuka", "tarawih"))
    told = days.weather.rain
    weather = bool(told) and all(at in told for at in ahead)
    weather = weather and sum(told.get(at, 0) > 0 for at in past) >= LEAST_HOURS
    long = (past[-1] - past[0]).days > YEAR if past else False
    return Columns(known, long, weather, past[-1])


def unlearned(
    days: CityDays, past: Sequence[datetime], ahead: Sequence[datetime], any_flag: bool = False
) -> list[str]:
    """Flags of the hours ahead of which the past has shown too little to say what they do;
    `any_flag` where nothing is learned of any."""
    known = () if any_flag else columns(days, past, ahead).flags
    coming = flags(days, ahead)
    return [name for name, column in coming.items() if column.any() and name not in known]


def read_own(path: Path, zone: object) -> dict[str, list[tuple[datetime, datetime]]]:
    """The city's own stretches from its file; none where there is no file. Raises ValueError
    naming the line."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    if not path.exists():
        return found
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := {"kind", "first", "last"} - set(rows.fieldnames or ()):
            raise ValueError(f"{path.name}: no column {' and '.join(sorted(missing))}")
        for row in rows:
            try:
                kind = (row["kind"] or "").strip()
                if kind not in KINDS:
                    raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
                first, last = (_moment(row[key] or "", zone) for key in ("first", "last"))
                if "T" not in (row["last"] or ""):
                    last += timedelta(days=1)
                if last <= first:
                    raise ValueError("it ends before it begins")
            except ValueError as error:
                raise ValueError(f"{path.name}, line {rows.line_num}: {error}") from None
            found.setdefault(kind, []).append((first, last))
    return found


def read_weather(path: Path, zone: object) -> Weather:
    """Rain by hour from a CSV file with the columns time and rain_mm, measured and forecast; none
    where there is no file. Raises ValueError naming the line."""
    if not path.exists():
        return Weather()
    found: dict[datetime, float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := {"time", "rain_mm"} - set(rows.fieldnames or ()):
            raise ValueError(f"{path.name}: no column {' and '.join(sorted(missing))}")
        for row in rows:
            try:
                at = _moment(row["time"] or "", zone).replace(minute=0, second=0, microsecond=0)
                mm = float(row["rain_mm"] or "nan")
                if not 0 <= mm < 1000:
                    raise ValueError(f"{row['rain_mm']!r} is no amount of rain")
                found[at] = found.get(at, 0.0) + mm
            except ValueError as error:
                raise ValueError(f"{path.name}, line {rows.line_num}: {error}") from None
    return Weather(found)


def _moment(text: str, zone: object) -> datetime:
    at = datetime.fromisoformat(text.strip())
    return at if at.tzinfo else at.replace(tzinfo=zone)  # type: ignore[arg-type]
