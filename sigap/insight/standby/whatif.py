"""What if: the city's past cases with another fleet, other places, plans, operators or gate, beside
the same simulation as things are today. What was observed is never set against what was simulated,
but to see how far the simulation can be believed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from django.utils.translation import gettext as _

from sigap.core.errors import Invalid
from sigap.dispatch.queries import rules
from sigap.dispatch.recommend import Need

from .answering import Desks, answers, past_calls, usual
from .ground import Ground, Member, twin
from .simulate import Case, Interval, Outcome, difference, interval, replay
from .trips import Past, PastCase

MOST_CASES = 500
# The simulation is doubted where it is off by more than this, and not by chance.
DOUBT = 0.10
MOST_ADDED = 10


@dataclass(frozen=True)
class Change:
    """A response plan asks for another number of one kind of unit, at every priority and level."""

    type: str
    agency: str
    capability: str
    count: int


@dataclass(frozen=True)
class Scenario:
    """What is different: units that wait elsewhere (by call sign, a place's code) or are away,
    units more (like which, where), plans, operators more or fewer, the gate (None: as it is)."""

    moved: Mapping[str, str] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    added: Sequence[tuple[str, str]] = ()
    plans: Sequence[Change] = ()
    operators: int = 0
    gate: bool | None = None

    @property
    def is_today(self) -> bool:
        """Whether nothing is different."""
        return self == Scenario()

    @property
    def changes_answering(self) -> bool:
        """Whether callers would be answered otherwise."""
        return self.operators != 0 or self.gate is not None


@dataclass(frozen=True)
class Side:
    """One of the two that are compared, over the same cases: those to which a unit came in both."""

    mean_s: float | None
    p90_s: float | None
    served: int
    unserved: int  # nobody ever came
    waited: int  # no unit was free at once


@dataclass(frozen=True)
class Group:
    """A part of the cases: what it is, and the difference in it; None where they are too few."""

    code: str
    n: int
    seconds: Interval | None


@dataclass(frozen=True)
class Validity:
    """Today's simulation against what was observed in the same cases: observed and simulated mean,
    and the mean difference. `doubted` where they disagree by more than chance and a tenth."""

    observed_s: float
    simulated_s: float
    seconds: Interval
    doubted: bool


@dataclass(frozen=True)
class Compared:
    """The answer to a scenario."""

    cases: int
    first: PastCase | None
    last: PastCase | None
    today: Side
    then: Side
    seconds: Interval | None  # below 0: sooner than today
    by_priority: list[Group]
    by_type: list[Group]
    validity: Validity | None
    desks: Desks | None
    straight: int  # percent of the times to cases that are of the straight line
    unplanned: int
    nowhere: int
    placeless: list[str]


def compare(scenario: Scenario, known: Past, ground: Ground) -> Compared:
    """Replay the newest cases with today's settings and with the scenario's."""
    fleet = fleet_of(scenario, ground)
    past, desks, answered_today, answered_then = _answered(scenario, known.cases[-MOST_CASES:])
    cases, matrix = ground.replayed(past, known)
    today = _with_answers(cases, past, answered_today)
    changed = [
        replace(case, needs=_changed(case.needs, one.type, scenario))
        for case, one in zip(cases, past, strict=True)
    ]
    then = _with_answers(changed, past, answered_then)
    base = replay(today, [ground.vehicle(m) for m in ground.fleet], matrix, ground.points, rules())
    other = replay(then, [ground.vehicle(m) for m in fleet], matrix, ground.points, rules())
    both = {
        b.case
        for b, o in zip(base, other, strict=True)
        if b.total_s is not None and o.total_s is not None
    }
    return Compared(
        cases=len(past),
        first=past[0] if past else None,
        last=past[-1] if past else None,
        today=_side(base, both),
        then=_side(other, both),
        seconds=difference(base, other),
        by_priority=_groups(base, other, {c.id: str(c.priority) for c in past}),
        by_type=_groups(base, other, {c.id: c.type for c in past}),
        validity=_validity(base, past),
        desks=desks,
        straight=_straight(matrix.by_road[:, : len(past)].mean()) if past and ground.places else 0,
        unplanned=known.unplanned,
        nowhere=known.nowhere,
        placeless=ground.placeless,
    )


def fleet_of(scenario: Scenario, ground: Ground) -> list[Member]:
    """The fleet of a scenario. Invalid where it names a unit or a place that is not there."""
    by_sign = {member.facts.call_sign: member for member in ground.fleet}
    named = {*scenario.moved, *scenario.away, *(like for like, _place in scenario.added)}
    places = {*scenario.moved.values(), *(place for _like, place in scenario.added)}
    if unknown := sorted(named - set(by_sign)):
        text = _("No such unit in use with a place: %(units)s.")
        raise Invalid(text % {"units": ", ".join(unknown)}, code="unit")
    if places - set(ground.number):
        raise Invalid(_("This place is not known any more. Choose again."), code="place")
    if len(scenario.added) > MOST_ADDED:
        raise Invalid(_("At most %(most)s units more.") % {"most": MOST_ADDED}, code="added")
    fleet = [
        replace(member, home=scenario.moved.get(sign, member.home))
        for sign, member in by_sign.items()
        if sign not in scenario.away
    ]
    for number, (like, place) in enumerate(scenario.added, start=1):
        fleet.append(twin(by_sign[like], f"{like}+{number}", place))
    return fleet


def _answered(
    scenario: Scenario, past: list[PastCase]
) -> tuple[list[PastCase], Desks | None, Mapping[int, float], Mapping[int, float]]:
    """The cases, who is at the desks today, and seconds from ring to answer by incident, today and
    in the scenario. Where nothing of that is different all are as they were observed, in both."""
    if not scenario.changes_answering:
        return past, None, {}, {}
    calls = past_calls(past[0].at, past[-1].at) if past else []
    desks = usual(calls)
    if desks is None:
        raise Invalid(
            _("Too few calls with their times are known to reckon with operators or the gate."),
            code="calls",
        )
    staff = {part: max(1, n + scenario.operators) for part, n in desks.operators.items()}
    gate = desks.gate if scenario.gate is None else scenario.gate
    # Of more calls than can be looked at the newest are; cases before them are left out.
    past = [case for case in past if case.at >= calls[0].at]
    return past, desks, answers(calls, desks), answers(calls, Desks(staff, gate))


def _with_answers(
    cases: Sequence[Case], past: Sequence[PastCase], answered: Mapping[int, float]
) -> list[Case]:
    """The same cases, with the time until somebody answers before what follows the answer."""
    return [
        replace(case, before_s=case.before_s + answered.get(case.id, known.answer_s or 0.0))
        for case, known in zip(cases, past, strict=True)
    ]


def _changed(needs: tuple[Need, ...], type_code: str, scenario: Scenario) -> tuple[Need, ...]:
    for change in scenario.plans:
        if change.type != type_code:
            continue
        key = change.agency, change.capability
        like = next((n for n in needs if (n.agency, n.capability) == key), Need(*key, 0))
        rest = tuple(n for n in needs if (n.agency, n.capability) != key)
        needs = (*rest, replace(like, count=change.count)) if change.count else rest
    return needs


def _side(run: Sequence[Outcome], both: set[int]) -> Side:
    values = sorted(o.total_s for o in run if o.total_s is not None and o.case in both)
    served = Counter(one.total_s is not None for one in run)
    return Side(
        mean_s=sum(values) / len(values) if values else None,
        p90_s=values[max(ceil(0.9 * len(values)), 1) - 1] if values else None,
        served=served[True],
        unserved=served[False],
        waited=sum(one.waited_s > 0 for one in run),
    )


def _groups(
    base: Sequence[Outcome], other: Sequence[Outcome], of: Mapping[int, str]
) -> list[Group]:
    """By what the cases are in, the largest group first."""
    counts = Counter(of.values())
    return [
        Group(code, n, difference(base, other, cases={c for c, its in of.items() if its == code}))
        for code, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _validity(base: Sequence[Outcome], past: Sequence[PastCase]) -> Validity | None:
    pairs = [
        (one.day, one.total_s, case.total_s)
        for one, case in zip(base, past, strict=True)
        if one.total_s is not None and case.total_s is not None
    ]
    apart = interval([(day, simulated - observed) for day, simulated, observed in pairs])
    if apart is None:
        return None
    observed_s = sum(observed for _day, _simulated, observed in pairs) / len(pairs)
    simulated_s = sum(simulated for _day, simulated, _observed in pairs) / len(pairs)
    by_chance = apart.low <= 0 <= apart.high
    return Validity(
        observed_s,
        simulated_s,
        apart,
        doubted=not by_chance and abs(apart.mean) > DOUBT * observed_s,
    )


def _straight(by_road: float) -> int:
    return round(100 * (1 - by_road))
