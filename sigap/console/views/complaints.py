"""The desk's complaints: the list, one of them, and all that the desk does about it."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator

from sigap.calls.queries import get as get_call
from sigap.complaints import actions, lists
from sigap.complaints.duplicates import candidates
from sigap.complaints.files import KEPT
from sigap.complaints.machine import GONE, OPEN, WITH_AGENCY
from sigap.complaints.models import Attachment, Category, Complaint
from sigap.complaints.names import class_of_complaint_names
from sigap.complaints.placenames import Named, named_places
from sigap.complaints.queries import answered_some
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.names import named, reasons
from sigap.core.queries import fetch
from sigap.core.vault import Unreadable, Vault
from sigap.core.web import Line, Request, body, view
from sigap.dispatch.field.models import FieldPhoto
from sigap.fleet.models import Agency
from sigap.incidents.models import IncidentType
from sigap.places.models import Area

from ..complaintfile import complaint_file
from ..complaintlists import asked, back_to, each, list_context, many, wanted
from ..rows import Row
from ..words.complaints import likeness_names

P = Permission
MOST_DIGITS = 18  # of a number that somebody may have typed into an address


class Given(BaseModel):
    """What any of the desk's forms says; each command takes its own."""

    version: int | None = None
    category: Code = ""
    complaint_class: Code = ""
    agency: Annotated[list[Code], BeforeValidator(many)] = []
    reason: Code = ""
    text: str = ""
    other: Line = ""
    incident: int | None = None
    type: Code = ""
    referral: int | None = None
    area: Code = ""
    landmark: int | None = None
    address: str = ""
    asset: Line = ""


class Several(BaseModel):
    """The same for many at once."""

    ids: Annotated[list[int], BeforeValidator(many)] = []
    command: Code
    category: Code = ""
    reason: Code = ""
    back: Line = "/complaints"


class Fresh(BaseModel):
    """A report that the desk writes down itself."""

    body: str = ""
    call: int | None = None
    category: Code = ""
    address: str = ""
    area: Code = ""
    asset: Line = ""
    number: Line = ""
    name: Line = ""
    anonymous: bool = False
    secret: bool = False


@view(P.HANDLE_COMPLAINTS)
def screen(request: Request) -> HttpResponseBase:
    """One list of the desk's, a page of it."""
    given = asked(request, "new")
    if given.word:
        rows = lists.desk_rows(lists.by_word(given.word))
        if len(rows) == 1:
            return redirect(f"/complaints/{rows[0]['id']}")
        page = lists.Page(rows, None)
    else:
        page = lists.desk_page(wanted(given, lists.TABS))
    context = list_context(given, page, lists.desk_counts(), _tab_names(), "/complaints")
    context |= {"archive": reasons("archive"), "page_told": request.session.pop("told", "")}
    return render(request, "console/complaints.html", context)


@view(P.HANDLE_COMPLAINTS)
def one(request: Request, complaint_id: int) -> HttpResponseBase:
    """One complaint with everything that can be done about it."""
    return _page(request, complaint_id)


@view(P.HANDLE_COMPLAINTS, "GET", "POST")
def fresh(request: Request) -> HttpResponseBase:
    """Write down a report; `call` says of which call, whose words and place are there already."""
    if request.method == "POST":
        try:
            given = body(request, Fresh)
            complaint = _file(request, given)
        except SigapError as error:
            return _fresh_page(request, request.POST.dict(), error)
        return redirect(f"/complaints/{complaint.pk}")
    return _fresh_page(request, _from_call(request))


@view(P.HANDLE_COMPLAINTS, "POST")
def act(request: Request, complaint_id: int, command: str) -> HttpResponseBase:
    """One thing that the desk does about a complaint."""
    run = _COMMANDS.get(command)
    if run is None:
        raise Missing(_("There is no such command."))
    try:
        given = body(request, Given)
        where = run(request, complaint_id, given)
    except SigapError as error:
        return _page(request, complaint_id, error)
    return redirect(where or f"/complaints/{complaint_id}")


@view(P.HANDLE_COMPLAINTS, "POST")
def bulk(request: Request) -> HttpResponseBase:
    """The same to several of a list: each is a command of its own."""
    given = body(request, Several)
    run = _BULK.get(given.command)
    if run is None:
        raise Missing(_("There is no such command."))
    request.session["told"] = each(given.ids, lambda pk: run(request, pk, given))
    return redirect(back_to(given.back, "/complaints"))


@view(P.HANDLE_COMPLAINTS)
def file(request: Request, complaint_id: int, attachment_id: int) -> HttpResponseBase:
    """A photo or voice note."""
    return as_sent(fetch(Attachment, pk=attachment_id, complaint_id=complaint_id))


