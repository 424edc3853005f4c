"""Proposals as a page shows them: in words, and only as much of the cases as the reader may see."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from sigap.complaints.machine import GONE
from sigap.complaints.models import Category, Complaint, Referral
from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.names import in_language, named, reasons
from sigap.core.parameters import as_written, value
from sigap.incidents.models import Incident, IncidentType
from sigap.insight.warning.events import CATEGORY, PRANK, TYPE
from sigap.insight.warning.returns import cost_of, effect_of
from sigap.places.drawing import Drawing, draw
from sigap.places.models import Area
from sigap.places.queries import city
from sigap.proposals.machine import PROPOSAL
from sigap.proposals.models import Advice, Proposal
from sigap.proposals.queries import GENERAL, advice

from .rows import Row
from .words import state_names
from .words.proposals import kind_names

P = Permission
MOST_LINKS = 20
RAREST = 350  # days: both daily scans together cannot tell rarer things apart


def stream_names() -> dict[str, str]:
    """What people call each kind of case."""
    found = {TYPE + row.code: named(row) for row in IncidentType.objects.all()}
    found |= {CATEGORY + row.code: named(row) for row in Category.objects.all()}
    return found | {PRANK: _("Prank calls")}


def small_map() -> Drawing:
    """The city so small that a page may have many of it."""
    return draw(city().cells, 200, margin=2, fine=0.8)


def shown(proposals: Sequence[Proposal], actor: Actor) -> list[Row]:
    """The proposals as rows; what stands in several is read once."""
    if not proposals:
        return []
    streams, told = stream_names(), advice()
    areas = dict(Area.objects.values_list("code", "name"))
    states, kinds, why = state_names("proposal"), kind_names(), dict(reasons("dismiss"))
    an_hour = value("returns.unit_hour_cost")
    links, numbers, ground = _links(proposals, actor), _numbers(proposals), small_map()
    may_see = actor.may(P.CONSOLE)
    rows = []
    for one in proposals:
        said = told.get(one.stream) or told.get(GENERAL) or Advice(stream=one.stream)
        general = told.get(GENERAL) or said
        public = one.is_alarm or said.public_place
        rows.append(
            {
                "row": one,
                "kind": kinds[one.kind],
                "stream": streams.get(one.stream, one.stream),
                "agency": one.agency,
                "state_name": states[one.state],
                "areas": [areas.get(code, code) for code in one.areas],
                "outline": ground.of(one.areas),
                "box": ground.box,
                "what": _text(one, said, general),
                "target": in_language(said, "target") if said.target else "",
                "rarity": _rarity(one),
                "cases": _cases(one, links, numbers) if public or may_see else [],
                "hidden": not public and not may_see,
                "place": _place(one) if said.public_place else "",
                "key": _key(one),
                "cost": (cost := cost_of(one.cases) if one.kind == "return" else None),
                "rupiah": as_written(round(cost.unit_hours * an_hour)) if cost and an_hour else "",
                "effect": effect_of(one, clock.now()),
                "reason": why.get(one.reason, one.reason),
                "note": _note(one, actor),
                "may": {c for c in ("accept", "finish", "dismiss") if _allows(one, c, actor)},
                "may_pass": _allows(one, "pass_on", actor) and actor.may(P.SUPERVISE),
            }
        )
    return rows


def _allows(one: Proposal, command: str, actor: Actor) -> bool:
    own = one.agency is not None and one.agency.code == actor.agency
    mine = actor.may(P.SUPERVISE) or (own and actor.may(P.AGENCY_BOARD))
    return mine and PROPOSAL.allows(one.state, command)


def _text(one: Proposal, said: Advice, general: Advice) -> str:
    field = {"burst": "burst", "return": "lasting"}.get(one.kind, "trend")
    source = said if getattr(said, field) else general
    return in_language(source, field)


def _rarity(one: Proposal) -> Row | None:
    if one.once_in is None:
        return None
    return {"days": round(min(one.once_in, RAREST)), "rarer": one.once_in >= RAREST}


def _note(one: Proposal, actor: Actor) -> str:
    """Free words may tell of people: they are for the control room and the agency itself."""
    own = one.agency is not None and one.agency.code == actor.agency
    return one.note.body if one.note and (own or actor.may(P.CONSOLE)) else ""


def _key(one: Proposal) -> str:
    kind, _colon, which = one.key.partition(":")
    if kind == "school":
        start, _dash, end = which.partition("-")
        return _("School days, %(start)s:00 to %(end)s:00") % {"start": start, "end": end}
    return _("One caller, in 30 days") if kind == "caller" else ""


def _cases(one: Proposal, links: dict[str, str], numbers: dict[str, str]) -> list[Row]:
    nouns = {"incident": _("Incident"), "complaint": _("Complaint"), "call": _("Call")}
    found = []
    for ref in one.cases[:MOST_LINKS]:
        noun, _colon, key = ref.partition(":")
        name = f"{nouns.get(noun, noun)} {numbers.get(ref, key)}"
        found.append({"name": name, "href": links.get(ref, "")})
    return found


def _numbers(proposals: Iterable[Proposal]) -> dict[str, str]:
    """The numbers by which people know the complaints."""
    refs = {ref for one in proposals for ref in one.cases[:MOST_LINKS]}
    keys = [ref.partition(":")[2] for ref in refs if ref.startswith("complaint:")]
    rows = Complaint.objects.filter(pk__in=keys).values_list("pk", "number")
    return {f"complaint:{pk}": number for pk, number in rows}


def _links(proposals: Iterable[Proposal], actor: Actor) -> dict[str, str]:
    """Where this reader may read the cases."""
    refs = {ref for one in proposals for ref in one.cases[:MOST_LINKS]}
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for ref in refs:
        noun, _colon, key = ref.partition(":")
        keys[noun].append(key)
    found: dict[str, str] = {}
    if actor.may(P.MANAGE_INCIDENTS):
        found |= {f"incident:{key}": f"/incidents/{key}" for key in keys["incident"]}
    if actor.may(P.HANDLE_COMPLAINTS):
        found |= {f"complaint:{key}": f"/complaints/{key}" for key in keys["complaint"]}
    elif actor.may(P.AGENCY_BOARD):
        own = Referral.objects.filter(
            agency__code=actor.agency, complaint_id__in=keys["complaint"]
        ).exclude(state__in=GONE)
        found |= {
            f"complaint:{complaint}": f"/agency/complaints/{pk}"
            for pk, complaint in own.values_list("pk", "complaint_id")
        }
    return found


def _place(one: Proposal) -> str:
    """Where something in public space comes back: the number on it, a landmark, or a point. Read
    from the newest case, so that it is gone where the case was erased."""
    noun, _colon, key = (one.cases[0] if one.kind == "return" and one.cases else "").partition(":")
    case: Incident | Complaint | None = None
    if noun == "incident":
        case = Incident.objects.select_related("landmark").filter(pk=key).first()
    elif noun == "complaint":
        case = Complaint.objects.select_related("landmark").filter(pk=key).first()
    if case is None:
        return ""
    asset = getattr(case, "asset", "")
    landmark = case.landmark.name if case.landmark else ""
    point = f"{case.lat:.4f}, {case.lng:.4f}" if case.lat and case.lng else ""
    return " · ".join(part for part in (asset, landmark, point) if part)
