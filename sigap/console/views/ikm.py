"""The yearly survey of public satisfaction (IKM): its result, and the answers as they come in."""

from typing import Annotated, Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sigap.complaints.survey import actions
from sigap.complaints.survey.ikm import AGES, BANDS, EDUCATION, SEXES
from sigap.complaints.survey.models import IkmAnswer
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Invalid, SigapError
from sigap.core.names import named
from sigap.core.queries import city_zone
from sigap.core.web import Line, Request, body, invalid, view
from sigap.evaluation.ikm import Ikm, band_names, element_names, ikm_year, ikm_years
from sigap.fleet.models import Agency

from ..rows import Row

P = Permission
SHOWN = 20
MOST_BYTES = 2 * 1024 * 1024
Year = Annotated[int, Field(ge=2017, le=2100)]


class Asked(BaseModel):
    """Which year."""

    year: Year


class Entered(BaseModel):
    """One respondent's answers; the nine come under their own names."""

    model_config = ConfigDict(extra="allow")

    year: Year
    agency: Code = ""
    service: Code = ""
    age: Line = ""
    sex: Line = ""
    education: Line = ""


@view(P.EVALUATE)
def screen(request: Request) -> HttpResponseBase:
    """The survey of one year, by default the current one."""
    given = {"year": request.GET.get("year") or _this_year()}
    try:
        year = Asked.model_validate(given).year
    except ValidationError as error:
        raise invalid(error) from None
    return _page(request, year)


@view(P.EVALUATE, "POST")
def add(request: Request) -> HttpResponseBase:
    """Write down one respondent's answers."""
    given = body(request, Entered)
    answers = {u: str((given.model_extra or {}).get(u, "")) for u in element_names()}
    about = {name: getattr(given, name) for name in ("age", "sex", "education")}
    try:
        actions.enter_answers(
            given.year,
            answers,
            agency=given.agency,
            service=given.service,
            actor=request.actor,
            **about,
        )
    except SigapError as error:
        return _page(request, given.year, error)
    request.session["told"] = _("Saved.")
    return redirect(f"/ikm?year={given.year}#enter")


@view(P.EVALUATE, "POST")
def take_in(request: Request) -> HttpResponseBase:
    """Read answers from a table."""
    year = body(request, Asked).year
    try:
        n = actions.import_answers(year, _table(request), actor=request.actor)
    except SigapError as error:
        return _page(request, year, error)
    request.session["told"] = ngettext("%(n)d answer added.", "%(n)d answers added.", n) % {"n": n}
    return redirect(f"/ikm?year={year}")


@view(P.EVALUATE, "POST")
def remove(request: Request, answer_id: int) -> HttpResponseBase:
    """Take out one answer."""
    given = body(request, Asked)
    actions.remove_answers(answer_id, actor=request.actor)
    request.session["told"] = _("Removed.")
    return redirect(f"/ikm?year={given.year}")


def _this_year() -> int:
    return clock.now().astimezone(city_zone()).year


def _table(request: Request) -> str:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise Invalid(_("Choose a file."), code="file")
    if file.size > MOST_BYTES:
        raise Invalid(_("The file is too large: at most 2 MB."), code="too_large")
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid(_("The file is not UTF-8 text."), code="encoding") from error


def _page(request: Request, year: int, error: SigapError | None = None) -> HttpResponse:
    found, bands = ikm_year(year), band_names()
    last = IkmAnswer.objects.filter(year=year).select_related("agency").order_by("-pk")[:SHOWN]
    context: dict[str, Any] = {
        "here": "ikm",
        "year": year,
        "found": found,
        "total": _shown(found.total, bands) if found.total else None,
        "groups": [_shown(group, bands) for group in found.by_agency],
        "years": [(y, n, _number(v), b, bands[b]) for y, n, v, b in ikm_years()],
        "bands": [(letter, _number(least), bands[letter]) for letter, least, *_names in BANDS],
        "people": [
            (
                title,
                [
                    (code, found.people[what][code])
                    for code in codes
                    if found.people[what].get(code)
                ],
            )
            for what, title, codes in _about()
        ],
        "elements": element_names(),
        "marks": _marks(),
        "about": _about(),
        "agencies": [(a.code, named(a)) for a in Agency.objects.order_by("rank", "code")],
        "last": last,
        "typed": request.POST,
        "error": error,
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/ikm.html", context, status=error.status if error else 200)


def _shown(group: Ikm, bands: dict[str, str]) -> Row:
    return {
        "name": group.name,
        "n": group.n,
        "few": group.few,
        "value": _number(group.value),
        "band": group.band,
        "band_name": bands[group.band],
        "elements": [
            {
                "name": element.name,
                "mean": _number(element.mean),
                "value": _number(element.value),
                "width": f"{element.value:.2f}",
                "band": element.band,
            }
            for element in group.elements
        ],
    }


def _marks() -> list[tuple[int, str]]:
    return [(1, _("Poor")), (2, _("Rather poor")), (3, _("Good")), (4, _("Very good"))]


def _about() -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        ("age", _("Age"), AGES),
        ("sex", _("Sex"), SEXES),
        ("education", _("Education"), EDUCATION),
    ]


def _number(value: Any) -> str:
    return number_format(value, decimal_pos=2)


urlpatterns = [
    path("ikm", screen),
    path("ikm/add", add),
    path("ikm/import", take_in),
    path("ikm/<int:answer_id>/remove", remove),
]
