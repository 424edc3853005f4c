"""Where units should wait, as a page for those who plan; and on the dispatcher's board the unit
that could wait elsewhere for now, which a person accepts or declines."""

from collections.abc import Sequence
from math import isnan
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pydantic import BaseModel

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Conflict, Invalid
from sigap.core.names import named
from sigap.core.parameters import value
from sigap.core.web import Request, body, view
from sigap.evaluation import written
from sigap.fleet.actions import Proposed, answer_move_up, move_back
from sigap.fleet.models import Agency, Capability, MoveUp
from sigap.insight.standby.ground import Ground, Place
from sigap.insight.standby.moveup import Suggestion, suggestions
from sigap.insight.standby.simulate import Interval
from sigap.insight.standby.travel import DAY_PARTS, part_of
from sigap.insight.standby.trips import FEWEST, past
from sigap.insight.standby.waiting import METHODS, Kind, Part, Plan, kinds, plan_for
from sigap.places.queries import city

from ..citymap import CityMap, Mark
from ..turns import one_at_a_time

P = Permission
MOST_ANSWERS = 30


class Answer(BaseModel):
    """The proposal that is answered, by its unit and place, and the answer."""

    unit: Code
    place: Code
    accepted: bool


# The page


@view(P.EVALUATE)
def page(request: Request) -> HttpResponse:
    """The plan of one kind of unit."""
    ground, known = Ground(), past()
    all_kinds = kinds(known, ground)
    names = kind_names(all_kinds)
    wanted = request.GET.get("kind", "")
    kind = next((one for one in all_kinds if one.code == wanted), None)
    if wanted and kind is None:
        raise Invalid(_("No unit in use is of this kind."), code="kind")
    kind = kind or next(iter(all_kinds), None)
    method = request.GET.get("method") or METHODS[0]
    shown = request.GET.get("part") or part_of(clock.now())
    if method not in METHODS or shown not in DAY_PARTS:
        raise Invalid(_("There is no such choice."), code="method")
    context: dict[str, Any] = {
        "kinds": [(one.code, names[one.code]) for one in all_kinds],
        "kind": kind.code if kind else "",
        "methods": method_names().items(),
        "method": method,
        "parts": part_names().items(),
        "part": shown,
        "fewest": FEWEST,
        "answers": [_answer(row) for row in _answers()],
    }
    if kind is not None:
        with one_at_a_time():
            plan = plan_for(kind, method, known, ground)
        context |= _context(plan, names[kind.code], shown, ground)
    return render(request, "console/standby.html", context)


def kind_names(all_kinds: Sequence[Kind]) -> dict[str, str]:
    """What people call kinds of units, by their codes."""
    agencies = {a.code: a.short for a in Agency.objects.all()}
    able = {c.code: named(c) for c in Capability.objects.all()}
    return {
        k.code: f"{agencies.get(k.agency, k.agency)}: {able.get(k.capability, k.capability)}"
        for k in all_kinds
    }


def part_names() -> dict[str, str]:
    """What people call the parts of the day."""
    return {
        "night": _("Night (21–06)"),
        "morning": _("Morning (06–09)"),
        "day": _("Day (09–15)"),
        "afternoon": _("Afternoon (15–18)"),
        "evening": _("Evening (18–21)"),
    }


def method_names() -> dict[str, str]:
    """What people call the models."""
    return {
        "p_median": _("Shortest mean time (p-median)"),
        "mexclp": _("Most covered, with busy units (MEXCLP)"),
    }


def sort_name(place: Place) -> str:
    """What sort of place it is, in words."""
    sorts = {
        "post": pgettext("place", "post"),
        "area": _("kelurahan"),
        "staging": _("staging place"),
        "station": _("station"),
    }
    return sorts[place.sort]


def between(seconds: Interval | None) -> str:
    """A difference with its interval: −12 (−20 to −4)."""
    if seconds is None:
        return "–"
    text = _("%(mean)s (%(low)s to %(high)s)")
    values = {"mean": seconds.mean, "low": seconds.low, "high": seconds.high}
    return text % {name: signed(number) for name, number in values.items()}


def signed(number: float) -> str:
    """Whole seconds with their sign."""
    rounded = round(number)
    if rounded == 0:
        return "0"
    return ("+" if rounded > 0 else "−") + written.whole(abs(rounded))


def _context(plan: Plan, name: str, shown: str, ground: Ground) -> dict[str, Any]:
    names = part_names()
    part = next((one for one in plan.parts if one.part == shown), None)
    return {
        "plan": plan,
        "name": name,
        "busy": written.percent(100 * plan.busy) if plan.busy is not None else "–",
        "rows": [_part(one, names[one.part]) for one in plan.parts],
        "units": _units(plan, names),
        "check": _check(plan),
        "map": _map(part, ground) if part else None,
        "shown": names[shown],
        "within": written.whole(round(value("insight.reach_s") / 60)),
    }


