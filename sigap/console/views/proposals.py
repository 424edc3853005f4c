"""Early warnings and what comes back: what the machine proposes, and what agencies make of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.journal import subject_of
from sigap.core.models import Journal
from sigap.core.names import reasons
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view
from sigap.fleet.models import Agency
from sigap.proposals.actions import (
    accept_proposal,
    dismiss_proposal,
    finish_proposal,
    pass_proposal_on,
)
from sigap.proposals.machine import ALARMS, STEPS
from sigap.proposals.models import Proposal, Scan, Threshold
from sigap.proposals.queries import of_agency, open_first

from ..proposalrows import shown, small_map, stream_names
from ..rows import Row
from ..words.proposals import scan_names, why_no_scan

P = Permission
MOST, MOST_SCANS, MOST_MOVES = 50, 12, 20
AGENCY = "/agency/proposals"


class Given(BaseModel):
    """What any of the forms says; each command takes its own."""

    version: int | None = None
    note: str = ""
    reason: Code = ""
    agency: Code = ""
    planned_for: date | None = None
    done_on: date | None = None


@view(P.EVALUATE)
def alarms(request: Request) -> HttpResponseBase:
    """The early warnings, the thresholds behind them, and the scans that were run."""
    return _alarms(request)


@view(P.EVALUATE)
def returns(request: Request) -> HttpResponseBase:
    """What comes back, what it costs, and whether it came back less after it was mended."""
    return _returns(request)


@view(P.AGENCY_BOARD)
def board(request: Request) -> HttpResponseBase:
    """What was proposed to the person's own agency."""
    return _board(request)


@view(P.AGENCY_BOARD, "POST")
def answer(request: Request, proposal_id: int, command: str) -> HttpResponse:
    """The agency's own answer; to others the proposal does not exist."""
    fetch(of_agency(request.actor.agency), pk=proposal_id)
    return _answer(request, proposal_id, command, AGENCY, _board)


@view(P.SUPERVISE, "POST")
def act(request: Request, proposal_id: int, command: str) -> HttpResponse:
    """A supervisor answers in an agency's place, or passes it on."""
    row = fetch(Proposal, pk=proposal_id)
    back = ("/insight/alarms", _alarms) if row.is_alarm else ("/insight/returns", _returns)
    return _answer(request, proposal_id, command, *back)


def _answer(
    request: Request, proposal_id: int, command: str, back: str, page: Callable[..., HttpResponse]
) -> HttpResponse:
    """Run the command; refused, the page says why and still holds what was typed."""
    run = _COMMANDS.get(command)
    if run is None:
        raise Missing(_("There is nothing at this address."))
    try:
        run(proposal_id, body(request, Given), request)
    except SigapError as error:
        if error.status >= 500:  # noqa: PLR2004 - a status
            raise
        typed = {"proposal": proposal_id, **request.POST.dict()}
        return page(request, status=error.status, refused=str(error), typed=typed)
    request.session["told"] = _("Saved.")
    return redirect(back)


def _alarms(request: Request, status: int = 200, **said: Any) -> HttpResponse:
    rows = Proposal.objects.select_related("agency", "note").filter(kind__in=ALARMS)
    context = _context(request, open_first(rows, MOST), "alarms") | {
        "thresholds": _thresholds(),
        "moves": _moves(),
        "steps": STEPS,
        "scans": _scans("days", "hours"),
        "least_days": int(value("insight.least_days")),
    }
    return render(request, "console/insight_alarms.html", context | said, status=status)


def _returns(request: Request, status: int = 200, **said: Any) -> HttpResponse:
    rows = Proposal.objects.select_related("agency", "note").filter(kind="return")
    context = _context(request, open_first(rows, MOST), "returns") | {
        "scans": _scans("returns"),
        "days": int(value("returns.days")),
        "least": int(value("returns.least")),
    }
    return render(request, "console/insight_returns.html", context | said, status=status)


def _board(request: Request, status: int = 200, **said: Any) -> HttpResponse:
    agency = Agency.objects.filter(code=request.actor.agency).first()
    if agency is None:
        raise Missing(_("Your account names no agency. Ask an administrator."))
    context = _context(request, open_first(of_agency(agency.code), MOST), "agency")
    context |= {"agency": agency} | said
    return render(request, "console/agency_proposals.html", context, status=status)


_COMMANDS: dict[str, Callable[[int, Given, Request], Any]] = {
    "accept": lambda pk, given, request: accept_proposal(
        pk,
        planned_for=given.planned_for,
        note=given.note,
        version=given.version,
        actor=request.actor,
    ),
    "dismiss": lambda pk, given, request: dismiss_proposal(
        pk, given.reason, note=given.note, version=given.version, actor=request.actor
    ),
    "finish": lambda pk, given, request: finish_proposal(
        pk, given.done_on or date.min, note=given.note, version=given.version, actor=request.actor
    ),
    "pass_on": lambda pk, given, request: pass_proposal_on(
        pk, given.agency, version=given.version, actor=request.actor
    ),
}


def _context(request: Request, rows: list[Proposal], here: str) -> Row:
    ground = small_map()
    return {
        "here": here,
        "rows": shown(rows, request.actor),
        "base": AGENCY if here == "agency" else "/insight/proposals",
        "city_outline": ground.of(ground.paths),
        "dismissals": reasons("dismiss"),
        "agencies": Agency.objects.order_by("rank"),
        "page_told": request.session.pop("told", ""),
    }


def _thresholds() -> list[Row]:
    names = stream_names()
    rows = [
        {"row": row, "name": names.get(row.stream, row.stream)} for row in Threshold.objects.all()
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


def _moves() -> list[Row]:
    """By which answers the thresholds moved, the newest first."""
    names = stream_names()
    subjects = [subject_of(row) for row in Threshold.objects.all()]
    rows = Journal.objects.filter(subject__in=subjects, kind="threshold.moved").order_by("-seq")
    return [
        {"at": row.at, "name": names.get(row.body["stream"], row.body["stream"]), **row.body}
        for row in rows[:MOST_MOVES]
    ]


def _scans(*kinds: str) -> list[Row]:
    names, why = scan_names(), why_no_scan()
    rows = Scan.objects.filter(kind__in=kinds).order_by("-until", "kind")
    return [
        {"row": row, "name": names[row.kind], "why": why.get(row.why, "")}
        for row in rows[:MOST_SCANS]
    ]


urlpatterns = [
    path("insight/alarms", alarms),
    path("insight/returns", returns),
    path("insight/proposals/<int:proposal_id>/<str:command>", act),
    path("agency/proposals", board),
    path("agency/proposals/<int:proposal_id>/<str:command>", answer),
]
