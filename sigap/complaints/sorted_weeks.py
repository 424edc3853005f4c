"""How well the sorting fares week by week: how much was sorted by itself, of how much nothing was
known, and how much people put right. Reads only."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from sigap.core import clock
from sigap.core.queries import city_zone

from .classify.evaluate import LEAST, drift
from .models import Complaint, ModelRun

WEEKS = 12
MOST_CONFUSED = 15
BY_ITSELF = ("rules", "model")


@dataclass
class Week:
    """The reports of a week that were guessed at, by when they came. `since`: its Monday."""

    since: date
    n: int = 0
    unknown: int = 0  # no word of them was known
    by_itself: int = 0  # sorted by nobody, and left so
    decided: int = 0  # that have a guess and a category, whoever chose it
    wrong: int = 0  # of those, guessed to be something else
    confidences: list[float] = field(default_factory=list)  # of the model
    moved: float | None = None  # how far the confidence lies from when the model was judged

    @property
    def unknown_percent(self) -> float | None:
        """Of all, those of which nothing was known."""
        return _percent(self.unknown, self.n)

    @property
    def by_itself_percent(self) -> float | None:
        """Of all, those that nobody had to sort."""
        return _percent(self.by_itself, self.n)

    @property
    def wrong_percent(self) -> float | None:
        """Of those decided, those that were guessed wrongly."""
        return _percent(self.wrong, self.decided)


@dataclass
class Weeks:
    """The last weeks, the newest first; what was guessed of what it was not, how often."""

    weeks: list[Week]
    confused: list[tuple[str, str, int]]


def last_weeks(run: ModelRun | None) -> Weeks:
    """The last weeks, also those without a report; what moved is told against the model in
    use."""
    today = clock.now().astimezone(city_zone()).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=n) for n in range(WEEKS)]
    weeks, confused = {day: Week(day) for day in days}, Counter[tuple[str, str]]()
    rows = Complaint.objects.exclude(guessed_by="").filter(
        filed_at__gte=clock.now() - timedelta(weeks=WEEKS)
    )
    told = rows.values_list("filed_at", "guesses", "guessed_by", "sorted_by", "category__code")
    for filed_at, guesses, guessed_by, sorted_by, category in told.iterator():
        day = filed_at.astimezone(city_zone()).date()
        week = weeks.get(day - timedelta(days=day.weekday()))
        if week is None:
            continue
        week.n += 1
        week.by_itself += sorted_by in BY_ITSELF
        if not guesses:
            week.unknown += 1
            continue
        best, confidence = guesses[0]
        if guessed_by == "model":
            week.confidences.append(confidence)
        if category:
            week.decided += 1
            week.wrong += category != best
            confused[(best, category)] += category != best
    for week in weeks.values():
        if run and run.confidences and len(week.confidences) >= LEAST:
            week.moved = drift(run.confidences, week.confidences)
    often = [(*pair, n) for pair, n in confused.most_common(MOST_CONFUSED) if n]
    return Weeks(list(weeks.values()), often)


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
