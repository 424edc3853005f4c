"""What is agreed with neighbouring centres: hand-overs, requests for units, shared records."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from sigap.core import clock
from sigap.core.actions.personal import opened as note_look
from sigap.core.actors import Actor, Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.journal import subject_of
from sigap.core.names import named, reasons, role_names
from sigap.core.parameters import value
from sigap.core.web import Line, Request, body, view
from sigap.dispatch.queries import open_jobs
from sigap.fleet.models import Capability, Unit
from sigap.incidents.models import Incident, IncidentType
from sigap.incidents.queries import get as get_incident
from sigap.neighbours import actions, queries
from sigap.neighbours.models import Aid, Between, Centre, Handover, Loan, Share
from sigap.neighbours.record import PERSONAL
from sigap.neighbours.seal import link_token
from sigap.neighbours.telling import lines
from sigap.notify.recipients import is_reached

from ..words import state_names
from ..words.neighbours import end_names, fault_names, part_names

P = Permission
SHOWN = 50
NOUNS: dict[str, Any] = {"handovers": Handover, "aid": Aid, "shares": Share}
SHARED = ("place", "units", "positions", "address", "words", "number", "notes")


def _many(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


class Given(BaseModel):
    """What the forms of these pages say."""

    version: int | None = None
    reason: Code = ""
    type: Code = ""
    priority: int | None = None
    incident: int | None = None
    by: Line = ""
    number: Line = ""
    units: Annotated[list[Code], BeforeValidator(_many)] = []
    signs: Line = ""
    minutes: int | None = None
    link: int = 0


class Wish(BaseModel):
    """A request for units."""

    centre: Code
    capability: Code
    count: int = 1
    hours: Annotated[float, Field(gt=0, le=1000)] = 4
    reason: Code
    place: Annotated[str, StringConstraints(max_length=4000)] = ""
    words: Annotated[str, StringConstraints(max_length=4000)] = ""
    incident: int | None = None


class Proposal(BaseModel):
    """What is to be shared, with whom, for how long."""

    incident: int
    centre: Code
    hours: Annotated[float, Field(gt=0, le=1000)] = 2
    parts: Annotated[list[Code], BeforeValidator(_many)] = []


@view(P.MANAGE_INCIDENTS)
def screen(request: Request) -> HttpResponseBase:
    """What waits for an answer, what goes on, and whether the centres can be reached."""
    return _list(request)


@view(P.DISPATCH, "POST")
def ask(request: Request) -> HttpResponse:
    """Ask a centre for units."""
    try:
        given = body(request, Wish)
        row = actions.ask_aid(
            given.centre,
            capability=given.capability,
            count=given.count,
            hours=given.hours,
            reason=given.reason,
            place=given.place,
            words=given.words,
            incident_id=given.incident,
            actor=request.actor,
        )
    except SigapError as error:
        return _list(request, error)
    return redirect(f"/neighbours/aid/{row.pk}")


@view(P.MANAGE_INCIDENTS, "POST")
def propose(request: Request) -> HttpResponse:
    """Propose to share an incident's record."""
    try:
        given = body(request, Proposal)
        row = actions.propose_share(
            given.incident, given.centre, given.parts, hours=given.hours, actor=request.actor
        )
    except SigapError as error:
        return _list(request, error)
    return redirect(f"/neighbours/shares/{row.pk}")


@view(P.MANAGE_INCIDENTS)
def one(request: Request, noun: str, pk: int) -> HttpResponseBase:
    """One hand-over, request or share, with what was told. The look is on record."""
    return _page(request, noun, _get(noun, pk))


@view(P.MANAGE_INCIDENTS, "POST")
def act(request: Request, noun: str, pk: int, command: str) -> HttpResponse:
    """Do something about it."""
    row, does = _get(noun, pk), _COMMANDS.get((noun, command))
    if does is None:
        raise Missing(_("There is nothing at this address."))
    try:
        does(row, body(request, Given), request.actor)
    except SigapError as error:
        return _page(request, noun, _get(noun, pk), error, command)
    return redirect(f"/neighbours/{noun}/{pk}")


