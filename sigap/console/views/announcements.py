"""The city's own public warnings: written, proposed, signed by somebody else."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, Field

from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Forbidden, Missing, SigapError
from sigap.core.parameters import value
from sigap.core.queries import deployment, fetch
from sigap.core.web import Request, body, view
from sigap.places.models import Area
from sigap.warnings.actions import (
    cancel_announcement,
    draft_announcement,
    drop_announcement,
    edit_announcement,
    issue_announcement,
    propose_announcement,
    send_back_announcement,
    update_announcement,
)
from sigap.warnings.actions.issuing import Writing
from sigap.warnings.machine import PUBLISHED
from sigap.warnings.models import Announcement
from sigap.warnings.queries import may_propose

from ..ground import map_settings
from ..rows import Row
from ..words.warnings import (
    certainty_names,
    hazard_names,
    severity_names,
    urgency_names,
)
from .warnings import own_row

P = Permission


def _many(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


class Given(BaseModel):
    """What the form says of a warning."""

    category: Code = ""
    severity: Code = ""
    urgency: Code = ""
    certainty: Code = ""
    hours: Annotated[float, Field(allow_inf_nan=False)] = 0
    event: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    event_en: str = ""
    headline_en: str = ""
    description_en: str = ""
    instruction_en: str = ""
    areas: Annotated[list[Code], BeforeValidator(_many)] = []
    lat: Annotated[float, Field(allow_inf_nan=False)] | None = None
    lng: Annotated[float, Field(allow_inf_nan=False)] | None = None
    radius_km: Annotated[float, Field(allow_inf_nan=False)] | None = None
    version: int | None = None

    @property
    def writing(self) -> Writing:
        """The same for the command."""
        return Writing(**self.model_dump(exclude={"version"}))


class Why(BaseModel):
    """Why a warning is over."""

    why: str = ""
    why_en: str = ""


class Seen(BaseModel):
    """Which version of it somebody saw when they decided."""

    version: int | None = None


@view(P.PROPOSE_WARNING, "GET", "POST")
def new(request: Request) -> HttpResponseBase:
    """The form for a new one."""
    if request.method != "POST":
        return _form(request, None, "/warnings/new")
    return _written(
        request,
        "/warnings/new",
        None,
        lambda given: draft_announcement(given.writing, actor=request.actor),
    )


@view(P.LIVE)
def one(request: Request, announcement_id: int) -> HttpResponseBase:
    """One of the city's own, and what may be done to it now."""
    return _page(request, _found(request, announcement_id))


@view(P.PROPOSE_WARNING, "GET", "POST")
def edit(request: Request, announcement_id: int) -> HttpResponseBase:
    """Write a draft otherwise."""
    found, here = fetch(Announcement, pk=announcement_id), f"/warnings/own/{announcement_id}/edit"
    if request.method != "POST":
        return _form(request, found, here)
    return _written(
        request,
        here,
        found,
        lambda given: edit_announcement(
            announcement_id, given.writing, version=given.version, actor=request.actor
        ),
    )


@view(P.PROPOSE_WARNING, "GET", "POST")
def update(request: Request, announcement_id: int) -> HttpResponseBase:
    """Write what is to replace one that is in force."""
    found, here = fetch(Announcement, pk=announcement_id), f"/warnings/own/{announcement_id}/update"
    if request.method != "POST":
        return _form(request, found, here)
    return _written(
        request,
        here,
        found,
        lambda given: update_announcement(announcement_id, given.writing, actor=request.actor),
    )


@view(P.PROPOSE_WARNING, "POST")
def cancel(request: Request, announcement_id: int) -> HttpResponseBase:
    """Write that one in force is over."""
    given = body(request, Why)
    return _done(
        request,
        announcement_id,
        lambda: cancel_announcement(
            announcement_id, why=given.why, why_en=given.why_en, actor=request.actor
        ),
        _("Written. It counts when somebody else has signed it."),
    )


@view(P.PROPOSE_WARNING, "POST")
def propose(request: Request, announcement_id: int) -> HttpResponseBase:
    """Ask for the second signature."""
    return _step(request, announcement_id, propose_announcement, _("Proposed."))


@view(P.PROPOSE_WARNING, "POST")
def send_back(request: Request, announcement_id: int) -> HttpResponseBase:
    """It is to be written otherwise."""
    return _step(request, announcement_id, send_back_announcement, _("A draft again."))


@view(P.PROPOSE_WARNING, "POST")
def drop(request: Request, announcement_id: int) -> HttpResponseBase:
    """It will not be issued."""
    return _step(request, announcement_id, drop_announcement, _("Dropped."))


@view(P.WARN, "POST")
def issue(request: Request, announcement_id: int) -> HttpResponseBase:
    """Sign what somebody else has proposed."""
    return _step(request, announcement_id, issue_announcement, _("Signed. It is public now."))


