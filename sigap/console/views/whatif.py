"""What if: a scenario is an address, so that it can be kept and sent; the answer a page or PDF."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, SigapError
from sigap.core.names import named
from sigap.core.queries import deployment
from sigap.core.typeset import typeset
from sigap.core.web import Request, view
from sigap.evaluation import written
from sigap.incidents.models import IncidentType
from sigap.insight.standby.ground import Ground
from sigap.insight.standby.trips import FEWEST, Past, past
from sigap.insight.standby.waiting import Kind, kinds
from sigap.insight.standby.whatif import Change, Compared, Group, Scenario, Side, compare

from ..turns import one_at_a_time
from .standby import between, kind_names, part_names, sort_name

PAPER = Path(__file__).parent.parent / "templates" / "console" / "whatif.typ"
STAY, AWAY = "", "away"
MORE_UNITS, PLANS = range(1, 4), range(1, 3)
MOST_OPERATORS, MOST_UNITS = 10, 20
GATES = {"": None, "on": True, "off": False}


@view(Permission.EVALUATE)
def page(request: Request) -> HttpResponse:
    """The scenario to be filled in and, once something is different, its answer."""
    ground, known = Ground(), past()
    names = _Names(ground, known)
    context: dict[str, Any] = {"fewest": FEWEST, "form": _form(request.GET, ground, names)}
    as_pdf = request.GET.get("format") == "pdf"
    try:
        scenario = read_scenario(request.GET, ground)
        if known.cases and ("run" in request.GET or as_pdf):
            with one_at_a_time():
                found = compare(scenario, known, ground)
            answer = _answer(found, scenario, names)
            if as_pdf:
                return _paper(answer, names)
            asked = request.GET.copy()
            asked["format"] = "pdf"
            context |= {"answer": answer, "pdf": f"?{asked.urlencode()}"}
    except SigapError as error:
        if as_pdf:
            raise
        context["error"] = error
    context["cases"] = len(known.cases)
    status = context["error"].status if "error" in context else 200
    return render(request, "console/whatif.html", context, status=status)


def read_scenario(given: Mapping[str, str], ground: Ground) -> Scenario:
    """The scenario of a form. Invalid for a number that is none, and for codes of nothing."""
    moved, away = {}, set()
    for member in ground.fleet:
        sign = member.facts.call_sign
        place = given.get(f"u.{sign}", STAY)
        if place == AWAY:
            away.add(sign)
        elif place not in (STAY, member.home):
            moved[sign] = place
    added = [(given.get(f"more{n}", ""), given.get(f"at{n}", "")) for n in MORE_UNITS]
    if any(like and not place for like, place in added):
        raise Invalid(_("Say where the unit that is added waits."), code="place")
    plans = []
    for n in PLANS:
        type_code, kind = given.get(f"type{n}", ""), given.get(f"kind{n}", "")
        if not type_code:
            continue
        agency, _slash, capability = kind.partition("/")
        if not capability:
            raise Invalid(_("Say which kind of unit the plan asks for."), code="kind")
        if not IncidentType.objects.filter(code=type_code).exists():
            raise Invalid(_("No such incident type."), code="type")
        count = _number(given.get(f"count{n}", ""), 0, MOST_UNITS)
        plans.append(Change(type_code, agency, capability, count))
    gate = given.get("gate", "")
    if gate not in GATES:
        raise Invalid(_("There is no such choice."), code="gate")
    return Scenario(
        moved=moved,
        away=frozenset(away),
        added=tuple((like, place) for like, place in added if like),
        plans=tuple(plans),
        operators=_number(given.get("operators", "") or "0", -MOST_OPERATORS, MOST_OPERATORS),
        gate=GATES[gate],
    )


def _number(text: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = high + 1
    if not low <= number <= high:
        wanted = {"low": low, "high": high}
        raise Invalid(_("A whole number from %(low)s to %(high)s.") % wanted, code="number")
    return number


class _Names:
    """What people call the things of a scenario."""

    def __init__(self, ground: Ground, known: Past) -> None:
        self.kinds: list[Kind] = kinds(known, ground)
        self.of_kind = kind_names(self.kinds)
        self.types = {row.code: named(row) for row in IncidentType.objects.order_by("rank", "code")}
        self.places = {p.code: f"{p.name} ({sort_name(p)})" for p in ground.places}


def _form(given: Mapping[str, str], ground: Ground, names: _Names) -> dict[str, Any]:
    return {
        "units": [
            {
                "sign": m.facts.call_sign,
                "kind": m.kind,
                "home": names.places[m.home],
                "chosen": given.get(f"u.{m.facts.call_sign}", STAY),
            }
            for m in ground.fleet
        ],
        "placeless": ground.placeless,
        "places": names.places.items(),
        "types": names.types.items(),
        "kinds": names.of_kind.items(),
        "more": [(n, given.get(f"more{n}", ""), given.get(f"at{n}", "")) for n in MORE_UNITS],
        "plans": [
            (n, given.get(f"type{n}", ""), given.get(f"kind{n}", ""), given.get(f"count{n}", ""))
            for n in PLANS
        ],
        "operators": given.get("operators", "") or "0",
        "gate": given.get("gate", ""),
        "most_operators": MOST_OPERATORS,
        "most_units": MOST_UNITS,
    }


def _answer(found: Compared, scenario: Scenario, names: _Names) -> dict[str, Any]:
    seconds, validity = found.seconds, found.validity
    if seconds is None:
        verdict = _("Not enough data: under %(n)s cases that a unit came to in both.") % {
            "n": FEWEST
        }
    elif scenario.is_today or seconds.low == seconds.high == 0:
        verdict = _("Nothing changes.")
    elif seconds.high < 0:
        verdict = _("Sooner than today.")
    elif seconds.low > 0:
        verdict = _("Later than today.")
    else:
        verdict = _("The difference may be chance.")
    return {
        "changes": _changes(scenario, names),
        "cases": written.whole(found.cases),
        "period": _period(found),
        "sides": _sides(found.today, found.then),
        "seconds": between(seconds),
        "n": seconds.n if seconds else 0,
        "days": seconds.days if seconds else 0,
        "verdict": verdict,
        "enough": seconds is not None,
        "priorities": [_group(g, f"P{g.code}") for g in _sorted(found.by_priority)],
        "types": _types(found.by_type, names),
        "validity": {
            "observed": written.seconds(validity.observed_s),
            "simulated": written.seconds(validity.simulated_s),
            "seconds": between(validity.seconds),
            "n": validity.seconds.n,
            "doubted": validity.doubted,
        }
        if validity
        else None,
        "notes": _notes(found),
        "assumed": _assumed(),
    }


def _sorted(groups: list[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: group.code)


def _period(found: Compared) -> str:
    if found.first is None or found.last is None:
        return "–"
    days = (timezone.localtime(case.at).date() for case in (found.first, found.last))
    return " – ".join(date_format(day, "j F Y") for day in days)


def _sides(today: Side, then: Side) -> list[tuple[str, str, str]]:
    """What is compared, side by side."""
    return [
        (_("Mean, s"), written.seconds(today.mean_s), written.seconds(then.mean_s)),
        (_("P90, s"), written.seconds(today.p90_s), written.seconds(then.p90_s)),
        (_("A unit came"), written.whole(today.served), written.whole(then.served)),
        (_("None ever came"), written.whole(today.unserved), written.whole(then.unserved)),
        (_("Had to wait for a free unit"), written.whole(today.waited), written.whole(then.waited)),
    ]


def _types(groups: list[Group], names: "_Names") -> list[tuple[str, str, str]]:
    """Types of which there are enough cases, and the others as one line."""
    enough = [group for group in groups if group.seconds]
    told = [_group(group, names.types.get(group.code, group.code)) for group in enough]
    few = [group for group in groups if not group.seconds]
    if few:
        others = _("%(n)s other types, each with too few cases") % {"n": len(few)}
        told.append((others, written.whole(sum(group.n for group in few)), _("not enough data")))
    return told


def _group(group: Group, name: str) -> tuple[str, str, str]:
    seconds = group.seconds
    told = between(seconds) if seconds else _("not enough data")
    return name, written.whole(seconds.n if seconds else group.n), told


def _changes(scenario: Scenario, names: _Names) -> list[str]:
    """The scenario in sentences."""
    told = [
        _("%(unit)s waits at %(place)s.") % {"unit": sign, "place": names.places.get(place, place)}
        for sign, place in sorted(scenario.moved.items())
    ]
    told += [_("%(unit)s is away.") % {"unit": sign} for sign in sorted(scenario.away)]
    told += [
        _("One more like %(unit)s, at %(place)s.")
        % {"unit": like, "place": names.places.get(place, place)}
        for like, place in scenario.added
    ]
    told += [
        _("%(type)s: %(count)s of %(kind)s.")
        % {
            "type": names.types.get(change.type, change.type),
            "count": change.count,
            "kind": names.of_kind.get(f"{change.agency}/{change.capability}", change.capability),
        }
        for change in scenario.plans
    ]
    if scenario.operators:
        told.append(_("Operators in each part of the day: %+d.") % scenario.operators)
    if scenario.gate is not None:
        told.append(_("The gate is on.") if scenario.gate else _("The gate is off."))
    return told or [_("As today.")]


def _notes(found: Compared) -> list[str]:
    """What the reader must know of these figures."""
    told = []
    if found.straight:
        told.append(
            _("%(share)s %% of the times are of the straight line, not by road.")
            % {"share": found.straight}
        )
    if found.desks:
        staff = ", ".join(f"{part_names()[p]} {n}" for p, n in found.desks.operators.items())
        told.append(_("Operators today, as the calls show: %(staff)s.") % {"staff": staff})
    if found.placeless:
        told.append(
            _("Left out, since nobody knows where they wait: %(units)s.")
            % {"units": ", ".join(found.placeless)}
        )
    if found.nowhere:
        told.append(_("Cases without a place, left out: %(n)s.") % {"n": found.nowhere})
    if found.unplanned:
        told.append(_("Cases without a response plan, left out: %(n)s.") % {"n": found.unplanned})
    return told


def _assumed() -> list[str]:
    return [
        _("Both sides are simulated: the dispatcher's own advice chooses the units."),
        _("Every unit in use is on duty and ready all the time; none is turned round on its way."),
        _("How long it took to answer, notify, leave and work is each case's own, or the median."),
        _("Roads are closed as they are now."),
        _("The interval draws whole days anew, the same in both (95 per cent)."),
    ]


def _paper(answer: dict[str, Any], names: _Names) -> HttpResponse:
    served = deployment()
    drill = bool(served and served.drill)
    made = _("Made %(at)s. Cases: %(n)s, %(period)s.") % {
        "at": date_format(timezone.localtime(clock.now()), "j F Y H:i"),
        "n": answer["cases"],
        "period": answer["period"],
    }
    data = {
        "title": _("What if"),
        "city": served.name if served else "Sigap",
        "language": (get_language() or "id")[:2],
        "drill": drill,
        "made": made,
        "sections": _sections(answer),
    }
    paper = typeset(PAPER.read_bytes(), {"data": json.dumps(data)}, made=clock.now())
    response = HttpResponse(paper, content_type="application/pdf")
    sort = "latihan" if drill else "bagaimana-jika"
    name = f"{sort}-{timezone.localtime(clock.now()):%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sections(answer: dict[str, Any]) -> list[dict[str, Any]]:
    def section(
        title: str, lines: list[str], head: list[str] | None = None, rows: Any = ()
    ) -> dict[str, Any]:
        return {"title": title, "lines": lines, "head": head or [], "rows": [list(r) for r in rows]}

    difference = _("Difference in s (95 per cent interval)")
    outcome = f"{difference}: {answer['seconds']}, n = {answer['n']}. {answer['verdict']}"
    told = answer["validity"]
    if told is None:
        believed = [_("Too few observed times to see whether the simulation can be believed.")]
    else:
        text = _(
            "Observed mean %(observed)s s, simulated %(simulated)s s "
            "in the same %(n)s cases: %(seconds)s s."
        )
        believed = [text % told]
        if told["doubted"]:
            believed.append(_("They disagree: read the differences with caution."))
    group_head = [_("Group"), "n", difference]
    return [
        section(_("What is different"), answer["changes"]),
        section(_("Response time"), [outcome], ["", _("Today"), _("Scenario")], answer["sides"]),
        section(_("Can it be believed?"), believed),
        section(_("By priority"), [], group_head, answer["priorities"]),
        section(_("By type"), [], group_head, answer["types"]),
        section(_("How this is reckoned"), answer["notes"] + answer["assumed"]),
    ]


urlpatterns = [path("insight/whatif", page)]