@view(P.DISPATCH, "POST")
def give_back(request: Request, loan_id: int) -> HttpResponse:
    """A unit works for its own centre again."""
    try:
        loan = actions.give_back(loan_id, actor=request.actor)
    except SigapError as error:
        return _list(request, error)
    return redirect(f"/neighbours/aid/{loan.aid_id}")


def panel(incident: Incident, actor: Actor) -> dict[str, Any]:
    """What the incident's page shows of neighbours, with the forms to ask and to share."""
    found = queries.of_incident(incident)
    return {
        "rows": [_row(row) for rows in found.values() for row in rows],
        "centres": [(c.code, named(c)) for c in queries.centres()],
        "capabilities": [(c.code, named(c)) for c in Capability.objects.order_by("code")],
        "aid_reasons": reasons("aid"),
        "parts": _parts(),
        "most_hours": value("neighbours.share_h"),
        "asks": actor.may(P.DISPATCH),
        "place": incident.address.body if incident.address else "",
    }


def _parts() -> list[tuple[str, str, bool]]:
    """What can be shared of an incident, and whether it is personal."""
    return [(part, part_names()[part], part in PERSONAL) for part in SHARED]


def _list(request: Request, error: SigapError | None = None) -> HttpResponse:
    now = clock.now()
    loans = Loan.objects.select_related("unit__agency", "aid__centre").filter(state="lent")
    context = {
        "error": error,
        "typed": request.POST if error else {},
        "place": "",
        "proposing": bool(error) and request.path.endswith("/propose"),
        "shared": request.POST.getlist("parts"),
        "parts": _parts(),
        "most_hours": value("neighbours.share_h"),
        "rows": {noun: [_row(row) for row in _recent(model)] for noun, model in NOUNS.items()},
        "loans": [
            {
                "loan": loan,
                "centre": named(loan.aid.centre),
                "late": loan.until <= now,
                "radio": _radio(loan),
            }
            for loan in loans.order_by("until")
        ],
        "health": [_health(centre) for centre in Centre.objects.order_by("name")],
        "centres": [(c.code, named(c)) for c in queries.centres()],
        "capabilities": [(c.code, named(c)) for c in Capability.objects.order_by("code")],
        "aid_reasons": reasons("aid"),
        "asks": request.actor.may(P.DISPATCH),
    }
    status = error.status if error else 200
    return render(request, "console/neighbours.html", context, status=status)


def _radio(loan: Loan) -> str:
    """How its crew is told, where no alert of ours does that."""
    if not loan.guest:
        return _("No alert goes to it while it is lent: tell its crew by radio.")
    if is_reached(loan.unit, clock.now()):
        return ""
    words = _("No alert reaches its crew from here: tell it by radio, or by its own centre.")
    return f"{words} {loan.aid.centre.phone}".strip()


def _recent(model: Any) -> list[Any]:
    return list(model.objects.select_related("centre").order_by("-id")[:SHOWN])


def _row(row: Between) -> dict[str, Any]:
    noun = {Handover: "handovers", Aid: "aid", Share: "shares"}[type(row)]
    return {
        "row": row,
        "address": f"/neighbours/{noun}/{row.pk}",
        "what": _what(row),
        "centre": named(row.centre),
        "state": _state(row),
    }


def _what(row: Between) -> str:
    if isinstance(row, Aid):
        known = Capability.objects.filter(code=row.capability).first()
        return f"{row.count} × {named(known) if known else row.capability}"
    if isinstance(row, Share):
        return _("Shared record")
    return _("Call handed over")


def _state(row: Between) -> str:
    machine = row.MACHINE.name  # type: ignore[attr-defined]
    return state_names(machine)[row.state]  # type: ignore[attr-defined]


