"""What the gate did in a period: whom it kept off the operators, whom it let through and why, what
people found afterwards, and the time that it saved. Reads only; see docs/monev.md."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from sigap.calls.machine import LIVE
from sigap.calls.models import GHOST, INCOMING, Call

from .calls import begun_in
from .clocks import Moment, Statistics, between, summarise
from .period import Period

# Whose answer somebody at a desk gave; the times of other calls were typed or brought along.
AT_A_DESK = ("operator", "exchange")


@dataclass(frozen=True)
class GateFigures:
    """The gate in one period: gated = waiting + kept_off + by_person + by_sign + reached.
    `saved_s` is None where it cannot be known, never 0 for that."""

    presented: int
    gated: int  # set aside at least once
    waiting: int  # set aside now
    kept_off: int  # no operator ever had them
    by_person: int  # released, or taken, by somebody
    by_sign: int  # gave a sign after all
    reached: int  # ended, and reached by ringing back
    reviewed: int  # of those kept off
    wrong: int  # of those reviewed: somebody was there
    through: list[tuple[str, str, int]]  # gate, reason, calls: let through at once, most first
    ghosts: Statistics  # how long operators had ghost calls in hand
    saved_s: float | None
    spent_s: float

    @property
    def share_percent(self) -> float | None:
        """Of all time that operators would have spent on calls, the part that was saved."""
        if self.saved_s is None or self.saved_s + self.spent_s == 0:
            return None
        return round(100 * self.saved_s / (self.saved_s + self.spent_s), 2)

    @property
    def saved_hours(self) -> float | None:
        """The time saved, in hours."""
        return None if self.saved_s is None else self.saved_s / 3600


def gate_figures(period: Period, ghosts: Statistics | None = None) -> GateFigures:
    """The gate's figures of a period. The time that a ghost call takes is that of `ghosts`, a
    longer period's, where one is given."""
    begun = Call.objects.filter(began_at__gte=period.start, began_at__lt=period.end)
    incoming = begun.filter(INCOMING)
    counted = {line: calls.count() for line, calls in gate_lines(period).items()}
    ghosts = ghosts or ghost_times(incoming)
    rightly = counted["kept_off"] - counted["wrong"]
    return GateFigures(
        **counted,
        through=_through(incoming),
        ghosts=ghosts,
        saved_s=_saved(rightly, ghosts.p50),
        spent_s=sum(_in_hand(begun).values),
    )


def gate_lines(period: Period) -> dict[str, QuerySet[Call]]:
    """The calls behind each figure of the gate, by its name."""
    incoming = begun_in(period)
    gated = incoming.filter(set_aside_at__isnull=False)
    silent = gated.filter(gate="silent", answered_at=None)
    rung_back = Q(state="reached") | Q(state="closed", callback_attempts__gt=0)
    off = silent.exclude(Q(state__in=LIVE) | rung_back)
    return {
        "presented": incoming.filter(presented_at__isnull=False),
        "gated": gated,
        "waiting": silent.filter(state__in=LIVE),
        "kept_off": off,
        "by_person": gated.filter(Q(gate="released") | Q(gate="silent", answered_at__isnull=False)),
        "by_sign": gated.exclude(gate__in=("released", "silent")),
        "reached": silent.filter(rung_back),
        "reviewed": off.filter(reviewed_at__isnull=False),
        "wrong": off.filter(was_somebody=True),
    }


def gate_calls(period: Period, line: str) -> QuerySet[Call]:
    """The calls behind one of these figures; `saved`: kept off, and nobody found anybody there;
    `timed`: ghost calls of which it is known how long operators had them in hand."""
    if line == "timed":
        answered = _at_a_desk(begun_in(period).filter(call_class__in=GHOST))
        return answered.filter(answered_at__lte=F("closed_at"))
    if line == "saved":
        return gate_lines(period)["kept_off"].exclude(was_somebody=True)
    return gate_lines(period)[line]


def _saved(calls: int, each_s: float | None) -> float | None:
    if calls == 0:
        return 0.0
    return None if each_s is None else calls * each_s


def ghost_times(calls: QuerySet[Call]) -> Statistics:
    """How long operators had in hand those of these calls that were answered and were ghosts."""
    return _in_hand(calls.filter(call_class__in=GHOST))


def _in_hand(calls: QuerySet[Call]) -> Statistics:
    """From the answer to the close: the conversation and what was to be written."""
    times = _at_a_desk(calls).values_list("answered_at", "closed_at")
    return summarise(between(Moment(a), Moment(c)) for a, c in times if a and c)


def _at_a_desk(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.filter(answered_source__in=AT_A_DESK, closed_at__isnull=False)


def _through(calls: QuerySet[Call]) -> list[tuple[str, str, int]]:
    """How those came through who were never set aside."""
    at_once = calls.filter(~Q(gate__in=("", "silent")), set_aside_at=None)
    tally = at_once.order_by().values_list("gate", "gate_reason").annotate(n=Count("pk"))
    return sorted(tally, key=lambda line: (-line[2], line[0], line[1]))
