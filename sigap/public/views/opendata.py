"""The open data: a page about it, its files, its dictionary and its catalogue (DCAT)."""

import json
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _

from sigap.core.actors import Permission
from sigap.core.errors import Missing
from sigap.core.web import Request, view

from ..pace import check_address
from ..transparency import catalogue
from ..transparency.datasets import LATIHAN, datasets, mark
from ..transparency.editions import months
from ..transparency.files import forms, made
from ..transparency.words import month_name
from .transparency import paced, page

MOST_FILES = "120/minute"
KEPT_S = 300


@view(Permission.PUBLIC)
@paced
def about(request: Request) -> HttpResponse:
    """Which sets there are, in which forms, and what their columns mean."""
    public = months()
    sets = [
        {
            "one": one,
            "files": [
                (f"/transparansi/data/{one.name}.{form}", form.upper(), len(made(one, form).data))
                for form in forms()
            ],
        }
        for one in datasets().values()
    ]
    context = {
        "sets": sets,
        "from": month_name(public[-1]) if public else "",
        "until": month_name(public[0]) if public else "",
    }
    return page(request, "data", context, stamp=tuple(one["files"] for one in sets))


@view(Permission.PUBLIC)
def file(request: Request, name: str, form: str) -> HttpResponse:
    """One set as a file."""
    check_address(request, "open_data", MOST_FILES)
    one = datasets().get(name)
    if one is None or form not in forms():
        raise Missing(_("There is no such file."))
    ready = made(one, form)
    practice = f"{LATIHAN}-" if mark() else ""
    return sent(request, ready.data, ready.media, f"{practice}{name}.{form}")


@view(Permission.PUBLIC)
def described(request: Request, name: str) -> HttpResponse:
    """The catalogue, or the dictionary of all columns."""
    check_address(request, "open_data", MOST_FILES)
    found: dict[str, Any] = (
        catalogue.catalogue() if name == "katalog.jsonld" else catalogue.dictionary()
    )
    media = "application/ld+json" if name == "katalog.jsonld" else "application/json"
    data = json.dumps(found, ensure_ascii=False, indent=1).encode()
    return sent(request, data, media, name)


def sent(request: Request, data: bytes, media: str, name: str) -> HttpResponse:
    """A file that anybody may keep; other sites' pages may read it too."""
    etag = f'"{catalogue.digest_of(data)}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(data, content_type=media)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["ETag"] = etag
    answer["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(answer, public=True, max_age=KEPT_S)
    return answer


FILES = "transparansi/data/"
urlpatterns = [
    path("transparansi/data", about),
    path(FILES + "katalog.jsonld", described, {"name": "katalog.jsonld"}),
    path(FILES + "kamus.json", described, {"name": "kamus.json"}),
    path(FILES + "<slug:name>.<slug:form>", file),
]