def _part(part: Part, name: str) -> dict[str, Any]:
    saved = part.then_s - part.today_s
    return {
        "name": name,
        "cases": written.whole(part.cases),
        "today": _seconds(part.today_s),
        "then": _seconds(part.then_s),
        "saved": "–" if isnan(saved) else signed(saved),
        "today_left": written.percent(100 * part.today_left),
        "then_left": written.percent(100 * part.then_left),
        "proven": part.proven,
        "gap": written.percent(100 * part.gap),
    }


def _seconds(number: float) -> str:
    return written.seconds(None if isnan(number) else number)


def _units(plan: Plan, names: dict[str, str]) -> list[dict[str, Any]]:
    """A row for each unit: where it waits today, and in each part of the day."""
    if not plan.parts:
        return []
    return [
        {
            "unit": wait.unit,
            "today": f"{wait.today.name} ({sort_name(wait.today)})",
            "then": [
                {
                    "part": names[part.part],
                    "place": part.waits[n].then.name,
                    "sort": sort_name(part.waits[n].then),
                    "moves": part.waits[n].moves,
                }
                for part in plan.parts
            ],
        }
        for n, wait in enumerate(plan.parts[0].waits)
    ]


def _check(plan: Plan) -> dict[str, Any] | None:
    check = plan.check
    if check is None:
        return None
    seconds = check.seconds
    if seconds is None:
        verdict = _("Not enough later cases to say whether it helps.")
    elif seconds.high < 0:
        verdict = _("In later cases units would have been there sooner.")
    elif seconds.low > 0:
        verdict = _("In later cases units would have been there later: do not follow this plan.")
    else:
        verdict = _("Later cases do not show that it helps: the difference may be chance.")
    return {
        "learned": written.whole(check.learned),
        "tested": written.whole(check.tested),
        "seconds": between(seconds),
        "days": seconds.days if seconds else 0,
        "n": seconds.n if seconds else 0,
        "verdict": verdict,
        "helps": seconds is not None and seconds.high < 0,
        "unserved": (check.today["unserved"], check.then["unserved"]),
    }


def _map(part: Part, ground: Ground) -> CityMap:
    now = [Mark(w.today.point, "today", w.unit) for w in part.waits]
    then = [Mark(w.then.point, "then", w.unit) for w in part.waits]
    return CityMap(city().cells, [*now, *then], [(a.lat, a.lng) for a in ground.areas])


def _answers() -> QuerySet[MoveUp]:
    return MoveUp.objects.select_related("unit").order_by("-answered_at", "-pk")[:MOST_ANSWERS]


def _answer(row: MoveUp) -> dict[str, Any]:
    said = {
        "accepted": _("accepted, waits there"),
        "ended": _("accepted, back again"),
        "declined": pgettext("proposal", "declined"),
    }
    gain = written.percent(row.gain_percent)
    return {"row": row, "said": said[row.state], "gain": gain}


# On the dispatcher's board


@view(P.DISPATCH)
def proposals(_request: Request) -> JsonResponse:
    """The units that could wait elsewhere now, the most useful first."""
    return JsonResponse({"suggestions": [_suggestion(one) for one in suggestions()]})


@view(P.DISPATCH, "POST")
def answer(request: Request) -> JsonResponse:
    """Accept or decline what is proposed now; what is not proposed any more is refused."""
    given = body(request, Answer)
    one = next(
        (s for s in suggestions() if (s.unit, s.place.code) == (given.unit, given.place)), None
    )
    if one is None:
        raise Conflict(_("This is not proposed any more: the situation has changed."))
    lat, lng = one.place.point
    held = answer_move_up(
        one.unit,
        Proposed(
            place=one.place.code,
            name=one.place.name,
            lat=lat,
            lng=lng,
            capability=one.kind.capability,
            gain_percent=one.gain_percent,
            areas=len(one.areas),
        ),
        accepted=given.accepted,
        actor=request.actor,
    )
    return JsonResponse({"ok": True, "unit": one.unit, "state": held.state})


@view(P.DISPATCH, "POST")
def home(request: Request, call_sign: str) -> JsonResponse:
    """Let a unit wait at its own place again."""
    unit = move_back(call_sign, actor=request.actor)
    return JsonResponse({"ok": True, "unit": unit.call_sign, "v": unit.version})


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "place": one.place.code,
        "place_name": one.place.name,
        "kind": kind_names([one.kind])[one.kind.code],
        "areas": one.areas,
        "gain": written.percent(one.gain_percent),
        "left": written.percent(one.left_percent),
        "busy": one.busy,
        "incidents": one.incidents,
        "minutes": max(1, round(one.seconds / 60)),
        "within": round(value("insight.reach_s") / 60),
        "straight": one.straight,
        "stale": one.stale,
    }


urlpatterns = [
    path("insight/standby", page),
    path("dispatch/move-up", proposals),
    path("dispatch/move-up/answer", answer),
    path("dispatch/units/<str:call_sign>/home", home),
]
