"""The case file of an incident or a complaint, to be printed or given out."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase
from django.urls import path

from sigap.complaints.models import Complaint
from sigap.core.actors import Actor, Permission
from sigap.core.queries import fetch
from sigap.core.web import Request, view
from sigap.incidents.models import Incident
from sigap.incidents.queries import get

from ..casefile import look
from ..papers.complaints import complaint_paper
from ..papers.incidents import incident_paper
from ..papers.paper import Edition
from ..papers.pdf import as_json, as_pdf
from ..rows import Row

Case = TypeVar("Case", Incident, Complaint)
KINDS: dict[str, tuple[str, Callable[[Row], bytes]]] = {
    "pdf": ("application/pdf", as_pdf),
    "json": ("application/json", as_json),
}
NAMES: dict[str, Edition] = {"case": "full", "release": "release"}
OF_COMPLAINT = (
    *("category", "body", "address", "area", "landmark"),
    *("reporter", "reporter_name", "released_text"),
)


@view(Permission.CONSOLE)
def of_incident(request: Request, incident_id: int, name: str, kind: str) -> HttpResponseBase:
    """Who may open the incident may also print it. That it was printed is its last row."""
    return _printed(get(incident_id), incident_paper, request.actor, name, kind)


@view(Permission.HANDLE_COMPLAINTS)
def of_complaint(request: Request, complaint_id: int, name: str, kind: str) -> HttpResponseBase:
    """The same of a complaint, for the desk."""
    complaint = fetch(Complaint.objects.select_related(*OF_COMPLAINT), pk=complaint_id)
    return _printed(complaint, complaint_paper, request.actor, name, kind)


def _printed(
    case: Case,
    paper: Callable[[Case, Actor, Edition], Row],
    actor: Actor,
    name: str,
    kind: str,
) -> HttpResponse:
    edition = NAMES[name]
    look(case, screen=f"case_{edition}", actor=actor)
    content, made = KINDS[kind]
    document = paper(case, actor, edition)
    answer = HttpResponse(made(document), content_type=content)
    file = f"{document['case'].replace(':', '-')}-{name}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{file}"'
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path(f"{where}/{name}.{kind}", does, {"name": name, "kind": kind})
    for where, does in (
        ("incidents/<int:incident_id>", of_incident),
        ("complaints/<int:complaint_id>", of_complaint),
    )
    for name in NAMES
    for kind in KINDS
]
