"""What a citizen reads where something was not possible."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sigap.core.errors import SigapError
from sigap.core.web import json_error, wants_json

BELOW = ("/lapor", "/lacak", "/aduan", "/transparansi")


def refusal(request: HttpRequest, error: SigapError) -> HttpResponse:
    """The reason on a page of the citizens' own, with the ways on."""
    if wants_json(request):
        return json_error(error)
    return render(request, "public/refusal.html", {"error": error}, status=error.status)
