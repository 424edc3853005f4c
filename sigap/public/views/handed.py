"""What a neighbouring centre reads by a link: nothing before its own code is given, and nothing
after the link is over. Nobody else has business here."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path

from sigap.core.actors import Permission, system
from sigap.core.errors import Forbidden, Missing, SigapError
from sigap.core.web import Request, view
from sigap.neighbours.actions import open_link
from sigap.neighbours.telling import lines

from ..pace import check_address, check_pace
from .track import private

P = Permission
WEB = system("link")
MOST_TRIES = "20/hour"  # of one link: a code is not found by trying
MOST_OF_ADDRESS = "60/hour"


@view(P.PUBLIC, "GET", "POST")
def handed(request: Request, token: str) -> HttpResponseBase:
    """The form that asks for the code; with the right one, the record as it is to be read."""
    if request.method != "POST":
        return _page(request)
    try:
        check_address(request, "handed", MOST_OF_ADDRESS)
        check_pace("handed", token[:80], MOST_TRIES)
        row, told = open_link(token, request.POST.get("code", "")[:128], actor=WEB)
    except Forbidden as error:
        return _page(request, error=error)
    except Missing:
        return private(render(request, "public/handed_over.html", status=404))
    except SigapError as error:
        return _page(request, error=error)
    return _page(request, told=lines(told), number=row.incident_id)


def _page(request: Request, error: SigapError | None = None, **more: Any) -> HttpResponse:
    context = {"error": error, **more}
    status = error.status if error else 200
    return private(render(request, "public/handed.html", context, status=status))


urlpatterns = [path("limpahan/<str:token>", handed)]