def _step(
    request: Request, announcement_id: int, act: Callable[..., Announcement], told: str
) -> HttpResponseBase:
    version = body(request, Seen).version
    return _done(
        request,
        announcement_id,
        lambda: act(announcement_id, version=version, actor=request.actor),
        told,
    )


def _done(
    request: Request, announcement_id: int, act: Callable[[], Announcement], told: str
) -> HttpResponseBase:
    try:
        changed = act()
    except Missing:
        raise
    except SigapError as error:
        return _page(request, fetch(Announcement, pk=announcement_id), error)
    request.session["told"] = told
    return redirect(f"/warnings/own/{changed.pk}")


def _written(
    request: Request,
    here: str,
    found: Announcement | None,
    write: Callable[[Given], Announcement],
) -> HttpResponseBase:
    try:
        made = write(body(request, Given))
    except Missing:
        raise
    except SigapError as error:
        return _form(request, found, here, error)
    request.session["told"] = _("Saved. Nobody outside sees it yet.")
    return redirect(f"/warnings/own/{made.pk}")


def _found(request: Request, announcement_id: int) -> Announcement:
    """One that this person may see: what is not issued is for those who may write one."""
    related = ("written_by", "proposed_by", "signed_by", "before")
    found = fetch(Announcement.objects.select_related(*related), pk=announcement_id)
    if found.state not in PUBLISHED and not may_propose(request.actor):
        raise Missing(_("Not found: %(what)s") % {"what": _("warning")})
    return found


def _page(request: Request, found: Announcement, error: SigapError | None = None) -> HttpResponse:
    actor, allows = request.actor, Announcement.MACHINE.allows
    names = dict(Area.objects.values_list("code", "name"))
    written = {found.written_by_id, found.proposed_by_id}
    proposing = may_propose(actor)
    context = {
        "here": "warnings",
        "a": found,
        "row": own_row(found),
        "areas": [names.get(code, code) for code in found.touched or found.areas],
        "category": hazard_names()[found.category],
        "urgency": urgency_names()[found.urgency],
        "certainty": certainty_names()[found.certainty],
        "published": found.state in PUBLISHED,
        "later": list(found.later.order_by("pk")),
        "proposing": proposing,
        "may_edit": proposing and found.state == "draft" and found.msg_type != "Cancel",
        "may_propose": proposing and allows(found.state, "propose"),
        "may_send_back": proposing and allows(found.state, "send_back"),
        "may_drop": proposing and allows(found.state, "drop"),
        "may_sign": actor.may(P.WARN)
        and found.state == "proposed"
        and actor.user_id not in written,
        "must_be_another": found.state == "proposed" and actor.user_id in written,
        "may_follow": proposing and found.state == "issued" and found.msg_type != "Cancel",
        "drill": bool((served := deployment()) and served.drill),
        "error": error,
        "page_told": request.session.pop("told", ""),
    }
    status = error.status if error else 200
    return render(request, "console/announcement.html", context, status=status)


def _form(
    request: Request, found: Announcement | None, here: str, error: SigapError | None = None
) -> HttpResponse:
    if not may_propose(request.actor):
        raise Forbidden(_("Your agency does not propose public warnings."), code="agency")
    if request.method == "POST":
        typed: Row = {name: request.POST.get(name, "") for name in request.POST}
        typed["areas"] = request.POST.getlist("areas")
    else:
        typed = {n: getattr(found, n, "") for n in Given.model_fields} if found else {"areas": []}
    districts: dict[str, list[tuple[str, str]]] = {}
    for area in Area.objects.order_by("district", "name"):
        districts.setdefault(area.district, []).append((area.code, area.name))
    context = {
        "here": "warnings",
        "typed": typed | {"hours": typed.get("hours") or 6},
        "action": here,
        "found": found,
        "is_update": here.endswith("/update"),
        "districts": districts.items(),
        "choices": [
            ("category", _("Kind of danger"), typed.get("category"), hazard_names().items()),
            ("severity", _("Severity"), typed.get("severity"), severity_names().items()),
            ("urgency", _("Urgency"), typed.get("urgency"), urgency_names().items()),
            ("certainty", _("Certainty"), typed.get("certainty"), certainty_names().items()),
        ],
        "most_hours": int(value("warnings.most_hours")),
        "map_settings": map_settings(),
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "console/announcement_form.html", context, status=status)


urlpatterns = [
    path("warnings/new", new),
    path("warnings/own/<int:announcement_id>", one),
    path("warnings/own/<int:announcement_id>/edit", edit),
    path("warnings/own/<int:announcement_id>/update", update),
    path("warnings/own/<int:announcement_id>/cancel", cancel),
    path("warnings/own/<int:announcement_id>/propose", propose),
    path("warnings/own/<int:announcement_id>/send-back", send_back),
    path("warnings/own/<int:announcement_id>/drop", drop),
    path("warnings/own/<int:announcement_id>/issue", issue),
]