def as_sent(attachment: Attachment | FieldPhoto, kept: Vault = KEPT) -> HttpResponse:
    """The kept file as an answer that a browser takes for nothing but what it is."""
    if attachment.erased_at:
        raise Missing(_("This file was erased."))
    try:
        data = kept.read(attachment.name, attachment.digest)
    except Unreadable as fault:
        raise Missing(_("This file cannot be read.")) from fault
    answer = HttpResponse(data, content_type=attachment.mime)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Content-Disposition"] = "inline"
    return answer


def _tab_names() -> dict[str, str]:
    return {
        "new": _("New"),
        "check": _("To be checked"),
        "late": _("Late"),
        "agency": _("With agencies"),
        "held": _("Waiting for the citizen"),
        "done": _("Done, citizen asked"),
        "all": _("All"),
    }


def _page(request: Request, complaint_id: int, error: SigapError | None = None) -> HttpResponse:
    complaint = fetch(
        Complaint.objects.select_related(
            *("category__agency", "body", "address", "area", "landmark", "reporter"),
            *("reporter_name", "released_text", "incident", "attached_to"),
        ),
        pk=complaint_id,
    )
    look_at(complaint, request, "complaints")
    context = complaint_file(complaint, request.actor) | {
        "complaint_key": str(complaint.pk),
        "error": error,
        "typed": request.POST.dict() if error else {},
        "guesses": _guesses(complaint),
        "categories": [(c.code, named(c)) for c in Category.objects.filter(active=True)],
        "classes": class_of_complaint_names().items(),
        "agencies": Agency.objects.order_by("rank", "short"),
        "has": [r.agency.code for r in complaint.referrals.all() if r.state not in GONE],
        "hold": reasons("hold"),
        "archive": reasons("archive"),
        "types": [(t.code, named(t)) for t in IncidentType.objects.filter(active=True)],
        "attached": complaint.attached.order_by("id"),
        "areas": Area.objects.order_by("name"),
        "places": _places(complaint),
        "address": complaint.address.body if complaint.address else "",
        "alike": _alike(complaint),
        "open": complaint.state in OPEN,
        "with_agency": complaint.state in WITH_AGENCY,
        "own_answer": answered_some(complaint, request.actor),
        "page_told": request.session.pop("told", ""),
    }
    status = error.status if error else 200
    return render(request, "console/complaint.html", context, status=status)


def look_at(complaint: Complaint, request: Request, screen: str) -> None:
    """Record that somebody looked at who reported it, once in ten minutes."""
    from ..casefile import look

    look(complaint, screen=screen, actor=request.actor, again_after_s=600)


def _alike(complaint: Complaint) -> list[Row]:
    """What may be about the same, with what speaks for it."""
    if complaint.state not in OPEN:
        return []
    names = likeness_names()
    return [
        {
            "complaint": found.complaint,
            "percent": round(found.score * 100),
            "parts": [(names.get(part.name, part.name), part.points) for part in found.parts],
        }
        for found in candidates(complaint)
    ]


def _places(complaint: Complaint) -> list[Named]:
    """Places that the words may mean and the report does not have."""
    said = [text.body for text in (complaint.address, complaint.body) if text is not None]
    if complaint.state not in OPEN or complaint.landmark_id is not None:
        return []
    here = complaint.area.code if complaint.area else ""
    found = named_places("\n".join(said))
    return [one for one in found if one.kind == "landmark" or one.id != here]


def _guesses(complaint: Complaint) -> list[Row]:
    names = {c.code: named(c) for c in Category.objects.filter(active=True)}
    return [
        {"code": code, "name": names[code], "percent": round(sure * 100), "key": n}
        for n, (code, sure) in enumerate(complaint.guesses, 1)
        if code in names
    ]


def _file(request: Request, given: Fresh) -> Complaint:
    return actions.file_complaint(
        channel="call" if given.call else "desk",
        external_id=f"call:{given.call}" if given.call else None,
        body=given.body,
        category=given.category,
        address=given.address,
        area=given.area,
        asset=given.asset,
        number=given.number,
        name=given.name,
        anonymous=given.anonymous,
        secret=given.secret,
        origin=f"call:{given.call}" if given.call else "",
        actor=request.actor,
    )


def _from_call(request: Request) -> dict[str, Any]:
    """What a call's own record says already."""
    pk = request.GET.get("call", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) <= MOST_DIGITS):
        return {}
    call = get_call(int(pk))
    return {
        "call": call.pk,
        "body": call.note.body if call.note else "",
        "number": call.contact.spoken if call.contact else "",
    }