def _health(centre: Centre) -> dict[str, Any]:
    waiting = queries.waiting(centre)
    return {
        "centre": centre,
        "name": named(centre),
        "waiting": waiting.count(),
        "oldest": waiting.order_by("id").values_list("made_at", flat=True).first(),
        "fault": fault_names().get(centre.fault, centre.fault),
    }


def _get(noun: str, pk: int) -> Any:
    if noun not in NOUNS:
        raise Missing(_("There is nothing at this address."))
    return queries.get(NOUNS[noun], pk)


def _page(
    request: Request, noun: str, row: Any, error: SigapError | None = None, command: str = ""
) -> HttpResponse:
    actor: Actor = request.actor
    note_look(subject_of(row), screen="neighbour", actor=actor, case=_case(row))
    told, news = queries.record_of(row), queries.news_of(row)
    declined = dict(reasons("not_accepted"))
    context: dict[str, Any] = {
        "noun": noun,
        "row": row,
        "base": f"/neighbours/{noun}/{row.pk}",
        "centre": row.centre,
        "name": named(row.centre),
        "what": _what(row),
        "state": _state(row),
        "told": lines(told) if told else [],
        "news": lines(news) if news else [],
        "answer": _answer_words(queries.words_of(row, "answer")),
        "reason": declined.get(row.answer_reason, row.answer_reason),
        "not_accepted": declined.items(),
        "delivery": queries.waiting(row.centre).filter(about=subject_of(row)).first(),
        "error": error,
        "typed": request.POST if error else {},
        "chosen": request.POST.getlist("units"),
        "command": command,
        "supervises": actor.may(P.SUPERVISE),
        "dispatches": actor.may(P.DISPATCH),
    }
    if context["delivery"]:
        code = context["delivery"].error
        context["fault"] = fault_names().get(code, code)
    if noun != "aid":
        context["links"] = [
            {
                "link": link,
                "open": queries.is_open(link, clock.now()),
                "url": request.build_absolute_uri(f"/limpahan/{link_token(link.pk, link.nonce)}"),
            }
            for link in queries.links_of(row)
        ]
    context |= _MORE[noun](row, actor)
    status = error.status if error else 200
    return render(request, f"console/neighbour_{noun}.html", context, status=status)


def _of_handover(row: Handover, _actor: Actor) -> dict[str, Any]:
    kinds = IncidentType.objects.filter(active=True).order_by("rank")
    return {"types": [(t.code, named(t)) for t in kinds], "guess": row.type}


def _of_aid(row: Aid, actor: Actor) -> dict[str, Any]:
    free = []
    if not row.ours and row.state == "asked" and actor.may(P.SUPERVISE):
        busy = open_jobs()
        able = Unit.objects.filter(active=True, on_duty=True, state="available")
        free = [
            u
            for u in able.order_by("call_sign")
            if row.capability in u.capabilities and u.pk not in busy
        ]
    why = dict(reasons("aid"))
    return {
        "free": free,
        "why": why.get(row.reason, row.reason),
        "place": queries.words_of(row, "place"),
        "words": queries.words_of(row, "words"),
        "loans": [
            (loan, _radio(loan))
            for loan in row.loans.select_related("unit__agency", "aid__centre").order_by("id")
        ],
    }


def _of_share(row: Share, actor: Actor) -> dict[str, Any]:
    return {
        "parts": [part_names()[p] for p in row.parts if p in part_names()],
        "own": row.proposed_by == actor.user_id,
        "over": end_names().get(row.ended_why, ""),
        "shared": queries.is_shared(row, clock.now()),
        "title": queries.words_of(row, "title"),
        "fetch_fault": fault_names().get(row.fault, row.fault),
    }


_MORE: dict[str, Callable[[Any, Actor], dict[str, Any]]] = {
    "handovers": _of_handover,
    "aid": _of_aid,
    "shares": _of_share,
}


def _answer_words(said: str) -> str:
    """Who answered: a role that we know by its name in the reader's language."""
    role, _dot, number = said.partition(" · ")
    names = {str(code): name for code, name in role_names().items()}
    return " · ".join(filter(None, (names.get(role, role), number)))


