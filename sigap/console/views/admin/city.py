"""The city's numbers, and its boundary file."""

import json
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import BaseModel

from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import Permission
from sigap.core.errors import Invalid
from sigap.core.models import Parameter
from sigap.core.parameters import PARAMETERS, as_written
from sigap.core.remembered import forget
from sigap.core.web import Line, Request, body, view
from sigap.places.actions import Boundaries, import_boundaries
from sigap.places.models import Area

P = Permission
MOST_BYTES = 20 * 1024 * 1024
UNITS = {"s": lazy("s"), "d": lazy("d"), "min": lazy("min"), "km/h": lazy("km/h"), "%": "%"}


class Setting(BaseModel):
    """One number, as typed: a comma is a decimal sign too."""

    name: Line
    value: Line = ""


@view(P.ADMINISTER, "GET", "POST")
def numbers(request: Request) -> HttpResponseBase:
    """The numbers that the city sets; a change counts at once."""
    if request.method != "POST":
        return _numbers_page(request)
    given = body(request, Setting)
    try:
        set_parameter(given.name, _as_number(given.value), actor=request.actor)
    except Invalid as error:
        return _numbers_page(request, given, error)
    return redirect(f"/admin/parameters#{given.name}")


@view(P.ADMINISTER, "GET", "POST")
def boundaries(request: Request) -> HttpResponseBase:
    """Bring in the official boundaries of the areas as a GeoJSON file."""
    found: Boundaries | None = None
    error: Invalid | None = None
    if request.method == "POST":
        try:
            found = import_boundaries(_geojson(request), actor=request.actor)
        except Invalid as refusal:
            error = refusal
    context = {
        "found": found,
        "error": error,
        "areas": Area.objects.count(),
        "bounded": Area.objects.exclude(boundary=None).count(),
        "here": "boundaries",
    }
    return render(request, "console/admin/boundaries.html", context, status=400 if error else 200)


def _geojson(request: Request) -> dict[str, Any]:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise Invalid(_("Choose a file."), code="file")
    if file.size > MOST_BYTES:
        raise Invalid(_("The file is too large: at most 20 MB."), code="too_large")
    try:
        data = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        raise Invalid(_("This is not JSON."), code="json") from error
    if not isinstance(data, dict):
        raise Invalid(_("This is not a GeoJSON file of areas."), code="geojson")
    return data


def _as_number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise Invalid(_("“%(text)s” is not a number.") % {"text": text[:20]}) from None


def _numbers_page(
    request: Request, given: Setting | None = None, error: Invalid | None = None
) -> HttpResponse:
    forget()
    set_here = dict(Parameter.objects.values_list("name", "value"))
    rows = [
        {
            "name": name,
            "what": _(known.what),
            "unit": UNITS.get(known.unit, known.unit),
            "low": as_written(known.low),
            "high": as_written(known.high),
            "default": as_written(known.default),
            "value": given.value
            if given and given.name == name
            else f"{set_here.get(name, known.default):g}",
            "is_set": name in set_here,
            "error": error if given and given.name == name else None,
        }
        for name, known in PARAMETERS.items()
    ]
    context = {"rows": rows, "here": "parameters"}
    return render(request, "console/admin/numbers.html", context, status=400 if error else 200)