def _fresh_page(
    request: Request, given: dict[str, Any], error: SigapError | None = None
) -> HttpResponse:
    context = {
        "given": given,
        "error": error,
        "categories": [(c.code, named(c)) for c in Category.objects.filter(active=True)],
        "areas": Area.objects.order_by("name"),
    }
    return render(
        request, "console/complaint_new.html", context, status=error.status if error else 200
    )


def _sort(request: Request, pk: int, given: Given) -> str:
    actions.sort_complaint(
        pk,
        category=given.category,
        complaint_class=given.complaint_class,
        version=given.version,
        actor=request.actor,
    )
    return ""


def _place(request: Request, pk: int, given: Given) -> str:
    actions.place_complaint(
        pk,
        area=given.area,
        landmark_id=given.landmark,
        address=given.address,
        asset=given.asset,
        version=given.version,
        actor=request.actor,
    )
    return ""


def _dispose(request: Request, pk: int, given: Given) -> str:
    actions.dispose_complaint(pk, given.agency, version=given.version, actor=request.actor)
    return ""


def _hold(request: Request, pk: int, given: Given) -> str:
    actions.hold_complaint(
        pk,
        reason=given.reason,
        question=given.text,
        version=given.version,
        actor=request.actor,
    )
    return ""


def _archive(request: Request, pk: int, given: Given) -> str:
    actions.archive_complaint(pk, reason=given.reason, version=given.version, actor=request.actor)
    return ""


def _approve(request: Request, pk: int, given: Given) -> str:
    actions.approve_answer(pk, version=given.version, actor=request.actor)
    return ""


def _refuse(request: Request, pk: int, given: Given) -> str:
    actions.refuse_answer(pk, note=given.text, version=given.version, actor=request.actor)
    return ""


def _promote(request: Request, pk: int, given: Given) -> str:
    incident = actions.promote_complaint(
        pk, type_code=given.type, version=given.version, actor=request.actor
    )
    return f"/incidents/{incident.pk}"


def _recall(request: Request, pk: int, given: Given) -> str:
    actions.recall_referral(given.referral or 0, actor=request.actor)
    return ""


def _attach(request: Request, pk: int, given: Given) -> str:
    if given.incident:
        actions.attach_to_incident(pk, given.incident, actor=request.actor)
        return ""
    other = lists.by_number(given.other)
    if other is None:
        raise Missing(_("There is no complaint with this number."))
    actions.attach_complaint(pk, other.pk, actor=request.actor)
    return ""


def _apart(request: Request, pk: int, given: Given) -> str:
    other = lists.by_number(given.other)
    if other is not None:
        actions.keep_apart(pk, other.pk, actor=request.actor)
    return ""


def _plainly(action: Callable[..., Any]) -> Callable[[Request, int, Given], str]:
    def run(request: Request, pk: int, given: Given) -> str:
        action(pk, actor=request.actor)
        return ""

    return run


def _said(action: Callable[..., Any]) -> Callable[[Request, int, Given], str]:
    def run(request: Request, pk: int, given: Given) -> str:
        action(pk, given.text, actor=request.actor)
        return ""

    return run


_COMMANDS: dict[str, Callable[[Request, int, Given], str]] = {
    "sort": _sort,
    "place": _place,
    "dispose": _dispose,
    "recall": _recall,
    "hold": _hold,
    "resume": _plainly(actions.resume_complaint),
    "approve": _approve,
    "refuse": _refuse,
    "archive": _archive,
    "restore": _plainly(actions.restore_complaint),
    "promote": _promote,
    "demote": _plainly(actions.demote_complaint),
    "attach": _attach,
    "detach": _plainly(actions.detach_complaint),
    "apart": _apart,
    "note": _said(actions.add_note),
    "tell": _said(actions.tell_citizen),
    "release": _said(actions.release_text),
}


def _dispose_to_its_own(request: Request, pk: int, _given: Several) -> None:
    complaint = fetch(Complaint.objects.select_related("category__agency"), pk=pk)
    agency = complaint.category.agency.code if complaint.category else ""
    actions.dispose_complaint(pk, [agency] if agency else [], actor=request.actor)


_BULK: dict[str, Callable[[Request, int, Several], Any]] = {
    "sort": lambda request, pk, given: actions.sort_complaint(
        pk, category=given.category, actor=request.actor
    ),
    "dispose": _dispose_to_its_own,
    "approve": lambda request, pk, _given: actions.approve_answer(pk, actor=request.actor),
    "archive": lambda request, pk, given: actions.archive_complaint(
        pk, reason=given.reason, actor=request.actor
    ),
}

urlpatterns = [
    path("complaints", screen),
    path("complaints/new", fresh),
    path("complaints/bulk", bulk),
    path("complaints/<int:complaint_id>", one),
    path("complaints/<int:complaint_id>/files/<int:attachment_id>", file),
    path("complaints/<int:complaint_id>/<str:command>", act),
]
