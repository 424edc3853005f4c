"""An agency's complaints: by deadline or on a map, one of them, what the agency does about it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator

from sigap.complaints import actions, lists
from sigap.complaints.files import checked
from sigap.complaints.machine import ACTIVE, GONE
from sigap.complaints.models import AnswerTemplate, Attachment, Complaint, Referral
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.models import User
from sigap.core.names import reasons
from sigap.core.queries import fetch
from sigap.core.web import Line, Request, body, view
from sigap.fleet.models import Agency

from ..complaintfile import complaint_file
from ..complaintlists import asked, back_to, each, list_context, many, wanted
from .complaints import as_sent, look_at

P = Permission
HOME = "/agency/complaints"
MOST_POINTS = 1000


class Given(BaseModel):
    """What any of an agency's forms says; each command takes its own."""

    version: int | None = None
    text: str = ""
    planned_for: date | None = None
    reason: Code = ""
    officer: int = 0
    role: Code = "progress"


class Several(Given):
    """The same for many at once."""

    ids: Annotated[list[int], BeforeValidator(many)] = []
    command: Code
    back: Line = HOME


@view(P.AGENCY_BOARD)
def screen(request: Request) -> HttpResponseBase:
    """One list of the agency's, a page of it, with the load of each officer."""
    agency = _agency(request)
    given = asked(request, "open")
    page = lists.agency_page(agency.code, wanted(given, lists.AGENCY_TABS))
    counts, load = lists.agency_work(agency.code)
    context = list_context(given, page, counts, _tab_names(), HOME) | {
        "agency": agency,
        "load": load,
        "officers": [row for row in load if row["who"]],
        "templates": _templates(agency),
        "people": _people(agency) if request.actor.may(P.AGENCY_HEAD) else [],
        "not_ours": reasons("not_ours"),
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/referrals.html", context)


@view(P.AGENCY_BOARD)
def on_map(request: Request) -> HttpResponseBase:
    """Where the agency's open complaints are."""
    agency = _agency(request)
    rows = (
        Referral.objects.filter(agency=agency, state__in=ACTIVE, complaint__lat__isnull=False)
        .select_related("complaint__category", "complaint__area")
        .order_by("due_at")[:MOST_POINTS]
    )
    points = [
        {
            "key": row.pk,
            "number": row.complaint.number,
            "category": str(row.complaint.category or ""),
            "lat": row.complaint.lat,
            "lng": row.complaint.lng,
            "late": row.due_at is not None and row.due_at <= clock.now(),
        }
        for row in rows
    ]
    context = {"agency": agency, "points": points}
    return render(request, "console/referral_map.html", context)


@view(P.AGENCY_BOARD)
def one(request: Request, referral_id: int) -> HttpResponseBase:
    """One complaint as the agency sees it."""
    return _page(request, _own(request, referral_id))


@view(P.AGENCY_BOARD, "POST")
def act(request: Request, referral_id: int, command: str) -> HttpResponseBase:
    """One thing that the agency does about it, with photos where it shows something."""
    referral = _own(request, referral_id)
    run = _COMMANDS.get(command)
    if run is None:
        raise Missing(_("There is no such command."))
    try:
        given = body(request, Given)
        photos = [checked(file.read()) for file in request.FILES.getlist("photo")]
        names = [actions.store(photo) for photo in photos]
        run(request, referral.pk, given)
        for photo, name in zip(photos, names, strict=True):
            role = "after" if command == "answer" else given.role
            actions.attach_file(referral.complaint_id, photo, name, role=role, actor=request.actor)
    except SigapError as error:
        return _page(request, _own(request, referral_id), error)
    return redirect(f"{HOME}/{referral_id}")


@view(P.AGENCY_BOARD, "POST")
def bulk(request: Request) -> HttpResponseBase:
    """The same to several of the agency's list: each is a command of its own."""
    given = body(request, Several)
    run = _COMMANDS.get(given.command)
    if run is None:
        raise Missing(_("There is no such command."))

    def do(pk: int) -> None:
        run(request, _own(request, pk).pk, given)

    request.session["told"] = each(given.ids, do)
    return redirect(back_to(given.back, HOME))


@view(P.AGENCY_BOARD)
def file(request: Request, referral_id: int, attachment_id: int) -> HttpResponseBase:
    """A photo or voice note of one of the agency's complaints."""
    referral = _own(request, referral_id)
    if referral.state in GONE:
        raise Missing(_("Your agency has this complaint no more."))
    return as_sent(fetch(Attachment, pk=attachment_id, complaint_id=referral.complaint_id))


def _agency(request: Request) -> Agency:
    agency = Agency.objects.filter(code=request.actor.agency).first()
    if agency is None:
        raise Missing(_("Your account names no agency. Ask an administrator."))
    return agency


def _own(request: Request, referral_id: int) -> Referral:
    """What this agency has; to others it does not exist."""
    own = Referral.objects.select_related("complaint").filter(agency__code=request.actor.agency)
    return fetch(own, pk=referral_id)


def _people(agency: Agency) -> list[User]:
    return list(User.objects.filter(agency=agency.code, is_active=True).order_by("name"))


def _templates(agency: Agency, category_id: int | None = None) -> list[AnswerTemplate]:
    mine = Q(agency=agency) | Q(agency=None)
    rows = AnswerTemplate.objects.filter(mine).order_by("name")
    if category_id is not None:
        rows = rows.filter(Q(category=category_id) | Q(category=None))
    return list(rows)


def _page(request: Request, referral: Referral, error: SigapError | None = None) -> HttpResponse:
    complaint = fetch(
        Complaint.objects.select_related(
            *("category", "body", "address", "area", "landmark", "reporter"),
            *("reporter_name", "incident"),
        ),
        pk=referral.complaint_id,
    )
    agency = _agency(request)
    look_at(complaint, request, "agency")
    found: dict[str, Any] = complaint_file(complaint, request.actor, referral)
    context = found | {
        "referral": referral,
        "base": f"{HOME}/{referral.pk}",
        "active": referral.state in ACTIVE,
        "templates": _templates(agency, complaint.category_id),
        "not_ours": reasons("not_ours"),
        "people": _people(agency) if request.actor.may(P.AGENCY_HEAD) else [],
        "head": request.actor.may(P.AGENCY_HEAD),
        "error": error,
        "typed": request.POST.dict() if error else {},
    }
    status = error.status if error else 200
    return render(request, "console/referral.html", context, status=status)


def _tab_names() -> dict[str, str]:
    return {
        "open": _("To do"),
        "plan": _("To be planned"),
        "late": _("Late"),
        "escalated": _("Before the head"),
        "answered": _("Answered"),
        "over": _("Over"),
    }


def _accept(request: Request, pk: int, given: Given) -> None:
    actions.accept_referral(pk, version=given.version, actor=request.actor)


def _plan(request: Request, pk: int, given: Given) -> None:
    actions.plan_referral(
        pk,
        plan=given.text,
        planned_for=given.planned_for,
        version=given.version,
        actor=request.actor,
    )


def _progress(request: Request, pk: int, given: Given) -> None:
    actions.report_progress(pk, note=given.text, actor=request.actor)


def _answer(request: Request, pk: int, given: Given) -> None:
    actions.answer_referral(pk, answer=given.text, version=given.version, actor=request.actor)


def _refuse(request: Request, pk: int, given: Given) -> None:
    actions.refuse_referral(
        pk, reason=given.reason, note=given.text, version=given.version, actor=request.actor
    )


def _assign(request: Request, pk: int, given: Given) -> None:
    actions.assign_officer(pk, officer_id=given.officer, version=given.version, actor=request.actor)


def _see(request: Request, pk: int, given: Given) -> None:
    actions.see_escalated(pk, note=given.text, version=given.version, actor=request.actor)


_COMMANDS: dict[str, Callable[[Request, int, Given], None]] = {
    "accept": _accept,
    "plan": _plan,
    "progress": _progress,
    "answer": _answer,
    "refuse": _refuse,
    "assign": _assign,
    "see": _see,
}

urlpatterns = [
    path("agency/complaints", screen),
    path("agency/complaints/map", on_map),
    path("agency/complaints/bulk", bulk),
    path("agency/complaints/<int:referral_id>", one),
    path("agency/complaints/<int:referral_id>/files/<int:attachment_id>", file),
    path("agency/complaints/<int:referral_id>/<str:command>", act),
]
