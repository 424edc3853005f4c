"""What the live screens load before they follow the stream: the board, names, the ground."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _

from sigap.calls.queries import phone_book
from sigap.core import clock
from sigap.core.actions.shifts import heartbeat
from sigap.core.actors import Permission
from sigap.core.errors import Forbidden
from sigap.core.journal import tip_seq
from sigap.core.models import ReasonCode, User
from sigap.core.names import in_language, named, role_names
from sigap.core.parameters import value
from sigap.core.queries import deployment
from sigap.core.web import Request, view
from sigap.dispatch.field.names import condition_names
from sigap.evaluation.breaches import limits
from sigap.fleet.models import Agency, Capability, Hospital, Post, Unit
from sigap.fleet.names import item_names
from sigap.incidents.models import Disposition, IncidentType
from sigap.places.models import Area, Landmark
from sigap.places.queries import city

from .. import rows, sights
from ..stream import NEEDS
from ..warningrows import warning_rows
from ..words import names, state_names

# What the screens reckon with themselves.
PARAMETERS = {
    "heartbeat_s": "calls.heartbeat_s",
    "missed_heartbeats": "calls.missed_heartbeats",
    "callback_due_s": "calls.callback_due_s",
    "silent_alarm_s": "gate.silent_alarm_s",
    "acknowledge_s": "dispatch.acknowledge_s",
    "position_age_s": "dispatch.position_age_s",
    "accuracy_m": "positions.accuracy_m",
    "shelve_urgent_min": "alarms.shelve_urgent_min",
}


@view(Permission.LIVE)
def state(request: Request) -> HttpResponse:
    """The whole board of one view, and the journal number that it is not older than."""
    actor = request.actor
    best = next(name for name in NEEDS if actor.may(NEEDS[name]))
    name = request.GET.get("view", best)
    if name not in NEEDS or not actor.may(NEEDS[name]):
        raise Forbidden(_("Your role does not allow this."))
    served = deployment()
    seq = tip_seq()
    board = rows.whole_board() | {"warnings": warning_rows()}
    if name == "wall":
        board = sights.without_personal_data(board)
    elif name == "agency":
        board = {"calls": [], "callbacks": [], "alarms": [], "operators": []} | sights.of_agency(
            board, actor.agency
        )
    return JsonResponse(
        {
            "seq": seq,
            "now": rows.iso(clock.now()),
            "drill": bool(served and served.drill),
            **board,
            "surge": rows.surge_row(),
            "parameters": {short: value(long) for short, long in PARAMETERS.items()}
            | {"fresh_s": value("positions.fresh_s")},
            "targets": limits(),
        }
    )


@view(Permission.LIVE)
def catalogue(request: Request) -> HttpResponse:
    """The names of all codes in the person's language; of people only for the control room."""
    in_the_room = request.actor.may(Permission.CONSOLE)
    people = User.objects.values_list("id", "name") if in_the_room else ()
    return JsonResponse(
        {
            "types": {kind.code: _type(kind) for kind in _types()},
            "agencies": {
                a.code: {"name": named(a), "short": a.short, "rank": a.rank}
                for a in Agency.objects.order_by("rank")
            },
            "areas": {
                a.code: {"name": a.name, "district": a.district, "lat": a.lat, "lng": a.lng}
                for a in Area.objects.order_by("code")
            },
            "phone_book": _phone_book() if in_the_room else [],
            "capabilities": {c.code: named(c) for c in Capability.objects.all()},
            "kinds": {u.kind: in_language(u, "kind") for u in Unit.objects.filter(active=True)},
            "reasons": _reasons(),
            "dispositions": {d.code: named(d) for d in Disposition.objects.filter(active=True)},
            "classes": names.class_names(),
            "states": {
                machine: state_names(machine)
                for machine in ("call", "party", "incident", "assignment", "unit", "alarm")
            }
            | {"operator": names.operator_states(), "patient": condition_names()},
            "alarms": names.alarm_names(),
            "gates": names.gate_names(),
            "causes": names.cause_names(),
            "roles": role_names(),
            "landmarks": [
                {
                    "id": mark.pk,
                    "name": mark.name,
                    "area": mark.area_code,
                    "lat": mark.lat,
                    "lng": mark.lng,
                    "precision": mark.precision,
                }
                for mark in Landmark.objects.select_related("area").order_by("name")
            ],
            "items": item_names(),
            "houses": _houses(),
            "users": {str(pk): name for pk, name in people},
        }
    )


@view(Permission.LIVE)
def ground(_request: Request) -> HttpResponse:
    """The city's areas as GeoJSON, official or approximate."""
    cells = city().cells
    if cells is None:
        return JsonResponse({"type": "FeatureCollection", "features": []})
    names = {a.code: {"name": a.name, "district": a.district} for a in Area.objects.all()}
    response = JsonResponse(cells.to_geojson(names))
    response["Cache-Control"] = f"private, max-age={int(timedelta(minutes=5).total_seconds())}"
    return response


@view(Permission.LIVE, "POST")
def alive(request: Request) -> HttpResponse:
    """An open console's sign of life."""
    heartbeat(actor=request.actor)
    return JsonResponse({"ok": True, "now": rows.iso(clock.now())})


def _types() -> list[IncidentType]:
    found = IncidentType.objects.filter(active=True).order_by("rank", "id")
    return list(found.prefetch_related("questions", "rules"))


def _type(kind: IncidentType) -> dict[str, Any]:
    return {
        "name": named(kind),
        "group": kind.group,
        "priority": kind.priority,
        "siren": kind.siren,
        "lead": kind.lead,
        "questions": [
            {
                "code": q.code,
                "text": named(q),
                "kind": q.kind,
                "options": [[o[0], q.answer_names()[o[0]]] for o in q.options],
            }
            for q in kind.questions.all()
        ],
        "rules": [
            {
                "code": r.code,
                "when": r.when,
                "priority": r.priority,
                "siren": r.siren,
                "text": named(r),
            }
            for r in kind.rules.all()
        ],
    }


def _phone_book() -> list[dict[str, str]]:
    return [
        {"code": e.code, "name": named(e), "number": e.number, "kind": e.kind, "agency": e.agency}
        for e in phone_book()
    ]


def _houses() -> list[dict[str, Any]]:
    """The posts and hospitals of which the point is known."""
    known = {"active": True, "lat__isnull": False, "lng__isnull": False}
    return [
        {"name": house.name, "what": what, "lat": house.lat, "lng": house.lng}
        for what, rows in (("post", Post.objects), ("hospital", Hospital.objects))
        for house in rows.filter(**known).order_by("name")
    ]


def _reasons() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for reason in ReasonCode.objects.filter(active=True).order_by("id"):
        found.setdefault(reason.purpose, {})[reason.code] = named(reason)
    return found


urlpatterns = [
    path("console/state", state),
    path("console/catalogue", catalogue),
    path("console/ground", ground),
    path("console/heartbeat", alive),
]