def _case(row: Between) -> str:
    return f"incident:{row.incident_id}" if row.incident_id else ""


def _accept(row: Handover, given: Given, actor: Actor) -> None:
    if given.incident is not None:
        get_incident(given.incident)
    actions.accept_handover(
        row.pk,
        type_code=given.type,
        priority=given.priority,
        incident_id=given.incident,
        version=given.version,
        actor=actor,
    )


def _told(row: Any, given: Given, actor: Actor, *, accepted: bool) -> None:
    more: dict[str, Any] = {"accepted": accepted, "by": given.by, "version": given.version}
    if isinstance(row, Handover):
        actions.note_answer(row.pk, number=given.number, reason=given.reason, actor=actor, **more)
    elif isinstance(row, Aid):
        signs = [sign.strip() for sign in given.signs.split(",") if sign.strip()]
        actions.note_aid(row.pk, signs=signs, reason=given.reason, actor=actor, **more)
    else:
        actions.note_share(row.pk, actor=actor, **more)


def _told_yes(row: Any, given: Given, actor: Actor) -> None:
    _told(row, given, actor, accepted=True)


def _told_no(row: Any, given: Given, actor: Actor) -> None:
    _told(row, given, actor, accepted=False)


def _lend(row: Aid, given: Given, actor: Actor) -> None:
    actions.lend_units(
        row.pk, given.units, minutes=given.minutes, version=given.version, actor=actor
    )


_COMMANDS: dict[tuple[str, str], Callable[[Any, Given, Actor], object]] = {
    ("handovers", "accept"): _accept,
    ("handovers", "decline"): lambda row, given, actor: actions.decline_handover(
        row.pk, reason=given.reason, version=given.version, actor=actor
    ),
    ("handovers", "withdraw"): lambda row, given, actor: actions.withdraw_handover(
        row.pk, version=given.version, actor=actor
    ),
    ("handovers", "told_yes"): _told_yes,
    ("handovers", "told_no"): _told_no,
    ("handovers", "link"): lambda row, _given, actor: actions.make_link(row, actor=actor),
    ("handovers", "revoke"): lambda _row, given, actor: actions.revoke_link(
        given.link, actor=actor
    ),
    ("aid", "accept"): _lend,
    ("aid", "decline"): lambda row, given, actor: actions.decline_aid(
        row.pk, reason=given.reason, version=given.version, actor=actor
    ),
    ("aid", "withdraw"): lambda row, given, actor: actions.withdraw_aid(
        row.pk, version=given.version, actor=actor
    ),
    ("aid", "told_yes"): _told_yes,
    ("aid", "told_no"): _told_no,
    ("shares", "approve"): lambda row, given, actor: actions.approve_share(
        row.pk, version=given.version, actor=actor
    ),
    ("shares", "accept"): lambda row, given, actor: actions.answer_share(
        row.pk, accepted=True, version=given.version, actor=actor
    ),
    ("shares", "decline"): lambda row, given, actor: actions.answer_share(
        row.pk, accepted=False, version=given.version, actor=actor
    ),
    ("shares", "told_yes"): _told_yes,
    ("shares", "told_no"): _told_no,
    ("shares", "end"): lambda row, _given, actor: actions.end_share(row.pk, actor=actor),
    ("shares", "fetch"): lambda row, _given, actor: actions.want_share(row.pk, actor=actor),
    ("shares", "link"): lambda row, _given, actor: actions.make_link(row, actor=actor),
    ("shares", "revoke"): lambda _row, given, actor: actions.revoke_link(given.link, actor=actor),
}

urlpatterns = [
    path("neighbours", screen),
    path("neighbours/ask", ask),
    path("neighbours/propose", propose),
    path("neighbours/loans/<int:loan_id>/return", give_back),
    path("neighbours/<str:noun>/<int:pk>", one),
    path("neighbours/<str:noun>/<int:pk>/<str:command>", act),
]
