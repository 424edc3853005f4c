"""The public list of reports, and "me too"."""

from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from pydantic import BaseModel

from sigap.complaints.actions import add_supporter
from sigap.core.actors import Permission, system
from sigap.core.names import named
from sigap.core.queries import fetch
from sigap.core.web import Line, Request, body, client_address, view
from sigap.places.queries import city

from ..pace import check_address, house_of
from ..published import kinds, page, published, supporter_key

WEB = system("web")
MOST_SUPPORT = "60/hour"


class Support(BaseModel):
    """The report that is somebody's too, and where in the list they were."""

    report: int
    kategori: Line = ""
    kelurahan: Line = ""
    setelah: int | None = None


@view(Permission.PUBLIC)
def reports(request: Request) -> HttpResponseBase:
    """What was reported in the city, of the kinds that it publishes."""
    asked = {name: request.GET.get(name, "")[:40] for name in ("kategori", "kelurahan", "setelah")}
    after = int(asked["setelah"]) if asked["setelah"].isdecimal() else None
    if after is not None and after >= 2**63:
        after = None
    found = page(asked["kategori"], asked["kelurahan"], after)
    narrowed = {k: v for k, v in asked.items() if v and k != "setelah"}
    context = {
        "page": found,
        "asked": asked,
        "categories": [(code, named(kind)) for code, kind in kinds().items()],
        "areas": sorted((area.name, area.code) for area in city().areas.values()),
        "next": urlencode(narrowed | {"setelah": found.next}) if found.next else "",
        "thanked": request.GET.get("ok", ""),
    }
    return render(request, "public/reports.html", context)


@view(Permission.PUBLIC, "POST")
def me_too(request: Request) -> HttpResponseBase:
    """Somebody has the same."""
    given = body(request, Support)
    check_address(request, "me_too", MOST_SUPPORT)
    complaint = fetch(published(), pk=given.report)
    browser = request.headers.get("User-Agent", "")[:300]
    key = supporter_key(complaint.pk, house_of(client_address(request)), browser)
    add_supporter(complaint.pk, key, actor=WEB)
    back = {"kategori": given.kategori, "kelurahan": given.kelurahan, "setelah": given.setelah}
    asked = urlencode({k: v for k, v in back.items() if v} | {"ok": complaint.pk})
    return redirect(f"/aduan?{asked}#aduan-{complaint.pk}")


urlpatterns = [path("aduan", reports), path("aduan/saya-juga", me_too)]
